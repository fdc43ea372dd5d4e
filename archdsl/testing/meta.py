"""Comparison of a module's shapes on PyTorch's meta device with its graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from archdsl.analysis.cost import macs
from archdsl.analysis.given import symbols
from archdsl.analysis.state import foreign_paths
from archdsl.backends.torch.names import variable_name
from archdsl.contracts import contract
from archdsl.examples import empty_inputs, sized
from archdsl.graph import Graph
from archdsl.shapes import Unknown, evaluate
from archdsl.testing.disagreement import Difference
from archdsl.testing.figures import (
    MOST_STEPS,
    Output,
    concrete,
    named_outputs,
    ports_in_code,
    steps,
)

BATCH = 2
SIZES = ((64, 48, 20), (73, 57, 33))
"""Values for a network's symbols, one set per run."""
MORE = ((2, 1, 1), (1, 3, 2))
"""How much is added to the least values where layers take a step per position."""


def compare_runs(graph: Graph, module: nn.Module) -> None:
    """Raise a `Difference` if a module has other shapes or multiply-adds."""
    for sizes in _sizes(graph):
        _compare_run(graph, module, sizes)


def _sizes(graph: Graph) -> Iterator[dict[str, int]]:
    """Values for a network's symbols, for one run after the other."""
    names, known = sorted(symbols(graph)), contract(graph)
    for sizes, more in zip(SIZES, MORE, strict=True) if names else [(SIZES[0], MORE[0])]:
        values = dict(zip(names, sizes, strict=False))
        if steps(graph, values) > MOST_STEPS:
            values = {n: known.least[n] + add for n, add in zip(names, more, strict=False)}
        yield {n: min(value, known.most.get(n, value)) for n, value in values.items()}


def _compare_run(graph: Graph, module: nn.Module, sizes: Mapping[str, int]) -> None:
    shapes = [sized(graph.shape(port), sizes) for port in graph.inputs.values()]
    inputs = empty_inputs(shapes, BATCH)
    result, seen = _run(module.eval(), inputs)
    with FlopCounterMode(display=False) as counter:
        # Some is computed once for all images.
        module(*[each[:1] for each in inputs])
    _compare_layers(graph, module, seen, sizes)
    wanted = {
        name: concrete(graph.shape(port), sizes) for name, port in ports_in_code(graph).items()
    }
    heads = set(map(variable_name, graph.heads))
    without = {name: shape for name, shape in wanted.items() if name not in heads}
    _equal("shapes", _shapes(named_outputs(result)), without)
    if not isinstance(work := macs(graph), Unknown):
        _equal("counts", counter.get_total_flops(), 2 * evaluate(work, sizes))
    _equal("shapes", _shapes(named_outputs(module.train()(*inputs))), wanted)


def _compare_layers(
    graph: Graph,
    module: nn.Module,
    seen: Mapping[str, list[tuple[int, ...]]],
    sizes: Mapping[str, int],
) -> None:
    """Check that every submodule that is a layer has its shapes, and that no other has weights."""
    expected: dict[str, list[tuple[int, ...]]] = {}
    for node in graph:
        # A tied layer reads a weight and does not call its module.
        if node.op is not None and not node.training_only and not node.op.is_tied:
            expected.setdefault(node.path, []).append(concrete(node.shape, sizes))
    other = {key: shapes for key, shapes in seen.items() if expected.get(key, shapes) != shapes}
    _equal("shapes", other, {})
    foreign = tuple(f"{path}." for path in foreign_paths(graph))
    unknown = tuple(f"{key}." for key in seen.keys() - expected.keys())
    known = {
        weight.key(node.path)
        for node in graph
        if node.op is not None
        for weight in node.op.weights(*graph.input_shapes(node))
    }
    entries = module.state_dict().keys() - known
    wrong = [key for key in entries if key.startswith(unknown) and not key.startswith(foreign)]
    _equal("keys", sorted(wrong), [])


def _equal(kind: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise Difference(kind, f"{found}, not {wanted}")


def _run(
    module: nn.Module, inputs: Sequence[Tensor]
) -> tuple[Output, dict[str, list[tuple[int, ...]]]]:
    """The output, and the output shapes of every leaf submodule by its path, call by call."""
    seen: dict[str, list[tuple[int, ...]]] = {}
    keys = {part: key for key, part in module.named_modules()}

    def note(part: nn.Module, arguments: tuple[Tensor, ...], result: Any) -> None:
        # Recurrent layers give their last states too.
        first = result if isinstance(result, Tensor) else result[0]
        seen.setdefault(keys[part], []).append(_shape(first))

    # A module without weights may serve several nodes.
    layers = [part for part in keys if not [*part.children()] and part.state_dict()]
    hooks = [part.register_forward_hook(note) for part in layers]
    result: Output = module(*inputs)
    for hook in hooks:
        hook.remove()
    return result, seen


def _shapes(outputs: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: _shape(tensor) for name, tensor in outputs.items()}


def _shape(result: Tensor) -> tuple[int, ...]:
    return tuple(result.shape[1:])
