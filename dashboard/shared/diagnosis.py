"""The diagnosis of a run, below its curves."""

from collections.abc import Sequence

import streamlit as st

from dashboard.shared.form_words import in_form_words
from fer_core.runs.config import TrainConfig
from fer_core.runs.diagnosis import diagnose
from fer_core.runs.info import EpochLine

_ICONS = {
    "underfitting": ":material/trending_flat:",
    "still improving": ":material/trending_up:",
    "good fit": ":material/check:",
    "overfitting": ":material/call_split:",
    "unstable": ":material/ssid_chart:",
    "too early to say": ":material/hourglass_empty:",
}


def show_diagnosis(epochs: Sequence[EpochLine], config: TrainConfig, note: str = "") -> None:
    """Draws the diagnosis, and how to read the two curves; `note` as in `fer_core.runs.diagnosis.diagnose`."""
    found = diagnose(epochs, config, note)
    show = {"overfitting": st.warning, "unstable": st.warning, "good fit": st.success}.get(found.verdict, st.info)
    show(f"**{found.verdict.capitalize()}.** {in_form_words(found.sentence)}", icon=_ICONS[found.verdict])
    if epochs and epochs[-1].train_clean_loss is None:
        st.caption("Training is scored on augmented faces here, which are harder than validation faces.")
    else:
        st.caption(
            "Training and validation scores use the weights at the end of the epoch, faces without augmentation, "
            "and plain labels."
        )
