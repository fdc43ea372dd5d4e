"""Copies of models, whose functions see the copy's modules and not those of the original."""

from __future__ import annotations

import copy
from types import CellType, FunctionType

from torch import nn


def copied(model: nn.Module) -> nn.Module:
    """A copy of a model with all that its modules keep.

    `copy.deepcopy` takes functions as they are: `self.f = lambda x: layer(x)` would call the layer
    of the original.
    """
    memo: dict[int, object] = {}
    made = copy.deepcopy(model, memo)
    for module in made.modules():
        for name, value in vars(module).items():
            if isinstance(value, FunctionType) and value.__closure__:
                vars(module)[name] = _bound_again(value, memo)
    return made


def _bound_again(function: FunctionType, memo: dict[int, object]) -> FunctionType:
    """A function that sees copies in the place of what was copied."""
    cells = [_cell(each, memo) for each in function.__closure__ or ()]
    code, scope = function.__code__, function.__globals__
    made = FunctionType(code, scope, function.__name__, function.__defaults__, tuple(cells))
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _cell(cell: CellType, memo: dict[int, object]) -> CellType:
    try:
        return CellType(memo.get(id(cell.cell_contents), cell.cell_contents))
    except ValueError:  # It is not yet filled.
        return cell
