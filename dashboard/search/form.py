"""The form that starts a search: options that all trials share, and a small table of ranges."""

import pandas as pd
import streamlit as st

from dashboard.shared.config_form import show_choices
from dashboard.shared.page import shown_errors
from dashboard.shared.pickers import pick_dataset
from fer_core.datasets.info import DatasetInfo
from fer_core.runs.config import build_config
from fer_core.runs.presets import PRESETS, preset_values
from fer_core.studies.search.ranges import searchable_fields
from fer_core.studies.search.start import start_search, usable_devices

_COLUMNS = {
    "field": st.column_config.SelectboxColumn("Field", options=searchable_fields(), required=True),
    "low": st.column_config.NumberColumn("From", format="%g"),
    "high": st.column_config.NumberColumn("To", format="%g"),
    "log": st.column_config.CheckboxColumn(
        "Log", help=("draw uniformly on a logarithmic scale, as for learning rates")
    ),
    "choices": st.column_config.TextColumn("Or choices", help="sgd|adamw: values instead of From and To"),
}


def show_search_form(infos: list[DatasetInfo], taken: list[str]) -> None:
    """Draws the form and starts the search if the button was pressed and the input is valid.

    Args:
        infos: `dataset.json` of the data sets.
        taken: names of existing searches.
    """
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    with left:
        dataset = pick_dataset(infos, "search.dataset")
    with middle:
        preset = st.selectbox("Preset", list(PRESETS), key="search.preset", help="options that all trials share")
    with right:
        n_trials = st.number_input("Trials", value=20, step=1, key="search.trials")
    values = show_choices(preset_values(preset), f"search-{preset}")
    table = st.data_editor(
        _first_ranges(preset),
        key=f"search.ranges.{preset}",
        column_config=_COLUMNS,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", _free_name(preset, taken), key=f"search.new.{preset}.{len(taken)}", max_chars=60)
        n_devices = len(usable_devices(values["device"]))
        parallel = st.number_input("Parallel trials", 1, n_devices, key="search.parallel") if n_devices > 1 else 1
        started = st.button("Start the search", type="primary", icon=":material/play_arrow:", key="search.start")
    if started:
        with shown_errors():
            base = {**values, "dataset": dataset}
            start_search(name, base, read_table(table), n_trials, 0, "started on the Search page", parallel)
            st.session_state["search.name"] = name
            st.rerun()


def read_table(table: pd.DataFrame) -> list[str]:
    """The rows of the table as texts that parse_range reads; rows without a field are skipped."""
    texts = []
    for row in table.astype(object).where(table.notna(), None).to_dict("records"):
        if row["choices"]:
            texts.append(f"{row['field']}={row['choices']}")
        elif row["field"]:
            low, high = ("" if row[end] is None else f"{row[end]:.12g}" for end in ("low", "high"))
            texts.append(f"{row['field']}={low}..{high}{':log' if row['log'] else ''}")
    return texts


def _first_ranges(preset: str) -> pd.DataFrame:
    """The initial ranges: one around the preset's learning rate, and a common second one."""
    learning_rate = build_config({**preset_values(preset), "dataset": "any"}).learning_rate
    rows = [
        ("learning_rate", learning_rate / 5, min(learning_rate * 5, 10.0), True, None),
        ("weight_decay", 1e-5, 1e-2, True, None),
    ]
    return pd.DataFrame(rows, columns=["field", "low", "high", "log", "choices"]).astype({"choices": "str"})


def _free_name(preset: str, taken: list[str]) -> str:
    return next(name for i in range(1, len(taken) + 2) if (name := f"{preset}-{i}") not in taken)
