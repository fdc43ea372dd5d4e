"""A long search: random edits, the analysis after each compared with one from scratch.

usage: python -m tools.random_edits [--seeds 0:500] [--edits 10] [--only FOLDER]

A seed chooses a spec and the edits of it, the same in every run. Prints a line per difference, and
how many edits were compared. Exit code 1 if there was one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice

import archdsl
from archdsl.diagnostics import Diagnostic
from archdsl.editor.analysis import Analysis
from archdsl.graph import Graph
from archdsl.render import as_data
from archdsl.source import Span
from archdsl.tree import CallNode, children
from tools.edits import Texts, edits, opened, specs

EVERY = 500
"""After so many edits, it says how far it is."""


def main(arguments: Sequence[str]) -> int:
    """Run the search."""
    options = _options(arguments)
    first, last = map(int, options.seeds.split(":"))
    start, compared, different = time.process_time(), 0, 0
    for seed in range(first, last):
        for differing in differences(seed, options.edits, options.only):
            compared += 1
            if not compared % EVERY:
                print(f"{compared} edits, up to seed {seed}", flush=True)
            if differing:
                different += 1
                print(f"seed {seed}, edit {compared}: {', '.join(differing)} differ", flush=True)
                break
    seconds = time.process_time() - start
    print(
        f"{compared} edits compared in {seconds:.0f} s of CPU, {different} seeds with a difference"
    )
    return min(different, 1)


def differences(seed: int, count: int, only: str = "") -> Iterator[list[str]]:
    """After each of a seed's edits, the parts of the analysis that are not as from scratch."""
    chance = random.Random(seed)  # noqa: S311
    path = chance.choice([path for path in specs() if only in str(path)])
    texts = opened(path, chance)
    analysis = analysed(texts)
    _told(analysis)
    for edited in islice(edits(texts, chance), count):
        analysis = analysed(edited, analysis)
        told, anew = _told(analysis), _told(analysed(edited))
        yield [part for part in anew if told[part] != anew[part]]


def analysed(texts: Texts, previous: Analysis | None = None) -> Analysis:
    """The analysis of a text and its imports."""
    modules = {name: text for name, text in texts.items() if name}
    return archdsl.analyse(texts[""], modules=modules, previous=previous)


def _told(analysis: Analysis) -> dict[str, object]:
    """All that an analysis says, each part as a value that can be compared."""
    return {
        "diagnostics": [as_data(each) for each in analysis.diagnostics],
        "fixes": [fix for each in analysis.diagnostics for fix in _fixes(each)],
        "networks": [*analysis.networks],
        "graphs": {name: str(graph) for name, graph in analysis.graphs.items()},
        "places": {name: [*_places(graph)] for name, graph in analysis.graphs.items()},
        "hints": [(_place(each.span), each.text) for each in analysis.hints],
        "definitions": [(repr(each), _place(each.span)) for each in analysis.definitions],
        "references": [
            (repr(each), _place(each.span), _place(each.definition.span))
            for each in analysis.references
        ],
    }


def _fixes(diagnostic: Diagnostic) -> Iterator[object]:
    for fix in diagnostic.fixes:
        yield fix.title, [(_place(edit.span), edit.text) for edit in fix.edits]


def _places(graph: Graph) -> Iterator[object]:
    """The places in a network and its tree."""
    yield from (_place(node.span) for node in graph)
    waiting = [graph.tree.body]
    while waiting:
        node = waiting.pop()
        yield node.site and _place(node.site)
        if isinstance(node, CallNode):
            yield _place(node.instance.block.span), node.instance.block.doc
            waiting.append(node.instance.body)
        else:
            waiting += children(node)


def _place(span: Span) -> tuple[str, int, int, object]:
    return span.source.name, span.start, span.end, span.range


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.random_edits")
    parser.add_argument("--seeds", default="0:500")
    parser.add_argument("--edits", type=int, default=10)
    parser.add_argument("--only", default="")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
