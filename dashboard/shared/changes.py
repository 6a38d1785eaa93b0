"""The changes made by an assembly, compared with the data set that it replaced."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.shared.tables import write_numbers
from fer_core.base.text import count_of
from fer_core.datasets.info import DatasetInfo


def show_changes(info: DatasetInfo) -> None:
    """Draws added and removed faces, changed labels and changed options; nothing if no data set was replaced."""
    replaced = info.replaced
    if not replaced:
        return
    st.markdown(f"**What the last assembly changed**: {describe_changes(info)}")
    if replaced.from_to:
        labels = pd.DataFrame([{"From": row.old, "To": row.new, "Faces": row.n} for row in replaced.from_to])
        with st.expander(f"Another label: {count_of(int(labels['Faces'].sum()), 'face')}"):
            labels = labels.sort_values("Faces", ascending=False)
            st.dataframe(write_numbers(labels), hide_index=True, key="data.replaced")


def describe_changes(info: DatasetInfo) -> str:
    """The changes as one line; "" if no data set was replaced."""
    replaced = info.replaced
    if replaced is None:
        return ""
    parts = [f"{replaced.n:,} → {count_of(info.n, 'face')}"]
    parts += [f"{n:,} {word}" for n, word in ((replaced.n_gone, "removed"), (replaced.n_new, "added")) if n]
    n = sum(change.n for change in replaced.from_to)
    parts.append(f"{count_of(n, 'label')} changed" if n else "no label changed")
    parts += [_describe_choice(*change) for change in replaced.recipe.items()]
    old, new = replaced.fingerprint[:16], info.fingerprint[:16]
    parts.append(
        "the same fingerprint: the same faces, labels and splits" if old == new else f"fingerprint `{old}` → `{new}`"
    )
    return " · ".join(parts)


def _describe_choice(choice: str, change: list[Any]) -> str:
    if choice == "sources":
        return "other sources"
    before, after = (", ".join(map(str, value)) or "nothing" if isinstance(value, list) else value for value in change)
    return f"{choice} {before} → {after}"
