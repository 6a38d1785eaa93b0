"""A .zip or .tar by its path, read without unpacking its pictures: a folder in the workspace represents it.

The folder contains the archive's lists and tables as files and an empty stub for each picture, which is read from the
archive when it is decoded (`fer_core.sources.archives.packed`). A tar that is compressed as a whole (.tar.gz) allows no
access to single pictures, and is unpacked into that folder once. The folder is created again if the archive changes.
"""

import hashlib
import io
import json
import os
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from lzma import LZMAError
from pathlib import Path
from typing import IO

from filelock import FileLock

from fer_core.base.files import explain_full_disk, read_document
from fer_core.base.workspace import home
from fer_core.errors import InputError
from fer_core.pictures.image_files import is_image, known_suffixes
from fer_core.sources.archives.members import Member, check_members, check_size, is_archive, iterate_tar, list_zip
from fer_core.sources.archives.packed import DEFLATED, INDEX, STORED, Extent
from fer_core.sources.ignored import is_ignored, list_entries

_BROKEN = (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError, RuntimeError, zlib.error, LZMAError)
_STAMP = ".archive.json"  # which archive the folder represents, and its state then
_HEAD, _TAIL = 64, 18  # bytes that show the picture's format


def open_archive(path: Path) -> tuple[Path, list[str]]:
    """The path that represents an archive's contents, and notes on it; any other path is returned unchanged.

    It is a folder, or the only file in the archive.

    Raises:
        InputError: if it is damaged or encrypted, would write outside its folder, or unpacks to an unreasonable size.
    """
    if not (is_archive(path) and path.is_file()):
        return path, []
    if not os.access(path, os.R_OK):
        raise InputError(f"{path} cannot be read. Check its permissions.")
    place = archive_place(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.with_name(f".{place.name}.lock")):
        document = _read_document(place)
        if any(document.get(key) != value for key, value in _stamp(path).items()):
            document = _build(path, place)
        os.utime(place / _STAMP)  # when it was last opened
    if not list_entries(place):
        raise InputError(f"{path.name} contains no files. Check that it is complete.")
    note = f"{path.name} is compressed as a whole and was unpacked into {place}"
    return _find_only_table(place), [note] if document["unpacked"] else []


def _find_only_table(place: Path) -> Path:
    """The only file in the folder, or in its only folder and so on, if it is not a picture; else the folder."""
    inner = place
    while len(entries := list_entries(inner)) == 1:
        inner = entries[0]
        if inner.is_file():
            return place if inner.suffix.lower() in known_suffixes() else inner
    return place


def forget_archive(path: Path) -> None:
    """Removes the folder that represents the archive."""
    place = archive_place(path)
    shutil.rmtree(place, ignore_errors=True)
    place.with_name(f".{place.name}.lock").unlink(missing_ok=True)


def archives_dir() -> Path:
    """The folder with one folder per archive that was opened."""
    return home() / "archives"


def is_idle(place: Path, since: float) -> bool:
    """Whether the archive that a folder represents was not opened after `since`, in seconds like time.time()."""
    try:
        return (place / _STAMP).stat().st_mtime < since
    except OSError:  # nobody can read it: it was never completed
        return True


def archive_place(path: Path) -> Path:
    """The folder that represents the archive; it is the same for the same path."""
    digest = hashlib.sha256(str(path.resolve()).encode(errors="surrogateescape")).hexdigest()[:12]
    return archives_dir() / f"{path.name.partition('.')[0][:40]}-{digest}"


def _build(path: Path, place: Path) -> dict[str, object]:
    partial = place.with_name(f".{place.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        with explain_full_disk(partial):
            extents, unpacked = _fill(path, partial)
            document = {**_stamp(path), "unpacked": unpacked}
            index = {"archive": document["archive"], "members": extents}
            (partial / INDEX).write_text(json.dumps(index), encoding="utf-8")
            (partial / _STAMP).write_text(json.dumps(document), encoding="utf-8")
            shutil.rmtree(place, ignore_errors=True)
            partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return document


def _fill(path: Path, folder: Path) -> tuple[dict[str, Extent], bool]:
    """Writes lists and stubs; returns the pictures' extents, and whether everything was unpacked instead."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive, path.open("rb") as file:
                return _fill_from_zip(archive, file, path, folder), False
        with tarfile.open(path) as tar:
            if isinstance(tar.fileobj, io.BufferedReader):  # the file itself: it is not packed as a whole
                return _fill_from_tar(tar, path, folder), False
            _unpack_tar(tar, path, folder)
            return {}, True
    except _BROKEN as error:
        raise InputError(f"{path.name} {_explain(path, error)}. Create or download it again.") from error


def _explain(path: Path, error: Exception) -> str:
    """Why an archive cannot be read, on one line, judged by its first bytes if possible."""
    with path.open("rb") as file:
        start = file.read(_HEAD).lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "is a web page, not an archive; the site may have answered instead of sending the file"
    if start.startswith(b"pk\3\4") and not zipfile.is_zipfile(path):
        return "is a truncated zip: its end is missing"
    kind = "zip" if path.suffix.lower() == ".zip" else "tar"
    reason = "" if "\n" in str(error) else f" ({error})"  # tarfile has a line for each form that it tried
    return f"is not a {kind} that can be unpacked{reason}"


def _fill_from_zip(archive: zipfile.ZipFile, file: IO[bytes], path: Path, folder: Path) -> dict[str, Extent]:
    extents: dict[str, Extent] = {}
    for member in list_zip(archive, path.name):
        info = member.info
        assert isinstance(info, zipfile.ZipInfo)
        extent = None
        if info.compress_type in (STORED, DEFLATED):
            start = _find_data(file, info)
            extent = Extent(start, info.compress_size, info.file_size, info.compress_type, info.CRC)
        _put(member, folder, extent, lambda info=info: archive.open(info), extents)  # type: ignore[misc]
    return extents


def _find_data(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """The offset of a zip member's data: after its own header, whose length is not in the archive's directory."""
    file.seek(info.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\3\4":
        raise zipfile.BadZipFile(f"the file {info.filename!r} is missing")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    return info.header_offset + 30 + int(name_length) + int(extra_length)


def _fill_from_tar(tar: tarfile.TarFile, path: Path, folder: Path) -> dict[str, Extent]:
    extents: dict[str, Extent] = {}
    for member in check_members(list(iterate_tar(tar, path.name)), path.name):
        info = member.info
        assert isinstance(info, tarfile.TarInfo)
        extent = None if info.issparse() else Extent(info.offset_data, info.size, info.size, STORED, None)
        _put(member, folder, extent, lambda info=info: tar.extractfile(info), extents)  # type: ignore[misc]
    return extents


def _unpack_tar(tar: tarfile.TarFile, path: Path, folder: Path) -> None:
    """Unpacks everything in one pass, since seeking backwards in such a file means starting again."""
    size, seen = 0, set[str]()
    for member in iterate_tar(tar, path.name):
        size += member.size
        check_size(size, path.stat().st_size, path.name)
        if member.name in seen:
            raise InputError(
                f"{path.name} contains two files named {member.name!r}. Create it again with only one of them."
            )
        seen.add(member.name)
        info = member.info
        assert isinstance(info, tarfile.TarInfo)
        if not any(map(is_ignored, member.name.split("/"))):
            _put(member, folder, None, lambda info=info: tar.extractfile(info), {})  # type: ignore[misc]


def _put(
    member: Member,
    folder: Path,
    extent: Extent | None,
    unpack: Callable[[], IO[bytes] | None],
    extents: dict[str, Extent],
) -> None:
    """Writes a stub for a picture and its extent, or the file itself."""
    out = folder / member.name
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if extent and out.suffix.lower() in known_suffixes():
            out.touch()
            extents[member.name] = extent
            return
        content = unpack()
        assert content is not None
        with content, out.open("wb") as file:
            shutil.copyfileobj(content, file, 1 << 20)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise InputError(
            f"{member.name!r} is both a file and a folder in the archive. Create the archive again."
        ) from error
    if extent and is_image(out):
        data = out.read_bytes()
        out.write_bytes(data[:_HEAD] + data[-_TAIL:])
        extents[member.name] = extent


def _stamp(path: Path) -> dict[str, object]:
    stat = path.stat()
    return {"archive": str(path.resolve()), "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def _read_document(place: Path) -> dict[str, object]:
    try:
        return read_document(place / _STAMP)
    except (OSError, InputError):  # there is none, or it was not written whole
        return {}
