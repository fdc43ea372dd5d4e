"""The examples of all ops as values, and more that may be difficult for PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from archdsl.arithmetic import Value
from archdsl.examples import random_inputs
from archdsl.ops import OPS
from archdsl.ops.base import Op, Shape
from archdsl.ops.expressions import InitNumber
from archdsl.ops.forms import TorchCall, TorchForm
from archdsl.ops.parameters import Initializer
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression, Symbol
from archdsl.source import Source
from archdsl.substitution import evaluate
from archdsl.syntax import ast
from archdsl.syntax.parser import parse

BATCH = 2
SCHEMES = {"normal": "std", "kaiming_normal": "fan", "constant": "value"}
"""Initialisations that examples use, with their parameter."""

WHOLE_NUMBERS = (
    "[8, 5, 4] | elu(2) -> [8, 5, 4]",
    "[8, 5, 4] | leaky_relu(1) -> [8, 5, 4]",
    "[8, 5, 4] | bn(eps=1, momentum=1) -> [8, 5, 4]",
    "[8, 5, 4] | layernorm(eps=1) -> [8, 5, 4]",
    "[8] | layernorm(eps=1) -> [8]",
    "[8, 5, 4] | groupnorm(2, eps=1) -> [8, 5, 4]",
    "[8, 5, 4] | lrn(3, alpha=1, beta=1, k=2) -> [8, 5, 4]",
    "[8, 5, 4] | scale(3) -> [8, 5, 4]",
    "[8, 5, 4] | pad(1, value=1) -> [8, 7, 6]",
    "[8, 5, 4] | dropout(0) -> [8, 5, 4]",
    "[8, 5, 4] | dropout(1) -> [8, 5, 4]",
    "[8, 5, 4] | drop_path(0) -> [8, 5, 4]",
)
"""Whole numbers where PyTorch expects floats, which TorchScript distinguishes."""

EDGES = (
    "[8, 5, 4] | elu(-1) -> [8, 5, 4]",
    "[8, 5, 4] | leaky_relu(-0.5) -> [8, 5, 4]",
    "[2, 3, 3] | maxpool(4, ceil=true) -> [2, 1, 1]",
    "[2, 5, 5] | avgpool(2, ceil=true) -> [2, 3, 3]",
    "[2, 5, 5] | avgpool(2, pad=1, ceil=true, count_pad=false) -> [2, 3, 3]",
    "[2, 3, 4] | adaptive_avgpool(7) -> [2, 7, 7]",
    "[2, 12, 9] | adaptive_avgpool([4, 3]) -> [2, 4, 3]",
    '[2, 5, 4] | upsample(3, mode="bilinear") -> [2, 15, 12]',
    "[2, 5, 4] | upsample([1, 4]) -> [2, 5, 16]",
    "[3] | pad_channels(5) -> [5]",
    "[8, 5, 5] | conv_transpose(4, [2, 3], stride=[3, 2], dilation=2, pad=1) -> [4, 13, 11]",
)


@dataclass(frozen=True)
class Example:
    """A parsed `inputs | op -> output`."""

    text: str
    op: Op
    inputs: tuple[Shape, ...]
    output: Shape

    def __str__(self) -> str:
        return self.text

    @property
    def form(self) -> TorchForm:
        return self.op.torch(*self.inputs)

    def value(self, expression: Expression) -> Value:
        """The value of an expression for this op and these inputs."""

        def value_of(symbol: Symbol) -> Any:
            if isinstance(symbol, InitNumber):
                return symbol.of(self.op.init).value  # type: ignore[attr-defined]
            if not symbol.name.startswith("input."):
                return getattr(self.op, symbol.name)
            _, index, dimension = symbol.name.split(".")
            return self.inputs[int(index)].parts[int(dimension)]

        return evaluate(expression, value_of)

    def written(self, call: TorchCall, everything: bool = False) -> list[str]:
        """The arguments of a call as text; those at their default only if `everything`."""
        texts = []
        for argument in call.arguments:
            value = self.value(argument.source)
            if everything or argument.default is None or value != argument.default:
                keyword = f"{argument.keyword}=" if argument.keyword else ""
                texts.append(f"{keyword}{value!r}")
        return texts

    def tensors(self, device: str = "cpu") -> list[Tensor]:
        generator = torch.Generator().manual_seed(0)
        return [x.to(device) for x in random_inputs(self.inputs, BATCH, generator)]  # type: ignore[arg-type]

    def reached(self) -> list[Tensor]:
        """The inputs as results of which a gradient is wanted; whole numbers have none."""
        tensors = self.tensors()
        return [x.requires_grad_() * 1.0 if x.is_floating_point() else x for x in tensors]


def read(text: str) -> Example:
    """Parse an example; `-> output` is optional."""
    inputs, _, rest = text.partition(" | ")
    has_output = " -> " in rest and not rest.endswith(")")
    layer, _, output = rest.rpartition(" -> ") if has_output else (rest, "", "")
    op = made(literal(layer))
    types = tuple([_typed(each) for each in literal(f"[{inputs}]")])
    return Example(text, op, types, _typed(literal(output) if output else ()))


def _typed(value: Any) -> Shape:
    """A shape whose channels are first unless a semicolon says otherwise."""
    return value if isinstance(value, TensorType) else TensorType(value)


def literal(text: str) -> Any:
    """The value of an expression without names, except that of a call."""
    file, diagnostics = parse(Source("example", f"let it = {text}"))
    assert not diagnostics, text
    (declaration,) = file.declarations
    assert isinstance(declaration, ast.Let)
    return value_of(declaration.value)


def value_of(node: ast.Expression) -> Any:
    match node:
        case ast.Number() | ast.Boolean() | ast.String():
            return node.value
        case ast.Negation():
            return -value_of(node.operand)
        case ast.List():
            return tuple(map(value_of, node.items))
        case ast.Shape():
            return TensorType(tuple(map(value_of, node.sizes)), node.is_last)
        case ast.Comparison():
            return TensorType(value_of(node.left), below=value_of(node.right))
        case ast.Call() if isinstance(node.callee, ast.Name) and node.callee.name in SCHEMES:
            (argument,) = node.arguments
            given = ((SCHEMES[node.callee.name], value_of(argument.value)),)
            return Initializer(node.callee.name, given)
        case ast.Name() | ast.Call():
            return node
    raise AssertionError(node)


def made(node: ast.Name | ast.Call) -> Op:
    """The op made by a call; its arguments follow the rules of the language."""
    if isinstance(node, ast.Name):
        return OPS[node.name].make({})
    assert isinstance(node.callee, ast.Name)
    op = OPS[node.callee.name]
    free = iter([*op.parameters()][: op.positional])
    return op.make(
        {a.name.name if a.name else next(free): argument_of(a.value) for a in node.arguments}
    )


def argument_of(node: ast.Expression) -> Any:
    """An argument; a shape whose channels are last is a list of its positions, and those."""
    value = value_of(node)
    return (value.positions, value.channels) if isinstance(value, TensorType) else value


EXAMPLES = [read(text) for op in OPS.values() for text in op.examples]
CASES = EXAMPLES + [read(text) for text in (*WHOLE_NUMBERS, *EDGES)]
