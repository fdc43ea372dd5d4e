"""What was inferred about a spec, held against its generated module on PyTorch's meta device."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from archdsl import driver
from archdsl.analysis.cost import macs, params
from archdsl.analysis.state import state_shapes
from archdsl.backends.torch.names import variable_name
from archdsl.diagnostics import Diagnostic
from archdsl.elaborate import Variant, elaborate_with_variants
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.ops.base import Shape
from archdsl.render import as_text
from archdsl.runtime import instantiate, maker
from archdsl.shapes import Symbolic, evaluate
from archdsl.source import Source
from archdsl.testing.interpret import interpret
from archdsl.testing.spec import Spec

NAME = "random.arch"
BATCH = 2
MOST_MACS = 100_000_000
"""Of larger networks the numbers are not compared."""
SIZES = ((64, 48), (73, 57))
"""What the symbols of a network stand for, in one run after another."""


def agree(spec: Spec) -> dict[str, Graph]:
    """The networks of a spec, in which PyTorch sees what was inferred; else an AssertionError.

    Compared are the state-dict keys with their shapes, and the parameters; and, for two choices
    of symbolic sizes, the shapes of all outputs, the shape of what every submodule with weights
    gives, and the multiply-adds. With another value for a parameter of a network, the keys and
    shapes are compared again. What a network of moderate size computes is compared with what its
    graph does, op by op.
    """
    source, find = Source(NAME, spec.text), finder(spec.folder)
    text, diagnostics = driver.compile(source, find)
    assert not driver.has_errors(diagnostics), as_text(diagnostics)
    program, _ = driver.load_program(source, find)
    graphs, variants, _ = elaborate_with_variants(program)
    for name, graph in graphs.items():
        with torch.device("meta"):
            module = instantiate(text, name)
        compare(graph, module)
        _compare_numbers(graph, text, name)
    for variant in variants:
        _compare_variant(text, variant)
    return graphs


def networks(spec: Spec) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a spec, and what is wrong with it."""
    return driver.check(Source(NAME, spec.text), finder(spec.folder))


def _compare_variant(text: str, variant: Variant) -> None:
    make = maker(text, variant.network)
    values = {variable_name(name): value for name, value in variant.values.items()}
    known = inspect.signature(make).parameters
    # A parameter that decides the structure may be fixed in the code, or the length of a list.
    other_lengths = set(map(variable_name, variant.other_lengths))
    is_fixed = any("tuple" in str(known[name].annotation) for name in other_lengths & known.keys())
    if values.keys() <= known.keys() and not is_fixed:
        with torch.device("meta"):
            module = make(**values)
        assert _shapes(module) == state_shapes(variant.graph), variant.values


def _compare_numbers(graph: Graph, text: str, name: str) -> None:
    sizes = dict(zip(_symbols(graph), SIZES[0], strict=False))
    if evaluate(macs(graph), sizes) > MOST_MACS:
        return
    generator = torch.Generator().manual_seed(0)
    module = instantiate(text, name).double().eval()
    for entry in module.state_dict().values():
        # Statistics of a normalisation are positive, and so may everything else be.
        entry.copy_(torch.rand(entry.shape, generator=generator) + 0.5)
    inputs = [
        torch.randn(BATCH, *_concrete(graph.shape(port), sizes), generator=generator).double()
        for port in graph.inputs.values()
    ]
    with torch.no_grad():
        expected = interpret(graph, module.state_dict(), [each.clone() for each in inputs])
        torch.testing.assert_close(module(*inputs), expected)


def _shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {key: tuple(entry.shape) for key, entry in module.state_dict().items()}


def compare(graph: Graph, module: nn.Module) -> None:
    """Assert that a module on the meta device is what a graph says."""
    assert _shapes(module) == state_shapes(graph)
    assert sum(parameter.numel() for parameter in module.parameters()) == params(graph)
    for sizes in SIZES:
        _compare_run(graph, module, dict(zip(_symbols(graph), sizes, strict=False)))


def _symbols(graph: Graph) -> list[str]:
    sizes = [size for port in graph.inputs.values() for size in graph.shape(port)]
    return sorted({size.symbol for size in sizes if isinstance(size, Symbolic)})


def _compare_run(graph: Graph, module: nn.Module, sizes: Mapping[str, int]) -> None:
    inputs = [
        torch.empty(BATCH, *_concrete(graph.shape(port), sizes), device="meta")
        for port in graph.inputs.values()
    ]
    with FlopCounterMode(display=False) as counter:
        result, seen = _run(module.eval(), inputs)
    expected = {
        node.path: _concrete(node.shapes[0], sizes) for node in graph if node.op is not None
    }
    assert {key: shape for key, shape in seen.items() if expected.get(key, shape) != shape} == {}
    unknown = tuple(f"{key}." for key in seen.keys() - expected.keys())
    assert not any(key.startswith(unknown) for key in module.state_dict())
    assert _shape(result) == _concrete(graph.shape(graph.outputs["output"]), sizes)
    assert counter.get_total_flops() == 2 * BATCH * evaluate(macs(graph), sizes)
    if len(graph.outputs) > 1:
        named = module.train()(*inputs)._asdict()
        outputs = {
            variable_name(name): _concrete(graph.shape(port), sizes)
            for name, port in graph.outputs.items()
        }
        assert {name: _shape(tensor) for name, tensor in named.items()} == outputs


def _concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(evaluate(size, sizes) for size in shape)


def _run(module: nn.Module, inputs: list[Tensor]) -> tuple[Tensor, dict[str, tuple[int, ...]]]:
    """The result, and the shape of what every submodule without further ones gives, by its path."""
    seen: dict[str, tuple[int, ...]] = {}
    keys = {part: key for key, part in module.named_modules()}

    def note(part: nn.Module, arguments: tuple[Tensor, ...], result: Tensor) -> None:
        seen[keys[part]] = _shape(result)

    # What has no weights may serve at several places.
    layers = [part for part in keys if not [*part.children()] and part.state_dict()]
    hooks = [part.register_forward_hook(note) for part in layers]
    result = module(*inputs)
    for hook in hooks:
        hook.remove()
    return result, seen


def _shape(result: Tensor) -> tuple[int, ...]:
    return tuple(result.shape[1:])
