"""What a shape says of every size of a tensor: the shapes of stations and signatures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from archdsl.ops.tensor_type import TensorType

Written = TypeVar("Written")


def written(parts: Sequence[str], is_last: bool, is_counted: bool = False) -> str:
    """A shape as the language writes it: `[c, h, w]`, `[n; d]`, `[n] < 1000`."""
    if is_counted:
        return f"[{', '.join(parts[:-1])}] < {parts[-1]}"
    if not is_last:
        return f"[{', '.join(parts)}]"
    positions = ", ".join(parts[:-1])
    return f"[{positions}; {parts[-1]}]"


def fitted(
    parts: Sequence[Written],
    is_rest: Callable[[Written], bool],
    is_last: bool,
    is_counted: bool,
    tensor: TensorType[Any],
) -> tuple[Written | None, ...] | None:
    """A part for every part of a tensor, None in place of `...`; None if the layouts differ.

    Channels alone are first and last.
    """
    sizes, bound = (parts[:-1], parts[-1:]) if is_counted else (parts, ())
    found = spread(sizes, is_rest, tensor.rank)
    is_alike = tensor.is_last == (is_last and tensor.rank > 1)
    if found is None or not is_alike or is_counted != (tensor.below is not None):
        return None
    return *found, *bound


def spread(
    parts: Sequence[Written], is_rest: Callable[[Written], bool], rank: int
) -> tuple[Written | None, ...] | None:
    """As many parts as `rank`, with None in place of `...`; None if there are others."""
    rest = next((index for index, part in enumerate(parts) if is_rest(part)), None)
    if rest is None:
        return tuple(parts) if len(parts) == rank else None
    hidden = rank - (len(parts) - 1)
    return (*parts[:rest], *[None] * hidden, *parts[rest + 1 :]) if hidden >= 0 else None
