"""AlexNet's towers, apart and as groups of one column, are one function but for a border."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.helpers.generated import python_of


@pytest.fixture(scope="module")
def features() -> list[nn.Sequential]:
    """The convolutions of both forms, with the same random weights."""
    python = python_of("alexnet")
    torch.manual_seed(0)
    towers, column = python.AlexNetTwoTowers(), python.AlexNet2012()
    both = [nn.Sequential(net.early, net.late).double() for net in (towers, column)]
    both[1].load_state_dict(side_by_side(both[0].state_dict()))
    return both


def side_by_side(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights of both towers in one column, filter under filter."""
    return {
        key.replace("tower1.", ""): torch.cat([weight, state[key.replace("tower1", "tower2")]])
        for key, weight in state.items()
        if "tower1" in key
    }


def test_without_normalization_they_are_one(
    features: list[nn.Sequential], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functional, "local_response_norm", lambda x, *_, **__: x)
    x = torch.randn(1, 3, 227, 227, dtype=torch.float64)
    torch.testing.assert_close(features[0](x), features[1](x), rtol=1e-12, atol=0)


def test_normalization_sees_across_the_border(features: list[nn.Sequential]) -> None:
    x = torch.randn(1, 3, 227, 227, dtype=torch.float64)
    assert not torch.allclose(features[0](x), features[1](x), rtol=1e-9, atol=0)
