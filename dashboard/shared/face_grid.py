"""A clickable grid of faces whose height follows its width, from a phone to a wide screen."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.figures.gallery import CELL_PX, TILE_PX, Gallery, count_rows, plot_gallery
from dashboard.shared.link import keep_link, read_link, write_link

FACE = "face"  # the chosen face in the page's link
_GAP_PX = 4

# A figure has a fixed height, regardless of its width. So it fills a box whose sides have the ratio of the grid.
_STYLE = """<style>
.st-key-{name} {{ aspect-ratio: {n_columns} / {n_rows}; max-width: {width}px; min-height: 0; overflow: hidden; }}
.st-key-{name} > * {{ min-height: 0; }}
</style>"""
_FRAMED = """<style>
.st-key-{name} {{ container-type: inline-size; }}
.st-key-{name} .st-key-{name}-rows {{
  height: calc({frame}px + {n_rows} * min({cell}px, (100cqw - {frame}px) / {n_columns}));
  flex: none; min-height: 0; overflow: hidden;
}}
.st-key-{name}-rows > * {{ min-height: 0; }}
</style>"""
_SCROLLED = """<style>
.st-key-{name} {{ overflow-x: auto; }}
.st-key-{name} > * {{ min-width: {width}px; }}
</style>"""


@dataclass(frozen=True)
class Faces:
    """The faces of a grid.

    Attributes:
        ids: face_id of each face.
        pixels: (N, H, W) uint8 grey, in the same order.
    """

    ids: Sequence[str]
    pixels: np.ndarray


def pick_face(
    faces: Faces,
    captions: Sequence[str],
    key: str,
    *,
    n_columns: int = 8,
    default: str | None = None,
    keep: Sequence[str] = (),
) -> str | None:
    """Draws the faces; returns the face_id of the chosen one, which is also in the page's link.

    Args:
        faces: the faces to choose from.
        captions: one hover text per face.
        key: key of the chart; use a different key for different faces, because the click is stored under it.
        n_columns: faces per row.
        default: the face that is chosen if the link names none of these.
        keep: other choices in the page's link to keep when a face is clicked.
    """
    ids = list(faces.ids)
    linked = read_link(FACE)
    chosen = linked if linked in ids else default
    sheet = contact_sheet(faces.pixels, n_columns, TILE_PX)
    gallery = Gallery(sheet, tuple(captions), n_columns, ids.index(chosen) if chosen in ids else None)
    name = _name_place("grid", key)
    size = {"n_columns": n_columns, "n_rows": count_rows(gallery), "width": n_columns * CELL_PX}
    st.html(_STYLE.format(name=name, **size))
    with st.container(key=name):
        st.plotly_chart(
            plot_gallery(gallery), height="stretch", key=key, config={"displayModeBar": False},
            on_select=lambda: take_click(key, ids, keep), selection_mode="points",
        )  # fmt: skip
    return chosen


def take_click(key: str, ids: Sequence[str], keep: Sequence[str] = ()) -> None:
    """Puts the clicked face into the page's link.

    Args:
        key: key of the chart, whose points' customdata is a position in `ids`.
        ids: face_ids of the faces in the chart.
        keep: other choices in the link to keep.
    """
    points = st.session_state[key]["selection"]["points"]
    if points:
        position = points[0]["customdata"]
        keep_link(*keep)
        write_link(FACE, str(ids[int(position[0] if isinstance(position, list) else position)]))


def contact_sheet(faces: np.ndarray, n_columns: int, tile_px: int) -> Image.Image:
    """All faces in one picture with a transparent gap, row by row: one request instead of hundreds.

    Args:
        faces: (N, H, W) uint8 grey.
        n_columns: faces per row.
        tile_px: side of a face in the picture.
    """
    n_rows = max(1, -(-len(faces) // n_columns))
    cell = tile_px + _GAP_PX
    sheet = np.zeros((n_rows * cell, n_columns * cell, 2), np.uint8)  # grey, alpha
    for i, face in enumerate(faces):
        top, left = (i // n_columns) * cell + _GAP_PX // 2, (i % n_columns) * cell + _GAP_PX // 2
        tile = Image.fromarray(np.asarray(face)).resize((tile_px, tile_px), Image.Resampling.BICUBIC)
        sheet[top : top + tile_px, left : left + tile_px, 0] = np.asarray(tile)
        sheet[top : top + tile_px, left : left + tile_px, 1] = 255
    return Image.fromarray(sheet, "LA")


@contextmanager
def framed(key: str, n_columns: int, n_rows: int, cell_px: int, frame_px: int) -> Iterator[None]:
    """A container for a stretched chart of square cells with axes, as tall as its rows need.

    Args:
        key: key of the chart in it.
        n_columns: cells per row.
        n_rows: rows of cells.
        cell_px: side of a cell if there is enough room.
        frame_px: space for the axes in each direction.
    """
    name = _name_place("framed", key)
    size = {"n_columns": n_columns, "n_rows": n_rows, "cell": cell_px, "frame": frame_px}
    st.html(_FRAMED.format(name=name, **size))
    with st.container(key=name), st.container(key=f"{name}-rows"):
        yield


@contextmanager
def scrolled(key: str, width_px: int) -> Iterator[None]:
    """A container with a minimum width; on a narrower screen it scrolls sideways on its own.

    Args:
        key: key of the chart in it.
        width_px: smallest width at which its texts do not overlap.
    """
    name = _name_place("scrolled", key)
    st.html(_SCROLLED.format(name=name, width=width_px))
    with st.container(key=name):
        yield


def _name_place(what: str, key: str) -> str:
    """A container's key without dots, which is also the suffix of its CSS class in the browser."""
    return f"{what}-{re.sub(r'[^a-z0-9_]+', '-', key.lower())}"
