"""The content of table cells, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from archdsl.analysis.memory import Largest
from archdsl.backends.table.magnitude import Unit, abbreviated
from archdsl.ops.base import Shape
from archdsl.ops.tensor_type import AXES, TensorType
from archdsl.shapes import Count, Dim, Unknown


@dataclass(frozen=True)
class Seen:
    """A receptive field; `whole` names, for every axis, the layer that made it whole."""

    size: tuple[Dim, ...]
    whole: tuple[str | None, ...]


@dataclass(frozen=True)
class Named:
    """Several shapes by name."""

    shapes: Mapping[str, Shape]


@dataclass(frozen=True)
class Pixels:
    """Numbers of pixels along every axis, which need not be whole."""

    numbers: tuple[Fraction, ...]


@dataclass(frozen=True)
class Effect:
    """The effect of a change on a figure: a number with its sign."""

    number: int


Cell: TypeAlias = (
    str | bool | Count | Dim | Largest | Unknown | Shape | Named | Seen | Pixels | Effect | None
)
Data: TypeAlias = "str | int | float | bool | list[Data] | dict[str, Data] | None"
"""A JSON value."""


def shown(cell: Cell, unit: Unit | None = None) -> str:
    """A cell as people read it; with a `unit` numbers are abbreviated."""
    match cell:
        case None:
            return ""
        case bool() | str():
            return str(cell)
        case int():
            return f"{cell:,}" if unit is None else abbreviated(cell, unit)
        case Effect(number=number):
            return f"{'+' if number > 0 else ''}{shown(number, unit)}"
        case Pixels(numbers=numbers):
            return f"[{', '.join(map(str, numbers))}]" if numbers else ""
        case Named(shapes=shapes):
            return ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        case Seen():
            return _seen(cell)
    return str(cell)


def data(cell: Cell) -> Data:
    """A cell as JSON has it; what depends on a symbolic size is a string."""
    match cell:
        case Unknown():
            return None
        case None | bool() | int() | str():
            return cell
        case TensorType(sizes=sizes):
            return [data(size) for size in sizes]
        case Named(shapes=shapes):
            return {name: data(shape) for name, shape in shapes.items()}
        case Pixels(numbers=numbers):
            return [float(each) if each.denominator > 1 else int(each) for each in numbers]
        case Seen(size=size, whole=whole):
            return {"size": [data(each) for each in size], "whole": [*whole]}
    return str(cell)


def layout(cell: Cell) -> dict[str, Data]:
    """What a JSON object says beside a shape: nothing where its channels are first."""
    if isinstance(cell, Named):
        each = {name: layout(shape) for name, shape in cell.shapes.items()}
        keys = dict.fromkeys(key for found in each.values() for key in found)
        return {k: {n: found[k] for n, found in each.items() if k in found} for k in keys}
    if not isinstance(cell, TensorType):
        return {}
    if cell.below is not None:
        return {"below": data(cell.below)}
    return {"channels": "last"} if cell.is_last else {}


def plain(cell: Cell) -> str:
    """A cell as CSV has it: as for people, but numbers without separators."""
    return str(cell) if isinstance(cell, int) else shown(cell)


def _seen(field: Seen) -> str:
    if not field.size:
        return ""
    causes = set(field.whole)
    if len(causes) == 1 and None not in causes:
        return f"whole input, through {causes.pop()}"
    notes = [
        f"; whole {side}, through {cause}"
        for side, cause in zip(AXES[len(field.size)], field.whole, strict=True)
        if cause is not None
    ]
    return f"[{', '.join(map(str, field.size))}]{''.join(notes)}"
