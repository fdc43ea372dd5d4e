"""The proof that a text is the network of a file: both are run, with equal weights by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from archdsl.importing.differing import difference_of
from archdsl.importing.loading import loaded
from archdsl.importing.nested import tensors_in
from archdsl.importing.proof import Proved, numbers_for
from archdsl.importing.refusal import Refusal

ROUNDING = 1e-5
"""The largest difference of results in single precision, relative to the largest result."""
MARGIN = 4
"""How much more than by rounding in the text's own module results may differ."""
MOST = 1e-3
"""Where rounding alone does more than this, nothing can be told from results."""


@dataclass(frozen=True)
class Original:
    """What a file computes.

    `weights` are its tensors by the keys that the text should have. `run` gives results for some
    inputs and such weights; in single precision unless `is_double`. `batches` are inputs to try.
    `leaders` says which keys have the numbers of another, since they are one tensor of the file;
    those of a key without a leader are never changed.
    """

    weights: Mapping[str, Tensor]
    batches: Sequence[Sequence[Tensor]]
    run: Callable[[Sequence[Tensor], Mapping[str, Tensor]], list[Tensor]]
    is_double: bool
    leaders: Mapping[str, str | None] = field(default_factory=dict)

    def filled(self, key: str) -> Tensor:
        """Numbers that follow from a key, in the place of the file's."""
        value, leader = self.weights[key], self.leaders.get(key, key)
        if leader is None or not value.is_floating_point():
            return value
        return numbers_for(leader, value).to(value.dtype)

    def renamed(self, paths: Mapping[str, str]) -> Original:
        """The same file with other keys: `paths` are the new paths of layers by the old ones."""
        new = {key: _moved(key, paths) for key in self.weights}

        def run(inputs: Sequence[Tensor], weights: Mapping[str, Tensor]) -> list[Tensor]:
            return self.run(inputs, {key: weights[new[key]] for key in new})

        return Original(
            {new[key]: value for key, value in self.weights.items()},
            self.batches,
            run,
            self.is_double,
            {new[key]: self.leaders[key] for key in self.leaders if key in new},
        )


def _moved(key: str, paths: Mapping[str, str]) -> str:
    """A key under another path: that of its layer, or of itself."""
    path, _, name = key.rpartition(".")
    return paths.get(key) or (f"{paths[path]}.{name}" if path in paths else key)


def proved(text: str, network: str, original: Original) -> Proved:
    """Hold a text against a file; raises `Refusal` (E0989) with the first difference.

    Results are compared with the weights of the file, some of which may be zeros that hide what
    they are multiplied by, and with numbers that follow from the keys.
    """
    made = loaded(text, network).eval()
    _require_keys(made, original.weights)
    filled = {key: original.filled(key) for key in original.weights}
    worst = 0.0
    for how, weights in (("its own weights", original.weights), ("other weights", filled)):
        for inputs in original.batches:
            worst = max(worst, _compared(made, original, inputs, weights, how))
    learned = sum(p.numel() for p in made.parameters())
    return Proved(learned, len(made.state_dict()), worst)


COUNTER = "num_batches_tracked"


def _require_keys(made: nn.Module, weights: Mapping[str, Tensor]) -> None:
    found = made.state_dict()
    for key in weights:
        if key not in found:
            raise Refusal("E0989", f"the text has no weight `{key}`, which the file reads")
    for key, value in found.items():
        if key.endswith(COUNTER):
            continue
        if key not in weights:
            raise Refusal("E0989", f"the text has a weight `{key}` that the file has not")
        if value.shape != weights[key].shape:
            shapes = f"{list(value.shape)}, not {list(weights[key].shape)}"
            raise Refusal("E0989", f"the text's `{key}` is {shapes}")


def _compared(
    made: nn.Module,
    original: Original,
    inputs: Sequence[Tensor],
    weights: Mapping[str, Tensor],
    how: str,
) -> float:
    """The largest difference of results, in evaluation."""
    expected = original.run(inputs, weights)
    found = _results(made, inputs, weights, torch.float64)
    if len(expected) != len(found):
        raise Refusal("E0989", f"the text gives {len(found)} results, the file {len(expected)}")
    single = found if original.is_double else _results(made, inputs, weights, torch.float32)
    worst = 0.0
    for place, (one, other, rounded) in enumerate(zip(expected, found, single, strict=True), 1):
        if one.shape != other.shape:
            raise Refusal("E0989", f"result {place} is {list(other.shape)}, not {list(one.shape)}")
        allowed = _allowed(original, other, rounded.double(), place)
        difference = difference_of(one.double(), other)
        if not difference <= allowed:
            message = f"with {how} result {place} differs by {difference:.2g} of its largest number"
            raise Refusal("E0989", message)
        worst = max(worst, difference)
    return worst


def _allowed(original: Original, exact: Tensor, rounded: Tensor, place: int) -> float:
    """How much a result may differ, by what rounding does to it."""
    if original.is_double:
        return 1e-9
    noise = difference_of(exact, rounded)
    if not noise <= MOST / MARGIN:
        message = f"result {place} differs by {noise:.2g} in single precision: nothing can be told"
        raise Refusal("E0989", message)
    return max(ROUNDING, MARGIN * noise)


def _results(
    made: nn.Module, inputs: Sequence[Tensor], weights: Mapping[str, Tensor], dtype: torch.dtype
) -> list[Tensor]:
    made = made.to(dtype)
    for key, value in made.state_dict().items():
        if key in weights:
            value.copy_(weights[key])
    with torch.no_grad():
        given = [each.to(dtype) if each.is_floating_point() else each for each in inputs]
        return tensors_in(made(*given))
