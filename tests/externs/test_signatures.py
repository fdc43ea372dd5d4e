"""`check --with-torch`, and whoever runs a network, compares a class with its declaration."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from tests.helpers.commands import run

MODULE = "tests.helpers.own_layers"


def checked(folder: Path, extern: str, *options: str, layer: str = "a", h: str = "8") -> str:
    """What is said of a declaration that a network uses."""
    path = folder / "net.arch"
    path.write_text(f"extern a{extern}\nnetwork n: [4, {h}, 8] = a: {layer} -> relu\n")
    return run("check", path, "--with-torch", "--allow-extern", "tests", "-q", *options).output


RIGHT = f': [c, h, w] -> [c, (h + 1) // 2, (w + 1) // 2] = "{MODULE}.Halve", weights=0'


@pytest.mark.parametrize("h", ["8", "7", "1", "h", "2 * h"])
def test_what_is_as_declared(tmp_path: Path, h: str) -> None:
    assert checked(tmp_path, RIGHT, h=h) == ""


def test_other_shapes(tmp_path: Path) -> None:
    found = checked(tmp_path, f': [c, h, w] -> [c, h // 2, w // 2] = "{MODULE}.Halve"', h="7")
    assert "error[E0919]: `tests.helpers.own_layers.Halve` does not give the shape" in found
    assert "= expected [4, 3, 4]" in found
    assert "= found    [4, 4, 4]" in found


def test_shapes_that_differ_at_some_open_sizes_only(tmp_path: Path) -> None:
    found = checked(
        tmp_path, f': [c, h, w] -> [c, h // 2 + h % 2 * 2, 4] = "{MODULE}.Halve"', h="h"
    )
    assert "E0919" in found


def test_another_number_of_weights(tmp_path: Path) -> None:
    declared = f'(n): [c, h, w] -> [c, h, w] = "{MODULE}.Gate"(c, n), weights=2 * c * n'
    found = checked(tmp_path, declared, layer="a(3)")
    assert "has another number of weights than `a` says" in found
    assert "= expected 24 weights" in found
    assert "= found    31 weights" in found


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("()", "missing 1 required positional argument: 'channels'"),
        ("(c, c, c)", "takes from 2 to 3 positional arguments but 4 were given"),
        ("(c, activation=1)", "unexpected keyword argument 'activation'"),
        ("(c + 1)", "RuntimeError: "),
    ],
)
def test_a_class_that_takes_something_else(tmp_path: Path, arguments: str, part: str) -> None:
    found = checked(tmp_path, f': [c, h, w] -> [c, h, w] = "{MODULE}.Gate"{arguments}')
    assert "error[E0919]" in found
    assert part in " ".join(found.split())


def test_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "net.arch"
    path.write_text(f"extern a{RIGHT}\nnetwork n: [4, 8, 8] = a: a\n")
    alone = run("check", path, "--allow-extern", "tests")
    assert (alone.exit_code, "`check` alone imports nothing" in alone.output) == (2, True)
    unnamed = run("check", path, "--with-torch")
    assert (unnamed.exit_code, "E0917" in unnamed.output) == (2, True)


def test_a_network_with_a_wrong_signature_does_not_load() -> None:
    """Here nothing else would fail: what follows takes any size."""
    text = f"""
extern a: [c, h, w] -> [c, h, w] = "{MODULE}.Halve"
network n: [4, 8, 8] -> [10] = a: a -> global_avgpool -> flatten -> fc: linear(10)
"""
    with pytest.raises(archdsl.SpecError, match="E0919"):
        archdsl.load(text=text, externs=["tests"])
