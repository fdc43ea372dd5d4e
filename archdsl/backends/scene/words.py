"""What the boxes of a scene say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archdsl.analysis.layer_costs import Amount, Costs
from archdsl.backends.scene.containers import Container
from archdsl.ops.base import Op
from archdsl.outline.fold import Cell
from archdsl.outline.fuse import main_node
from archdsl.outline.labels import Text, end_of, small_print, text_of
from archdsl.outline.pieces import DiagramScope
from archdsl.outline.reader import Outline
from archdsl.outline.sharing import ONE_SET, is_again, sharing


def cell_of(box: Container, outline: Outline) -> Cell:
    """The box as static figures have it."""
    if box.run is not None:
        return Cell(box.run.pieces, box.run.law, box.run.is_parallel, box.scope)
    return Cell(box.pieces, outline.runs.law(box.pieces), scope=box.scope)


def words(box: Container, outline: Outline) -> Text:
    """The text of a box without its path and its costs; of a network or a label its name alone."""
    cell = cell_of(box, outline)
    piece = box.pieces[0]
    if box.run is None and isinstance(piece, DiagramScope) and piece.call is None:
        text = Text(piece.name)
    else:
        text = text_of(cell, outline.graph, None)
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


def label_of(relative: str, title: str, op: Op | None) -> str:
    """The name of a box within what is around it, where it says more than the title."""
    name = relative.lstrip("^")
    return "" if name in (title, op.name if op else "") else end_of(name)


def op_of(box: Container, outline: Outline) -> Op | None:
    """The op that gives a step its family; None of what holds other boxes."""
    if not box.is_step or isinstance(box.pieces[0], DiagramScope):
        return None
    return outline.graph[main_node(box.pieces[0], outline.graph)].op
