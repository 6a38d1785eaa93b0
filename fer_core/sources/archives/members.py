"""The members of an archive, checked before any is read: names, sizes, and no paths that lead outside."""

import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fer_core.errors import InputError
from fer_core.sources.ignored import is_ignored

MAX_UNPACKED_GB = 40
MAX_RATIO = 200  # faces hardly compress; anything that unpacks to more than this many times its size is a zip bomb
_MAX_NAME_BYTES = 255
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1


@dataclass(frozen=True)
class Member:
    """One file of an archive.

    Attributes:
        name: its path, with slashes.
        info: from zipfile or tarfile.
        size: bytes when unpacked.
        packed: bytes in the archive.
    """

    name: str
    info: zipfile.ZipInfo | tarfile.TarInfo
    size: int
    packed: int


def list_zip(archive: zipfile.ZipFile, name: str) -> list[Member]:
    """The files in a zip, without those that `fer_core.sources.ignored` skips.

    Raises:
        InputError: if it is encrypted or contains a link, and as `check_members`.
    """
    members = []
    for info in archive.infolist():
        path = _read_zip_name(info)
        if info.is_dir() or path.endswith("/"):
            check_name(path, name)
            continue
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise InputError(f"{name} is encrypted. Create it again without a password.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise InputError(f"{name} contains a link, {path!r}. Create it again with the files themselves.")
        members.append(Member(path, info, info.file_size, info.compress_size))
    return check_members(members, name)


def iterate_tar(archive: tarfile.TarFile, name: str) -> Iterator[Member]:
    """Yields the files in a tar, each checked by itself; `check_members` checks them together.

    Raises:
        InputError: if it contains a link or a device, or a name that leads outside.
    """
    for info in archive:
        if info.isdir():
            check_name(info.name, name)
            continue
        if not info.isreg():
            what = "a link" if info.issym() or info.islnk() else "a device"
            raise InputError(f"{name} contains {what}, {info.name!r}. Create it again with the files themselves.")
        check_name(info.name, name)
        yield Member(_normalise(info.name), info, info.size, info.size)


def check_members(members: list[Member], name: str) -> list[Member]:
    """The members that are not ignored, one of each name.

    Raises:
        InputError: if a name leads outside, is too long, or belongs to two files or to a file and a folder, or if the
            total size is more than such an archive can contain.
    """
    found: dict[str, Member] = {}
    for member in members:
        check_name(member.name, name)
        path = _normalise(member.name)
        if any(map(is_ignored, PurePosixPath(path).parts)):
            continue
        other = found.setdefault(path, Member(path, member.info, member.size, member.packed))
        if (other.size, _crc(other)) != (member.size, _crc(member)):
            raise InputError(f"{name} contains two files named {path!r}. Create it again with one of them.")
    for path in found:
        for parent in PurePosixPath(path).parents:
            if str(parent) in found:
                raise InputError(f"{name} contains {str(parent)!r} as a file and as a folder. Create it again.")
    check_size(sum(m.size for m in found.values()), sum(m.packed for m in found.values()), name)
    return list(found.values())


def check_size(size: int, packed: int, name: str) -> None:
    """Raises InputError if an archive of `packed` bytes cannot contain `size` bytes."""
    if size > MAX_UNPACKED_GB * 1e9 or size > MAX_RATIO * max(packed, 1_000_000):
        raise InputError(
            f"{name} claims to unpack to {size / 1e9:.1f} GB, more than such a file can contain. Unpack "
            "it yourself and give the folder's path."
        )


def check_name(member: str, name: str) -> None:
    """Raises InputError if a member's name leads outside its folder, or is longer than a disk allows."""
    path = PurePosixPath(member.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
        raise InputError(
            f"{name} contains {member!r}, which would be written outside its folder. Nothing was unpacked; create "
            "the archive again from inside the folder of images."
        )
    too_long = next((part for part in path.parts if len(part.encode(errors="replace")) > _MAX_NAME_BYTES), "")
    if too_long or "\0" in member:
        raise InputError(
            f"{name} contains a file name of {len(too_long)} characters ({too_long[:40]}...), longer than the "
            "disk allows. Rename it and create the archive again."
        )


def _crc(member: Member) -> int:
    return member.info.CRC if isinstance(member.info, zipfile.ZipInfo) else 0


def _normalise(member: str) -> str:
    return str(PurePosixPath(member.replace("\\", "/")))


def _read_zip_name(info: zipfile.ZipInfo) -> str:
    """The name decoded as UTF-8 if its bytes are valid UTF-8, even if the zip does not declare it."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename.replace("\\", "/")
    try:
        return info.filename.encode("cp437").decode().replace("\\", "/")
    except UnicodeError:
        return info.filename.replace("\\", "/")


PACKED_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
ARCHIVES = (".zip", ".tar", *PACKED_TARS)


def is_archive(path: Path) -> bool:
    """Whether a file of this name is an archive of several files."""
    return path.name.lower().endswith(ARCHIVES)
