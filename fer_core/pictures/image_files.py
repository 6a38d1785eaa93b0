"""Which files are pictures, judged by content rather than name, and why one cannot be read. No torch here."""

import io
import os
import re
from collections.abc import Collection
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from fer_core.errors import InputError

# Pillow's names of what is read, the usual ones first: Pillow tries them in this order. Left out is what is no picture
# (PDF, MPEG, HDF5, ...), or what another program would draw (EPS).
FORMATS: tuple[str, ...] = (
    "JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "JPEG2000", "AVIF", "DIB", "PCX", "DCX", "ICO", "ICNS", "SGI",
    "SUN", "PSD", "QOI", "DDS", "TGA",
)  # fmt: skip
HEIC_SUFFIXES = frozenset({".heic", ".heif", ".hif", ".heics", ".heifs"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_HEAD_BYTES = 64
_TGA_FOOTER = b"TRUEVISION-XFILE.\0"

# First bytes -> the kind of file.
_NO_PICTURES: dict[bytes, str] = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"version https://git-lfs": "a Git LFS pointer, not the picture itself",
    b"<svg": "an SVG drawing",
    b"<?xml": "an XML file",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"%!PS": "a PostScript drawing",
}


class _Head(NamedTuple):
    """A file's first bytes and its last ones."""

    first: bytes
    last: bytes


@lru_cache(maxsize=1)
def known_suffixes() -> frozenset[str]:
    """The usual suffixes of pictures, in lower case with the dot; HEIC's too, installed or not.

    A file with another suffix, or none, may still be a picture: `is_image` looks at its content.
    """
    Image.init()
    own = {suffix for suffix, kind in Image.registered_extensions().items() if kind in FORMATS}
    return frozenset(own | HEIC_SUFFIXES)


def is_image(path: Path | str) -> bool:
    """Whether the file's first bytes are those of a picture, HEIC included; False if it cannot be opened.

    A TGA of the old form has no signature: it is recognised by its suffix.
    """
    try:
        head = _read_head(path)
    except OSError:
        return False
    if _is_heic(head.first):
        return True
    has_mark = any(_has_mark(kind, head.first) for kind in FORMATS)
    return has_mark or head.last == _TGA_FOOTER or Path(path).suffix.lower() == ".tga"


def open_image(source: Path | str | bytes) -> Image.Image:
    """The picture, opened by Pillow from a file or its bytes but not decoded yet; close it, or use `with`.

    Raises:
        PIL.UnidentifiedImageError: if it is not a picture, or needs a package that is not installed;
            `explain_unreadable` says which.
        OSError: if the file cannot be read.
        PIL.Image.DecompressionBombError: if it has far more pixels than any photograph.
    """
    formats = FORMATS
    if _is_heic(_read_head(source).first) and _register_heic():
        formats = ("HEIF",)
    return Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=formats)


def explain_unreadable(source: Path | str | bytes) -> str:
    """Why `open_image` refuses the file, as a phrase without a full stop, such as "the file is empty".

    Args:
        source: the file, or its bytes.
    """
    try:
        first = _read_head(source).first
    except FileNotFoundError:
        return "the file does not exist"
    except IsADirectoryError:
        return "it is a folder"
    except OSError as error:
        return f"the file cannot be read ({error.strerror})"
    if not first:
        return "the file is empty"
    if _is_heic(first):
        how = "is damaged or truncated" if _register_heic() else "needs a package: run pip install pillow-heif"
        return f"this HEIC picture {how}"
    start = first.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, kind in _NO_PICTURES.items():
        if start.startswith(mark.lower()):
            return f"{kind}, not an image"
    is_video = first[4:8] == b"ftyp" and b"avif" not in first[8:]
    return "a video, not an image" if is_video else "not a readable image"


def check_picture_target(path: Path, option: str, keep: Collection[Path] = ()) -> Path:
    """The absolute path of a picture to be written, checked before the work begins.

    Args:
        path: as the user gave it; ~ is their home.
        option: the option it belongs to, such as "--explain", for the message.
        keep: files that must not be overwritten.

    Raises:
        InputError: if its suffix is not that of an image format, it is a folder, its folder is missing, or it cannot
            be written.
    """
    target = path.expanduser().resolve()
    if target.is_dir():
        raise InputError(f"{option} {path}: that is a folder. Give the file to write, such as {path / 'heatmap.png'}.")
    if target.suffix.lower() not in _writable_suffixes():
        raise InputError(
            f"{option} {path}: the suffix {target.suffix or '(none)'} is not that of an image format. "
            f"Write to {path.with_suffix('.png')}, or end the name in .jpg, .webp, .bmp, .gif or .tiff."
        )
    if not target.parent.is_dir():
        raise InputError(f"{option} {path}: there is no folder {target.parent}. Create it, or choose another folder.")
    if target in {kept.expanduser().resolve() for kept in keep}:
        raise InputError(f"{option} {path}: that would overwrite the photo itself. Choose another name.")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise InputError(f"{option} {path}: no permission to write there. Choose another folder.")
    return target


@lru_cache(maxsize=1)
def _writable_suffixes() -> frozenset[str]:
    Image.init()
    return frozenset(s for s, kind in Image.registered_extensions().items() if kind in FORMATS and kind in Image.SAVE)


def _read_head(source: Path | str | bytes) -> _Head:
    if isinstance(source, bytes):
        return _Head(source[:_HEAD_BYTES], source[-len(_TGA_FOOTER) :])
    with Path(source).open("rb") as file:
        first = file.read(_HEAD_BYTES)
        file.seek(-min(len(_TGA_FOOTER), file.seek(0, os.SEEK_END)), os.SEEK_END)
        return _Head(first, file.read())


def _has_mark(kind: str, first: bytes) -> bool:
    """Whether a file that begins with these bytes has the format's own signature."""
    if kind == "PPM":  # Pillow is content with "P5", which texts begin with too
        return re.match(rb"P[1-7Ffy]\s+[#\d-]", first) is not None
    Image.init()
    accept: Any = Image.OPEN[kind][1]
    return accept is not None and accept(first[:16].ljust(16, b"\0")) is True


def _is_heic(first: bytes) -> bool:
    """By the brand; the two general ones are AVIF's too, which then stands among the compatible brands."""
    return first[4:8] == b"ftyp" and first[8:12] in _HEIC_BRANDS and b"avif" not in first[16:]


@lru_cache(maxsize=1)
def _register_heic() -> bool:
    """Lets Pillow read HEIC; False where pillow-heif is not installed."""
    if find_spec("pillow_heif") is None:
        return False
    from pillow_heif import register_heif_opener

    register_heif_opener()
    return True
