"""Which training faces train which head, by the sources that a config names for each. No torch here."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.base.text import count_of
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.runs.config import TrainConfig, split_names

ALL = "all"  # in labels_from and people_from: every source


@dataclass(frozen=True)
class Masks:
    """Which head each of n training faces trains, (n,) bool each.

    Attributes:
        labels: the labels head, by its label.
        voted: the people head, by its votes.
        labelled: the people head, by its label, because it has no votes.
    """

    labels: np.ndarray
    voted: np.ndarray
    labelled: np.ndarray


def has_people_head(config: TrainConfig, dataset: Dataset) -> bool:
    """Whether the network gets a people head: if one is requested, and there are votes or labels to train it."""
    return bool(config.votes_weight) and (dataset.votes is not None or bool(config.people_from))


def is_masked(config: TrainConfig) -> bool:
    """Whether each head's loss is the mean over the faces that train it.

    False only for runs of an earlier version, in which every face counts in the mean, with votes of 0 where it has
    none; such a run then ends as it began.
    """
    return bool(config.labels_from or config.people_from)


def mask_faces(dataset: Dataset, rows: np.ndarray, config: TrainConfig) -> Masks:
    """Which heads the n faces in these rows train under that config.

    Args:
        dataset: of the run.
        rows: (n,) row numbers.
        config: an empty `labels_from` means all here; `choose_sources` fills it in for a new run.
    """
    votes, sources = dataset.votes, dataset.table["source"].iloc[rows]
    nobody = np.zeros(len(rows), bool)
    voted = nobody if votes is None else np.nan_to_num(votes[rows]).any(1)
    labelled = is_of(config.people_from, sources) & ~voted if config.people_from else nobody
    if not has_people_head(config, dataset):
        voted = labelled = nobody
    return Masks(is_of(config.labels_from or ALL, sources), voted, labelled)


def choose_sources(config: TrainConfig, dataset: Dataset) -> TrainConfig:
    """The config of a new run; if `labels_from` is empty, it and `people_from` are filled in.

    If a data set has several sources, those of its validation faces train the labels head and the others
    the people head, if there is one. If there is none, or if every source has validation faces, as in a
    cross-validation, all train the labels head (`all`).

    Args:
        config: of a run to be created.
        dataset: its data set.
    """
    if config.labels_from:
        return config
    counts = dataset.info.counts
    names = {split: {row.source for row in counts if row.split == split} for split in ("train", "val")}
    held_out = _in_order(dataset, names["train"] & names["val"])
    others = _in_order(dataset, names["train"] - names["val"])
    if config.folds or not (held_out and others and config.votes_weight):
        return config.model_copy(update={"labels_from": ALL})
    people_from = config.people_from or ",".join(others)
    return config.model_copy(update={"labels_from": ",".join(held_out), "people_from": people_from})


def check_sources(config: TrainConfig, dataset: Dataset) -> None:
    """Refuses sources that cannot train their head.

    Raises:
        InputError: for a source that the data set lacks, labels for a people head that is not requested, and
            a head without training faces.
    """
    known = _in_order(dataset, {row.source for row in dataset.info.counts})
    for field in ("labels_from", "people_from"):
        wrong = [name for name in split_names(getattr(config, field)) if name not in (*known, ALL)]
        if wrong:
            raise InputError(
                f"{field}: {dataset.name} has no source {wrong[0]!r}. Choose from {', '.join(known)}, or {ALL}."
            )
    if config.people_from and not config.votes_weight:
        raise InputError(
            f"people_from: without a people head, {config.people_from} cannot be used. Set votes_weight, for "
            "example to 1, or leave people_from empty."
        )
    rows = dataset.rows("train")
    masks = mask_faces(dataset, rows, config)
    trained = ", ".join(dataset.table["source"].iloc[rows].unique())
    if not masks.labels.any():
        raise InputError(
            f"labels_from: no training face is from {config.labels_from!r}, so the labels head could not be "
            f"trained. Choose from {trained}."
        )
    if has_people_head(config, dataset) and not (masks.voted | masks.labelled).any():
        raise InputError(
            f"votes_weight: no training face of {dataset.name} has votes"
            f"{f' or is of {config.people_from}' if config.people_from else ''}, so the people head could not be "
            f"trained. Set votes_weight to 0, or people_from to one of {trained}."
        )


def describe_masks(config: TrainConfig, dataset: Dataset) -> str:
    """A sentence on which faces train which head, for a config of `choose_sources`; "" for a single source."""
    rows = dataset.rows("train")
    sources = dataset.table["source"].iloc[rows].to_numpy(object)
    if len(set(sources)) < 2:
        return ""
    masks = mask_faces(dataset, rows, config)
    text = f"The labels head is trained on {_count_sources(sources[masks.labels])}"
    people = [f"the votes on {count_of(int(masks.voted.sum()), 'face')}"] if masks.voted.any() else []
    if masks.labelled.any():
        people.append(f"the labels of {_count_sources(sources[masks.labelled])}")
    if people:
        text += f"; the people head from {' and '.join(people)}"
    idle = ~(masks.labels | masks.voted | masks.labelled)
    return f"{text}; no head is trained on {_count_sources(sources[idle])}." if idle.any() else f"{text}."


def is_of(names: str, sources: pd.Series) -> np.ndarray:
    """(n,) bool: which of the n sources are among the comma-separated names, one of which may be `all`."""
    chosen = split_names(names)
    return np.ones(len(sources), bool) if ALL in chosen else np.array(sources.isin(chosen), bool)


def _in_order(dataset: Dataset, names: set[str]) -> list[str]:
    """The names in the order in which the data set has its sources."""
    return [name for name in dict.fromkeys(row.source for row in dataset.info.counts) if name in names]


def _count_sources(sources: np.ndarray) -> str:
    """`28,709 faces of fer2013 and 8,657 faces of affectnet`."""
    return " and ".join(
        f"{count_of(int((sources == name).sum()), 'face')} of {name}" for name in dict.fromkeys(sources.tolist())
    )
