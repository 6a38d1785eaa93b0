"""How many faces each rule for copies would remove from each source, counted before assembling."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.data.copy_rules import COPY_CHOICES, describe_taken
from dashboard.shared.form_words import in_form_words
from dashboard.shared.page import shown_errors
from dashboard.shared.tables import write_numbers
from fer_core.datasets.assembling.copy_counts import read_counting, read_counts, start_counting, stop_counting
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.counts import TakenCount


def show_copy_counts(recipe: DatasetRecipe) -> None:
    """Draws the counts, the button that starts counting, or its progress.

    Args:
        recipe: the recipe in the form.
    """
    with st.expander("What each rule for copies removes", icon=":material/filter_none:"), shown_errors():
        job, counts = read_counting(recipe), read_counts(recipe)
        if job and job.state.is_active:
            _show_progress(recipe)
        elif counts:
            st.table(write_numbers(arrange(counts, recipe.copies)), hide_index=True)
            st.caption("Faces that each rule removes, by source. The chosen rule is marked.")
            st.caption(
                "\n".join(f"- {name}: {describe_taken(rule, recipe.split)}" for rule, name in COPY_CHOICES.items())
            )
        else:
            if job:
                st.error(f"The count {in_form_words(job.ended)}")
            if st.button("Count now", key="data.copies.count", icon=":material/calculate:"):
                start_counting(recipe)
                st.rerun()
            st.caption("Reads the sources once, as assembling does, without writing a data set.")


def arrange(counts: Sequence[TakenCount], chosen: str) -> pd.DataFrame:
    """One row per rule, one column per source; None if the rule leaves too few faces.

    Args:
        counts: from `fer_core.datasets.assembling.copy_counts.count_copies`.
        chosen: the rule to mark.
    """
    rows = []
    for rule, name in COPY_CHOICES.items():
        n = {row.source: row.n for row in counts if row.rule == rule}
        mark = "✓ " if rule == chosen else ""
        rows.append({"Rule": mark + name, **n})
    return pd.DataFrame(rows).astype(dict.fromkeys({row.source for row in counts}, "Int64"))


@st.fragment(run_every=1.0)
def _show_progress(recipe: DatasetRecipe) -> None:
    job = read_counting(recipe)
    if job is None or not job.state.is_active:
        st.rerun()
    st.progress(min(job.done / job.total, 1.0) if job.total else 0.0, job.step)
    if st.button("Stop", key="data.copies.stop", icon=":material/stop:"):
        stop_counting(recipe)
