"""Opens the data set of a run, split as its config says."""

from fer_core.datasets.dataset import Dataset, open_dataset
from fer_core.runs.config import TrainConfig


def open_training(config: TrainConfig) -> Dataset:
    """The data set of a run; under cross-validation, its fold.

    Raises:
        InputError: if there is no such data set, or too few groups of faces for the folds.
    """
    if not config.folds:
        return open_dataset(config.dataset)
    from fer_core.datasets.folds import open_fold  # scipy: other runs have no need of it

    return open_fold(config.dataset, config.folds, config.fold)
