"""How training is computed: precision, layout, compilation, and the distribution over processes."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed import HashStore  # type: ignore[attr-defined]

from archdsl.diagnostics import error
from archdsl.source import whole_of
from archdsl.training.data import Share
from archdsl.training.faults import TrainingError


@dataclass(frozen=True)
class Engine:
    """Settings that change speed and memory, but of the results only rounding and compiled dropout.

    `accumulate`: the number of parts of a batch computed one after the other. `shard`: every
    process holds a part of the weights (FSDP2) instead of all (DDP).
    """

    accumulate: int = 1
    shard: bool = False
    compile: bool = False
    bf16: bool = False
    channels_last: bool = False
    fused: bool = True


@dataclass(frozen=True)
class World:
    """The processes of a training, and this process's device."""

    share: Share = field(default_factory=Share)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def is_first(self) -> bool:
        """Whether this process writes and prints."""
        return self.share.rank == 0

    def total(self, numbers: Tensor) -> Tensor:
        """The sum of numbers over all processes."""
        if self.share.size > 1:
            dist.all_reduce(numbers)
        return numbers

    def agree(self, module: nn.Module) -> None:
        """Copy the running statistics of the first process, which are saved, to all processes."""
        if self.share.size > 1:
            for buffer in module.buffers():
                dist.broadcast(buffer, 0)

    def told(self, content: object) -> object:
        """Broadcast the content from the first process."""
        if self.share.size == 1:
            return content
        contents = [content]
        dist.broadcast_object_list(contents, 0)
        return contents[0]

    def gathered(self, names: set[str]) -> set[str]:
        """The union of the names of all processes."""
        if self.share.size == 1:
            return names
        found: list[set[str]] = [set() for _ in range(self.share.size)]
        dist.all_gather_object(found, names)
        return set().union(*found)


def is_worker() -> bool:
    """Whether `torchrun` started this process."""
    return "RANK" in os.environ and "WORLD_SIZE" in os.environ


def launch(gpus: int, arguments: Sequence[str]) -> int:
    """Start this command again in `gpus` processes with `torchrun`; returns the exit code.

    The processes report their own errors, unless the system kills them.
    """
    if torch.cuda.is_available() and gpus > torch.cuda.device_count():
        raise too_many(gpus)
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import main

    for name in ("elastic", "run"):
        logging.getLogger(f"torch.distributed.{name}").setLevel(logging.CRITICAL)
    try:
        main(["--standalone", f"--nproc-per-node={gpus}", "-m", "archdsl", *arguments])
    except SignalException as ended:
        # Exit code of a signal, as in shells.
        return 128 + ended.sigval
    except ChildFailedError as failed:
        rank, failure = failed.get_first_failure()
        if failure.exitcode > 0:
            return int(failure.exitcode)
        message = f"process {rank} was killed by {failure.signal_name()}"
        help = "it may have run out of memory; --resume continues from the last save"
        span = whole_of("--gpus")
        raise TrainingError(error("E0983", message, span, help=help)) from failed
    return 0


@contextmanager
def joined(shard: bool) -> Iterator[World]:
    """Join the process group of `torchrun`, if there is one.

    The backend is nccl if every process has a GPU, else gloo.
    """
    has_gpu = torch.cuda.is_available()
    local = int(os.environ.get("LOCAL_RANK", "0"))
    wanted = int(os.environ.get("LOCAL_WORLD_SIZE", local + 1))
    if has_gpu and wanted > torch.cuda.device_count():
        raise too_many(wanted)
    device = torch.device("cuda", local) if has_gpu else torch.device("cpu")
    if has_gpu:
        torch.cuda.set_device(device)
    if not is_worker() and not shard:
        yield World(device=device)
        return
    backend = "nccl" if has_gpu else "gloo"
    if is_worker():
        dist.init_process_group(backend)
    else:
        # FSDP2 needs a process group even for one process.
        dist.init_process_group(backend, store=HashStore(), rank=0, world_size=1)
    yield World(Share(dist.get_rank(), dist.get_world_size()), device)
    # After an error the others would wait for this process here; its exit stops them.
    dist.destroy_process_group()


def too_many(wanted: int) -> TrainingError:
    """The error for more processes than GPUs on this machine."""
    count = torch.cuda.device_count()
    message = f"this machine has {count} GPU{'s' if count != 1 else ''}, not {wanted}"
    help = "run at most one process per GPU"
    return TrainingError(error("E0968", message, whole_of("--gpus"), help=help))
