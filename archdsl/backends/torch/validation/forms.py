"""Ops of graphs as calls of PyTorch, from the ops' own forms."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import CodeType
from typing import Any

from archdsl.backends.torch.names import foreign_imports_of
from archdsl.backends.torch.validation.signatures import MODE, Signatures
from archdsl.backends.torch.validation.starts import InitCall, expected, pytorch
from archdsl.backends.torch.validation.values import CallKey, Plain, plain
from archdsl.backends.torch.validation.weights import StubBuffer, maker
from archdsl.graph import Graph, Node
from archdsl.ops.base import Op, Shape
from archdsl.ops.expressions import value_on
from archdsl.ops.forms import INPUTS, Helper, TorchCall, TorchForm, TorchWeight, carried
from archdsl.ops.memory import Saves


@dataclass(eq=False)
class Form:
    """An op on inputs of given shapes.

    `layer` is its module's constructor, `function` its call without the tensors; None if there is
    none or if `spelled` has it: a function of tensors that also works on stand-ins.
    """

    op: Op
    shapes: tuple[Shape, ...]
    torch: TorchForm
    layer: CallKey | None
    function: tuple[str, list[Plain], dict[str, Plain]] | None
    spelled: Callable[..., Any] | None
    applied: Callable[..., Any] | None
    """How its module is applied, as a function of that and the tensors."""
    weights: frozenset[str]
    several: dict[str, CallKey]
    """What makes its bare weights, by what is behind its label, where it has several."""

    @cached_property
    def has_weights(self) -> bool:
        """Whether it is a module that has a path of its own."""
        return self.op.has_weights(*self.shapes)

    @cached_property
    def is_random(self) -> bool:
        """Whether the result is random in training."""
        return self.op.is_random

    @property
    def can_overwrite(self) -> bool:
        """Whether there is an in-place form: `inplace=True`, or `x += y`."""
        return self.torch.inplace or bool(self.torch.join and self.torch.join.operator)

    @cached_property
    def is_view(self) -> dict[bool, bool]:
        """Whether the result shares the memory of the input, by training mode."""
        if self.op.reads_batch_only:
            # Its input is the weight here.
            return {True: True, False: True}
        return {mode: self.op.is_view(*self.shapes, training=mode) for mode in (True, False)}

    @cached_property
    def saves(self) -> Saves:
        """The tensors kept for the gradient."""
        return self.op.saves(*self.shapes)

    @cached_property
    def starts(self) -> dict[str, InitCall]:
        """The initialisation of its weights, by name."""
        return {**pytorch(self.op), **expected(self.op)}

    @cached_property
    def initial(self) -> dict[str, InitCall]:
        """Their default initialisation in PyTorch."""
        return pytorch(self.op)


@dataclass
class Forms:
    """The forms of the ops of some graphs, each created once."""

    signatures: Signatures
    names: dict[str, Any]
    """The stand-ins for PyTorch's modules: `torch`, `F` and `nn`."""
    stand_in: Callable[[str], Callable[..., Any]]
    """Makes a stand-in for an op's own function."""
    weightless: set[Hashable] = field(default_factory=set)
    """The modules without weights."""
    weights: dict[CallKey, frozenset[str]] = field(default_factory=dict)
    """The names of a module's weights, by its constructor call."""
    definitions: dict[str, Helper] = field(default_factory=dict)
    """The source of the ops' own classes and functions, by name."""
    foreign: dict[str, str] = field(default_factory=dict)
    """The classes of others by name, each with its module."""
    found: dict[Hashable, Form] = field(default_factory=dict)
    functions: dict[Hashable, Callable[..., Any]] = field(default_factory=dict)

    def read(self, graph: Graph) -> None:
        """Collect the modules, and the ops' own definitions, of a graph."""
        self.foreign |= foreign_imports_of([graph])
        for node in graph:
            if node.op is not None:
                self.of(graph, node)

    def of(self, graph: Graph, node: Node) -> Form:
        """The form of a node's op."""
        op, shapes = node.op, graph.input_shapes(node)
        assert op is not None
        values = tuple(vars(op).values())
        # Equal numbers may have different types.
        key = (type(op), values, tuple(map(type, values)), shapes)
        found = self.found.get(key)
        if found is None:
            found = self.found[key] = self._make(op, shapes)
        return found

    def _make(self, op: Op, shapes: tuple[Shape, ...]) -> Form:
        torch = op.torch(*shapes)
        weights = frozenset(weight.name for weight in op.weights(*shapes))
        layer = None
        if torch.module and torch.module.template:
            layer = self._of_template(op, shapes, torch.module, 0)().__key__
        elif torch.module:
            layer = self._layer(op, shapes, torch.module, weights)
        function = spelled = None
        self.definitions = carried(self.definitions, torch.definitions)
        several = {each.suffix: self._weight(op, shapes, each) for each in torch.weights}
        for name in torch.helpers:
            self.names.setdefault(name, self.stand_in(name))
        if torch.function and torch.function.template:
            spelled = self._of_template(op, shapes, torch.function, len(shapes))
        elif torch.function:
            self.signatures.learn(torch.function, len(shapes) + len(several))
            positional, keywords = _arguments(op, shapes, torch.function)
            if torch.training:
                keywords["training"] = MODE
            function = (torch.function.callee, positional, keywords)
        applied = self._applied(shapes, torch.call) if torch.call else None
        return Form(op, shapes, torch, layer, function, spelled, applied, weights, several)

    def _weight(self, op: Op, shapes: tuple[Shape, ...], weight: TorchWeight) -> CallKey:
        if not weight.definition:
            made: CallKey = self._of_template(op, shapes, weight.call, 0)().__key__
            return made
        make = self.names.setdefault(weight.call.callee, maker(weight.call.callee))
        values = [
            (each.keyword, value_on(each.source, op, shapes)) for each in weight.call.arguments
        ]
        positional = [value for keyword, value in values if not keyword]
        return StubBuffer(make(*positional, **{k: value for k, value in values if k})).__key__

    def _applied(self, shapes: tuple[Shape, ...], call: str) -> Callable[..., Any]:
        inputs = INPUTS[: len(shapes)]
        body = call.format(m="m", **dict(zip(inputs, inputs, strict=True)))
        return self.function("m", *inputs, body=body)

    def _layer(
        self, op: Op, shapes: tuple[Shape, ...], call: TorchCall, weights: frozenset[str]
    ) -> CallKey:
        self.signatures.learn(call, tensors=0)
        key = self.signatures.key(call.callee, *_arguments(op, shapes, call))
        self.weights[key] = weights
        if not op.has_weights(*shapes):
            self.weightless.add(call.callee)
        return key

    def _of_template(
        self, op: Op, shapes: tuple[Shape, ...], call: TorchCall, tensors: int
    ) -> Callable[..., Any]:
        values = [value_on(argument.source, op, shapes) for argument in call.arguments]
        names = [f"a{number}" for number in range(len(values))]
        inputs = INPUTS[:tensors]
        body = call.template.format(
            *names, slice=":".join(names[:2]), **dict(zip(inputs, inputs, strict=True))
        )
        function = self.function(*inputs, *names, body=body)
        return lambda *tensors: function(*tensors, *values)

    def function(self, *parameters: str, body: str) -> Callable[..., Any]:
        """The text of a form as a function that works on stand-ins."""
        key = (*parameters, body)
        if key not in self.functions:
            # The text comes from the op.
            made = eval(_compiled(parameters, body), {"__builtins__": {}, **self.names})  # noqa: S307
            self.functions[key] = made
        return self.functions[key]


def _arguments(
    op: Op, shapes: tuple[Shape, ...], call: TorchCall
) -> tuple[list[Plain], dict[str, Plain]]:
    """The positional and the keyword arguments of a form."""
    values = [
        (argument.keyword, plain(value_on(argument.source, op, shapes)))
        for argument in call.arguments
    ]
    return [v for name, v in values if not name], {name: v for name, v in values if name}


@lru_cache
def _compiled(parameters: tuple[str, ...], body: str) -> CodeType:
    return compile(f"lambda {', '.join(parameters)}: {body}", "<form of an op>", "eval")
