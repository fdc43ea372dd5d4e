"""Code that is the network may be written in other ways than the back end does."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.backends.torch import mismatches, wrong
from archdsl.backends.torch.validation import Validator
from archdsl.backends.torch.verify import verify
from archdsl.driver import load_program
from archdsl.files import finder
from archdsl.generalize import Variant, with_variants
from archdsl.graph import Graph
from archdsl.render import as_text
from archdsl.source import Source

UNITS = """
default conv(bias=false)
block unit(w, stride=1) = add(
    main: (conv(w, 3, stride) -> bn -> relu -> conv(w, 3) -> bn),
    short: (conv(w, 1, stride) -> bn)
) -> relu
network n(w=8): [3, 16, 16] = stem: conv(w, 3) -> relu -> body: chain([unit(w), unit(2 * w, 2)])
    -> global_avgpool -> flatten -> dropout(0.2) -> fc: linear(10)
"""

BY_HAND = """
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn


class Unit(nn.Module):
    def __init__(
        self,
        in_channels: int,
        w: int,
        stride: int = 1,
        norm: Callable[..., nn.Module] = nn.BatchNorm2d,
    ) -> None:
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        conv = partial(nn.Conv2d, padding=1, bias=False)
        layers: list[nn.Module] = [conv(in_channels, w, 3, stride=stride), norm(w), self.relu]
        self.main = nn.Sequential(*layers, conv(w, w, 3), norm(w))
        self.short = self.shortcut(nn.Conv2d(in_channels, w, 1, stride=stride, bias=False), norm(w))

    def shortcut(self, *layers: nn.Module) -> nn.Module:
        return nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        main, short = self.parts(x)
        main += short
        return self.relu(main)

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.main(x), self.short(x)


class N(nn.Module):
    def __init__(self, w: int = 8) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, w, 3, padding=1, bias=False)
        self.relu = nn.ReLU()
        norm = partial(nn.BatchNorm2d, eps=1e-5)
        self.body = nn.ModuleList([Unit(w, w), Unit(w, 2 * w, 2, norm=norm)])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(2 * w, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.stem(x))
        for layer in self.body:
            x = layer(x)
        return self.fc(self.dropout(torch.flatten(self.avgpool(x), 1)))
"""


@pytest.fixture(scope="module")
def networks() -> tuple[list[Graph], list[Variant]]:
    """The network, and with other values."""
    program, diagnostics = load_program(Source("spec.arch", UNITS), finder(Path()))
    graphs, variants, more = with_variants(program)
    assert not [*diagnostics, *more], as_text([*diagnostics, *more])
    return [*graphs.values()], variants


def test_code_may_be_written_by_hand(networks: tuple[list[Graph], list[Variant]]) -> None:
    graphs, variants = networks
    assert not verify(BY_HAND, graphs)
    checker = Validator(BY_HAND, graphs)
    assert mismatches(checker, graphs) == []
    assert not any(wrong(checker, variants))


MISTAKES = [
    ("main += short", "main += short; short = self.short(x)", "is applied 2 times"),
    ("main += short", "main += short; short = self.relu(short)", "not a layer of the network"),
    (
        "return self.relu(main)",
        "x = self.relu(main); return self.relu(x)",
        "not a layer of the network",
    ),
    ("self.stem(x))", "self.relu(self.stem(x)))", "not a layer of the network"),
    ("self.main(x), self.short(x)", "self.short(x), self.main(x)", "not a layer of the network"),
    ("self.relu = nn.ReLU()", "self.relu = nn.Tanh()", "nn.Tanh"),
    ("eps=1e-5", "eps=1e-4", "body.1.main.1 is nn.BatchNorm2d(16, eps=0.0001)"),
    ("ModuleList([", "ModuleList([nn.Identity(), ", "body.1.main.0 is nn.Conv2d(8, 8"),
    ("*layers, conv", "conv", "body.1.main.0 is nn.Conv2d(16, 16"),
    ("padding=1, bias=False)\n        layers", "bias=False)\n        layers", "body.0.main.0 is"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_a_mistake_is_found(
    networks: tuple[list[Graph], list[Variant]], old: str, new: str, message: str
) -> None:
    assert old in BY_HAND
    found = Validator(BY_HAND.replace(old, new, 1), networks[0]).fault(networks[0][0])
    assert found is not None
    assert message in found
