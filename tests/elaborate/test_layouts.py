"""Channels that are last are said to be so wherever a shape is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.analysis.receptive_field import receptive_field
from archdsl.cli import main
from archdsl.ops.tensor_type import TensorType
from archdsl.outline.labels import shape_text
from archdsl.shapes import symbol

SPEC = """\
block mlp(hidden): [...; d] -> [...; d] = fc1: linear(hidden) -> gelu -> fc2: linear(d)
network tokens(classes=10): [2 * n; 16] -> [2 * n; classes] =
    add(identity, norm: layernorm -> mlp: mlp(32)) -> head: linear(classes)
network image: [3, h, w] -> [10] =
    conv: conv(8, 3) -> rearrange("c h w -> (h w); c") -> fc: linear(10) -> [h * w; 10]
    -> global_maxpool -> flatten
"""


def printed(folder: Path, *arguments: str) -> str:
    (folder / "net.arch").write_text(SPEC)
    result = CliRunner().invoke(main, [*arguments, str(folder / "net.arch")])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_table_shows_it(tmp_path: Path) -> None:
    text = printed(tmp_path, "summary")
    assert "tokens (input: [2 * n; 16])" in text
    assert "[2 * n; 10]" in text
    assert "[h * w; 10]" in text


def test_json_says_it_beside_a_shape(tmp_path: Path) -> None:
    found = json.loads(printed(tmp_path, "summary", "--format", "json"))
    tokens, image = found["networks"]
    assert tokens["inputs"] == {"input": ["2 * n", 16]}
    assert tokens["input_channels"] == {"input": "last"}
    assert {layer["channels"] for layer in tokens["layers"]} == {"last"}
    assert "input_channels" not in image
    assert [layer.get("channels") for layer in image["layers"]].count("last") == 3


def test_a_contract_says_it(tmp_path: Path) -> None:
    found = json.loads(printed(tmp_path, "check", "--format", "json"))
    contract = found["networks"][0]
    assert contract["input_channels"] == {"input": "last"}
    assert contract["smallest"] == {"input": [2, 16]}
    assert "length % 2 == 0" in contract["conditions"]


def test_python_shows_it() -> None:
    network = archdsl.read(text=SPEC)["tokens"]
    assert "[2 * n; 16] -> [2 * n; 10]" in repr(network)
    assert str(network.layers[0].output_type) == "[2 * n; 16]"
    assert "[2 * n; 16] -> [2 * n; 16]" in repr(network.layers[0])


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (TensorType((196, 768), is_last=True), "196×768"),
        (TensorType((14, 14, 96), is_last=True), "14²×96"),
        (TensorType((14, 7, 96), is_last=True), "14×7×96"),
        (TensorType((96, 14, 14)), "96×14²"),
        (TensorType((symbol("n"), 768), is_last=True), "n × 768"),
    ],
)
def test_a_picture_shows_it(shape: TensorType[int], text: str) -> None:
    assert shape_text(shape) == text


def test_features_have_no_field_and_positions_of_an_image_see_all_of_it() -> None:
    networks = archdsl.read(text=SPEC)
    assert receptive_field(networks["tokens"].graph) == ()
    assert receptive_field(networks["image"].graph) == (3, 3)
