"""A grid of faces on the page: as tall as its rows are at the width it gets, from a phone to a wide screen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from dashboard.figures.gallery import CELL_PX, Gallery, count_rows, plot_gallery

# A figure is as tall as it is told to be, whatever its width. So it fills a box whose sides have the ratio of the grid.
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


def show_grid(gallery: Gallery, key: str, **options: Any) -> None:
    """Draws the faces.

    Args:
        gallery: what is shown.
        key: of the chart, under which a click is found in the session state.
        options: further ones of `st.plotly_chart`, such as on_select.
    """
    name = _name_place("grid", key)
    size = {"n_columns": gallery.n_columns, "n_rows": count_rows(gallery), "width": gallery.n_columns * CELL_PX}
    st.html(_STYLE.format(name=name, **size))
    with st.container(key=name):
        st.plotly_chart(plot_gallery(gallery), height="stretch", key=key, config={"displayModeBar": False}, **options)


@contextmanager
def framed(key: str, n_columns: int, n_rows: int, cell_px: int, frame_px: int) -> Iterator[None]:
    """A place for a chart of square cells with axes, stretched to its height, that is as tall as its rows need.

    Args:
        key: of the chart in it.
        n_columns: cells a row.
        n_rows: of cells.
        cell_px: side of a cell where there is room for it.
        frame_px: what the axes take, in either direction.
    """
    name = _name_place("framed", key)
    size = {"n_columns": n_columns, "n_rows": n_rows, "cell": cell_px, "frame": frame_px}
    st.html(_FRAMED.format(name=name, **size))
    with st.container(key=name), st.container(key=f"{name}-rows"):
        yield


@contextmanager
def scrolled(key: str, width_px: int) -> Iterator[None]:
    """What is drawn in the block is at least so wide; on a narrower screen it is moved sideways by itself.

    Args:
        key: of the chart in it.
        width_px: the least at which its texts stay apart.
    """
    name = _name_place("scrolled", key)
    st.html(_SCROLLED.format(name=name, width=width_px))
    with st.container(key=name):
        yield


def _name_place(what: str, key: str) -> str:
    """A container's key that is also the end of its class in the browser, which takes no dots."""
    return f"{what}-{re.sub(r'[^a-z0-9_]+', '-', key.lower())}"
