"""Imports the code of every shipped network, and compares what comes back with its spec.

Usage: `python -m tools.round_trip [-o FILE] [PATTERN…]`, with patterns of network names. The code
is made on the meta device, so nothing is computed: the graph of the text must be the graph of the
network, with the same ops, edges and keys. The table has the tokens of the text beside those of the
part of the hand-written file that the network uses, and how many of its blocks the text has by
name. In FILE rows that are there already are kept, so that a run can be taken up again;
`benchmarks/round_trips.md` is all of them.
"""

from __future__ import annotations

import re
import warnings
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from hashlib import sha256
from math import prod
from pathlib import Path

import torch

from archdsl import driver
from archdsl.contracts import contract
from archdsl.examples import empty_inputs, sized
from archdsl.files import finder
from archdsl.findings import Findings
from archdsl.graph import Graph
from archdsl.importing.model import shaped
from archdsl.importing.refusal import Refusal
from archdsl.ops.base import Op, Shape
from archdsl.ops.rearrange import Rearrange
from archdsl.runtime import instantiate
from archdsl.shipped import LIBRARY, networks, path_of
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.program import PRELUDE_KEY, Program
from tests.helpers.tokens import tokens_of

MORE = 40
"""How much larger an open size is than its least value."""


@dataclass(frozen=True)
class Size:
    """A text: how many tokens it has, and the blocks that are declared or used in it."""

    tokens: int
    blocks: frozenset[str]


EMPTY = Size(0, frozenset())


@dataclass(frozen=True)
class Trip:
    """What came back of a network: why its graph is another, and the sizes of both texts."""

    module: str
    name: str
    fault: str
    spec: str = ""
    written: Size = EMPTY
    text: Size = EMPTY

    def row(self) -> str:
        """The row of the table."""
        if self.fault:
            return f"| {self.module}:{self.name} | {self.fault[:150]} | | | | |"
        ratio = self.text.tokens / self.written.tokens
        known = f"{len(self.written.blocks & self.text.blocks)} of {len(self.written.blocks)}"
        return (
            f"| {self.module}:{self.name} | same | {self.text.tokens} | {self.written.tokens}"
            f" | {ratio:.2f} | {known} |"
        )


def called(patterns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The module and the name of the shipped networks that some patterns name."""
    for name, modules in sorted(networks().items(), key=lambda each: each[1]):
        for module in modules:
            if any(fnmatch(name, each) for each in patterns or ["*"]):
                yield module, name


def trip(module: str, name: str) -> Trip:
    """What comes back of a shipped network."""
    path = path_of(module)
    source = Source(path.name, path.read_text(encoding="utf-8"))
    find = finder(path.parent)
    findings = Findings(source, find, name)
    graph = findings.graphs[name]
    known = contract(graph)
    sizes = {each: _size(least, known.most.get(each)) for each, least in known.least.items()}
    shapes = [sized(shape, sizes) for shape in known.inputs.values()]
    code, _ = driver.compile(source, find, name)
    assert code is not None
    try:
        with torch.device("meta"):
            model = instantiate(code, name)
            text = shaped(model, empty_inputs(shapes, 2), name)
    except Refusal as refusal:
        return Trip(module, name, refusal.message)
    made = Findings(Source("imported.arch", text), finder(LIBRARY))
    at_sizes = driver.at({name: graph}, sizes)[0][name]
    (other,) = made.graphs
    fault = difference(at_sizes, made.graphs[other])
    return Trip(
        module, name, fault, text, size_of(findings.program, name), size_of(made.program, other)
    )


def _size(least: int, most: int | None) -> int:
    return least + MORE if most is None else min(most, least + MORE)


def difference(graph: Graph, other: Graph) -> str:
    """The first difference of two graphs; empty for equal ones."""
    keys: dict[object, int] = {}
    forms, others = _forms(graph, keys), _forms(other, keys)
    for node in graph:
        if forms[node.id] not in others.values():
            return f"the text has no `{node}`"
    for node in other:
        if forms.get(node.id) is not None and others[node.id] not in forms.values():
            return f"the text has `{node}`"
    ends = [
        [f[port.node] for port in g.outputs.values()] for g, f in ((graph, forms), (other, others))
    ]
    return "" if ends[0] == ends[1] else "the results are in another order"


def _forms(graph: Graph, keys: dict[object, int]) -> dict[int, int]:
    """A number for what every node computes; two numbers are added in any order."""
    found: dict[int, int] = {}
    inputs = [port.node for port in graph.inputs.values()]
    for node in graph:
        below = [found[port.node] for port in node.read]
        if node.op is not None and node.op.name == "dropout" and not node.op.p:  # type: ignore[attr-defined]
            found[node.id] = below[0]
            continue
        if node.op is None:
            key: object = ("input", inputs.index(node.id))
        else:
            shapes = graph.input_shapes(node)
            below = sorted(below) if node.op.name in ("add", "mul") else below
            path = node.path if node.op.has_weights(*shapes) else ""
            key = (node.op.name, _settings(node.op, shapes), path, tuple(below))
        found[node.id] = keys.setdefault(key, len(keys))
    return found


def _settings(op: Op, shapes: Sequence[Shape]) -> object:
    """What an op's code says, without how its weights start.

    Equal numbers for all axes are one, and `2.0` is 2; of a pattern it matters where numbers go.
    """
    if isinstance(op, Rearrange):
        return _moves(op, shapes[0])
    usual = op.defaults()
    named = {name: getattr(op, name) for name in op.parameters() if "init" not in name}
    named = {n: usual[n] if _is_all(v, usual.get(n)) else v for n, v in named.items()}
    if usual.get("stride", 1) is None and named["stride"] == named["kernel"]:
        # A pool's stride is its window where it says none.
        named["stride"] = None
    text = re.sub(r"(\d)\.0\b", r"\1", type(op)(**named).module_text(*shapes))
    return re.sub(r"\[(\d+)(?:, \1)+\]", r"\1", text)


def _moves(op: Rearrange, shape: Shape) -> object:
    """Where every number of a tensor goes: patterns can say the same in several ways."""
    sides = op.arrangement
    factors: list[int] = []
    for item, size in zip(sides.before.items, shape.sizes, strict=True):
        known = {name: getattr(op, name) for name in item if name in op.sizes}
        rest = size // prod(known.values())  # type: ignore[operator]
        factors += [known.get(name, rest) for name in item]
    numbers = torch.arange(prod(factors), device="cpu").reshape(factors)
    moved = numbers.permute([place - 1 for place in sides.order[1:]])
    return op.output(shape), sha256(moved.contiguous().numpy()).hexdigest()


def _is_all(value: object, usual: object) -> bool:
    """Whether a parameter is its default along every axis."""
    return isinstance(value, tuple) and all(each == usual for each in value)


def size_of(program: Program, network: str) -> Size:
    """The part of a program that a network uses; of the library only the names of its blocks."""
    known = _declared(program)
    waiting, reached = [network], {network}
    tokens = 0
    blocks: set[str] = set()
    while waiting:
        name = waiting.pop()
        declaration, is_library = known[name]
        lexemes = tokens_of(declaration.text)
        tokens += 0 if is_library else len(lexemes)
        if declaration.is_block and name != network:
            blocks.add(name)
        further = {str(each) for each in lexemes} & known.keys() - reached
        reached |= further
        waiting += sorted(further)
    return Size(tokens + _defaults(program, reached), frozenset(blocks))


@dataclass(frozen=True)
class _Declared:
    text: str
    is_block: bool


def _declared(program: Program) -> dict[str, tuple[_Declared, bool]]:
    """The declarations by name, and whether the library has them; the main file comes last."""
    found = {}
    for module in program.modules.values():
        is_library = module.key == PRELUDE_KEY or (LIBRARY / Path(module.key).name).exists()
        for each in module.file.declarations:
            if isinstance(each, ast.Let | ast.BlockDeclaration):
                text = module.file.source.text[each.span.start : each.span.end]
                is_block = isinstance(each, ast.BlockDeclaration)
                found[each.name.name] = _Declared(text, is_block), is_library
    return found


def _defaults(program: Program, reached: set[str]) -> int:
    """The tokens of the defaults of a file."""
    file = program.file
    return sum(
        len(tokens_of(file.source.text[each.span.start : each.span.end]))
        for each in file.declarations
        if isinstance(each, ast.Default)
    )


def sums(rows: Sequence[str]) -> str:
    """What rows come to."""
    same = [cells for row in rows if (cells := [*map(str.strip, row.split("|"))])[2] == "same"]
    short = sum(float(cells[5]) <= 1.2 for cells in same)
    named = sum(len({*cells[6].split(" of ")}) == 1 for cells in same)
    return (
        f"{len(same)} of {len(rows)} have the same graph, {short} of these in at most 1.2 times"
        f" the tokens, {named} with all blocks of the author"
    )


HEAD = f"| network | graph | tokens | by hand | ratio | blocks by name |\n|{'---|' * 6}\n"


def main() -> None:
    """Print a table, or write it."""
    parser = ArgumentParser()
    parser.add_argument("-o", type=Path, metavar="FILE", help="write the table, and take it up")
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    before = given.o.read_text(encoding="utf-8") if given.o and given.o.exists() else ""
    rows = [row for row in before.splitlines() if row.startswith("| ") and ":" in row]
    for module, name in called(given.patterns):
        if not any(row.startswith(f"| {module}:{name} |") for row in rows):
            rows.append(trip(module, name).row())
            print(rows[-1], flush=True)
            if given.o:
                given.o.write_text("\n".join([*rows, ""]), encoding="utf-8")
    print(sums(rows))
    if given.o:
        given.o.write_text(document(rows), encoding="utf-8")


def document(rows: Sequence[str]) -> str:
    """The file of all rows."""
    today = datetime.now(UTC).date()
    text = (
        "# What comes back of the shipped networks\n\nTheir generated code, imported"
        f" (`python -m tools.round_trip -o FILE`), {today}.\n{sums(rows)}.\n\n"
    )
    return text + HEAD + "\n".join([*sorted(rows), ""])


if __name__ == "__main__":
    main()
