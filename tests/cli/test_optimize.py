"""`archdsl optimize`: files, weights, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from archdsl import load
from archdsl.rewriting import folding
from tests.helpers.commands import document, run
from tests.helpers.filling import filled

SPEC = """network n: [3, 9, 9] =
    add(
        wide: (conv(4, 3, bias=false) -> bn),
        narrow: (conv(4, 1, bias=false) -> bn),
    ) -> relu -> flatten -> head: linear(5)
"""
TOWERS = "network t: [3, 9, 9] = concat(a: conv(2, 3), b: conv(2, 3)) -> flatten -> linear(2)\n"
PLAIN = "network p: [3, 9, 9] = conv(4, 3) -> relu -> flatten -> linear(5)\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {"net": SPEC, "towers": TOWERS, "plain": PLAIN}.items():
        (tmp_path / f"{name}.arch").write_text(text)
        save_file(filled(load(f"{name}.arch")).float().state_dict(), f"{name}.safetensors")
    return tmp_path


def test_a_spec_and_its_weights_are_written_and_compute_the_same(folder):
    command = ["optimize", "net.arch", "--weights", "net.safetensors", "-o", "fast.safetensors"]
    result = run(*command, "--map", "map.json")
    assert result.exit_code == 0, result.output
    assert "params           1,761 -> 1,737" in result.output
    assert "wrote fast.arch, fast.safetensors, map.json" in result.output
    image = torch.randn(2, 3, 9, 9)
    old, new = (
        load("net.arch", weights="net.safetensors"),
        load("fast.arch", weights="fast.safetensors"),
    )
    assert torch.allclose(old.eval()(image), new.eval()(image), atol=1e-5)
    assert Path("fast.arch").read_text() == (
        "## `net.arch` after exact rewrites, for inference; proved equal to it.\n\n"
        "network n: [3, 9, 9] = conv: conv(4, 3) -> relu -> flatten -> head: linear(5)\n"
    )
    weight_map = json.loads(Path("map.json").read_text())
    factor = "(`wide.1.weight` / sqrt(`wide.1.running_var` + 1e-05)).reshape(-1, 1, 1, 1)"
    formula = weight_map["weights"]["conv.weight"]
    assert formula.startswith(f"(`wide.0.weight` * {factor}) + pad(")
    assert weight_map["weights"]["head.weight"] == "`head.weight`"
    assert weight_map["inverse"] is None
    assert weight_map["no_inverse"].startswith("`conv.weight` is computed from")
    again = run(*command)
    assert again.exit_code == 2
    assert "`fast.arch` already exists" in again.output


def test_code_is_written_where_the_suffix_asks_for_it(folder):
    assert run("optimize", "net.arch", "-o", "fast.py").exit_code == 0
    assert "nn.BatchNorm2d" not in Path("fast.py").read_text()
    assert not Path("fast.arch").exists()


def test_weights_go_back_where_they_were_only_moved(folder):
    command = ["optimize", "towers.arch", "--weights"]
    assert run(*command, "towers.safetensors", "-o", "one.arch").exit_code == 0
    result = run(*command, "one.safetensors", "-o", "two.safetensors", "--invert")
    assert (result.exit_code, result.output) == (0, "wrote two.safetensors\n")
    # The spec of that name is not written, and may be there.
    result = run(*command, "one.safetensors", "-o", "towers.safetensors", "--invert", "--force")
    assert (result.exit_code, Path("towers.arch").read_text()) == (0, TOWERS)
    old, new = load_file("towers.safetensors"), load_file("two.safetensors")
    assert old.keys() == new.keys()
    assert all(torch.equal(old[key], new[key]) for key in old)


def test_sums_of_weights_do_not_go_back(folder):
    command = ["optimize", "net.arch", "--weights"]
    assert run(*command, "net.safetensors", "-o", "one.arch").exit_code == 0
    result = run(*command, "one.safetensors", "-o", "two.safetensors", "--invert")
    assert result.exit_code == 2
    assert "error[E0997]: the weights cannot be computed backwards" in result.output
    assert not Path("two.safetensors").exists()


def test_open_sizes_are_formulas(folder):
    Path("open.arch").write_text("network o: [4, h, w] = c: conv(8, 3) -> b: bn -> relu\n")
    assert "macs       288 * h * w -> 288 * h * w" in run("optimize", "open.arch").output
    found = document("optimize", "open.arch")
    assert found["after"]["macs"] == "288 * h * w"


def test_where_nothing_applies_nothing_is_written(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    result = run("optimize", "plain.arch", "--weights", "plain.safetensors", "-o", "fast.arch")
    assert (result.exit_code, result.output.splitlines()[0]) == (
        0,
        "no rewrite applies: the network stays as it is",
    )
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_rewrite_that_is_wrong_is_refused_and_nothing_is_written(folder, monkeypatch):
    right = folding.affine_of
    monkeypatch.setattr(folding, "affine_of", lambda draft, norm: right(draft, norm)[::-1])
    result = run("optimize", "net.arch", "--weights", "net.safetensors", "-o", "fast.arch")
    assert result.exit_code == 2
    assert "error[E0998]: in inference result 1 differs by" in result.output
    assert not Path("fast.arch").exists()
    assert not Path("fast.safetensors").exists()


def test_training_keeps_its_norms_and_heads(folder):
    found = document("optimize", "net.arch", "--for", "training")
    assert found["changes"] == found["left"] == []
    found = document("optimize", "towers.arch", "--for", "training")
    assert [change["rewrite"] for change in found["changes"]] == ["paths"]
    assert found["before"]["params"] == found["after"]["params"]
    assert "conv(4, 3)" in found["text"]


def test_rewrites_are_chosen_by_name(folder):
    found = document("optimize", "net.arch", "--only", "fold")
    assert {change["rewrite"] for change in found["changes"]} == {"fold"}
    result = run("optimize", "net.arch", "--only", "fusion")
    assert result.exit_code == 2
    assert "--only takes heads, " in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "fast.onnx"), "E0927"),
        (("-o", "my-net.py", "--weights", "net.safetensors"), "E0923"),
        (("-o", "x.arch", "--map", "x.arch"), "E0927"),
        (("--invert", "--weights", "net.safetensors", "-o", "x", "--map", "m.json"), "no --map"),
        (("--invert",), "--invert takes --weights FILE and -o FILE.safetensors"),
        (("--weights", "towers.safetensors"), "E0932"),
    ],
)
def test_what_cannot_be_is_refused(folder, arguments, message):
    before = sorted(folder.iterdir())
    result = run("optimize", "net.arch", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert sorted(folder.iterdir()) == before
