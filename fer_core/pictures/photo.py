"""Reading any photograph that Pillow supports, upright and in RGB, or refusing it in one sentence."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_core.errors import InputError
from fer_core.pictures.image_files import explain_unreadable, open_image

MAX_MEGAPIXELS = 50
_MIN_SIDE_PX = 16
_USUAL = "Give a picture, such as a JPEG, PNG, WebP, AVIF, BMP, GIF or TIFF."


def read_photo(source: Path | bytes, name: str) -> Image.Image:
    """The photograph as an upright RGB picture; transparent parts become white.

    Args:
        source: its file, or the file's bytes (then the disk is not used).
        name: for the messages.

    Raises:
        InputError: if there is no such file, it is not a picture, or its size is unreasonable.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked right below
            with open_image(source) as image:
                _check_size(image.size, name)
                return _to_rgb(ImageOps.exif_transpose(image))
    except FileNotFoundError as error:
        raise InputError(f"The file {source!s} does not exist. Check the path.") from error
    except Image.DecompressionBombError as error:
        raise InputError(_too_large(name, "")) from error
    except (UnidentifiedImageError, IsADirectoryError, PermissionError) as error:
        raise InputError(
            f"{name or source!s} cannot be read as a photograph ({explain_unreadable(source)}). {_USUAL}"
        ) from error
    except (OSError, SyntaxError, EOFError) as error:
        raise InputError(f"{name} is damaged or truncated ({error}). Save it again and retry.") from error


def to_eight_bits(image: Image.Image) -> Image.Image:
    """A picture of 16 or more bits per pixel as 8-bit grey, scaled where Pillow's own conversion would clip."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    peak = values.max(initial=0)
    if image.mode.startswith("F") and peak <= 1:
        top = 1.0
    else:
        top = next((top for top in (255.0, 65535.0) if peak <= top), peak)
    return Image.fromarray(np.clip(np.rint(values * (255 / top)), 0, 255).astype(np.uint8))


def flatten(image: Image.Image) -> Image.Image:
    """The picture with its transparent parts on white, in any mode that Pillow converts to RGB."""
    if image.mode.startswith(("I", "F")):
        return to_eight_bits(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image


def _to_rgb(image: Image.Image) -> Image.Image:
    return flatten(image).convert("RGB")


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise InputError(_too_large(name, f" of {width:,} x {height:,} px"))
    if min(size) < _MIN_SIDE_PX:
        raise InputError(
            f"{name} has {width} x {height} px, too small to show a face. Give a picture of at least "
            f"{_MIN_SIDE_PX} px per side."
        )


def _too_large(name: str, size: str) -> str:
    return (
        f"{name}{size} has more than {MAX_MEGAPIXELS} megapixels. Scale it down (2,000 px per side is enough) and "
        "try again."
    )
