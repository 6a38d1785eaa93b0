"""Distillation: earlier runs' probabilities for the training faces, computed once and kept with the run."""

import io

import numpy as np

from fer_core.checkpoints import read_network
from fer_core.data.dataset import Dataset
from fer_core.errors import InputError
from fer_core.files import write_atomic
from fer_core.logits import predict_logits
from fer_core.metrics import softmax
from fer_core.runs import Run, get_ancestor


def load_teacher_probs(run: Run, dataset: Dataset, device: str) -> np.ndarray | None:
    """(n, 7) float32 mean probabilities of the config's teachers for the n training faces, or None without teacher.

    Raises:
        InputError: for a teacher that is gone, or takes faces of another size, and when the probabilities kept are of
            other faces.
    """
    teachers = run.config.teachers
    if not teachers:
        return None
    path = run.path / "teacher.npy"
    if not path.is_file():
        faces = dataset.faces[dataset.rows("train")]
        probs = np.mean([_predict(get_ancestor(run, run_id), faces, device) for run_id in teachers], 0)
        write_atomic(path, lambda temporary: temporary.write_bytes(_to_npy(probs.astype(np.float32))))
    probs = np.load(path)
    if len(probs) != len(dataset.rows("train")):
        raise InputError(
            f"{path} holds probabilities for {len(probs):,} faces, and {len(dataset.rows('train')):,} are in training. "
            "Delete it, and they are computed anew."
        )
    return probs


def _to_npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _predict(teacher: Run, faces: np.ndarray, device: str) -> np.ndarray:
    network = read_network(teacher.best_weights, device)
    if network.face_px != faces.shape[-1]:
        raise InputError(
            f"The teacher {teacher.run_id} takes faces of {network.face_px} px, the data set has "
            f"{faces.shape[-1]} px. Choose a teacher trained on faces of that size."
        )
    return softmax(predict_logits(network, faces, device).astype(np.float64))
