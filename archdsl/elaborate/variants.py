"""Networks with other values for their parameters: what must not be frozen in generated code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archdsl.arithmetic import Value
from archdsl.graph import Graph


@dataclass(frozen=True, eq=False)
class Variant:
    """The graph of a network in which one parameter has another value than its default."""

    network: str
    parameter: str
    value: Value
    graph: Graph


def others(value: Value) -> Iterator[Value]:
    """Values of the same kind, the likeliest to be possible first."""
    match value:
        case bool():
            yield not value
        case int():
            yield from (2 * value, value + 1, value - 1, value + 2)
        case float():
            yield from (value * 1.5, value / 2, value + 1)
        case tuple() if value:
            first, *rest = value
            for other in others(first):
                yield (other, *rest)
