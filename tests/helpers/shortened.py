"""Networks without equal blocks in a row, for tests of where each kind of block can be used."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

from torch import nn

Module = TypeVar("Module", bound=nn.Module)


def shortened(network: Module) -> Module:
    """The network, of whose sequences only the first of equal modules in a row is left.

    Modules are equal if they have the same classes, numbers and shapes of weights inside. The
    chance to drop something only counts as being there or not: it differs from block to block.
    """
    for part in [*network.modules()]:
        if isinstance(part, nn.Sequential) and type(part).forward is nn.Sequential.forward:
            _shorten(part)
    return network


def _shorten(sequence: nn.Sequential) -> None:
    items = [(name, _form(child)) for name, child in sequence.named_children()]
    for (_, before), (name, form) in pairwise(items):
        if form == before:
            delattr(sequence, name)


def _form(module: nn.Module) -> object:
    """What equal modules have in common."""
    numbers = {
        name: bool(value) if isinstance(value, float) else value
        for name, value in vars(module).items()
        if isinstance(value, bool | int | float | str | tuple)
    }
    shapes = {name: entry.shape for name, entry in module.state_dict().items()}
    children = [(name, _form(child)) for name, child in module.named_children()]
    return type(module), numbers, shapes, children
