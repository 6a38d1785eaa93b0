"""Trained networks in memory. torch is imported only when the first one is needed."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from fer_core.errors import InputError
from fer_core.models.heads import Head, read_heads
from fer_core.runs.find import get_run
from fer_core.runs.run_weights import explain_no_weights

if TYPE_CHECKING:
    from fer_core.models.network import Classifier


def load_network(run_id: str, head: Head = "labels") -> "Classifier":
    """A network with the run's best weights, kept while the file is unchanged; `head` selects the head that answers."""
    from fer_core.models.network import ask

    path = _find_weights(run_id)
    return ask(_load_network(str(path), path.stat().st_mtime_ns), head)


def load_heads(run_id: str) -> tuple[Head, ...]:
    """The heads of the run's network."""
    return read_heads(_find_weights(run_id))


def _find_weights(run_id: str) -> Path:
    path = get_run(run_id).best_weights
    if not path.exists():
        raise InputError(explain_no_weights(path))
    return path


@st.cache_data(max_entries=256, show_spinner=False)
def explain_face(run_id: str, head: Head, face: np.ndarray, expression: str) -> np.ndarray:
    """(H, W) heatmap, 0 to 1, of a (H, W) uint8 face for a class, from the score of that head."""
    from fer_core.inference.explain import explain_face as explain

    return explain(load_network(run_id, head), face, expression)


@st.cache_resource(max_entries=4, show_spinner="Loading the network ...")
def _load_network(path: str, made: int) -> "Classifier":
    from fer_core.models.checkpoints import read_folded

    return read_folded(Path(path))
