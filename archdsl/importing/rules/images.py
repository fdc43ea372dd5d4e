"""Functions on the positions of images: margins, other sizes, places that are moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archdsl.importing.arranging import Held
from archdsl.importing.functions import Rule, arguments_of
from archdsl.importing.steps import Port
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node
from archdsl.ops import OPS


def _interpolate(tensors: Tensors, node: Node) -> Held:
    return enlarged(tensors, node, arguments_of(node))


def _pad(tensors: Tensors, node: Node) -> Held:
    given = arguments_of(node)
    return padded(tensors, node, [*given["pad"]], given)


def _shuffle(tensors: Tensors, node: Node) -> Held:
    op = OPS["channel_shuffle"].make({"groups": node.args[1]})
    return tensors.held_of(tensors.op(op, [tensors.port(node.inputs[0])], node))


def _roll(tensors: Tensors, node: Node) -> Held:
    given = arguments_of(node)
    if not given.get("dims"):
        tensors.refuse(node, "rolls a tensor as if it had one size")
    return rolled(tensors, node, given["shifts"], given["dims"])


def enlarged(tensors: Tensors, node: Node, given: dict[str, Any]) -> Held:
    """An image made larger by whole factors."""
    port = tensors.port(node.inputs[0])
    mode = given.get("mode", "nearest")
    before, after = port.type.positions, node.results[0].shape[2:]
    modes = {
        "nearest": "nearest",
        "linear": "linear",
        "bilinear": "bilinear",
        "trilinear": "linear",
    }
    pairs = [*zip(before, after, strict=True)]
    if before == after:
        return tensors.held_at(port)
    if mode not in modes or given.get("align_corners") or given.get("antialias"):
        settings = {name: each for name, each in given.items() if name != "input"}
        tensors.refuse(node, f"interpolates in a way that no op has: {settings}")
    if given.get("size") is not None and (like := _of_size(tensors, after)) is not None:
        # Who asks for a size means that of another tensor.
        op = OPS["resize"].make({"mode": modes[mode]})
        return tensors.held_of(tensors.op(op, [port, like], node))
    if all(new % old == 0 for old, new in pairs):
        factors = tuple([new // old for old, new in pairs])
        factor = factors[0] if len({*factors}) == 1 else factors
        op = OPS["upsample"].make({"factor": factor, "mode": modes[mode]})
        return tensors.held_of(tensors.op(op, [port], node))
    return tensors.refuse(
        node, f"makes an image of {list(after)}, the size of no tensor that is at hand"
    )


def _of_size(tensors: Tensors, sizes: tuple[int, ...]) -> Port | None:
    """The first tensor of the scope that is an image of a size."""
    several = tensors.at_hand()
    alike = [e for e in several if e.type.positions == sizes and not e.type.is_last]
    return alike[0] if alike else None


def padded(tensors: Tensors, node: Node, pads: list[int], given: dict[str, Any]) -> Held:
    """A margin around the positions, or further channels of zeros."""
    return _margin(tensors, node, tensors.held(node.inputs[0]), pads, given)


def _margin(
    tensors: Tensors, node: Node, tensor: Held, pads: list[int], given: dict[str, Any]
) -> Held:
    port = tensors.materialized(tensor, tensor.is_last())
    axes = len(port.type.positions)
    if not any(pads):
        return tensor
    pairs = [(pads[place], pads[place + 1]) for place in range(0, len(pads), 2)]
    mode = given.get("mode", "constant")
    if port.type.is_last:
        return _padded_last(tensors, node, tensor.unmixed(), pads, given)
    margins = [*pairs, *[(0, 0)] * (axes + 1 - len(pairs))][: axes + 1]
    if margins[axes] != (0, 0):
        return _more_channels(tensors, node, port, margins)
    amount = tuple([number for pair in reversed(margins[:axes]) for number in pair])
    settings = {"amount": amount[0] if len({*amount}) == 1 else amount, "mode": mode}
    if given.get("value"):
        settings["value"] = given["value"]
    return tensors.held_of(tensors.op(OPS["pad"].make(settings), [port], node))


def _padded_last(
    tensors: Tensors, node: Node, tensor: Held, pads: list[int], given: dict[str, Any]
) -> Held:
    """A margin around the positions of a tensor whose channels are last."""
    rank = len(tensor.sizes)
    if any(pads[:2]) or len(pads) > 2 * (rank - 1) or rank < 3:
        tensors.refuse(node, "pads channels that are last")
    first = tensor.permuted([0, rank - 1, *range(1, rank - 1)])
    found = _margin(tensors, node, first, pads[2:], given)
    return found.permuted([0, *range(2, rank), 1])


def _more_channels(
    tensors: Tensors, node: Node, port: Port, margins: list[tuple[int, int]]
) -> Held:
    channels, (before, behind) = port.type.channels, margins[-1]
    if before or any(pair != (0, 0) for pair in margins[:-1]):
        tensors.refuse(node, "pads channels in a way that no op does")
    op = OPS["pad_channels"].make({"out": channels + behind})
    return tensors.held_of(tensors.op(op, [port], node))


def rolled(tensors: Tensors, node: Node, shifts: Any, dims: Any) -> Held:
    """Positions moved around."""
    port = tensors.port(node.inputs[0])
    first = 1 if port.type.is_last else 2
    axes = len(port.type.positions)
    shifts, dims = (shifts, dims) if isinstance(dims, list | tuple) else ([shifts], [dims])
    amounts = [0] * axes
    for shift, place in zip(shifts, dims, strict=True):
        dim = place % (port.type.rank + 1)
        if not first <= dim < first + axes:
            tensors.refuse(node, "rolls what is no position")
        amounts[dim - first] = shift
    op = OPS["roll"].make({"shift": tuple(amounts) if axes > 1 else amounts[0]})
    return tensors.held_of(tensors.op(op, [port], node))


RULES: Mapping[str, Rule] = {
    **dict.fromkeys("interpolate upsample".split(), _interpolate),
    "pad": _pad,
    **dict.fromkeys("channel_shuffle native_channel_shuffle".split(), _shuffle),
    "roll": _roll,
}
