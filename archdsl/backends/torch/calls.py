"""Constructor calls: of PyTorch's modules, of generated classes, and of layers as arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archdsl import tree
from archdsl.backends.torch.families import kind, strip
from archdsl.backends.torch.interface import ConstructorParameter, Interface
from archdsl.backends.torch.merge import Leaf, Open, same, shapes
from archdsl.backends.torch.numbers import identical
from archdsl.backends.torch.rows import Row, Split
from archdsl.backends.torch.writer import Writer
from archdsl.ops import OPS
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.provenance import Literal, Symbol, Term, evaluate, substitute
from archdsl.tree import LayerValue

POSITIONAL = 3
"""So many arguments of a generated class are passed by position, the others by keyword."""

TUPLES = frozenset(
    {"kernel_size", "stride", "padding", "dilation", "output_padding", "output_size"}
)


def forms(leaf: Leaf) -> dict[Row, TorchForm]:
    """The op of every row in PyTorch."""
    return {row: node.op.torch(*shapes(node.inputs)) for row, node in leaf.rows.items()}


def op_term(node: tree.OpNode, argument: TorchArgument) -> Term:
    """An argument's value with its expression in the terms of the body that the op stands in."""

    def term_of(symbol: Symbol) -> Term:
        if symbol.name.startswith("input."):
            _, index, dimension = symbol.name.split(".")
            return node.inputs[int(index)][int(dimension)]
        term = node.arguments[symbol.name]
        assert isinstance(term, Term)
        return term

    value = evaluate(argument.source, lambda symbol: term_of(symbol).value)
    return Term(value, substitute(argument.source, lambda symbol: term_of(symbol).expression))


def op_call(
    writer: Writer, leaf: Leaf, calls: Mapping[Row, TorchCall], flags: Sequence[str]
) -> str:
    """`nn.Conv2d(in_channels, 64, 3, padding=1)`; `flags` are written behind the arguments."""
    callee = same({row: call.callee for row, call in calls.items()})
    return f"{callee}({', '.join([*arguments(writer, leaf, calls), *flags])})"


def arguments(writer: Writer, leaf: Leaf, calls: Mapping[Row, TorchCall]) -> list[str]:
    """The arguments that the calls of all rows agree on, without those left at their default."""
    count = same({row: len(call.arguments) for row, call in calls.items()})
    texts = []
    for index in range(count):
        given = {row: call.arguments[index] for row, call in calls.items()}
        if text := _argument(writer, leaf, given):
            texts.append(text)
    return texts


def _argument(writer: Writer, leaf: Leaf, given: Mapping[Row, TorchArgument]) -> str:
    first = next(iter(given.values()))
    terms = {row: op_term(leaf.rows[row], argument) for row, argument in given.items()}
    if all(is_default(terms[row], argument) for row, argument in given.items()):
        return ""
    is_input = isinstance(first.source, Symbol) and first.source.name.startswith("input.")
    name = "in_channels" if is_input else _parameter_name(first)
    sequence = "tuple" if _is_tuple(first, terms) else "list"
    text = writer.text(terms, name, is_input, sequence)
    return f"{first.keyword}={text}" if first.keyword else text


def _is_tuple(argument: TorchArgument, terms: Mapping[Row, Term]) -> bool:
    return argument.keyword in TUPLES or any(isinstance(t.value, tuple) for t in terms.values())


def is_default(term: Term, argument: TorchArgument) -> bool:
    """Whether an argument says what PyTorch would take anyway, and nothing that may change."""
    literal = isinstance(term.expression, Literal)
    return literal and argument.default is not None and identical(term.value, argument.default)


def _parameter_name(argument: TorchArgument) -> str:
    if isinstance(argument.source, Symbol):
        return argument.source.name
    return argument.keyword or "size"


@dataclass
class Arguments:
    """The arguments of a call of a generated class."""

    writer: Writer

    def call(self, interface: Interface, rows: Mapping[Row, tree.Activation]) -> str:
        """`Bottleneck(256, 64, stride=2)`."""
        texts: list[str] = []
        for parameter in interface.parameters:
            text = self._value(parameter, rows)
            if text is None:
                continue
            by_name = (
                bool(parameter.default) or len(texts) >= POSITIONAL or "=" in "".join(texts[-1:])
            )
            texts.append(f"{parameter.name}={text}" if by_name else text)
        return f"{interface.name}({', '.join(texts)})"

    def _value(
        self, parameter: ConstructorParameter, rows: Mapping[Row, tree.Activation]
    ) -> str | None:
        of = {row: self.writer.interfaces.instance(activation) for row, activation in rows.items()}
        if parameter.layers:
            return self._layer(parameter, {row: parameter.layers[i] for row, i in of.items()})
        terms = {row: parameter.terms[i] for row, i in of.items() if i in parameter.terms}
        if not terms:
            # Only what a loop repeats reads it, and the loop has no turn here.
            return "1"
        if parameter.default and all(_equals_default(t, parameter) for t in terms.values()):
            return None
        return self.writer.text(terms, parameter.name, parameter.is_size)

    def _layer(
        self, parameter: ConstructorParameter, values: Mapping[Row, LayerValue]
    ) -> str | None:
        text = layer_text(self.writer, values)
        return None if text == parameter.default else text

    def open(self, node: Open) -> str:
        """`attention(4 * width)`: a layer parameter applied, with what is bound in this class."""
        activations = {row: activation_of(splice) for row, splice in node.rows.items()}
        called = {row: a for row, a in activations.items() if a is not None}
        self.writer.used.setdefault(node.parameter)
        return f"{node.parameter}({', '.join(self._open_arguments(node, called))})"

    def _open_arguments(self, node: Open, called: Mapping[Row, tree.Activation]) -> list[str]:
        sizes: dict[Row, Term] = {}
        bound: dict[str, dict[Row, Term]] = {}
        defaults: dict[Row, dict[str, ConstructorParameter]] = {}
        for row, activation in called.items():
            interface = self.writer.interfaces.of(activation)
            assert interface is not None
            instance = self.writer.interfaces.instance(activation)
            defaults[row] = {parameter.name: parameter for parameter in interface.parameters}
            for parameter in interface.parameters:
                if instance not in parameter.terms:
                    continue
                if parameter.is_size:
                    sizes[row] = parameter.terms[instance]
                elif is_bound_inside(node, parameter.name, row):
                    bound.setdefault(parameter.name, {})[row] = parameter.terms[instance]
                elif not is_given(node, parameter, row):
                    raise Split({row: kind(splice.value) for row, splice in node.rows.items()})
        texts = [self.writer.text(sizes, "in_channels", is_size=True)] if sizes else []
        for name, terms in bound.items():
            if len(terms) != len(called):
                raise Split({row: row in terms for row in called})
            if all(_equals_default(term, defaults[row][name]) for row, term in terms.items()):
                continue
            texts.append(f"{name}={self.writer.text(terms, name)}")
        return texts or self._op_sizes(node)

    def _op_sizes(self, node: Open) -> list[str]:
        sizes: dict[Row, Term] = {}
        for row, splice in node.rows.items():
            leaf = inner_op(splice)
            call = leaf.op.torch(*shapes(leaf.inputs)).module if leaf else None
            if leaf and call and call.arguments and is_input_size(call.arguments[0]):
                sizes[row] = op_term(leaf, call.arguments[0])
        return [self.writer.text(sizes, "in_channels", is_size=True)] if sizes else []


def _equals_default(term: Term, parameter: ConstructorParameter) -> bool:
    literal = isinstance(term.expression, Literal) and parameter.default_value is not None
    return literal and identical(term.value, parameter.default_value)  # type: ignore[arg-type]


def is_input_size(argument: TorchArgument) -> bool:
    """Whether an argument of an op's module is the number of its input's channels."""
    return isinstance(argument.source, Symbol) and argument.source.name.startswith("input.")


def is_given(node: Open, parameter: ConstructorParameter, row: Row) -> bool:
    """Whether an applied layer has a parameter's value with it, or needs none."""
    return bool(parameter.default) or parameter.name in node.rows[row].value.bindings


def activation_of(splice: tree.SpliceNode) -> tree.Activation | None:
    """The block that a layer argument applied, if it is one."""
    node = strip(splice.child)
    while isinstance(node, tree.SpliceNode):
        node = strip(node.child)
    return node.activation if isinstance(node, tree.CallNode) else None


def inner_op(splice: tree.SpliceNode) -> tree.OpNode | None:
    """The op that a layer argument applied, if it is one."""
    node = strip(splice.child)
    while isinstance(node, tree.SpliceNode):
        node = strip(node.child)
    return node if isinstance(node, tree.OpNode) else None


def is_bound_inside(node: Open, name: str, row: Row) -> bool:
    """Whether an argument of an applied layer was bound by the class that applies it."""
    value, given = node.rows[row].value, row.instance.activation.layers[node.parameter]
    return name in value.bindings and value.bindings[name] is not given.bindings.get(name)


def layer_text(writer: Writer, values: Mapping[Row, LayerValue]) -> str:
    """A layer as an argument: a class, or a class with some arguments bound."""
    own = writer.witness.own.frames.values()
    names = {
        row: value.origin.name if value.origin and value.origin.frame in own else ""
        for row, value in values.items()
    }
    if name := same(names):
        writer.used.setdefault(name)
        return name
    callee = same({row: _callee(writer, value) for row, value in values.items()})
    bound = _bound(writer, values)
    if not bound:
        return callee
    writer.imports.add("partial")
    return f"partial({', '.join([callee, *bound])})"


def _callee(writer: Writer, value: LayerValue) -> str:
    if value.is_identity:
        return "nn.Identity"
    if isinstance(value.callee, tree.Block):
        families = [f for f in writer.interfaces.families.families if f.block is value.callee]
        made = [writer.interfaces.made[f].name for f in families if f in writer.interfaces.made]
        assert made
        return made[0]
    return op_class(str(value.callee))


def op_class(name: str) -> str:
    """The PyTorch module of an op that needs no arguments of the author."""
    module = OPS[name]().torch((1, 1, 1)).module
    assert module is not None
    return str(module.callee)


def _bound(writer: Writer, values: Mapping[Row, LayerValue]) -> list[str]:
    first = next(iter(values.values()))
    texts = []
    for name in first.bindings:
        bindings = {row: value.bindings[name] for row, value in values.items()}
        if all(isinstance(binding, LayerValue) for binding in bindings.values()):
            text = layer_text(writer, bindings)  # type: ignore[arg-type]
        else:
            text = writer.text(bindings, name)  # type: ignore[arg-type]
        texts.append(f"{name}={text}")
    return texts
