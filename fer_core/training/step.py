"""One optimizer step with all its state, shared by the trainer, the learning-rate range test and the benchmarks.

`fer_core.training.prepare` builds the data and the network, `build_step` the step:

    data = build_data(run, ranks, stop.check)
    step = build_step(data, build_network(run, data, ranks), ranks)
    for batch in data.batches.epoch(0):
        step.take(batch)
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from fer_core.labels import N_EXPRESSIONS
from fer_core.models.freezing import freeze_trunk
from fer_core.runs.config import TrainConfig
from fer_core.training.checkpoint import StepParts, StepState
from fer_core.training.distributed import Ranks
from fer_core.training.loader import Batch, step_seed
from fer_core.training.log import say
from fer_core.training.losses import compute_loss, weigh_classes
from fer_core.training.mixing import mix
from fer_core.training.optim import Schedule, build_ema, build_optimizer
from fer_core.training.prepare import TrainData
from fer_core.training.tuning import Tuning, assume_tuning, build_probe, choose_tuning, compute_logits

_PROBE_FACES = 32


class Rates(Protocol):
    """The interface of a schedule."""

    def rate(self, step: int) -> float:
        """The learning rate of step `step`, from 0."""

    def momentum(self, step: int) -> float:
        """The momentum of step `step`, for sgd."""


@dataclass(kw_only=True)
class TrainStep:
    """A network in training: `take` performs one step. All state that a step changes is here and in `state_dict`.

    Each rank sees its part of every batch; together the parts are the batches that one process would see.

    Attributes:
        config: of the run.
        ranks: the processes that train together.
        model: the network.
        forward: the callable of a step: the model, with gradients shared by the ranks, compiled if requested.
        tuning: threads, precision and memory layout.
        ema: moving average of the weights; None if off.
        optimizer: of the model.
        schedule: learning rate and momentum of each step.
        class_weights: (7,) of the loss; None for equal ones.
        tally: (4,) float64 sums since the last reset: losses, hits, faces, faces that train the labels head.
        n_done: number of steps so far.
    """

    config: TrainConfig
    ranks: Ranks
    model: nn.Module
    forward: Callable[[Tensor], Tensor]
    tuning: Tuning
    ema: AveragedModel | None
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    class_weights: Tensor | None
    tally: Tensor
    n_done: int = 0

    @property
    def judged_model(self) -> nn.Module:
        """The network that is validated and saved: the moving average of the weights, if there is one."""
        return self.ema.module if self.ema else self.model

    def take(self, batch: Batch, rates: Rates | None = None) -> None:
        """Performs optimizer step number `n_done`, and increments `n_done`.

        Args:
            batch: the batch of all ranks; each rank uses its part.
            rates: learning rate and momentum in place of the schedule's.
        """
        # Dropout's and stochastic depth's; ranks must not drop the same units of different faces.
        torch.manual_seed(step_seed(self.config.seed, self.n_done) + self.ranks.rank)
        self._set_rates(rates or self.schedule)
        if self.config.mixup or self.config.cutmix:
            batch = mix(batch, self.config, step_seed(self.config.seed + 1, self.n_done))
        # Only now, since faces of two ranks are mixed too. To augment all of them costs a rank 2 % of a lone step.
        batch = batch.part(self.ranks.part(len(batch.x)))
        logits = compute_logits(self.forward, batch.x, self.tuning)
        loss = compute_loss(logits, batch.targets, batch.votes, self.config, self.class_weights, batch.teacher)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.config.clip_norm:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        self.optimizer.step()
        if self.ema:
            self.ema.update_parameters(self.model)
        self._count(batch, logits.detach(), loss.detach())
        self.n_done += 1

    def freeze(self, epoch: int) -> None:
        """Freezes the layers that the config freezes in epoch `epoch`, from 0."""
        freeze_trunk(self.model, epoch, self.config.freeze_epochs, self.config.unfreeze_epochs)
        if self.ranks.size > 1:
            self.forward = _wrap(self.model, self.config, self.ranks)  # other parameters may be frozen now

    def read_tally(self) -> tuple[float, float]:
        """(mean loss, accuracy on the faces that train the labels head) of the tally, over all ranks."""
        loss_sum, hits, n, n_taught = self.ranks.sum(self.tally).tolist()
        return loss_sum / max(n, 1), hits / max(n_taught, 1)

    def state_dict(self) -> StepState:
        """The state for a checkpoint, equal in all ranks; tensors are not copied."""
        self.ranks.average_buffers(self.model, self.ema)
        return {
            **self._parts(),
            "step": self.n_done,
            "tally": self.ranks.sum(self.tally),
            "tuning": self.tuning.to_dict(),
        }

    def load_state_dict(self, state: StepState) -> None:
        """Restores a state from `state_dict`, except the tuning, which `build_step` restores."""
        self._load_parts(state)
        self.n_done = state["step"]
        if self.ranks.is_first:
            kept = state["tally"]
            self.tally.copy_(
                kept if len(kept) == len(self.tally) else torch.cat([kept, kept[2:]])
            )  # an earlier version's

    @contextmanager
    def lent(self) -> Iterator["TrainStep"]:
        """A context for trial steps: afterwards, the step always has its earlier state again.

        Weights, moving average, optimizer, schedule, tally and step count are restored from a copy.
        """
        parts, n_done, tally = copy.deepcopy(self._parts()), self.n_done, self.tally.clone()
        in_training = self.model.training
        try:
            yield self
        finally:
            self._load_parts(parts)
            self.n_done = n_done
            self.tally.copy_(tally)
            self.model.train(in_training)
            self.optimizer.zero_grad(set_to_none=True)

    def _set_rates(self, rates: Rates) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rates.rate(self.n_done) * group["share"]
            if "momentum" in group:
                group["momentum"] = rates.momentum(self.n_done)

    def _count(self, batch: Batch, logits: Tensor, loss: Tensor) -> None:
        hits = (logits[:, :N_EXPRESSIONS].argmax(1) == batch.labels).sum()
        n_faces, n_taught = self.tally.new_tensor(len(batch.x)), (batch.labels >= 0).sum()
        self.tally += torch.stack([loss.double() * n_faces, hits.double(), n_faces, n_taught.double()])

    def _parts(self) -> StepParts:
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.state_dict() if self.ema else {},
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
        }

    def _load_parts(self, state: StepParts) -> None:
        self.model.load_state_dict(state["model"])
        if self.ema:
            self.ema.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])


def build_step(
    data: TrainData, model: nn.Module, ranks: Ranks | None = None, resumed: StepState | None = None
) -> TrainStep:
    """Builds the training step at its start, or from a checkpoint.

    Args:
        data: the result of `build_data`.
        model: the result of `build_network`; changed in place.
        ranks: the processes that train together; None: this process alone.
        resumed: a result of `TrainStep.state_dict`.
    """
    config, ranks = data.config, ranks or Ranks()
    tuning = _tune(data, model, ranks, resumed)
    model = model.to(memory_format=tuning.memory_format)
    forward = _wrap(model, config, ranks)  # before the running mean: it gives all ranks the first one's weights
    weights = weigh_classes(data.batches.labels[data.batches.taught].cpu(), config.balance)
    step = TrainStep(
        config=config,
        ranks=ranks,
        model=model,
        forward=forward,
        tuning=tuning,
        ema=build_ema(model, config.ema),
        optimizer=build_optimizer(model, config),
        schedule=Schedule(config, data.n_steps),
        class_weights=None if weights is None else weights.to(data.device),
        tally=torch.zeros(4, dtype=torch.float64, device=data.device),
    )
    if resumed:
        step.load_state_dict(resumed)
    return step


def _wrap(model: nn.Module, config: TrainConfig, ranks: Ranks) -> Callable[[Tensor], Tensor]:
    shared = ranks.share_gradients(model)
    return torch.compile(shared) if config.compile else shared


def _tune(data: TrainData, model: nn.Module, ranks: Ranks, resumed: StepState | None) -> Tuning:
    """The tuning: exactly that of the checkpoint, else the fastest measured one.

    Several ranks do not measure: they might get different results.
    """
    if ranks.size > 1:
        tuning, sentence = assume_tuning(data.config, data.device), "nothing was measured"
    elif resumed:
        tuning, sentence = Tuning(**resumed["tuning"]), "as before"
    else:
        batch = next(data.batches.epoch(0))
        probe = build_probe(model, batch.x[:_PROBE_FACES], batch.labels[:_PROBE_FACES])
        tuning, sentence = choose_tuning(probe, data.config, data.device)
    torch.set_num_threads(tuning.threads)
    say(f"computing with {tuning}: {sentence}")
    return tuning
