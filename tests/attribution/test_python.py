"""`archdsl.features`: the same as the command gives, and what Python users see of mistakes."""

from __future__ import annotations

import json
from importlib import util
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

import archdsl
from archdsl import SpecError
from archdsl.cli import main

SPEC = """
network small(classes=10): [1, 8, 8] -> [classes] =
    conv1: conv(4, 3) -> relu -> maxpool(2) -> conv2: conv(6, 3) -> relu
    -> flatten -> fc: linear(classes)
"""


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Weights for a network of the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    Path("net.arch").write_text(SPEC, encoding="utf-8")
    torch.manual_seed(0)
    torch.save(archdsl.load(text=SPEC).state_dict(), "w.pth")
    return Path("w.pth")


def test_it_gives_what_the_command_gives(weights: Path) -> None:
    command = ["features", "net.arch", "--weights", "w.pth", "--image", "digits:5"]
    result = CliRunner().invoke(main, [*command, "--class", "3", "--format", "json"])
    found = archdsl.features("net.arch", weights=weights, image="digits:5", label="3")
    assert json.loads(result.stdout)["features"] == json.loads(json.dumps(found.to_dict()))
    assert repr(found).startswith("Features('small', '3': ")
    # A function and a package would be the same attribute.
    again = archdsl.features(text=SPEC, weights=weights, layers="conv*", units=[1], methods="maps")
    assert [[unit.unit.channel for unit in layer.units] for layer in again.findings.layers] == [
        [1],
        [1],
    ]


def test_figures_and_pages_are_saved(weights: Path) -> None:
    found = archdsl.features("net.arch", weights=weights, methods="gradients")
    for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.html", b"<!doctype")):
        found.save(name)
        assert Path(name).read_bytes().startswith(start)
    assert found._repr_png_() == Path("a.png").read_bytes()
    with pytest.raises(SpecError, match="E0926"):
        found.save("a.pdf")


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"layers": "conv3"}, SpecError, "E0996(?s:.)*did you mean `conv2`"),
        ({"label": "10"}, SpecError, "E0996(?s:.)*no class `10`"),
        ({"image": "nowhere.png"}, SpecError, "E0961"),
        ({"weights": "nowhere.pth"}, SpecError, "E0931"),
        ({"at": {"h": 8}}, SpecError, "E0915"),
        ({"methods": ["maps", "heat"]}, ValueError, "`methods` takes maps, .*, not `heat`"),
        ({"text": SPEC}, TypeError, "either a path or `text=`"),
    ],
)
def test_mistakes_are_raised(
    weights: Path, asked: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        archdsl.features("net.arch", **{"weights": weights, **asked})


def test_the_extra_of_a_missing_package_is_named(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = util.find_spec
    monkeypatch.setattr(
        "archdsl.visualizing.find_spec", lambda name: None if name == "captum" else known(name)
    )
    with pytest.raises(ModuleNotFoundError, match=r"captum .*archdsl\[features\]"):
        archdsl.features("net.arch", weights=weights)
