"""The figures of a network that rewrites change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.analysis.cost import depth, macs, params
from archdsl.graph import Graph


@dataclass(frozen=True)
class Counts:
    """Ops, those of heads included; entries of the state dict; parameters, multiply-adds, depth."""

    layers: int
    keys: int
    params: Any
    macs: Any
    depth: Any

    @classmethod
    def of(cls, graph: Graph, keys: int) -> Counts:
        """Those of a graph with so many keys."""
        layers = sum(node.op is not None for node in graph)
        return cls(layers, keys, params(graph), macs(graph), depth(graph))
