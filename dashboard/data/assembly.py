"""Assembling in the browser: a list of sources, the recipe, and the button."""

from pathlib import Path

import streamlit as st

from dashboard.data.copy_counts import show_copy_counts
from dashboard.data.meanings_form import ask_meanings, ask_unclear, list_meanings
from dashboard.data.recipe_form import ask_recipe
from dashboard.shared.form_words import in_form_words
from dashboard.shared.page import shown_errors
from fer_core.base.text import count_of
from fer_core.base.workspace import home
from fer_core.datasets.assembling.command import command_of
from fer_core.datasets.assembling.demo import demo_recipe
from fer_core.datasets.assembling.inspect import Inspection, inspect_source
from fer_core.datasets.assembling.job import start_assembly
from fer_core.datasets.assembling.recipe import DatasetRecipe, parse_source
from fer_core.datasets.info import DatasetInfo
from fer_core.sources.archives.upload import UPLOADS, unpack_upload
from fer_core.sources.classes import KNOWN_NAMES, Classes, Unclear

_TAKEN = "data.taken"  # the path in the box is among the sources, and the box is to be emptied
_WAITING = "data.waiting"  # (path, classes, reader) of the sources that are still to be read
_UNCLEAR = "data.unclear"  # (path, sentence, kind, classes, reader) of a source with something that may mean two


def show_recipe(infos: list[DatasetInfo]) -> None:
    """Draws the sources (by path or upload), the options of the recipe, and the Assemble button.

    Args:
        infos: `dataset.json` of the existing data sets.
    """
    has_demo = any(info.name == "demo" for info in infos)
    if not has_demo and st.button("Draw the demo faces (a few seconds)", key="data.demo", icon=":material/draw:"):
        with shown_errors():
            start_assembly(demo_recipe())
    st.session_state.setdefault("data.added", [])
    if st.session_state.pop(_TAKEN, False):
        st.session_state["data.path"] = ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.text_input(
            "Path of a source",
            key="data.path",
            placeholder="/data/fer2013.csv, /data/CK+48, a folder of class folders ...",
            help="READER=PATH chooses the reader, for example csv=/data/list.csv or folder=/data/faces.",
        )
        if st.button("Add", key="data.add", icon=":material/add:") and path.strip():
            with shown_errors():
                reader, given = parse_source(path.strip())
                _add(Path(given), reader=reader)
    upload = st.file_uploader("Or upload a table or an archive", type=list(UPLOADS), key="data.upload")
    if upload is not None and st.button(f"Add {upload.name}", key="data.add_upload"):
        with shown_errors(), st.spinner("Unpacking ..."):
            _add(unpack_upload(upload, upload.name, home() / "uploads").resolve())
    _ask_unclear()
    _read_waiting()
    _show_added()
    if st.session_state["data.added"]:
        _show_start(infos)


def _add(path: Path, classes: Classes = KNOWN_NAMES, reader: str = "auto") -> None:
    """Queues a source for reading; `_read_waiting` reads it even if a click interrupts this run."""
    st.session_state.pop(_UNCLEAR, None)
    st.session_state.setdefault(_WAITING, []).append((path, classes, reader))


def _read_waiting() -> None:
    """Reads the queued sources and adds them to the list.

    A click anywhere makes Streamlit start another run at the next use of `st`, so `st` is not used before a source has
    been added.
    """
    waiting, added = st.session_state.setdefault(_WAITING, []), st.session_state["data.added"]
    if not waiting:
        return
    with shown_errors(), st.spinner(f"Reading {waiting[0][0].name} ..."):
        unclear = None
        while waiting:
            path, classes, reader = waiting[0]
            try:
                found = inspect_source(path, reader, decode=False, classes=classes)
                place_source(added, found)
            except Unclear as error:
                unclear = path, str(error), type(error), classes, reader
            finally:
                waiting.pop(0)
        if unclear:
            st.session_state[_UNCLEAR] = unclear
        st.session_state[_TAKEN] = not unclear
        st.rerun()


def place_source(added: list[Inspection], found: Inspection) -> None:
    """Adds a source to the list; it replaces a source with the same path that was read by another reader."""
    same = next((i for i, other in enumerate(added) if other.path == found.path), None)
    if same is None:
        added.append(found)
    elif added[same].source != found.source:
        added[same] = found


def _ask_unclear() -> None:
    """Asks for the meaning of numbers or boxes in the source just added, where it is ambiguous."""
    if _UNCLEAR not in st.session_state:
        return
    path, sentence, about, known, reader = st.session_state[_UNCLEAR]
    st.warning(in_form_words(sentence), icon=":material/help:")
    classes = ask_unclear(about, known, f"data.unclear.{path}")
    if classes != known:
        _add(path, classes, reader)


def _read_again(i: int, classes: Classes) -> None:
    """Reads the i-th source again, with the meanings just given for its classes."""
    added: list[Inspection] = st.session_state["data.added"]
    with shown_errors(), st.spinner(f"Reading {added[i].path.name} ..."):
        added[i] = inspect_source(added[i].path, added[i].source, decode=False, classes=classes)
        st.rerun()


def _show_added() -> None:
    added: list[Inspection] = st.session_state["data.added"]
    for i, found in enumerate(added):
        text, button = st.columns([6, 1], vertical_alignment="center")
        with text:
            layout = found.layout.replace("_", r"\_")  # no emphasis
            left_out = ", ".join(f"{n:,} {label}" for label, n in found.left_out.items())
            st.markdown(
                f"**{layout}**: {count_of(found.n, 'face')} in `{found.path}`"
                + (f"; excluded: {left_out}" if left_out else "")
                + "".join(f"; {in_form_words(note)}" for note in found.notes)
            )
        if button.button("Remove", key=f"data.remove.{i}", icon=":material/close:"):
            added.pop(i)
            st.rerun()
        classes = ask_meanings(found, f"data.source.{found.path}")
        if classes != found.classes:
            _read_again(i, classes)
        if found.problems:
            st.warning(describe_problems(found))


def describe_problems(found: Inspection) -> str:
    """How many rows or images of a source cannot be used, the first of them, and the next step."""
    first, n = found.problems[0], len(found.problems)
    which = f"{first.origin}: {in_form_words(first.message)}."
    if n == 1:
        return f"1 row or image cannot be used: {which} Select *Skip bad rows* to assemble without it."
    return f"{n:,} rows or images cannot be used. The first, {which} Select *Skip bad rows* to assemble without them."


def _show_start(infos: list[DatasetInfo]) -> None:
    added: list[Inspection] = st.session_state["data.added"]
    fields = ask_recipe(added, infos)
    with shown_errors():
        sources = tuple((found.source, str(found.path)) for found in added)
        recipe = DatasetRecipe(sources=sources, meanings=list_meanings(added), **fields)
        show_copy_counts(recipe)
        if st.button("Assemble", type="primary", key="data.assemble", icon=":material/play_arrow:"):
            start_assembly(recipe)
        with st.expander("Equivalent command"):
            st.code(command_of(recipe), language="bash", wrap_lines=True)
