"""Equal paths side by side as one path with groups: ResNeXt's forms, AlexNet's towers.

Concatenation moves up through layers that treat every channel alone. Convolutions of several
tensors are the groups of one, those of one tensor are one with all their filters; convolutions
whose results are added are one that reads all their inputs (Xie et al., CVPR 2017, Figure 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from archdsl.ops.merge import Add, Concat
from archdsl.rewriting.draft import Draft
from archdsl.rewriting.layers import is_layer
from archdsl.rewriting.levels import Level
from archdsl.rewriting.network import Plan
from archdsl.rewriting.rewrite import TRAINING_ONLY, Change, Left, Rewritten

NAME = "paths"


def merge_paths(plan: Plan, adds_biases: bool = True) -> Rewritten:
    """Merge equal paths that end in a concatenation, or in a sum.

    Unless it `adds_biases`, no sum becomes one bias.
    """
    changes: list[Change] = []
    while (place := next(_places(plan, adds_biases), None)) is not None:
        plan, change = _merged(plan, *place)
        changes.append(change)
    left = [
        Left(NAME, plan.nodes[join].path, found)
        for join, found in _joins(plan, adds_biases)
        if isinstance(found, str) and found
    ]
    return Rewritten(plan, tuple(changes), tuple(left))


def merge_paths_in_training(plan: Plan) -> Rewritten:
    """The same, but for sums of biases: one bias moves less in a step than several together."""
    return merge_paths(plan, adds_biases=False)


def _places(plan: Plan, adds_biases: bool) -> Iterator[tuple[int, _Found]]:
    """The joins of equal paths."""
    for join, found in _joins(plan, adds_biases):
        if isinstance(found, _Found):
            yield join, found


def _joins(plan: Plan, adds_biases: bool) -> Iterator[tuple[int, _Found | str]]:
    """The concatenations and sums, with their paths; else why these stay."""
    for number, node in plan.nodes.items():
        if type(node.op) in (Concat, Add) and len(node.inputs) > 1:
            found = _Paths(plan, number, adds_biases).found()
            yield number, TRAINING_ONLY if node.training_only and found else found


@dataclass(frozen=True)
class _Found:
    """The levels of equal paths, the last first, and what the first of them reads.

    With a `source` all of them read that, and have no groups there if they are `together`; else
    each reads a tensor of its own.
    """

    levels: tuple[Level, ...]
    source: int | None = None
    together: bool = False


@dataclass
class _Paths:
    plan: Plan
    join: int
    adds_biases: bool
    levels: list[Level] = field(default_factory=list)

    def found(self) -> _Found | str:
        """The longest equal paths that hold a convolution; else why there are none, if any near."""
        node = self.plan.nodes[self.join]
        is_sum = type(node.op) is Add
        level = Level(self.plan, node.inputs)
        best: _Found | None = None
        why = ""
        while not (why := self._fault(level, is_sum)):
            self.levels.append(level)
            source, together = self._source(level)
            if source is not None:
                is_useful = any(is_layer(each.op) for each in self.levels)
                alone = is_sum and len(self.levels) == 1
                return (
                    _Found(tuple(self.levels), source, together) if is_useful and not alone else ""
                )
            if is_layer(level.op) and not is_sum:
                best = _Found(tuple(self.levels))
            level = Level(self.plan, level.inputs)
        has_layers = any(is_layer(each.op) for each in self.levels)
        return best or (why if has_layers or self._is_near(level) else "")

    def _is_near(self, level: Level) -> bool:
        """Whether what ends the paths is of one kind on all of them, so that one may wonder."""
        return bool(self.levels) and len({self.plan.nodes[n].name for n in level.numbers}) == 1

    def _fault(self, level: Level, is_sum: bool) -> str:
        if len({*level.numbers}) < len(level.numbers):
            return "a path is joined with itself"
        if level.fault:
            return level.fault
        if is_sum and not self.levels:
            if len({self.plan.nodes[number].shape for number in level.numbers}) > 1:
                return "what is added has several sizes"
            is_plain = is_layer(level.op) and getattr(level.op, "groups", 1) == 1
            if is_plain and level.op.bias and not self.adds_biases:
                return "several biases would be one, which learns more slowly"
            return "" if is_plain else "no layer without groups ends the paths"
        if self._source(level)[0] is not None or level.is_grouped:
            return ""
        name = self.plan.nodes[level.numbers[0]].name
        return (
            f"the `{name}` of the paths cannot be groups of one: their sizes differ, or all is read"
        )

    def _source(self, level: Level) -> tuple[int | None, bool]:
        """The one tensor that all read, or parts of it in order; and whether all read all of it."""
        inputs = level.inputs
        if len({*inputs}) == 1:
            is_plain = is_layer(level.op) and getattr(level.op, "groups", 1) == 1
            return (inputs[0], True) if is_plain else (None, False)
        whole = _whole(self.plan, inputs)
        return (whole, False) if whole is not None and level.is_grouped else (None, False)


def _whole(plan: Plan, parts: Sequence[int]) -> int | None:
    """The tensor that some tensors are the parts of, in order and without gaps."""
    nodes: list[Any] = [plan.nodes[number] for number in parts]
    if any(node.is_foreign or node.name not in ("slice", "part") for node in nodes):
        return None
    sources = {node.inputs[0] for node in nodes}
    if len(sources) != 1:
        return None
    (source,) = sources
    total, stop = plan.nodes[source].shape.channels, 0
    for node in nodes:
        if _start(node.op, total) != stop:
            return None
        stop += node.shape.channels
    return source if stop == total else None


def _start(op: Any, total: Any) -> int:
    return int(op.start) if op.name == "slice" else int(op.index * total // op.parts)


def _merged(plan: Plan, join: int, found: _Found) -> tuple[Plan, Change]:
    draft = Draft(plan)
    first = found.levels[-1]
    tensor = found.source
    if tensor is None:
        inputs = [*first.inputs]
        tensor = draft.apply(Concat(), inputs, plan.nodes[join].home)
    is_sum = type(plan.nodes[join].op) is Add
    for place, level in enumerate(reversed(found.levels)):
        grouped = not (place == 0 and found.together)
        summed = is_sum and level is found.levels[0]
        tensor = level.merged(draft, tensor, grouped and not summed, summed)
    draft.instead(join, tensor)
    named = next(each for each in found.levels if is_layer(each.op))
    paths = [plan.nodes[number].path for number in named.numbers]
    count = sum(is_layer(each.op) for each in found.levels)
    layers = f"{count} layer{'s' if count > 1 else ''}"
    what = f"is one path for {len(paths)}: {layers} from `{paths[0]}` to `{paths[-1]}`"
    return draft.plan(), Change(NAME, plan.nodes[join].path, what)
