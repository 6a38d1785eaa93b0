"""One training: the epochs, the validation after each, the checkpoints and the report."""

import copy
import math
import time
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from fer_core.checkpoints import (
    Network,
    read_network,
    read_training_state,
    write_training_state,
    write_weights,
)
from fer_core.data.dataset import Dataset, open_dataset
from fer_core.errors import InputError
from fer_core.evaluate import predict_logits, write_report
from fer_core.labels import N_EXPRESSIONS
from fer_core.loader import TrainBatches, build_preprocessing, step_seed
from fer_core.losses import compute_loss, weigh_classes
from fer_core.metrics import score, softmax
from fer_core.mixing import mix
from fer_core.models.build import build_model
from fer_core.models.freezing import freeze_trunk
from fer_core.models.weights import init_weights
from fer_core.optim import Schedule, build_ema, build_optimizer
from fer_core.progress import Metrics
from fer_core.runs import Run
from fer_core.teacher import load_teacher_probs
from fer_core.threads import choose_precision, choose_threads

_CHECKPOINT_EVERY_S = 300


class Stopped(Exception):
    """A person asked the training to stop."""


class Stop(Protocol):
    """Something that is looked at before each step."""

    def check(self) -> None:
        """Raises Stopped once the training is to end."""


class Trainer:
    """One training: everything that a checkpoint must bring back is an attribute here."""

    def __init__(self, run: Run, stop: Stop) -> None:
        self.run, self.stop, self.config = run, stop, run.config
        self.device = run.device
        self.dataset: Dataset = open_dataset(self.config.dataset)
        self.preprocessing = build_preprocessing(self.dataset, self.config)
        teacher_probs = load_teacher_probs(run, self.dataset, self.device)
        self.batches = TrainBatches(self.dataset, self.config, self.preprocessing, self.device, teacher_probs)
        torch.manual_seed(step_seed(self.config.seed, -(2**31)))
        n_heads = 2 if self.config.votes_weight and self.dataset.votes is not None else 1
        name, input_px = self.config.model, self.preprocessing.input_px
        self.model = build_model(name, self.config.channels, self.config.dropout, n_heads, input_px)
        resumed = read_training_state(run.last_checkpoint) if run.last_checkpoint.is_file() else None
        if resumed is None:
            say(init_weights(self.model, name, self.config.init, input_px))
        self.model = self.model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.ema = build_ema(self.model, self.config.ema)
        self.optimizer = build_optimizer(self.model, self.config)
        self.n_steps = self.config.epochs * self.batches.steps_per_epoch
        self.schedule = Schedule(self.config, self.n_steps)
        self.step = 0  # steps done, over all epochs
        self.epochs_done = 0  # epochs trained and validated
        self.best: dict[str, Any] = {"epoch": 0, "val_accuracy": -1.0, "val_nll": math.inf}
        self.tally = torch.zeros(3, dtype=torch.float64, device=self.device)  # loss sum, hits, faces of this epoch
        self.dtype = choose_precision(self.config.precision, self.device)
        if resumed:
            self._load(resumed)
        if self.device == "cpu":
            say(choose_threads(self._probe, self.config.threads or (resumed["threads"] if resumed else 0)))
        weights = weigh_classes(self.batches.labels.cpu(), self.config.balance)
        self.class_weights = None if weights is None else weights.to(self.device)
        self.metrics = Metrics(run.path / "metrics.jsonl", self.n_steps, self.step, self.config.tensorboard)
        self.saved_at = time.perf_counter()

    def train(self) -> str:
        """Runs the epochs that are left, then the report; returns a sentence for exit.json."""
        try:
            while self.epochs_done < self.config.epochs and not self._out_of_patience():
                self.model.train()
                self._train_epoch(self.epochs_done)
                self._end_epoch(self.epochs_done)
            return self._report()
        except Stopped:
            self._save()
            raise
        finally:
            self.metrics.close()

    def _train_epoch(self, epoch: int) -> None:
        n = self.batches.steps_per_epoch
        freeze_trunk(self.model, epoch, self.config.freeze_epochs, self.config.unfreeze_epochs)
        for batch in self.batches.epoch(epoch, self.step - epoch * n):
            self.stop.check()
            torch.manual_seed(step_seed(self.config.seed, self.step))  # dropout's and stochastic depth's
            for group in self.optimizer.param_groups:
                group["lr"] = self.schedule.rate(self.step) * group["share"]
            if self.config.mixup or self.config.cutmix:
                batch = mix(batch, self.config, step_seed(self.config.seed + 1, self.step))
            with torch.autocast(self.device.split(":")[0], self.dtype, enabled=self.dtype != torch.float32):
                logits = self.model(batch.x)
            loss = compute_loss(logits, batch.targets, batch.votes, self.config, self.class_weights)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            if self.config.clip_norm:
                nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
            self.optimizer.step()
            if self.ema:
                self.ema.update_parameters(self.model)
            hits, n_faces = (logits.detach()[:, :N_EXPRESSIONS].argmax(1) == batch.labels).sum(), len(batch.x)
            self.tally += torch.stack([loss.detach().double() * n_faces, hits.double(), self.tally.new_tensor(n_faces)])
            self.step += 1
            if self.metrics.due():
                loss_mean, accuracy = self._read_tally(epoch)
                self.metrics.write_progress(self.step, epoch + 1, loss_mean, accuracy, self.config.batch_size)
            if time.perf_counter() - self.saved_at > _CHECKPOINT_EVERY_S:
                self._save()

    def _end_epoch(self, epoch: int) -> None:
        """Validates (the weights' running mean, where there is one), keeps the best, writes line and checkpoint."""
        train_loss, train_accuracy = self._read_tally(epoch)
        rate = self.schedule.rate(self.step - 1)
        rows = self.dataset.rows("val")
        judged = self.ema.module if self.ema else self.model
        network = Network(judged, self.config.model, self.preprocessing)
        logits = predict_logits(
            replace(network, preprocessing=replace(self.preprocessing, views="one")),
            self.dataset.faces[rows],
            self.device,
            dtype=self.dtype,
            on_batch=self.stop.check,
        )
        if not np.isfinite(logits).all():
            raise self._diverged(epoch)
        scores = score(softmax(logits.astype("float64")), self.dataset.labels[rows])
        if (scores["accuracy"], -scores["nll"]) > (self.best["val_accuracy"], -self.best["val_nll"]):
            self.best.update(epoch=epoch + 1, val_accuracy=scores["accuracy"], val_nll=scores["nll"])
            write_weights(self.run.best_weights, network)
        self.schedule.end_epoch(scores["accuracy"])
        self.epochs_done = epoch + 1
        self.tally.zero_()
        self.metrics.write_epoch(
            step=self.step,
            epoch=epoch + 1,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            val_loss=scores["nll"],
            val_accuracy=scores["accuracy"],
            val_macro_f1=scores["macro_f1"],
            learning_rate=rate,
        )
        self._save()
        say(
            f"epoch {epoch + 1}/{self.config.epochs}: train loss {train_loss:.4f}, accuracy {train_accuracy:.4f}; "
            f"val loss {scores['nll']:.4f}, accuracy {scores['accuracy']:.4f} (best: epoch {self.best['epoch']})"
        )

    def _out_of_patience(self) -> bool:
        patience = self.config.early_stopping
        return bool(patience) and self.epochs_done - self.best["epoch"] >= patience

    def _report(self) -> str:
        network = read_network(self.run.best_weights, self.device)
        say("evaluating the best epoch on the validation and test faces")
        report = write_report(self.run, network, self.dataset, self.device, self.stop.check)
        split = "test" if "test" in report else "val"
        return (
            f"best epoch {self.best['epoch']}: {split} accuracy {report[split]['accuracy']:.4f} "
            f"on {report[split]['n']} faces"
        )

    def _read_tally(self, epoch: int) -> tuple[float, float]:
        loss_sum, hits, n = self.tally.tolist()
        if not math.isfinite(loss_sum):
            raise self._diverged(epoch)
        return loss_sum / max(n, 1), hits / max(n, 1)

    def _diverged(self, epoch: int) -> InputError:
        return InputError(
            f"The loss is no longer a number in epoch {epoch + 1}. Lower learning_rate (it is "
            f"{self.config.learning_rate}), or choose precision=float32, and start again."
        )

    def _probe(self) -> None:
        """A small training step on a copy, for measuring."""
        model = copy.deepcopy(self.model)
        batch = next(self.batches.epoch(0))
        with torch.autocast("cpu", self.dtype, enabled=self.dtype != torch.float32):
            loss = F.cross_entropy(model(batch.x[:32]).float(), batch.labels[:32])
        loss.backward()

    def _save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "ema": self.ema.state_dict() if self.ema else {},
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "step": self.step,
            "epochs_done": self.epochs_done,
            "best": self.best,
            "tally": self.tally,
            "threads": torch.get_num_threads(),
        }
        write_training_state(self.run.last_checkpoint, state)
        self.saved_at = time.perf_counter()

    def _load(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        if self.ema:
            self.ema.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.step, self.epochs_done, self.best = state["step"], state["epochs_done"], state["best"]
        self.tally.copy_(state["tally"])
        say(f"going on after step {self.step} of {self.n_steps}")


def say(sentence: str) -> None:
    """One line of log.txt."""
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)
