"""Convolutions of one tensor with equal windows as one, whose result is divided: Inception's 1x1s.

What follows all of them alike, a norm or an activation, is one too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from archdsl.ops.reshape import Slice
from archdsl.rewriting.draft import Draft
from archdsl.rewriting.layers import is_layer
from archdsl.rewriting.levels import Level, is_by_channel, settings_of
from archdsl.rewriting.network import Plan
from archdsl.rewriting.rewrite import Change, Left, Rewritten

NAME = "siblings"


def merge_siblings(plan: Plan) -> Rewritten:
    """Merge the 1x1 convolutions and the linear layers that read one tensor."""
    changes: list[Change] = []
    while (group := next(_groups(plan), None)) is not None:
        plan, change = _merged(plan, group)
        changes.append(change)
    return Rewritten(plan, tuple(changes), tuple(_left(plan)))


def _left(plan: Plan) -> Iterator[Left]:
    """The 1x1 layers that read what another reads, and differ from it."""
    for number in plan.nodes:
        readers = dict.fromkeys(reader for reader in plan.readers[number] if reader >= 0)
        known = [reader for reader in readers if _key(plan, reader) is not None]
        for reader in known[1:]:
            first = plan.nodes[known[0]].path
            yield Left(NAME, plan.nodes[reader].path, f"its settings are not those of `{first}`")


def _groups(plan: Plan) -> Iterator[tuple[Level, ...]]:
    """The siblings of every tensor, with what follows all of them alike."""
    for number in plan.nodes:
        several: dict[Any, list[int]] = {}
        for reader in dict.fromkeys(plan.readers[number]):
            if reader >= 0 and (key := _key(plan, reader)) is not None:
                several.setdefault(key, []).append(reader)
        for group in several.values():
            if len(group) > 1:
                yield _levels(plan, group)


def _key(plan: Plan, number: int) -> Any:
    """What two siblings must have in common; None for what has none."""
    node = plan.nodes[number]
    is_one_use = node.path not in plan.shared and getattr(node.op, "groups", 1) == 1
    # Two heads of a text have no layers in common.
    if not is_layer(node.op) or not is_one_use or node.training_only:
        return None
    kernel = plan.entries(number)[0].shape[2:]
    return settings_of(node.op) if set(kernel) <= {1} else None


def _levels(plan: Plan, group: Sequence[int]) -> tuple[Level, ...]:
    levels = [Level(plan, tuple(group))]
    while True:
        readers = [plan.only_reader(number) for number in levels[-1].numbers]
        behind = tuple([reader for reader in readers if reader is not None])
        level = Level(plan, behind)
        if len(behind) < len(group) or not is_by_channel(level.op) or _fault(level):
            return tuple(levels)
        levels.append(level)


def _fault(level: Level) -> bool:
    """Whether the nodes are of several kinds, or read elsewhere; that several read them is no."""
    nodes = [level.plan.nodes[number] for number in level.numbers]
    return len({node.op for node in nodes}) > 1 or any(n.path in level.plan.shared for n in nodes)


def _merged(plan: Plan, levels: Sequence[Level]) -> tuple[Plan, Change]:
    draft = Draft(plan)
    first = tensor = levels[0].merged(draft, levels[0].inputs[0], grouped=False)
    for level in levels[1:]:
        tensor = level.merged(draft, tensor, grouped=False)
    sizes: list[Any] = [plan.nodes[number].shape.channels for number in levels[0].numbers]
    bounds = pairwise(accumulate(sizes, initial=0))
    for number, (start, stop) in zip(levels[-1].numbers, bounds, strict=True):
        part = draft.apply(Slice(start, stop), (tensor,), draft.nodes[first].home)
        draft.instead(number, part)
    paths = [plan.nodes[number].path for number in levels[0].numbers]
    what = f"is {', '.join(f'`{path}`' for path in paths)}"
    return draft.plan(), Change(NAME, draft.nodes[first].path, what)
