"""What the boxes of a scene say."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from archdsl.analysis.layer_costs import Amount, Costs
from archdsl.backends.scene.containers import Container
from archdsl.backends.scene.fields import arguments_of
from archdsl.ops.base import Op
from archdsl.outline.common import block_of, by_block
from archdsl.outline.fold import Cell
from archdsl.outline.fuse import main_node
from archdsl.outline.labels import LONGEST_LINE, Text, end_of, number_text, small_print, text_of
from archdsl.outline.pieces import DiagramScope
from archdsl.outline.reader import Outline
from archdsl.outline.sharing import ONE_SET, is_again, sharing


def cell_of(box: Container, outline: Outline) -> Cell:
    """The box as static figures have it."""
    if box.run is not None:
        return Cell(box.run.pieces, box.run.law, box.run.is_parallel, box.scope)
    return Cell(box.pieces, outline.runs.law(box.pieces), scope=box.scope)


Shared: TypeAlias = "Mapping[Hashable, frozenset[str] | None]"
"""What all boxes of a block say alike, by blocks: none needs to say it."""


def said_alike(*networks: tuple[Outline, Container]) -> Shared:
    """What all boxes of a block say alike in some networks, one of which is shown with another."""
    return by_block([cell for each in networks for cell in _cells_of_blocks(*each)])


def _cells_of_blocks(outline: Outline, top: Container) -> Iterator[Cell]:
    """The boxes of blocks in a network, of those with equal arguments the first."""
    known: set[object] = set()
    waiting = [*top.children]
    while waiting:
        box = waiting.pop()
        waiting += box.children
        key = arguments_of(box) or box
        if not box.is_step and key not in known:
            known.add(key)
            yield cell_of(box, outline)


def words(box: Container, outline: Outline, alike: Shared) -> Text:
    """The text of a box without its path and its costs; of a network or a label its name alone."""
    cell = cell_of(box, outline)
    piece = box.pieces[0]
    if box.run is None and isinstance(piece, DiagramScope) and piece.call is None:
        text = Text(piece.name)
    else:
        shared = alike.get(block_of(cell))
        says_more = shared is not None and not shared.issuperset(cell.law.shared)
        text = text_of(cell, outline.graph, shared if says_more else None)
    shares = sharing(cell, outline.costs)
    return replace(text, lines=(*text.lines, *[shares] * bool(shares)))


def shares_weights(box: Container, costs: Costs) -> bool:
    """Whether all weights of a box are those of another."""
    return is_again(box.nodes, costs)


def has_one_set(box: Container, outline: Outline) -> bool:
    """Whether the copies on a card have one set of weights."""
    return sharing(cell_of(box, outline), outline.costs) == ONE_SET


def costs_text(costs: Sequence[Amount]) -> str:
    """Parameters and MACs as small print has them: `9.54 K · 118 M`."""
    return "".join(small_print("", costs))


def totals_text(parameters: Amount, multiplications: Amount) -> str:
    """The totals of a network: `25.6 M parameters · 4.09 G MACs`; what is too long is left out."""
    told = {"parameters": number_text(parameters), "MACs": number_text(multiplications)}
    short = {name: text for name, text in told.items() if len(text) <= LONGEST_LINE}
    return " · ".join([f"{text} {name}" for name, text in short.items()])


def label_of(relative: str, title: str, op: Op | None) -> str:
    """The name of a box within what is around it, where it says more than the title."""
    name = relative.lstrip("^").removeprefix(".")
    return "" if name in (title, op.name if op else "") else end_of(name)


def op_of(box: Container, outline: Outline) -> Op | None:
    """The op that gives a step its family; None of what holds other boxes."""
    if not box.is_step or isinstance(box.pieces[0], DiagramScope):
        return None
    return outline.graph[main_node(box.pieces[0], outline.graph)].op
