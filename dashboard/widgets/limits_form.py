"""The part of the assembly form that caps or balances sources."""

import streamlit as st


def ask_limits(sources: list[str]) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """For each source a number or a tick, in a closed box; returns the recipe's `caps` and `balance`."""
    caps, balanced = [], []
    with st.expander("Cap or balance sources", icon=":material/balance:"):
        st.caption(
            "Leaves out training faces, chosen by the seed; validation and test faces all stay, so that scores compare."
        )
        for source in sources:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                cap = st.number_input(
                    f"{source}: most faces a class",
                    min_value=1,
                    value=None,
                    placeholder="all",
                    key=f"data.cap.{source}",
                    width=260,
                )
                balance = st.checkbox(
                    "as many of each class as of its rarest", key=f"data.balanced.{source}", disabled=cap is not None
                )
            if cap is not None:
                caps.append((source, cap))
            elif balance:
                balanced.append(source)
    return tuple(caps), tuple(balanced)
