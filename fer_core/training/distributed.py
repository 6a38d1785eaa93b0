"""The processes that train together: one a GPU, or several on the CPU.

`torchrun` starts them and tells each its place in environment variables. Nothing else is read here, so several machines
train as one does: with the workspace in a folder that all of them see, give on each

    torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint FIRST_HOST:29400 \
        -m fer_core.training.process RUN_DIR
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

from fer_core.errors import InputError

_TIMEOUT = timedelta(hours=2)  # the longest wait is for the first rank, while it downloads first weights


@dataclass(kw_only=True)
class Ranks:
    """This process among those that train together; made without arguments, a process that trains alone.

    What `agree`, `sum`, `average_buffers` and `first_goes_ahead` do takes all ranks: each must call it as often.

    Attributes:
        rank: from 0. The first one writes the files, holds the locks and makes the report.
        size: how many there are.
        local_rank: from 0, on this machine.
        local_size: how many there are on this machine.
        launcher: process id of the torchrun that started this one; 0: none did.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1
    launcher: int = 0

    @property
    def is_first(self) -> bool:
        """True for the one rank that writes."""
        return self.rank == 0

    @property
    def is_orphan(self) -> bool:
        """True once the torchrun that started this process is gone, and would no longer pass on a signal."""
        return bool(self.launcher) and os.getppid() != self.launcher

    def agree(self, *flags: bool) -> list[bool]:
        """Each flag, True for all ranks where it is for any."""
        if self.size == 1:
            return list(flags)
        agreed = torch.tensor(flags, dtype=torch.int32)  # on the CPU, and so by gloo: the GPU need not be waited for
        dist.all_reduce(agreed, dist.ReduceOp.MAX)
        return [bool(flag) for flag in agreed.tolist()]

    def sum(self, tensor: Tensor) -> Tensor:
        """The ranks' tensors added up; `tensor` is left as it was."""
        total = tensor.clone()
        if self.size > 1:
            dist.all_reduce(total)
        return total

    def part(self, n: int) -> slice:
        """Which of n things are this rank's.

        Raises:
            InputError: when they cannot be shared out equally, and the mean over ranks would not be that over things.
        """
        if n % self.size:
            raise InputError(
                f"A batch of {n} faces cannot be shared equally by {self.size} processes. "
                "Train with a number of processes that divides batch_size, and no fewer faces than a batch has."
            )
        share = n // self.size
        return slice(self.rank * share, (self.rank + 1) * share)

    @contextmanager
    def first_goes_ahead(self) -> Iterator[None]:
        """Runs the block in the first rank, then in the others, which find the files that the first one made."""
        if not self.is_first:
            self.agree(True)
        try:
            yield
        finally:
            if self.is_first:
                self.agree(True)

    def take_device(self, device: str) -> str:
        """The device of this rank in a run on `device`: a GPU of its own, or the CPU with the others."""
        if self.size == 1 or not device.startswith("cuda"):
            return device
        torch.cuda.set_device(self.local_rank)
        return f"cuda:{self.local_rank}"

    def share_norms(self, model: nn.Module, device: str) -> nn.Module:
        """The model with batch norms that, on GPUs, take mean and variance of the whole batch from all ranks.

        So a step does not depend on how many GPUs share the batch, and a run may go on with another number. On the
        CPU, where torch has no such norm, each takes those of its rank's faces, and `average_buffers` brings the
        running statistics together: a step then differs as that of a smaller batch would.
        """
        if self.size == 1 or not device.startswith("cuda"):
            return model
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)

    def share_gradients(self, model: nn.Module) -> nn.Module:
        """The model to call in training, so that its gradients are the ranks' mean.

        To be called again when other parameters are frozen: it averages the gradients of those that are not.
        """
        if self.size == 1:
            return model
        return DistributedDataParallel(model, forward_sync_buffers=False)

    def average_buffers(self, *models: nn.Module | None) -> None:
        """Gives all ranks the mean of the batch norms' running statistics.

        They are running means themselves, so it does not matter how often this is done, but that the variance is
        that within the ranks' parts of the batches.
        """
        if self.size == 1:
            return
        buffers = [b for model in filter(None, models) for b in model.buffers() if b.is_floating_point()]
        mean = self.sum(torch.cat([buffer.flatten() for buffer in buffers])) / self.size
        for buffer, part in zip(buffers, mean.split([buffer.numel() for buffer in buffers]), strict=True):
            buffer.copy_(part.view_as(buffer))

    def leave(self) -> None:
        """Parts from the others, who do the same; this process then goes on alone."""
        if self.size > 1:
            dist.destroy_process_group()
        self.size = 1


def join_ranks(device: str) -> Ranks:
    """This process's place among those that torchrun started, once all of them are there.

    A rank that fails ends without `Ranks.leave`, which would wait for the others; torchrun then ends those.

    Args:
        device: of the run. Gradients go by NCCL between GPUs and by gloo on the CPU, flags always by gloo.
    """
    if int(os.environ.get("WORLD_SIZE", 1)) == 1 or "RANK" not in os.environ:
        return Ranks()
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.startswith("cuda") else "gloo", timeout=_TIMEOUT)
    rank, size, local_rank, local_size = (
        int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    )
    return Ranks(rank=rank, size=size, local_rank=local_rank, local_size=local_size, launcher=os.getppid())
