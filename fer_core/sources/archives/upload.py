"""What a person uploads: a table, or an archive that is read without trusting it."""

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
    """Puts the upload under `folder` and returns the path of its source; the same upload lands once.

    Args:
        upload: open for reading, at any position.
        file_name: as the person's computer names it; only its last part and its suffix count.
        folder: where uploads lie, a folder each.

    Raises:
        InputError: when it is neither table nor archive, damaged, leads out of its folder, grows beyond reason, or is
            no source that is known; nothing of it is left then.
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
    """Removes the upload that `unpack_upload` put at `path`, and what was read of it; nothing outside `folder`."""
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
