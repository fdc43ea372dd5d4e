"""The shape that a tensor is expected to have: in a station, or on the right of a signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import TypeAlias, TypeVar

from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Term

Part: TypeAlias = Term | EllipsisType | None
"""One size; None for any, and `...` for any number of them."""
Written = TypeVar("Written")


@dataclass(frozen=True)
class Pattern:
    """Sizes that are expected; at most one part is `...`."""

    parts: tuple[Part, ...]

    def of(self, shape: TensorType[Term]) -> tuple[Term | None, ...] | None:
        """A size for every size of a tensor; None for a tensor with too many or too few."""
        found = spread(self.parts, lambda part: part is ..., shape.rank)
        if found is None:
            return None
        return tuple([part if isinstance(part, Term) else None for part in found])

    def __str__(self) -> str:
        names = {None: "_", ...: "..."}
        parts = [str(each.value) if isinstance(each, Term) else names[each] for each in self.parts]
        return f"[{', '.join(parts)}]"


def spread(
    parts: Sequence[Written], is_rest: Callable[[Written], bool], rank: int
) -> tuple[Written | None, ...] | None:
    """As many parts as `rank`, with None in place of `...`; None if there are others."""
    rest = next((index for index, part in enumerate(parts) if is_rest(part)), None)
    if rest is None:
        return tuple(parts) if len(parts) == rank else None
    hidden = rank - (len(parts) - 1)
    return (*parts[:rest], *[None] * hidden, *parts[rest + 1 :]) if hidden >= 0 else None
