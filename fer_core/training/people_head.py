"""Adds a people head to a network trained without one: a layer fitted to the votes on the fixed trunk."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.evaluation.report import write_report
from fer_core.inference.views import input_views
from fer_core.jobs.state import State
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.build import build_model
from fer_core.models.checkpoints import read_network
from fer_core.models.freezing import last_layer
from fer_core.models.network import Network, People
from fer_core.models.weights import load_matching
from fer_core.runs.config import TrainConfig
from fer_core.runs.masks import mask_faces
from fer_core.runs.report import SplitReport
from fer_core.runs.run import Run
from fer_core.runs.run_weights import require_weights
from fer_core.training.head_targets import add_labels
from fer_core.training.optim import without_compiler
from fer_core.training.targets import build_votes

_BATCH = 256
_WEIGHT_DECAY = 1e-5
_N_STEPS = 200


def add_people_head(run: Run) -> dict[str, SplitReport]:
    """Fits the head to the training faces' votes, and its weight and calibration to the validation faces' votes.

    Labels train it as in training (`people_from`) if the run's config names sources for it.

    The run's weights, predictions and report are rewritten. The trunk and the labels head are unchanged, except that
    the labels head is calibrated like that of a new run.

    Returns:
        The new report.

    Args:
        run: a finished run. An existing people head is fitted again.

    Raises:
        InputError: for an unfinished run, an ensemble, missing votes, a data set that was assembled again
            since, or if no layer can be fitted.
    """
    if run.state is not State.FINISHED and not run.is_bundled:
        raise InputError(
            f"{run.run_id} is {run.state}; only a finished run can get a people head. Wait until it finishes."
        )
    network = read_network(require_weights(run))
    if not isinstance(network, Network):
        raise InputError(f"{run.run_id} is an ensemble. Add a people head to each member, then average them again.")
    dataset = run.open_dataset()
    rows, targets = _build_targets(run.config, dataset)
    if not len(rows):
        raise InputError(
            f"Nobody voted on the training faces of {dataset.name}. Assemble it with votes (FER+'s fer2013new.csv "
            "beside fer2013.csv), and train again."
        )
    return write_report(
        run, _attach(network, fit_layer(compute_features(network, dataset.faces[rows]), targets)), dataset, "cpu"
    )


@torch.no_grad()  # not inference_mode: a layer is fitted on what comes out
def compute_features(network: Network, faces: np.ndarray) -> Tensor:
    """(n, V, D) float32: the input of the last layer for each of the V views of each face.

    Args:
        network: on the CPU.
        faces: (n, H, W) uint8.
    """
    held: list[Tensor] = []
    hook = last_layer(network.model).register_forward_pre_hook(lambda _, given: held.append(given[0].float()))
    try:
        with network.in_use:
            for start in range(0, len(faces), _BATCH):
                views = list(
                    input_views(torch.from_numpy(np.array(faces[start : start + _BATCH])), network.preprocessing)
                )
                network.model(torch.cat(views))
                held[-1] = held[-1].unflatten(0, (len(views), -1)).transpose(0, 1)
    finally:
        hook.remove()
    return torch.cat(held)


def fit_layer(features: Tensor, votes: Tensor) -> nn.Linear:
    """Fits a layer with seven outputs that minimises the cross-entropy against the votes; each view is one sample.

    Args:
        features: (n, V, D) float32.
        votes: (n, 7) shares, each row multiplied by the face's weight.
    """
    x, targets = features.flatten(0, 1), votes.repeat_interleave(features.shape[1], 0)
    layer = nn.Linear(x.shape[1], N_EXPRESSIONS)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = without_compiler(torch.optim.LBFGS)(
        layer.parameters(), max_iter=_N_STEPS, line_search_fn="strong_wolfe"
    )

    def step() -> Tensor:
        optimizer.zero_grad()
        loss = -(targets * layer(x).log_softmax(1)).sum(1).mean() + _WEIGHT_DECAY * layer.weight.square().sum()
        loss.backward()
        return loss

    is_possible = bool(x.isfinite().all())
    if is_possible:
        optimizer.step(step)
    if not is_possible or not all(parameter.isfinite().all() for parameter in layer.parameters()):
        raise InputError(
            "No people head can be fitted: the network's features are not finite. Train again with a lower "
            "learning rate."
        )
    return layer


def _build_targets(config: TrainConfig, dataset: Dataset) -> tuple[np.ndarray, Tensor]:
    """(n,) rows of the training faces that train the people head, and their (n, 7) targets."""
    rows = dataset.rows("train")
    asked = config.model_copy(update={"votes_weight": config.votes_weight or 1.0})
    labels = torch.from_numpy(dataset.labels[rows])
    labelled = torch.from_numpy(mask_faces(dataset, rows, asked).labelled)
    targets = add_labels(build_votes(dataset, rows), labels, labelled, asked)
    taught = targets.any(1)
    return rows[taught.numpy()], targets[taught]


def _attach(network: Network, layer: nn.Linear) -> Network:
    """The network with that layer as its people head."""
    channels, input_px = network.preprocessing.channels, network.preprocessing.input_px
    model = build_model(network.name, channels, 0.0, 2, input_px)
    load_matching(model, network.model.state_dict())
    last = last_layer(model)
    with torch.no_grad():
        last.weight[N_EXPRESSIONS:] = layer.weight
        last.bias[N_EXPRESSIONS:] = layer.bias
    model = model.to(memory_format=torch.channels_last).eval()
    return replace(network, model=model, people=People())
