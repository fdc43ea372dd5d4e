"""Lists, their items, and comprehensions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archdsl import tree
from archdsl.arithmetic import Value
from archdsl.elaborate.evaluate.dispatch import evaluate, truth, wrong_kind
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import Datum, Items, rooted
from archdsl.provenance import (
    Expression,
    Frame,
    Literal,
    Operation,
    Term,
    constant,
    literal,
    operation,
)
from archdsl.source import Span
from archdsl.syntax import ast


def make_list(data: list[Datum], span: Span) -> Datum:
    """A list of values: one term if all are numbers."""
    terms = [datum for datum in data if isinstance(datum, Term)]
    if len(terms) < len(data):
        return Items(tuple(data), span)
    value = tuple(term.value for term in terms)
    return Term(value, Operation("list", tuple(term.expression for term in terms)))


def items_of(datum: Datum, span: Span, scope: Scope) -> list[Datum]:
    """The items of a list, each with an expression of its own where it is a number."""
    if isinstance(datum, Term) and isinstance(datum.value, tuple):
        return [
            Term(value, item(datum.expression, index, value))
            for index, value in enumerate(datum.value)
        ]
    if isinstance(datum, Items):
        origin = datum.origin
        return [rooted(each, origin) for each in datum.items] if origin else list(datum.items)
    raise wrong_kind(datum, "a list", span, scope)


def last_item(expression: Expression) -> Expression:
    """The last item of a list of any length, as an expression; a `zip` of equally long ones."""
    match expression:
        case Operation("list", operands) if operands:
            return operands[-1]
        case Operation("enumerate", (listed, *start)):
            counted = listed
            match listed:
                case Operation("zip", (first, *_)):
                    counted = first
            number = operation(
                "-", operation("+", operation("len", counted), *(start or (Literal(0),))), 1
            )
            return Operation("list", (number, last_item(listed)))
        case Operation("zip", lists):
            return Operation("list", tuple([last_item(each) for each in lists]))
        case Operation("range", (end,) | (_, end)):
            return operation("-", end, 1)
        case _:
            return operation("[]", expression, -1)


def item(expression: Expression, index: int, value: Value) -> Expression:
    """An item of a list, as the simplest expression."""
    match expression:
        case Operation("list", operands):
            return operands[index]
        case Operation("enumerate", (listed, *start)) if isinstance(value, tuple):
            first = start[0] if start else Literal(0)
            number = operation("+", first, Literal(index))
            return Operation("list", (number, item(listed, index, value[1])))
        case Operation("zip", lists) if isinstance(value, tuple):
            parts = [item(each, index, part) for each, part in zip(lists, value, strict=True)]
            return Operation("list", tuple(parts))
        case Operation("[:b]", (listed, _)):
            return item(listed, index, value)
        case Operation("range", operands) if _starts_literally(operands):
            return constant(value).expression
        case _:
            return operation("[]", expression, Literal(index))


def _starts_literally(operands: tuple[Expression, ...]) -> bool:
    """Whether the numbers of a `range` do not depend on what is no number: only its end may."""
    written = [isinstance(operand, Literal) for operand in operands]
    return len(operands) == 1 or (written[0] and all(written[2:]))


def comprehension(node: ast.Comprehension, scope: Scope) -> Datum:
    """A comprehension of values: a list."""
    data = [evaluate(node.element, inner) for _, inner in turns(node, scope, framed=False)]
    return make_list(data, node.span)


def turns(
    node: ast.Comprehension, scope: Scope, framed: bool, filters: list[Expression] | None = None
) -> Iterator[tuple[Frame, Scope]]:
    """The turns of a comprehension that its filter lets pass, each with its names.

    Where it is `framed`, the variables are symbols of a frame of the turn. The filter's expression
    is appended to `filters`.
    """
    unrolled = scope.body.instance.unrolled
    listed = evaluate(node.iterable, scope)
    if isinstance(listed, Term) and not framed:
        unrolled.append((node.span, listed))
    for datum in items_of(listed, node.iterable.span, scope):
        frame = Frame("turn")
        span = node.iterable.span
        names = {
            name: _named(name, each, frame if framed else None)
            for name, each in _targets(node.targets, datum, span, scope)
        }
        inner = scope.inner(names)
        if node.condition is not None:
            condition = truth(node.condition, inner)
            unrolled.append((node.condition.span, condition))
            if not condition.value:
                continue
            if filters is not None:
                filters.append(condition.expression)
        yield frame, inner


def _targets(
    targets: Sequence[ast.Target], datum: Datum, listed: Span, scope: Scope, is_inner: bool = False
) -> Iterator[tuple[str, Datum]]:
    """The variables of one turn, in the order of the text, with their values."""
    data = [datum]
    if len(targets) > 1 or is_inner:
        data = items_of(datum, listed, scope)
        if len(data) != len(targets):
            message = f"{len(targets)} name{'s' * (len(targets) > 1)} for items of {len(data)}"
            span = targets[0].span.to(targets[-1].span)
            raise scope.fail("E0507", message, span)
    for target, each in zip(targets, data, strict=True):
        if isinstance(target, ast.Name):
            yield target.name, each
        else:
            yield from _targets(target.targets, each, listed, scope, is_inner=True)


def _named(name: str, datum: Datum, frame: Frame | None) -> Datum:
    """The value of a variable, which is a symbol of its turn's frame if there is one."""
    if frame is None or not isinstance(datum, Term):
        return datum
    return frame.define(variable(name), datum)


def variables(targets: Sequence[ast.Target]) -> tree.Variables:
    """The variables of a loop as the tree has them."""
    return tuple(
        [
            variable(each.name) if isinstance(each, ast.Name) else variables(each.targets)
            for each in targets
        ]
    )


def variable(name: str) -> str:
    """The symbol of a loop's variable; `channels` is the frame's own."""
    return "channels_" if name == "channels" else name


def header(node: ast.Comprehension, scope: Scope) -> Term:
    """The iterable of a loop with its expression; a list of layers has none."""
    datum = evaluate(node.iterable, scope)
    return datum if isinstance(datum, Term) else literal(0)
