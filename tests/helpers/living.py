"""The storages that live while PyTorch takes a training step: a CPU has no counter of them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

Make = Callable[..., torch.optim.Optimizer]


class Living(TorchDispatchMode):
    """The bytes of all storages that are alive, and the most at once."""

    def __init__(self, *tensors: Tensor) -> None:
        super().__init__()
        self.now = self.peak = 0
        self.sizes: dict[int, int] = {}
        for each in tensors:
            self.note(each)

    def note(self, tensor: Tensor) -> None:
        """Count a storage until it is freed."""
        storage = tensor.untyped_storage()
        if storage._cdata not in self.sizes:
            self.sizes[storage._cdata] = storage.nbytes()
            self.now += storage.nbytes()
            weakref.finalize(storage, self.free, storage._cdata)

    def free(self, key: int) -> None:
        """Count a storage no more."""
        self.now -= self.sizes.pop(key)

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        for each in tree_leaves(result):
            if isinstance(each, Tensor):
                self.note(each)
        self.peak = max(self.peak, self.now)
        return result


def peak_of_step(module: nn.Module, inputs: Sequence[Tensor], make: Make) -> int:
    """The most bytes that live in a training step behind the first."""
    optimizer = make(module.parameters())

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        # Loops of training have a name for it, so that it lives on.
        output = module(*inputs)
        _loss(output).backward()
        optimizer.step()

    step()
    optimizer.zero_grad(set_to_none=True)
    states = [tensor for state in optimizer.state.values() for tensor in state.values()]
    kept = [each for each in states if isinstance(each, Tensor)]
    with Living(*module.parameters(), *module.buffers(), *inputs, *kept) as living:
        step()
    return living.peak


def _loss(output: Any) -> Tensor:
    """The cross-entropy of all outputs."""
    losses = []
    for each in output if isinstance(output, tuple) else (output,):
        target = torch.zeros(len(each), *each.shape[2:], dtype=torch.long)
        losses.append(functional.cross_entropy(each, target))
    return torch.stack(losses).sum()
