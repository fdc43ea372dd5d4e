"""From a trace to scopes of ops: every node becomes a step of the language, or a refusal."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from torch import nn

from archdsl.importing import rearranging, rows, windows
from archdsl.importing.arranging import Held, Unarranged
from archdsl.importing.functions import by_module
from archdsl.importing.layers import layer_of
from archdsl.importing.neighbours import starts_of
from archdsl.importing.rules import RULES
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.table import is_known
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Frame, Node, Value
from archdsl.ops import OPS
from archdsl.ops.base import Op, Reject, Shape


def is_leaf(module: nn.Module) -> bool:
    """Whether a module is seen from outside alone: the class of an op, or one with a row."""
    return is_known(module) or rows.is_known(module) or windows.is_known(module)


def resolved(frame: Frame, shapes: Sequence[Shape]) -> Scope:
    """The scope of a frame on inputs of some types; raises `Refusal`."""
    return _resolver(frame, shapes).run()


def _resolver(frame: Frame, shapes: Sequence[Shape]) -> Resolver:
    module = frame.module
    is_plain = type(module).forward is nn.Sequential.forward
    settings = {**_settings(module), **frame.settings}
    scope = Scope(frame.path, frame.kind, is_plain, settings=settings)
    scope.input_names = input_names(module, len(shapes))
    return Resolver(frame, scope, shapes)


def input_names(module: nn.Module, count: int) -> list[str]:
    """What a module calls the tensors that come in."""
    names = list(inspect.signature(module.forward).parameters)
    return names if len(names) == count else [f"x{place}" for place in range(count)]


class Resolver(Tensors):
    """Takes the nodes of a frame, one after another."""

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
            self.refuse(node, _unarranged(error))
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

    def _leaf(self, node: Node) -> Held | list[Held]:
        assert node.module is not None
        row = rows.row_of(node.module)
        if row is not None:
            op = row(node.module, self.port(node.inputs[0]).type)
            if op is None and self.scope.is_container and isinstance(node.module, nn.Dropout):
                # Without it the layers behind it would have other numbers.
                op = OPS["dropout"].make({"p": 0.0})
            return self.held(node.inputs[0]) if op is None else self._applied(op, node)
        if windows.is_known(node.module):
            port = self.materialized(self.held(node.inputs[0]), is_last=True)
            scope = windows.window_scope(node.module, node.path, port.type, node.line)
            return self._entered(node, scope, [port])
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

    def _call(self, node: Node) -> Held | list[Held]:
        frame = node.frame
        assert frame is not None
        ports = [self.port(value) for value in _given(node)]
        return self._entered(node, _resolver(frame, [port.type for port in ports]).run(), ports)

    def _entered(self, node: Node, scope: Scope, ports: list[Port]) -> list[Held]:
        """The results of a call of a scope."""
        inlined = _inlined(scope, ports)
        if inlined is not None:
            steps, results = inlined
            self.scope.steps += steps
            return [self.held_at(port) for port in results]
        step = Step("call", [port.type for port in scope.results], ports, scope=scope)
        step.path, step.line = node.path, node.line
        self.scope.steps.append(step)
        return [self.held_at(Port(step, index)) for index in range(len(scope.results))]

    def _function(self, node: Node) -> Held | list[Held]:
        if not node.inputs:
            # Whether a tensor of numbers matters is known once something reads it.
            return []
        if self.is_weight(node.results[0]):
            # A weight that is repeated for the samples is known by its key.
            return []
        layer = layer_of(node)
        if layer is not None:
            return self._layer(node, *layer)
        is_fixed = all(value.node.kind in ("constant", "weight") for value in node.inputs)
        if is_fixed and node.name not in rearranging.RULES:
            # It matters only if a later function reads it, as no count of batches is.
            return []
        if starts_of(node) is not None:
            # What it picks is known once all such parts are joined.
            return []
        if node.name in RULES:
            return RULES[node.name](self, node)
        found = by_module(self, node)
        if found is None:
            self.refuse(node, f"calls `{node.name}`, for which the language has no op")
        return found

    def _layer(self, node: Node, module: nn.Module, weight: Value) -> Held:
        key = weight.node.name
        if weight.node.kind != "weight" or not key.endswith("weight"):
            self.refuse(node, f"calls `{node.name}` with a weight that is computed")
        path = key.removesuffix("weight").removesuffix(".")
        found = self.module(module, node.inputs[0], node, path)
        if found is None:
            self.refuse(node, f"calls `{node.name}` with settings that no op has")
        return found


def _given(node: Node) -> list[Value]:
    """The tensors that a call gives to its module, each once, as the module's frame has them."""
    known = dict.fromkeys(value for value in node.inputs if value.node.kind != "weight")
    return [*known]


def _inlined(scope: Scope, ports: list[Port]) -> tuple[list[Step], list[Port]] | None:
    """The steps of a scope that is none in the language: of a module that is a layer itself.

    A module that calls a function with its own weights has them under its own path, as an op has;
    one without steps is the identity, and one with a step without weights is that.
    """
    is_layer = any(step.op is not None and step.path == scope.path != "" for step in scope.steps)
    is_single = len(scope.steps) == 1 and scope.steps[0].op is not None
    is_plain = is_single and not scope.steps[0].has_weights
    if scope.steps and not is_layer and not is_plain:
        return None
    outer = dict(zip([step.port for step in scope.inputs], ports, strict=True))
    for step in scope.steps:
        step.inputs = [outer.get(port, port) for port in step.inputs]
    return scope.steps, [outer.get(port, port) for port in scope.results]


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


def _unarranged(error: Unarranged) -> str:
    return f"rearranges a tensor in a way that the language has no words for: {error}"
