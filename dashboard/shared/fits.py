"""Why the options of a form cannot be trained, checked before its button is pressed."""

from typing import Any

from dashboard.services.datasets import load_training
from fer_core.errors import InputError
from fer_core.runs.config import build_config
from fer_core.runs.fits import check_fits
from fer_core.studies.kfold import check_folds


def explain_misfit(values: dict[str, Any]) -> str:
    """A sentence that says why these values cannot be trained and what to change; "" if they can.

    timm networks are looked up only when the run is started, because asking timm takes seconds.

    Args:
        values: fields of TrainConfig, `dataset` among them; with `folds`, a cross-validation.
    """
    try:
        config = build_config(values)
        if config.folds:
            check_folds(config)
        check_fits(config, load_training(config), ask_packages=False)
    except InputError as error:
        return str(error)
    return ""
