"""Generated code as a live module, and checkpoints that must fit in every entry."""

from __future__ import annotations

import copy
import pickle
import traceback
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from archdsl.render import as_text
from archdsl.runtime import instantiate, load_weights

TEXT = """
from torch import Tensor, nn


class Small(nn.Module):
    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(self.conv(x)).mean((2, 3))
        return self.fc(x)


def tiny(classes: int = 3) -> Small:
    return Small(classes)
"""


@pytest.fixture
def module() -> nn.Module:
    return instantiate(TEXT, "tiny")


def state(module: nn.Module) -> dict[str, Tensor]:
    return {key: torch.full_like(value, 2) for key, value in module.state_dict().items()}


def untouched(module: nn.Module) -> bool:
    return not any((value == 2).all() for value in module.state_dict().values())


def test_a_network_is_a_function_or_a_class() -> None:
    assert type(instantiate(TEXT, "tiny")) is type(instantiate(TEXT, "small"))


def test_modules_can_be_copied_and_pickled(module: nn.Module) -> None:
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert twin.state_dict().keys() == module.state_dict().keys()


def test_tracebacks_show_the_generated_lines(module: nn.Module) -> None:
    # Another network of that name must not take the place of these lines.
    instantiate(TEXT.replace("self.bn(self.conv(x)).mean", "self.conv(x).mean"), "tiny")
    with pytest.raises(RuntimeError) as caught:
        module(torch.zeros(1, 4, 8, 8))
    shown = "".join(traceback.format_exception(caught.value))
    assert "x = self.bn(self.conv(x)).mean((2, 3))" in shown


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_checkpoint_that_fits_is_loaded(module: nn.Module, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    if suffix == ".pth":
        torch.save(state(module), path)
    else:
        save_file(state(module), path)
    assert load_weights(module, path, "tiny") == []
    assert all((value == 2).all() for value in module.state_dict().values())


def test_what_does_not_fit_is_told_by_layer_and_nothing_is_loaded(
    module: nn.Module, tmp_path: Path
) -> None:
    weights = state(module)
    del weights["bn.weight"], weights["bn.running_mean"]
    weights["fc.weight"] = torch.zeros(5, 8)
    weights["head.bias"] = torch.zeros(1)
    path = tmp_path / "weights.pth"
    torch.save(weights, path)
    assert (
        as_text(load_weights(module, path, "tiny"))
        == """\
weights.pth: error[E0932]: layer `bn` of tiny: `weight` is missing, `running_mean` is missing

weights.pth: error[E0932]: layer `fc` of tiny: `weight` is [5, 8] instead of [3, 8]

weights.pth: error[E0932]: layer `head` of tiny: `bias` is in the checkpoint alone
"""
    )
    assert untouched(module)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit(7)",)


def test_a_checkpoint_runs_no_code(module: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "evil.pth"
    torch.save({"conv.weight": Evil()}, path)
    (error,) = load_weights(module, path, "tiny")
    assert error.code == "E0931"
    assert error.message.endswith(
        "it holds `exec`, and only tensors are read: save `model.state_dict()`"
    )
    assert untouched(module)


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02}", b"\xff" * 9, None])
def test_what_is_no_checkpoint_is_one_error(
    module: nn.Module, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    (error,) = load_weights(module, tmp_path / name, "tiny")
    assert error.code == "E0931"
    assert "weights_only" not in error.message
    assert len(error.message) < 120


def test_a_network_of_one_layer_is_called_by_its_own_name(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(1), "bias": torch.zeros(2)}, tmp_path / "a.pth")
    (error,) = load_weights(nn.Linear(3, 2), tmp_path / "a.pth", "tiny")
    assert error.message == "tiny: `weight` is [1] instead of [2, 3]"


def test_a_nested_state_dict_is_pointed_out(module: nn.Module, tmp_path: Path) -> None:
    torch.save({"state_dict": state(module), "epoch": 3}, tmp_path / "a.pth")
    (error,) = load_weights(module, tmp_path / "a.pth", "tiny")
    assert (error.code, "`state_dict`" in error.help) == ("E0931", True)
    assert untouched(module)


def test_many_layers_that_do_not_fit_are_counted(module: nn.Module, tmp_path: Path) -> None:
    torch.save({f"layer{i}.weight": torch.zeros(1) for i in range(100)}, tmp_path / "a.pth")
    errors = load_weights(module, tmp_path / "a.pth", "tiny")
    assert len(errors) == 21
    assert errors[-1].message == "83 further layers do not fit"
