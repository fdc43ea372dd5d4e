"""The proof of a rewritten network: its text is compiled, loaded, and held against the old one.

Its keys and shapes must be those of the plan, and its inputs and results those of the old network.
On random inputs every result must be equal to 1e-9 of the largest number, in double precision: with
the weights that are to be written, and with random ones, since zeros among the former hide what
they are multiplied with.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from archdsl import driver
from archdsl.analysis.state import state_shapes
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.importing.dropping import WithoutDropout
from archdsl.importing.nested import tensors_in
from archdsl.importing.refusal import Refusal
from archdsl.rewriting.comparable import inputs_of, within_memory
from archdsl.rewriting.network import Plan
from archdsl.rewriting.tensors import applied
from archdsl.runtime import instantiate
from archdsl.shipped import LIBRARY
from archdsl.source import Source

TOLERANCE = 1e-9
"""The largest difference of results, relative to the largest number in them."""


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
    externs: Collection[str] = (),
) -> Compiled:
    """Hold the text of a plan against a module of the old network, with the module's weights.

    The text fits the plan. In `training`, results in training without dropout are compared too.
    Raises `Refusal` (E0998) with the first difference, and (E0994) where memory is too small.
    Classes of others come from the packages `externs` alone.
    """
    made, code = compiled(text, name)
    inputs = inputs_of(graph)
    with within_memory():
        pair = _Pair(module.double(), instantiate(code, name, externs).double(), plan, inputs)
        difference = pair.compared(training)
        filled(module)
        difference = max(difference, pair.compared(training))
    return Compiled(made, code, difference)


def compiled(text: str, name: str) -> tuple[Graph, str]:
    """The graph and the code of a rewritten text; raises `Refusal` (E0998) if it is not valid."""
    source = Source("optimized.arch", text)
    graphs, diagnostics = driver.read(source, finder(LIBRARY), name)
    _require_valid(diagnostics)
    code, diagnostics = driver.compile(source, finder(LIBRARY), name)
    _require_valid(diagnostics)
    return graphs[name], code


def require_fit(plan: Plan, text: str, name: str) -> None:
    """Refuse (E0998) a text whose keys, shapes, inputs or results are not those of a plan."""
    graphs, diagnostics = driver.read(Source("optimized.arch", text), finder(LIBRARY), name)
    _require_valid(diagnostics)
    _require_keys(plan, graphs[name])
    _require_ends(plan, graphs[name])


def _require_valid(diagnostics: Sequence[Diagnostic]) -> None:
    if has_errors(diagnostics):
        first = diagnostics[0]
        raise Refusal("E0998", f"the rewritten text is not valid: {first.code}, {first.message}")


def _require_keys(plan: Plan, made: Graph) -> None:
    nodes = plan.nodes.values()
    foreign = {each.key(node.path) for node in nodes for each in node.state}
    wanted = {key: shape for key, shape in plan.sizes().items() if key not in foreign}
    found = state_shapes(made)
    for key in {**wanted, **found}:
        if wanted.get(key) != found.get(key):
            shapes = [list(each[key]) if key in each else "absent" for each in (found, wanted)]
            message = f"in the rewritten text `{key}` is {shapes[0]}, not {shapes[1]}"
            raise Refusal("E0998", message)


def _require_ends(plan: Plan, made: Graph) -> None:
    ends = {"inputs": (plan.inputs, made.inputs), "results": (plan.results, made.results)}
    for what, (wanted, found) in ends.items():
        # A text has no name for a single tensor.
        if [*wanted] != [*found] and len(wanted) + len(found) > 2:
            raise Refusal("E0998", f"the {what} are {', '.join(found)}, not {', '.join(wanted)}")


@dataclass(frozen=True)
class _Pair:
    """The old module and the new one, in double precision."""

    old: nn.Module
    new: nn.Module
    plan: Plan
    inputs: Sequence[Tensor]

    def compared(self, training: bool) -> float:
        """The largest difference with the weights of the old module, in `training` too."""
        state = {key: value.clone() for key, value in self.old.state_dict().items()}
        self.new.load_state_dict(applied(self.plan.weights, state))
        difference = self._difference("inference", False)
        if training:
            difference = max(difference, self._difference("training", True))
            self._require_buffers()
        return difference

    def _require_buffers(self) -> None:
        """What a run in training leaves in the old module must be what it leaves in the new one."""
        expected = applied(self.plan.weights, self.old.state_dict())
        for key, found in self.new.named_buffers():
            if key not in expected:
                # What no state dict holds follows from the text alone.
                continue
            _checked(expected[key].double(), found.double(), f"in training `{key}`")

    def _difference(self, how: str, training: bool) -> float:
        one, other = [self._results(each.train(training)) for each in (self.old, self.new)]
        if len(one) != len(other) or not one:
            raise Refusal("E0998", f"in {how} it gives {len(other)} results, not {len(one)}")
        return max(
            _checked(*each, f"in {how} result {n}")
            for n, each in enumerate(zip(one, other, strict=True), 1)
        )

    def _results(self, module: nn.Module) -> list[Tensor]:
        """What a module gives; noise is the same in every run."""
        with torch.no_grad(), WithoutDropout(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return tensors_in(module(*[each.clone() for each in self.inputs]))


def _checked(one: Tensor, other: Tensor, which: str) -> float:
    difference = _difference(one, other)
    if not difference <= TOLERANCE:
        raise Refusal("E0998", f"{which} differs by {difference:.2g} of its largest number")
    return difference


def _difference(one: Tensor, other: Tensor) -> float:
    if one.shape != other.shape:
        return float("inf")
    largest = max(one.abs().max().item(), 1e-30)
    return (one - other).abs().max().item() / largest


def filled(module: nn.Module) -> None:
    """Give a module numbers for which a mistake shows: no variance is 1, no weight is 0.

    Weights of several dimensions stay as large as they were. Zeros among them would hide what they
    are multiplied with, and equal channels which of them is read.
    """
    generator = Generator().manual_seed(1)
    for key, value in module.state_dict().items():
        if value.is_floating_point() and value.numel():
            drawn = torch.rand(value.shape, generator=generator, dtype=torch.float64)
            value.copy_(_vector(key, drawn) if value.dim() < 2 else _matrix(value.double(), drawn))


def _vector(key: str, drawn: Tensor) -> Tensor:
    if key.endswith("running_var"):
        return 0.5 + drawn
    is_shift = key.endswith(("bias", "running_mean"))
    return (drawn - 0.5) / 5 if is_shift else 0.75 + drawn / 2


def _matrix(weight: Tensor, drawn: Tensor) -> Tensor:
    """A weight whose numbers are others, of about that size and never 0."""
    present = weight[weight != 0]
    usual = weight[0].numel() ** -0.5
    size = present.square().mean().sqrt() if present.numel() else torch.tensor(usual)
    other = size * (drawn - 0.5).sign() * (0.5 + drawn)
    is_uniform = bool((weight == weight.flatten()[0]).all())
    return torch.where((weight == 0) | is_uniform, other, weight * (0.75 + drawn / 2))
