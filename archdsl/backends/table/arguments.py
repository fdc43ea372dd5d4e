"""Which arguments of which layers differ between two networks: `conv1: stride 2 -> 1`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from archdsl.backends.table.cells import Data
from archdsl.backends.table.columns import Figures
from archdsl.ops.base import Op
from archdsl.ops.parameters import shown

MOST_NAMED = 20
"""The most arguments that are named for people; of the others there is a number."""


@dataclass(frozen=True)
class ArgumentChange:
    """An argument of a layer that both networks have, with its two values."""

    path: str
    op: str
    argument: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return (
            f"{self.path or self.op}: {self.argument} {shown(self.before)} -> {shown(self.after)}"
        )


def argument_changes(first: Figures, second: Figures) -> list[ArgumentChange]:
    """The arguments in which layers of one path and one op differ, in order."""
    others = _layers(second)
    return [
        change
        for key, ops in _layers(first).items()
        # Layers without names of their own are told apart by their order, unless one is new.
        if len(ops) == len(others.get(key, ()))
        for before, after in zip(ops, others[key], strict=True)
        for change in _changes(*key, before, after)
    ]


def arguments_notes(found: Sequence[ArgumentChange]) -> list[str]:
    """A line for each change, as long as there are not too many."""
    more = len(found) - MOST_NAMED
    named = [str(change) for change in found[:MOST_NAMED]]
    return [*named, f"and {more:,} more arguments"] if more > 0 else named


def arguments_data(found: Sequence[ArgumentChange]) -> Data:
    """The changes as JSON has them."""
    return [
        {
            "path": change.path,
            "op": change.op,
            "argument": change.argument,
            "from": _data(change.before),
            "to": _data(change.after),
        }
        for change in found
    ]


def _layers(figures: Figures) -> dict[tuple[str, str], list[Op]]:
    """The ops of a network by path and name."""
    found: dict[tuple[str, str], list[Op]] = {}
    for node in figures.graph:
        if node.op is not None:
            found.setdefault((figures.path(node.id) or "", node.op.name), []).append(node.op)
    return found


def _changes(path: str, name: str, before: Op, after: Op) -> Iterator[ArgumentChange]:
    for argument in before.parameters():
        old, new = getattr(before, argument), getattr(after, argument, None)
        if old != new:
            yield ArgumentChange(path, name, argument, old, new)


def _data(value: Any) -> Data:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return [_data(item) for item in value]
    return shown(value)
