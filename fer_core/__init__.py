"""FER Studio's engine: data sets, training, evaluation and explanation of facial expressions.

`import fer_core as fer` gives the names below, each loaded when it is first used: the import itself takes milliseconds,
without torch, pandas or numpy. docs/api.md describes them all.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fer_core.datasets.assembling.assemble import assemble
    from fer_core.datasets.assembling.demo import make_demo
    from fer_core.datasets.assembling.recipe import DatasetRecipe as DatasetRecipe
    from fer_core.datasets.dataset import Dataset, list_datasets, open_dataset
    from fer_core.datasets.export import export_dataset
    from fer_core.datasets.select import Wanted
    from fer_core.datasets.select import select_faces as select_faces
    from fer_core.errors import InputError
    from fer_core.evaluation.evaluate import evaluate_run as evaluate
    from fer_core.export.run import export_run
    from fer_core.inference.classifier import FaceClassifier
    from fer_core.inference.photo import FacePrediction
    from fer_core.labels import EXPRESSIONS
    from fer_core.review.correct import correct_label
    from fer_core.runners.here import train
    from fer_core.runners.submit import submit
    from fer_core.runs.config import TrainConfig
    from fer_core.runs.find import get_run as open_run
    from fer_core.runs.find import list_runs
    from fer_core.runs.network import load_network
    from fer_core.runs.predictions import Predictions
    from fer_core.runs.presets import preset
    from fer_core.runs.run import Run

__version__ = "0.2.0"

__all__ = [
    "EXPRESSIONS",
    "Dataset",
    "DatasetRecipe",
    "FaceClassifier",
    "FacePrediction",
    "InputError",
    "Predictions",
    "Run",
    "TrainConfig",
    "Wanted",
    "assemble",
    "correct_label",
    "evaluate",
    "export_dataset",
    "export_run",
    "list_datasets",
    "list_runs",
    "load_network",
    "make_demo",
    "open_dataset",
    "open_run",
    "preset",
    "select_faces",
    "submit",
    "train",
]

_PLACES = {
    "EXPRESSIONS": "labels:EXPRESSIONS",
    "Dataset": "datasets.dataset:Dataset",
    "DatasetRecipe": "datasets.assembling.recipe:DatasetRecipe",
    "FaceClassifier": "inference.classifier:FaceClassifier",
    "FacePrediction": "inference.photo:FacePrediction",
    "InputError": "errors:InputError",
    "Predictions": "runs.predictions:Predictions",
    "Run": "runs.run:Run",
    "TrainConfig": "runs.config:TrainConfig",
    "Wanted": "datasets.select:Wanted",
    "assemble": "datasets.assembling.assemble:assemble",
    "correct_label": "review.correct:correct_label",
    "evaluate": "evaluation.evaluate:evaluate_run",
    "export_dataset": "datasets.export:export_dataset",
    "export_run": "export.run:export_run",
    "list_datasets": "datasets.dataset:list_datasets",
    "list_runs": "runs.find:list_runs",
    "load_network": "runs.network:load_network",
    "make_demo": "datasets.assembling.demo:make_demo",
    "open_dataset": "datasets.dataset:open_dataset",
    "open_run": "runs.find:get_run",
    "preset": "runs.presets:preset",
    "select_faces": "datasets.select:select_faces",
    "submit": "runners.submit:submit",
    "train": "runners.here:train",
}
"""Where each name is defined; the imports above say the same to type checkers."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, defined = _PLACES[name].partition(":")
    value = getattr(import_module(f"{__name__}.{module}"), defined)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
