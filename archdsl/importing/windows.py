"""torchvision's attention in windows, whose `forward` writes masks and so shows no ops.

It is what `specs/swin.arch` computes: the map is rolled, cut into windows, attended in and put
together again. Where it is no whole number of windows, torchvision pads it, and the language has
nothing for that.
"""

from __future__ import annotations

from math import isqrt, prod
from typing import Any

from torch import nn

from archdsl.importing.arranging import Held, held
from archdsl.importing.modules.table import op_of
from archdsl.importing.refusal import Line, Refusal
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node, Value
from archdsl.ops import OPS
from archdsl.ops.base import Op, Shape
from archdsl.ops.tensor_type import TensorType

CLASS = "torchvision.models.swin_transformer:ShiftedWindowAttention"


def is_known(module: nn.Module) -> bool:
    """Whether a module is attention in windows."""
    return f"{type(module).__module__}:{type(module).__qualname__}" == CLASS


class _Steps:
    """Steps of a scope, one after another."""

    def __init__(self, scope: Scope, line: Line) -> None:
        self.scope = scope
        self.line = line

    def add(self, op: Op, *inputs: Port, path: str = "") -> Port:
        """Append an op on some tensors."""
        shape = op.output(*[port.type for port in inputs])
        return self.append(Step("op", [shape], [*inputs], op=op, path=path, line=self.line))

    def append(self, step: Step) -> Port:
        """Append a step."""
        self.scope.steps.append(step)
        return step.port

    def layer(self, module: nn.Module, port: Port, path: str) -> Port:
        """Append the op of a module; raises `Refusal`."""
        op = op_of(module, port.type)
        if op is None:
            raise Refusal("E0987", f"`{path}` has settings that no op has", line=self.line)
        return self.add(op, port, path=path)


TABLE, INDEX = "_bias_table", "_index"
"""What the keys of a bias for every pair of positions end with, and of the rows for them."""
ORDERLY = frozenset("view reshape flatten unflatten view_as reshape_as contiguous to long".split())
"""Functions behind which the numbers of a tensor are the same, in the same order."""


def looked_up(tensors: Tensors, node: Node) -> Held | None:
    """The rows of a table for all pairs of positions in a window: `table[index.view(-1)]`.

    Whether the index has the numbers that the op makes is for the proof to say.
    """
    if node.name != "__getitem__" or len(node.inputs) != 2:
        return None
    stored = [_stored(value) for value in node.inputs]
    table, index = [each.node.name if each.node.kind == "weight" else "" for each in stored]
    if not table.endswith(TABLE) or index != table.removesuffix(TABLE) + INDEX:
        return None
    pairs, heads = node.results[0].shape[:-1], node.results[0].shape[-1]
    side = isqrt(isqrt(prod(pairs)))
    if side**4 != prod(pairs) or node.inputs[0].shape != ((2 * side - 1) ** 2, heads):
        return None
    kind = {"index": "square"} if len(stored[1].shape) == 2 else {}
    op = OPS["window_bias"].make({"size": side, "side": side, "heads": heads, **kind})
    shape = op.output(TensorType((1, 1, 1), is_last=True))
    step = Step("op", [shape], [], op=op, path=table.removesuffix(TABLE), line=node.line)
    tensors.scope.steps.append(step)
    found = held(step.port, 1)
    return Held(found.port, found.base, found.sizes[1:]).reshaped((*pairs, heads))


def _stored(value: Value) -> Value:
    """What a value has the numbers of, in their order."""
    while value.node.name in ORDERLY and len(value.node.inputs) == 1:
        (value,) = value.node.inputs
    return value


def window_scope(module: Any, path: str, shape: Shape, line: Line) -> Scope:
    """The scope of attention in windows on a map `[h, w; c]`; raises `Refusal`."""
    height, width, _ = shape.sizes
    side, other = module.window_size
    is_whole = isinstance(height, int) and isinstance(width, int) and side == other
    if not is_whole or height % side or width % side or not shape.is_last:
        message = f"`{path}` pads a map that is no whole number of windows of {side} x {other}"
        raise Refusal("E0987", message, line=line)
    scope = Scope(path, type(module).__name__, False, settings={"num_heads": module.num_heads})
    scope.inputs = [Step("input", [shape])]
    steps = _Steps(scope, line)
    shift = module.shift_size[0] if side < height else 0
    port = _rolled(steps, scope.inputs[0].port, -shift)
    rearrange = OPS["rearrange"].with_sizes(("p", "q"))
    cut = "(h p) (w q); c -> (h w) (p q); c"
    port = steps.add(rearrange.make({"pattern": cut, "p": side, "q": side}), port)
    port = _attended(steps, module, path, port, (height, width), shift)  # type: ignore[arg-type]
    rearrange = OPS["rearrange"].with_sizes(("h", "p"))
    join = "(h w) (p q); c -> (h p) (w q); c"
    given = {"pattern": join, "h": height // side, "p": side}
    port = steps.add(rearrange.make(given), port)
    scope.results = [_rolled(steps, port, shift)]
    return scope


def _rolled(steps: _Steps, port: Port, shift: int) -> Port:
    return steps.add(OPS["roll"].make({"shift": (shift, shift)}), port) if shift else port


def _attended(
    steps: _Steps, module: Any, path: str, port: Port, size: tuple[int, int], shift: int
) -> Port:
    """Attention in every window, with a bias for every pair of its positions."""
    heads, side = module.num_heads, module.window_size[0]
    qkv = steps.layer(module.qkv, port, f"{path}.qkv")
    parts = [steps.add(OPS["part"].make({"parts": 3, "index": each}), qkv) for each in range(3)]
    bias = OPS["window_bias"].make({"size": size, "side": side, "heads": heads, "shift": shift})
    table = bias.output(TensorType((1, 1, 1), is_last=True))
    numbers = Step("op", [table], [], op=bias, path=f"{path}.relative_position", line=steps.line)
    dropout = float(module.attention_dropout)
    attend = OPS["attend"].make({"heads": heads, "bias": True, "dropout": dropout})
    port = steps.add(attend, *parts, steps.append(numbers))
    port = steps.layer(module.proj, port, f"{path}.proj")
    if module.dropout:
        port = steps.add(OPS["dropout"].make({"p": float(module.dropout)}), port)
    return port
