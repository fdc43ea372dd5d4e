"""A norm behind a concatenation as norms of its parts, so that convolutions can take some of them.

It is done where a part is made by a convolution that nothing else reads, as the last layer of a
block of DenseNet is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, groupby, pairwise
from typing import Any

from archdsl.ops.merge import Concat
from archdsl.ops.norm import BatchNorm
from archdsl.rewriting.draft import Draft
from archdsl.rewriting.formulas import Slice
from archdsl.rewriting.layers import takes_norm
from archdsl.rewriting.network import Plan
from archdsl.rewriting.rewrite import SHARED, TRAINING_ONLY, Change, Left, Rewritten

NAME = "norms"
BY_CHANNEL = ("weight", "bias", "running_mean", "running_var")


def split_norms(plan: Plan) -> Rewritten:
    """Split every norm of a concatenation that has a convolution among its parts."""
    changes: list[Change] = []
    left: list[Left] = []
    for number in [*plan.nodes]:
        node = plan.nodes.get(number)
        if node is None or not isinstance(node.op, BatchNorm):
            continue
        join = node.inputs[0]
        if type(plan.nodes[join].op) is not Concat:
            continue
        fault = _fault(plan, join, number)
        if fault:
            left.append(Left(NAME, node.path, fault))
            continue
        plan, change = _split(plan, join, number)
        changes.append(change)
    return Rewritten(plan, tuple(changes), tuple(left))


def _fault(plan: Plan, join: int, norm: int) -> str:
    if plan.nodes[norm].training_only:
        return TRAINING_ONLY
    if plan.nodes[norm].path in plan.shared:
        return SHARED
    if plan.only_reader(join) != norm:
        return "the concatenation is read elsewhere too"
    if not any(_takes(plan, part) for part in plan.nodes[join].inputs):
        return "no part is made by a convolution that nothing else reads"
    return ""


def _takes(plan: Plan, number: int) -> bool:
    """Whether a norm behind a node can be folded into it."""
    node = plan.nodes[number]
    is_free = plan.only_reader(number) is not None and node.path not in plan.shared
    return takes_norm(node.op) and is_free


def _split(plan: Plan, join: int, norm: int) -> tuple[Plan, Change]:
    draft = Draft(plan)
    node, home = plan.nodes[norm], plan.nodes[join].home
    made, paths = [], []
    for numbers, start, stop in _parts(plan, join):
        tensor = numbers[0] if len(numbers) == 1 else draft.apply(Concat(), numbers, home)
        # A norm of what is left to itself stands where the concatenation does.
        name = node.path.rpartition(".")[2]
        path = draft.free_path(home, "norm" if name.isdigit() else name)
        made.append(draft.apply(node.op, (tensor,), home, path))  # type: ignore[arg-type]
        paths.append(path)
        for entry in BY_CHANNEL:
            draft.weights[f"{path}.{entry}"] = Slice(draft.weight(norm, entry), start, stop)
        draft.weights[f"{path}.num_batches_tracked"] = draft.weight(norm, "num_batches_tracked")
    draft.instead(norm, draft.apply(Concat(), made, home))
    listed = ", ".join(f"`{path}`" for path in paths)
    return draft.plan(), Change(NAME, node.path, f"is split by branch: {listed}")


def _parts(plan: Plan, join: int) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """The parts that get a norm of their own, with their channels; neighbours share one."""
    inputs = plan.nodes[join].inputs
    sizes: list[Any] = [plan.nodes[number].shape.channels for number in inputs]
    bounds = [*pairwise(accumulate(sizes, initial=0))]
    places = enumerate(inputs)
    for _, several in groupby(places, lambda pair: pair[0] if _takes(plan, pair[1]) else -1):
        group = [*several]
        first, last = group[0][0], group[-1][0]
        yield tuple([number for _, number in group]), bounds[first][0], bounds[last][1]
