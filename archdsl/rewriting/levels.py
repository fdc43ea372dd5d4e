"""Layers of one kind side by side, which are to become one layer: a level of parallel paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from archdsl.ops.base import Op
from archdsl.ops.conv import Conv
from archdsl.ops.norm import BatchNorm
from archdsl.ops.pool import Pooling
from archdsl.ops.same_end import SAME_END
from archdsl.rewriting.draft import Draft, common_home, common_name
from archdsl.rewriting.formulas import Either, Formula, Joined
from archdsl.rewriting.layers import is_layer, total
from archdsl.rewriting.network import Plan

BY_CHANNEL = frozenset({"adaptive_avgpool", "global_avgpool", "global_maxpool", "dropout"})
"""Ops without weights that treat each channel alone, beside activations and pools."""
MIXING = frozenset({"softmax", "log_softmax", "prelu"})
"""Activations that read all channels, or whose weights are those of all."""


@dataclass(frozen=True)
class Level:
    """Nodes of one op, each on a path of its own."""

    plan: Plan
    numbers: tuple[int, ...]

    @property
    def op(self) -> Any:
        """The op of the first of them."""
        return self.plan.nodes[self.numbers[0]].op

    @property
    def inputs(self) -> tuple[int, ...]:
        """What each of them reads."""
        return tuple([self.plan.nodes[number].inputs[0] for number in self.numbers])

    @property
    def fault(self) -> str:
        """Why they cannot be one layer, whatever they read; empty where they can."""
        nodes = [self.plan.nodes[number] for number in self.numbers]
        names = list(dict.fromkeys(node.name or "input" for node in nodes))
        if len(names) > 1:
            return f"the paths differ: {' and '.join(f'`{name}`' for name in names[:2])}"
        if len(nodes[0].inputs) != 1:
            return f"`{names[0]}` reads several tensors" if nodes[0].inputs else "nothing is common"
        if any(self.plan.only_reader(number) is None for number in self.numbers):
            return f"what a `{names[0]}` gives is read elsewhere too"
        if any(node.path in self.plan.shared for node in nodes):
            return f"the weights of a `{names[0]}` are used more than once"
        if not (is_layer(self.op) or is_by_channel(self.op)):
            return f"`{names[0]}` does not treat every channel alone"
        settings = {settings_of(node.op) for node in nodes}
        return "the settings of the paths differ" if len(settings) > 1 else ""

    @property
    def is_even(self) -> bool:
        """Whether all have as many channels, before and behind."""
        shapes = {(self.plan.nodes[n].shape, *self.plan.shapes(n)) for n in self.numbers}
        return len(shapes) == 1

    @property
    def is_grouped(self) -> bool:
        """Whether they can be the groups of one layer."""
        return is_by_channel(self.op) or (isinstance(self.op, Conv) and self.is_even)

    def merged(self, draft: Draft, source: int, grouped: bool, summed: bool = False) -> int:
        """One layer for all of them, on a tensor; its channels are theirs, in order.

        `grouped`: each reads its own part of the channels. `summed`: it gives their sum.
        """
        nodes = [self.plan.nodes[number] for number in self.numbers]
        home = common_home([node.home for node in nodes])
        name = common_name([node.path for node in nodes], home, nodes[0].name)
        path = draft.free_path(home, name, self.numbers)
        op = self._op(grouped, summed)
        made = draft.apply(op, (source,), home, path)
        for weight in op.weights(draft.nodes[source].shape):
            parts = [draft.weights[f"{node.path}.{weight.name}"] for node in nodes]
            draft.weights[f"{path}.{weight.name}"] = _joined(weight.name, parts, summed)
        return made

    def _op(self, grouped: bool, summed: bool) -> Op:
        op: Any = self.op
        if is_layer(op) and not summed:
            op = replace(op, out=sum(self.plan.nodes[n].op.out for n in self.numbers))  # type: ignore[union-attr]
            if grouped:
                op = replace(op, groups=op.groups * len(self.numbers))
        made: Op = op
        return made


def settings_of(op: Any) -> Any:
    """An op whatever its number of outputs."""
    return replace(op, out=1) if is_layer(op) else op


def _joined(name: str, parts: Sequence[Formula], summed: bool) -> Formula:
    if name == "num_batches_tracked":
        return Either(tuple(parts))
    if summed and name == "bias":
        found = total([*parts])
        assert found is not None
        return found
    return Joined(tuple(parts), 1 if summed else 0)


def is_by_channel(op: Op | None) -> bool:
    """Whether an op treats every channel alone, so that parts of the channels can be together."""
    if op is None or op.is_foreign or op.name in MIXING or getattr(op, "pad", None) == SAME_END:
        return False
    is_known = op.is_activation or isinstance(op, Pooling | BatchNorm) or op.name in BY_CHANNEL
    return is_known and (isinstance(op, BatchNorm) or not _has_weights(op))


def _has_weights(op: Op) -> bool:
    return type(op).weights is not Op.weights
