"""How even the training is: before and after the limits, and what classes and sources weigh."""

import pandas as pd
import streamlit as st

from dashboard.figures.balance import compute_balance, plot_balance
from dashboard.shared.tables import write_numbers
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import count_of, percent
from fer_core.datasets.checks.class_balance import ClassBalance, SourceBalance, TrainingBalance, describe_balance
from fer_core.datasets.class_weights import WEIGHTINGS
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.info import KeptRecipe

_STAGES = ("As split", "Before limits", "Within limits")  # of `ClassBalance.stages`
_SHARES = {name: "Share" if name == "none" else f"With {name}" for name in WEIGHTINGS}


def show_balance(dataset: Dataset) -> None:
    """The chart, the sources' shares of the training, and both as tables."""
    st.subheader("Balance of the training", anchor=False)
    info, found = dataset.info, describe_balance(dataset.info)
    st.markdown(_describe_limits(info.recipe, found))
    if info.balance is None:
        st.info(
            "This data set was assembled before it was kept what labels and limits changed: the chart shows what is in "
            "it now. Assemble it again to see what was there before.",
            icon=":material/lightbulb:",
        )
    st.plotly_chart(plot_balance(compute_balance(found)), key="data.balance", config=CHART_CONFIG)
    st.caption(
        "Left: the faces that are trained on, and pale those that a limit left out. Right: what a face counts in the "
        "loss under each balance of the Train page, or how often the sampler draws it in a pass. The classes decide "
        "it: a source has a larger share where it brings rare ones."
    )
    sources = write_numbers(_list_sources(found), _SHARES.values())
    st.dataframe(sources, hide_index=True, key="data.balance.sources")
    with st.expander("By class, in numbers"):
        classes = write_numbers(_list_classes(found), ["Share"])
        st.dataframe(classes, hide_index=True, key="data.balance.classes")
        st.caption(
            "Effective number: how many different faces that many are worth (Cui et al., 2019), which the balance "
            "effective_number goes by."
        )


def _describe_limits(recipe: KeptRecipe, found: TrainingBalance) -> str:
    limits = [f"{source} at most {n:,} a class" for source, n in recipe.caps]
    limits += [f"{source} as many of each class as of its rarest" for source in recipe.balance]
    n_faces = count_of(found.n, "training face")
    if not limits:
        return f"{n_faces}; no source is capped or balanced (that is chosen where it is assembled)."
    return f"{n_faces}; {'; '.join(limits)}: {found.n_left_out:,} left out."


def _list_sources(found: TrainingBalance) -> pd.DataFrame:
    rows = (
        {"Source": s.source, **_name_stages(s), **{_SHARES[name]: share for name, share in s.shares.items()}}
        for s in found.sources
    )
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def _list_classes(found: TrainingBalance) -> pd.DataFrame:
    rows = [
        {
            "Expression": c.expression,
            **_name_stages(c),
            "Share": c.share,
            "Effective number": round(c.effective_number),
            **{f"Weight, {name}": round(weight, 2) for name, weight in c.weights.items() if name != "none"},
            **{f"From {cell.source}": percent(cell.share) for cell in found.cells if cell.expression == c.expression},
        }
        for c in found.classes
    ]
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def _name_stages(row: ClassBalance | SourceBalance) -> dict[str, int | None]:
    return dict(zip(_STAGES, row.stages, strict=True))
