"""Loops and conditions applied: what is repeated, and what was chosen, stays visible in the tree.

Code can only print a size that its loop knows: within a turn, and on both sides of an `if`, the
channels are a symbol of their own, `channels`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set

from archdsl import tree
from archdsl.arithmetic import Value
from archdsl.elaborate.apply.dispatch import Result, apply
from archdsl.elaborate.apply.place import (
    CHANNELS,
    Place,
    outside_of,
    positions_without,
    with_breadth,
)
from archdsl.elaborate.apply.repeats import further_turns
from archdsl.elaborate.evaluate.lists import last_item
from archdsl.elaborate.scope import Body
from archdsl.elaborate.tensors import Flow, Several, Tensor, made_by
from archdsl.elaborate.values import ConditionalLayer, Layer, LoopLayer, RepeatLayer
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression, Frame, Literal, Operation, Symbol, Term, operation
from archdsl.source import Span
from archdsl.substitution import Undefined, evaluate, substitute
from archdsl.tree import Sizes

NO_SIZES: Sizes = TensorType(())


def repeat(layer: RepeatLayer, entry: Flow, place: Place) -> Result:
    """The same layer, several times."""
    count = layer.count.value
    assert isinstance(count, int)
    place.body.count(layer.site, turns=count)
    iterations, result = _repeated(layer, count, entry, place)
    header = Term(tuple(range(count)), operation("range", layer.count.expression))
    return _loop_node(("_",), header, None, iterations, entry, result, place, layer.site)


def _repeated(
    layer: RepeatLayer, count: int, entry: Flow, place: Place
) -> tuple[list[tree.Iteration], Flow]:
    """The turns of a `repeat`, and its result."""
    iterations: list[tree.Iteration] = []
    while len(iterations) < count:
        before = place.body.replayed
        made, entry = _turns([(Frame("turn"), layer.layer)], entry, place, layer.site)
        iterations += made
        if place.body.replayed is not before and isinstance(entry, Tensor):
            more, entry = further_turns(layer.layer, entry, place, count - len(iterations))
            iterations += more
    return iterations, entry


def loop(layer: LoopLayer, entry: Flow, place: Place) -> Result:
    """A chained comprehension: a layer for every turn."""
    applied = place.body.network.applied
    if layer in applied:
        layer = layer.again()
    applied.add(layer)
    place.body.count(layer.site, turns=len(layer.turns))
    iterations, result = _turns(layer.turns, entry, place, layer.site)
    return _loop_node(
        layer.names, layer.header, layer.condition, iterations, entry, result, place, layer.site
    )


def _turns(
    turns: Sequence[tuple[Frame, Layer]],
    entry: Flow,
    place: Place,
    site: Span,
) -> tuple[list[tree.Iteration], Flow]:
    """Every turn applied, one after another; the frames of a turn are closed behind it."""
    labels, outside = place.body.labels, frozenset(place.body.labels.open)
    iterations = []
    for frame, layer in turns:
        labels.frames.add(frame)
        labels.open.add(frame)
        made, child = apply(layer, _named(entry, frame), place)
        entry = _closed(made, labels.open - outside, place, site)
        sizes = entry.sizes if isinstance(entry, Tensor) else None
        iterations.append(tree.Iteration(frame, child, sizes or NO_SIZES))
        labels.open = set(outside)
    return iterations, entry


def _closed(result: Flow, closed: Set[Frame], place: Place, site: Span) -> Flow:
    """The result of a turn as it is seen behind the turn; several keep no symbols of it."""
    if isinstance(result, Several):
        return outside_of(closed, result, place.body, site)
    if result.sizes is None:
        return result
    return Tensor(result.node, positions_without(closed, result.sizes))


def _named(tensor: Flow, frame: Frame) -> Flow:
    """A tensor whose channels are a symbol of a frame; several have no common channels."""
    if isinstance(tensor, Several) or tensor.sizes is None:
        return tensor
    return with_breadth(tensor, frame.define(CHANNELS, tensor.sizes.breadth))


def _loop_node(
    names: tree.Variables,
    header: Term,
    condition: Expression | None,
    iterations: list[tree.Iteration],
    entry: Flow,
    result: Flow,
    place: Place,
    site: Span,
) -> Result:
    """A loop, and its result as the layers behind it see it."""
    exit = place.body.labels.enter("exit")
    start = entry.sizes if isinstance(entry, Tensor) else None
    if start is not None and isinstance(result, Tensor) and result.sizes is not None:
        closed = _closed_form(header, condition, iterations, start.breadth, place.body)
        last = {} if condition is not None else _last_turn(names, header.expression, iterations)
        after = closed or substitute(
            result.sizes.breadth.expression, lambda symbol: last.get(symbol, symbol)
        )
        known = Term(result.sizes.breadth.value, after)
        result = _named(with_breadth(result, known), exit)
    several = made_by(entry)[1]
    node = tree.LoopNode(site, names, header, condition, tuple(iterations), exit, several)
    return result, node


def _last_turn(
    names: tree.Variables, header: Expression, iterations: list[tree.Iteration]
) -> dict[Symbol, Expression]:
    """The variables of the last turn, said so that they hold for lists of other lengths too."""
    if not iterations or not _is_even(header):
        return {}
    frame = iterations[-1].frame
    found = {}
    for name, part in _unpacked(names[0] if len(names) == 1 else names, last_item(header)):
        if name in frame.definitions and _value(part) == frame.definitions[name].value:
            found[Symbol(frame, name)] = part
    return found


def _is_even(header: Expression) -> bool:
    """Whether the last turn reads the last items: `zip` leaves out what other lists lack."""
    match header:
        case Operation("enumerate", (listed, *_)):
            return _is_even(listed)
        case Operation("zip", lists):
            values = [value for each in lists if isinstance(value := _value(each), tuple)]
            return len(values) == len(lists) and len({*map(len, values)}) == 1
    return True


def _unpacked(names: str | tree.Variables, item: Expression) -> Iterator[tuple[str, Expression]]:
    """The variables that an item is unpacked into, each with its part of the item."""
    if isinstance(names, str):
        yield names, item
        return
    for place, each in enumerate(names):
        yield from _unpacked(each, operation("[]", item, place))


def _value(expression: Expression) -> Value | None:
    """The value of an expression; None without one."""

    def value_of(symbol: Symbol) -> Value:
        assert symbol.frame is not None
        return symbol.frame.definitions[symbol.name].value

    try:
        return evaluate(expression, value_of)
    except Undefined:
        return None


def _closed_form(
    header: Term,
    condition: Expression | None,
    iterations: list[tree.Iteration],
    entry: Term,
    body: Body,
) -> Expression | None:
    """The channels behind a loop, without the loop: where every turn adds the same, or nothing."""
    added = {_added(iteration, body) for iteration in iterations}
    if added == {None} or len(added) != 1 or condition is not None:
        return None
    (each,) = added
    assert each is not None
    # A list of layers has no expression for its length.
    is_counted = isinstance(header.value, tuple)
    count = _length(header.expression) if is_counted else Literal(len(iterations))
    return operation("+", entry.expression, operation("*", count, each))


def _added(iteration: tree.Iteration, body: Body) -> Expression | None:
    """What a turn adds to the channels, as far as that is the same outside of the turn."""
    start = Symbol(iteration.frame, CHANNELS)
    match iteration.output.breadth.expression:
        case Operation("+", (first, each)) if first == start and not _is_inside(each, body):
            return each
    return None


def _is_inside(expression: Expression, body: Body) -> bool:
    """Whether an expression reads frames that are closed by now."""
    closed = body.labels.frames - body.labels.open
    return any(symbol.frame in closed for symbol in expression.symbols)


def _length(header: Expression) -> Expression:
    match header:
        case Operation("range", (end,)):
            return end
        case Operation("range", (start, end)):
            return operation("-", end, start)
    return operation("len", header)


def condition(layer: ConditionalLayer, entry: Flow, place: Place) -> Result:
    """The side of an `if` that was chosen."""
    return conditional(layer, entry, place, lambda inner: apply(layer.layer, inner, place))


def conditional(
    layer: ConditionalLayer, flow: Flow, place: Place, side: Callable[[Flow], Result]
) -> Result:
    """An `if` around the side that was taken."""
    entry = place.body.labels.enter("entry")
    result, child = side(_named(flow, entry))
    exit = place.body.labels.enter("exit")
    if isinstance(result, Several):
        result = outside_of({entry}, result, place.body, layer.site)
    result = _named(result, exit)
    node = tree.ConditionNode(layer.site, layer.condition, layer.taken, child, entry, exit)
    return result, node
