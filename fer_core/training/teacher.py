"""Distillation: teachers' probabilities for views of the training faces, computed once and stored with the run.

`teacher.npy` is (n, V, 7) float16: the calibrated probabilities of the labels heads, averaged over the teachers. It
grows view by view, so that a run stopped meanwhile continues from there. Networks of a cross-validation are run
again instead of using its out-of-fold probabilities: those are for plain faces of its own data set only.

Source: Beyer et al., Knowledge distillation: a good teacher is patient and consistent, 2022. There teacher and student
see a new view in every step; here V views are drawn once, so that the teacher classifies each face V times.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fer_core.base.files import read_array, write_atomic
from fer_core.base.text import count_of
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.inference.logits import look_plainly, predict_logits, refuse_no_numbers
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.checkpoints import read_network
from fer_core.models.network import Classifier
from fer_core.models.preprocess import Preprocessing
from fer_core.models.probabilities import softmax
from fer_core.runs.origins.cross_fitting import assign_faces, explain_learned
from fer_core.runs.origins.teacher_progress import Countdown
from fer_core.runs.origins.teachers import Teacher, list_teachers, pin_teacher, refuse_other_size
from fer_core.runs.run import Run
from fer_core.runs.run_weights import require_weights
from fer_core.training.augment import render
from fer_core.training.distributed import Ranks
from fer_core.training.seeded_views import SeededViews

FILE = "teacher.npy"
_CHUNK = 256  # faces between two looks for a stop


def load_teacher_probs(
    run: Run,
    dataset: Dataset,
    device: str,
    ranks: Ranks | None = None,
    check_stop: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda sentence: None,
) -> np.ndarray | None:
    """(n, V, 7) float16 probabilities of the config's teachers for the n training faces; None without teacher.

    V is `teacher_views`, with the views of `SeededViews`, or 1 for the plain face as each network sees it.

    Args:
        run: its folder stores them.
        dataset: the run's.
        device: of the teachers.
        ranks: each classifies its part of the faces.
        check_stop: called every few hundred faces, equally often in each rank; may raise to stop.
        say: called with progress messages.

    Raises:
        InputError: for a teacher that is missing or needs faces of another size, or if the stored probabilities
            are for other faces.
    """
    config = run.config
    if not config.teachers:
        return None
    rows, n_views = dataset.rows("train"), max(1, config.teacher_views)
    probs = _read_kept(run.path / FILE, len(rows), n_views)
    if probs.shape[1] == n_views:
        return probs
    session = _open_session(run, dataset, device, ranks or Ranks(), check_stop, say)
    return _judge_views(run, session, probs, say)


def _open_session(
    run: Run,
    dataset: Dataset,
    device: str,
    ranks: Ranks,
    check_stop: Callable[[], None],
    say: Callable[[str], None],
) -> "_Session":
    """Loads the teachers' networks; the arguments are those of load_teacher_probs."""
    teachers, rows, n_views = list_teachers(run), dataset.rows("train"), max(1, run.config.teacher_views)
    for sentence in explain_learned(teachers, dataset):
        say(sentence)
    named = ", ".join(pin_teacher(teacher) for teacher in teachers)
    say(f"the teacher {named} classifies {count_of(n_views, 'view')} of {count_of(len(rows), 'training face')}")
    if run.config.threads:
        torch.set_num_threads(run.config.threads)
    return _Session(
        dataset=dataset,
        rows=rows,
        judges=_call_judges(teachers, dataset, device),
        device=device,
        ranks=ranks,
        check_stop=check_stop,
    )


def _judge_views(run: Run, session: "_Session", probs: np.ndarray, say: Callable[[str], None]) -> np.ndarray:
    """(n, V, 7) float16: `probs`, (n, v, 7), completed with the missing views; stored after each view."""
    dataset, ranks, first = session.dataset, session.ranks, probs.shape[1]
    n_faces, n_views = len(session.rows), max(1, run.config.teacher_views)
    views = SeededViews(n_faces, dataset.faces.shape[-1], run.config) if n_views > 1 else None
    with Countdown(run.path if ranks.is_first else None, n_views - first) as countdown:
        for view in range(first, n_views):
            found = session.judge(views, view, partial(countdown.tell, view - first))
            probs = np.concatenate([probs, found[:, None].astype(np.float16)], 1)
            if ranks.is_first:
                _keep(run.path / FILE, probs)
            countdown.tell(view - first + 1, 0)
            say(f"view {view + 1} of {n_views} classified, about {countdown.eta_s:.0f} s left")
    return probs


@dataclass(frozen=True)
class Judge:
    """A network of a teacher.

    Attributes:
        network: predicts with its labels head.
        weights: (n,) of its predictions in the mean over all judges, for each training face; 0: not used.
    """

    network: Classifier
    weights: np.ndarray


@dataclass(frozen=True, kw_only=True)
class _Session:
    """The data for classifying view after view; the attributes are those of load_teacher_probs and _call_judges."""

    dataset: Dataset
    rows: np.ndarray
    judges: list[Judge]
    device: str
    ranks: Ranks
    check_stop: Callable[[], None]

    def judge(self, views: SeededViews | None, view: int, tell: Callable[[float], None]) -> np.ndarray:
        """(n, 7) float64 mean probabilities for one view of every face, or for plain faces without views.

        `tell` is called with the finished share. Ranks classify equally many faces each, the first few twice if needed.
        """
        n, size = len(self.rows), self.ranks.size
        places = np.arange(-(-n // size) * size)
        mine = places[self.ranks.part(len(places))]
        answers = torch.zeros(len(places), N_EXPRESSIONS, dtype=torch.float64)
        for start in range(0, len(mine), _CHUNK):
            tell(start / len(mine))
            part = mine[start : start + _CHUNK]
            for judge in self.judges:
                self.check_stop()
                asked = part[judge.weights[part % n] > 0]
                if len(asked):
                    answers[asked] += torch.from_numpy(self._ask(judge, asked % n, views, view))
        return self.ranks.sum(answers)[:n].numpy()

    def _ask(self, judge: Judge, faces: np.ndarray, views: SeededViews | None, view: int) -> np.ndarray:
        """(m, 7) weighted probabilities of one network for m of the training faces."""
        look = look_plainly if views is None else partial(_look_at, views, view, torch.from_numpy(faces))
        logits = predict_logits(judge.network, self.dataset.faces[self.rows[faces]], self.device, look=look)
        refuse_no_numbers(logits)
        return judge.weights[faces, None] * softmax(logits.astype(np.float64))


def _look_at(
    views: SeededViews, view: int, faces: Tensor, batch: Tensor, rows: slice, preprocessing: Preprocessing
) -> list[Tensor]:
    """A `Look` for one seeded view of each of the training faces `faces`."""
    shown = faces[rows]
    return [render(batch, views.pick(torch.full_like(shown, view), shown), preprocessing)]


def _call_judges(teachers: list[Teacher], dataset: Dataset, device: str) -> list[Judge]:
    """All networks of all teachers; a face's weights sum to 1, equally for each teacher."""
    digests, judges = dataset.digests[dataset.rows("train")], []
    for teacher in teachers:
        assigned = assign_faces(teacher, digests)
        n_judges = np.sum([judged for _, judged in assigned], 0)
        for run, judged in assigned:
            network = read_network(require_weights(run), device)
            refuse_other_size(run, network.face_px, dataset.faces.shape[-1])
            judges.append(Judge(network, judged / n_judges / len(teachers)))
    return judges


def _read_kept(path: Path, n: int, n_views: int) -> np.ndarray:
    """(n, v, 7) float16 of the views classified so far; v is 0 if none are stored. Earlier versions stored (n, 7)."""
    again = "Delete it to compute them again."
    try:
        probs = read_array(path)
    except FileNotFoundError:
        return np.empty((n, 0, N_EXPRESSIONS), np.float16)
    except InputError as error:
        raise InputError(f"{path}, the teacher's probabilities, is damaged ({error}). {again}") from error
    probs = probs[:, None] if probs.ndim == 2 else probs
    if len(probs) != n or probs.shape[1] > n_views:
        raise InputError(
            f"{path} has the teacher's probabilities for {len(probs):,} faces in {probs.shape[1]} views, but "
            f"training has {n:,} in {n_views}. {again}"
        )
    return probs


def _keep(path: Path, probs: np.ndarray) -> None:
    buffer = io.BytesIO()
    np.save(buffer, probs)
    write_atomic(path, lambda temporary: temporary.write_bytes(buffer.getvalue()))
