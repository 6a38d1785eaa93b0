"""Faces as pictures: a contact sheet, and one large face."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

_GAP = 4


def contact_sheet(faces: np.ndarray, n_columns: int, tile_px: int) -> Image.Image:
    """All faces in one picture with a transparent gap, row by row: one request instead of hundreds.

    Args:
        faces: (N, H, W) uint8 grey.
        n_columns: faces a row.
        tile_px: side of a face in the picture.
    """
    n_rows = max(1, -(-len(faces) // n_columns))
    cell = tile_px + _GAP
    sheet = np.zeros((n_rows * cell, n_columns * cell, 2), np.uint8)  # grey, alpha
    for i, face in enumerate(faces):
        top, left = (i // n_columns) * cell + _GAP // 2, (i % n_columns) * cell + _GAP // 2
        tile = Image.fromarray(np.asarray(face)).resize((tile_px, tile_px), Image.Resampling.BICUBIC)
        sheet[top : top + tile_px, left : left + tile_px, 0] = np.asarray(tile)
        sheet[top : top + tile_px, left : left + tile_px, 1] = 255
    return Image.fromarray(sheet, "LA")


def pair_sheet(above: Sequence[Image.Image | None], below: np.ndarray, tile_px: int) -> Image.Image:
    """Pictures of any size and colour in one row, whole, and a face under each, in one picture with clear gaps.

    Args:
        above: N pictures; a None leaves its place clear.
        below: (N, H, W) uint8 grey.
        tile_px: side of a place.
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
    """(size, size) uint8: a crossed-out tile in the place of a face that is no longer there."""
    across = np.arange(size)
    tile = np.full((size, size), 225, np.uint8)
    tile[(np.abs(across[:, None] - across) < 2) | (np.abs(across[:, None] + across - size + 1) < 2)] = 150
    return tile


def enlarge(face: np.ndarray, size: int) -> Image.Image:
    """One (H, W) uint8 face as a picture of `size` px."""
    return Image.fromarray(np.asarray(face)).resize((size, size), Image.Resampling.BICUBIC)
