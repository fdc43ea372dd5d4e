"""Signatures: what goes into a block, matched by name; what comes out of it, compared."""

from __future__ import annotations

from math import prod

from archdsl.arithmetic import Value
from archdsl.elaborate.apply.fitting import postpone
from archdsl.elaborate.apply.place import text_of
from archdsl.elaborate.evaluate.dispatch import as_size, number
from archdsl.elaborate.patterns import Pattern
from archdsl.elaborate.pending import PendingCondition
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.tensors import Tensor
from archdsl.elaborate.values import BROKEN
from archdsl.ops.base import shape_text
from archdsl.ops.layouts import fitted, written
from archdsl.provenance import Literal, Term, operation
from archdsl.records import value
from archdsl.shapes import Symbolic, Undecided, same
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.walk import descendants
from archdsl.tree import Sizes, shape_of

CHANNELS, FEATURES = "in_channels", "in_features"
"""The names in code of the channels at the entry of a block: before positions, or behind them."""
BOUND = "num_embeddings"
"""The name in code of the bound of whole numbers at the entry: PyTorch's for rows of a table."""


@value
class Matched:
    """A pattern that fits: the parts as the body sees them, and what remains to be compared."""

    sizes: Sizes
    checks: tuple[tuple[int, ast.Expression], ...]


def bind(
    pattern: ast.Input | None,
    sizes: Sizes,
    scope: Scope,
    parameters: set[str],
    trace_span: Span,
    channels: str = "",
) -> Matched:
    """Give the names of a pattern to the sizes at a block's entry.

    Every size that gets a name becomes a symbol of the block's frame, and so do the channels, which
    are called `channels` there if that is a name. What is no new name is compared later, once the
    parameters have their values.
    """
    expressions = _at(pattern.shape, sizes) if pattern else (None,) * len(sizes.parts)
    if expressions is None:
        raise _mismatch(pattern, sizes, scope, trace_span)
    channels = _channels_name(channels, pattern, sizes, parameters)
    seen: list[Term] = []
    checks: list[tuple[int, ast.Expression]] = []
    for index, (size, expression) in enumerate(zip(sizes.parts, expressions, strict=True)):
        name = expression.name if isinstance(expression, ast.Name) else ""
        known = channels if index == sizes.breadth_place else name
        if name and name not in parameters and name not in scope.names:
            term = scope.body.frame.define(known, size)
            scope.names[name] = term
        elif expression is None or isinstance(expression, ast.Wildcard):
            term = scope.body.frame.define(known, size) if known else size
        else:
            _solve(expression, size, scope, parameters)
            checks.append((index, expression))
            term = size
        seen.append(term)
    return Matched(sizes.with_parts(seen), tuple(checks))


def is_rest(size: ast.Expression) -> bool:
    """Whether a size of a pattern is `...`."""
    return isinstance(size, ast.Rest)


def _at(shape: ast.Shape, sizes: Sizes) -> tuple[ast.Expression | None, ...] | None:
    """What a shape says of every part of a tensor; None if their layouts differ."""
    return fitted(shape.parts, is_rest, shape.is_last, shape.below is not None, sizes)


def _channels_name(own: str, pattern: ast.Input | None, sizes: Sizes, parameters: set[str]) -> str:
    """The channels at an entry, or the bound, as the block's code calls them.

    They may have a name of their `own`.
    """
    is_last = sizes.is_last or (pattern is not None and pattern.shape.is_last)
    name = own or (FEATURES if is_last else CHANNELS if sizes.below is None else BOUND)
    return name + "_" if name in parameters else name


def _solve(expression: ast.Expression, size: Term, scope: Scope, parameters: set[str]) -> None:
    """Bind the name in a multiple, `16 * h`, where the size is one."""
    known = {*parameters, *scope.names}
    unknown = [
        n for n in descendants(expression) if isinstance(n, ast.Name) and n.name not in known
    ]
    if len(unknown) != 1 or not isinstance(expression, ast.Arithmetic):
        return
    (name,) = unknown
    operands = [expression.first, *[operand for _, operand in expression.rest]]
    factors = [operand for operand in operands if operand is not name]
    if any(operator != "*" for operator, _ in expression.rest) or len(factors) == len(operands):
        return
    terms = [as_size(number(each, scope), each.span, scope) for each in factors]
    factor = prod(term.value for term in terms if isinstance(term.value, int))
    if factor > 0 and _is_multiple(size.value, factor):
        quotient = size.value // factor  # type: ignore[operator]
        term = Term(quotient, operation("//", size.expression, factor))
        scope.names[name.name] = scope.body.frame.define(name.name, term)


def _is_multiple(size: Value, factor: int) -> bool:
    """Whether a size is a multiple, for some values of its symbol at least."""
    if not isinstance(size, Symbolic):
        return isinstance(size, int) and size % factor == 0
    try:
        return size // factor != 0
    except Undecided:
        return False


def verify_entry(
    matched: Matched, pattern: ast.Input | None, sizes: Sizes, scope: Scope, site: Span
) -> Sizes:
    """The sizes at the entry, those that a pattern fixes with the pattern's expression."""
    seen = [*matched.sizes.parts]
    for index, expression in matched.checks:
        wanted = size_of(expression, scope)
        if wanted is None or not agree(wanted, sizes.parts[index], scope, expression.span):
            raise _mismatch(pattern, sizes, scope, site)
        seen[index] = wanted
    return sizes.with_parts(seen)


def size_of(expression: ast.Expression, scope: Scope) -> Term | None:
    """The size that a pattern names; None for `_` and for a name that could not be bound."""
    if isinstance(expression, ast.Wildcard):
        return None
    unbound = isinstance(expression, ast.Arithmetic) and any(
        isinstance(node, ast.Name) and scope.find(node.name) is None
        for node in descendants(expression)
    )
    return None if unbound else as_size(number(expression, scope), expression.span, scope)


def agree(wanted: Term, found: Term, scope: Scope, span: Span) -> bool:
    """Whether a size is the wanted one, for every value of its symbols that is promised."""
    try:
        return same(wanted.value, found.value)  # type: ignore[arg-type]
    except Undecided:
        name = scope.body.instance.block.name
        demand = f"the signature of `{name}` fixes a size"
        pair = (wanted.value, found.value)
        expected, other = str(wanted.value), str(found.value)
        trace = scope.trace or scope.body.trace
        pending = PendingCondition("E0308", demand, span, trace, (pair,), expected, other)  # type: ignore[arg-type]
        postpone(scope.body, pending)
        return True


def _mismatch(pattern: ast.Input | None, sizes: Sizes, scope: Scope, site: Span) -> Failure:
    name = scope.body.instance.block.name
    assert pattern is not None
    shape = pattern.shape
    wanted = written(
        [part.span.text for part in shape.parts], shape.is_last, shape.below is not None
    )
    found = shape_text(shape_of(sizes))
    message = f"`{name}` does not accept this shape"
    expected, outside = _filled(wanted, pattern, scope), scope.trace and scope.trace.parent
    fail = scope.body.session.reporter.report
    scope.body.network.failed = True
    return fail("E0303", message, site, outside, expected=expected, found=found)


def _filled(wanted: str, pattern: ast.Input, scope: Scope) -> str:
    """The pattern, followed by the values of its parameters."""
    values = []
    for size in pattern.parts:
        datum = scope.find(size.name) if isinstance(size, ast.Name) else None
        if isinstance(datum, Term) and isinstance(datum.expression, Literal):
            values.append(f"{size.span.text} = {datum.value}")
    return f"{wanted} where {', '.join(values)}" if values else wanted


def claimed(result: ast.Input, scope: Scope) -> Pattern:
    """The sizes that the right side of a signature promises of a result."""
    shape = result.shape
    parts = [... if is_rest(size) else size_of(size, scope) for size in shape.parts]
    return Pattern(tuple(parts), shape.is_last, shape.below is not None)


def verify_result(result: ast.Input, tensor: Tensor, scope: Scope) -> Sizes:
    """The sizes of a block's result, with the expressions of its signature where it has them."""
    wanted = claimed(result, scope)
    assert tensor.sizes is not None
    spans = [size.span for size in result.shape.parts]
    whole_span = spans[0].to(spans[-1]) if spans else result.span
    expected = wanted.of(tensor.sizes)
    if expected is None:
        raise _other_result(wanted, tensor, scope, whole_span)
    places = _at(result.shape, tensor.sizes) or ()
    for size, found, place in zip(expected, tensor.sizes.parts, places, strict=True):
        span = place.span if place is not None else whole_span
        if size is not None and not agree(size, found, scope, span):
            raise _other_result(wanted, tensor, scope, span)
    both = zip(expected, tensor.sizes.parts, strict=True)
    return tensor.sizes.with_parts(w or f for w, f in both)


def _other_result(wanted: Pattern, tensor: Tensor, scope: Scope, span: Span) -> Failure:
    name = scope.body.instance.block.name
    message = f"`{name}` does not have the shape in its signature"
    expected, found = str(wanted), text_of(tensor)
    return scope.fail("E0302", message, span, expected=expected, found=found)


def forget(pattern: ast.Input | None, scope: Scope) -> None:
    """Mark the names of a pattern as unknown, where the shape that comes in is."""
    for size in pattern.parts if pattern else ():
        for node in descendants(size):
            if isinstance(node, ast.Name) and node.name not in scope.names:
                scope.names[node.name] = BROKEN
