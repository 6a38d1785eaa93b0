"""Pictures that stay in their archive: the position of each, and its bytes.

A folder represents the archive (`fer_core.sources.archives.folder`): it contains the archive's lists as files, its
pictures as stubs, and INDEX, which gives the position of the pictures' bytes.
"""

import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fer_core.base.files import read_document

INDEX = ".members.json"
STORED, DEFLATED = 0, 8
_MAX_DEPTH = 12  # of a data set in its archive


class Extent(NamedTuple):
    """A member's position: first byte, size, size when unpacked, STORED or DEFLATED, CRC-32 or None."""

    offset: int
    packed: int
    size: int
    method: int
    crc: int | None


class Packed(NamedTuple):
    """Pictures, each with its extent in the archive, or None if it is a separate file."""

    archive: Path
    extents: list[Extent | None]


def find_packed(root: Path, origins: list[str]) -> Packed | None:
    """The positions of the pictures of a source that represents an archive; None for any other source.

    Args:
        root: the folder that the origins start from.
        origins: the pictures' paths.
    """
    found = _find_index(root)
    if found is None:
        return None
    archive, extents = _read_index(found, found.stat().st_mtime_ns)
    prefix = PurePosixPath(root.relative_to(found.parent))
    return Packed(archive, [extents.get(str(prefix / origin)) for origin in origins])


def read_packed(packed: Packed) -> Iterator[bytes | ValueError | None]:
    """Yields the bytes of each picture, the error with a phrase if it cannot be read, or None for a separate file."""
    try:
        file = packed.archive.open("rb")
    except OSError as error:
        failure = ValueError(f"the archive {packed.archive} can no longer be read ({error.strerror})")
        yield from (failure if extent else None for extent in packed.extents)
        return
    with file:
        for extent in packed.extents:
            if extent is None:
                yield None
                continue
            file.seek(extent.offset)
            yield _unpack(file.read(extent.packed), extent)


def _unpack(data: bytes, extent: Extent) -> bytes | ValueError:
    try:
        if extent.method == DEFLATED:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, extent.size + 1)
    except zlib.error:
        data = b""
    if len(data) != extent.size or (extent.crc is not None and zlib.crc32(data) != extent.crc):
        return ValueError("it is damaged in the archive, or the archive has changed")
    return data


def _find_index(root: Path) -> Path | None:
    for folder in [root, *root.parents][:_MAX_DEPTH]:
        if (folder / INDEX).is_file():
            return folder / INDEX
    return None


@lru_cache(maxsize=2)
def _read_index(index: Path, mtime_ns: int) -> tuple[Path, dict[str, Extent]]:
    """The archive and path -> extent; the time makes a new index another one."""
    document = read_document(index, "archive", "members")
    return Path(document["archive"]), {name: Extent(*fields) for name, fields in document["members"].items()}
