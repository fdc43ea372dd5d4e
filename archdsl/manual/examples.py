"""The examples of entries as networks, which are built: what is shown is what was inferred."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from archdsl import driver
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.manual.entries import Entry
from archdsl.ops import OPS
from archdsl.ops.base import Op
from archdsl.shipped import LIBRARY
from archdsl.source import Source
from archdsl.syntax.program import PRELUDE

INPUTS = "abcdefgh"
"""The names of a network's inputs, where an example has several."""
SHAPE = re.compile(r"\[[^\]]*\](?: < [0-9]+)?")
"""A shape in the inputs of an example."""


@dataclass(frozen=True)
class Worked:
    """An example as a spec, and the graph of its network."""

    text: str
    graph: Graph


@cache
def worked(entry: Entry, example: str) -> Worked:
    """An example of an entry, built; raises `ValueError` where it is wrong."""
    text = spec_of(entry, example)
    graphs, diagnostics = driver.check(Source("example.arch", text), finder(LIBRARY))
    if not graphs:
        raise ValueError(f"{text}: {diagnostics}")
    return Worked(text, next(iter(graphs.values())))


def is_of_layers(example: str) -> bool:
    """Whether an example has an input, and is no comparison of numbers."""
    return " | " in example


def spec_of(entry: Entry, example: str) -> str:
    """An example as a spec: `[3, 32, 32] | conv(8, 3) -> [8, 32, 32]` as a network."""
    inputs, _, rest = example.partition(" | ")
    layer, _, output = rest.rpartition(" -> ")
    is_import = entry.kind == "block" and entry.group != PRELUDE
    head = f"from {entry.group} import {entry.name}\n\n" if is_import else ""
    shapes = SHAPE.findall(inputs)
    op = OPS.get(entry.name)
    if op is not None and (entry.kind == "join" or len(shapes) > 1):
        layer = _with_wires(op, layer, len(shapes))
    if op is not None and op.is_bare:
        layer = f"weight: {layer}"
    if op is not None and op.reads_batch_only:
        layer = f"add(identity, {layer})"
    named = [f"{name}: {shape}" for name, shape in zip(INPUTS, shapes, strict=False)]
    given = f"({', '.join(named)})" if len(shapes) > 1 else shapes[0]
    return f"{head}network example: {given} -> {output} = {layer}"


def _with_wires(op: type[Op], layer: str, count: int) -> str:
    """An op that reads so many inputs: those with a keyword come last."""
    keywords = layer.removeprefix(op.name).removeprefix("(").removesuffix(")")
    names = [name for name in op.keyword_branches if f"{name}=true" in keywords]
    wires = [f"@{name}" for name in INPUTS[:count]] if count > 1 else ["identity"]
    branches = wires[: count - len(names)]
    for name, wire in zip(names, wires[len(branches) :], strict=True):
        keywords = keywords.replace(f"{name}=true", f"{name}={wire}")
    if op.arity == 1:
        return f"{branches[0]} -> {op.name}({keywords})"
    return f"{op.name}({', '.join([*branches, *filter(None, [keywords])])})"
