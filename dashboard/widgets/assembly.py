"""Assembling from the browser: a list of sources, the recipe, and the jobs at work."""

from pathlib import Path

import streamlit as st

from dashboard.widgets.jobs import format_duration
from dashboard.widgets.page import shown_errors
from fer_core.data.archives import unpack_upload
from fer_core.data.assemble import name_sources
from fer_core.data.assemble_job import forget_assembly, list_assemblies, start_assembly, stop_assembly
from fer_core.data.copies import COPY_RULES
from fer_core.data.inspect import Inspection, inspect_source
from fer_core.data.recipe import SIZES, Recipe
from fer_core.data.splits import LEAVE_OUT, RULES
from fer_core.workspace import home


def show_recipe(has_demo: bool) -> None:
    """Sources by path or upload, then name, split and size, then Assemble."""
    if not has_demo and st.button("Draw the demo faces (a few seconds)", key="data.demo", icon=":material/draw:"):
        with shown_errors():
            start_assembly("demo")
    st.session_state.setdefault("data.added", [])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.text_input(
            "Path of a source",
            key="data.path",
            placeholder="/data/fer2013.csv, /data/CK+48, a folder of class folders ...",
        )
        if st.button("Add", key="data.add", icon=":material/add:") and path.strip():
            _add(Path(path.strip()).expanduser())
    upload = st.file_uploader("Or upload a CSV or a zip", type=["csv", "zip"], key="data.upload")
    if upload is not None and st.button(f"Add {upload.name}", key="data.add_upload"):
        with shown_errors(), st.spinner("Unpacking ..."):
            _add(unpack_upload(upload, upload.name, home() / "uploads"))
    _show_added()
    if st.session_state["data.added"]:
        _show_start()


def _add(path: Path) -> None:
    with shown_errors(), st.spinner(f"Reading {path.name} ..."):
        found = inspect_source(path.resolve(), decode=False)
        added = st.session_state["data.added"]
        if all(other.path != found.path for other in added):
            added.append(found)


def _show_added() -> None:
    added: list[Inspection] = st.session_state["data.added"]
    for i, found in enumerate(added):
        with st.container(horizontal=True, vertical_alignment="center"):
            left_out = ", ".join(f"{n:,} {label}" for label, n in found.left_out.items())
            st.markdown(
                f"**{found.layout}**: {found.n:,} faces in `{found.path}`"
                + (f"; left out: {left_out}" if left_out else "")
                + (f"; {len(found.problems):,} problems" if found.problems else "")
                + "".join(f"; {note}" for note in found.notes)
            )
            if st.button("Remove", key=f"data.remove.{i}", icon=":material/close:"):
                added.pop(i)
                st.rerun()
        if found.problems:
            first = found.problems[0]
            st.warning(f"{first.origin}: {first.message}. Tick Skip bad rows to go on without such rows.")


def _show_start() -> None:
    added: list[Inspection] = st.session_state["data.added"]
    has_official = any(usage for found in added for usage in found.usages if usage)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name of the data set", "-".join(dict.fromkeys(found.source for found in added)), key="data.new"
        )
        split = st.selectbox("Split", _list_rules(added), 0 if has_official else 1, key="data.rule")
        size = st.selectbox("Side, px", SIZES, key="data.size")
        copies = st.selectbox(
            "Copies",
            COPY_RULES,
            format_func=lambda rule: rule.replace("_", " "),
            key="data.copies",
            help="Drop surplus: one of each group stays. Drop contradicting: groups whose labels differ go. "
            "A test face of an official split always stays.",
        )
        near = st.checkbox(
            "Near copies", True, key="data.near", help="mirrored, re-encoded and rescaled pictures are copies too"
        )
        skip_bad = st.checkbox("Skip bad rows", key="data.skip_bad", help="they are counted and listed")
        align = _ask_align()
        if st.button("Assemble", type="primary", key="data.assemble", icon=":material/play_arrow:"):
            with shown_errors():
                sources = tuple((found.source, str(found.path)) for found in added)
                start_assembly(Recipe(name, sources, split, size, 0, skip_bad, copies, near, align=align))


def _ask_align() -> bool:
    return st.checkbox(
        "Align faces",
        key="data.align",
        help="Each face is found and brought to one frame, eyes and mouth level and at the same places, so that the "
        "crop tells less about the source. Takes some 5 ms a face; where no face is found the usual crop stays.",
    )


def _list_rules(added: list[Inspection]) -> list[str]:
    names = name_sources([found.source for found in added])
    return [*RULES, *(f"{LEAVE_OUT}{name}" for name in names if len(names) > 1)]


@st.fragment(run_every=1.0)
def show_assemblies() -> None:
    """Every assembly at work with its progress, and those that ended badly until they are dismissed."""
    for job in list_assemblies():
        if job.state == "running":
            share = job.done / job.total if job.total else 0.0
            left = f" · {format_duration(job.eta_s)} left" if job.eta_s else ""
            st.progress(min(share, 1.0), f"**{job.name}** · {job.step}{left}")
            if st.button("Stop", key=f"data.stop.{job.name}", icon=":material/stop:"):
                stop_assembly(job.name)
        elif job.state == "done":
            forget_assembly(job.name)
            st.session_state["data.added"] = []
            st.toast(f"{job.name} is assembled.", icon=":material/check:")
            st.rerun()
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.error(f"**{job.name}** {job.state}: {job.message}")
                if st.button("Dismiss", key=f"data.forget.{job.name}"):
                    forget_assembly(job.name)
                    st.rerun(scope="fragment")
