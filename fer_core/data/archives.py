"""What a person uploads: a CSV, or a zip that is unpacked without trusting it."""

import hashlib
import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO

from fer_core.data.readers.class_folders import SPLIT_FOLDERS
from fer_core.errors import InputError
from fer_core.files import explain_full_disk
from fer_core.labels import is_class_name

MAX_UNPACKED_GB = 40
MAX_RATIO = 200  # faces hardly shrink; what unpacks to more than this many times its size is a bomb


def unpack_upload(upload: IO[bytes], file_name: str, folder: Path) -> Path:
    """Puts the upload's content under `folder` and returns the path of its source; the same upload lands once.

    Args:
        upload: open for reading, at any position.
        file_name: as the person's computer names it; only its last part and its suffix count.
        folder: where uploads lie, a folder each.

    Raises:
        InputError: when it is neither CSV nor zip, damaged, leads out of its folder, or grows beyond reason.
    """
    name = PurePosixPath(file_name.replace("\\", "/")).name
    suffix = Path(name).suffix.lower()
    if suffix not in (".csv", ".zip"):
        raise InputError(f"{name} is neither a .csv nor a .zip file. Put the images into a zip and upload that.")
    place = folder / f"{Path(name).stem[:40]}-{_digest(upload)}"
    if not place.is_dir():
        partial = place.with_name(f".{place.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            with explain_full_disk(folder):
                if suffix == ".csv":
                    with (partial / name).open("wb") as file:
                        shutil.copyfileobj(upload, file)
                else:
                    _unzip(upload, name, partial)
            partial.rename(place)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return _find_top(place)


def _unzip(upload: IO[bytes], name: str, folder: Path) -> None:
    try:
        with zipfile.ZipFile(upload) as archive:
            members = [m for m in archive.infolist() if not m.filename.startswith("__MACOSX/")]
            _check_members(members, name, folder)
            for member in members:
                archive.extract(member, folder)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{name} is not a zip that can be unpacked ({error}). Make it again and upload it.") from error


def _check_members(members: list[zipfile.ZipInfo], name: str, folder: Path) -> None:
    size, packed = 0, 0
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
            raise InputError(
                f"{name} holds {member.filename!r}, which would land outside its folder. Nothing was unpacked; "
                "make the zip again from inside the folder of images."
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(f"{name} holds a link, {member.filename!r}. Make the zip again with the files themselves.")
        size += member.file_size
        packed += member.compress_size
    if size > MAX_UNPACKED_GB * 1e9 or size > MAX_RATIO * max(packed, 1_000_000):
        raise InputError(
            f"{name} would unpack to {size / 1e9:.1f} GB, beyond what such a file can hold. "
            "Unpack it yourself and give the folder's path."
        )
    free = shutil.disk_usage(folder).free
    if size > free:
        raise InputError(
            f"{name} unpacks to {size / 1e9:.1f} GB and the disk has {free / 1e9:.1f} GB left. Free some space."
        )


def _find_top(place: Path) -> Path:
    """The one folder or file inside, and so on down, so that a zip of a folder is that folder."""
    entries = sorted(place.iterdir())
    while len(entries) == 1 and entries[0].is_dir() and not _means_something(entries[0].name):
        place = entries[0]
        entries = sorted(place.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_file() else place


def _means_something(folder_name: str) -> bool:
    return is_class_name(folder_name) or folder_name.lower() in SPLIT_FOLDERS


def _digest(upload: IO[bytes]) -> str:
    upload.seek(0)
    digest = hashlib.sha256(upload.read()).hexdigest()[:12]
    upload.seek(0)
    return digest
