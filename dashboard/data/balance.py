"""Class balance of the training faces before and after limits, and the weights of classes and sources."""

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
    """Draws the chart and the sources' shares of training, and both as tables."""
    st.subheader("Class balance", anchor=False)
    info, found = dataset.info, describe_balance(dataset.info)
    st.markdown(_describe_limits(info.recipe, found))
    if info.balance is None:
        st.info(
            "This data set was assembled by an earlier version that did not record what labels and limits "
            "changed, so the chart shows its present faces only. Assemble it again to see both.",
            icon=":material/lightbulb:",
        )
    st.plotly_chart(plot_balance(compute_balance(found)), key="data.balance", config=CHART_CONFIG)
    st.caption(
        "Left: training faces; pale: faces excluded by a limit. Right: the weight of a face in the loss under "
        "each setting of *balance* on the Train page, or how often the sampler draws it per epoch. Weights "
        "depend on the class only, so a source gains weight if it contributes rare classes."
    )
    sources = write_numbers(_list_sources(found), _SHARES.values())
    st.dataframe(sources, hide_index=True, key="data.balance.sources")
    with st.expander("Numbers per class"):
        classes = write_numbers(_list_classes(found), ["Share"])
        st.dataframe(classes, hide_index=True, key="data.balance.classes")
        st.caption("Effective number of faces (Cui et al., 2019), used by the balance effective_number.")


def _describe_limits(recipe: KeptRecipe, found: TrainingBalance) -> str:
    limits = [f"{source}: at most {n:,} per class" for source, n in recipe.caps]
    limits += [f"{source}: every class reduced to the size of its rarest" for source in recipe.balance]
    n_faces = count_of(found.n, "training face")
    if not limits:
        return f"{n_faces}; no source is capped or balanced (an option when assembling)."
    return f"{n_faces}; {'; '.join(limits)}; {found.n_left_out:,} excluded."


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
