"""Uploads: a table, or an archive that is read as untrusted input."""

import hashlib
import shutil
from pathlib import Path, PurePosixPath
from typing import IO

from fer_core.base.files import explain_full_disk
from fer_core.errors import InputError
from fer_core.sources.archives.folder import forget_archive
from fer_core.sources.archives.members import ARCHIVES, is_archive
from fer_core.sources.readers import recognise

TABLES = (".csv", ".tsv", ".jsonl", ".parquet", ".csv.gz", ".tsv.gz")
UPLOADS = (*TABLES, *ARCHIVES)
_BLOCK = 1 << 20


def unpack_upload(upload: IO[bytes], file_name: str, folder: Path) -> Path:
    """Stores the upload under `folder` and returns the path of its source; the same upload is stored once.

    Args:
        upload: open for reading, at any position.
        file_name: on the user's computer; only its last part and its suffix matter.
        folder: of the uploads, with a folder for each.

    Raises:
        InputError: if it is neither a table nor an archive, is damaged, would write outside its folder, unpacks to an
            unreasonable size, or is not a known source; nothing is kept then.
    """
    name = PurePosixPath(file_name.replace("\\", "/")).name
    suffix = next((ending for ending in TABLES if name.lower().endswith(ending)), "")
    if not suffix and not is_archive(Path(name)):
        raise InputError(
            f"{name} is neither a .csv nor a .zip file, nor another table or archive. Put the images into a zip and "
            "upload that."
        )
    place = folder / f"{Path(name).stem[:40]}-{_digest(upload)}"
    path = place / (name if len(name.encode()) < 200 else f"upload{name[-20:]}")
    if not path.is_file():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        try:
            with explain_full_disk(folder), path.open("wb") as file:
                shutil.copyfileobj(upload, file, _BLOCK)
            recognise(path)
        except BaseException:
            remove_upload(path, folder)
            raise
    return path


def remove_upload(path: Path, folder: Path) -> None:
    """Removes the upload that `unpack_upload` stored at `path`, and its archive folder; nothing outside `folder`."""
    place = path.parent
    if place.parent.resolve() != folder.resolve():
        return
    if is_archive(path):
        forget_archive(path)
    shutil.rmtree(place, ignore_errors=True)


def _digest(upload: IO[bytes]) -> str:
    upload.seek(0)
    digest = hashlib.sha256()
    while block := upload.read(_BLOCK):
        digest.update(block)
    upload.seek(0)
    return digest.hexdigest()[:12]
