"""What to show: the folded picture, or more of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from archdsl.diagnostics import Diagnostic, error, suggestion
from archdsl.graph import Graph
from archdsl.outline.fold import (
    MOST_BOXES,
    Cell,
    Folding,
    automatic,
    cells,
    chosen,
    to_depth,
    whole,
)
from archdsl.outline.pieces import DiagramScope, scopes
from archdsl.outline.reader import Outline
from archdsl.source import whole_of

LEAST_BOXES = 4
"""Maximum number of boxes in a folded picture, not counting its inputs."""
MOST_LISTED = 8
"""Maximum number of names listed if none is similar."""


@dataclass(frozen=True)
class Choice:
    """What to expand: everything, scopes up to a depth, scopes by path, or blocks by name.

    By default, the network is folded until it fits a page.
    """

    full: bool = False
    depth: int | None = None
    paths: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()

    @property
    def is_folded(self) -> bool:
        """Whether nothing in particular is to be opened."""
        return self == Choice()

    @property
    def options(self) -> list[str]:
        """The options of `archdsl draw` that make it."""
        return [
            *["--full"] * self.full,
            *[f"--depth {self.depth}"] * (self.depth is not None),
            *[f"--expand {path}" for path in self.paths],
            *[f"--expand-type {block}" for block in self.blocks],
        ]


def ways_to(path: str, choice: Choice) -> Iterator[tuple[str, Choice]]:
    """What may bring a path into a picture, from little to all: an option, and the choice."""
    around, level = path.rpartition(".")[0], path.count(".") + 1
    if around:
        yield f"`--expand {around}`", replace(choice, paths=(*choice.paths, around))
    yield f"`--depth {level}`", Choice(depth=level)
    yield f"`--depth {level + 1}`", Choice(depth=level + 1)
    yield "`--full`", Choice(full=True)


def choose(
    outline: Outline, choice: Choice, limit: int = MOST_BOXES, kept: Collection[str] = ()
) -> tuple[list[Cell], list[Diagnostic]]:
    """The boxes of a picture; errors if a scope to open does not exist.

    Boxes whose path is `kept` stay apart from others if they can.
    """
    root, graph = outline.root, outline.graph
    if choice.is_folded:
        return automatic(root, outline.runs, max(LEAST_BOXES, limit - len(graph.inputs)), kept), []
    folding, refused = folding_for(outline, choice, limit)
    return [] if refused else cells(root, folding, outline.runs), refused


def folding_for(
    outline: Outline, choice: Choice, limit: int = MOST_BOXES
) -> tuple[Folding, list[Diagnostic]]:
    """Which scopes are open; errors if a scope to open does not exist."""
    known = list(scopes(outline.root))
    unknown = [*_unknown_paths(choice.paths, known), *_unknown_blocks(choice.blocks, known)]
    if unknown:
        return Folding(frozenset()), [_refuse(outline.graph, *each) for each in unknown]
    return _opened(_start(outline, choice, limit), choice, known), []


def _start(outline: Outline, choice: Choice, limit: int) -> Folding:
    """The folding in which more is opened."""
    if choice.full:
        return whole(outline.root)
    if choice.depth is not None:
        return to_depth(outline.root, choice.depth)
    return chosen(outline.root, outline.runs, limit)


def _opened(folding: Folding, choice: Choice, known: Sequence[DiagramScope]) -> Folding:
    """The folding with the requested scopes expanded, and the scopes around them."""
    wanted = [scope for scope in known if _is_wanted(scope, choice)]
    opened = folding.opened | {*wanted, *_around(wanted, known)}
    return replace(folding, opened=opened, apart=frozenset(wanted))


def _is_wanted(scope: DiagramScope, choice: Choice) -> bool:
    return scope.kind != "turn" and (scope.path in choice.paths or scope.name in choice.blocks)


def _around(wanted: Sequence[DiagramScope], known: Sequence[DiagramScope]) -> list[DiagramScope]:
    """The scopes that hold more than a wanted one in them; `known` are from the outside in."""
    asked = {*wanted}
    least: dict[DiagramScope, float] = {}
    for scope in reversed(known):
        inner = [least[piece] for piece in scope.pieces if isinstance(piece, DiagramScope)]
        least[scope] = min([*inner, scope.steps if scope in asked else inf])
    return [scope for scope in known if least[scope] < scope.steps]


def _unknown_paths(
    paths: Iterable[str], known: Sequence[DiagramScope]
) -> Iterator[tuple[str, str, Sequence[str]]]:
    """The message, the unknown name, and the known names."""
    names = sorted({scope.path for scope in known if scope.path and scope.kind != "turn"})
    for path in paths:
        if path not in names:
            yield f"there is nothing to expand at `{path}`", path, names


def _unknown_blocks(
    blocks: Iterable[str], known: Sequence[DiagramScope]
) -> Iterator[tuple[str, str, Sequence[str]]]:
    names = sorted({scope.name for scope in known if scope.kind == "block"})
    for block in blocks:
        if block not in names:
            yield f"no block `{block}` is used in this network", block, names


def _refuse(graph: Graph, message: str, name: str, known: Sequence[str]) -> Diagnostic:
    # The mistake lies in the request, so no span of the text is to blame.
    span = whole_of(graph.tree.block.span.source.name)
    return error("E0914", message, span, help=suggestion(name, known) or _listed(known))


def _listed(known: Sequence[str]) -> str:
    """What can be expanded; if there are many, the outermost paths."""
    outermost = [name for name in known if "." not in name]
    shown = ", ".join(outermost[:MOST_LISTED])
    return f"these can be expanded: {shown}" if shown else ""
