"""Prepares a training step: the faces in batches, and the network with its initial weights."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from fer_core.datasets.dataset import Dataset
from fer_core.models.build import build_model
from fer_core.models.preprocess import Preprocessing
from fer_core.models.weights import init_weights
from fer_core.runs.absent import explain_absent, find_absent
from fer_core.runs.config import TrainConfig
from fer_core.runs.find import get_ancestor
from fer_core.runs.masks import describe_masks, has_people_head
from fer_core.runs.origins.lineage import refuse_other_faces
from fer_core.runs.run import Run
from fer_core.training.distributed import Ranks
from fer_core.training.loader import TrainBatches, build_preprocessing, step_seed
from fer_core.training.log import say
from fer_core.training.teacher import load_teacher_probs


@dataclass(frozen=True, kw_only=True)
class TrainData:
    """The training data of a run.

    Attributes:
        config: of the run.
        dataset: of the run; its fold under cross-validation.
        device: of this rank.
        preprocessing: of the network.
        batches: the training faces, on the device.
    """

    config: TrainConfig
    dataset: Dataset
    device: str
    preprocessing: Preprocessing
    batches: TrainBatches

    @property
    def has_people_head(self) -> bool:
        """Whether the network has a people head, which learns the votes."""
        return has_people_head(self.config, self.dataset)

    @property
    def n_steps(self) -> int:
        """Total steps of the run."""
        return self.config.epochs * self.batches.steps_per_epoch

    @property
    def labelled_rows(self) -> np.ndarray:
        """(n,) rows of the training faces that train the labels head."""
        return self.dataset.rows("train")[self.batches.taught.cpu().numpy()]

    def find_absent(self) -> list[str]:
        """The expressions without faces that train the labels head."""
        return find_absent(self.dataset.labels[self.labelled_rows])


def build_data(run: Run, ranks: Ranks, check_stop: Callable[[], None]) -> TrainData:
    """Loads the training faces of a run on the device, with the teachers' predictions if there are teachers.

    Args:
        run: its folder stores the teachers' probabilities.
        ranks: the processes that train together.
        check_stop: called regularly while the teachers run, equally often in each rank; may raise to stop.

    Raises:
        InputError: if the data set or a teacher is missing or has changed.
    """
    config, dataset = run.config, run.open_dataset()
    refuse_other_faces(run, dataset)
    device = ranks.take_device(run.device)
    preprocessing = build_preprocessing(dataset, config)
    teacher_probs = load_teacher_probs(run, dataset, device, ranks, check_stop, say)
    batches = TrainBatches(dataset, config, preprocessing, device, teacher_probs)
    data = TrainData(config=config, dataset=dataset, device=device, preprocessing=preprocessing, batches=batches)
    for sentence in (describe_masks(config, dataset), explain_absent(data.find_absent())):
        if sentence:
            say(sentence)
    return data


def build_network(run: Run, data: TrainData, ranks: Ranks, *, first_weights: bool = True) -> nn.Module:
    """The network of a run on its device, the same for the same seed.

    Args:
        run: its config defines the network.
        data: the result of `build_data`.
        ranks: the processes that train together.
        first_weights: initialise it according to the config's `init`; False if a checkpoint is loaded anyway.

    Raises:
        InputError: for initial weights that are unavailable or do not fit.
    """
    config, input_px = data.config, data.preprocessing.input_px
    torch.manual_seed(step_seed(config.seed, -(2**31)))
    model = build_model(config.model, config.channels, config.dropout, 1 + data.has_people_head, input_px)
    if first_weights:
        with ranks.first_goes_ahead():
            say(_init_weights(model, run, input_px))
    return ranks.share_norms(model, data.device).to(data.device)


def _init_weights(model: nn.Module, run: Run, input_px: int) -> str:
    """Initialises the network according to the config's `init`; the returned sentence has the full id of a run."""
    config = run.config
    kind, _, where = config.init.partition(":")
    if kind != "run":
        return init_weights(model, config.model, config.init, input_px)
    ancestor = get_ancestor(run, where)
    return init_weights(model, config.model, f"run:{ancestor.run_id}", input_px, ancestor.best_weights)
