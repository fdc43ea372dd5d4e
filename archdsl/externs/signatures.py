"""Whether a class of somebody else is what its `extern` says: its shapes, and its weights.

The class is made and run on PyTorch's meta device, which computes shapes without numbers. Not every
class can do that: `check --with-torch` tries the CPU then, while whoever loads or trains a network
is only held up by what is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from textwrap import shorten
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from archdsl.analysis.given import symbols
from archdsl.analysis.pixels import usual_sizes
from archdsl.contracts import contract
from archdsl.diagnostics import Diagnostic, error
from archdsl.externs.classes import NoSuchClass, NotAllowed, import_class, refused
from archdsl.graph import Graph, Node
from archdsl.ops.base import Shape
from archdsl.ops.expressions import value_on
from archdsl.ops.foreign import Foreign
from archdsl.shapes import evaluate
from archdsl.source import whole_of

Module = TypeVar("Module")

BATCH = 2
DEVICES = ("meta", "cpu")
LONGEST_REASON = 200
"""So many characters are told of what somebody else's class says."""


def differences(
    graphs: Collection[Graph], allowed: Collection[str], is_asked: bool = False
) -> list[Diagnostic]:
    """Errors for classes that are not what their declarations say, or that are not `allowed`.

    Where `is_asked` for them, those that do not run are errors too.
    """
    if diagnostics := refused(graphs, allowed):
        return diagnostics
    found: dict[object, Diagnostic] = {}
    for graph in graphs:
        sizes = [*_sizes(graph)]
        nodes = [node for node in graph if isinstance(node.op, Foreign)]
        # Of equal layers one is enough: the first.
        unlike = {(node.op, graph.input_shapes(node)): node for node in reversed(nodes)}
        for node in reversed(unlike.values()):
            wrong = next(
                filter(None, [_difference(graph, node, each, is_asked) for each in sizes]), None
            )
            if wrong is not None:
                found.setdefault((wrong.message, wrong.span), wrong)
    return [*found.values()]


def made(make: Callable[[], Module], graph: Graph) -> tuple[Module | None, list[Diagnostic]]:
    """What `make` makes of a network, or the class of somebody else that cannot be made for it."""
    try:
        return make(), []
    except NoSuchClass as reason:
        code = "E0917" if isinstance(reason, NotAllowed) else "E0918"
        return None, [error(code, reason.message, whole_of(graph.name), help=reason.help)]
    except Exception as fault:
        layers = [node for node in graph if isinstance(node.op, Foreign)]
        failed = filter(None, [_failure(graph, node, fault) for node in layers])
        if diagnostics := [*failed][:1]:
            return None, diagnostics
        raise


def _failure(graph: Graph, node: Node, fault: Exception) -> Diagnostic | None:
    """Why a class is not made, where that is the reason of a fault."""
    op = node.op
    assert isinstance(op, Foreign)
    try:
        with torch.device(DEVICES[0]):
            _made(op, graph.input_shapes(node))
    except Exception as found:
        if type(found) is type(fault):
            text = op.module_text(*graph.input_shapes(node))
            message = f"`{text}` cannot be made: {_told(found)}"
            return error("E0919", message, node.span)
    return None


def _told(fault: Exception) -> str:
    return shorten(f"{type(fault).__name__}: {fault}", LONGEST_REASON)


def _sizes(graph: Graph) -> Iterator[Mapping[str, int]]:
    """Values for the open sizes of a network: usual ones, and the least."""
    least = contract(graph).least
    yield usual_sizes(graph)
    if symbols(graph):
        yield {name: least.get(name, 1) for name in symbols(graph)}


def _difference(
    graph: Graph, node: Node, sizes: Mapping[str, int], is_asked: bool
) -> Diagnostic | None:
    """What a class does that its declaration does not say, for one layer that is one."""
    op = node.op
    assert isinstance(op, Foreign)
    inputs = [_at(shape, sizes) for shape in graph.input_shapes(node)]
    wanted = _at(node.shape, sizes)
    try:
        module, shape = _run(op, inputs, DEVICES if is_asked else DEVICES[:1])
    except Exception as fault:
        if not is_asked:
            return None
        shown = ", ".join(map(str, inputs))
        message = f"`{op.declared.path}` does not take this: {_told(fault)}"
        return error("E0919", message, node.span, expected=f"{shown} -> {wanted}")
    if shape != wanted.sizes:
        message = f"`{op.declared.path}` does not give the shape that `{op.name}` says"
        found = "no tensor" if shape is None else str(type(wanted)(shape, wanted.is_last))
        return error("E0919", message, node.span, expected=str(wanted), found=found)
    return _count_difference(op, module, inputs, node)


def _at(shape: Shape, sizes: Mapping[str, int]) -> Shape:
    """A shape in numbers."""
    return shape.map(lambda size: evaluate(size, sizes))


def _count_difference(
    op: Foreign, module: nn.Module, inputs: Sequence[Shape], node: Node
) -> Diagnostic | None:
    wanted = op.known_params(*inputs)
    count = sum(each.numel() for each in module.parameters() if each.requires_grad)
    if wanted in (None, count):
        return None
    message = f"`{op.declared.path}` has another number of weights than `{op.name}` says"
    expected, found = f"{wanted:,} weights", f"{count:,} weights"
    return error("E0919", message, node.span, expected=expected, found=found)


def _run(
    op: Foreign, inputs: Sequence[Shape], devices: Sequence[str]
) -> tuple[nn.Module, tuple[int, ...] | None]:
    """The module, and the sizes of what it gives without the batch; None if that is no tensor."""
    for device in devices:
        try:
            with torch.device(device), torch.no_grad():
                module = _made(op, inputs)
                result = module.eval()(*[_example(shape) for shape in inputs])
        except NotImplementedError:
            if device == devices[-1]:
                raise
        else:
            is_tensor = isinstance(result, Tensor) and result.shape[:1] == (BATCH,)
            return module, tuple(result.shape[1:]) if is_tensor else None
    raise AssertionError


def _made(op: Foreign, inputs: Sequence[Shape]) -> nn.Module:
    call = op.torch(*inputs).module
    assert call is not None
    values = [(each.keyword, value_on(each.source, op, inputs)) for each in call.arguments]
    positional = [value for keyword, value in values if not keyword]
    named = {keyword: value for keyword, value in values if keyword}
    make: Any = import_class(op.declared.module, op.declared.class_name)
    module: nn.Module = make(*positional, **named)
    return module


def _example(shape: Shape) -> Tensor:
    kind = torch.float32 if shape.below is None else torch.int64
    return torch.zeros((BATCH, *shape.sizes), dtype=kind)  # type: ignore[arg-type]
