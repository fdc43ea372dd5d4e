"""What Python users call, beyond what the command line does too."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch

import archdsl

SPEC = """\
network n(path=8, file=1, weights=10): [3, 8, 8] =
    conv(path * file, 3) -> flatten -> linear(weights)
network m(classes=2, widths=[8, 8], biased=true): [3, 8, 8] =
    chain(conv(width, 3, bias=biased) -> relu for width in widths) -> flatten -> linear(classes)
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "spec.arch"
    path.write_text(SPEC)
    return path


def test_a_parameter_may_be_called_like_one_of_ours(spec: Path) -> None:
    assert archdsl.read(spec, path=4, weights=5)["n"].output == (5,)
    assert "path: int = 4" in archdsl.compile(spec, "n", path=4)
    assert archdsl.load(spec, "n", path=4)(torch.zeros(1, 3, 8, 8)).shape == (1, 10)


@pytest.mark.parametrize(
    "values",
    [
        {"classes": torch.tensor(5), "widths": torch.tensor([4, 4]), "biased": torch.tensor(True)},
        {"classes": Fraction(10, 2), "widths": (4, 4), "biased": True},
        {"classes": 5.0, "widths": [torch.tensor(4), 4]},
    ],
)
def test_numbers_of_other_libraries_are_numbers(spec: Path, values: dict[str, Any]) -> None:
    plain = archdsl.read(spec, classes=5, widths=[4, 4], biased=True)["m"]
    assert archdsl.read(spec, **values)["m"].params == plain.params
    assert isinstance(archdsl.load(spec, "m", **values), torch.nn.Module)


@pytest.mark.parametrize("value", [None, [8, None], {"a": 1}, b"8", object()])
def test_what_is_no_value_of_the_language_has_a_code(spec: Path, value: Any) -> None:
    with pytest.raises(archdsl.SpecError, match="`widths` cannot be ") as caught:
        archdsl.read(spec, widths=value)
    assert [found.code for found in caught.value.diagnostics] == ["E0913"]
