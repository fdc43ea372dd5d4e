"""The proof that a text is the model: it is compiled, loaded, and held against it.

Keys, shapes and counts must be equal; results in evaluation, and in training without dropout, and
the gradients of the inputs, must be so to 1e-9 in float64, with weights filled by their keys.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Generator, Tensor, nn

from archdsl.backends.torch.names import variable_name
from archdsl.importing.copies import copied
from archdsl.importing.differing import difference_of, first_difference
from archdsl.importing.dropping import with_dropout_as_factor
from archdsl.importing.keys import require_keys, require_tables
from archdsl.importing.loading import loaded
from archdsl.importing.nested import tensors_in
from archdsl.importing.precision import SingleAsDouble
from archdsl.importing.refusal import Refusal
from archdsl.importing.state import numbers_of, require_unchanged
from archdsl.importing.steadiness import written

TOLERANCE = 1e-9
"""The largest difference of results, relative to the largest result."""


@dataclass(frozen=True)
class Proved:
    """What was compared."""

    weights: int
    keys: int
    difference: float

    def __str__(self) -> str:
        """In words, for people."""
        equal = f"{self.weights:,} weights under {self.keys} keys are equal"
        return f"{equal}, results to {self.difference:.1g}"


def proved(
    model: nn.Module,
    text: str,
    network: str,
    inputs: Sequence[Tensor],
    heads: Sequence[str] = (),
    weights: bool = False,
    externs: Sequence[str] = (),
) -> Proved:
    """Hold a text against a model; raises `Refusal` (E0989) with the first difference.

    `externs` are packages whose classes the text may use. With `weights` those that the model
    has are compared too, not only those that are filled in.
    """
    made = loaded(text, network, externs)
    require_keys(model, made)
    require_tables(model, made)
    before = numbers_of(model)
    # Of frozen weights the gradients are compared too.
    model, made = [each.double().requires_grad_() for each in (copied(model), made)]
    differences = _differences(model, made, inputs, heads, weights)
    _require_buffers(model, made)
    # The last run was on a batch of the size that the one before the proof had.
    require_unchanged(before, model)
    learned = sum(p.numel() for p in made.parameters())
    return Proved(learned, len(made.state_dict()), max(differences))


def _differences(
    model: nn.Module, made: nn.Module, inputs: Sequence[Tensor], heads: Sequence[str], own: bool
) -> list[float]:
    """The differences in evaluation and in training; before, with its `own` weights if asked."""
    # Numbers of both signs, in a batch of another size: what depends on either is found.
    few, many = [_drawn(inputs, count) for count in (FEW, MANY)]
    differences = []
    if own:
        _equalise(model, made)
        how = "evaluation with its own weights"
        differences.append(_compared(model, made, many, heads, how, False))
    _fill(model)
    _equalise(model, made)
    differences.append(_compared(model, made, many, heads, "evaluation", False))
    one = _drawn(inputs, 1)
    differences.append(_compared(model, made, one, heads, "evaluation of one sample", False))
    with with_dropout_as_factor(model, made):
        how = "training without dropout"
        differences.append(_compared(model, made, few, heads, how, True))
    return differences


FEW, MANY = 2, 3
"""The samples of a batch, in training and in evaluation."""


def _drawn(inputs: Sequence[Tensor], count: int) -> list[Tensor]:
    """Random tensors like some others; whole numbers are within the bounds of those."""
    generator = Generator().manual_seed(count)
    return [_like(each, (count, *each.shape[1:]), generator) for each in inputs]


def _like(given: Tensor, sizes: tuple[int, ...], generator: Generator) -> Tensor:
    if given.is_floating_point():
        return torch.randn(sizes, generator=generator, dtype=torch.float64)
    low, high = int(given.min()), int(given.max()) + 1
    return torch.randint(low, high, sizes, generator=generator)


def _equalise(model: nn.Module, made: nn.Module) -> None:
    """Give what was made the weights of a model, under the same keys."""
    state = model.state_dict()
    for key, value in made.state_dict().items():
        value.copy_(state[key])


def _fill(model: nn.Module) -> None:
    """Numbers that follow from a key alone; tables of whole numbers stay as they are."""
    for key, value in model.state_dict().items():
        if value.is_floating_point():
            value.copy_(numbers_for(key, value))


def numbers_for(key: str, value: Tensor) -> Tensor:
    """Numbers of a size that keeps results of a size, which follow from a key alone."""
    generator = Generator().manual_seed(zlib.crc32(key.encode()))
    numbers: Tensor = torch.rand(value.shape, generator=generator, dtype=torch.float64) * 2 - 1
    if key.endswith("running_var"):
        return 1 + numbers / 4
    if value.dim() >= 2:
        fan: int = prod(value.shape[1:])
        return numbers * math.sqrt(6 / max(1, fan))
    is_bias = key.endswith(("bias", "running_mean"))
    return numbers / 10 if is_bias else 1 + numbers / 4


def _compared(
    model: nn.Module,
    made: nn.Module,
    inputs: Sequence[Tensor],
    heads: Sequence[str],
    how: str,
    training: bool,
) -> float:
    expected, found = _run(model, inputs, training), _run(made, inputs, training, heads)
    counts = len(found.results), len(expected.results)
    if counts[0] != counts[1]:
        message = f"in {how} the text gives {counts[0]} results, the model {counts[1]}"
        raise Refusal("E0989", message)
    worst = 0.0
    for place, (one, other) in enumerate(zip(expected.results, found.results, strict=True), 1):
        difference = difference_of(one, other) if one.shape == other.shape else math.inf
        if difference <= TOLERANCE:
            worst = max(worst, difference)
            continue
        where, line = first_difference(model, made, lambda each: _given(each, inputs, training))
        what = f"differs by {difference:.2g} of its largest number"
        if one.shape != other.shape:
            what = f"is {list(other.shape)}, not {list(one.shape)}"
        raise Refusal("E0989", f"in {how} result {place} {what}{where}", line=line)
    worst = max(worst, _worst_gradient(expected.gradients, found.gradients, how))
    return max(worst, _worst_gradient(expected.sizes, found.sizes, how))


def _worst_gradient(expected: Mapping[str, Tensor], found: Mapping[str, Tensor], how: str) -> float:
    """The largest difference of gradients, relative to the largest of all; raises `Refusal`."""
    largest = max([each.abs().max().item() for each in expected.values()], default=0.0)
    worst = 0.0
    for name, one in expected.items():
        other = found[name]
        difference = (one - other).abs().max().item() / max(largest, 1e-30)
        if difference <= TOLERANCE:
            worst = max(worst, difference)
        elif not one.any():
            raise Refusal("E0989", f"in {how} {name} is 0 in the model, as behind `no_grad`")
        else:
            what = f"differs by {difference:.2g} of the largest gradient"
            raise Refusal("E0989", f"in {how} {name} {what}")
    return worst


@dataclass(frozen=True)
class _Run:
    """The results of a run, and the gradients by what they are called in messages.

    Of those of weights there are sums and norms: they tell whether there are any, in little memory.
    """

    results: list[Tensor]
    gradients: dict[str, Tensor]
    sizes: dict[str, Tensor]


def _given(
    model: nn.Module, inputs: Sequence[Tensor], training: bool, heads: Sequence[str] = ()
) -> list[Tensor]:
    """What a model gives, with `heads` in that order after the first result."""
    model.train(training) if training else model.eval()
    # A leaf that needs a gradient may not be written to, as some models do first.
    given = [x * 1 if x.is_floating_point() else x for x in inputs]
    versions = [(x, x._version) for x in given]
    with SingleAsDouble():
        result = model(*given)
    if written(versions):
        raise Refusal("E0988", "the model writes to its input in evaluation")
    if heads and hasattr(result, "_fields"):
        result = [result[0], *[getattr(result, variable_name(head)) for head in heads]]
    return tensors_in(result)


def _run(
    model: nn.Module, inputs: Sequence[Tensor], training: bool, heads: Sequence[str] = ()
) -> _Run:
    """The results of a model, and the gradients of its inputs, in training of its weights too."""
    given = [x.clone().requires_grad_() if x.is_floating_point() else x for x in inputs]
    results = _given(model, given, training, heads)
    total = sum((_weighted(each, place) for place, each in enumerate(results)), torch.zeros(()))
    learned = {f"the gradient of input {n}": x for n, x in enumerate(given, 1) if x.requires_grad}
    weights = {}
    if training or not learned:
        named = model.named_parameters(remove_duplicate=False)
        weights = {f"the gradient of `{key}`": weight for key, weight in named}
    several = [*learned.values(), *weights.values()]
    found: Sequence[Tensor | None] = [None] * len(several)
    if total.requires_grad:
        found = torch.autograd.grad(total, several, allow_unused=True)
    known = [x.new_zeros(1) if g is None else g for g, x in zip(found, several, strict=True)]
    gradients = dict(zip(learned, known, strict=False))
    sizes = [torch.stack([each.sum(), each.norm()]) for each in known[len(learned) :]]
    results = [each.detach() for each in results]
    return _Run(results, gradients, dict(zip(weights, sizes, strict=True)))


def _weighted(result: Tensor, place: int) -> Any:
    """The sum of a result, every number with a weight of its own."""
    generator = Generator().manual_seed(place)
    weights = torch.rand(result.shape, generator=generator, dtype=torch.float64)
    weighted: Tensor = result.double() * weights
    return weighted.sum()


def _require_buffers(model: nn.Module, made: nn.Module) -> None:
    """What a run in training leaves in the buffers must be equal too."""
    found = dict(made.named_buffers())
    for key, value in model.named_buffers():
        if key not in found or not value.is_floating_point() or torch.equal(value, found[key]):
            continue
        # What is no number differs too.
        if not difference_of(value, found[key]) <= TOLERANCE:
            raise Refusal("E0989", f"after training the buffer `{key}` differs")
