"""What boxes say of layers that are used several times with the same weights."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.analysis.layer_costs import Costs
from archdsl.outline.fold import Cell
from archdsl.outline.labels import end_of

ONE_SET = "one set of weights"
"""What a card says of copies that have the weights of the first."""


def sharing(cell: Cell, costs: Costs) -> str:
    """What a box says of its weights: whose they are, if they are those of another box."""
    if is_again(cell.nodes, costs):
        return f"shares {end_of(cell.path)}"
    _, *copies = cell.pieces
    are_again = [is_again(piece.nodes, costs) for piece in copies]
    return ONE_SET if copies and not cell.is_stretch and all(are_again) else ""


def is_again(nodes: Iterable[int], costs: Costs) -> bool:
    """Whether some nodes have weights, all of them those of others."""
    having = [costs.graph[node] for node in nodes if costs[node].read_weights]
    return bool(having) and all(node.again for node in having)
