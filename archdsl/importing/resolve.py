"""From a trace to scopes of ops: every node becomes a step of the language, or a refusal."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from torch import nn

from archdsl.importing import attention, rows
from archdsl.importing.arranging import Held, Unarranged, arrangement_op, held
from archdsl.importing.functions import RULES, by_module, layer_of, unarranged
from archdsl.importing.refusal import Refusal
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.table import is_known, op_of
from archdsl.importing.trace import Frame, Node, Value
from archdsl.ops import OPS
from archdsl.ops.base import Op, Reject, Shape
from archdsl.ops.tensor_type import TensorType


def is_leaf(module: nn.Module) -> bool:
    """Whether a module is seen from outside alone: the class of an op, or one with a row."""
    return is_known(module) or rows.is_known(module)


def resolved(frame: Frame, shapes: Sequence[Shape]) -> Scope:
    """The scope of a frame on inputs of some types; raises `Refusal`."""
    return Resolver(frame, shapes).run()


class Resolver:
    """One frame: its scope so far, and what every value of the frame is there."""

    def __init__(self, frame: Frame, shapes: Sequence[Shape]) -> None:
        self.frame = frame
        module = frame.module
        is_container = isinstance(module, nn.Sequential) and (
            type(module).forward is nn.Sequential.forward
        )
        self.scope = Scope(frame.path, frame.kind, is_container, settings=_settings(module))
        self.batch = frame.inputs[0].shape[0] if frame.inputs else 1
        self.values: dict[Value, Held] = {}
        self.made: dict[Any, Port] = {}
        """Rearrangements and joins that are there, so that each is made once."""
        for value, shape in zip(frame.inputs, shapes, strict=True):
            step = Step("input", [shape])
            self.scope.inputs.append(step)
            self.values[value] = held(step.port, self.batch)

    def run(self) -> Scope:
        """All steps of the frame."""
        for node in self.frame.nodes:
            if node.kind in ("leaf", "call", "function"):
                self._take(node)
        self.scope.results = [self.port(value) for value in self.frame.results]
        self.scope.names = _names(self.frame)
        return self.scope

    def _take(self, node: Node) -> None:
        try:
            results = self._results(node)
        except Unarranged as error:
            self.refuse(node, unarranged(error))
        except Reject as reject:
            self.refuse(node, reject.message)
        several = results if isinstance(results, list) else [results]
        for value, tensor in zip(node.results, several, strict=False):
            self.values[value] = tensor
            if tensor.shape != value.shape:
                self.refuse(
                    node, f"gives {list(value.shape)} where {list(tensor.shape)} was expected"
                )

    def _results(self, node: Node) -> Held | list[Held]:
        if node.kind == "leaf":
            return self._leaf(node)
        if node.kind == "call":
            return self._call(node)
        return self._function(node)

    # --- modules ---

    def _leaf(self, node: Node) -> Held | list[Held]:
        assert node.module is not None
        row = rows.row_of(node.module)
        if row is not None:
            op = row(node.module)
            return self.held(node.inputs[0]) if op is None else self._applied(op, node)
        value = node.inputs[0]
        if len({*node.inputs}) > 1 or not node.inputs:
            self.refuse(node, f"`{node.name}` is called with several tensors")
        found = self.module(node.module, value, node, node.path)
        if found is None:
            what = f"has settings that no op has: {_described(node.module)}"
            self.refuse(node, what)
        # Of what a recurrent layer or an attention gives beside its sequence nothing is known.
        return [found]

    def _applied(self, op: Op, node: Node) -> Held:
        return self.held_of(self.op(op, [self.port(node.inputs[0])], node, node.path))

    def module(self, module: nn.Module, value: Value, node: Node, path: str) -> Held | None:
        """The step of a module of an op; the layout of what comes in is the one that it needs."""
        tensor = self.held(value)
        for is_last in (tensor.is_last(), not tensor.is_last()):
            try:
                port = self.materialized(tensor, is_last)
            except Unarranged:
                continue
            op = op_of(module, port.type)
            if op is not None:
                return self.held_of(self.op(op, [port], node, path))
        return None

    def _call(self, node: Node) -> Held | list[Held]:
        frame = node.frame
        assert frame is not None
        ports = [self.port(value) for value in _given(node)]
        scope = Resolver(frame, [port.type for port in ports]).run()
        inlined = _inlined(scope, ports)
        if inlined is not None:
            steps, results = inlined
            self.scope.steps += steps
            return [self.held_at(port) for port in results]
        step = Step("call", [port.type for port in scope.results], ports, scope=scope)
        step.path, step.line = node.path, node.line
        self.scope.steps.append(step)
        return [self.held_at(Port(step, index)) for index in range(len(scope.results))]

    # --- functions ---

    def _function(self, node: Node) -> Held | list[Held]:
        if not node.inputs:
            self._later(node, f"`{node.name}` makes a tensor of numbers")
            return []
        layer = layer_of(node)
        if layer is not None:
            return self._layer(node, *layer)
        if all(value.node.kind == "constant" for value in node.inputs):
            return []
        if node.name == "scaled_dot_product_attention":
            return attention.attended(self, node)
        if node.name in RULES:
            return RULES[node.name](self, node)  # type: ignore[no-any-return]
        found = by_module(self, node)
        if found is None:
            self.refuse(node, f"calls `{node.name}`, for which the language has no op")
        return found

    def _later(self, node: Node, what: str) -> None:
        """Whether a tensor of numbers matters is known once something reads it."""

    def _layer(self, node: Node, module: nn.Module, weight: Value) -> Held:
        key = weight.node.name
        if weight.node.kind != "weight" or not key.endswith("weight"):
            self.refuse(node, f"calls `{node.name}` with a weight that is computed")
        path = key.removesuffix("weight").removesuffix(".")
        found = self.module(module, node.inputs[0], node, path)
        if found is None:
            self.refuse(node, f"calls `{node.name}` with settings that no op has")
        return found

    # --- tensors ---

    def held(self, value: Value) -> Held:
        """What a value is in the scope."""
        if value in self.values:
            return self.values[value]
        kind, name = value.node.kind, value.node.name
        if kind == "weight":
            self.refuse(value.node, f"reads the weight `{name}` in a way that no op does")
        self.refuse(value.node, f"reads a tensor of fixed numbers, made by `{name}`")

    def port(self, value: Value) -> Port:
        """A value as the result of a step, with its channels where they belong."""
        tensor = self.held(value)
        return self.materialized(tensor, tensor.is_last())

    def materialized(self, tensor: Held, is_last: bool) -> Port:
        """The port of a tensor; what it takes to make it is appended once."""
        op = arrangement_op(tensor, is_last)
        if op is None:
            return tensor.port
        key = (tensor.port, str(op))
        if key not in self.made:
            self.made[key] = self._step(op, [tensor.port]).port
        return self.made[key]

    def held_at(self, port: Port) -> Held:
        """A port as a tensor of its own."""
        return held(port, self.batch)

    def held_of(self, step: Step) -> Held:
        """The only result of a step."""
        return self.held_at(step.port)

    def op(self, op: Op, inputs: Sequence[Port], node: Node, path: str = "") -> Step:
        """Append a step of an op."""
        step = self._step(op, inputs)
        step.path, step.line = path, node.line
        return step

    def _step(self, op: Op, inputs: Sequence[Port]) -> Step:
        shape = op.output(*[port.type for port in inputs])
        step = Step("op", [shape], [*inputs], op=op)
        self.scope.steps.append(step)
        return step

    def refuse(self, node: Node, what: str) -> NoReturn:
        """Refuse a node; the message names the module that it is in."""
        name = f"`{node.path}` (`{node.name}`)" if node.kind == "leaf" else self.frame.title
        raise Refusal("E0987", f"{name} {what}", line=node.line)

    # --- what rules ask for ---

    def arranged(self, node: Node, change: Callable[[Held], Held]) -> Held:
        """A tensor with other sizes."""
        return change(self.held(node.inputs[0]))

    def scaled(self, node: Node, value: Value, number: float) -> Held:
        """A tensor times a number."""
        if number == 1:
            return self.held(value)
        op = OPS["scale"].make({"value": number})
        return self.held_of(self.op(op, [self.port(value)], node))

    def joined(self, node: Node, name: str, operands: Sequence[Value]) -> Held:
        """The sum or product of two tensors, of which one may be a weight."""
        weights = [value for value in operands if self.is_weight(value)]
        others = [value for value in operands if not self.is_weight(value)]
        if len(others) != 2:
            return self._with_weight(node, name, others, weights)
        return self.join_ports(node, name, self._of_one_layout(others))

    def _of_one_layout(self, values: Sequence[Value]) -> list[Port]:
        tensors = [self.held(value) for value in values]
        is_last = any(tensor.is_last() for tensor in tensors)
        return [self.materialized(tensor, is_last) for tensor in tensors]

    def join_ports(self, node: Node, name: str, ports: Sequence[Port]) -> Held:
        """A join of ports; sizes of 1 are repeated where they must be."""
        op = OPS[name].make({})
        if name == "add" and ports[0].type != ports[1].type:
            op = OPS[name].make({"spread": True})
        return self.held_of(self.op(op, ports, node))

    def is_weight(self, value: Value) -> bool:
        """Whether a value is a weight, maybe repeated for the samples."""
        node = value.node
        if node.kind == "function" and node.name in ("expand", "repeat", "to", "unsqueeze", "view"):
            return node.inputs == [node.inputs[0]] and self.is_weight(node.inputs[0])
        return node.kind == "weight"

    def weight(self, value: Value) -> tuple[str, tuple[int, ...]]:
        """The key and the sizes of a weight."""
        while value.node.kind != "weight":
            value = value.node.inputs[0]
        return value.node.name, value.shape

    def _with_weight(
        self, node: Node, name: str, others: list[Value], weights: list[Value]
    ) -> Held:
        if len(others) != 1:
            self.refuse(node, "computes with weights alone")
        port = self.port(others[0])
        key, shape = self.weight(weights[0])
        if name == "mul" and shape == _gain_shape(port.type):
            return self.held_of(self.op(OPS["gain"].make({}), [port], node, key))
        return self.join_ports(node, name, [port, self.parameter(key, shape, port.type.is_last)])

    def parameter(self, key: str, shape: tuple[int, ...], is_last: bool) -> Port:
        """A learned tensor."""
        batch = len(shape) > 1 and shape[0] == 1
        sizes = shape[1:] if batch else shape
        listed = (sizes[:-1], sizes[-1]) if is_last and len(sizes) > 1 else sizes
        op = OPS["parameter"].make({"shape": listed, "batch": batch})
        step = Step("op", [TensorType(sizes, is_last)], [], op=op, path=key)  # type: ignore[arg-type]
        if key not in self.made:
            self.scope.steps.append(step)
            self.made[key] = step.port
        return self.made[key]

    def concatenated(self, node: Node, values: list[Value], dim: int) -> Held:
        """Tensors one after another, along their channels or their first positions."""
        if len(values) == 1:
            return self.held(values[0])
        known = [value for value in values if not self.is_weight(value)]
        if not known:
            self.refuse(node, "joins weights alone")
        is_last = any(self.held(value).is_last() for value in known)
        ports = [self._part_of(value, is_last) for value in values]
        first = ports[0].type
        name = {0: "append", first.channels_dimension: "concat"}.get(dim % (first.rank + 1) - 1, "")
        if not name:
            self.refuse(node, f"joins tensors along dimension {dim}, which is neither the channels")
        return self.held_at(self._extended(node, name, ports))

    def _part_of(self, value: Value, is_last: bool) -> Port:
        if self.is_weight(value):
            return self.parameter(*self.weight(value), is_last)
        return self.materialized(self.held(value), is_last)

    def _extended(self, node: Node, name: str, ports: list[Port]) -> Port:
        """A join of a list; where the list begins as an earlier one did, that is its first part."""
        for count in range(len(ports), 1, -1):
            before = self.made.get((name, *ports[:count]))
            if before is not None:
                rest = ports[count:]
                ports = [before, *rest]
                break
        if len(ports) == 1:
            return ports[0]
        step = self.op(OPS[name].make({}), ports, node)
        self.made[(name, *self._flat(name, ports))] = step.port
        return step.port

    def _flat(self, name: str, ports: list[Port]) -> list[Port]:
        keys = {port: key for key, port in self.made.items() if key[0] == name}
        first = keys.get(ports[0])
        return [*first[1:], *ports[1:]] if first else ports

    def parts(self, node: Node, dim: int, sizes: Sequence[int]) -> list[Held]:
        """Parts of the channels, one after another."""
        port = self._along_channels(node, dim)
        starts = [sum(sizes[:index]) for index in range(len(sizes))]
        if len({*sizes}) == 1:
            several = [{"parts": len(sizes), "index": index} for index in range(len(sizes))]
            return [self.held_of(self.op(OPS["part"].make(e), [port], node)) for e in several]  # type: ignore[arg-type]
        return [
            self._slice(port, start, start + n, node)
            for start, n in zip(starts, sizes, strict=True)
        ]

    def _slice(self, port: Port, start: int, stop: int, node: Node) -> Held:
        if start == 0 and stop == port.type.channels:
            return self.held_at(port)
        return self.held_of(
            self.op(OPS["slice"].make({"start": start, "stop": stop}), [port], node)
        )

    def _along_channels(self, node: Node, dim: int) -> Port:
        value = node.inputs[0]
        port = self.port(value)
        place = dim % len(value.shape) - 1
        if place != port.type.channels_dimension or len(port.type.sizes) != len(value.shape) - 1:
            self.refuse(node, f"takes parts of dimension {dim}, which is not that of the channels")
        return port

    def selected(self, node: Node, dim: int, index: int) -> Held:
        """One place of a dimension."""
        tensor = self.held(node.inputs[0])
        place = dim % len(tensor.sizes)
        part = attention.selected(self, tensor, place, index, node)
        if part is not None:
            return part
        port = self.port(node.inputs[0])
        if place != 1 or not port.type.is_last:
            self.refuse(node, "picks a place of a dimension that is not that of the positions")
        return self.held_of(self.op(OPS["take"].make({"index": index}), [port], node))

    def indexed(self, node: Node, items: list[Any]) -> Held:
        """`x[...]` with slices, numbers and `None`."""
        tensor = self.held(node.inputs[0])
        dimension = 0
        for place, item in enumerate(items):
            if item is None:
                tensor = tensor.with_one(place)
            elif isinstance(item, int) and not isinstance(item, bool):
                if any(each not in (None, slice(None)) for each in items[place + 1 :]):
                    self.refuse(node, "picks several places at once")
                return self.selected(node, dimension, item)
            elif item != slice(None):
                return self._sliced(node, dimension, item, items[place + 1 :])
            dimension += item is not None
        return tensor

    def _sliced(self, node: Node, dimension: int, item: Any, rest: list[Any]) -> Held:
        if (
            not isinstance(item, slice)
            or item.step not in (None, 1)
            or any(each != slice(None) for each in rest)
        ):
            self.refuse(node, "picks places in a way that the language has no words for")
        size = node.inputs[0].shape[dimension]
        start, stop, _ = item.indices(size)
        if (start, stop) == (0, size):
            return self.held(node.inputs[0])
        return self._slice(self._along_channels(node, dimension), start, stop, node)

    def averaged(self, node: Node, dims: list[int]) -> Held:
        """The mean, or the largest, over all positions."""
        name = {"mean": "global_avgpool", "amax": "global_maxpool"}.get(node.name, "")
        port = self.port(node.inputs[0])
        rank = len(node.inputs[0].shape)
        positions = {place + 1 for place in range(rank - 1)} - {port.type.channels_dimension + 1}
        if not name or {dim % rank for dim in dims} != positions:
            self.refuse(node, f"takes the `{node.name}` over {dims}, not over all positions")
        step = self.op(OPS[name].make({}), [port], node)
        return self.held_of(step).reshaped(node.results[0].shape)

    def enlarged(self, node: Node, given: dict[str, Any]) -> Held:
        """An image made larger by whole factors."""
        port = self.port(node.inputs[0])
        mode = given.get("mode", "nearest")
        before, after = port.type.positions, node.results[0].shape[2:]
        modes = {
            "nearest": "nearest",
            "linear": "linear",
            "bilinear": "linear",
            "trilinear": "linear",
        }
        pairs = [*zip(before, after, strict=True)]
        if mode not in modes or given.get("align_corners") or given.get("antialias"):
            self.refuse(node, f"interpolates in a way that no op has: {given}")
        if all(new % old == 0 for old, new in pairs):  # type: ignore[operator]
            factors = tuple([new // old for old, new in pairs])  # type: ignore[operator]
            if set(factors) == {1}:
                return self.held_at(port)
            factor = factors[0] if len({*factors}) == 1 else factors
            settings = {"factor": factor, "mode": modes[mode]}
            return self.held_of(self.op(OPS["upsample"].make(settings), [port], node))  # type: ignore[arg-type]
        return self._like(node, port, after, modes[mode])

    def _like(self, node: Node, port: Port, sizes: tuple[int, ...], mode: str) -> Held:
        """An image at the size of an earlier tensor of the scope."""
        steps = [*self.scope.inputs, *self.scope.steps]
        several = [Port(step, i) for step in steps for i in range(len(step.types))]
        for like in several:
            if like.type.positions == sizes and not like.type.is_last:
                op = OPS["resize"].make({"mode": mode})
                return self.held_of(self.op(op, [port, like], node))
        self.refuse(node, f"makes an image of {list(sizes)}, the size of no tensor that is at hand")

    def padded(self, node: Node, pads: list[int], given: dict[str, Any]) -> Held:
        """A margin around the positions, or further channels of zeros."""
        port = self.port(node.inputs[0])
        axes = len(port.type.positions)
        if not any(pads):
            return self.held(node.inputs[0])
        pairs = [(pads[place], pads[place + 1]) for place in range(0, len(pads), 2)]
        mode = given.get("mode", "constant")
        if port.type.is_last:
            self.refuse(node, "pads a tensor whose channels are last")
        margins = [*pairs, *[(0, 0)] * (axes + 1 - len(pairs))][: axes + 1]
        if margins[axes] != (0, 0):
            return self._more_channels(node, port, margins)
        amount = tuple([number for pair in reversed(margins[:axes]) for number in pair])
        settings = {"amount": amount[0] if len({*amount}) == 1 else amount, "mode": mode}
        if given.get("value"):
            settings["value"] = given["value"]
        return self.held_of(self.op(OPS["pad"].make(settings), [port], node))

    def _more_channels(self, node: Node, port: Port, margins: list[tuple[int, int]]) -> Held:
        channels, (before, behind) = port.type.channels, margins[-1]
        if before or any(pair != (0, 0) for pair in margins[:-1]):
            self.refuse(node, "pads channels in a way that no op does")
        op = OPS["pad_channels"].make({"out": channels + behind})  # type: ignore[dict-item]
        return self.held_of(self.op(op, [port], node))

    def rolled(self, node: Node, shifts: Any, dims: Any) -> Held:
        """Positions moved around."""
        port = self.port(node.inputs[0])
        first = 1 if port.type.is_last else 2
        axes = len(port.type.positions)
        shifts, dims = (shifts, dims) if isinstance(dims, list | tuple) else ([shifts], [dims])
        amounts = [0] * axes
        for shift, dim in zip(shifts, dims, strict=True):
            if not first <= dim < first + axes:
                self.refuse(node, "rolls what is no position")
            amounts[dim - first] = shift
        op = OPS["roll"].make({"shift": tuple(amounts) if axes > 1 else amounts[0]})
        return self.held_of(self.op(op, [port], node))


def _given(node: Node) -> list[Value]:
    """The tensors that a call gives to its module, each once, as the module's frame has them."""
    known = dict.fromkeys(value for value in node.inputs if value.node.kind != "weight")
    return [*known]


def _inlined(scope: Scope, ports: list[Port]) -> tuple[list[Step], list[Port]] | None:
    """The steps of a scope that is none in the language: of a module that is a layer itself.

    A module that calls a function with its own weights has them under its own path, as an op has;
    one without steps is the identity.
    """
    is_layer = any(step.op is not None and step.path == scope.path != "" for step in scope.steps)
    if scope.steps and not is_layer:
        return None
    outer = dict(zip([step.port for step in scope.inputs], ports, strict=True))
    for step in scope.steps:
        step.inputs = [outer.get(port, port) for port in step.inputs]
    return scope.steps, [outer.get(port, port) for port in scope.results]


def _gain_shape(shape: Shape) -> tuple[int, ...]:
    channels = shape.channels
    assert isinstance(channels, int)
    if shape.is_last or shape.rank == 1:
        return (channels,)
    return (channels, *[1] * (shape.rank - 1))


def _settings(module: nn.Module) -> dict[str, object]:
    """The parameters of a class's constructor whose value its object remembers."""
    try:
        names = inspect.signature(type(module)).parameters
    except (TypeError, ValueError):
        return {}
    found = {name: getattr(module, name, None) for name in names}
    return {name: each for name, each in found.items() if isinstance(each, int | float | str)}


def _names(frame: Frame) -> list[str]:
    """The names of several results: the keys of a dictionary, the fields of a named tuple."""
    result = frame.result
    if isinstance(result, dict):
        return [str(name) for name, value in result.items() if value is not None]
    fields = getattr(result, "_fields", None)
    if fields is not None:
        return [
            name for name, value in zip(fields, result, strict=True) if isinstance(value, Value)
        ]
    return []


def _described(module: nn.Module) -> str:
    return f"{type(module).__name__}({module.extra_repr()})"
