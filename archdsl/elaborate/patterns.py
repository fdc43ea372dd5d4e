"""The shape that a tensor is expected to have: in a station, or on the right of a signature."""

from __future__ import annotations

from dataclasses import dataclass
from types import EllipsisType
from typing import TypeAlias

from archdsl.ops.layouts import fitted, written
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Term

Part: TypeAlias = Term | EllipsisType | None
"""One size; None for any, and `...` for any number of them."""


@dataclass(frozen=True)
class Pattern:
    """Sizes that are expected; at most one part is `...`. The channels may be last.

    Of whole numbers, which are counted, the last part is the bound.
    """

    parts: tuple[Part, ...]
    is_last: bool = False
    is_counted: bool = False

    def of(self, shape: TensorType[Term]) -> tuple[Term | None, ...] | None:
        """A part for every part of a tensor's type; None for a tensor of another layout."""
        found = fitted(self.parts, lambda part: part is ..., self.is_last, self.is_counted, shape)
        if found is None:
            return None
        return tuple([part if isinstance(part, Term) else None for part in found])

    def __str__(self) -> str:
        names = {None: "_", ...: "..."}
        parts = [str(each.value) if isinstance(each, Term) else names[each] for each in self.parts]
        return written(parts, self.is_last, self.is_counted)
