"""What rewrites ask of convolutions, linear layers and norms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archdsl.ops.axes import each
from archdsl.ops.base import Op
from archdsl.ops.conv import Conv, padding_of
from archdsl.ops.conv_transpose import ConvTranspose
from archdsl.ops.linear import Linear
from archdsl.ops.norm import BatchNorm
from archdsl.ops.parameters import Initializer
from archdsl.ops.same_end import SAME_END
from archdsl.rewriting.draft import Draft
from archdsl.rewriting.formulas import Binary, Formula, Number, Root, Shaped
from archdsl.rewriting.network import Plan


def is_layer(op: Op | None) -> bool:
    """Whether an op is a convolution or a linear layer, whose weights begin with the outputs."""
    return type(op) in (Conv, Linear)


def takes_norm(op: Op | None) -> bool:
    """Whether a norm of what an op gives can be part of its weights."""
    return is_layer(op) or type(op) is ConvTranspose


def is_pointwise(plan: Plan, number: int) -> bool:
    """Whether a layer reads one position for each that it gives, and all its channels."""
    op = plan.nodes[number].op
    if isinstance(op, Linear):
        return True
    if not isinstance(op, Conv) or op.groups != 1 or op.pad == SAME_END:
        return False
    return {*each(op.kernel, 1)} == {1} and is_unpadded(op)


def is_unpadded(op: Any) -> bool:
    """Whether a layer adds no zeros around its input."""
    return isinstance(op, Linear) or (op.pad != SAME_END and {*each(padding_of(op), 1)} == {0})


def freed(op: Any, **settings: object) -> Any:
    """A layer with other settings, which does not say how its weights start.

    They are computed from others, so nobody trains them from a start.
    """
    return replace(op, init=Initializer(), bias_init=None, **settings)


def column(numbers: Formula, dims: int) -> Formula:
    """A number for every output, to be multiplied with a weight of so many dimensions."""
    return Shaped(numbers, (-1, *(1,) * (dims - 1)))


def scaled(plan: Plan, number: int, weight: Formula, numbers: Formula) -> Formula:
    """The weight of a layer times a number for every output.

    That of a transposed convolution has the inputs of all groups first, then the outputs of one.
    """
    shape, op = plan.entries(number)[0].shape, plan.nodes[number].op
    if not isinstance(op, ConvTranspose):
        return Binary("*", weight, column(numbers, len(shape)))
    inputs, outputs, *kernel = shape
    parted = Shaped(weight, (op.groups, inputs // op.groups, outputs, *kernel))
    factor = Shaped(numbers, (op.groups, 1, outputs, *[1] * len(kernel)))
    return Shaped(Binary("*", parted, factor), shape)


def dims_of(plan: Plan, number: int) -> int:
    """The dimensions of the weight of a layer."""
    return len(plan.entries(number)[0].shape)


def affine_of(draft: Draft, number: int) -> tuple[Formula, Formula]:
    """What a batch norm multiplies its input with in inference, and what it adds then.

    With fixed statistics it is gain * (x - mean) / sqrt(variance + eps) + bias.
    """
    op = draft.nodes[number].op
    assert isinstance(op, BatchNorm)
    deviation = Root(Binary("+", draft.weight(number, "running_var"), Number(op.eps)))
    factor = Binary("/", draft.weight(number, "weight"), deviation)
    shift = Binary("*", draft.weight(number, "running_mean"), factor)
    return factor, Binary("-", draft.weight(number, "bias"), shift)


def bias_of(draft: Draft, number: int) -> Formula | None:
    """The bias of a layer; None without one."""
    op: Any = draft.nodes[number].op
    return draft.weight(number, "bias") if op.bias else None


def total(parts: list[Formula | None]) -> Formula | None:
    """The sum of what is there."""
    known = [part for part in parts if part is not None]
    found = known[0] if known else None
    for part in known[1:]:
        assert found is not None
        found = Binary("+", found, part)
    return found
