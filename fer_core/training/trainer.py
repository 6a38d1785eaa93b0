"""The trainer: epochs with validation after each, checkpoints and the report."""

import math
import time
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch

from fer_core.base.text import count_of, percent
from fer_core.errors import InputError
from fer_core.evaluation.metrics import score
from fer_core.evaluation.report import write_report
from fer_core.inference.logits import predict_logits
from fer_core.jobs.outcome import Stopped
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.checkpoints import read_network, write_weights
from fer_core.models.network import Network, People
from fer_core.models.probabilities import softmax
from fer_core.runs.metrics_file import Metrics
from fer_core.runs.origins.learned import note_weights
from fer_core.runs.origins.lineage import renew_learned
from fer_core.runs.report import Scores
from fer_core.runs.run import Run
from fer_core.runs.run_weights import require_weights
from fer_core.training.checkpoint import Best, TrainingState, read_training_state, write_training_state
from fer_core.training.distributed import Ranks
from fer_core.training.log import say
from fer_core.training.prepare import build_data, build_network
from fer_core.training.step import build_step

_CHECKPOINT_EVERY_S = 300
_MAX_CLEAN = 2000  # training faces scored without augmentation: 2 standard errors are 2 points of accuracy


class Stop(Protocol):
    """A stop condition that is checked before each step."""

    def check(self) -> None:
        """Raises Stopped once training should end, in all ranks at once."""


class Trainer:
    """The training of one run, from the start or from its checkpoint.

    Attributes:
        data: its training data.
        step: the network and the rest of the training state.
        clean_rows: (m,) rows of the training faces scored without augmentation, at most as many as validation faces.
        epochs_done: epochs trained and validated.
        best: the epoch whose weights are kept (from 1; 0: none yet), with its `val_accuracy` and `val_nll`.
    """

    def __init__(self, run: Run, stop: Stop, ranks: Ranks | None = None) -> None:
        self.run, self.stop, self.config = run, stop, run.config
        self.ranks = ranks or Ranks()
        resumed = read_training_state(run.last_checkpoint) if run.last_checkpoint.is_file() else None
        self.data = build_data(run, self.ranks, stop.check)
        network = build_network(run, self.data, self.ranks, first_weights=resumed is None)
        self.step = build_step(self.data, network, self.ranks, resumed)
        dataset, n_clean = self.data.dataset, min(len(self.data.dataset.rows("val")), _MAX_CLEAN)
        self.clean_rows = dataset.draw_rows(self.data.labelled_rows, n_clean, self.config.seed)
        self.epochs_done = 0
        self.best: Best = {"epoch": 0, "val_accuracy": -1.0, "val_nll": math.inf}
        if resumed:
            self.epochs_done, self.best = resumed["epochs_done"], resumed["best"]
            say(f"continuing after step {self.step.n_done} of {self.data.n_steps}")
        lines = run.path / "metrics.jsonl" if self.ranks.is_first else None
        self.metrics = Metrics(lines, self.data.n_steps, self.step.n_done, self.config.tensorboard)
        self.saved_at = time.perf_counter()

    def train(self) -> str:
        """Runs the remaining epochs, then writes the report; returns the message for exit.json."""
        try:
            with self.ranks.first_goes_ahead():
                if self.ranks.is_first and self.step.n_done == 0:
                    self._keep_learned()
            while self.epochs_done < self.config.epochs and not self._out_of_patience():
                self.step.model.train()
                self._train_epoch(self.epochs_done)
                self._end_epoch(self.epochs_done)
            self.ranks.leave()
            return self._report() if self.ranks.is_first else ""
        except Stopped:
            self._save()
            self.ranks.leave()
            raise
        finally:
            self.metrics.close()

    def _keep_learned(self) -> None:
        """Writes the list of faces that the network is trained on, including those of its parent networks."""
        learned = renew_learned(self.run)
        if learned.note:
            say(learned.note)

    def _train_epoch(self, epoch: int) -> None:
        batches = self.data.batches
        self.step.freeze(epoch)
        for batch in batches.epoch(epoch, self.step.n_done - epoch * batches.steps_per_epoch):
            self.stop.check()
            self.step.take(batch)
            due, overdue = self.ranks.agree(
                self.metrics.due(), time.perf_counter() - self.saved_at > _CHECKPOINT_EVERY_S
            )
            if due:
                loss_mean, accuracy = self._read_tally(epoch)
                self.metrics.write_progress(self.step.n_done, epoch + 1, loss_mean, accuracy, self.config.batch_size)
            if overdue:
                self._save()

    def _end_epoch(self, epoch: int) -> None:
        """Validates (with the averaged weights, if any), saves the best weights, writes the line and checkpoint."""
        train_loss, train_accuracy = self._read_tally(epoch)
        people = People() if self.data.has_people_head else None
        network = Network(
            model=self.step.judged_model, name=self.config.model, preprocessing=self.data.preprocessing, people=people
        )
        self.ranks.average_buffers(self.step.model, self.step.ema)
        scores = self._judge(network, self.data.dataset.rows("val"))
        clean = self._judge(network, self.clean_rows)
        self._keep_best(epoch, network, scores)
        rate = self.step.schedule.rate(self.step.n_done - 1)
        self.step.schedule.end_epoch(scores.accuracy)
        self.epochs_done = epoch + 1
        self.step.tally.zero_()
        self.metrics.write_epoch(
            step=self.step.n_done,
            epoch=epoch + 1,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            train_clean_loss=clean.nll,
            train_clean_accuracy=clean.accuracy,
            val_loss=scores.nll,
            val_accuracy=scores.accuracy,
            val_macro_f1=scores.macro_f1,
            learning_rate=rate,
        )
        self._save()
        say(
            f"epoch {epoch + 1}/{self.config.epochs}: train loss {train_loss:.4f}, accuracy {train_accuracy:.4f} "
            f"(not augmented: {clean.nll:.4f}, {clean.accuracy:.4f}); "
            f"val loss {scores.nll:.4f}, accuracy {scores.accuracy:.4f} (best: epoch {self.best['epoch']})"
        )

    def _keep_best(self, epoch: int, network: Network, scores: Scores) -> None:
        """Saves the network's weights if its validation scores are the best so far."""
        nll = math.inf if scores.nll is None else scores.nll
        if not (scores.accuracy, -nll) > (self.best["val_accuracy"], -self.best["val_nll"]):
            return
        self.best = {"epoch": epoch + 1, "val_accuracy": scores.accuracy, "val_nll": nll}
        if self.ranks.is_first:
            write_weights(self.run.best_weights, network, rounded=True)
            note_weights(self.run.path, self.run.best_weights)

    def _judge(self, network: Network, rows: np.ndarray) -> Scores:
        """The scores of these faces without augmentation, one view each, against their labels; shared by the ranks."""
        # The first few are computed twice where need be: ranks with as many faces look for a stop as often.
        shared = np.resize(rows, math.ceil(len(rows) / self.ranks.size) * self.ranks.size)
        mine = self.ranks.part(len(shared))
        part = predict_logits(
            replace(network, preprocessing=replace(self.data.preprocessing, views="one")),
            self.data.dataset.faces[shared[mine]],
            self.data.device,
            dtype=self.step.tuning.dtype,
            on_batch=self.stop.check,
        )
        all_logits = torch.zeros(len(shared), N_EXPRESSIONS)
        all_logits[mine] = torch.from_numpy(part)
        logits = self.ranks.sum(all_logits)[: len(rows)].numpy()
        if not np.isfinite(logits).all():
            raise self._diverged(self.epochs_done)
        return score(softmax(logits.astype("float64")), self.data.dataset.labels[rows])

    def _out_of_patience(self) -> bool:
        patience = self.config.early_stopping
        return bool(patience) and self.epochs_done - self.best["epoch"] >= patience

    def _report(self) -> str:
        early = ""
        if self.epochs_done < self.config.epochs:
            early = f"stopped early after epoch {self.epochs_done} of {self.config.epochs}; "
            say(f"{early}no improvement in {self.config.early_stopping} epochs")
        network = read_network(require_weights(self.run), self.data.device)
        say("evaluating the best epoch on the validation and test faces")
        report = write_report(self.run, network, self.data.dataset, self.data.device, self.stop.check)
        split = "test" if "test" in report else "val"
        return (
            f"{early}best epoch {self.best['epoch']}: {split} accuracy {percent(report[split].accuracy)} "
            f"on {count_of(report[split].n, 'face')}{self._tell_absent()}"
        )

    def _tell_absent(self) -> str:
        absent = self.data.find_absent()
        return f"; trained without faces of {', '.join(absent)}" if absent else ""

    def _read_tally(self, epoch: int) -> tuple[float, float]:
        """The mean loss of the epoch so far, and the accuracy on the faces that train the labels head."""
        loss_mean, accuracy = self.step.read_tally()
        if not math.isfinite(loss_mean):
            raise self._diverged(epoch)
        return loss_mean, accuracy

    def _diverged(self, epoch: int) -> InputError:
        return InputError(
            f"The loss became NaN or infinite in epoch {epoch + 1}. Lower learning_rate (now "
            f"{self.config.learning_rate}), or choose precision=float32, and try again."
        )

    def _save(self) -> None:
        state: TrainingState = {**self.step.state_dict(), "epochs_done": self.epochs_done, "best": self.best}
        if self.ranks.is_first:
            write_training_state(self.run.last_checkpoint, state)
            note_weights(self.run.path, self.run.last_checkpoint)
        self.saved_at = time.perf_counter()
