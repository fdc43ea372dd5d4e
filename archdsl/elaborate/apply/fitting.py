"""Sizes that fit for some inputs only, and what the inputs of the network must promise then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archdsl.contracts import contract, leeway_of
from archdsl.elaborate.pending import PendingCondition
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Body
from archdsl.ops.base import Shape, shape_text
from archdsl.shapes import Dim, Symbolic, evaluate
from archdsl.shapes.counterexamples import counterexample, distance, explained, shown
from archdsl.shapes.fits import (
    Pair,
    SizeCondition,
    agreement,
    conditions_text,
    conjunction,
    fit_or_stretch,
)
from archdsl.shapes.functions import compose, line
from archdsl.shapes.residues import QuasiLinear, TooManyResidues

MOST_PENDING = 64
"""Maximum number of places that fit only for some inputs."""


def postpone(body: Body, found: PendingCondition) -> None:
    """Remember a place that fits for some remainders, and go on as if it did for all.

    What fits for a few sizes, or for nobody knows which, is reported at once; raises `Failure`.
    """
    network = body.network
    conditions = [fit_or_stretch(*pair, found.fits) for pair in found.pairs]
    if not all(isinstance(each, SizeCondition) for each in conditions):
        least = contract(network.graph).least
        message = f"{found.demand}; {explained(found.pairs, least, found.fits)}"
        raise _fail(body, found, message, _same_symbol(found.pairs))
    network.pending.append(found)
    if len(network.pending) >= MOST_PENDING:
        raise Failure


def settle(body: Body) -> None:
    """Report what a network needs of its inputs and they do not promise: once, where it shows.

    That is the first place that does not fit for the smallest sizes for which one does not.
    """
    pending = body.network.pending
    if not pending:
        _confine(body)
        return
    found = contract(body.network.graph)
    examples = [
        (distance(values, found.least), values, pair, each)
        for each in pending
        for pair in each.pairs
        if (values := counterexample(*pair, found.least, each.fits))
    ]
    try:
        conditions = list(_conditions(pending, found.least))
    except TooManyResidues:
        conditions = []
    if not examples:
        # `mul` takes what is 1, so that sizes which differ may fit for all that were tried.
        examples = [(0, {}, pending[0].pairs[0], pending[0])]
    _, values, pair, each = min(examples, key=lambda example: example[0])
    alone = agreement(pending[0].fits) if len(pending) == 1 else ""
    text = _text(body.network.graph.name, conditions, alone)
    message = f"{each.demand}; {text}"
    if values:
        message += f"; smallest counterexample {shown(values, *pair)}"
    help = _promise([*found.inputs.values()], conditions)
    if help and each.code == "E0301" and "; " not in each.expected:
        help += "; or `resize(…, @label)` makes a branch as large as the layer with that label"
    _fail(body, each, message, help)


def _confine(body: Body) -> None:
    """Report a layer that takes no size of those from which on every tensor is 1 wide."""
    graph = body.network.graph
    found = contract(graph) if not body.network.failed else None
    if found is None or all(found.least[name] <= most for name, most in found.most.items()):
        return
    for node in graph:
        for room in leeway_of(graph, node):
            if evaluate(room, found.least) < 1:
                values = ", ".join(f"{name} = {least}" for name, least in found.least.items())
                message = f"even the smallest input is too much for `{node.op}`"
                body.fail("E0305", message, node.span, found=values)
                return


def _fail(body: Body, found: PendingCondition, message: str, help: str) -> Failure:
    return body.fail(
        found.code,
        message,
        found.span,
        expected=found.expected,
        found=found.found,
        help=help,
        trace=found.trace,
    )


def _conditions(
    pending: Sequence[PendingCondition], least: Mapping[str, int]
) -> Iterator[SizeCondition]:
    """The conditions on the inputs for all places to fit; raises `TooManyResidues`."""
    fits = [fit_or_stretch(*pair, each.fits) for each in pending for pair in each.pairs]
    met = [each for each in fits if isinstance(each, SizeCondition)]
    yield from conjunction([each.from_number(least.get(each.symbol, 1)) for each in met])


def _text(network: str, conditions: Sequence[SizeCondition], alone: str) -> str:
    who = alone or f"the shapes in `{network}` fit"
    if not conditions:
        return f"cannot decide for which sizes {who}"
    return f"{who} {conditions_text(conditions)}"


def _promise(inputs: Sequence[Shape], conditions: Sequence[SizeCondition]) -> str:
    """Patterns for the inputs that promise what is needed, or a part of it."""
    if not conditions or not all(condition.residues for condition in conditions):
        return ""
    wanted = {condition.symbol: condition for condition in conditions}
    if any(_is_table(size) for shape in inputs for size in shape.sizes):
        # A pattern that takes several floors already has no short form.
        return ""
    shapes = [shape.map(lambda size: _promised(size, wanted)) for shape in inputs]
    texts = " and ".join(f"`{shape_text(shape)}`" for shape in shapes)
    is_all = all(len(condition.residues) == 1 for condition in conditions)
    return f"the input can promise {'it' if is_all else 'that, for example'}: {texts}"


def _is_table(size: Dim) -> bool:
    return isinstance(size, Symbolic) and isinstance(size.function, QuasiLinear)


def _promised(size: Dim, wanted: dict[str, SizeCondition]) -> Dim:
    if not isinstance(size, Symbolic) or size.symbol not in wanted:
        return size
    condition = wanted[size.symbol]
    residue = condition.residues[0] and condition.residues[-1] - condition.modulus
    result = compose(size.function, line(condition.modulus, residue))
    return result if isinstance(result, int) else replace(size, function=result)


def _same_symbol(pairs: Sequence[Pair]) -> str:
    """The help if two symbols are compared that could be one."""
    for first, second in pairs:
        if not isinstance(first, Symbolic) or not isinstance(second, Symbolic):
            continue
        if first.symbol != second.symbol:
            return f"give both the same symbol, `{first.symbol}`, in the signature"
    return ""
