"""FER+: how ten people tagged each face of FER2013.

Contents: `fer2013new.csv`, one line per row of fer2013.csv, in the same order, with its Usage and a name.
Labels: counts of votes for eight expressions, "unknown" and "NF" (no face).
Publication: Barsoum et al., Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
Label Distribution, ICMI 2016. Licence: MIT.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.lists.columns import USAGES
from fer_core.sources.lists.csv_files import read_csv
from fer_core.sources.pixels.parse import PixelRows
from fer_core.sources.records import MAJORITY, VOTES, Reading

VOTES_NAME = "fer2013new.csv"
# The taggers' choices, by their names in this project; the first seven are EXPRESSIONS in another order.
_COLUMNS = {
    "anger": "angry", "disgust": "disgust", "fear": "fear", "happiness": "happy",
    "sadness": "sad", "surprise": "surprise", "neutral": "neutral",
    "contempt": "contempt", "unknown": "unknown", "NF": "not-a-face",
}  # fmt: skip
_NAME = "Image name"
_NAMES = (_NAME.lower(), "image_name", "image", "filename", "file_name", "name")  # of a CSV's column of names
_MIN_VOTED = 40  # faces, to distinguish agreement from chance
_MIN_KAPPA = 0.1  # least agreement above chance, of what is possible
_NOT_KNOWN: Mapping[int, tuple[int, ...]] = MappingProxyType({})
_WAY_ON = f"Give the original fer2013.csv, or move {VOTES_NAME} away to continue without votes."


def add_votes(reading: Reading, faces: PixelRows, known_rows: Mapping[int, tuple[int, ...]] = _NOT_KNOWN) -> None:
    """Adds the votes beside the CSV to its reading, one column each, with a note; without votes nothing happens.

    Args:
        reading: of the CSV; its faces are named as in `PixelRows.origins`.
        faces: the CSV's rows.
        known_rows: as in `read_votes`.

    Raises:
        InputError: if the votes cannot be assigned to faces.
    """
    file = (reading.root if faces.files else reading.root.parent) / VOTES_NAME
    if not file.is_file():
        return
    votes = read_votes(file, faces, known_rows).set_axis(faces.origins)
    reading.table = pd.concat([reading.table, votes.loc[reading.table["origin"]].reset_index(drop=True)], axis=1)
    _check_agreement(reading.table, file)
    reading.layout += f", {VOTES_NAME} (FER+ votes)"
    n_voted = int(reading.table[f"{VOTES}neutral"].notna().sum())
    reading.notes.append(f"{count_of(n_voted, 'face')} with votes of several people (FER+)")


def read_votes(path: Path, faces: PixelRows, known_rows: Mapping[int, tuple[int, ...]]) -> pd.DataFrame:
    """Columns votes_<expression>: shares among the seven, NaN if none of the seven had a vote; and vote_majority.

    vote_majority is the most frequent answer: one of the seven, contempt, unknown, not-a-face; "tie" if two or more
    lead; None if nobody voted, or if faces are matched by name and this one has no votes.

    Votes are matched to faces by name if the CSV also has names, otherwise by row if both files have the same number
    of rows and the same Usage in each.

    Args:
        path: of fer2013new.csv.
        faces: the rows of fer2013.csv.
        known_rows: a face's position -> its rows in the original file, if known.

    Raises:
        InputError: if a column is missing, or the votes cannot be assigned to faces.
    """
    table = read_csv(path, tuple(_COLUMNS))
    votes = table.rename(columns=_COLUMNS)[list(_COLUMNS.values())].apply(pd.to_numeric, errors="coerce")
    wrong = votes.index[votes.isna().any(axis=1)]
    if len(wrong):
        raise InputError(f"{path} row {wrong[0]} has a vote count that is not a number. Download it again.")
    table.columns = [str(name).lower() for name in table.columns]
    names = next((faces.fields[name] for name in _NAMES if name in faces.fields), None)
    if names is not None and _NAME.lower() in table:
        places = _match_names(table[_NAME.lower()], names, path)
    else:
        _check_rows(table, faces, known_rows, path)
        places = faces.row - 1
    found = votes.iloc[np.maximum(places, 0)].reset_index(drop=True)
    found[places < 0] = 0
    counts = found[list(EXPRESSIONS)].to_numpy(np.float32)
    with np.errstate(invalid="ignore"):
        shares = counts / counts.sum(1, keepdims=True)
    columns = pd.DataFrame(shares, columns=[f"{VOTES}{expression}" for expression in EXPRESSIONS])
    return columns.assign(**{MAJORITY: _find_majority(found)})


def _match_names(listed: pd.Series, names: list[str], path: Path) -> np.ndarray:
    """(n,) position of each name in the list, -1 for a missing one."""
    listed = listed.str.strip().reset_index(drop=True)
    place = {name: i for i, name in enumerate(listed) if name}
    if len(place) < int((listed != "").sum()):
        raise InputError(f"{path} contains a name twice, so its votes cannot be assigned to faces. {_WAY_ON}")
    places = np.array([place.get(name.strip(), -1) for name in names], dtype=np.int64)
    if len(places) and (places < 0).all():
        raise InputError(
            f"{path} has none of the names ({names[0]!r}, ...), so its votes belong to other faces. {_WAY_ON}"
        )
    return places


def _check_rows(table: pd.DataFrame, faces: PixelRows, known_rows: Mapping[int, tuple[int, ...]], path: Path) -> None:
    """Returns if the rows of both files belong to the same faces."""
    if len(table) != faces.n_rows:
        raise InputError(
            f"{path} has {len(table):,} rows but there are {faces.n_rows:,} faces, so its votes cannot be "
            f"assigned to faces. {_WAY_ON}"
        )
    moved = next((i for i, rows in known_rows.items() if faces.row[i] not in rows), None)
    if moved is not None:
        raise InputError(
            f"Row {faces.row[moved]} of the faces is row {known_rows[moved][0]} of the original fer2013.csv, whose "
            f"order {path} follows. {_WAY_ON}"
        )
    if known_rows and "usage" not in faces.fields:
        return
    if "usage" not in faces.fields or "usage" not in table:
        raise InputError(
            f"Without a column Usage in both files, the votes in {path} cannot be assigned to faces. {_WAY_ON}"
        )
    usages = table["usage"].iloc[faces.row - 1].map(_parse_usage)
    differs = np.flatnonzero(usages.to_numpy() != np.array(list(map(_parse_usage, faces.fields["usage"])), object))
    if len(differs):
        number = faces.row[differs[0]]
        raise InputError(
            f"{path} row {number} is from {table['usage'].loc[number]} but that row of the faces is from "
            f"{faces.fields['usage'][differs[0]]}, so its votes belong to other faces. {_WAY_ON}"
        )


def _check_agreement(table: pd.DataFrame, path: Path) -> None:
    """Refuses votes that agree with the labels of a split's faces no better than the votes of other faces would.

    In FER2013 they agree on about 65 % of the faces; the votes of random faces agree on about 18 %.
    """
    for usage, voted in table[table[MAJORITY].isin(EXPRESSIONS)].groupby("usage"):
        agreed = float((voted["expression"] == voted[MAJORITY]).mean())
        labels, chosen = (voted[name].value_counts(normalize=True) for name in ("expression", MAJORITY))
        by_chance = float((labels * chosen).fillna(0).sum())
        if len(voted) >= _MIN_VOTED and agreed - by_chance < _MIN_KAPPA * (1 - by_chance):
            raise InputError(
                f"{path} agrees with the labels of {agreed:.0%} of the {usage or 'unsplit'} faces, which is no "
                f"more than chance ({by_chance:.0%}), so its votes belong to other faces. {_WAY_ON}"
            )


def _parse_usage(text: str) -> str:
    return USAGES.get(text.strip().lower(), text.strip().lower())


def _find_majority(votes: pd.DataFrame) -> np.ndarray:
    """(N,) object: the column with the most votes, "tie", or None."""
    counts = votes.to_numpy()
    most = counts.max(1)
    majority = votes.columns.to_numpy(object)[counts.argmax(1)]
    majority[(counts == most[:, None]).sum(1) > 1] = "tie"
    majority[most == 0] = None
    return majority
