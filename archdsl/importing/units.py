"""Factors of 1 in rearrangements: a map that is a single window is cut into windows as others are.

What is 1 leaves no trace in a tensor, so such a module rearranges by a pattern of its own. Where
other modules of its class have one with more factors, which does the same here, it gets that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

from archdsl.importing.steps import Scope, Step
from archdsl.ops.base import Op, Reject, Shape
from archdsl.ops.rearrange import Rearrange

MOST_FACTORS = 3
"""Of so many names sizes are tried."""


def with_unit_factors(root: Scope) -> None:
    """Give rearrangements that stand at one place of a class the pattern of the most factors."""
    groups: dict[tuple[str, int, int], list[Step]] = defaultdict(list)
    for scope in _scopes(root):
        steps = [step for step in scope.steps if isinstance(step.op, Rearrange)]
        for place, step in enumerate(steps):
            groups[scope.kind, len(steps), place].append(step)
    for several in groups.values():
        _unify(several)


def _scopes(root: Scope) -> Iterator[Scope]:
    """The scopes of calls, without plain containers."""
    scopes = [step.scope for step in root.all_steps() if step.scope is not None]
    return (scope for scope in scopes if not scope.is_container)


def _unify(several: Sequence[Step]) -> None:
    donors = dict.fromkeys(step.op for step in several if isinstance(step.op, Rearrange))
    richest = max(donors, key=lambda op: len(op.arrangement.before.names))
    alike = [op for op in donors if op.pattern == richest.pattern]
    if len({op.pattern for op in donors}) == 1 or len(richest.sizes) > MOST_FACTORS:
        return
    for step in several:
        if isinstance(step.op, Rearrange) and step.op.pattern != richest.pattern:
            step.op = _rewritten(step, alike) or step.op


def _rewritten(step: Step, alike: Sequence[Rearrange]) -> Op | None:
    """What a step does by the pattern of others, with sizes of theirs or of 1; None if none."""
    (port,) = step.inputs
    if any(not isinstance(size, int) for size in port.type.sizes):
        return None
    wanted = _order(step.op, port.type)
    names = alike[0].sizes
    columns = [[*dict.fromkeys(getattr(op, name) for op in alike), 1] for name in names]
    for sizes in product(*columns):
        made = Rearrange.make({"pattern": alike[0].pattern, **dict(zip(names, sizes, strict=True))})
        try:
            is_same_type = made.output(port.type) == step.types[0]
        except Reject:
            continue
        if is_same_type and _order(made, port.type) == wanted:
            return made
    return None


def _order(op: Op | None, shape: Shape) -> list[tuple[int, int]]:
    """In which order a rearrangement reads a tensor: sizes with their strides, the outer first.

    Sizes of 1 are left out, and neighbours that stay side by side are one.
    """
    assert isinstance(op, Rearrange)
    sizes = {name: size for name, size in op.factors(shape).items() if isinstance(size, int)}
    strides: dict[str, int] = {}
    step = 1
    for name in reversed(op.arrangement.before.names):
        strides[name] = step
        step *= sizes[name]
    found: list[tuple[int, int]] = []
    for name in op.arrangement.after.names:
        size, stride = sizes[name], strides[name]
        if found and found[-1][1] == size * stride:
            found[-1] = (found[-1][0] * size, stride)
        elif size > 1:
            found.append((size, stride))
    return found
