"""Faces as pictures: one enlarged face, and faces beside their original pictures."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

_GAP = 4


def pair_sheet(above: Sequence[Image.Image | None], below: np.ndarray, tile_px: int) -> Image.Image:
    """One picture with N pictures of any size and colour in a row, uncropped, and a face under each.

    Args:
        above: N pictures; None leaves its place transparent.
        below: (N, H, W) uint8 grey.
        tile_px: side of each tile.
    """
    cell = tile_px + _GAP
    sheet = Image.new("RGBA", (len(below) * cell, 2 * cell))
    for i, (picture, face) in enumerate(zip(above, below, strict=True)):
        for row, tile in enumerate((picture, enlarge(face, tile_px))):
            if tile is not None:
                tile = ImageOps.contain(tile, (tile_px, tile_px), Image.Resampling.BICUBIC)
                sheet.paste(tile, (i * cell + (cell - tile.width) // 2, row * cell + (cell - tile.height) // 2))
    return sheet


def draw_gone(size: int) -> np.ndarray:
    """(size, size) uint8: a crossed-out tile for a face that is no longer in the data set."""
    across = np.arange(size)
    tile = np.full((size, size), 225, np.uint8)
    tile[(np.abs(across[:, None] - across) < 2) | (np.abs(across[:, None] + across - size + 1) < 2)] = 150
    return tile


def enlarge(face: np.ndarray, size: int) -> Image.Image:
    """One (H, W) uint8 face as a picture of `size` px."""
    return Image.fromarray(np.asarray(face)).resize((size, size), Image.Resampling.BICUBIC)
