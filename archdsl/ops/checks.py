"""Checks of inputs that several families share."""

from __future__ import annotations

from typing import Any

from archdsl.ops.base import Reject, Shape, shape_text
from archdsl.ops.expressions import Size

HELP = {
    1: "`flatten` was too early",
    2: "an image has three sizes: one more for the channels, without the batch",
    4: "an image has three sizes: without the batch, and without frames or depth",
    5: "an image has three sizes: without the batch, and without frames or depth",
}
"""The help for an input, by its number of sizes."""


def require_image(name: str, *inputs: Shape) -> None:
    """Raise `Reject` for an input that is no image: `[channels, height, width]`."""
    for shape in inputs:
        if shape.rank != 3:
            help = HELP.get(shape.rank, "")
            raise Reject(
                f"`{name}` works on images",
                "",
                "[channels, height, width]",
                shape_text(shape),
                help,
            )


def require_groups(op: Any, channels: Size, what: str = "channels of its input") -> None:
    """Raise `Reject` where the groups do not divide some channels."""
    if channels % op.groups:
        message = f"`groups` of `{op.name}` must divide the {what}"
        raise Reject(message, "groups", f"a divisor of {channels}", str(op.groups))
