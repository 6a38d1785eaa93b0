"""FER+ as folders: FER2013's faces as PNG files, and ten people's votes on each.

Contents: FER2013Train, FER2013Valid and FER2013Test, each with its images and label.csv: image name, box in px,
then the votes for neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown and NF (no face).
Labels: the majority vote of the ten; contempt, unknown, NF and ties are excluded and counted.
Subjects: not given.
Splits: the three folders; 28,709, 3,589 and 3,589 faces before the authors' exclusions.
Publication: Barsoum et al., Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution, ICMI 2016; the faces: Goodfellow et al., Challenges in Representation Learning, ICONIP 2013.
Votes: each face's vote shares among the seven expressions are read as columns `votes_<expression>`, and the majority
vote as `vote_majority`.
Licence: research use for the faces, MIT for the votes.
Known faults: FER2013's copies across the splits; a few pictures that do not show a face.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, parse_expression
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.ignored import list_folders
from fer_core.sources.listing import Finder, list_files
from fer_core.sources.lists.csv_files import read_text
from fer_core.sources.lists.rows import NO_IMAGE, Rows
from fer_core.sources.readers.image_folder import is_picture
from fer_core.sources.records import MAJORITY, VOTES, Problem, Reading

_FOLDERS = {"fer2013train": "train", "fer2013valid": "val", "fer2013test": "test"}
_LIST = "label.csv"
_VOTES: tuple[str, ...] = (
    "neutral",
    "happy",
    "surprise",
    "sad",
    "angry",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "not-a-face",
)
_OUTSIDE = {"contempt": "contempt", "unknown": "unknown", "not-a-face": "nf"}  # by the names of fer_core.labels
_ANSWERS = {"contempt": "contempt", "unknown": "unknown", "nf": "not-a-face", "not a face": "not-a-face"}
_BOX = re.compile(r'"?\(([^()]*)\)"?')
_WHOLE = (0, 0, 48, 48)
TIE = "two answers lead the votes"
_LAYOUT = "FER+, folder form (FER2013Train, FER2013Valid, FER2013Test, each with label.csv)"


def find_ferplus(path: Path) -> str | None:
    """The layout if `path` contains one of the three folders with its label.csv, else None."""
    return _LAYOUT if _parts(path) else None


def read_ferplus(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces of the three folders labelled by majority vote, with their votes.

    Raises:
        InputError: if there is none of the folders.
    """
    parts = _parts(path)
    if not parts:
        raise InputError(f"{path} is not FER+. Expected FER2013Train, FER2013Valid, FER2013Test, each with label.csv.")
    finder, votes = Finder(path), dict[str, np.ndarray]()
    rows = Rows(classes, finder.find)
    for folder, usage in parts:
        _read_part(path, folder, usage, rows, votes)
    reading = rows.build_reading("ferplus", _LAYOUT, path)
    counts = np.array([votes[o.partition("#")[0]] for o in reading.table["origin"]]).reshape(-1, len(_VOTES))
    reading.table = pd.concat([reading.table, _share(counts)], axis=1)
    reading.notes.append(f"{count_of(len(counts), 'face')} with votes of several people (FER+)")
    return reading


def _read_part(root: Path, folder: Path, usage: str, rows: Rows, votes: dict[str, np.ndarray]) -> None:
    images, strays = list_files(folder)
    rows.problems += [Problem(f"{folder.name}/{stray.origin}", stray.message) for stray in strays]
    listed, on_disk, order = {_LIST}, set(images), _VOTES
    lines = [(i, line) for i, line in enumerate(read_text(folder / _LIST).splitlines(), 1) if line.strip()]
    if lines and _is_header(lines[0][1]):
        order = _read_header(lines.pop(0)[1], f"{folder.name}/{_LIST}")
    for number, line in lines:
        where = f"{folder.name}/{_LIST} line {number}"
        try:
            name, box, counts = _parse(line, order)
        except ValueError as error:
            rows.problems.append(Problem(where, str(error)))
            continue
        name = f"{name}.png" if name not in on_disk and f"{name}.png" in on_disk else name
        listed.add(name)
        leading = np.flatnonzero(counts == counts.max())
        if len(leading) > 1:
            rows.left_out[TIE] += 1
            continue
        answer, origin = _VOTES[leading[0]], f"{folder.name}/{name}"
        votes[origin] = counts
        rows.add(where, _OUTSIDE.get(answer, answer), origin, usage=usage, face=box.replace(",", "-"), box=box)
    for image in images:
        if image not in listed:
            if is_picture(folder / image):
                rows.problems.append(Problem(f"{folder.name}/{image}", f"{_LIST} does not list it"))
            else:
                rows.left_out[NO_IMAGE] += 1


def _is_header(line: str) -> bool:
    """Whether a first line names columns: none of its fields is a count."""
    return not any(re.fullmatch(r"[-+\d.]+", field) for field in _split(line)[2:])


def _read_header(line: str, where: str) -> tuple[str, ...]:
    """The answer that each column of votes counts, in the order of the columns.

    Raises:
        InputError: if the columns after the image and the box are not the ten answers.
    """
    fields = [field.lower() for field in _split(line)[1:]]
    fields = fields[1:] if fields[:1] == ["box"] else fields
    answers = tuple(parse_expression(field) or _ANSWERS.get(field, field) for field in fields)
    if sorted(answers) != sorted(_VOTES):
        raise InputError(
            f"{where} names the columns {', '.join(fields)}; expected an image, a box and the votes for "
            f"{', '.join(_VOTES[:-1])} and NF, in any order. Rename the columns in its first line."
        )
    return answers


def _parse(line: str, order: tuple[str, ...]) -> tuple[str, str, np.ndarray]:
    """(image, box or "" for the whole image, ten counts in the order of _VOTES) of a line.

    Args:
        line: such as `fer0000000.png,"(0, 0, 48, 48)",4,0,...`; the box may be missing.
        order: the answer that each column counts.

    Raises:
        ValueError: with a phrase.
    """
    found = _BOX.search(line)
    fields = _split(line)
    votes = fields[2 if found or len(fields) == len(_VOTES) + 2 else 1 :]
    try:
        corners = tuple(int(number) for number in found[1].split(",")) if found else _WHOLE
        by_answer = dict(zip(order, map(float, votes), strict=True))
    except ValueError as error:
        raise ValueError(f"expected an image, a box and ten votes, got {line[:60]!r}") from error
    if not fields[0] or len(corners) != 4 or (not found and fields[1:-10] not in ([], [""])):
        raise ValueError(f"expected an image, a box and ten votes, got {line[:60]!r}")
    counts = np.array([by_answer[answer] for answer in _VOTES])
    if not np.isfinite(counts).all() or counts.min() < 0 or counts.sum() == 0:
        raise ValueError(f"its votes {','.join(votes)} are not counts")
    left, top, right, bottom = corners
    if left >= right or top >= bottom:
        raise ValueError(f"its box {left},{top},{right},{bottom} is empty")
    return fields[0], "" if corners == _WHOLE else ",".join(map(str, corners)), counts


def _split(line: str) -> list[str]:
    """The fields of a line separated by commas, semicolons or tabs; a box is one field."""
    plain = _BOX.sub("box", line)
    separator = max(",;\t", key=plain.count)
    return [field.strip().strip('"').strip() for field in plain.split(separator)]


def _share(counts: np.ndarray) -> pd.DataFrame:
    """The columns of votes of (N, 10) counts."""
    of_seven = counts[:, [_VOTES.index(expression) for expression in EXPRESSIONS]].astype(np.float32)
    with np.errstate(invalid="ignore"):  # a person may have said that contempt is one of the seven
        shares = of_seven / of_seven.sum(1, keepdims=True)
    columns = pd.DataFrame(shares, columns=[f"{VOTES}{expression}" for expression in EXPRESSIONS])
    return columns.assign(**{MAJORITY: np.array(_VOTES, object)[counts.argmax(1)] if len(counts) else []})


def _parts(path: Path) -> list[tuple[Path, str]]:
    found = ((folder, _FOLDERS.get(folder.name.lower())) for folder in list_folders(path))
    return [(folder, usage) for folder, usage in found if usage and (folder / _LIST).is_file()]
