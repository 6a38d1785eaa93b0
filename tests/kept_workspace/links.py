"""Links to the pages as this version writes them into the browser's address bar."""

from typing import Any

import pandas as pd

from fer_core.datasets.dataset import open_dataset
from fer_core.labels import EXPRESSIONS
from fer_core.models.heads import LOGITS
from fer_core.runs.run import Run

SECTIONS = ("Overview", "Copies", "Labels", "Quality", "Left out", "Balance", "Sources", "Faces", "Card")


def list_links(runs: dict[str, Run]) -> list[dict[str, Any]]:
    """[{page, query}], each choice that a link can hold in one of them at least."""
    ids = {name: run.run_id for name, run in runs.items()}
    face = str(open_dataset("faces").table["face_id"].iloc[3])
    copied = open_dataset("corrected").table
    twin = str(copied["face_id"][copied["copy_group"].duplicated()].iloc[0])
    filters = {
        "data.split": "train", "data.expression": "happy", "data.source": "folder", "data.order": "at random",
        "data.text": "happy",
    }  # fmt: skip
    queries: list[tuple[str, dict[str, str]]] = [
        *(("data", {"data.name": "faces", "data.section": section}) for section in SECTIONS),
        ("data", {"data.name": "corrected", "data.section": "Labels"}),
        ("data", {"data.name": "corrected", "data.section": "Copies", "data.set_kind": "across splits", "face": twin}),
        ("data", {"data.name": "faces", "data.section": "Faces", "face": face}),
        ("data", {"data.name": "faces", "data.section": "Faces", **filters}),
        ("data", {"data.name": "faces", "data.section": "Left out", "data.left_out.reason": "copy"}),
        ("data", {"data.name": "demo"}),
        ("data", {"data.name": "uploaded", "data.section": "Sources"}),
        *(("train", {"train.run": run_id}) for run_id in ids.values() if run_id != ids["ensemble"]),
        ("train", {"from": ids["people"]}),
        ("train", {"train.preset": "fast", "train.dataset": "corrected"}),
        ("runs", {"runs.results.row": "again"}),
        ("search", {"search.name": "rates"}),
        *(("errors", link_cell(runs[name])) for name in ("people", "ensemble", "corrected", "extended")),
        ("errors", {"errors.run": ids["people"], "errors.split": "val", "errors.head": "people"}),
        ("errors", {"errors.run": ids["without"]}),
        ("review", {"review.name": "faces", "review.split": "train"}),
        ("review", {"review.name": "corrected"}),
        ("photo", {"photo.run": ids["people"], "photo.head": "labels"}),
        ("photo", {"photo.run": "bundled"}),
    ]
    return [{"page": page, "query": query} for page, query in queries]


def link_cell(run: Run) -> dict[str, str]:
    """A cell of the run's confusion matrix, and a face in it."""
    table = pd.read_parquet(run.path / "predictions.parquet")
    row = table[table["split"] == "test"].iloc[0]
    predicted = EXPRESSIONS[int(row[LOGITS["labels"]].to_numpy(float).argmax())]
    return {
        "errors.run": run.run_id, "errors.split": "test", "cell": f"{row['expression']}-{predicted}",
        "face": str(row["face_id"]),
    }  # fmt: skip
