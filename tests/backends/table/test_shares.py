"""Tables of networks with shared layers: weights in the first row of each, work in all of them."""

from __future__ import annotations

from pathlib import Path

import archdsl
from tests.helpers.commands import run

TEXT = """
network n(depth=2): [8, 4, 4] =
    share body = a: conv(8, 3) -> relu in repeat(depth, body) -> out: conv(2, 1)
"""


def test_a_summary_counts_weights_once() -> None:
    network = archdsl.read(text=TEXT)["n"]
    rows = network.to_dict(depth=1, columns=("params", "macs", "weights"))["layers"]
    assert [[row[name] for name in ("path", "params", "weights_bytes")] for row in rows] == [
        ["body", 584, 2336],
        ["body", 0, 0],
        ["out", 18, 72],
    ]
    assert rows[0]["macs"] == rows[1]["macs"] == 9 * 8 * 8 * 16
    assert network.params == 602
    assert [layer.params for layer in network.layers] == [584, 0, 0, 0, 18]


def test_a_use_more_is_work_and_no_parameters(tmp_path: Path) -> None:
    path = tmp_path / "n.arch"
    path.write_text(TEXT)
    shown = run("compare", f"{path}:n(depth=2)", f"{path}:n(depth=3)").stdout
    lines = [line.split() for line in shown.splitlines() if line[:1] in "+-" and "body" in line]
    assert [line[:2] for line in lines] == [["+", "body.a"], ["+", "body.relu"]]
    assert "+9,216" in lines[0]
    assert "+584" not in shown
