"""Started by torchrun: trains RUN_DIR as `fer_core.training.process` does, and leaves every rank's weights in it.

With a second argument, the last rank alone is asked to stop when it has looked so many times.
"""

import sys
from pathlib import Path

import torch

from fer_core.runs.run import Run
from fer_core.training.distributed import join_ranks
from fer_core.training.process import StopSignal, train_run
from fer_core.training.trainer import Trainer


class StopOfTheLast(StopSignal):
    left = int(sys.argv[2]) if len(sys.argv) > 2 else sys.maxsize

    def check(self):
        self.left -= 1
        self.asked = self.left < 0 and self.ranks.rank == self.ranks.size - 1
        super().check()


class KeepingTrainer(Trainer):
    def _save(self):
        super()._save()
        torch.save(self.step.model.state_dict(), self.run.path / f"rank{self.ranks.rank}.pt")


if __name__ == "__main__":
    run = Run(Path(sys.argv[1]))
    ranks = join_ranks(run.device)
    sys.modules["fer_core.training.process"].Trainer = KeepingTrainer
    sys.exit(train_run(run, StopOfTheLast(ranks), ranks) == "failed")
