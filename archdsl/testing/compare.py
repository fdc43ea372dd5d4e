"""What was inferred about a spec, held against its generated module on PyTorch's meta device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from archdsl.analysis.cost import macs, params
from archdsl.backends.torch import generate
from archdsl.diagnostics import Diagnostic
from archdsl.driver import load_program
from archdsl.elaborate import elaborate
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.ops.base import Shape
from archdsl.shapes import Dim, Symbolic, evaluate
from archdsl.source import Source
from archdsl.testing.spec import Spec

BATCH = 2
SIZES = ((64, 48), (73, 57))
"""What the symbols of a network stand for, in one run after another."""


def agree(spec: Spec) -> dict[str, Graph]:
    """The networks of a spec, in which PyTorch sees what was inferred; else an AssertionError.

    Compared are the state-dict keys with their shapes, and the parameters; and, for two choices
    of symbolic sizes, the shapes of all outputs, the shape of what every submodule with weights
    gives, and the multiply-adds.
    """
    graphs, diagnostics = networks(spec)
    assert not diagnostics, "\n".join(map(str, diagnostics))
    text, diagnostics = generate([*graphs.values()], "", "random.arch")
    assert not diagnostics, "\n".join(map(str, diagnostics))
    python: dict[str, Any] = {"__name__": "archdsl_generated"}
    exec(compile(text, "<generated>", "exec"), python)
    for name, graph in graphs.items():
        with torch.device("meta"):
            module = python[name]()
        compare(graph, module)
    return graphs


def networks(spec: Spec) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a spec, and what is wrong with it."""
    program, diagnostics = load_program(Source("random.arch", spec.text), finder(spec.folder))
    graphs, more = elaborate(program)
    return graphs, [*diagnostics, *more]


def compare(graph: Graph, module: nn.Module) -> None:
    """Assert that a module on the meta device is what a graph says."""
    state = {key: tuple(entry.shape) for key, entry in module.state_dict().items()}
    assert state == _state(graph)
    assert sum(parameter.numel() for parameter in module.parameters()) == params(graph)
    for sizes in SIZES:
        _compare_run(graph, module, dict(zip(_symbols(graph), sizes, strict=False)))


def _state(graph: Graph) -> dict[str, tuple[int, ...]]:
    return {
        f"{node.path}.{weight.name}": weight.shape
        for node in graph
        if node.op is not None
        for weight in node.op.weights(*map(graph.shape, node.inputs))
    }


def _symbols(graph: Graph) -> list[str]:
    sizes = [size for port in graph.inputs.values() for size in graph.shape(port)]
    return sorted({size.symbol for size in sizes if isinstance(size, Symbolic)})


def _compare_run(graph: Graph, module: nn.Module, sizes: Mapping[str, int]) -> None:
    def concrete(shape: Shape) -> tuple[int, ...]:
        return tuple(evaluate(size, sizes) for size in shape)

    seen: dict[str, tuple[int, ...]] = {}
    hooks = [
        part.register_forward_hook(lambda _, __, result, key=key: seen.update({key: _shape(result)}))
        for key, part in module.named_modules()
        if not [*part.children()]
    ]
    inputs = [
        torch.empty(BATCH, *concrete(graph.shape(port)), device="meta")
        for port in graph.inputs.values()
    ]
    with FlopCounterMode(display=False) as counter:
        result = module.eval()(*inputs)
    for hook in hooks:
        hook.remove()
    expected = {node.path: concrete(node.shapes[0]) for node in graph if node.op is not None}
    assert seen == {key: expected[key] for key in seen}
    assert _shape(result) == concrete(graph.shape(graph.outputs["output"]))
    assert counter.get_total_flops() == 2 * BATCH * evaluate(macs(graph), sizes)
    _compare_training(module.train()(*inputs), graph, concrete)


def _compare_training(result: Any, graph: Graph, concrete: Any) -> None:
    """In training a network with further outputs gives all of them, by name."""
    if len(graph.outputs) > 1:
        seen = {name: _shape(tensor) for name, tensor in result._asdict().items()}
        assert seen == {name: concrete(graph.shape(port)) for name, port in graph.outputs.items()}


def _shape(result: Tensor) -> tuple[int, ...]:
    return tuple(result.shape[1:])
