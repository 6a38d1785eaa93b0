"""Limits on a source's training faces: a cap per class, or all classes reduced to the size of the rarest."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from fer_core.datasets.counts import LimitedTraining, TrainingCount
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS

Counts = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Limits:
    """A recipe's limits on its sources, by the names of `name_sources`; the defaults limit nothing.

    Attributes:
        caps: (source, maximum number of training faces per class).
        balance: sources whose classes are all reduced to the size of the rarest non-empty one.
    """

    caps: tuple[tuple[str, int], ...] = ()
    balance: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        twice = [source for source, n in Counter(self.sources).items() if n > 1]
        if twice:
            raise InputError(f"{twice[0]} has two limits. Give it one cap, or balance it.")
        for source, n in self.caps:
            if n < 1:
                raise InputError(f"The cap of {source} is {n}. Give a number of faces per class, 1 or more.")

    @property
    def sources(self) -> list[str]:
        """The limited sources."""
        return [*(source for source, _ in self.caps), *self.balance]

    def check_sources(self, names: list[str]) -> None:
        """Checks that every limited source is one of the data set's.

        Raises:
            InputError: for an unknown source; the message lists the existing ones.
        """
        for source in self.sources:
            if source not in names:
                raise InputError(f"There is no source {source!r} to cap or balance. Choose one of {', '.join(names)}.")


def parse_cap(text: str) -> tuple[str, int]:
    """`affectnet=3000` -> ("affectnet", 3000).

    Raises:
        InputError: for anything else.
    """
    source, _, n = text.partition("=")
    if not (source and n.isascii() and n.isdigit()):
        raise InputError(f"The cap {text!r} is not valid. Write SOURCE=FACES, for example affectnet=3000.")
    return source, int(n)


def choose_within(table: pd.DataFrame, limits: Limits, seed: int) -> np.ndarray:
    """(N,) bool: the faces to keep. All validation and test faces are kept, so that scores are comparable.

    A face's rank in the draw depends only on the seed and its id: the order of the table does not matter, and a few
    additional faces change the choice only slightly. Additional copies are excluded before different faces.

    Args:
        table: columns face_id, source, expression, split and copy_group.
        limits: of the recipe.
        seed: of the draw; the same seed gives the same choice on any machine.
    """
    stays = np.ones(len(table), bool)
    caps = dict(limits.caps)
    in_training = (table["split"] == "train").to_numpy()
    for source in limits.sources:
        rows = np.flatnonzero(in_training & (table["source"] == source).to_numpy())
        faces = table.iloc[rows][["expression", "copy_group"]].assign(row=rows, draw=_draw(table, rows, seed))
        faces = faces.sort_values("draw")
        faces["surplus"] = faces.duplicated(["expression", "copy_group"])
        place = faces.sort_values(["surplus", "draw"]).groupby("expression").cumcount()
        most = caps.get(source) or faces["expression"].value_counts().min()
        stays[faces["row"][place.index[place >= most]]] = False
    return stays


def limit_training(
    table: pd.DataFrame, read: Counts, limits: Limits, seed: int
) -> tuple[pd.DataFrame, LimitedTraining]:
    """The faces within the limits, and the entry `balance` of `dataset.json`.

    Args:
        table: as for `choose_within`, with corrected labels and without excluded flagged faces.
        read: `count_training` of the table after the split, with the sources' own labels.
        limits: of the recipe.
        seed: as in `choose_within`.

    Returns:
        The table, and training faces as they were split under the sources' own labels, then before and within the
        limits.
    """
    kept = table[choose_within(table, limits, seed)] if limits.sources else table
    before, after = count_training(table), count_training(kept)
    counts = tuple(
        TrainingCount(
            source=source,
            expression=expression,
            n_read=n_read,
            n_before=before.get((source, expression), 0),
            n_after=after.get((source, expression), 0),
        )
        for (source, expression), n_read in read.items()
    )
    return kept, LimitedTraining(n_left_out=len(table) - len(kept), counts=counts)


def count_training(table: pd.DataFrame) -> Counts:
    """(source, expression) -> number of training faces, including 0, in the order of sources and expressions."""
    codes, sources = pd.factorize(table["source"])
    names = pd.Index(EXPRESSIONS).get_indexer(table["expression"])
    known = (table["split"] == "train").to_numpy() & (names >= 0)
    places = codes[known] * len(EXPRESSIONS) + names[known]
    sizes = np.bincount(places, minlength=len(sources) * len(EXPRESSIONS)).tolist()
    return dict(zip(product(sources, EXPRESSIONS), sizes, strict=True))


def _draw(table: pd.DataFrame, rows: np.ndarray, seed: int) -> np.ndarray:
    """(n,) uint64 hashes of these faces' ids, by which they are ranked."""
    hashes = (hashlib.sha256(f"{seed} {face_id}".encode()).digest()[:8] for face_id in table["face_id"].iloc[rows])
    return np.frombuffer(b"".join(hashes), ">u8").astype(np.uint64)
