"""A trained network to take elsewhere: the run without what only a resume needs, and its model card."""

import json
import shutil
from pathlib import Path

from fer_core.errors import InputError
from fer_core.files import write_json
from fer_core.model_card import build_card
from fer_core.runs import Run, split_metrics


def export_run(run: Run, folder: Path) -> list[Path]:
    """Writes config, identity, curves, report, weights (safetensors) and CARD.md; returns the files.

    `best.safetensors` carries architecture, label order, preprocessing and temperature in its metadata.

    Raises:
        InputError: before the run has a report, or when the folder has something in it.
    """
    card = build_card(run)
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty. Give a new folder.")
    weights = folder / "checkpoints" / run.best_weights.name
    weights.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run.best_weights, weights)
    write_json(folder / "config.json", run.config.model_dump())
    write_json(folder / "run.json", run.info)
    write_json(folder / "exit.json", run.exit)
    write_json(folder / "report.json", run.report)
    epochs, _ = split_metrics(run.metrics())
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in epochs), encoding="utf-8")
    (folder / "CARD.md").write_text(card, encoding="utf-8")
    return sorted(path for path in folder.rglob("*") if path.is_file())
