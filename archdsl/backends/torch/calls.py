"""Ops as Python: constructor calls, function calls, and joins of branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archdsl import tree
from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.initialize import start_number
from archdsl.backends.torch.inplace import OwnResults, may_overwrite
from archdsl.backends.torch.interface import ConstructorParameter
from archdsl.backends.torch.merged import MergedOp
from archdsl.backends.torch.python import (
    PyArgument,
    PyAttribute,
    PyCall,
    PyCode,
    PyConstant,
    PyDisplay,
    PyExpression,
)
from archdsl.backends.torch.quotients import identical
from archdsl.backends.torch.rows import Row, Unprintable, same
from archdsl.backends.torch.templates import filled
from archdsl.backends.torch.writer import Writer
from archdsl.ops.expressions import InitNumber, InputBound, InputPart, InputSize
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.provenance import Expression, Literal, Operation, Symbol, Term, constant
from archdsl.substitution import evaluate, substitute
from archdsl.tree import Sizes, shape_of

TUPLES = frozenset(
    {"kernel_size", "stride", "padding", "dilation", "output_padding", "output_size"}
)


def forms(leaf: MergedOp) -> dict[Row, TorchForm]:
    """The PyTorch form of every row's op."""
    return {row: node.op.torch(*map(shape_of, node.inputs)) for row, node in leaf.rows.items()}


def op_term(node: tree.OpNode, argument: TorchArgument) -> Term:
    """An argument's value with its expression in terms of the body that contains the op."""

    def term_of(symbol: Symbol) -> Term:
        if isinstance(symbol, InputSize):
            return node.inputs[symbol.index].parts[symbol.dimension]
        if isinstance(symbol, InitNumber):
            return start_number(node, symbol.argument)
        term = node.arguments[symbol.name]
        assert isinstance(term, Term)
        return term

    value = evaluate(argument.source, lambda symbol: term_of(symbol).value)
    expression = substitute(argument.source, lambda symbol: term_of(symbol).expression)
    if node.op.is_foreign and not expression.symbols and not isinstance(value, float):
        # A declaration computes what this use knows.
        return constant(value)
    return Term(value, expression)


def module_call(writer: Writer, node: MergedOp, made: OwnResults) -> PyExpression:
    """An op as a module, in a class whose ops create the results `made`.

    `nn.Conv2d(in_channels, 64, 3, padding=1)`, wrapped in its initialisation if it has one.
    """
    form_of = forms(node)
    calls = {row: form.module for row, form in form_of.items() if form.module is not None}
    first = next(iter(form_of.values()))
    writer.carry(form_of.values())
    if first.module and first.module.template:
        return _of_template(writer, node, calls)
    callee = same({row: call.callee for row, call in calls.items()})
    flags = [IN_PLACE] if first.inplace and may_overwrite(node, made) else []
    module = PyCall(python.dotted(callee), (*arguments(writer, node, calls), *flags))
    return _started(writer, node, form_of, module)


def weight_calls(writer: Writer, node: MergedOp) -> Mapping[str, PyExpression]:
    """What makes the bare weights of an op that has several, by what is behind its label."""
    form_of = forms(node)
    made: dict[str, PyExpression] = {}
    for index, weight in enumerate(next(iter(form_of.values())).weights):
        calls = {row: form.weights[index].call for row, form in form_of.items()}
        if weight.definition:
            given = arguments(writer, node, calls)
            writer.carry(form_of.values(), [each.keyword for each in given])
            made[weight.suffix] = PyCall(python.dotted(weight.call.callee), tuple(given))
        else:
            made[weight.suffix] = _of_template(writer, node, calls)
    return made


def with_suffix(attribute: PyExpression, suffix: str) -> PyAttribute:
    """The attribute of a bare weight of an op, from that of its label."""
    if not isinstance(attribute, PyAttribute):
        raise Unprintable("weights of an op in a scope whose labels are no names in Python")
    return replace(attribute, name=f"{attribute.name}{suffix}")


def _of_template(writer: Writer, node: MergedOp, calls: Mapping[Row, TorchCall]) -> PyExpression:
    """A bare weight: `nn.Parameter(torch.zeros(1, 197, 768))`."""
    template = same({row: call.template for row, call in calls.items()})
    given = [argument.value for argument in arguments(writer, node, calls)]
    return traversal.changed(filled(template, (), *given), _plainly)


def _plainly(code: PyCode) -> PyCode:
    """`torch.full` of a customary number as PyTorch's function for that."""
    match code:
        case PyCall(
            PyAttribute(torch, "full"),
            (PyArgument(PyDisplay(items=sizes)), PyArgument(PyConstant(0.0 | 1.0 as value))),
        ) if sizes:
            name = "ones" if value else "zeros"
            return PyCall(PyAttribute(torch, name), tuple(map(PyArgument, sizes)))
    return code


IN_PLACE = PyArgument(PyConstant(True), "inplace")


def _started(
    writer: Writer, node: MergedOp, form_of: Mapping[Row, TorchForm], module: PyExpression
) -> PyExpression:
    """A module with the op's initialisation."""
    plan = writer.interfaces.starts
    starts = {row: leaf.op.starts() for row, leaf in node.rows.items()}
    if all(start is None or start.is_default for start in starts.values()):
        return module
    block = next(iter(node.rows)).occurrence.instance.block
    function = same(
        {row: plan.function(block, form_of[row].kind, start) for row, start in starts.items()}
    )
    if not function:
        return module
    first = next(start for start in starts.values() if start is not None)
    numbers = {}
    for name in plan.varying(first):
        terms = {row: start_number(leaf, name) for row, leaf in node.rows.items()}
        numbers[name] = writer.value(terms, name)
    return python.call(function, module, **numbers)


def arguments(
    writer: Writer, leaf: MergedOp, calls: Mapping[Row, TorchCall]
) -> Sequence[PyArgument]:
    """The arguments that the calls of all rows share, without those at their default."""
    return [argument for _, argument in named_arguments(writer, leaf, calls)]


def named_arguments(
    writer: Writer, leaf: MergedOp, calls: Mapping[Row, TorchCall]
) -> Sequence[tuple[str, PyArgument]]:
    """The arguments of a call, each with a name for its meaning."""
    count = same({row: len(call.arguments) for row, call in calls.items()})
    found = []
    for index in range(count):
        given = {row: call.arguments[index] for row, call in calls.items()}
        terms = {row: op_term(leaf.rows[row], argument) for row, argument in given.items()}
        row, first = next(iter(given.items()))
        name = _name(first, leaf.rows[row].inputs)
        if written := argument_of(writer, given, terms, name):
            found.append((name, written))
    return found


def argument_of(
    writer: Writer,
    given: Mapping[Row, TorchArgument],
    terms: Mapping[Row, Term],
    name: str = "",
) -> PyArgument | None:
    """An argument of a PyTorch call; None if all rows leave it at its default.

    A parameter for it is called `name`, or else after the argument.
    """
    first = next(iter(given.values()))
    known = {
        row: writer.correspondence.comparable(row, term.expression) for row, term in terms.items()
    }
    if all(is_default(Term(terms[row].value, known[row]), each) for row, each in given.items()):
        return None
    is_input = is_input_size(first)
    is_tuple = first.keyword in TUPLES or any(isinstance(t.value, tuple) for t in terms.values())
    value = writer.value(terms, name or _name(first), is_input, "tuple" if is_tuple else "list")
    return PyArgument(value, first.keyword)


def is_default(term: Term, argument: TorchArgument) -> bool:
    """Whether an argument equals PyTorch's default and cannot vary."""
    literal = isinstance(term.expression, Literal)
    return literal and argument.default is not None and identical(term.value, argument.default)


def _name(argument: TorchArgument, inputs: Sequence[Sizes] = ()) -> str:
    """The name of a parameter for an argument of an op with such inputs."""
    match argument.source:
        case InputBound():
            return "num_embeddings"
        case InputSize(index=index):
            return "in_features" if inputs and inputs[index].is_last else "in_channels"
        case _ if argument.keyword:
            return argument.keyword
        case Symbol(name=name) | Operation("if", (_, _, Symbol(name=name))):
            return name
    return "size"


def equals_default(term: Term, parameter: ConstructorParameter) -> bool:
    """Whether an argument equals the default of a generated class."""
    default = parameter.default_value
    return default is not None and _is_written(term.expression) and identical(term.value, default)


def _is_written(expression: Expression) -> bool:
    """Whether an expression is a literal number or a list of literal numbers."""
    match expression:
        case Operation("list", items):
            return all(map(_is_written, items))
    return isinstance(expression, Literal)


def is_input_size(argument: TorchArgument) -> bool:
    """Whether an argument of an op's module is the number of its input's channels."""
    source = argument.source
    return isinstance(source, InputSize) and not isinstance(source, InputPart)
