"""What the functions of PyTorch that a `forward` calls are in the language.

A function that an op names in its PyTorch form is that op, by the module that stands in the same
form: `F.max_pool2d(x, 3)` is what `nn.MaxPool2d(3)` is. The others have a rule here: joins,
rearrangements, parts of a tensor, means, and layers that are called as functions with weights.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from archdsl.importing.arranging import Held, Unarranged
from archdsl.importing.table import _forms
from archdsl.importing.trace import Node, Value
from archdsl.ops import OPS

if TYPE_CHECKING:
    from archdsl.importing.resolve import Resolver

Rule = Callable[["Resolver", Node], Any]
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Make a function the rule for functions of PyTorch of some names."""

    def known(function: Rule) -> Rule:
        for name in names:
            RULES[name] = function
        return function

    return known


@cache
def modules_of_functions() -> Mapping[str, str]:
    """The class of `torch.nn` for every function that stands beside it in the form of an op."""
    found: dict[str, str] = {}
    for _, form, _ in _forms():
        if form.module and form.function and form.function.callee and not form.definition:
            name = form.function.callee.rpartition(".")[2]
            found.setdefault(name, form.module.callee.removeprefix("nn."))
    return found


def arguments_of(node: Node) -> dict[str, Any]:
    """The arguments of a function by name, without those that are at their defaults."""
    for names, count, defaults in _signatures(node.name):
        if len(node.args) <= count and node.kwargs.keys() <= {*names}:
            given = dict(zip(names, node.args, strict=False)) | node.kwargs
            return {k: v for k, v in given.items() if k not in defaults or v != defaults[k]}
    return dict(enumerate(node.args)) | node.kwargs  # type: ignore[return-value]


@cache
def _signatures(name: str) -> list[tuple[list[str], int, dict[str, Any]]]:
    """The names of a function's parameters, how many go by position, and their defaults.

    There may be several: one for each of its overloads.
    """
    plain = name.rstrip("_")
    found = []
    for function in (getattr(functional, f"_{plain}", None), getattr(functional, plain, None)):
        if not inspect.isfunction(function):
            continue
        parameters = inspect.signature(function).parameters.values()
        if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters):
            # It chooses between two functions, of which the first is the plain one.
            continue
        given = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
        found.append(([p.name for p in parameters], len(parameters), given))
    packet = getattr(torch.ops.aten, plain, None)
    for overload in packet.overloads() if packet is not None else ():
        schema = getattr(packet, overload)._schema.arguments
        given = {each.name: each.default_value for each in schema if each.has_default_value()}
        count = sum(not each.kwarg_only for each in schema)
        found.append(([each.name for each in schema], count, given))
    return found


NEITHER = frozenset({"inplace", "training", "input", "self", "_stacklevel", "dtype"})


def by_module(resolver: Resolver, node: Node) -> Held | None:
    """A function that is the op of a module."""
    name = modules_of_functions().get(node.name.rstrip("_"), "")
    kind = getattr(nn, name, None)
    if kind is None or len(node.inputs) != 1:
        return None
    given = arguments_of(node)
    if given.get("training") is False and name.startswith("Dropout"):
        return resolver.held(node.inputs[0])
    known = inspect.signature(kind).parameters
    settings = {key: value for key, value in given.items() if key not in NEITHER}
    if not settings.keys() <= known.keys():
        return None
    try:
        with torch.device("meta"):
            module = kind(**settings)
    except (TypeError, ValueError):
        return None
    return resolver.module(module, node.inputs[0], node, "")


# --- joins ---


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@rule("add", "add_", "__add__", "__radd__", "__iadd__")
def _add(resolver: Resolver, node: Node) -> Held:
    left, right, alpha = (*_pair(node), arguments_of(node).get("alpha", 1))
    if alpha != 1 or _number(left) or _number(right):
        resolver.refuse(node, "adds a fixed number, for which the language has no op")
    return resolver.joined(node, "add", [left, right])


@rule("mul", "mul_", "multiply", "__mul__", "__rmul__", "__imul__")
def _mul(resolver: Resolver, node: Node) -> Held:
    left, right = _pair(node)
    if _number(left) or _number(right):
        value, number = (right, left) if _number(left) else (left, right)
        return resolver.scaled(node, value, number)
    return resolver.joined(node, "mul", [left, right])


@rule("div", "div_", "true_divide", "__truediv__", "__itruediv__")
def _div(resolver: Resolver, node: Node) -> Held:
    left, right = _pair(node)
    if not _number(right):
        resolver.refuse(node, "divides by a tensor, for which the language has no op")
    return resolver.scaled(node, left, 1 / right)


@rule("sub", "sub_", "__sub__", "__isub__")
def _sub(resolver: Resolver, node: Node) -> Held:
    left, right = _pair(node)
    if not isinstance(left, Value) or not isinstance(right, Value):
        resolver.refuse(node, "subtracts a fixed number, for which the language has no op")
    negative = resolver.op(OPS["scale"].make({"value": -1}), [resolver.port(right)], node)
    return resolver.join_ports(node, "add", [resolver.port(left), negative.port])


def _pair(node: Node) -> tuple[Any, Any]:
    if len(node.args) == 2:
        return node.args[0], node.args[1]
    given = [*node.args, *[v for k, v in node.kwargs.items() if k not in ("alpha", "out")]]
    return given[0], given[1]


@rule("cat", "concat", "concatenate")
def _cat(resolver: Resolver, node: Node) -> Held:
    tensors = node.args[0] if node.args else node.kwargs["tensors"]
    dim = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim", 0)
    return resolver.concatenated(node, [*tensors], int(dim))


# --- rearrangements ---


@rule(
    "contiguous",
    "clone",
    "detach_",
    "to",
    "type_as",
    "float",
    "double",
    "half",
    "alias",
    "positive",
)
def _same(resolver: Resolver, node: Node) -> Held:
    return resolver.held(node.inputs[0])


@rule(
    "flatten",
    "view",
    "reshape",
    "unflatten",
    "squeeze",
    "_unsafe_view",
    "view_as",
    "reshape_as",
    "squeeze_",
)
def _reshape(resolver: Resolver, node: Node) -> Held:
    return resolver.arranged(node, lambda x: x.reshaped(node.results[0].shape))


@rule("unsqueeze", "unsqueeze_")
def _unsqueeze(resolver: Resolver, node: Node) -> Held:
    dim = node.args[1] if len(node.args) > 1 else node.kwargs["dim"]
    return resolver.arranged(node, lambda x: x.with_one(dim))


@rule("permute")
def _permute(resolver: Resolver, node: Node) -> Held:
    order = node.kwargs.get("dims", node.args[1:])
    order = order[0] if len(order) == 1 and not isinstance(order[0], int) else order
    return resolver.arranged(node, lambda x: x.permuted([*order]))


@rule("transpose", "swapaxes", "swapdims", "transpose_")
def _transpose(resolver: Resolver, node: Node) -> Held:
    first, second = [*node.args[1:], *node.kwargs.values()]
    order = [*range(len(node.inputs[0].shape))]
    order[first], order[second] = order[second], order[first]
    return resolver.arranged(node, lambda x: x.permuted(order))


@rule("movedim")
def _movedim(resolver: Resolver, node: Node) -> Held:
    source, target = [*node.args[1:], *node.kwargs.values()]
    rank = len(node.inputs[0].shape)
    order = [place for place in range(rank) if place != source % rank]
    order.insert(target % rank, source % rank)
    return resolver.arranged(node, lambda x: x.permuted(order))


@rule("expand", "expand_as", "broadcast_to", "repeat", "tile")
def _expand(resolver: Resolver, node: Node) -> Held:
    """A weight or a constant repeated for the samples is itself."""
    before, after = node.inputs[0].shape, node.results[0].shape
    if before == after or (before[1:] == after[1:] and before[0] == 1):
        return resolver.held(node.inputs[0])
    resolver.refuse(node, "repeats a tensor along its sizes")
    raise AssertionError


# --- parts ---


@rule("chunk", "split", "tensor_split", "split_with_sizes", "unbind")
def _split(resolver: Resolver, node: Node) -> list[Held]:
    dim = arguments_of(node).get("dim", 0)
    if node.name == "unbind":
        return [resolver.selected(node, dim, place) for place in range(len(node.results))]
    sizes = [value.shape[dim] for value in node.results]
    return resolver.parts(node, dim, sizes)


@rule("__getitem__")
def _getitem(resolver: Resolver, node: Node) -> Held:
    index = node.args[1]
    items = [*index] if isinstance(index, tuple) else [index]
    if Ellipsis in items:
        place = items.index(Ellipsis)
        real = sum(each is not None for each in items) - 1
        gap = [slice(None)] * (len(node.inputs[0].shape) - real)
        items[place : place + 1] = gap
    return resolver.indexed(node, items)


@rule("narrow", "select")
def _narrow(resolver: Resolver, node: Node) -> Held:
    given = arguments_of(node)
    dim = given.get("dim", 0)
    if node.name == "select":
        return resolver.selected(node, dim, given["index"])
    items: list[Any] = [slice(None)] * (dim % len(node.inputs[0].shape))
    start = given.get("start", 0)
    return resolver.indexed(node, [*items, slice(start, start + given["length"])])


# --- means ---


@rule("mean", "amax", "amin")
def _mean(resolver: Resolver, node: Node) -> Held:
    given = arguments_of(node)
    dims = given.get("dim", given.get(1, ()))
    dims = [dims] if isinstance(dims, int) else [*(dims or ())]
    return resolver.averaged(node, dims)


@rule("interpolate", "upsample")
def _interpolate(resolver: Resolver, node: Node) -> Held:
    return resolver.enlarged(node, arguments_of(node))


@rule("pad")
def _pad(resolver: Resolver, node: Node) -> Held:
    given = arguments_of(node)
    return resolver.padded(node, [*given["pad"]], given)


@rule("channel_shuffle", "native_channel_shuffle")
def _shuffle(resolver: Resolver, node: Node) -> Held:
    op = OPS["channel_shuffle"].make({"groups": node.args[1]})
    return resolver.held_of(resolver.op(op, [resolver.port(node.inputs[0])], node))


@rule("roll")
def _roll(resolver: Resolver, node: Node) -> Held:
    given = arguments_of(node)
    return resolver.rolled(node, given["shifts"], given["dims"])


# --- layers as functions ---


def layer_of(node: Node) -> tuple[nn.Module, Value] | None:
    """The module of PyTorch that a function with weights is, and its weight."""
    given = arguments_of(node)
    make = LAYERS.get(node.name)
    weight = given.get("weight")
    if make is None or not isinstance(weight, Value):
        return None
    with torch.device("meta"):
        return make(node.inputs[0], weight, given), weight


def _conv(axes: int) -> Callable[[Value, Value, dict[str, Any]], nn.Module]:
    kind = getattr(nn, f"Conv{axes}d")

    def make(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
        names = ("stride", "padding", "dilation", "groups")
        settings = {name: given[name] for name in names if name in given}
        bias = given.get("bias") is not None
        made: nn.Module = kind(x.shape[1], weight.shape[0], weight.shape[2:], bias=bias, **settings)
        return made

    return make


def _batch_norm(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    kind = getattr(nn, f"BatchNorm{max(1, len(x.shape) - 2)}d")
    momentum = {"momentum": given["momentum"]} if "momentum" in given else {}
    made: nn.Module = kind(weight.shape[0], given.get("eps", 1e-5), **momentum)
    return made


def _layer_norm(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    shape, has_bias = [*given["normalized_shape"]], given.get("bias") is not None
    return nn.LayerNorm(shape, given.get("eps", 1e-5), bias=has_bias)


def _rms_norm(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    return nn.RMSNorm([*given["normalized_shape"]], given.get("eps"))


def _group_norm(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    return nn.GroupNorm(given["num_groups"], weight.shape[0], given.get("eps", 1e-5))


def _linear(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    return nn.Linear(weight.shape[1], weight.shape[0], given.get("bias") is not None)


LAYERS: Mapping[str, Callable[[Value, Value, dict[str, Any]], nn.Module]] = {
    **{f"conv{axes}d": _conv(axes) for axes in (1, 2, 3)},
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "linear": _linear,
}


def unarranged(error: Unarranged) -> str:
    """A refusal of a rearrangement in words."""
    return f"rearranges a tensor in a way that the language has no words for: {error}"


def values_in(several: Sequence[Any]) -> list[Value]:
    """The values among some arguments."""
    return [each for each in several if isinstance(each, Value)]
