"""Two linear maps one after another as one, where that has fewer weights."""

from __future__ import annotations

from math import prod
from typing import Any

from archdsl.ops.axes import combined
from archdsl.ops.conv import Conv
from archdsl.ops.same_end import SAME_END
from archdsl.rewriting.draft import Draft, common_home, common_name
from archdsl.rewriting.formulas import Binary, Formula, Shaped
from archdsl.rewriting.layers import bias_of, freed, is_layer, is_pointwise, total
from archdsl.rewriting.network import Plan
from archdsl.rewriting.rewrite import SHARED, TRAINING_ONLY, Change, Left, Rewritten

NAME = "pointwise"


def merge_pointwise(plan: Plan) -> Rewritten:
    """Merge every 1x1 convolution or linear layer into the layer before it."""
    changes: list[Change] = []
    left: dict[int, Left] = {}
    for number in [*plan.nodes]:
        if number not in plan.nodes or not is_pointwise(plan, number):
            continue
        before = plan.nodes[number].inputs[0]
        fault = _fault(plan, before, number)
        if fault:
            left[number] = Left(NAME, plan.nodes[number].path, fault)
        elif fault is not None:
            plan, change = _merged(plan, before, number)
            changes.append(change)
    return Rewritten(plan, tuple(changes), tuple(left.values()))


def _fault(plan: Plan, before: int, number: int) -> str | None:
    """Why two layers stay two; empty where they can be one, None where they are no such layers."""
    first, second = plan.nodes[before], plan.nodes[number]
    if not is_layer(first.op) or type(first.op) is not type(second.op):
        return None
    if second.training_only:
        return TRAINING_ONLY
    settings: Any = first.op
    if getattr(settings, "groups", 1) > 1:
        return f"`{first.path}` before it has groups"
    if getattr(settings, "pad", 0) == SAME_END and getattr(second.op, "stride", 1) != 1:
        return f"`{first.path}` pads at the end"
    if {first.path, second.path} & plan.shared:
        return SHARED
    if plan.only_reader(before) != number:
        return f"`{first.path}` before it is read elsewhere too"
    two = sum(prod(plan.entries(each)[0].shape) for each in (before, number))
    one = prod(_shape(plan, before, number))
    return f"one layer would have {one:,} weights, and two have {two:,}" if one > two else ""


def _shape(plan: Plan, before: int, number: int) -> tuple[int, ...]:
    return (plan.entries(number)[0].shape[0], *plan.entries(before)[0].shape[1:])


def _merged(plan: Plan, before: int, number: int) -> tuple[Plan, Change]:
    """A (B x + b) + a = (A B) x + (A b + a)."""
    draft = Draft(plan)
    first, second = plan.nodes[before], plan.nodes[number]
    bias = bias_of(draft, before)
    matrix = _matrix(draft.weight(number, "weight"), plan.entries(number)[0].shape)
    rows = _matrix(draft.weight(before, "weight"), plan.entries(before)[0].shape)
    added = Binary("@", matrix, bias) if bias is not None else None
    shift = total([added, bias_of(draft, number)])
    weight = Shaped(Binary("@", matrix, rows), _shape(plan, before, number))
    home = common_home([first.home, second.home])
    name = common_name([first.path, second.path], home, second.name)
    path = draft.free_path(home, name, (before, number))
    op = _op(first.op, second.op, shift is not None)
    merged = draft.apply(op, first.inputs, home, path)
    draft.weights[f"{path}.weight"] = weight
    if shift is not None:
        draft.weights[f"{path}.bias"] = shift
    draft.instead(number, merged)
    return draft.plan(), Change(NAME, path, f"is `{second.path}` of `{first.path}`")


def _matrix(weight: Formula, shape: tuple[int, ...]) -> Formula:
    return Shaped(weight, (shape[0], -1)) if len(shape) > 2 else weight


def _op(first: Any, second: Any, has_bias: bool) -> Any:
    settings: dict[str, Any] = {"out": second.out, "bias": has_bias}
    if isinstance(first, Conv):
        settings["stride"] = combined(lambda a, b: a * b, first.stride, second.stride)
    return freed(first, **settings)
