"""What the ops of attention share: every position reads others, by how well they match."""

from __future__ import annotations

from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.checks import require_last
from archdsl.shapes import Dim, Undecided, same

HEADS = "number of heads; must divide the features"
DROPOUT = "probability with which a weight of the attention is dropped while training"


def is_alike(shape: Shape, expected: Shape) -> bool:
    """Whether two types have the same sizes, whatever their symbols are."""
    try:
        return shape.rank == expected.rank and all(map(same, shape.sizes, expected.sizes))
    except Undecided:
        return False


def require_positions(name: str, shape: Shape, index: int | None = None) -> None:
    """Raise `Reject` for an input that is no sequence or map whose channels are last."""
    require_last(name, shape)
    if not shape.positions:
        message = f"`{name}` compares positions, and features alone have none"
        expected = "[positions; features]"
        raise Reject(message, "", expected, shape_text(shape), "`flatten` was too early", index)


def require_heads(op: Op, heads: int, features: Dim) -> None:
    """Raise `Reject` where heads do not divide the features."""
    if not isinstance(features, int) or features % heads:
        message = f"`heads` of `{op.name}` must divide the features of its input"
        raise Reject(message, "heads", f"a divisor of {features}", str(heads))
