"""Operators, lists and `let`: expressions that give numbers."""

from __future__ import annotations

from archdsl.elaborate.evaluate.dispatch import applied, brief, evaluate, number, truth, wrong_kind
from archdsl.elaborate.evaluate.layers import part_of_wire
from archdsl.elaborate.evaluate.lists import items_of, make_list
from archdsl.elaborate.evaluate.untaken import described
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import (
    BROKEN,
    Anything,
    Applicable,
    Bindings,
    Datum,
    FunctionCallee,
    Items,
)
from archdsl.provenance import Literal, Term, literal
from archdsl.syntax import ast


def constant(node: ast.Number | ast.Boolean | ast.String, scope: Scope) -> Datum:
    """A number, truth value or string as it is written."""
    return literal(node.value)


def wildcard(node: ast.Wildcard, scope: Scope) -> Datum:
    """`_`, any size."""
    return Anything(isinstance(node, ast.Rest))


def list_of(node: ast.List, scope: Scope) -> Datum:
    """A list of values."""
    return make_list([evaluate(item, scope) for item in node.items], node.span)


def arithmetic(node: ast.Arithmetic, scope: Scope) -> Datum:
    """Numbers, or lists, under one sign or several of equal rank."""
    first = evaluate(node.first, scope)
    rest = [(operator, evaluate(operand, scope)) for operator, operand in node.rest]
    if isinstance(first, Items) or any(isinstance(datum, Items) for _, datum in rest):
        return _joined([first, *[datum for _, datum in rest]], node, scope)
    operands = [node.first, *[operand for _, operand in node.rest]]
    data = [first, *[datum for _, datum in rest]]
    terms: list[Term] = []
    for datum, operand in zip(data, operands, strict=True):
        if not isinstance(datum, Term):
            help = _with_layers(node, operands, data)
            raise wrong_kind(datum, "a number", operand.span, scope, help)
        terms.append(datum)
    if rest[0][0] == "**":
        result = terms[-1]
        for term in reversed(terms[:-1]):
            result = applied("**", [term, result], node.span, scope)
        return result
    result = terms[0]
    for (operator, _), term, operand in zip(rest, terms[1:], operands[1:], strict=True):
        span = node.first.span.to(operand.span)
        result = applied(operator, [result, term], span, scope)
    return result


def _with_layers(node: ast.Arithmetic, operands: list[ast.Expression], data: list[Datum]) -> str:
    """The help for an operator between layers: `layer * 3` means three copies."""
    counts = [i for i, datum in enumerate(data) if isinstance(datum, Term)]
    if len(data) == 2 and len(counts) == 1 and node.rest[0][0] in {"*", "**"}:
        count, layer = operands[counts[0]], operands[1 - counts[0]]
        return f"write `repeat({brief(count.span)}, {brief(layer.span)})`"
    return "`add(a, b)` and `mul(a, b)` compute with what layers give"


def _joined(data: list[Datum], node: ast.Arithmetic, scope: Scope) -> Datum:
    """Lists of layers, joined by `+`."""
    joined: list[Datum] = []
    for datum in data:
        is_list = isinstance(datum, Items) or isinstance(getattr(datum, "value", None), tuple)
        if not is_list or any(operator != "+" for operator, _ in node.rest):
            raise wrong_kind(datum, "a list", node.span, scope)
        joined += items_of(datum, node.span, scope)
    return make_list(joined, node.span)


def negation(node: ast.Negation, scope: Scope) -> Datum:
    """`-a`."""
    return applied("neg", [number(node.operand, scope)], node.span, scope)


def comparison(node: ast.Comparison, scope: Scope) -> Datum:
    """`a < b` and its like."""
    terms = [number(node.left, scope), number(node.right, scope)]
    return applied(node.operator, terms, node.span, scope)


def logical(node: ast.Logical, scope: Scope) -> Datum:
    """`and` and `or`, which evaluate no more operands than they need."""
    decisive = node.operator == "or"
    result = truth(node.operands[0], scope)
    for operand in node.operands[1:]:
        if result.value is decisive:
            other = described(operand, scope)
            value = decisive
        else:
            term = truth(operand, scope)
            other, value = term.expression, bool(term.value)
        if other is None:
            # The expression does not tell that the rest was left out.
            scope.body.instance.unrolled.append((operand.span, result))
        else:
            result = scope.term(value, node.operator, [result.expression, other], node.span)
    return result


def opposite(node: ast.Not, scope: Scope) -> Datum:
    """`not a`."""
    return applied("not", [truth(node.operand, scope)], node.span, scope)


def let_in(node: ast.LetIn, scope: Scope) -> Datum:
    """`let name = value in body`."""
    inner = scope.inner({}, is_body=scope.is_body)
    for bound in node.bindings:
        try:
            datum = _bound(bound, inner)
        except Failure:
            scope.body.network.failed = True
            datum = BROKEN
        inner = scope_with(inner, bound.name.name, datum)
    return evaluate(node.body, inner)


def _bound(binding: ast.Binding, scope: Scope) -> Datum:
    """The value of a binding: one with parameters is a function, which sees what it can see."""
    if binding.parameters is None:
        return evaluate(binding.value, scope)
    name, parameters = binding.name.name, binding.parameters
    callee = FunctionCallee(
        name,
        binding,
        scope.namespace,
        tuple([each.name.name for each in parameters]),
        frozenset([each.name.name for each in parameters if each.default is None]),
        scope.body.labels,
        scope.visible(),
    )
    return Applicable(callee, Bindings(), {}, binding.name.span, scope.trace)


def scope_with(scope: Scope, name: str, datum: Datum) -> Scope:
    """A scope with one more name; in a block's body a number becomes a local of the block."""
    instance = scope.body.instance
    if scope.is_body and isinstance(datum, Term) and name not in instance.frame.definitions:
        datum = instance.frame.define(name, datum)
        instance.locals.append(name)
    return scope.inner({name: datum}, is_body=scope.is_body)


def part_of(node: ast.Slice, scope: Scope) -> Datum:
    """`list[start:stop]`: items of a list, as a list."""
    target = evaluate(node.target, scope)
    sides = [None if side is None else number(side, scope) for side in (node.start, node.stop)]
    given = [side for side in sides if side is not None]
    operator = f"[{'a' * (sides[0] is not None)}:{'b' * (sides[1] is not None)}]"
    items = items_of(target, node.target.span, scope)
    if not given:
        return target
    if isinstance(target, Term):
        return applied(operator, [target, *given], node.span, scope)
    scope.body.instance.unrolled += [(node.span, side) for side in given]
    indices = Term(tuple(range(len(items))), Literal(0))
    kept = applied(operator, [indices, *given], node.span, scope).value
    assert isinstance(kept, tuple)
    return make_list([items[index] for index in kept if isinstance(index, int)], node.span)


def item_of(node: ast.Index, scope: Scope) -> Datum:
    """An item of a list."""
    target = evaluate(node.target, scope)
    index = number(node.index, scope)
    if isinstance(target, Items):
        indices = Term(tuple(range(len(target.items))), Literal(0))
    elif isinstance(target, Term):
        indices = target
    else:
        raise wrong_kind(target, "a list", node.target.span, scope)
    chosen = applied("[]", [indices, index], node.span, scope)
    if not isinstance(target, Items):
        return chosen
    assert isinstance(chosen.value, int)
    return items_of(target, node.span, scope)[chosen.value]


def fact(node: ast.Attribute, scope: Scope) -> Datum:
    """A figure of a network in an assert, `net.params`; behind a wire, one of several results."""
    if isinstance(node.target, ast.Wire):
        return part_of_wire(node.target, node, scope)
    fact = scope.body.session.fact
    if fact is None:
        # That only an `assert` can ask for it has been reported.
        raise scope.broken()
    return fact(node, scope)
