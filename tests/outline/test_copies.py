"""Copies of blocks: what is moved from the first is what would have been read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from archdsl.driver import read
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.outline.copies import Copies, Original
from archdsl.outline.pieces import Aside, Fork, Part, Step
from archdsl.outline.reader import outline
from archdsl.source import Source
from archdsl.testing import seeded
from tests.helpers.paths import DIAGRAMS, ROOT, SPECS
from tests.helpers.pipeline import graphs

FILES = [
    *sorted(DIAGRAMS.glob("*.arch")),
    *sorted((ROOT / "tests" / "examples").glob("*.arch")),
    *[SPECS / f"{name}.arch" for name in ("densenet", "swin", "unet", "googlenet")],
]
RANDOM_SPECS = 60
COPIES = """
block two(c): [_, ...] -> (x: [c, ...], y: [c, ...]) =
    a: conv(c, 3) -> r: relu -> (x: @r, y: conv(c, 1))
block one(c) = conv(c, 3) -> bn -> add(identity, conv(c, 1) -> relu)
network n: [8, 9, 9] =
    repeat(3, one(8)) -> f: two(8) -> add(@f.x, @f.y) -> g: two(8) -> add(@g.x, @g.y)
"""


def told(parts: Iterable[Part]) -> Iterator[object]:
    """All that pictures show of some parts."""
    for part in parts:
        match part:
            case Fork():
                join = [*told([part.join])] if part.join else None
                yield "fork", [[*told(branch)] for branch in part.branches], join
            case Aside():
                yield "aside", [*told(part.parts)]
            case Step():
                yield part.nodes, part.path, part.loop and part.loop.site
            case scope:
                call = scope.call and (scope.call.block.name, str(scope.call.arguments.keys()))
                values = scope.kind, scope.name, scope.path, scope.nodes, scope.results, scope.site
                yield *values, call, scope.loop and scope.loop.site, [*told(scope.parts)]


def found(graph: Graph) -> list[object]:
    return [*told(outline(graph).root.parts)]


def check(graph: Graph, patch: pytest.MonkeyPatch) -> bool:
    """Whether parts were moved, which must change nothing."""
    moved = found(graph)
    calls = []
    with patch.context() as once:
        once.setattr(Copies, "parts", lambda _, call, path, read: calls.append(path) or read())
        assert found(graph) == moved
    return bool(calls)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_copies_of_networks_are_as_if_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for graph in [*graphs(file).values()][:3]:
        check(graph, monkeypatch)


def test_copies_of_random_specs_are_as_if_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(RANDOM_SPECS):
        specs, _ = read(Source("random.arch", seeded(seed).text), finder(Path()))
        for graph in specs.values():
            check(graph, monkeypatch)


def test_only_the_first_of_equal_copies_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    specs, diagnostics = read(Source("net.arch", COPIES), finder(Path()))
    assert not diagnostics
    moves = []
    moved = Original.moved

    def counted(original: Original, path: str, node: int) -> tuple[Part, ...]:
        moves.append(path)
        return moved(original, path, node)

    monkeypatch.setattr(Original, "moved", counted)
    assert check(specs["n"], monkeypatch)
    # Several results may be read from outside in other ways, so `two` is read every time.
    assert moves == ["one2", "one3"]
