"""The proof of a rewritten network: its text is compiled, loaded, and held against the old one.

Its keys and shapes must be those of the plan. On random inputs every result must be equal to 1e-9
of the largest number, in double precision, with the weights that are to be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from archdsl import driver
from archdsl.analysis.pixels import usual_sizes
from archdsl.analysis.state import state_shapes
from archdsl.diagnostics import has_errors
from archdsl.examples import random_inputs, sized
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.importing.nested import tensors_in
from archdsl.importing.proof import WithoutDropout
from archdsl.importing.refusal import Refusal
from archdsl.rewriting.network import Plan
from archdsl.rewriting.tensors import applied, doubles
from archdsl.runtime import instantiate
from archdsl.shipped import LIBRARY
from archdsl.source import Source

TOLERANCE = 1e-9
"""The largest difference of results, relative to the largest number in them."""
SAMPLES = 2


@dataclass(frozen=True)
class Compiled:
    """A text that was proved: its graph, its code, and the largest difference of results."""

    graph: Graph
    code: str
    difference: float


def proved(
    graph: Graph,
    module: nn.Module,
    plan: Plan,
    text: str,
    name: str,
    training: bool = False,
) -> Compiled:
    """Hold the text of a plan against a module of the old network, with the module's weights.

    In `training`, results in training without dropout are compared too. Raises `Refusal` (E0998)
    with the first difference.
    """
    made, code = compiled(text, name)
    _require_keys(plan, made)
    state = {key: value.clone() for key, value in module.state_dict().items()}
    old, new = module.double(), instantiate(code, name).double()
    old.load_state_dict(doubles(state))
    new.load_state_dict(applied(plan.weights, state))
    inputs = _inputs(graph)
    difference = _compared(old.eval(), new.eval(), inputs, "inference")
    if training:
        difference = max(difference, _compared(old.train(), new.train(), inputs, "training"))
    return Compiled(made, code, difference)


def compiled(text: str, name: str) -> tuple[Graph, str]:
    """The graph and the code of a rewritten text; raises `Refusal` (E0998) if it is not valid."""
    source = Source("optimized.arch", text)
    graphs, diagnostics = driver.read(source, finder(LIBRARY), name)
    code = ""
    if not has_errors(diagnostics):
        code, diagnostics = driver.compile(source, finder(LIBRARY), name)
    if has_errors(diagnostics):
        first = diagnostics[0]
        raise Refusal("E0998", f"the rewritten text is not valid: {first.code}, {first.message}")
    return graphs[name], code


def _require_keys(plan: Plan, made: Graph) -> None:
    wanted, found = plan.sizes(), state_shapes(made)
    for key in {**wanted, **found}:
        if wanted.get(key) != found.get(key):
            shapes = [list(each[key]) if key in each else "absent" for each in (found, wanted)]
            message = f"in the rewritten text `{key}` is {shapes[0]}, not {shapes[1]}"
            raise Refusal("E0998", message)


def _inputs(graph: Graph) -> tuple[Tensor, ...]:
    sizes = usual_sizes(graph)
    shapes = [sized(graph.shape(port), sizes) for port in graph.inputs.values()]
    drawn = random_inputs(shapes, SAMPLES, Generator().manual_seed(0))
    return tuple([each.double() if each.is_floating_point() else each for each in drawn])


def _compared(old: nn.Module, new: nn.Module, inputs: Sequence[Tensor], how: str) -> float:
    with torch.no_grad(), WithoutDropout():
        pair = [tensors_in(module(*[each.clone() for each in inputs])) for module in (old, new)]
    if len(pair[0]) < len(pair[1]) or not pair[1]:
        raise Refusal("E0998", f"in {how} it gives {len(pair[1])} results, not {len(pair[0])}")
    worst = 0.0
    for place, (one, other) in enumerate(zip(*pair, strict=False), 1):
        difference = _difference(one, other)
        if not difference <= TOLERANCE:
            message = f"in {how} result {place} differs by {difference:.2g} of its largest number"
            raise Refusal("E0998", message)
        worst = max(worst, difference)
    return worst


def _difference(one: Tensor, other: Tensor) -> float:
    if one.shape != other.shape:
        return float("inf")
    largest = max(one.abs().max().item(), 1e-30)
    return (one - other).abs().max().item() / largest


def filled(module: nn.Module) -> None:
    """Give a module without a checkpoint numbers for which a mistake shows: no variance is 1."""
    generator = Generator().manual_seed(1)
    for key, value in module.state_dict().items():
        if not value.is_floating_point() or value.dim() != 1:
            continue
        drawn = torch.rand(value.shape, generator=generator)
        is_variance = key.endswith("running_var")
        is_shift = key.endswith(("bias", "running_mean"))
        value.copy_(
            0.5 + drawn if is_variance else (drawn - 0.5) / 5 if is_shift else 0.75 + drawn / 2
        )
