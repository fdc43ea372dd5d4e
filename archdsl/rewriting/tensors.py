"""The weights of a rewritten network as tensors of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from archdsl.importing.refusal import Refusal
from archdsl.rewriting.formulas import Formula, values

Shape = Sequence[int]


class Doubles:
    """Arithmetic of tensors in double precision."""

    def number(self, value: float) -> Tensor:
        """A number without dimensions."""
        return torch.tensor(value, dtype=torch.float64)

    def zeros(self, shape: Shape) -> Tensor:
        """A tensor of zeros."""
        return torch.zeros(tuple(shape), dtype=torch.float64)

    def root(self, of: Tensor) -> Tensor:
        """The square root of every number."""
        return of.sqrt()

    def joined(self, parts: Sequence[Tensor], axis: int) -> Tensor:
        """Tensors one after another along an axis."""
        return torch.cat([*parts], axis)


def doubles(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights in double precision; whole numbers stay whole."""
    return {k: v.double() if v.is_floating_point() else v for k, v in state.items()}


def applied(formulas: Mapping[str, Formula], state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights by formulas, computed in double precision."""
    return {k: v.contiguous() for k, v in values(formulas, doubles(state), Doubles()).items()}


def as_before(
    made: Mapping[str, Tensor], formulas: Mapping[str, Formula], state: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Weights in the types of those that they are computed from, each in memory of its own.

    Raises `Refusal` (E0998) for a number that is too large for its type.
    """
    found: dict[str, Tensor] = {}
    for key, tensor in made.items():
        kind = state[formulas[key].keys[0]].dtype
        found[key] = tensor.to(kind).contiguous().clone()
        if bool(found[key].isinf().any()) and not bool(tensor.isinf().any()):
            name = str(kind).removeprefix("torch.")
            raise Refusal("E0998", f"numbers of `{key}` are too large for {name}")
    return found
