"""Graphs made by hand, op by op."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.arithmetic import Value
from archdsl.graph import Graph, Node, Port
from archdsl.ops import OPS
from archdsl.ops.base import Op, Shape
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Frame
from archdsl.shapes import Dim, symbol
from archdsl.source import Source, Span
from archdsl.tree import Block, Instance

PLACE = Span(Source("test.arch", ""), 0, 0)
TREE = Instance(
    Block("net", "", (), is_network=True, span=PLACE, order=(0, 0)), "", Frame("net"), {}
)
H, W = symbol("h"), symbol("w")


@dataclass
class Net:
    """A graph, made op by op; the latest node that is not a training-only head is the output."""

    graph: Graph = field(default_factory=lambda: Graph("net", TREE))

    def input(self, *shape: Dim, name: str = "input") -> Port:
        self.graph.inputs[name] = port = self._add(None, (), TensorType(shape))
        self.graph.results["output"] = port
        return port

    def apply(self, name: str, *inputs: Port, head: bool = False, **values: Value) -> Port:
        op = OPS[name].make(values)
        return self._add(op, inputs, op.output(*map(self.graph.shape, inputs)), head)

    def join(self, name: str, *inputs: Port) -> Port:
        """Join images of slightly different sizes: the excess at the end is cut off."""
        shapes = [self.graph.shape(port) for port in inputs]
        positions = map(min, zip(*[shape.positions for shape in shapes], strict=True))
        shape = shapes[0].with_positions(positions)
        if name == "concat":
            shape = shape.with_channels(sum(shape.channels for shape in shapes))
        return self._add(OPS[name].make({}), inputs, shape)

    def chain(self, port: Port, *steps: tuple[str, dict[str, Value]]) -> Port:
        for name, values in steps:
            port = self.apply(name, port, **values)
        return port

    def _add(self, op: Op | None, inputs: tuple[Port, ...], shape: Shape, head=False) -> Port:
        number = len(self.graph)
        port = self.graph.add(Node(number, op, inputs, shape, str(number), PLACE, head))
        if not head:
            self.graph.results["output"] = port
        return port


def conv(out: int, kernel: Value, stride: int = 1, **values: Value) -> tuple[str, dict[str, Value]]:
    return "conv", {"out": out, "kernel": kernel, "stride": stride, **values}


def pool(kernel: int, stride: int, pad: int = 0) -> tuple[str, dict[str, Value]]:
    return "maxpool", {"kernel": kernel, "stride": stride, "pad": pad}
