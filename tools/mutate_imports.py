"""Changes models between import and proof, and says whether the proof refuses every change.

Usage: `python -m tools.mutate_imports [COUNT] [SEED]`. A mutation swaps two layers, changes a
stride, a padding, an activation or a number, or makes two layers share weights. One that changes
no result is none, and not counted.
"""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable

import torch
from torch import Tensor, nn

from archdsl.importing.declarations import laid_out
from archdsl.importing.model import drafted
from archdsl.importing.proof import proved
from archdsl.importing.refusal import Refusal
from tests.helpers import small_models

MODELS: tuple[Callable[[], nn.Module], ...] = (
    small_models.Nested,
    small_models.Optional,
    small_models.Several,
    small_models.Pyramid,
    small_models.Tokens,
)
Mutation = Callable[[nn.Module, random.Random], bool]


def swap(model: nn.Module, chance: random.Random) -> bool:
    """Exchange two children of a module."""
    parents = [each for each in model.modules() if len(each._modules) > 1]
    if not parents:
        return False
    parent = chance.choice(parents)
    one, other = chance.sample(sorted(parent._modules), 2)
    modules = parent._modules
    modules[one], modules[other] = modules[other], modules[one]
    return True


def stride(model: nn.Module, chance: random.Random) -> bool:
    """Change the padding of a convolution, or its dilation, so that it reads other positions."""
    several = [each for each in model.modules() if isinstance(each, nn.Conv2d)]
    conv = chance.choice(several)
    if chance.random() < 0.5:
        conv.padding = (conv.padding[0] + 1, conv.padding[1])  # type: ignore[assignment,operator]
    else:
        conv.stride = (conv.stride[0] + 1, conv.stride[1])
    return True


def number(model: nn.Module, chance: random.Random) -> bool:
    """Change the number that a norm adds."""
    several = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d | nn.LayerNorm)]
    if not several:
        return False
    chance.choice(several).eps *= 10
    return True


def share(model: nn.Module, chance: random.Random) -> bool:
    """Make a layer use the weights of another of its shape."""
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    one, other = chance.choice(layers), chance.choice(layers)
    if one is other or one.weight.shape != other.weight.shape:
        return False
    one.weight = other.weight
    return True


def skip(model: nn.Module, chance: random.Random) -> bool:
    """Leave a layer out, or put an activation behind it."""
    parents = [(m, name) for m in model.modules() for name in m._modules if m._modules[name]]
    parent, name = chance.choice(parents)
    child = parent._modules[name]
    if child is None or isinstance(parent, nn.ModuleList):
        return False
    call = child.forward
    child.forward = (lambda x: x) if chance.random() < 0.3 else (lambda x: torch.tanh(call(x)))
    return True


MUTATIONS: tuple[Mutation, ...] = (swap, stride, number, share, skip)


def run(count: int, seed: int) -> tuple[int, int, list[str]]:
    """How many changes were refused, how many changed nothing, and those that passed."""
    chance = random.Random(seed)  # noqa: S311
    refused, without_effect, passed = 0, 0, []
    while refused + len(passed) < count:
        make, mutate = chance.choice(MODELS), chance.choice(MUTATIONS)
        torch.manual_seed(seed)
        model, inputs = make(), [torch.rand(2, 3, 8, 8)]
        draft = drafted(copy.deepcopy(model), inputs, "net", "")
        text, _ = laid_out(draft.spec().text())
        assert text is not None
        changed = copy.deepcopy(model)
        if not mutate(changed, chance):
            continue
        try:
            proved(changed, text, "net", inputs, [*draft.heads])
        except (Refusal, RuntimeError, ValueError):
            refused += 1
            continue
        if _differs(model, changed):
            passed.append(f"{make.__name__}: {mutate.__name__}")
        else:
            without_effect += 1
    return refused, without_effect, passed


def _differs(model: nn.Module, changed: nn.Module) -> bool:
    """Whether two models give other results with the same weights."""
    torch.manual_seed(0)
    x = torch.randn(3, 3, 8, 8)
    pairs = zip(_results(model, x), _results(changed, x), strict=True)
    return any(a.shape != b.shape or not torch.allclose(a, b, atol=1e-6) for a, b in pairs)


def _results(model: nn.Module, x: Tensor) -> list[Tensor]:
    for key, value in model.state_dict().items():
        if value.is_floating_point():
            generator = torch.Generator().manual_seed(len(key) + sum(map(ord, key)))
            value.copy_(torch.rand(value.shape, generator=generator) + 0.1)
    with torch.no_grad():
        result = model.eval()(x)
    return [*result.values()] if isinstance(result, dict) else [result]


if __name__ == "__main__":
    given = [*map(int, sys.argv[1:])]
    refused, without_effect, passed = run(*(given + [200, 0][len(given) :]))  # type: ignore[arg-type]
    print(f"{refused} refused, {without_effect} without effect, {len(passed)} passed: {passed}")
    sys.exit(bool(passed))
