"""What a training step needs before it can be built: the faces in batches, and the network with its first weights."""

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
    """The faces of a training.

    Attributes:
        config: of the run.
        dataset: of the run; under cross-validation, its fold.
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
        """Whether the network learns votes too, with a head of its own."""
        return has_people_head(self.config, self.dataset)

    @property
    def n_steps(self) -> int:
        """Steps of the whole training."""
        return self.config.epochs * self.batches.steps_per_epoch

    @property
    def labelled_rows(self) -> np.ndarray:
        """(n,) rows of the training faces that teach the labels head."""
        return self.dataset.rows("train")[self.batches.taught.cpu().numpy()]

    def find_absent(self) -> list[str]:
        """The expressions that no face teaches the labels head."""
        return find_absent(self.dataset.labels[self.labelled_rows])


def build_data(run: Run, ranks: Ranks, check_stop: Callable[[], None]) -> TrainData:
    """Opens the data set of a run and puts its training faces on the device, judged by the teachers if there are any.

    Args:
        run: whose folder keeps the teachers' probabilities.
        ranks: that train together.
        check_stop: called now and then while the teachers are asked, as often in each rank; may raise to stop.

    Raises:
        InputError: when the data set or a teacher is gone or has changed.
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
        run: whose config says what to build.
        data: of `build_data`.
        ranks: that train together.
        first_weights: fill it as the config's `init` says; False where a checkpoint is loaded into it anyway.

    Raises:
        InputError: for first weights that cannot be had or do not fit.
    """
    config, input_px = data.config, data.preprocessing.input_px
    torch.manual_seed(step_seed(config.seed, -(2**31)))
    model = build_model(config.model, config.channels, config.dropout, 1 + data.has_people_head, input_px)
    if first_weights:
        with ranks.first_goes_ahead():
            say(_init_weights(model, run, input_px))
    return ranks.share_norms(model, data.device).to(data.device)


def _init_weights(model: nn.Module, run: Run, input_px: int) -> str:
    """Fills the network as the config's `init` says; the sentence names the whole id of a run."""
    config = run.config
    kind, _, where = config.init.partition(":")
    if kind != "run":
        return init_weights(model, config.model, config.init, input_px)
    ancestor = get_ancestor(run, where)
    return init_weights(model, config.model, f"run:{ancestor.run_id}", input_px, ancestor.best_weights)
