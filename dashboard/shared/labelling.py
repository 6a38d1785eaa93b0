"""The data for a page's labeller: faces by face_id, their pictures, corrections in effect, and the keys' meaning."""

import base64
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from dashboard.services.corrections import answer_acts
from dashboard.shared.labeller import Sent
from dashboard.theme import EXPRESSION_COLOURS
from fer_core.datasets.corrections.log import Correction
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.splits import SPLITS
from fer_core.labels import EXPRESSIONS

RELABEL_ALL = "assemble with *Faces that may change* on *validation and test faces too*"
_LOSSLESS_PX = 64  # larger pictures are sent as JPEG


def answer_sent(sent: Sent) -> dict[str, object]:
    """Writes the acts that the labeller sent; returns the part of its data that confirms them."""
    return {"revision": sent.revision, **answer_acts(sent.acts)}


def describe_keys(dataset: Dataset, who: str, why: str) -> dict[str, object]:
    """The part of the labeller's data that describes the keys and the effect of a correction."""
    return {
        "dataset": dataset.name,
        "who": who,
        "why": why,
        "expressions": [{"name": name, "colour": EXPRESSION_COLOURS[name]} for name in EXPRESSIONS],
        "notes": {split: _describe_held_back(split) for split in SPLITS if dataset.info.recipe.holds_back(split)},
    }


def describe_faces(
    dataset: Dataset, face_ids: Sequence[str], more: Mapping[str, Mapping[str, Any]], listed: Collection[str]
) -> list[dict[str, object]]:
    """The faces that the data set still has, in the form that the labeller expects.

    Args:
        dataset: the data set with the faces.
        face_ids: the faces, in order.
        more: face_id -> fields that differ from the defaults: suggested, opinions, facts, name.
        listed: face_ids of the list under review.
    """
    rows = dataset.find_rows(face_ids)
    table = dataset.table.iloc[rows[rows >= 0]]
    columns = (table[name].tolist() for name in ("face_id", "sha256", "split", "expression"))
    return [
        {
            "face_id": face_id, "sha256": sha256, "split": split, "expression": expression, "name": face_id,
            "suggested": "", "opinions": None, "facts": [], "picture": _name_picture(sha256),
            "is_listed": face_id in listed, **more.get(face_id, {}),
        }
        for face_id, sha256, split, expression in zip(*columns, strict=True)
    ]  # fmt: skip


def draw_pictures(dataset: Dataset, faces: Iterable[Mapping[str, Any]], held: Collection[str]) -> dict[str, str]:
    """{name: data URL} of the faces' pictures that the browser does not have yet."""
    lacking = {face["picture"]: face["face_id"] for face in faces if face["picture"] not in held}
    rows = dataset.find_rows(list(lacking.values()))
    return {name: _to_url(dataset.faces[row]) for name, row in zip(lacking, rows, strict=True)}


def describe_corrections(corrections: Iterable[Correction]) -> list[dict[str, str]]:
    """The history in the form that the labeller expects."""
    return [
        {
            "id": c.correction_id, "face_id": c.face_id, "before": c.before, "expression": c.expression, "who": c.who,
            "when": c.when, "kind": c.kind,
        }
        for c in corrections
    ]  # fmt: skip


def read_opinions(faces: pd.DataFrame, columns: Sequence[str]) -> list[list[float] | None]:
    """Each face's 7 shares; None for a face without votes or probabilities."""
    shares = faces[list(columns)].to_numpy(float)
    return [np.round(row, 4).tolist() if np.isfinite(row).all() else None for row in shares]


def _describe_held_back(split: str) -> str:
    kind = "validation" if split == "val" else split
    way = RELABEL_ALL.replace("*", "")
    return f"This is a {kind} face: its correction is not applied, so that scores stay comparable. To apply it, {way}."


def _name_picture(sha256: str) -> str:
    return sha256[:16]


def _to_url(face: np.ndarray) -> str:
    """A data URL of one (H, W) uint8 face."""
    kind, options = ("PNG", {}) if max(face.shape) <= _LOSSLESS_PX else ("JPEG", {"quality": 92})
    file = io.BytesIO()
    Image.fromarray(np.asarray(face)).save(file, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"
