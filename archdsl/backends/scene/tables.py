"""Tables of a scene: whatever is equal is written once, and referred to by its number."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Generic, TypeVar

from archdsl.analysis.layer_costs import Amount, Costs
from archdsl.fonts import text_width
from archdsl.graph import Node
from archdsl.ops.base import Shape
from archdsl.ops.base import shape_text as exact_text
from archdsl.outline.labels import shape_text
from archdsl.outline.measure import SMALL
from archdsl.source import Source, Span
from archdsl.tree import Block

EXACT = 2**53
"""Programs that read JSON keep whole numbers below this one exactly."""

Row = TypeVar("Row", bound=Hashable)


class Table(Generic[Row]):
    """Rows in the order in which they were first seen."""

    def __init__(self) -> None:
        self._numbers: dict[Row, int] = {}

    def number(self, row: Row) -> int:
        """The number of a row, which is added if it is new."""
        return self._numbers.setdefault(row, len(self._numbers))

    @property
    def rows(self) -> list[Row]:
        """All rows, by their numbers."""
        return [*self._numbers]


class Tables:
    """The tables of a scene."""

    def __init__(self) -> None:
        # Whatever is asked for stays alive as long as its graph, so it is known by its identity.
        self._known_ops: dict[tuple[int, bool], int] = {}
        self._known_shapes: dict[int, int] = {}
        self._known_spans: dict[int, int] = {}
        self._known_widths: dict[str, float] = {}
        self.defs: Table[tuple[Any, ...]] = Table()
        self.ops: Table[tuple[Any, ...]] = Table()
        self.shapes: Table[tuple[str, str, float]] = Table()
        self.spans: Table[tuple[int, int, int, int]] = Table()
        self.blocks: Table[tuple[str, str, int]] = Table()
        self.files: Table[tuple[str, bool, str]] = Table()

    def file(self, source: Source) -> int:
        """A text: its name, whether it is of the library, and what it says."""
        return self.files.number((source.name, source.is_library, source.text))

    def shape(self, shape: Shape) -> int:
        """A shape as figures write it, as the language does, and the width of the former."""
        known = self._known_shapes.get(id(shape))
        if known is None:
            shown = shape_text(shape)
            row = shown, exact_text(shape), round(text_width(shown, SMALL), 1)
            known = self._known_shapes[id(shape)] = self.shapes.number(row)
        return known

    def shape_of_both(self, one: int, other: int) -> int:
        """The shape of a tensor that two networks have: one, or both where they differ."""
        if one == other:
            return one
        (shown, exact, _), (shown_too, exact_too, _) = (
            self.shapes.rows[one],
            self.shapes.rows[other],
        )
        text = f"{shown} | {shown_too}"
        row = text, f"{exact} | {exact_too}", round(text_width(text, SMALL), 1)
        return self.shapes.number(row)

    def op(self, node: Node, costs: Costs) -> int:
        """An op: its text, family, shapes in, shape out, parameters, MACs, and when it is there."""
        key = id(costs.of(node)), node.training_only
        known = self._known_ops.get(key)
        if known is None:
            known = self._known_ops[key] = self.ops.number(self._op(node, costs))
        return known

    def _op(self, node: Node, costs: Costs) -> tuple[Any, ...]:
        assert node.op is not None
        layer, shapes = costs.of(node), costs.graph.input_shapes(node)
        return (
            str(node.op),
            node.op.family,
            tuple(map(self.shape, shapes)),
            self.shape(node.shape),
            self.count(layer.params),
            self.count(layer.macs),
            node.training_only + 2 * node.again,
        )

    def span(self, span: Span) -> int:
        """A place in a text: the file, line and column from 1, and the length on that line."""
        known = self._known_spans.get(id(span))
        if known is None:
            line = span.source.line(span.line) if span.source.text else ""
            length = min(span.end - span.start, max(0, len(line) - span.column + 1))
            row = self.file(span.source), span.line, span.column, length
            known = self._known_spans[id(span)] = self.spans.number(row)
        return known

    def width(self, label: str) -> float:
        """The width of small print, in points."""
        known = self._known_widths.get(label)
        if known is None:
            known = self._known_widths[label] = round(text_width(label, SMALL), 1)
        return known

    def block(self, block: Block) -> int:
        """A declaration: its name, its comment, and where it is."""
        return self.blocks.number((block.name, block.doc, self.span(block.span)))

    @staticmethod
    def count(count: Amount) -> int | str:
        """A number; as text if it has symbols, is unknown, or is too large for other languages."""
        if not isinstance(count, int):
            return str(count)
        return count if count < EXACT else f"{count:,}"
