"""The part of the assembly form that caps or balances sources."""

from typing import Any

import streamlit as st

from fer_core.datasets.assembling.inspect import Inspection
from fer_core.datasets.assembling.recipe import name_sources

Fields = dict[str, Any]  # fields of a recipe -> their values


def ask_limits(added: list[Inspection]) -> Fields:
    """Draws a number box and a check box per source; returns the recipe's `caps` and `balance`."""
    st.caption(
        "Excludes training faces, drawn with the seed. Validation and test faces are all kept, so that scores stay "
        "comparable."
    )
    caps, balanced = [], []
    for source in name_sources([found.source for found in added]):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            cap = st.number_input(
                f"{source}: maximum faces per class", min_value=1, value=None, placeholder="all",
                key=f"data.cap.{source}", width=260,
            )  # fmt: skip
            balance = st.checkbox(
                "reduce every class to the size of its rarest", key=f"data.balanced.{source}", disabled=cap is not None
            )
        if cap is not None:
            caps.append((source, cap))
        elif balance:
            balanced.append(source)
    return {"caps": tuple(caps), "balance": tuple(balanced)}
