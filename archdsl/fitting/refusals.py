"""Why a question has no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archdsl.analysis.pixels import example, input_text, usual_sizes
from archdsl.analysis.segments import blocks_of
from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic, both, error, several, suggestion
from archdsl.graph import Graph
from archdsl.source import whole_of


class Unanswered(Exception):
    """A question has no answer; `diagnostics` say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(diagnostics)
        self.diagnostics = list(diagnostics)


def not_numbers(graph: Graph, names: Sequence[str], numbers: Mapping[str, object]) -> Unanswered:
    """Parameters that are not there, or that are no numbers; the message lists those that are."""
    own = {each.name for each in graph.tree.block.parameters}
    known = [*numbers]
    listed = f"those that are numbers are {several(known)}" if known else "none is a number"
    found = []
    for name in names:
        if name in own:
            message = f"`{name}` of `{graph.name}` is no number, and cannot be varied"
        else:
            message = f"`{graph.name}` has no parameter `{name}`"
        help = both("" if name in own else suggestion(name, known), listed)
        found.append(error("E0953", message, whole_of("--vary"), help=help))
    return Unanswered(*found)


def no_range(name: str, default: Value) -> Unanswered:
    """A range cannot be found by doubling nothing."""
    message = f"no range can be found for `{name}`, whose default is {default}"
    help = f"give one: `--vary {name}=LOW..HIGH`"
    return Unanswered(error("E0953", message, whole_of("--vary"), help=help))


def unmeasured(graph: Graph, option: str, reason: str, help: str = "") -> Unanswered:
    """A figure is no number, as of a network with a class of others."""
    message = f"the figure of `{graph.name}` is {reason}"
    return Unanswered(error("E0955", message, whole_of(option), help=help))


def open_sizes(graph: Graph, option: str, formula: str) -> Unanswered:
    """A figure is a formula of open sizes."""
    shape = input_text(graph, usual_sizes(graph))
    help = f"give the sizes: `--at {example(graph)}` makes the input {shape}"
    return unmeasured(graph, option, f"a formula of open sizes: {formula}", help)


def too_many(count: int, most: int, why: str) -> Unanswered:
    """More combinations than are tried."""
    message = f"{count:,} combinations of values are too many{why}"
    help = f"at most {most:,} are tried: narrow the ranges, or make the steps larger"
    return Unanswered(error("E0956", message, whole_of("--vary"), help=help))


def infeasible(message: str, help: str) -> Unanswered:
    """No value meets the targets."""
    return Unanswered(error("E0954", message, whole_of("fit"), help=help))


def no_block(graph: Graph, names: Sequence[str]) -> Unanswered:
    """Blocks to recompute that the network does not apply."""
    known = blocks_of(graph)
    listed = f"its blocks are {several(known)}" if known else "it has no blocks"
    return Unanswered(
        *[
            error(
                "E0957",
                f"`{graph.name}` applies no block `{name}`",
                whole_of("--checkpoint"),
                help=both(suggestion(name, known), listed),
            )
            for name in names
        ]
    )
