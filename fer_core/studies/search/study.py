"""Optuna's part of a search: the study in its journal file, how values are drawn, and which trials are pruned."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fer_core.base.files import reading
from fer_core.errors import InputError

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

OPTUNA = "optuna==5.0.0"
N_RANDOM = 10  # trials drawn at random before the sampler learns from those that have ended
_N_UNPRUNED = 5  # trials that must have ended before a later one is measured by them
_STUDY = "search"  # a journal could hold several studies; ours holds this one


def has_optuna() -> bool:
    """Whether Optuna is installed."""
    return find_spec("optuna") is not None


def require_optuna() -> None:
    """Raises InputError with the install command if Optuna is missing."""
    if not has_optuna():
        raise InputError(f"A search needs Optuna, which is not installed. Run pip install {OPTUNA}")


def open_study(journal: Path, n_epochs: int | None) -> "Study":
    """Opens or creates the study of a journal file, for the one process that writes it.

    Args:
        journal: Optuna's file.
        n_epochs: of every trial: after a third of its epochs, a trial below the median of the earlier ones
            is pruned. None if trials differ in epochs, so that their epochs cannot be compared: then
            no trial is pruned.
    """
    import optuna

    journal.with_name(f"{journal.name}.lock").unlink(missing_ok=True)  # of a writer that was killed
    pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
    if n_epochs:
        pruner = optuna.pruners.MedianPruner(n_startup_trials=_N_UNPRUNED, n_warmup_steps=n_epochs // 3 + 1)
    return optuna.create_study(
        storage=_storage(journal), study_name=_STUDY, direction="maximize", pruner=pruner, load_if_exists=True
    )


def build_sampler(seed: int, number: int) -> "BaseSampler":
    """The sampler of the trial of that number; it draws the same values after a resume."""
    from optuna.samplers import TPESampler

    return TPESampler(n_startup_trials=N_RANDOM, seed=int(np.random.SeedSequence([seed, number]).generate_state(1)[0]))


def read_trials(journal: Path) -> "list[FrozenTrial]":
    """The trials so far, by number; empty before the coordinator has created the study.

    Raises:
        InputError: if Optuna is not installed.
    """
    require_optuna()
    if not journal.exists():
        return []
    with reading(journal, "an Optuna journal"):
        storage = _storage(journal)
        studies = storage.get_all_studies()
        return storage.get_all_trials(studies[0]._study_id) if studies else []


def measure_importances(journal: Path) -> dict[str, float]:
    """Field -> its share of the variance of the completed trials' values, 0 to 1 with sum 1, largest first.

    Source: Hutter, Hoos and Leyton-Brown, An efficient approach for assessing hyperparameter importance, 2014 (fANOVA).
    """
    import optuna

    study = optuna.load_study(storage=_storage(journal), study_name=_STUDY)
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    return optuna.importance.get_param_importances(study, evaluator=evaluator)


def _storage(journal: Path) -> "BaseStorage":
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(str(journal)))
