"""Comparison of a module's results with its graph: in evaluation, in training, and backward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.module import register_module_forward_pre_hook

from archdsl.analysis.cost import macs
from archdsl.analysis.given import at_sizes, symbols
from archdsl.backends.torch.names import variable_name
from archdsl.examples import random_inputs, sized
from archdsl.graph import Graph, Port
from archdsl.ops.base import Shape
from archdsl.ops.recurrent import Recurrent
from archdsl.shapes import Unknown, evaluate
from archdsl.testing.disagreement import Difference
from archdsl.testing.interpret import Interpreted, interpret

Output: TypeAlias = Any
"""What a module gives: a tensor, or a named tuple of several."""

BATCH = 3
"""With two images, batch normalisation would leave little more than their signs."""
MOST_MACS = 100_000_000
MOST_MACS_OF_TRAINING = 10_000_000
"""The results of larger networks are not compared."""
SIZES = ((8, 6, 7), (12, 10, 9), (24, 20, 11), (64, 48, 15))
"""Candidate values for a network's symbols; the first that it accepts are used."""
FEW = ((3, 2, 2), (5, 4, 3))
"""Those of a network with more steps than `MOST_STEPS`, before all others."""
MOST_STEPS = 100
"""Steps of recurrent layers above which sizes are smaller: PyTorch takes one after the other."""


def compare_figures(graph: Graph, module: nn.Module) -> None:
    """Raise a `Difference` if a module's results differ from its graph's."""
    sizes = _sizes(graph)
    work = macs(graph)
    # Of a network with somebody else's class that is not known.
    count = 0 if sizes is None or isinstance(work, Unknown) else evaluate(work, sizes)
    if sizes is None or count > MOST_MACS:
        return
    module.double()
    generator = torch.Generator().manual_seed(0)
    _fill(module, generator)
    shapes = [sized(graph.shape(port), sizes) for port in graph.inputs.values()]
    # Whole numbers stay what they are.
    inputs = [
        each.double() if each.is_floating_point() else each
        for each in random_inputs(shapes, BATCH, generator)
    ]
    _compare_evaluation(graph, module, inputs)
    if count <= MOST_MACS_OF_TRAINING:
        _compare_training(graph, module, inputs, generator)


def concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A shape in numbers."""
    return tuple(evaluate(size, sizes) for size in shape.sizes)


def steps(graph: Graph, sizes: Mapping[str, int]) -> int:
    """The number of positions that recurrent layers read one after the other."""
    recurrent = [node for node in graph if isinstance(node.op, Recurrent)]
    return sum(prod(concrete(node.shape, sizes)[:-1]) for node in recurrent)


def _sizes(graph: Graph) -> dict[str, int] | None:
    """Small sizes that a network accepts."""
    names = sorted(symbols(graph))
    is_long = steps(graph, dict(zip(names, SIZES[0], strict=False))) > MOST_STEPS
    for sizes in (*FEW, *SIZES) if is_long else SIZES:
        given = dict(zip(names, sizes, strict=False))
        if not at_sizes(graph, given)[1]:
            return given
    return None


def _fill(module: nn.Module, generator: torch.Generator) -> None:
    """Random weights that keep results near 1; statistics of a normalisation are positive."""
    for entry in module.state_dict().values():
        if entry.dim() > 1:
            inputs = entry[0].numel()
            entry.copy_(torch.randn(entry.shape, generator=generator) / inputs**0.5)
        else:
            entry.copy_(torch.rand(entry.shape, generator=generator) + 0.5)


def _compare_evaluation(graph: Graph, module: nn.Module, inputs: Sequence[Tensor]) -> None:
    with torch.no_grad():
        expected = interpret(graph, module.state_dict(), _copies(inputs))
        outputs = named_outputs(module.eval()(*_copies(inputs)))
    _same_names("numbers", outputs, _in_code(graph, expected))


def _compare_training(
    graph: Graph, module: nn.Module, inputs: Sequence[Tensor], generator: torch.Generator
) -> None:
    """Compare outputs by name, statistics of normalisations, and all gradients."""
    state = {key: entry.clone() for key, entry in module.state_dict().items()}
    ours, theirs = _leaves(inputs), _leaves(inputs)
    with _random_by_place():
        expected = interpret(graph, state, ours, training=True)
        outputs = named_outputs(module.train()(*theirs))
    wanted = _in_code(graph, expected)
    _same_names("training", outputs, wanted)
    found = module.state_dict()
    for key, entry in expected.state().items():
        _same("training", key, found[key], entry)
    _backwards(wanted, outputs, generator)
    _compare_gradients(expected, module, ours, theirs)


def ports_in_code(graph: Graph) -> dict[str, Port]:
    """The outputs of a network by their names in its code, where a single result is `output`."""
    results = graph.results if len(graph.results) > 1 else {"output": graph.result}
    return {variable_name(name): port for name, port in {**results, **graph.heads}.items()}


def _in_code(graph: Graph, found: Interpreted) -> dict[str, Tensor]:
    """The outputs of a run by their names in code."""
    names = zip(graph.outputs, ports_in_code(graph), strict=True)
    return {code: found.outputs[name] for name, code in names if name in found.outputs}


def named_outputs(result: Output) -> dict[str, Tensor]:
    """The outputs of a module by name.

    A class with several returns a named tuple; a head that its arguments omit is None, as all are
    in evaluation.
    """
    if isinstance(result, Tensor):
        return {"output": result}
    outputs: dict[str, Tensor | None] = result._asdict()
    return {name: output for name, output in outputs.items() if output is not None}


def _backwards(
    wanted: Mapping[str, Tensor], outputs: Mapping[str, Tensor], generator: torch.Generator
) -> None:
    weights = {name: torch.randn(each.shape, generator=generator) for name, each in wanted.items()}
    for some in (wanted, outputs):
        total = sum((output * weights[name]).sum() for name, output in some.items())
        if isinstance(total, Tensor) and total.requires_grad:
            total.backward()  # type: ignore[no-untyped-call]


def _compare_gradients(
    expected: Interpreted, module: nn.Module, ours: Sequence[Tensor], theirs: Sequence[Tensor]
) -> None:
    found = {key: each.grad for key, each in module.named_parameters() if each.grad is not None}
    _same_names("gradients", found, expected.gradients())
    for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        zeros = torch.zeros_like(mine)
        given, wanted = (zeros if each.grad is None else each.grad for each in (other, mine))
        _same("gradients", f"input {index}", given, wanted)


def _copies(inputs: Sequence[Tensor]) -> list[Tensor]:
    return [each.clone() for each in inputs]


def _leaves(inputs: Sequence[Tensor]) -> list[Tensor]:
    """Copies that get a gradient, as far as they are no whole numbers."""
    return [each.clone().requires_grad_(each.is_floating_point()) for each in inputs]


def _same_names(kind: str, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    if found.keys() != wanted.keys():
        raise Difference(kind, f"there are {[*found]}, not {[*wanted]}")
    largest = max(map(_largest, wanted.values()), default=0.0)
    for name, tensor in wanted.items():
        _same(kind, name, found[name], tensor, largest)


def _largest(tensor: Tensor) -> float:
    return tensor.nan_to_num().abs().max().item() if tensor.numel() else 0.0


def _same(kind: str, name: str, found: Tensor, wanted: Tensor, largest: float = 0.0) -> None:
    """Compare two tensors, of which the `largest` number may stand in others."""
    if found.dtype == wanted.dtype and torch.equal(found, wanted):
        return
    # Normalisation over few numbers magnifies rounding. The gradient of a bias before it is nothing
    # but the rounding of other gradients, which may be very large.
    least = max(1e-7, 1e-13 * largest)
    try:
        torch.testing.assert_close(found, wanted, rtol=1e-5, atol=least, equal_nan=True)
    except AssertionError as error:
        raise Difference(kind, f"`{name}` differs: {error}") from None


OF_CHANNELS = ("dropout1d", "dropout2d", "dropout3d")
"""The functions of PyTorch that drop whole channels."""


@contextmanager
def _random_by_place() -> Iterator[None]:
    """Make dropout and noise depend only on the index of a number, not on earlier random draws."""
    originals = functional.dropout, torch.randn_like
    attention = functional.scaled_dot_product_attention

    def attend(*given: Any, **options: Any) -> Tensor:
        torch.manual_seed(0)
        return attention(*given, **options)

    functional.dropout, torch.randn_like = _dropout, _noise  # type: ignore[assignment]
    of_channels = {name: getattr(functional, name) for name in OF_CHANNELS}
    for name in OF_CHANNELS:
        setattr(functional, name, _dropout_of_channels)
    functional.scaled_dot_product_attention = attend
    hook = register_module_forward_pre_hook(_seed_what_drops)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        hook.remove()
        functional.dropout, torch.randn_like = originals
        for name, original in of_channels.items():
            setattr(functional, name, original)
        functional.scaled_dot_product_attention = attention


def _seed_what_drops(module: nn.Module, inputs: object) -> None:
    """Let layers that drop numbers inside draw the same each time."""
    if isinstance(module, nn.RNNBase | nn.MultiheadAttention):
        torch.manual_seed(0)


def _noise(input: Tensor) -> Tensor:
    positions = torch.arange(input.numel(), device=input.device, dtype=input.dtype)
    return positions.reshape(input.shape).sin()


def _dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    if not training or p == 0:
        return input
    return _times(input, _factors(input.shape, p, input), inplace)


def _dropout_of_channels(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    if not training or p == 0:
        return input
    factors = _factors(input.shape[:2], p, input)
    return _times(input, factors.reshape(*factors.shape, *[1] * (input.dim() - 2)), inplace)


def _factors(shape: torch.Size, p: float, like: Tensor) -> Tensor:
    """What the numbers of a shape are multiplied by: some by 0."""
    positions = torch.arange(shape.numel(), device=like.device).reshape(shape)
    kept = (positions % 5 != 1).to(like.dtype)
    return kept / (1 - p) if p < 1 else torch.zeros_like(kept)


def _times(input: Tensor, factors: Tensor, inplace: bool) -> Tensor:
    return input.mul_(factors) if inplace else input * factors
