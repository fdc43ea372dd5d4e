"""The picture in Graphviz's own language.

Every column is a cluster without edges to others, so that Graphviz lays it out by itself, and
`packmode` sets them beside each other in this order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from string import ascii_uppercase
from typing import Literal, TypeAlias

import graphviz

from archdsl.backends.diagram.arrange import Page, Part
from archdsl.backends.diagram.escaping import in_label, in_tooltip
from archdsl.backends.diagram.html import box_label, edge_label, frame_label
from archdsl.backends.diagram.measure import BETWEEN, GAP, JOIN, RANK_GAP, box_extent
from archdsl.backends.diagram.pen import Pen
from archdsl.backends.diagram.rooms import frame_side, frame_title
from archdsl.backends.diagram.tooltips import Description, edge_tooltip, loop_tooltip
from archdsl.backends.diagram.view import Box, Edge, View
from archdsl.fonts import FAMILY
from archdsl.outline.measure import LARGE, MARGIN, NORMAL, SMALL
from archdsl.outline.pieces import DiagramScope

Direction: TypeAlias = Literal["TB", "LR"]
FINE, THIN, THICK, HEAVY = 0.5, 0.7, 1.1, 2.4
"""The widths of lines, in points."""
ARROW = 0.45
"""The size of arrow heads, where Graphviz makes them 10 points long."""


@dataclass(frozen=True)
class Style:
    """How a picture is drawn; `width` is how wide it may be, in inches, None for as it comes."""

    pen: Pen
    direction: Direction
    width: float | None


def write(page: Page, heading: str, described: Description, style: Style) -> str:
    """The text of a picture; `heading` is an HTML-like label, empty for none."""
    pen = style.pen
    letters = {"fontname": FAMILY, "fontsize": pen.points(LARGE), "fontcolor": pen.theme.ink}
    lines = {"color": pen.theme.line, "penwidth": pen.points(THIN)}
    graph = graphviz.Digraph(
        described.name,
        graph_attr=letters
        | _graph_attributes(page, heading, style)
        | {"tooltip": in_tooltip(described.sentence)},
        node_attr=letters | lines | {"shape": "box", "style": "filled", "margin": "0"},
        # Every second rank is free for labels: Graphviz forgets to make room for them where it
        # lays out columns by themselves.
        edge_attr=letters
        | lines
        | {"fontsize": pen.points(SMALL), "arrowsize": pen.points(ARROW), "minlen": "2"},
    )
    columns = list(enumerate(page.columns))
    # Graphviz turns a picture to the right, and the first column becomes the lowest row.
    for number, parts in columns if style.direction == "TB" else reversed(columns):
        with graph.subgraph(name=f"cluster_{number}") as cluster:
            cluster.attr(peripheries="0", label="", margin="0", tooltip="")
            _Column(number, pen, style.direction == "LR").fill(cluster, parts)
    return str(graph.source)


def _graph_attributes(page: Page, heading: str, style: Style) -> dict[str, str]:
    pen = style.pen
    attributes = {
        "rankdir": style.direction,
        **({"label": heading, "labelloc": "t", "labeljust": "l"} if heading else {}),
        "bgcolor": pen.theme.paper,
        "nodesep": pen.inches(BETWEEN),
        "ranksep": pen.inches(RANK_GAP / 2),
        "margin": "0",
        "pad": pen.inches(MARGIN),
        "pack": pen.points(GAP),
        "packmode": f"array_it{len(page.columns)}",
    }
    if style.width is not None:
        # Only the width is bounded: no figure is a thousand inches high.
        attributes["size"] = f"{pen.inches(72 * style.width)},{pen.inches(72_000)}"
    return attributes


@dataclass(frozen=True)
class _Column:
    """Writes what stands in one column, into its cluster."""

    number: int
    pen: Pen
    is_level: bool

    def fill(self, graph: graphviz.Digraph, parts: Sequence[Part]) -> None:
        """Write parts one below another."""
        for index, part in enumerate(parts):
            if part.view.is_inset:
                with graph.subgraph(name=f"cluster_{self._name(index)}") as frame:
                    frame.attr(**self._frame([part.view.name], part.view.tooltip))
                    self._part(frame, part, self._name(index))
            else:
                self._part(graph, part, self._name(index))
        for index, (above, below) in enumerate(pairwise(parts)):
            # An edge that nobody sees keeps the parts in their order.
            last = f"{self._name(index)}_{above.stop - 1}"
            graph.edge(last, f"{self._name(index + 1)}_{below.start}", style="invis", minlen="4")

    def _name(self, index: int) -> str:
        return f"c{self.number}_{index}"

    def _part(self, graph: graphviz.Digraph, part: Part, name: str) -> None:
        inside = range(part.start, part.stop)
        self._framed(graph, part.view, name, inside, 0)
        for index in inside:
            self._loop(graph, f"{name}_{index}", part.view.boxes[index])
        for edge in part.view.edges:
            if edge.target in inside:
                source = edge.source if edge.source in inside else "before"
                attributes = self._edge(edge, part.view)
                graph.edge(f"{name}_{source}", f"{name}_{edge.target}", **attributes)
        self._connectors(graph, part, name)

    def _connectors(self, graph: graphviz.Digraph, part: Part, name: str) -> None:
        """The letters where a picture continues in the next column."""
        if part.start > 0:
            self._letter(graph, f"{name}_before", self.number)
        leaving = [edge for edge in part.view.edges if edge.source < part.stop <= edge.target]
        if leaving:
            self._letter(graph, f"{name}_after", self.number + 1)
            graph.edge(f"{name}_{leaving[0].source}", f"{name}_after", tooltip=_tooltip(leaving[0]))

    def _framed(
        self, graph: graphviz.Digraph, view: View, name: str, indices: Sequence[int], depth: int
    ) -> None:
        """Write boxes, those in a frame within that."""

        def frame(index: int) -> DiagramScope | None:
            around = view.boxes[index].around
            return around[depth] if depth < len(around) else None

        for scope, group in groupby(indices, frame):
            inner = list(group)
            if scope is None:
                for index in inner:
                    graph.node(f"{name}_{index}", **self._box(view.boxes[index]))
            else:
                with graph.subgraph(name=f"cluster_{name}_{inner[0]}_{depth}") as cluster:
                    title = frame_title(scope, view, self.is_level)
                    side = "left" if self.is_level else frame_side(scope, view)
                    style = "rounded,dotted" if scope in view.again else "rounded"
                    cluster.attr(**self._frame(title, view.tooltips[scope], side, style))
                    self._framed(cluster, view, name, inner, depth + 1)

    def _frame(
        self, title: Sequence[str], tooltip: str, side: str = "left", style: str = "rounded"
    ) -> dict[str, str]:
        return {
            "label": frame_label(title, side),
            "tooltip": in_tooltip(tooltip),
            "labelloc": "t",
            "labeljust": side[0],
            "fontsize": self.pen.points(NORMAL),
            "peripheries": "1",
            "style": style,
            "color": self.pen.theme.faint,
            "penwidth": self.pen.points(FINE),
            "margin": self.pen.points(MARGIN),
        }

    def _box(self, box: Box) -> dict[str, str]:
        if box.is_join:
            fill, width = self.pen.theme.fills[box.family], box_extent(box).width
            return self._circle(box.text.title, fill, box.tooltip, width)
        if box.is_end:
            plain = {"shape": "plain", "style": "", "label": in_label(box.text.title)}
            if box.room:
                # A shape that is plain is as wide as its text.
                plain |= {"shape": "plaintext", "width": self.pen.inches(box_extent(box).width)}
                plain |= {"height": self.pen.inches(box_extent(box).height)}
            size, tooltip = self.pen.points(NORMAL), in_tooltip(box.tooltip)
            return {**plain, "fontsize": size, "tooltip": tooltip}
        theme, extent = self.pen.theme, box_extent(box)
        is_step = box.family in theme.fills
        style = ["filled", *["rounded"] * is_step, *["dashed"] * box.training_only]
        style += ["dotted"] * (box.is_again and not box.training_only)
        attributes = {
            "label": box_label(box, self.pen),
            "fillcolor": theme.fills[box.family] if is_step else theme.block,
            "width": self.pen.inches(extent.width),
            "height": self.pen.inches(extent.height),
            "tooltip": in_tooltip(box.tooltip),
            "style": ",".join(style),
        }
        if box.repeats or not is_step:
            attributes["penwidth"] = self.pen.points(HEAVY if box.repeats else THICK)
        return attributes

    def _circle(self, label: str, fill: str, tooltip: str, width: float = JOIN) -> dict[str, str]:
        return {
            "label": in_label(label),
            "tooltip": in_tooltip(tooltip),
            "shape": "circle" if width == JOIN else "ellipse",
            "fixedsize": "true",
            "width": self.pen.inches(width),
            "height": self.pen.inches(JOIN),
            "fontsize": self.pen.points(NORMAL),
            "fillcolor": fill,
        }

    def _edge(self, edge: Edge, view: View) -> dict[str, str]:
        attributes = {"tooltip": _tooltip(edge)}
        if edge.is_skip:
            # The chain stays straight, and what passes it bends.
            attributes |= {"color": self.pen.theme.skip, "penwidth": self.pen.points(THICK)}
        elif edge.training_only:
            attributes["style"] = "dashed"
        else:
            attributes["weight"] = str(_weight(edge, view))
        if view.tells(edge):
            attributes["label"] = edge_label(edge.lines, self.pen.theme.faint, self.pen)
        return attributes

    def _loop(self, graph: graphviz.Digraph, node: str, box: Box) -> None:
        """The skips that a folded box hides, as a loop next to it."""
        if box.skips:
            color = self.pen.theme.skip
            label = edge_label([" ".join(box.skips)], color, self.pen)
            tooltip, width = in_tooltip(loop_tooltip(box.skips)), self.pen.points(THICK)
            graph.edge(node, node, label=label, color=color, penwidth=width, tooltip=tooltip)

    def _letter(self, graph: graphviz.Digraph, node: str, number: int) -> None:
        letter = ascii_uppercase[number - 1]
        graph.node(
            node, **self._circle(letter, self.pen.theme.block, f"goes on at the other {letter}")
        )


def _tooltip(edge: Edge) -> str:
    return in_tooltip(edge_tooltip(edge.shapes, edge.is_skip, edge.training_only))


def _weight(edge: Edge, view: View) -> int:
    """How much an edge wants to be short: branches begin side by side, and wait at the end.

    Graphviz wants frames to be narrow with a weight of 128, and an edge with a label to be straight
    with twice the edge's own.
    """
    if len(view.feeds[edge.source]) > 1:
        return 90
    return 70 if view.boxes[edge.target].is_join else 80
