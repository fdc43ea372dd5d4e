"""Which weights belong to heads that exist only in training."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from archdsl.analysis.state import head_keys
from tests.helpers.paths import ROOT


@pytest.mark.parametrize(
    ("name", "heads", "keys"), [("googlenet", ["aux1", "aux2"], 10), ("resnet18", [], 0)]
)
def test_heads_have_the_weights_that_inference_does_not(
    name: str, heads: list[str], keys: int
) -> None:
    file = "googlenet" if name == "googlenet" else "resnet"
    graph = archdsl.read(ROOT / f"specs/{file}.arch")[name].graph
    found = head_keys(graph)
    assert [*found] == heads
    assert all(len(each) == keys for each in found.values())
    assert all(key.startswith(head) for head, each in found.items() for key in each)


def test_every_head_has_its_own_weights(tmp_path: Path) -> None:
    path = tmp_path / "n.arch"
    path.write_text(
        "network n: [3, 8, 8] = conv(4, 3) -> relu\n"
        "    -> aux(a: (conv(4, 1) -> flatten -> linear(2))) -> aux(b: (flatten -> linear(2)))\n"
        "    -> flatten -> linear(2)\n"
    )
    found = head_keys(archdsl.read(path)["n"].graph)
    assert [len(keys) for keys in found.values()] == [4, 2]
