"""The graph of a scene, read from nothing but its JSON, as the format describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archdsl.graph import Graph
from archdsl.ops.base import shape_text

OUTSIDE = -1
Tensor = str | int
"""The name of an input, or the number of an op in order."""


@dataclass
class Rebuilt:
    """Every op in order: text, path, shape, bits, what it reads; and the outputs by name."""

    ops: list[tuple[str, str, str, int, tuple[Tensor, ...]]] = field(default_factory=list)
    outputs: dict[str, Tensor] = field(default_factory=dict)


def rebuilt(data: dict[str, Any]) -> Rebuilt:
    """The graph of a scene."""
    found = Rebuilt()
    inputs: list[Tensor] = [name for name, _ in data["inputs"]]
    given = _inside(data, data["defs"][data["top"]], "", inputs, found)
    outputs = [name for name, _ in (*data["results"], *data["heads"])]
    found.outputs = {outputs[port]: tensor for port, tensor in given.items()}
    found.outputs |= {outputs[place]: inputs[port] for port, place in data["through"]}
    return found


def of_graph(graph: Graph) -> Rebuilt:
    """The same of a graph."""
    names = {port.node: name for name, port in graph.inputs.items()}
    ops = [node for node in graph if node.op is not None]
    tensors: dict[int, Tensor] = {**names, **{node.id: n for n, node in enumerate(ops)}}
    return Rebuilt(
        [
            (
                str(node.op), node.path, shape_text(node.shape),
                node.training_only + 2 * node.again,
                tuple(tensors[port.node] for port in node.inputs),
            )
            for node in ops
        ],
        {name: tensors[port.node] for name, port in graph.outputs.items()},
    )  # fmt: skip


def path_of(relative: str, base: str) -> str:
    """A path from what it is called within another."""
    name = relative.lstrip("^")
    around = base.split(".") if base else []
    around = around[: len(around) - (len(relative) - len(name))]
    return ".".join([*around, *[name.removeprefix(".")] * bool(name)])


def _inside(
    data: dict[str, Any], row: dict[str, Any], path: str, entries: list[Tensor], found: Rebuilt
) -> dict[int, Tensor]:
    """The tensors that a definition gives, by port."""
    if "c" not in row:
        return _step(data, row, path, entries, found)
    made: list[dict[int, Tensor]] = []
    given: dict[int, Tensor] = {}

    def tensor(place: int, port: int) -> Tensor:
        return entries[port] if place == OUTSIDE else made[place][port]

    for place, (number, relative, *_) in enumerate(row["c"]):
        child = data["defs"][number]
        ends = {edge[3]: edge for edge in row["e"] if edge[2] == place}
        read = [tensor(*ends[port][:2]) for port in range(len(child.get("i", ())))]
        made.append(_inside(data, child, path_of(relative, path), read, found))
    for source, port, target, to_port, *_ in row["e"]:
        if target == OUTSIDE:
            given[to_port] = tensor(source, port)
    return given


def _step(
    data: dict[str, Any], row: dict[str, Any], path: str, entries: list[Tensor], found: Rebuilt
) -> dict[int, Tensor]:
    read = [entries[port] for port in row.get("r", range(len(entries)))]
    for number, relative, _span in row.get("o", ()):
        text, _family, _shapes, shape, _params, _macs, bits = data["ops"][number]
        exact = data["shapes"][shape][1]
        found.ops.append((text, path_of(relative, path), exact, bits, tuple(read)))
        read = [len(found.ops) - 1]
    return {0: read[0]} if "u" in row else {}
