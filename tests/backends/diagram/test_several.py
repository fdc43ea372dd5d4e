"""Edges between boxes that give and take several tensors."""

from __future__ import annotations

from archdsl import read
from archdsl.backends.diagram.view import View
from archdsl.outline.choose import Choice
from archdsl.outline.reader import outline
from tests.helpers.view_checks import check

PYRAMID = """
block stages: [3, ...] -> (a: [8, ...], b: [16, ...], c: [32, ...]) =
    a: conv(8, 3, 2) -> b: conv(16, 3, 2) -> c: conv(32, 3, 2) -> (@a, @b, @c)
block levels: (a: [_, ...], b: [_, ...], c: [_, ...]) -> (a: [4, ...], b: [4, ...], c: [4, ...]) =
    (@a -> x: conv(4, 1), @b -> y: conv(4, 1), @c -> z: conv(4, 1)) -> (a: @x, b: @y, c: @z)
network n: [3, 64, 64] -> (a: [4, 32, 32], b: [4, 16, 16], c: [4, 8, 8]) =
    body: stages -> neck: levels
"""


def view(text: str) -> View:
    return check(outline(read(text=text)["n"].graph), Choice(depth=1))


def test_an_edge_shows_every_shape_of_the_tensors_on_it() -> None:
    shown = view(PYRAMID)
    names = [box.text.title for box in shown.boxes]
    told = {
        (names[edge.source], names[edge.target]): edge.lines
        for edge in shown.edges
        if shown.tells(edge)
    }
    assert told["stages", "levels"] == ("8×32²", "16×16²", "32×8²")
    assert [told["levels", name] for name in "abc"] == [("4×32²",), ("4×16²",), ("4×8²",)]


def test_of_very_many_shapes_the_first_are_shown() -> None:
    labels = ", ".join(f"@x{i} -> y{i}: relu" for i in range(6))
    layers = " -> ".join(f"x{i}: conv({i + 1}, 3)" for i in range(6))
    results = ", ".join(f"x{i}: [_, ...]" for i in range(6))
    names = ", ".join(f"@x{i}" for i in range(6))
    text = f"""
block many: [1, ...] -> ({results}) = {layers} -> ({names})
block few: ({results}) -> [_, ...] = concat({labels})
network n: [1, 8, 8] = a: many -> b: few
"""
    (edge,) = [each for each in view(text).edges if len(each.shapes) > 1]
    assert edge.lines == ("1×8²", "2×8²", "3×8²", "… 3 more")
