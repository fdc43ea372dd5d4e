"""The functions of the language: numbers, initialisations, and what composes layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from archdsl.elaborate.evaluate.branches import branches, is_branch, keyword_branches, present
from archdsl.elaborate.evaluate.calls import arguments_of, call_layer
from archdsl.elaborate.evaluate.dispatch import applied, brief, evaluate, number, text, wrong_kind
from archdsl.elaborate.evaluate.hidden import shows_label
from archdsl.elaborate.evaluate.layers import as_layer, link
from archdsl.elaborate.evaluate.lists import header, items_of, make_list, turns, variables
from archdsl.elaborate.evaluate.names import applied_by_name, op_callee
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import (
    BROKEN,
    Applicable,
    AuxLayer,
    Bindings,
    Bound,
    Builtin,
    ChainLayer,
    Datum,
    Items,
    LabelledLayer,
    Layer,
    LoopLayer,
    OpCallee,
    RepeatLayer,
    SharedLayer,
    Spliced,
    TiedLayer,
)
from archdsl.ops.base import Reject
from archdsl.ops.initializers import SCHEMES, initializer
from archdsl.provenance import Expression, Term, literal, operation
from archdsl.resolve.arguments import fill, needs
from archdsl.resolve.foreign import word_instead
from archdsl.resolve.positions import Misfit, mean_given
from archdsl.resolve.words import FORMS, JOINS, NUMBERS
from archdsl.source import Span
from archdsl.syntax import ast


def call(node: ast.Call, scope: Scope) -> Datum:
    """A call of the language's own functions, or of an op, block or function."""
    callee = evaluate(node.callee, scope)
    if isinstance(callee, Builtin):
        return CALLS[callee.name](callee.name, node, scope)
    match callee:
        case Applicable(callee=OpCallee() as op) if any(is_branch(op, a) for a in node.arguments):
            return _with_branches(callee, op, node, scope)
    if isinstance(callee, Applicable) and callee.lacks_branches:
        return _joined(callee, node, scope)
    return call_layer(callee, node, scope)


def _with_branches(callee: Applicable, op: OpCallee, node: ast.Call, scope: Scope) -> Datum:
    """An op that reads further tensors beside the one that comes in."""
    others = tuple([argument for argument in node.arguments if not is_branch(op, argument)])
    layer = call_layer(callee, replace(node, arguments=others), scope)
    assert isinstance(layer, Applicable)
    found = keyword_branches(op, node.arguments, scope)
    given = {name: bound for name, (_, bound) in found.items()}
    bindings = Bindings({**layer.bindings, **given})
    read = [ChainLayer((), node.span), *[branch for branch, _ in found.values()]]
    return replace(layer, bindings=bindings, branches=tuple(read))


def _positional(node: ast.Call, scope: Scope, least: int, most: int) -> list[ast.Expression]:
    """The arguments of a function that takes no keywords."""
    for argument in node.arguments:
        if argument.name is not None:
            message = f"`{node.callee.span.text}` takes no keywords"
            raise scope.fail("E0202", message, argument.name.span)
    count = len(node.arguments)
    if least <= count <= most:
        return [argument.value for argument in node.arguments]
    wanted = f"{least}" if least == most else f"{least} to {most}"
    name = node.callee.span.text
    message = f"`{name}` takes {wanted} argument{'s' * (most > 1)}, not {count}"
    span = node.span if count < least else node.arguments[most].span
    help = _composed(name, node) if count > most else FORMS.get(name, "")
    raise scope.fail("E0203" if count < least else "E0204", message, span, help=help)


def _composed(name: str, node: ast.Call) -> str:
    """How to compose what was given one by one."""
    texts = [brief(argument.span) for argument in node.arguments]
    match name:
        case "repeat":
            return f"write `repeat({texts[0]}, {' -> '.join(texts[1:])})`"
        case "chain":
            return f"write `chain([{', '.join(texts)}])`"
    return FORMS.get(name, "")


def _number(name: str, node: ast.Call, scope: Scope) -> Datum:
    data = [evaluate(value, scope) for value in _positional(node, scope, 1, 1000)]
    if any(isinstance(datum, Items) for datum in data):
        return _of_layers(name, data, node, scope)
    terms: list[Term] = []
    for datum, argument in zip(data, node.arguments, strict=True):
        if not isinstance(datum, Term):
            raise wrong_kind(datum, "a number", argument.span, scope)
        terms.append(datum)
    return applied(name, terms, node.span, scope)


def _of_layers(name: str, data: list[Datum], node: ast.Call, scope: Scope) -> Datum:
    """`len`, `zip` and `enumerate` of lists that hold layers."""
    span = node.span
    if name == "len" and len(data) == 1:
        return literal(len(items_of(data[0], span, scope)))
    if name == "zip":
        columns = [items_of(datum, span, scope) for datum in data]
        return make_list([make_list(list(row), span) for row in zip(*columns, strict=False)], span)
    if name == "enumerate" and len(data) <= 2:
        start = data[1] if len(data) == 2 else literal(0)
        if not isinstance(start, Term) or not isinstance(start.value, int):
            raise wrong_kind(start, "a whole number", span, scope)
        items = items_of(data[0], span, scope)
        pairs = [
            make_list([literal(start.value + index), item], span)
            for index, item in enumerate(items)
        ]
        return make_list(pairs, span)
    raise wrong_kind(data[0], "a list of numbers", node.arguments[0].span, scope)


def _initializer(name: str, node: ast.Call, scope: Scope) -> Datum:
    given: dict[str, Term] = {}
    spans: dict[str, Span] = {}
    wrong = mean_given(name, node.arguments)
    for argument, key in fill(name, [*SCHEMES[name].parameters], node.arguments, wrong=wrong):
        if isinstance(key, Misfit):
            raise scope.fail(key.code, key.message, key.span, help=key.help)
        given[key] = number(argument.value, scope)
        spans[key] = argument.span
    missing = SCHEMES[name].missing(given)
    if missing:
        raise scope.fail("E0203", needs(name, missing), node.span)
    try:
        return initializer(name, given)
    except Reject as reject:
        span, word = spans[reject.argument], given[reject.argument].value
        raise scope.fail(
            "E0306",
            reject.message,
            span,
            expected=reject.expected,
            found=reject.found,
            help=word_instead(word) if isinstance(word, str) else "",
        ) from None


def _repeat(name: str, node: ast.Call, scope: Scope) -> Datum:
    count_node, layer_node = _positional(node, scope, 2, 2)
    datum = evaluate(count_node, scope)
    if not isinstance(datum, Term):
        is_swapped = isinstance(evaluate(layer_node, scope), Term)
        swapped = f"write `repeat({brief(layer_node.span)}, {brief(count_node.span)})`"
        help = swapped if is_swapped else ""
        raise wrong_kind(datum, "a number", count_node.span, scope, help)
    count = datum
    value = count.value
    if isinstance(value, float) and value.is_integer():
        count = Term(int(value), operation("int", count.expression))
    elif not isinstance(value, int) or isinstance(value, bool):
        message = "`repeat` needs a whole number of copies"
        help = "`floor(...)` makes one" if isinstance(value, float) else ""
        raise scope.fail("E0503", message, count_node.span, found=text(count), help=help)
    assert isinstance(count.value, int)
    if count.value < 0:
        message = "the number of copies in `repeat` must not be negative"
        raise scope.fail("E0503", message, count_node.span, found=text(count))
    return RepeatLayer(count, link(layer_node, scope), node.span)


MOST_PARTS = 1024


def _split(name: str, node: ast.Call, scope: Scope) -> Datum:
    """Equal parts of the channels, each as a layer."""
    (count_node,) = _positional(node, scope, 1, 1)
    count = number(count_node, scope)
    whole = count.value
    if not isinstance(whole, int) or isinstance(whole, bool) or not 1 <= whole <= MOST_PARTS:
        message = f"`split` needs a number of parts, from 1 to {MOST_PARTS}"
        raise scope.fail("E0503", message, count_node.span, found=text(count))
    callee, span, trace = op_callee("part"), node.span, scope.trace
    parts = Bound(count_node.span, trace, count)
    each = [
        Bindings(parts=parts, index=Bound(count_node.span, trace, literal(index)))
        for index in range(whole)
    ]
    layers = tuple([Applicable(callee, bindings, {}, span, trace) for bindings in each])
    return Items(layers, span)


def _chain(name: str, node: ast.Call, scope: Scope) -> Datum:
    (listed,) = _positional(node, scope, 1, 1)
    if isinstance(listed, ast.Comprehension):
        return _loop(listed, node, scope)
    datum = evaluate(listed, scope)
    if isinstance(datum, Term) and datum.value == ():
        return ChainLayer((), node.span)
    if not isinstance(datum, Items):
        help = "`chain` composes a list: `chain([a, b])`"
        message = "a list of layers is expected here"
        raise scope.fail("E0502", message, listed.span, found=text(datum), help=help)
    links = tuple([as_layer(item, listed.span, scope) for item in datum.items])
    chain = ChainLayer(links, node.span, is_call=True)
    return Spliced(chain, datum.origin, listed.span) if datum.origin else chain


def _loop(node: ast.Comprehension, call: ast.Call, scope: Scope) -> LoopLayer:
    """A chained comprehension."""
    filters: list[Expression] = []
    passed = []
    for frame, inner in turns(node, scope, framed=True, filters=filters):
        passed.append((frame, link(node.element, inner)))
    condition = filters[0] if filters else None

    def again() -> LoopLayer:
        return _loop(node, call, scope)

    hides_label = not passed and shows_label(node.element, scope)
    return LoopLayer(
        variables(node.targets),
        header(node, scope),
        condition,
        tuple(passed),
        again,
        call.span,
        hides_label,
    )


def _join(name: str, node: ast.Call, scope: Scope) -> Datum:
    """An op of several inputs: its branches by position, its parameters by keyword."""
    callee = op_callee(name)
    if not callee.parameters:
        _positional(node, scope, 0, 100_000)
    return _joined(applied_by_name(callee, name, node.callee.span, scope), node, scope)


def _joined(applicable: Applicable, node: ast.Call, scope: Scope) -> Datum:
    """An op of several inputs that is named, with its branches and parameters."""
    callee = applicable.callee
    assert isinstance(callee, OpCallee)
    named = [argument for argument in node.arguments if argument.name is not None]
    given = [each for each in named if not is_branch(callee, each)]
    written = [argument for argument in node.arguments if argument.name is None]
    layers = [layer for each in written for layer in branches(each.value, scope)]
    _count_branches(callee, layers, node, scope)
    bindings = Bindings(arguments_of(applicable, given, scope))
    for name, (layer, bound) in keyword_branches(callee, named, scope).items():
        layers.append(layer)
        bindings[name] = bound
    return Applicable(callee, bindings, applicable.defaults, node.span, scope.trace, tuple(layers))


def _count_branches(
    callee: OpCallee, layers: Sequence[Layer], node: ast.Call, scope: Scope
) -> None:
    arity, name, count = callee.op.arity, callee.name, present(layers)
    if BROKEN in layers:
        return
    if not count:
        raise scope.fail("E0203", f"`{name}` needs at least one branch", node.span)
    if arity != "many" and count != arity:
        message = f"`{name}` takes {arity} branches, not {count}"
        raise scope.fail("E0203" if count < arity else "E0204", message, node.span)


def _aux(name: str, node: ast.Call, scope: Scope) -> Datum:
    (head,) = _positional(node, scope, 1, 1)
    layer = link(head, scope)
    if layer is BROKEN:
        raise scope.broken()
    if not isinstance(layer, LabelledLayer):
        message = "`aux` needs a labelled head"
        help = "the label names the extra output: `aux(aux1: head)`"
        raise scope.fail("E0406", message, head.span, help=help)
    return AuxLayer(layer, node.span)


def _tied(name: str, node: ast.Call, scope: Scope) -> Datum:
    (shared,) = _positional(node, scope, 1, 1)
    datum = evaluate(shared, scope)
    if isinstance(datum, SharedLayer):
        return TiedLayer(datum.weights, node.span)
    message = "`tied` takes the name of a layer that is shared"
    help = "give it a name: `share f = linear(64) in … f … tied(f)`"
    raise scope.fail("E0414", message, shared.span, found=text(datum), help=help)


CALLS: dict[str, Callable[[str, ast.Call, Scope], Datum]] = {
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(SCHEMES, _initializer),
    **dict.fromkeys(JOINS, _join),
    "repeat": _repeat,
    "chain": _chain,
    "split": _split,
    "aux": _aux,
    "tied": _tied,
}
