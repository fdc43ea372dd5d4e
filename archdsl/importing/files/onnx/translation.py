"""Nodes of an ONNX file as functions and modules of PyTorch, one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from archdsl.diagnostics import first_line
from archdsl.importing.files.flat import Flat, values_in, weight
from archdsl.importing.files.onnx.folding import UNFIT, folded
from archdsl.importing.files.onnx.graph import Array, Call, Fixed, Graph
from archdsl.importing.files.onnx.names import Keys, levels_of
from archdsl.importing.refusal import Refusal
from archdsl.importing.trace import Node, Value

MOST_ELEMENTS = 2**29
"""The most numbers of one tensor while the network runs."""

Held: TypeAlias = Value | Fixed


class Translation:
    """A graph, its functions so far, and what every tensor of it is."""

    def __init__(self, graph: Graph, inputs: Mapping[str, Tensor]) -> None:
        self.graph = graph
        self.flat = Flat()
        self.levels = levels_of(graph.calls)
        self.keys = Keys(self.levels)
        self.known: dict[str, Held] = dict(graph.fixed)
        self.parts: dict[str, Fixed] = {}
        """The tensors of the file by the keys of the text."""
        for name, tensor in inputs.items():
            node = Node("input", name)
            node.results = [Value(node, 0, tuple(tensor.shape), not tensor.is_floating_point())]
            self.known[name] = node.results[0]
            self.flat.inputs += node.results
            self.flat.input_names.append(identifier(name))

    # --- what a node is given ---

    def value(self, call: Call, place: int) -> Value:
        """An input of a node that is computed; a fixed one becomes a weight."""
        found = self.held(call, place)
        if found is None:
            raise call.refuse(f"lacks its input {place + 1}")
        return self.weight(call, found) if isinstance(found, Fixed) else found

    def held(self, call: Call, place: int) -> Held | None:
        """An input of a node; None where it has none."""
        name = call.inputs[place] if place < len(call.inputs) else ""
        return self.known[name] if name else None

    def fixed(self, call: Call, place: int) -> Fixed | None:
        """An input of a node that must be fixed, where there is one."""
        found = self.held(call, place)
        if isinstance(found, Value):
            raise call.refuse(f"computes its input {place + 1}, which is fixed in every op")
        return found

    def array(self, call: Call, place: int) -> Array | None:
        """The numbers of an input that must be fixed."""
        found = self.fixed(call, place)
        return None if found is None else found.array

    def weight(self, call: Call, part: Fixed) -> Value:
        """A fixed tensor as a learned one."""
        if not np.issubdtype(part.array.dtype, np.floating):
            raise call.refuse("computes with fixed whole numbers")
        key = self.keys.key(call, part)
        self._keep(key, part)
        return weight(key, part.shape)

    def _keep(self, key: str, part: Fixed) -> None:
        self.parts[key] = part
        self.flat.weights[key] = torch.from_numpy(np.array(part.array))

    def leaders(self) -> dict[str, str | None]:
        """The first key of every tensor of the file; None where others have it in another order."""
        first: dict[str, str] = {}
        found: dict[str, str | None] = {}
        for key, part in self.parts.items():
            leader = first.setdefault(part.name, key) if part.name in self.graph.given else None
            other = self.parts[leader] if leader is not None else part
            is_alike = (other.order, other.shape) == (part.order, part.shape)
            found[key] = leader if is_alike else None
            if leader is not None and not is_alike:
                found[leader] = None
        for key, leader in found.items():
            found[key] = found[leader] if leader is not None and leader != key else leader
        return found

    # --- what a node becomes ---

    def leaf(
        self,
        call: Call,
        make: Callable[[], nn.Module],
        x: Value,
        parts: Mapping[str, Fixed | None] | None = None,
    ) -> Value:
        """A module of PyTorch on a tensor, with the weights that the file has for it."""
        given = {name: part for name, part in (parts or {}).items() if part is not None}
        module = _made(call, make)
        path = self.keys.path(call, given) if given else ""
        for name, part in given.items():
            self._keep(f"{path}.{name}", part)
        wanted = {k: tuple(v.shape) for k, v in module.state_dict().items() if v.dim()}
        if wanted != {name: part.shape for name, part in given.items()}:
            raise call.refuse("has weights of sizes that do not fit its settings")
        node = Node("leaf", type(module).__name__, module=module, path=path, args=(x,))
        return self._added(call, node, module.eval(), x)[0]

    def single(self, call: Call, make: Callable[[], nn.Module]) -> Value:
        """A module of PyTorch that computes each number of a tensor from one."""
        x = self.value(call, 0)
        node = Node("leaf", "", module=_made(call, make), args=(x,))
        node.name = type(node.module).__name__
        # PyTorch would load its compiler to find out the sizes of some.
        return self._added(call, node, lambda given: given, x)[0]

    def function(
        self, call: Call, name: str, function: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Value:
        """A function of PyTorch, by the name that a trace has for it."""
        node = Node("function", name, args=args, kwargs=kwargs)
        return self._added(call, node, function, *args, **kwargs)[0]

    def functions(
        self, call: Call, name: str, function: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> list[Value]:
        """A function of PyTorch with several results."""
        node = Node("function", name, args=args, kwargs=kwargs)
        return self._added(call, node, function, *args, **kwargs)

    def _added(
        self, call: Call, node: Node, function: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> list[Value]:
        node.origin = call.title
        node.inputs = [*values_in((node.args, node.kwargs))]
        given, named = pytree.tree_map(_meta, (args, kwargs))
        try:
            found = function(*given, **named)
        except Exception as fault:
            raise call.refuse(f"does not fit what comes in: {first_line(fault)}") from fault
        for place, each in enumerate(pytree.tree_leaves(found)):
            if each.numel() > MOST_ELEMENTS:
                raise Refusal("E0991", f"{call.title} makes a tensor of {each.numel():,} numbers")
            is_counted = not each.is_floating_point()
            node.results.append(Value(node, place, tuple(each.shape), is_counted))
        self.flat.nodes.append(node)
        self.flat.levels[node] = self.levels.get(call, ())
        return node.results

    # --- all nodes ---

    def run(self, rules: Mapping[str, Rule]) -> Flat:
        """Take all nodes; raises `Refusal` for the first that has no rule."""
        for call in self.graph.calls:
            self.take(call, rules)
        for name in self.graph.results:
            found = self.known[name]
            if isinstance(found, Fixed):
                raise Refusal("E0988", f"the result `{name}` depends on no input")
            self.flat.results.append(found)
        # Exporters number results that nobody has named.
        if len(self.flat.results) > 1 and all(map(str.isidentifier, self.graph.results)):
            self.flat.result_names = [identifier(name) for name in self.graph.results]
        return self.flat

    def take(self, call: Call, rules: Mapping[str, Rule]) -> None:
        """Take a node; raises `Refusal`."""
        result: Held | Sequence[Held] | None = self._folded(call)
        if result is None:
            if call.op not in rules:
                raise call.refuse("has an operator for which the language has no op")
            try:
                result = rules[call.op](self, call)
            except (
                ValueError,
                IndexError,
                TypeError,
                OverflowError,
                RuntimeError,
                KeyError,
            ) as fault:
                raise call.refuse(f"cannot be read: {first_line(fault)}") from fault
        several = [result] if isinstance(result, Value | Fixed) else result
        named = [name for name in call.outputs if name]
        if len(several) < len(named):
            raise call.refuse(f"gives {len(named)} tensors, of which no op gives all")
        self.known |= dict(zip(named, several, strict=False))

    def _folded(self, call: Call) -> Fixed | None:
        given = [self.known[name] if name else None for name in call.inputs]
        if call.op in ("Shape", "Size") and given and isinstance(given[0], Value):
            sizes = given[0].shape[call.get("start", 0) : call.get("end")]
            return Fixed(np.asarray(sizes if call.op == "Shape" else prod(sizes), np.int64))
        if any(isinstance(each, Value) for each in given):
            return None
        try:
            return folded(call, given)  # type: ignore[arg-type]
        except UNFIT as fault:
            raise call.refuse(f"cannot be computed: {first_line(fault)}") from fault


Rule: TypeAlias = Callable[[Translation, Call], Held | Sequence[Held]]
"""What a node is: its results."""


def _made(call: Call, make: Callable[[], nn.Module]) -> nn.Module:
    try:
        with torch.device("meta"):
            return make()
    except Exception as fault:
        # Each class of PyTorch has its own ways to say that settings are none.
        raise call.refuse(f"has settings that PyTorch has not: {first_line(fault)}") from fault


def _meta(each: Any) -> Any:
    if not isinstance(each, Value):
        return each
    dtype = torch.int64 if each.is_counted else torch.float32
    return torch.empty(each.shape, dtype=dtype, device="meta")


def broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes of tensors that are repeated along sizes of 1."""
    return tuple(torch.broadcast_shapes(*shapes))  # type: ignore[no-untyped-call]


def identifier(name: str) -> str:
    """A name of the file as one that Python may have."""
    made = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)
    return made if made[:1].isalpha() else f"x{made}" if made.strip("_") else "x"
