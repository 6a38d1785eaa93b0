"""Exporting a trained network: the run without the files that only a resume needs, and its model card."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from fer_core.base.extras import need_extra
from fer_core.base.files import write_json
from fer_core.base.workspace import home
from fer_core.errors import InputError
from fer_core.export.card import build_card
from fer_core.labels import EXPRESSIONS
from fer_core.runs.event_files import EventFiles
from fer_core.runs.origins.learned import note_weights, write_learned
from fer_core.runs.origins.lineage import find_learned
from fer_core.runs.run import Run, split_metrics
from fer_core.runs.run_weights import explain_no_weights, require_weights


def export_run(
    run: Run,
    folder: Path,
    onnx: bool = False,
    tensorboard: bool = False,
    check_on: str | None = None,
    say: Callable[[str], None] = lambda sentence: None,
) -> list[Path]:
    """Writes config, identity, curves, report, weights (safetensors), the list of learned faces and CARD.md.

    `best.safetensors` carries architecture, label order, preprocessing and temperature in its metadata.

    Returns the files.

    Args:
        run: with a report.
        folder: new or empty.
        onnx: also writes model.onnx, preprocessing included; the card says how to use it.
        tensorboard: also writes the epochs as TensorBoard event files.
        check_on: the data set whose validation faces check the ONNX file, instead of the run's.
        say: called with the result of the check.

    Raises:
        InputError: if the run has no report or no weights, the folder is not empty, a package is missing, or the ONNX
            file fails its check.

    Example:
        >>> files = fer.export_run(fer.open_run("bundled"), Path("exported"))
        >>> "CARD.md" in [file.name for file in files]
        True
    """
    card = build_card(run)
    _check_export(run, folder, onnx, tensorboard)
    folder.mkdir(parents=True, exist_ok=True)
    if onnx:  # first, because it may fail: the folder is still empty
        card += _write_onnx(run, folder / "model.onnx", check_on or run.config.dataset, say)
    _write_run(run, folder, tensorboard)
    (folder / "CARD.md").write_text(card, encoding="utf-8")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def zip_run(run: Run, onnx: bool = False) -> bytes:
    """The output of `export_run` as a zip file with one folder in it."""
    buffer = io.BytesIO()
    with TemporaryDirectory(dir=home(), prefix=".export-") as place, ZipFile(buffer, "w") as archive:
        for path in export_run(run, Path(place) / run.run_id, onnx):
            archive.write(path, path.relative_to(place))
    return buffer.getvalue()


def _check_export(run: Run, folder: Path, onnx: bool, tensorboard: bool) -> None:
    """Returns if the run has weights, the packages are installed and the folder is new or empty."""
    if not run.best_weights.is_file():
        raise InputError(explain_no_weights(run.best_weights))
    for extra, wanted in (("onnx", onnx), ("tensorboard", tensorboard)):
        if wanted:
            need_extra(extra, f"--{extra}")
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty. Give a new folder.")


def _write_run(run: Run, folder: Path, tensorboard: bool) -> None:
    """Writes the run's documents, epochs, weights and list of learned faces, but not what only a resume needs."""
    epochs, _ = split_metrics(run.metrics())
    if tensorboard:
        EventFiles(folder / "tensorboard", epochs).close()
    weights = folder / "checkpoints" / run.best_weights.name
    weights.parent.mkdir()
    shutil.copyfile(run.best_weights, weights)
    write_learned(folder, find_learned(run))
    note_weights(folder, weights)
    write_json(folder / "config.json", run.config.model_dump())
    write_json(folder / "run.json", run.info.to_document())
    if run.exit:
        write_json(folder / "exit.json", run.exit.document())
    report = {split: scores.to_document() for split, scores in (run.report or {}).items()}
    write_json(folder / "report.json", report)
    lines = "".join(json.dumps(line.to_document()) + "\n" for line in epochs)
    (folder / "metrics.jsonl").write_text(lines, encoding="utf-8")


def _write_onnx(run: Run, path: Path, dataset_name: str, say: Callable[[str], None]) -> str:
    """Writes the file and returns the card's section about it."""
    from fer_core.datasets.dataset import open_dataset
    from fer_core.export.onnx import N_CHECKED, write_onnx
    from fer_core.models.checkpoints import read_network

    try:
        dataset = open_dataset(dataset_name)
    except InputError as error:
        raise InputError(
            f"--onnx checks the file on faces of a data set. {error} Or name another data set with --check-on."
        ) from error
    network = read_network(require_weights(run))
    faces = dataset.faces[dataset.rows("val")[:N_CHECKED]]
    difference = write_onnx(path, network, faces)
    check = (
        f"On {len(faces)} validation faces of {dataset.name}, all probabilities are within {difference:.1e} of torch's."
    )
    say(check)
    side = network.face_px
    return f"""
## The ONNX file

`model.onnx` takes `faces`, uint8 (n, {side}, {side}), grey upright face crops, and returns `probabilities`,
float32 (n, 7), of {", ".join(EXPRESSIONS)}, in this order.
Resizing, normalisation, views and temperature are included. {check}

    import onnxruntime
    session = onnxruntime.InferenceSession("model.onnx")
    probabilities, = session.run(None, {{"faces": faces}})
"""
