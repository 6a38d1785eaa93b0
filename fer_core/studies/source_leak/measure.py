"""Source leakage: how well the pixels of a face reveal its source, before and after assembling.

A network that recognises the source can mistake it for the expression where the sources' classes differ. So a small
classifier is trained to predict the source, on equally many faces of each expression per source, twice with the same
faces: on the sources' original images, scaled to one size, and on the faces of the data set.
No torch here; the classifier is `fer_core.studies.source_leak.net`.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from PIL import Image

from fer_core.base.files import read_document, write_json
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.originals import read_originals
from fer_core.labels import EXPRESSIONS
from fer_core.studies.source_leak.draw import LeakDraw, can_tell, draw_faces

LEAK = "source_leak.json"  # in the data set's folder
_RESAMPLES = 1000  # of the confidence interval

Classify = Callable[[np.ndarray, np.ndarray, np.ndarray, int, Callable[[int, int], None]], np.ndarray]
"""(pixels, source numbers, is_test, seed, progress) -> the source numbers that it takes the test faces for."""


@dataclass(frozen=True)
class Classified:
    """The scores of a source classifier.

    Attributes:
        balanced_accuracy: mean over the sources of the share of faces classified correctly.
        low: lower end of its 95 % interval, from resampling whole groups.
        high: upper end.
        confusion: (S, S) counts, rows true.
    """

    balanced_accuracy: float
    low: float
    high: float
    confusion: list[list[int]]


@dataclass(frozen=True, kw_only=True)
class SourceLeak:
    """The source leakage of one data set.

    Attributes:
        fingerprint: of the data set.
        sources: their names, in the order of the confusions.
        chance: balanced accuracy of a guess.
        before: from the sources' original images; None if too few of them can still be read.
        after: from the data set's faces.
        n_train: training faces.
        n_test: classified faces.
        n_missing: faces whose original image can no longer be read; if there is a `before`, they are in neither.
        expressions: expression -> number of faces drawn from each source.
        matched: as in LeakDraw.
        seed: of the draw, the split and the classifier.
    """

    fingerprint: str
    sources: list[str]
    chance: float
    before: Classified | None
    after: Classified
    n_train: int
    n_test: int
    n_missing: int
    expressions: dict[str, int]
    matched: bool
    seed: int

    def describe_draw(self) -> str:
        """The drawn expressions as text."""
        if not self.matched:
            return "the sources share too few faces of any expression, so the expression itself may reveal the source"
        drawn = ", ".join(f"{n:,} {expression}" for expression, n in self.expressions.items())
        left_out = ", ".join(expression for expression in EXPRESSIONS if expression not in self.expressions)
        return f"{drawn} from each source" + (f"; not all sources have {left_out}" if left_out else "")


def measure_leak(
    dataset: Dataset,
    classify: Classify,
    n_per_source: int = 1500,
    seed: int = 0,
    progress: Callable[[str, int, int], None] = lambda step, done, total: None,
) -> SourceLeak:
    """Trains the classifier on original images and on the data set's faces, and writes the result into its folder.

    Raises:
        InputError: for a data set with one source or too few faces.
    """
    draw = draw_faces(dataset.table, n_per_source, seed)
    before, readable = _read_before(dataset, draw, progress)
    has_before = can_tell(draw, readable)
    used = readable if has_before else np.ones(len(readable), bool)
    group, source, is_test = draw.group[used], draw.source[used], draw.is_test[used]

    def tell(name: str, pixels: np.ndarray) -> Classified:
        step = f"predicting the source {name}"
        predicted = classify(pixels, source, is_test, seed, lambda done, total: progress(step, done, total))
        return score_sources(source[is_test], predicted, group[is_test], len(draw.sources), seed)

    leak = SourceLeak(
        fingerprint=dataset.info.fingerprint,
        sources=list(draw.sources),
        chance=1 / len(draw.sources),
        before=tell("before", before[used]) if has_before else None,
        after=tell("after", np.asarray(dataset.faces[draw.rows[used]])[..., None]),
        n_train=int((~is_test).sum()),
        n_test=int(is_test.sum()),
        n_missing=int((~readable).sum()),
        expressions=draw.expressions,
        matched=draw.matched,
        seed=seed,
    )
    write_json(dataset.path / LEAK, asdict(leak))
    progress("done", 1, 1)
    return leak


def read_leak(dataset: Dataset) -> SourceLeak | None:
    """The result for the current version of the data set; None if it was not measured."""
    try:
        found = read_document(dataset.path / LEAK, *SourceLeak.__dataclass_fields__)
    except FileNotFoundError:
        return None
    if found["fingerprint"] != dataset.info.fingerprint:
        return None
    known = {name: found[name] for name in SourceLeak.__dataclass_fields__}
    classified = {name: Classified(**found[name]) if found[name] else None for name in ("before", "after")}
    return SourceLeak(**{**known, **classified})


def score_sources(
    source: np.ndarray, predicted: np.ndarray, group: np.ndarray, n_sources: int, seed: int
) -> Classified:
    """Balanced accuracy with its interval, from resampling whole groups, because faces of one group are alike.

    Args:
        source: (n,) the true sources' numbers.
        predicted: (n,) predicted sources' numbers.
        group: (n,) numbers of what belongs together.
        n_sources: number of sources, each with at least one face.
        seed: of the resampling.
    """
    confusion = np.bincount(source * n_sources + predicted, minlength=n_sources**2).reshape(n_sources, -1)
    rng = np.random.default_rng(seed)
    recalls = []
    for s in range(n_sources):
        member = pd.factorize(group[source == s])[0]
        n = np.bincount(member)
        hits = np.bincount(member, predicted[source == s] == s)
        weights = rng.multinomial(len(n), np.full(len(n), 1 / len(n)), _RESAMPLES)
        recalls.append(weights @ hits / (weights @ n))
    low, high = np.quantile(np.mean(recalls, 0), (0.025, 0.975))
    accuracy = float(np.mean(np.diag(confusion) / confusion.sum(1)))
    return Classified(accuracy, float(low), float(high), confusion.tolist())


def _read_before(
    dataset: Dataset, draw: LeakDraw, progress: Callable[[str, int, int], None]
) -> tuple[np.ndarray, np.ndarray]:
    """(n, size, size, 3) uint8 of the sources' pictures, stretched to the data set's size; (n,) which can be read."""
    size = dataset.info.size_px
    pixels = np.zeros((len(draw.rows), size, size, 3), np.uint8)
    readable = np.zeros(len(draw.rows), bool)
    for i, (row, picture) in enumerate(read_originals(dataset, draw.rows), start=1):
        at = np.searchsorted(draw.rows, row)
        pixels[at] = np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC))
        readable[at] = True
        progress("reading the sources' images", i, len(draw.rows))
    return pixels, readable
