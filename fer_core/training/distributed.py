"""Distributed training: one process per GPU, or several on the CPU.

`torchrun` starts them and passes each its rank in environment variables. Nothing else is read here, so several machines
train like one: with the workspace in a folder shared by all of them, run on each

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
    """This process among those that train together; without arguments, a process that trains alone.

    `agree`, `sum`, `average_buffers` and `first_goes_ahead` are collective: all ranks must call them equally often.

    Attributes:
        rank: from 0. The first one writes the files, holds the locks and makes the report.
        size: number of ranks.
        local_rank: from 0, on this machine.
        local_size: number of ranks on this machine.
        launcher: process id of the torchrun that started this process; 0: none.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1
    launcher: int = 0

    @property
    def is_first(self) -> bool:
        """Whether this is the rank that writes files."""
        return self.rank == 0

    @property
    def is_orphan(self) -> bool:
        """Whether the torchrun that started this process has ended, so that it no longer forwards signals."""
        return bool(self.launcher) and os.getppid() != self.launcher

    def agree(self, *flags: bool) -> list[bool]:
        """Each flag, True in all ranks if it is True in any."""
        if self.size == 1:
            return list(flags)
        agreed = torch.tensor(flags, dtype=torch.int32)  # on the CPU, and so by gloo: the GPU need not be waited for
        dist.all_reduce(agreed, dist.ReduceOp.MAX)
        return [bool(flag) for flag in agreed.tolist()]

    def sum(self, tensor: Tensor) -> Tensor:
        """The sum of the ranks' tensors; `tensor` is unchanged."""
        total = tensor.clone()
        if self.size > 1:
            dist.all_reduce(total)
        return total

    def part(self, n: int) -> slice:
        """The slice of n items that belongs to this rank.

        Raises:
            InputError: if they cannot be shared equally, so that the mean over ranks would differ from that over items.
        """
        if n % self.size:
            raise InputError(
                f"A batch of {n} faces cannot be shared equally by {self.size} processes. Choose a number of "
                "processes that divides batch_size, and a batch_size no larger than the number of training faces."
            )
        share = n // self.size
        return slice(self.rank * share, (self.rank + 1) * share)

    @contextmanager
    def first_goes_ahead(self) -> Iterator[None]:
        """Runs the block in the first rank, then in the others, which find the files written by the first."""
        if not self.is_first:
            self.agree(True)
        try:
            yield
        finally:
            if self.is_first:
                self.agree(True)

    def take_device(self, device: str) -> str:
        """The device of this rank in a run on `device`: its own GPU, or the shared CPU."""
        if self.size == 1 or not device.startswith("cuda"):
            return device
        torch.cuda.set_device(self.local_rank)
        return f"cuda:{self.local_rank}"

    def share_norms(self, model: nn.Module, device: str) -> nn.Module:
        """The model with batch norms that, on GPUs, use the mean and variance of the whole batch over all ranks.

        So a step does not depend on how many GPUs share the batch, and a run can continue with another number. On the
        CPU, where torch lacks this norm, each rank uses the statistics of its own faces, and `average_buffers` averages
        the running statistics: a step then differs as with a smaller batch.
        """
        if self.size == 1 or not device.startswith("cuda"):
            return model
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)

    def share_gradients(self, model: nn.Module) -> nn.Module:
        """The model to call in training; it averages the gradients over the ranks.

        Call it again when other parameters are frozen: it averages only the gradients of the others.
        """
        if self.size == 1:
            return model
        return DistributedDataParallel(model, forward_sync_buffers=False)

    def average_buffers(self, *models: nn.Module | None) -> None:
        """Sets the batch norms' running statistics to their mean over all ranks.

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
        """Leaves the group, as all ranks must; this process then continues alone."""
        if self.size > 1:
            dist.destroy_process_group()
        self.size = 1


def join_ranks(device: str) -> Ranks:
    """The rank of this process among those that torchrun started; waits until all of them have joined.

    A failing rank exits without `Ranks.leave`, which would wait for the others; torchrun then ends those.

    Args:
        device: of the run. Gradients use NCCL between GPUs and gloo on the CPU; flags always use gloo.
    """
    if int(os.environ.get("WORLD_SIZE", 1)) == 1 or "RANK" not in os.environ:
        return Ranks()
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.startswith("cuda") else "gloo", timeout=_TIMEOUT)
    rank, size, local_rank, local_size = (
        int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    )
    return Ranks(rank=rank, size=size, local_rank=local_rank, local_size=local_size, launcher=os.getppid())
