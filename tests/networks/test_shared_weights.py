"""Networks with shared weights against classes written by hand, with the same weights."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from tests.helpers.generated import python_of


class Siamese(nn.Module):
    """Koch et al. (2015), as one would write it."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.embed = nn.ModuleDict(
            {
                "conv1": nn.Conv2d(1, 64, 10),
                "conv2": nn.Conv2d(64, 128, 7),
                "conv3": nn.Conv2d(128, 128, 4),
                "conv4": nn.Conv2d(128, 256, 4),
                "fc": nn.Linear(256 * 6 * 6, features),
            }
        )
        self.out = nn.Linear(features, 1)

    def embedded(self, x: Tensor) -> Tensor:
        for name in ("conv1", "conv2", "conv3"):
            x = torch.max_pool2d(torch.relu(self.embed[name](x)), 2)
        x = torch.relu(self.embed["conv4"](x)).flatten(1)
        return torch.sigmoid(self.embed["fc"](x))

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.out((self.embedded(a) - self.embedded(b)).abs())


class Drrn(nn.Module):
    """Tai et al. (2017), in the form of the public implementation."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units
        self.input = nn.Conv2d(1, 128, 3, padding=1, bias=False)
        self.conv1 = nn.Conv2d(128, 128, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(128, 128, 3, padding=1, bias=False)
        self.output = nn.Conv2d(128, 1, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        entered = self.input(torch.relu(x))
        out = entered
        for _ in range(self.units):
            out = self.conv2(torch.relu(self.conv1(torch.relu(out)))) + entered
        return self.output(torch.relu(out)) + x


def assert_same(module: nn.Module, written: nn.Module, *inputs: Tensor) -> None:
    """The same keys, results and gradients."""
    module, written = module.double(), written.double()
    assert list(module.state_dict()) == list(written.state_dict())
    written.load_state_dict(module.state_dict())
    results = [each(*inputs) for each in (module, written)]
    torch.testing.assert_close(*results, rtol=1e-10, atol=1e-12)
    for result in results:
        result.square().sum().backward()
    wanted = dict(written.named_parameters())
    for name, parameter in module.named_parameters():
        torch.testing.assert_close(parameter.grad, wanted[name].grad, rtol=1e-9, atol=1e-12)


def images(*shape: int, count: int = 1) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, *shape, generator=generator).double() for _ in range(count)]


def test_a_siamese_network() -> None:
    module = python_of("siamese").Siamese(features=64)
    assert_same(module, Siamese(64), *images(1, 105, 105, count=2))


def test_a_siamese_network_does_not_tell_its_inputs_apart() -> None:
    module = python_of("siamese").Siamese(features=64).double()
    first, second = images(1, 105, 105, count=2)
    torch.testing.assert_close(module(first, second), module(second, first))
    torch.testing.assert_close(module(first, first), module.out.bias.expand(2, 1))


@pytest.mark.parametrize("units", [1, 3, 9])
def test_a_recursive_network(units: int) -> None:
    torch.manual_seed(0)
    assert_same(python_of("drrn").drrn_b1u9(units=units), Drrn(units), *images(1, 12, 10))


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
def test_tools_of_pytorch_take_a_module_that_is_called_several_times() -> None:
    module = python_of("drrn").drrn_b1u9(units=2).eval()
    x = torch.randn(1, 1, 9, 8)
    wanted = module(x)
    scripted = torch.jit.script(module)
    traced = torch.fx.symbolic_trace(module)
    exported = torch.export.export(module, (x,)).module()
    for each in (scripted, traced, exported, copy.deepcopy(module)):
        torch.testing.assert_close(each(x), wanted)
