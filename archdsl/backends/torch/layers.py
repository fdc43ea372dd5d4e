"""Layers as arguments: how a class receives and applies them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archdsl import tree
from archdsl.backends.torch import python
from archdsl.backends.torch.calls import argument_of, equals_default, is_input_size, op_term
from archdsl.backends.torch.interface import ConstructorParameter, Interface
from archdsl.backends.torch.merged import MergedSplice
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.passing import form_of, kind, module_of, op_of
from archdsl.backends.torch.python import PyArgument, PyCall, PyExpression, PyName
from archdsl.backends.torch.rows import Row, Split, Unprintable, same
from archdsl.backends.torch.walk import only
from archdsl.backends.torch.writer import Writer
from archdsl.ops.expressions import read_as
from archdsl.ops.forms import TorchArgument
from archdsl.provenance import Symbol, Term, constant
from archdsl.substitution import evaluate, substitute
from archdsl.tree import LayerValue, shape_of

Uses = Mapping[Row, list[tree.Instance]]
"""For every row, the occurrences made from a block passed as an argument."""


def layer_argument(writer: Writer, values: Mapping[Row, LayerValue], uses: Uses) -> PyExpression:
    """A layer as an argument: a name that the class has for it, a class, or a `partial` of one.

    `uses` are the occurrences of blocks that every row makes from it.
    """
    if name := same({row: _name_of(row, value) for row, value in values.items()}):
        writer.used.setdefault(name)
        bound = _further(writer, name, values, uses)
        return _partial(variable_name(name), bound)
    if same({row: isinstance(value.callee, tree.Block) for row, value in values.items()}):
        interface = same({row: _class_of(writer, row_uses) for row, row_uses in uses.items()})
        callee, bound = interface.name, _bound(writer, interface, values, uses)
    else:
        callee = same({row: _callee(writer, value) for row, value in values.items()})
        bound = _given(writer, values)
    return _partial(callee, bound)


def _partial(callee: str, bound: Sequence[PyArgument]) -> PyExpression:
    name = python.dotted(callee)
    if not bound:
        return name
    return PyCall(PyName("partial"), (PyArgument(name), *bound))


def is_partial(layer: PyExpression) -> bool:
    """Whether a layer has arguments bound to it."""
    return isinstance(layer, PyCall)


def _name_of(row: Row, value: LayerValue) -> str:
    """The class parameter that passed a layer; empty without one, or if it is a list of layers."""
    origin, instance = value.origin, row.occurrence.instance
    if origin is None or origin.frame is not instance.frame:
        return ""
    brought = instance.layers[origin.name]
    return origin.name if brought.is_identity or brought.callee == value.callee else ""


def _further(
    writer: Writer, name: str, values: Mapping[Row, LayerValue], uses: Uses
) -> list[PyArgument]:
    """The arguments that a class binds to a layer it received, before passing it on."""
    given = {row: row.occurrence.instance.layers[name].bindings for row in values}
    new = same(
        {
            row: tuple(k for k, each in v.bindings.items() if each != given[row].get(k))
            for row, v in values.items()
        }
    )
    for parameter in new:
        if not all(
            _takes(writer, value, uses.get(row, []), parameter) for row, value in values.items()
        ):
            raise Split({row: kind(value) for row, value in values.items()})
    return _keywords(writer, new, values, uses)


def _takes(writer: Writer, value: LayerValue, uses: list[tree.Instance], name: str) -> bool:
    """Whether what a layer makes has a parameter of that name: a module, or a block's classes."""
    if isinstance(value.callee, str):
        own = Symbol(None, name)
        return any(
            each.keyword == name and each.source == own for each in module_of(value).arguments
        )
    made = [writer.interfaces.of(instance) for instance in uses]
    names = [{parameter.name for parameter in each.parameters} for each in made if each]
    return bool(names) and all(variable_name(name) in each for each in names)


def _callee(writer: Writer, value: LayerValue) -> str:
    if value.is_identity:
        return "nn.Identity"
    if value.callee is None:
        raise Unprintable("a list of layers as an argument")
    form = form_of(value)
    assert form.module is not None
    writer.carry([form])
    return form.module.callee


def _class_of(writer: Writer, uses: list[tree.Instance]) -> Interface:
    """The class of a block passed as an argument."""
    found = {id(made): made for each in uses if (made := writer.interfaces.of(each))}
    if len(found) != 1:
        raise Unprintable("a block that is an argument")
    return next(iter(found.values()))


def _bound(
    writer: Writer, interface: Interface, values: Mapping[Row, LayerValue], uses: Uses
) -> list[PyArgument]:
    """The arguments bound to a block, as keywords of its class."""
    first = next(iter(values.values()))
    read = {parameter.name for parameter in interface.parameters}
    names = [name for name in first.bindings if variable_name(name) in read]
    return _keywords(writer, names, values, uses)


def _keywords(
    writer: Writer, names: Sequence[str], values: Mapping[Row, LayerValue], uses: Uses
) -> list[PyArgument]:
    keywords = []
    for name in names:
        bindings = {row: value.bindings[name] for row, value in values.items()}
        if all(isinstance(binding, LayerValue) for binding in bindings.values()):
            value = layer_argument(writer, bindings, _inner(writer, uses, name))  # type: ignore[arg-type]
        else:
            value = writer.value(bindings, name)  # type: ignore[arg-type]
        keywords.append(PyArgument(value, variable_name(name)))
    return keywords


def _inner(writer: Writer, uses: Uses, name: str) -> Uses:
    """The occurrences made from a layer that is bound to another layer."""
    families = writer.interfaces.families
    return {row: [u for use in of for u in families.uses(use, name)] for row, of in uses.items()}


def _given(writer: Writer, values: Mapping[Row, LayerValue]) -> list[PyArgument]:
    """The arguments that an op's module needs besides the size of its input."""
    calls = {row: module_of(value).arguments for row, value in values.items() if value.callee}
    found = []
    for index in range(same({row: len(call) for row, call in calls.items()}) if calls else 0):
        given = {row: call[index] for row, call in calls.items()}
        if not any(map(is_input_size, given.values())):
            terms = {row: _bound_term(values[row], argument) for row, argument in given.items()}
            found.append(argument_of(writer, given, terms))
    return [argument for argument in found if argument]


def _bound_term(value: LayerValue, argument: TorchArgument) -> Term:
    """An argument of an op's module, in terms of the arguments bound to the op."""
    op = op_of(value)

    def term_of(symbol: Symbol) -> Term:
        bound, read = value.bindings.get(symbol.name), getattr(op, symbol.name)
        return read_as(read, bound) if isinstance(bound, Term) else constant(read)

    number = evaluate(argument.source, lambda symbol: term_of(symbol).value)
    return Term(number, substitute(argument.source, lambda symbol: term_of(symbol).expression))


@dataclass
class LayerApplication:
    """The arguments of a class to a layer it received: a size, and those it binds itself."""

    size: Term | None = None
    bound: dict[str, Term] = field(default_factory=dict)
    layers: dict[str, tuple[LayerValue, list[tree.Instance]]] = field(default_factory=dict)
    """Layers that it binds, each with the occurrences made from it."""
    defaults: dict[str, ConstructorParameter] = field(default_factory=dict)


def open_call(writer: Writer, node: MergedSplice) -> PyCall:
    """`attention(4 * width)`: a layer parameter applied, with the arguments bound in this class."""
    writer.used.setdefault(node.parameter)
    callee = variable_name(node.parameter)
    applications = {
        row: application
        for row, splice in node.rows.items()
        if (application := _application(writer, node, row, splice)) is not None
    }
    forms = {(a.size is None, *sorted([*a.bound, *a.layers])) for a in applications.values()}
    if len(forms) > 1:
        raise _divided(node)
    return PyCall(PyName(callee), tuple(_arguments(writer, applications)))


def _application(
    writer: Writer, node: MergedSplice, row: Row, splice: tree.SpliceNode
) -> LayerApplication | None:
    """How one row applies its layer; None for the identity, which accepts any arguments."""
    inner = only(splice.child)
    if isinstance(inner, tree.CallNode):
        return _block_application(writer, node, row, inner.instance)
    if not isinstance(inner, tree.OpNode):
        return None
    call = inner.op.torch(*map(shape_of, inner.inputs)).module
    sizes = [a for a in call.arguments if is_input_size(a)] if call else []
    if set(splice.value.bindings) != set(_given_outside(node, row).bindings):
        raise _divided(node)
    return LayerApplication(op_term(inner, sizes[0]) if sizes else None)


def _block_application(
    writer: Writer, node: MergedSplice, row: Row, instance: tree.Instance
) -> LayerApplication:
    if (interface := writer.interfaces.of(instance)) is None:
        raise _divided(node)
    occurrence = writer.interfaces.occurrence(instance)
    result = LayerApplication(defaults={p.name: p for p in interface.parameters})
    for parameter in interface.parameters:
        if occurrence in parameter.layers and _is_bound_inside(node, parameter.name, row):
            layer = node.rows[row].value.bindings[parameter.name]
            assert isinstance(layer, LayerValue)
            result.layers[parameter.name] = layer, parameter.uses[occurrence]
        elif occurrence in parameter.layers and _is_missing(node, parameter, row):
            raise _divided(node)
        if occurrence not in parameter.terms:
            continue
        if parameter.is_size and result.size is None:
            result.size = parameter.terms[occurrence]
        elif _is_bound_inside(node, parameter.name, row):
            result.bound[parameter.name] = parameter.terms[occurrence]
        elif _is_missing(node, parameter, row):
            raise _divided(node)
    return result


def _divided(node: MergedSplice) -> Split:
    """A class for each kind of layer given, which then need not be an argument."""
    return Split({row: kind(_given_outside(node, row)) for row in node.rows})


def _is_missing(node: MergedSplice, parameter: ConstructorParameter, row: Row) -> bool:
    """Whether nobody gives a parameter that has no default in Python."""
    return not parameter.default and parameter.name not in node.rows[row].value.bindings


def _is_bound_inside(node: MergedSplice, name: str, row: Row) -> bool:
    """Whether an argument of an applied layer was bound by the class that applies it."""
    bindings = node.rows[row].value.bindings
    return name in bindings and bindings[name] != _given_outside(node, row).bindings.get(name)


def _given_outside(node: MergedSplice, row: Row) -> LayerValue:
    return row.occurrence.instance.layers[node.parameter]


def _arguments(writer: Writer, applications: Mapping[Row, LayerApplication]) -> list[PyArgument]:
    sizes = {row: a.size for row, a in applications.items() if a.size is not None}
    found = []
    if sizes:
        found.append(PyArgument(writer.value(sizes, "in_channels", is_size=True)))
    first = next(iter(applications.values()), LayerApplication())
    for name in first.bound:
        terms = {row: application.bound[name] for row, application in applications.items()}
        if not all(equals_default(t, applications[row].defaults[name]) for row, t in terms.items()):
            found.append(PyArgument(writer.value(terms, name), name))
    for name in first.layers:
        layers = {row: application.layers[name][0] for row, application in applications.items()}
        uses = {row: application.layers[name][1] for row, application in applications.items()}
        found.append(PyArgument(layer_argument(writer, layers, uses), name))
    return found
