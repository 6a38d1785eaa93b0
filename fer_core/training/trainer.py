"""One training: the epochs, the validation after each, the checkpoints and the report."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from fer_core.base.text import count_of, percent
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.evaluation.metrics import score
from fer_core.evaluation.report import write_report
from fer_core.inference.logits import predict_logits
from fer_core.jobs.outcome import Stopped
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.build import build_model
from fer_core.models.checkpoints import read_network, read_training_state, write_training_state, write_weights
from fer_core.models.freezing import freeze_trunk
from fer_core.models.half import round_weights
from fer_core.models.network import Network, People
from fer_core.models.probabilities import softmax
from fer_core.models.weights import init_weights
from fer_core.runs.absent import explain_absent, find_absent
from fer_core.runs.learned import note_weights
from fer_core.runs.lineage import refuse_other_faces, renew_learned
from fer_core.runs.masks import describe_masks, has_people_head
from fer_core.runs.metrics_file import Metrics
from fer_core.runs.run import Run, get_ancestor, require_weights
from fer_core.training.distributed import Ranks
from fer_core.training.loader import Batch, TrainBatches, build_preprocessing, step_seed
from fer_core.training.losses import compute_loss, weigh_classes
from fer_core.training.mixing import mix
from fer_core.training.optim import Schedule, build_ema, build_optimizer
from fer_core.training.teacher import load_teacher_probs
from fer_core.training.tuning import Tuning, assume_tuning, build_probe, choose_tuning, compute_logits

_CHECKPOINT_EVERY_S = 300
_PROBE_FACES = 32
_MAX_CLEAN = 2000  # training faces scored without augmentation: 2 standard errors are 2 points of accuracy


class Stop(Protocol):
    """Something that is looked at before each step."""

    def check(self) -> None:
        """Raises Stopped once the training is to end, in all ranks at once."""


class Trainer:
    """One training: everything that a checkpoint must bring back is an attribute here.

    Each rank sees its part of every batch; together they make the very batches that one process would see.
    """

    def __init__(self, run: Run, stop: Stop, ranks: Ranks | None = None) -> None:
        self.run, self.stop, self.config = run, stop, run.config
        self.ranks = ranks or Ranks()
        self.dataset: Dataset = run.open_dataset()
        refuse_other_faces(run, self.dataset)
        self.device = self.ranks.take_device(run.device)
        self.preprocessing = build_preprocessing(self.dataset, self.config)
        teacher_probs = load_teacher_probs(run, self.dataset, self.device, self.ranks, stop.check, say)
        self.batches = TrainBatches(self.dataset, self.config, self.preprocessing, self.device, teacher_probs)
        torch.manual_seed(step_seed(self.config.seed, -(2**31)))
        self.has_people = has_people_head(self.config, self.dataset)
        name, input_px = self.config.model, self.preprocessing.input_px
        self.model = build_model(name, self.config.channels, self.config.dropout, 1 + self.has_people, input_px)
        resumed = read_training_state(run.last_checkpoint) if run.last_checkpoint.is_file() else None
        if resumed is None:
            with self.ranks.first_goes_ahead():
                say(self._init_weights(input_px))
        self.model = self.ranks.share_norms(self.model, self.device).to(self.device)
        self.tuning = self._tune(resumed)
        self.model = self.model.to(memory_format=self.tuning.memory_format)
        self.forward = self._wrap()
        self.ema = build_ema(self.model, self.config.ema)
        self.optimizer = build_optimizer(self.model, self.config)
        n_clean = min(len(self.dataset.rows("val")), _MAX_CLEAN)
        self.taught_rows = self.dataset.rows("train")[self.batches.taught.cpu().numpy()]  # teach the labels head
        self.clean_rows = self.dataset.draw_rows(self.taught_rows, n_clean, self.config.seed)
        self.n_steps = self.config.epochs * self.batches.steps_per_epoch
        self.schedule = Schedule(self.config, self.n_steps)
        self.step = 0  # steps done, over all epochs
        self.epochs_done = 0  # epochs trained and validated
        self.best: dict[str, Any] = {"epoch": 0, "val_accuracy": -1.0, "val_nll": math.inf}
        self.tally = torch.zeros(4, dtype=torch.float64, device=self.device)  # loss sum, hits, faces, faces of hits
        if resumed:
            self._load(resumed)
        for sentence in (describe_masks(self.config, self.dataset), explain_absent(self._find_absent())):
            if sentence:
                say(sentence)
        weights = weigh_classes(self.batches.labels[self.batches.taught].cpu(), self.config.balance)
        self.class_weights = None if weights is None else weights.to(self.device)
        lines = run.path / "metrics.jsonl" if self.ranks.is_first else None
        self.metrics = Metrics(lines, self.n_steps, self.step, self.config.tensorboard)
        self.saved_at = time.perf_counter()

    def train(self) -> str:
        """Runs the epochs that are left, then the report; returns a sentence for exit.json."""
        try:
            with self.ranks.first_goes_ahead():
                if self.ranks.is_first and self.step == 0:
                    self._keep_learned()
            while self.epochs_done < self.config.epochs and not self._out_of_patience():
                self.model.train()
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

    def _init_weights(self, input_px: int) -> str:
        """Fills the network as the config's `init` says; the sentence names the whole id of a run."""
        kind, _, where = self.config.init.partition(":")
        if kind != "run":
            return init_weights(self.model, self.config.model, self.config.init, input_px)
        run = get_ancestor(self.run, where)
        return init_weights(self.model, self.config.model, f"run:{run.run_id}", input_px, run.best_weights)

    def _keep_learned(self) -> None:
        """Writes which faces the network will have learned, those of the networks that it comes from included."""
        learned = renew_learned(self.run)
        if learned.note:
            say(learned.note)

    def _train_epoch(self, epoch: int) -> None:
        n = self.batches.steps_per_epoch
        freeze_trunk(self.model, epoch, self.config.freeze_epochs, self.config.unfreeze_epochs)
        if self.ranks.size > 1:
            self.forward = self._wrap()  # other parameters may be frozen now
        for batch in self.batches.epoch(epoch, self.step - epoch * n):
            self.stop.check()
            self.train_step(batch)
            due, overdue = self.ranks.agree(
                self.metrics.due(), time.perf_counter() - self.saved_at > _CHECKPOINT_EVERY_S
            )
            if due:
                loss_mean, accuracy = self._read_tally(epoch)
                self.metrics.write_progress(self.step, epoch + 1, loss_mean, accuracy, self.config.batch_size)
            if overdue:
                self._save()

    def train_step(self, batch: Batch) -> None:
        """One step of the optimizer: step number `self.step` of the training, which is then one more.

        Args:
            batch: of all ranks, the same in each; each takes its part.
        """
        # Dropout's and stochastic depth's; ranks must not drop the same units of different faces.
        torch.manual_seed(step_seed(self.config.seed, self.step) + self.ranks.rank)
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate(self.step) * group["share"]
            if "momentum" in group:
                group["momentum"] = self.schedule.momentum(self.step)
        if self.config.mixup or self.config.cutmix:
            batch = mix(batch, self.config, step_seed(self.config.seed + 1, self.step))
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
        hits = (logits.detach()[:, :N_EXPRESSIONS].argmax(1) == batch.labels).sum()
        n_faces, n_taught = self.tally.new_tensor(len(batch.x)), (batch.labels >= 0).sum()
        self.tally += torch.stack([loss.detach().double() * n_faces, hits.double(), n_faces, n_taught.double()])
        self.step += 1

    def _wrap(self) -> Callable[[Tensor], Tensor]:
        """What a step calls: the network, its gradients shared by the ranks, compiled where that is asked for."""
        shared = self.ranks.share_gradients(self.model)
        return torch.compile(shared) if self.config.compile else shared

    def _end_epoch(self, epoch: int) -> None:
        """Validates (the weights' running mean, where there is one), keeps the best, writes line and checkpoint."""
        train_loss, train_accuracy = self._read_tally(epoch)
        rate = self.schedule.rate(self.step - 1)
        model = self.ema.module if self.ema else self.model
        network = Network(model, self.config.model, self.preprocessing, people=People() if self.has_people else None)
        self.ranks.average_buffers(self.model, self.ema)
        scores = self._judge(network, self.dataset.rows("val"))
        clean = self._judge(network, self.clean_rows)
        if (scores["accuracy"], -scores["nll"]) > (self.best["val_accuracy"], -self.best["val_nll"]):
            self.best.update(epoch=epoch + 1, val_accuracy=scores["accuracy"], val_nll=scores["nll"])
            if self.ranks.is_first:
                write_weights(self.run.best_weights, round_weights(network))
                note_weights(self.run.path, self.run.best_weights)
        self.schedule.end_epoch(scores["accuracy"])
        self.epochs_done = epoch + 1
        self.tally.zero_()
        self.metrics.write_epoch(
            step=self.step,
            epoch=epoch + 1,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            train_clean_loss=clean["nll"],
            train_clean_accuracy=clean["accuracy"],
            val_loss=scores["nll"],
            val_accuracy=scores["accuracy"],
            val_macro_f1=scores["macro_f1"],
            learning_rate=rate,
        )
        self._save()
        say(
            f"epoch {epoch + 1}/{self.config.epochs}: train loss {train_loss:.4f}, accuracy {train_accuracy:.4f} "
            f"(not augmented: {clean['nll']:.4f}, {clean['accuracy']:.4f}); "
            f"val loss {scores['nll']:.4f}, accuracy {scores['accuracy']:.4f} (best: epoch {self.best['epoch']})"
        )

    def _judge(self, network: Network, rows: np.ndarray) -> dict[str, Any]:
        """The scores of these faces as they are, one view each, against their labels; each rank computes a part."""
        # The first few are computed twice where need be: ranks with as many faces look for a stop as often.
        shared = np.resize(rows, math.ceil(len(rows) / self.ranks.size) * self.ranks.size)
        mine = self.ranks.part(len(shared))
        part = predict_logits(
            replace(network, preprocessing=replace(self.preprocessing, views="one")),
            self.dataset.faces[shared[mine]],
            self.device,
            dtype=self.tuning.dtype,
            on_batch=self.stop.check,
        )
        all_logits = torch.zeros(len(shared), N_EXPRESSIONS)
        all_logits[mine] = torch.from_numpy(part)
        logits = self.ranks.sum(all_logits)[: len(rows)].numpy()
        if not np.isfinite(logits).all():
            raise self._diverged(self.epochs_done)
        return score(softmax(logits.astype("float64")), self.dataset.labels[rows])

    def _out_of_patience(self) -> bool:
        patience = self.config.early_stopping
        return bool(patience) and self.epochs_done - self.best["epoch"] >= patience

    def _report(self) -> str:
        early = ""
        if self.epochs_done < self.config.epochs:
            early = f"stopped early after epoch {self.epochs_done} of {self.config.epochs}; "
            say(f"{early}nothing gained in {self.config.early_stopping} epochs")
        network = read_network(require_weights(self.run), self.device)
        say("evaluating the best epoch on the validation and test faces")
        report = write_report(self.run, network, self.dataset, self.device, self.stop.check)
        split = "test" if "test" in report else "val"
        return (
            f"{early}best epoch {self.best['epoch']}: {split} accuracy {percent(report[split]['accuracy'])} "
            f"on {count_of(report[split]['n'], 'face')}{self._tell_absent()}"
        )

    def _tell_absent(self) -> str:
        absent = self._find_absent()
        return f"; trained without a face of {', '.join(absent)}" if absent else ""

    def _find_absent(self) -> list[str]:
        return find_absent(self.dataset.labels[self.taught_rows])

    def _read_tally(self, epoch: int) -> tuple[float, float]:
        """The mean loss of the epoch so far, and the accuracy on the faces that teach the labels head."""
        loss_sum, hits, n, n_taught = self.ranks.sum(self.tally).tolist()
        if not math.isfinite(loss_sum):
            raise self._diverged(epoch)
        return loss_sum / max(n, 1), hits / max(n_taught, 1)

    def _diverged(self, epoch: int) -> InputError:
        return InputError(
            f"The loss is no longer a number in epoch {epoch + 1}. Lower learning_rate (it is "
            f"{self.config.learning_rate}), or choose precision=float32, and start again."
        )

    def _tune(self, resumed: dict[str, Any] | None) -> Tuning:
        """How to compute: as before a stop, to the bit; else what is measured to be the quickest.

        Ranks do not measure: they might come to different answers.
        """
        if self.ranks.size > 1:
            tuning, sentence = assume_tuning(self.config, self.device), "nothing was measured"
        elif resumed:
            tuning, sentence = Tuning(**resumed["tuning"]), "as before"
        else:
            batch = next(self.batches.epoch(0))
            step = build_probe(self.model, batch.x[:_PROBE_FACES], batch.labels[:_PROBE_FACES])
            tuning, sentence = choose_tuning(step, self.config, self.device)
        torch.set_num_threads(tuning.threads)
        say(f"computing in {tuning}: {sentence}")
        return tuning

    def _save(self) -> None:
        self.ranks.average_buffers(self.model, self.ema)
        state = {
            "model": self.model.state_dict(),
            "ema": self.ema.state_dict() if self.ema else {},
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "step": self.step,
            "epochs_done": self.epochs_done,
            "best": self.best,
            "tally": self.ranks.sum(self.tally),
            "tuning": self.tuning.to_dict(),
        }
        if self.ranks.is_first:
            write_training_state(self.run.last_checkpoint, state)
            note_weights(self.run.path, self.run.last_checkpoint)
        self.saved_at = time.perf_counter()

    def _load(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        if self.ema:
            self.ema.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.step, self.epochs_done, self.best = state["step"], state["epochs_done"], state["best"]
        if self.ranks.is_first:
            kept = state["tally"]
            self.tally.copy_(
                kept if len(kept) == len(self.tally) else torch.cat([kept, kept[2:]])
            )  # an earlier version's
        say(f"going on after step {self.step} of {self.n_steps}")


def say(sentence: str) -> None:
    """One line of log.txt."""
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)
