"""Acts of a person on a page: the browser sends them until they are confirmed, and each is written exactly once.

An act is a JSON object with an `id` that the browser made (letters, digits and hyphens), `who`, and one of

- a decision: `face_id` and `sha256` of the face that was on the screen, `expression` (one of the seven, or "drop") and
  `why`; it becomes the correction `<id>.0`;
- an undo: `undo`, the id of a correction, which need not have been written yet.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fer_core.datasets.corrections.log import Correction, CorrectionLog, Undo, this_person
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError

_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True)
class Answer:
    """The outcome of acts.

    Attributes:
        taken: ids of those that are in the list now, or whose undo had nothing left to undo.
        refused: id -> the sentence that says why it cannot be written.
    """

    taken: list[str]
    refused: dict[str, str]


def name_correction(act_id: str) -> str:
    """The id of the correction that a decision becomes."""
    return f"{act_id}.0"


def take_acts(dataset: Dataset, log: CorrectionLog, acts: Sequence[Mapping[str, Any]]) -> Answer:
    """Writes the acts that are not in the list yet, in their order, and returns the outcome of each.

    Args:
        dataset: the data set with the faces.
        log: its log of corrections.
        acts: as sent by the browser, some of them repeatedly.
    """
    log.refresh()
    new = [act for act in acts if not {_id_of(act), name_correction(_id_of(act))} & log.seen]
    refused: dict[str, str] = {}
    if new:
        log.write_once(_read_acts(dataset, log, new, refused))
    return Answer([_id_of(act) for act in acts if _id_of(act) not in refused], refused)


def _id_of(act: Mapping[str, Any]) -> str:
    return str(act.get("id", ""))


def _read_acts(
    dataset: Dataset, log: CorrectionLog, acts: Sequence[Mapping[str, Any]], refused: dict[str, str]
) -> list[Correction | Undo]:
    """The lines to write; the reasons for refusing the others are added to `refused`."""
    faces = _find_faces(dataset, [str(act.get("face_id")) for act in acts])
    labels: dict[str, dict[str, str]] = {face_id: {} for face_id in faces}  # what stands, by correction
    for correction in log.standing.values():
        if correction.face_id in labels:
            labels[correction.face_id][correction.correction_id] = correction.expression
    lines: list[Correction | Undo] = []
    for act in acts:
        try:
            line = _read_undo(act) if "undo" in act else _read_decision(act, dataset.name, faces, labels)
        except InputError as error:
            refused[_id_of(act)] = str(error)
            continue
        if isinstance(line, Correction):
            labels[line.face_id][line.correction_id] = line.expression
        elif line.undo in {name_correction(act_id) for act_id in refused}:
            continue  # nothing was written that it could take back
        else:
            for standing in labels.values():
                standing.pop(line.undo, None)
        lines.append(line)
    return lines


def _find_faces(dataset: Dataset, face_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """face_id -> (sha256, label), of the faces that the data set contains."""
    table = dataset.table
    found = table.loc[table["face_id"].isin(face_ids), ["face_id", "sha256", "expression"]]
    return {face_id: (sha256, label) for face_id, sha256, label in found.itertuples(index=False)}


def _read_undo(act: Mapping[str, Any]) -> Undo:
    return Undo(str(act["undo"]), str(act.get("who") or this_person()), _check_id(act))


def _read_decision(
    act: Mapping[str, Any], name: str, faces: Mapping[str, tuple[str, str]], labels: Mapping[str, Mapping[str, str]]
) -> Correction:
    face_id = str(act.get("face_id"))
    correction_id = name_correction(_check_id(act))
    sha256, label = faces.get(face_id, ("", ""))
    if not sha256 or sha256 != act.get("sha256"):
        raise InputError(
            f"The decision on {face_id} was not saved: {name} was assembled again and no longer has that face. "
            "Reload the page."
        )
    before = list(labels[face_id].values())[-1] if labels[face_id] else label
    who, why = str(act.get("who") or this_person()), str(act.get("why", ""))
    return Correction(
        face_id=face_id,
        sha256=sha256,
        expression=str(act.get("expression")),
        before=before,
        kind="person",
        who=who,
        why=why,
        correction_id=correction_id,
    )


def _check_id(act: Mapping[str, Any]) -> str:
    if not _ID.fullmatch(_id_of(act)):
        raise InputError(f"A decision arrived without a valid id ({_id_of(act)!r}) and was not saved. Reload the page.")
    return _id_of(act)
