"""Comparison of a module's weight initialisation with its graph.

While a module is created, every function of `torch.nn.init` draws from one seed, so the initial
values of a weight identify the last function, with its arguments, that set it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import init

from archdsl.graph import Graph, Node
from archdsl.ops.base import Op, Shape
from archdsl.ops.parameters import Initializer, Start
from archdsl.testing.disagreement import Difference
from archdsl.testing.interpret import module_of, weights_of

FUNCTIONS = (
    "uniform_ normal_ trunc_normal_ constant_ ones_ zeros_ xavier_uniform_ xavier_normal_ "
    "kaiming_uniform_ kaiming_normal_"
).split()
WEIGHTS = ("weight", "bias")
"""The weights whose initialisation an op may specify."""


@contextmanager
def repeatable_starts() -> Iterator[None]:
    """Make every function of `torch.nn.init` draw from one seed."""
    originals = {name: getattr(init, name) for name in FUNCTIONS}
    # Only the CPU draws; asking for other devices takes longer than the initialisation.
    with torch.random.fork_rng(devices=[]):
        for name, function in originals.items():
            setattr(init, name, _seeded(function))
        try:
            yield
        finally:
            for name, function in originals.items():
                setattr(init, name, function)


def compare_starts(graph: Graph, module: nn.Module) -> None:
    """Raise a `Difference` for a wrong initialisation in a module made in `repeatable_starts`."""
    state = module.state_dict()
    for node in graph:
        if node.op is not None and node.op.is_bare:
            _compare_bare(node, node.op, graph.input_shapes(node), state)
        start = node.op.starts() if node.op is not None else None
        if node.op is not None and start is not None:
            for name, wanted in _expected(node.op, start, graph.input_shapes(node)).items():
                found = state[f"{node.path}.{name}"]
                if not torch.equal(found, wanted):
                    message = f"`{node.path}.{name}` does not start as {start}"
                    raise Difference("starts", message)


def _compare_bare(
    node: Node, op: Op, shapes: tuple[Shape, ...], state: Mapping[str, Tensor]
) -> None:
    with repeatable_starts(), torch.no_grad():
        made = weights_of(op, shapes)
    for weight, wanted in zip(op.weights(*shapes), made, strict=True):
        if not torch.equal(state[weight.key(node.path)], wanted):
            raise Difference("starts", f"`{weight.key(node.path)}` does not start as {op}")


def _seeded(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    @wraps(function)
    def seeded(*arguments: Any, **keywords: Any) -> Tensor:
        # `torch.manual_seed` takes much longer: for GPUs, it notes from where it was called.
        torch.default_generator.manual_seed(0)
        return function(*arguments, **keywords)

    return seeded


def _expected(op: Any, start: Start, shapes: Any) -> dict[str, Tensor]:
    with repeatable_starts(), torch.no_grad():
        module: Any = module_of(op, shapes)
        _start(module.weight, start.weight)
        if isinstance(start.written_bias, int | float):
            init.constant_(module.bias, start.written_bias)
    return {name: entry for name, entry in module.state_dict().items() if name in WEIGHTS}


def _start(weight: Tensor, scheme: Initializer) -> None:
    """Initialise a weight; PyTorch's default has been applied already."""
    given: dict[str, Any] = dict(scheme.arguments)
    match scheme.scheme:
        case "default":
            return
        case "gain":
            init.constant_(weight, given["gain"])
        case "constant":
            init.constant_(weight, given["value"])
        case "uniform":
            init.uniform_(weight, -given["limit"], given["limit"])
        case "trunc_normal":
            init.trunc_normal_(weight, 0, given["std"], -given["limit"], given["limit"])
        case "kaiming_normal" | "kaiming_uniform" as name:
            mode = f"fan_{given['fan']}"
            getattr(init, f"{name}_")(weight, mode=mode, nonlinearity="relu")
        case name:
            getattr(init, f"{name}_")(weight, **given)
