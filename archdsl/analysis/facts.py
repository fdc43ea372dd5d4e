"""The figures of a network that an `assert` can use, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from archdsl.analysis.cost import depth, inference_params, macs, params
from archdsl.analysis.layer_costs import Costs, Layers
from archdsl.analysis.memory import saved_bytes
from archdsl.analysis.receptive_field import receptive_field
from archdsl.arithmetic import Value
from archdsl.graph import Graph
from archdsl.shapes import Polynomial, Unknown

Figure: TypeAlias = "Value | Polynomial | Unknown"

MEASURES: dict[str, Callable[[Costs], Figure]] = {
    "params": params,
    "inference_params": inference_params,
    "macs": macs,
    "saved": saved_bytes,
    "depth": depth,
    "receptive_field": receptive_field,
    "output": lambda costs: costs.graph.shape(costs.graph.result).sizes,
}


class Measures:
    """The figures of networks, each counted once, however many asserts are about it.

    Layers that are equal are looked at once for all networks.
    """

    def __init__(self) -> None:
        self._costs: dict[Graph, Costs] = {}
        self._layers = Layers()
        self._known: dict[tuple[Graph, str], Figure] = {}

    def __call__(self, graph: Graph, name: str) -> Figure:
        """A figure of a network; `name` is one of `MEASURES`."""
        if (graph, name) not in self._known:
            costs = self._costs.setdefault(graph, Costs(graph, self._layers))
            self._known[graph, name] = MEASURES[name](costs)
        return self._known[graph, name]
