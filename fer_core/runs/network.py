"""Loads a run's network for inference. Torch is imported when one is loaded."""

from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.base.workspace import absolute_path
from fer_core.models.heads import Head
from fer_core.runs.find import get_run
from fer_core.runs.run import Run
from fer_core.runs.run_weights import require_weights

if TYPE_CHECKING:
    from fer_core.inference.classifier import FaceClassifier


def load_network(which: str | Path, head: Head | None = None) -> "FaceClassifier":
    """The network of a run, or of a weights file, ready to classify.

    Args:
        which: "bundled" (the network included with FER Studio), the id or name of a run, or the path of an exported
            run's folder or of a .safetensors file that FER Studio wrote.
        head: "labels" predicts the label of the training data, "people" the majority vote of people; None: "people"
            if the network has that head.

    Raises:
        InputError: if there is no such run or file, it has no weights yet, or it lacks the head.

    Example:
        >>> fer.load_network("bundled").predict("photo.jpg")[0].expression
        'happy'
    """
    from fer_core.inference.classifier import FaceClassifier
    from fer_core.models.checkpoints import read_folded
    from fer_core.models.network import ask

    return FaceClassifier(ask(read_folded(_find_weights(which)), head))


def _find_weights(which: str | Path) -> Path:
    """The weights file. Text with a slash or a file extension is a path; run ids and names never look like that."""
    if isinstance(which, str) and "/" not in which and not which.endswith(".safetensors"):
        return require_weights(get_run(which))
    path = absolute_path(which)
    return require_weights(Run(path)) if path.is_dir() else path
