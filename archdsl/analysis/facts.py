"""The figures of a network that an `assert` can use, by name."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.analysis.cost import depth, inference_params, macs, params
from archdsl.analysis.memory import saved_bytes
from archdsl.analysis.receptive_field import receptive_field
from archdsl.arithmetic import Value
from archdsl.graph import Graph
from archdsl.shapes import Polynomial

MEASURES: dict[str, Callable[[Graph], Value | Polynomial]] = {
    "params": params,
    "inference_params": inference_params,
    "macs": macs,
    "saved": saved_bytes,
    "depth": depth,
    "receptive_field": receptive_field,
    "output": lambda graph: graph.shape(graph.outputs["output"]).sizes,
}


def measure(graph: Graph, name: str) -> Value | Polynomial:
    """A figure of a network; `name` is one of `MEASURES`."""
    return MEASURES[name](graph)
