"""How far the sources' labels of a data set agree with the votes of several people."""

import pandas as pd
import streamlit as st

from dashboard.figures.agreement import plot_agreement
from dashboard.services.corrections import load_agreement
from dashboard.services.datasets import load_dataset
from dashboard.shared.tables import write_numbers
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import percent
from fer_core.review.agreement import VoteAgreement
from fer_core.sources.records import MAJORITY

_COLUMNS = {"Entropy": st.column_config.NumberColumn(help="mean over the class, bits")}


def has_votes(dataset: str) -> bool:
    """True if a source of the data set has votes."""
    return MAJORITY in load_dataset(dataset).table


def show_agreement(dataset: str) -> None:
    """Draws a heatmap of source labels by majority of votes, and a table by class, for a data set with votes."""
    found = load_agreement(dataset)
    outside = ", ".join(f"{n:,} {what}" for what, n in found.outside.items())
    st.markdown(
        f"The sources' labels equal the majority of votes for **{percent(found.agreement)}** of {found.n:,} faces"
        + (f"; in addition {outside}." if outside else ".")
    )
    matrix, classes = st.columns([3, 2])
    figure = plot_agreement(found.table, dark=st.context.theme.type == "dark")
    matrix.plotly_chart(figure, key="labels.agreement", config=CHART_CONFIG)
    table = write_numbers(_table(found), ["Agreement"])
    classes.dataframe(table, hide_index=True, key="labels.classes", column_config=_COLUMNS)
    classes.caption("Entropy of a face's votes in bits: 0 if all agree, 2.81 if all differ.")


def _table(found: VoteAgreement) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Source label": [c.expression for c in found.classes],
            "Faces": [c.n for c in found.classes],
            "Agreement": [c.agreement for c in found.classes],
            "Entropy": [c.entropy_bits for c in found.classes],
        }
    )
