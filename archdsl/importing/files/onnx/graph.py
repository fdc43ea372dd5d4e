"""The nodes of an ONNX file with what they are given, and tensors that are fixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from archdsl.importing.refusal import Refusal

Array = np.ndarray[Any, Any]


@dataclass(eq=False)
class Fixed:
    """A tensor of fixed numbers: an initializer by its name, or what was computed of such.

    `order` says how the sizes of an initializer were permuted.
    """

    array: Array
    name: str = ""
    order: tuple[int, ...] | None = None
    called: str = ""
    """The name by which nodes know it, where it is a copy of an initializer of another name."""

    @property
    def key(self) -> str:
        """The name that may be a key."""
        return self.called or self.name

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return tuple(self.array.shape)

    @property
    def number(self) -> float | int | None:
        """Its only number; None if it has several."""
        return self.array.reshape(-1)[0].item() if self.array.size == 1 else None

    def permuted(self, order: Sequence[int]) -> Fixed:
        """With its sizes in another order."""
        before = self.order or tuple(range(self.array.ndim))
        turned = tuple([before[place] for place in order])
        return replace(self, array=self.array.transpose(order), order=turned)


@dataclass(eq=False)
class Call:
    """A node of the file."""

    op: str
    name: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The node in messages."""
        return f"node `{self.name or self.outputs[0]}` (`{self.op}`)"

    def get(self, name: str, default: Any = None) -> Any:
        """An attribute."""
        return self.attributes.get(name, default)

    def refuse(self, why: str) -> Refusal:
        """Why the node has nothing in the language."""
        return Refusal("E0987", f"{self.title} {why}")


@dataclass
class Graph:
    """All nodes in an order in which they can run, with the fixed tensors by name."""

    calls: list[Call]
    fixed: dict[str, Fixed]
    inputs: list[Any]
    """Those that are no initializers, as the file describes them."""
    results: list[str]
    opset: int
    readers: dict[str, list[Call]] = field(default_factory=dict)
    makers: dict[str, Call] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    """The names of the initializers."""

    def link(self) -> None:
        """Find out anew who reads and makes what."""
        self.readers, self.makers = {}, {}
        for call in self.calls:
            for name in call.inputs:
                self.readers.setdefault(name, []).append(call)
            self.makers |= dict.fromkeys(call.outputs, call)

    def only_reader(self, name: str) -> Call | None:
        """The node that alone reads a tensor, which is no result."""
        readers = self.readers.get(name, [])
        return readers[0] if len(readers) == 1 and name not in self.results else None


def graph_of(model: Any) -> Graph:
    """The graph of a model; raises `Refusal`."""
    from onnx import numpy_helper

    fixed: dict[str, Fixed] = {}
    for tensor in model.graph.initializer:
        try:
            fixed[tensor.name] = Fixed(numpy_helper.to_array(tensor), tensor.name)
        except Exception as fault:
            message = f"the initializer `{tensor.name}` has not the numbers that it says"
            raise Refusal("E0991", message) from fault
    calls = [_call(node) for node in model.graph.node]
    inputs = [each for each in model.graph.input if each.name not in fixed]
    versions = {each.domain: each.version for each in model.opset_import}
    results = [each.name for each in model.graph.output]
    graph = Graph(calls, fixed, inputs, results, versions.get("", versions.get("ai.onnx", 0)))
    graph.given = frozenset(fixed)
    _require_order(graph)
    graph.link()
    return graph


def _call(node: Any) -> Call:
    from onnx.helper import get_attribute_value

    op = f"{node.domain}.{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type
    given = {}
    for each in node.attribute:
        if each.ref_attr_name or each.type in SUBGRAPHS:
            message = f"node `{node.name}` (`{op}`) has a graph of its own, which may run or not"
            raise Refusal("E0988", message)
        value = get_attribute_value(each)
        given[each.name] = value.decode(errors="replace") if isinstance(value, bytes) else value
    metadata = {each.key: each.value for each in node.metadata_props}
    return Call(op, node.name, [*node.input], [*node.output], given, metadata)


SUBGRAPHS = (5, 10)
"""Types of attributes that are graphs."""


def _require_order(graph: Graph) -> None:
    """Every tensor must be made once, and before it is read."""
    made = {*graph.fixed, *[each.name for each in graph.inputs], ""}
    for call in graph.calls:
        missing = [name for name in call.inputs if name not in made]
        if missing:
            raise Refusal("E0991", f"{call.title} reads `{missing[0]}`, which nothing has made")
        again = [name for name in call.outputs if name and name in made]
        if again or not any(call.outputs):
            raise Refusal("E0991", f"{call.title} makes a tensor that is there already")
        made |= {*call.outputs}
    missing = [name for name in graph.results if name not in made]
    if missing:
        raise Refusal("E0991", f"nothing makes the result `{missing[0]}`")


def float32(value: float) -> float:
    """A number of single precision as people write it: 1e-05 and not 9.999999747378752e-06."""
    return float(str(np.float32(value)))


def whole(values: Iterable[Any]) -> list[int]:
    """Whole numbers of an array or a list."""
    return [int(each) for each in values]
