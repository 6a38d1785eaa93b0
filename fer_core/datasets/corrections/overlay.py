"""Applies votes and corrections to the sources' labels. Pure functions without file access."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.datasets.corrections.log import DROP, Correction
from fer_core.datasets.counts import LabelChange, LabelChanges, LabelKind
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.records import MAJORITY

LABELS = ("source", "votes")
DROPS = ("unknown", "not-a-face", "contempt", "tie")
RELABEL = ("train", "all")


@dataclass(frozen=True)
class Rules:
    """A recipe's rules for labels; the defaults apply only corrections made by hand or from a file.

    Attributes:
        labels: votes: a face gets its majority vote; a tie, unknown and not-a-face keep the source's label,
            contempt excludes the face.
        drop: majorities whose faces are excluded, of DROPS.
        relabel: train: change only training faces, so that scores stay comparable; all: test faces too.
    """

    labels: str = "source"
    drop: tuple[str, ...] = ()
    relabel: str = "train"

    def __post_init__(self) -> None:
        unknown = [what for what in self.drop if what not in DROPS]
        if unknown:
            raise InputError(f"drop: unknown {', '.join(unknown)}: choose from {', '.join(DROPS)}.")
        for name, value, known in (("labels", self.labels, LABELS), ("relabel", self.relabel, RELABEL)):
            if value not in known:
                raise InputError(f"{name}: unknown {value!r}: choose one of {', '.join(known)}.")

    @property
    def need_votes(self) -> bool:
        """Whether the rules use votes."""
        return self.labels == "votes" or bool(self.drop)


@dataclass(frozen=True)
class Overlay:
    """The new label of every face of a table.

    Attributes:
        expression: (N,) object, one of EXPRESSIONS, or DROP for a face to exclude.
        label_from: (N,) object: the source's name, votes, pseudo:<file>, confident-learning or person:<who>.
        changes: the counts for `dataset.json`: changed, dropped, held back and not found.
    """

    expression: np.ndarray
    label_from: np.ndarray
    changes: LabelChanges


def lay_over(table: pd.DataFrame, rules: Rules, corrections: Sequence[Correction]) -> Overlay:
    """Applies the votes, then the corrections in order, to the sources' labels: the last one wins.

    Args:
        table: columns face_id, sha256, source, split, original_expression, and MAJORITY if the rules need votes.
        rules: of the recipe.
        corrections: those in effect, in order.

    Raises:
        InputError: if the rules need votes and no face has any.
    """
    original = table["original_expression"].to_numpy(object)
    expression, label_from = original.copy(), table["source"].to_numpy(object).copy()
    if rules.need_votes:
        _take_votes(table, rules, expression, label_from)
    decided, n_lost = _decide(table, corrections)
    for row, correction in decided.items():
        expression[row], label_from[row] = correction.expression, _name_origin(correction)
    held = np.full(len(table), rules.relabel == "train") & (table["split"] != "train").to_numpy()
    differs = expression != original
    n_held = int((held & differs).sum())
    expression[held], label_from[held] = original[held], table["source"].to_numpy(object)[held]
    changes = _count(original, expression, label_from)
    return Overlay(expression, label_from, changes.model_copy(update={"n_held_back": n_held, "n_not_found": n_lost}))


def _take_votes(table: pd.DataFrame, rules: Rules, expression: np.ndarray, label_from: np.ndarray) -> None:
    if MAJORITY not in table or table[MAJORITY].isna().all():
        raise InputError("No source has votes. Put fer2013new.csv next to fer2013.csv, or do not set labels and drop.")
    majority = table[MAJORITY].to_numpy(object)
    left_out = {*rules.drop, *(["contempt"] if rules.labels == "votes" else [])}
    dropped = np.isin(majority.astype(str), list(left_out))
    named = np.isin(majority.astype(str), EXPRESSIONS) if rules.labels == "votes" else np.zeros(len(table), bool)
    expression[named], expression[dropped] = majority[named], DROP
    label_from[named | dropped] = "votes"


def _decide(table: pd.DataFrame, corrections: Iterable[Correction]) -> tuple[dict[int, Correction], int]:
    """Row -> the last correction of its face, and the number of corrections without a face.

    A face is identified by name and pixels; if no face of that name has these pixels, every face with the same
    pixels matches, because the source or its files may have been renamed.
    """
    corrections = list(corrections)
    if not corrections:
        return {}, 0
    by_name = {key: row for row, key in enumerate(zip(table["face_id"], table["sha256"], strict=True))}
    by_pixels: dict[str, np.ndarray] | None = None
    decided: dict[int, Correction] = {}
    n_lost = 0
    for correction in corrections:
        row = by_name.get((correction.face_id, correction.sha256))
        rows: Sequence[int] | np.ndarray = [row] if row is not None else []
        if row is None:
            by_pixels = table.groupby("sha256", sort=False).indices if by_pixels is None else by_pixels
            rows = by_pixels.get(correction.sha256, [])
        n_lost += not len(rows)
        decided.update(dict.fromkeys(map(int, rows), correction))
    return decided, n_lost


def _name_origin(correction: Correction) -> str:
    if correction.kind == "person":
        return f"person:{correction.who}"
    return f"pseudo:{correction.why}" if correction.kind == "pseudo" else correction.kind


def _count(original: np.ndarray, expression: np.ndarray, label_from: np.ndarray) -> LabelChanges:
    rows = np.flatnonzero(expression != original)
    pairs = Counter(zip(original[rows], expression[rows], strict=True))
    kinds = Counter((label_from[row].partition(":")[0], expression[row] == DROP) for row in rows)
    order = (*EXPRESSIONS, DROP)
    return LabelChanges(
        n_changed=sum(n for (_, new), n in pairs.items() if new != DROP),
        n_dropped=sum(n for (_, new), n in pairs.items() if new == DROP),
        by_kind=tuple(
            LabelKind(kind=kind, changed=kinds[kind, False], dropped=kinds[kind, True])
            for kind in dict.fromkeys(kind for kind, _ in kinds)
        ),
        from_to=tuple(LabelChange(old=a, new=b, n=pairs[a, b]) for a in EXPRESSIONS for b in order if (a, b) in pairs),
    )
