"""The tensors of a scope while it is made: what rules ask of it, and what they append to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from torch import nn

from archdsl.importing.arranging import Held, Unarranged, arrangement_op, held
from archdsl.importing.counted import is_fixed
from archdsl.importing.margins import without_margin
from archdsl.importing.modules.table import op_of
from archdsl.importing.pointwise import ON_FEATURES, channels_first, in_order, samples_first
from archdsl.importing.refusal import Refusal
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.trace import Frame, Node, Value
from archdsl.ops import OPS
from archdsl.ops.base import Op, Shape
from archdsl.ops.tensor_type import TensorType


@dataclass(frozen=True)
class Scores:
    """The products of queries and keys, `[…, n, d]` each, on their way to an attention."""

    query: Held
    key: Held
    scale: float
    is_soft: bool = False
    """A softmax over the keys has made weights of them."""
    dropout: float = 0.0
    is_turned: bool = False
    bias: Held | None = None
    """What is added to them: a number for every head, query and key."""
    is_masked: bool = False
    """No query reads the keys behind it. Which are left out is for the proof to say."""


class Tensors:
    """One frame: its scope so far, and what every value of the frame is there."""

    def __init__(self, frame: Frame, scope: Scope, shapes: Sequence[Shape], batch: int) -> None:
        self.frame = frame
        self.scope = scope
        self.batch = batch
        self.scores: dict[Value, Scores] = {}
        self.values: dict[Value, Held] = {}
        self.made: dict[Any, Port] = {}
        """Rearrangements and joins that are there, so that each is made once."""
        for value, shape in zip(frame.inputs, shapes, strict=True):
            step = Step("input", [shape])
            self.scope.inputs.append(step)
            tensor = held(step.port, self.batch)
            is_mixed = tensor.shape != value.shape
            self.values[value] = tensor.reshaped(value.shape) if is_mixed else tensor

    def module(self, module: nn.Module, value: Value, node: Node, path: str) -> Held | None:
        """The step of a module of an op; the layout of what comes in is the one that it needs."""
        module, tensor = without_margin(module, self.held(value), self.batch)
        for is_last in (tensor.is_last(), not tensor.is_last()):
            try:
                port = self.materialized(tensor, is_last)
            except Unarranged:
                continue
            op = op_of(module, port.type)
            if op is not None:
                return self.held_of(self.op(op, [port], node, path))
        turned = channels_first(module, tensor)
        if turned is not None:
            port = self.materialized(turned, is_last=False)
            op = op_of(module, port.type)
            found = None if op is None else self.held_of(self.op(op, [port], node, path))
            return None if found is None else found.permuted([0, 2, 1]).reshaped(tensor.shape)
        flat = samples_first(tensor) if isinstance(module, ON_FEATURES) else None
        if flat is None:
            return None
        port = self.materialized(flat, is_last=True)
        op = op_of(module, port.type)
        return (
            None if op is None else in_order(self.held_of(self.op(op, [port], node, path)), tensor)
        )

    def held(self, value: Value) -> Held:
        """What a value is in the scope."""
        if value in self.values:
            return self.values[value]
        name = value.node.name
        if self.is_weight(value):
            return self.held_weight(value)
        if value.node.kind == "function" and not is_fixed(value) and self.is_late(value):
            return self.values[value]
        if value in self.scores:
            self.values[value] = self.of_scores(value)
            return self.values[value]
        if not is_fixed(value):
            self.refuse(value.node, f"reads a result of `{name}` that no op gives")
        return self.refuse(value.node, f"reads a tensor of fixed numbers, made by `{name}`")

    def held_weight(self, value: Value, is_last: bool = True) -> Held:
        """A learned tensor that is rearranged first; it may lack a size for the batch."""
        key, shape = self.weight(value)
        if not shape:
            self.refuse(value.node, f"reads `{key}`, which has no sizes, as no weight of an op")
        whole = held(self.parameter(key, shape, is_last), 1)
        has_batch = len(whole.sizes) == len(shape)
        return Held(whole.port, whole.base, whole.sizes if has_batch else whole.sizes[1:])

    def port(self, value: Value) -> Port:
        """A value as the result of a step, with its channels where they belong."""
        tensor = self.held(value)
        return self.materialized(tensor, tensor.is_last())

    def materialized(self, tensor: Held, is_last: bool) -> Port:
        """The port of a tensor; what it takes to make it is appended once."""
        tensor = tensor.unmixed()
        op = arrangement_op(tensor, is_last)
        if op is None:
            return tensor.port
        key = (tensor.port, str(op))
        if key not in self.made:
            self.made[key] = self._step(op, [tensor.port]).port
        return self.made[key]

    def at_hand(self) -> list[Port]:
        """All tensors of the scope so far, the first ones first."""
        steps = [*self.scope.inputs, *self.scope.steps]
        return [Port(step, index) for step in steps for index in range(len(step.types))]

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
        name = node.origin or name
        raise Refusal("E0987", f"{name} {what}", line=node.line)

    def arranged(self, node: Node, change: Callable[[Held], Held]) -> Held:
        """A tensor with other sizes."""
        return change(self.held(node.inputs[0]))

    def join_ports(self, node: Node, name: str, ports: Sequence[Port]) -> Held:
        """A join of ports; sizes of 1 are repeated where they must be."""
        op = OPS[name].make({})
        if name in ("add", "sub") and ports[0].type != ports[1].type:
            op = OPS[name].make({"spread": True})
        return self.held_of(self.op(op, ports, node))

    def is_weight(self, value: Value) -> bool:
        """Whether a value is a weight, maybe repeated for the samples."""
        node = value.node
        if node.kind == "function" and node.name in ("expand", "repeat", "to"):
            return node.inputs == [node.inputs[0]] and self.is_weight(node.inputs[0])
        return node.kind == "weight"

    def weight(self, value: Value) -> tuple[str, tuple[int, ...]]:
        """The key and the sizes of a weight."""
        while value.node.kind != "weight":
            value = value.node.inputs[0]
        key = value.node.name
        if not value.is_learned:
            self.refuse(value.node, f"reads the buffer `{key}`, whose numbers no op has")
        return key, value.shape

    def of_scores(self, value: Value) -> Held:
        """The tensor that scores are, where something else than an attention reads them."""
        raise NotImplementedError

    def is_late(self, value: Value) -> bool:
        """Whether a value is known now that was left out until something reads it."""
        raise NotImplementedError

    def parameter(self, key: str, shape: tuple[int, ...], is_last: bool) -> Port:
        """A learned tensor."""
        batch = len(shape) > 1 and shape[0] == 1
        sizes = shape[1:] if batch else shape
        listed = (sizes[:-1], sizes[-1]) if is_last and len(sizes) > 1 else sizes
        op = OPS["parameter"].make({"shape": listed, "batch": batch})
        step = Step("op", [TensorType(sizes, is_last)], [], op=op, path=key)
        if key not in self.made:
            self.scope.steps.append(step)
            self.made[key] = step.port
        return self.made[key]
