"""Parallel convolutions of one tensor, norms of it and the tensor itself, as one convolution.

A convolution with a smaller window is one with the larger window whose other weights are 0; a norm
in inference, and the identity, are convolutions that read each channel alone. Kernels whose results
are added are added themselves: RepVGG (Ding et al., CVPR 2021), MobileOne (Vasu et al., CVPR 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from archdsl.ops.axes import each
from archdsl.ops.conv import Conv, padding_of
from archdsl.ops.merge import Add
from archdsl.ops.norm import BatchNorm
from archdsl.ops.same_end import SAME_END
from archdsl.rewriting.draft import common_home, common_name
from archdsl.rewriting.formulas import Binary, Copying, Formula, Placed
from archdsl.rewriting.layers import affine_of, bias_of, column, freed, is_layer, total
from archdsl.rewriting.network import Node, Plan
from archdsl.rewriting.rewrite import SHARED, Rewritten
from archdsl.rewriting.sweep import Sweep

NAME = "branches"


def merge_branches(plan: Plan) -> Rewritten:
    """Merge what sums add up, where it reads one tensor."""
    return _Merging(plan).rewritten()


class _Merging(Sweep):
    name = NAME
    op = Add

    def take(self, add: int) -> None:
        """Merge the branches of a sum, one group for each tensor that they read."""
        node = self.plan.nodes[add]
        if len({self.plan.nodes[number].shape for number in node.inputs}) > 1:
            return
        for source in dict.fromkeys(map(self._source, node.inputs)):
            group = [n for n in self.draft.nodes[add].inputs if self._source(n) == source]
            if source not in self.draft.gone:
                self._merge(add, source, list(dict.fromkeys(group)))
        self._leave_what_is_used_elsewhere(node.inputs)

    def _leave_what_is_used_elsewhere(self, branches: Sequence[int]) -> None:
        for number in dict.fromkeys(branches):
            node = self.plan.nodes[number]
            if not is_layer(node.op) or self._source(number) != number:
                continue
            if any(self._source(other) == node.inputs[0] for other in branches):
                is_shared = node.path in self.plan.shared
                self.leave(node.path, SHARED if is_shared else "it is read elsewhere too")

    def _source(self, number: int) -> int:
        """The tensor that a branch reads: that before a layer or norm of its own, else itself."""
        node = self.plan.nodes.get(number)
        if node is None or node.path in self.plan.shared or self.plan.only_reader(number) is None:
            return number
        is_own = is_layer(node.op) or isinstance(node.op, BatchNorm)
        return node.inputs[0] if is_own else number

    def _merge(self, add: int, source: int, group: Sequence[int]) -> None:
        layers = [n for n in group if n != source and is_layer(self.plan.nodes[n].op)]
        if not layers or len(group) < 2:
            return
        target = max(layers, key=lambda n: prod(self.plan.entries(n)[0].shape))
        fits = [n for n in group if n == target or not self._misfit(n, source, target)]
        for number in group:
            if number not in fits:
                why = self._misfit(number, source, target)
                place = self.plan.nodes[number].path or self.plan.nodes[add].path
                self.leave(place, why)
        if len(fits) > 1:
            self._replace(add, source, target, fits)

    def _misfit(self, number: int, source: int, target: int) -> str:
        """Why a branch cannot be part of a convolution; empty where it can."""
        goal: Any = self.plan.nodes[target].op
        if number == source or not is_layer(self.plan.nodes[number].op):
            return self._misfit_of_copy(target, goal)
        op: Any = self.plan.nodes[number].op
        name = self.plan.nodes[target].path
        if type(op) is not type(goal):
            return f"`{name}` is another layer"
        if not isinstance(op, Conv):
            return ""
        if SAME_END in (op.pad, goal.pad) and (op.pad, op.kernel) != (goal.pad, goal.kernel):
            return f"`{name}` pads another way"
        axes = self._axes(target)
        if each(op.stride, axes) != each(goal.stride, axes) or op.groups != goal.groups:
            return f"`{name}` has another stride or other groups"
        return "" if self._start(number, target) else f"its window does not lie in `{name}`'s"

    def _misfit_of_copy(self, target: int, goal: Any) -> str:
        if not isinstance(goal, Conv):
            return ""
        if goal.pad == SAME_END or {*each(goal.stride, 1)} != {1}:
            return f"`{self.plan.nodes[target].path}` strides, or pads at the end"
        return "" if self._centre(target) else "the window has no middle"

    def _axes(self, number: int) -> int:
        return len(self.plan.nodes[number].shape.positions)

    def _start(self, number: int, target: int) -> tuple[int, ...] | None:
        """Where a kernel begins in a larger one, along every axis; None where it lies outside."""
        op: Any = self.plan.nodes[number].op
        goal: Any = self.plan.nodes[target].op
        axes = self._axes(target)
        names = [each(v, axes) for v in (op.kernel, goal.kernel, op.dilation, goal.dilation)]
        if goal.pad == SAME_END:
            return (0,) * axes if names[2] == names[3] else None
        pads = [each(padding_of(o), axes) for o in (op, goal)]
        found = []
        for kernel, size, step, goal_step, pad, goal_pad in zip(*names, *pads, strict=True):
            start, rest = divmod(goal_pad - pad, goal_step)
            is_inside = start >= 0 and start + kernel <= size and not rest
            if not is_inside or (kernel > 1 and step != goal_step):
                return None
            found.append(start)
        return tuple(found)

    def _centre(self, target: int) -> tuple[int, ...] | None:
        """The place in a kernel that reads the position itself."""
        op: Any = self.plan.nodes[target].op
        axes = self._axes(target)
        numbers = [each(v, axes) for v in (padding_of(op), op.dilation, op.kernel)]
        places = [divmod(pad, step) for pad, step, _ in zip(*numbers, strict=True)]
        is_inside = all(p < k and not r for (p, r), k in zip(places, numbers[2], strict=True))
        return tuple([place for place, _ in places]) if is_inside else None

    def _replace(self, add: int, source: int, target: int, fits: Sequence[int]) -> None:
        nodes = [self.plan.nodes[number] for number in fits if number != source]
        before = [n for n in self.draft.nodes[add].inputs if n in fits]
        weights = [self._weight(n, source, target) for n in before]
        biases = [self._bias(n, source) for n in before]
        weight, bias = total([*weights]), total(biases)
        assert weight is not None
        home = common_home([self.plan.nodes[add].home, *[each.home for each in nodes]])
        path = self._path(home, nodes)
        goal = self.plan.nodes[target]
        made = Node(freed(goal.op, bias=bias is not None), (source,), goal.shape, path, home)
        values = {"weight": weight} | ({"bias": bias} if bias is not None else {})
        self._join(add, before, self.draft.add(made, values))
        names = ", ".join([f"`{each.path}`" for each in nodes])
        what = f"{names}{' and the identity' if source in fits else ''}"
        self.change(path, f"is the sum of {what}")

    def _path(self, home: Any, nodes: Sequence[Node]) -> str:
        name = common_name([node.path for node in nodes], home, nodes[0].name)
        gone = [n for n, node in self.draft.nodes.items() if node.path in {e.path for e in nodes}]
        return self.draft.free_path(home, name, gone)

    def _join(self, add: int, before: Sequence[int], merged: int) -> None:
        inputs = self.draft.nodes[add].inputs
        place = inputs.index(before[0])
        rest = [n for n in inputs[:place] if n not in before]
        rest += [merged, *[n for n in inputs[place:] if n not in before]]
        self.draft.change(add, inputs=tuple(rest))
        if len(rest) == 1:
            self.draft.instead(add, merged)

    def _weight(self, number: int, source: int, target: int) -> Formula:
        """The weight of a branch as that of the larger convolution."""
        (whole, *_) = self.plan.entries(target)
        if number == source:
            return self._copying(target, whole.shape)
        if not is_layer(self.plan.nodes[number].op):
            factor, _ = affine_of(self.draft, number)
            return Binary("*", self._copying(target, whole.shape), column(factor, len(whole.shape)))
        weight = self.draft.weight(number, "weight")
        (own, *_) = self.plan.entries(number)
        if own.shape == whole.shape:
            return weight
        start = self._start(number, target)
        assert start is not None
        return Placed(weight, own.shape, whole.shape, (0, 0, *start))

    def _copying(self, target: int, shape: tuple[int, ...]) -> Formula:
        is_conv = isinstance(self.plan.nodes[target].op, Conv)
        return Copying(shape, (self._centre(target) or ()) if is_conv else ())

    def _bias(self, number: int, source: int) -> Formula | None:
        if number == source:
            return None
        if is_layer(self.plan.nodes[number].op):
            return bias_of(self.draft, number)
        return affine_of(self.draft, number)[1]
