"""Shrinks failing specs: drops parts as long as the spec fails in the same way.

usage: python -m tools.smaller FILE…            prints the smallest spec found for each
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.parser import parse
from archdsl.syntax.walk import children, descendants
from archdsl.testing import Spec
from archdsl.testing.specs import foreign
from tools.outcomes import FINE, REFUSED, judged

ATOMS = (ast.Name, ast.Number, ast.Boolean, ast.String, ast.Wire, ast.Call, ast.List)
SIMPLEST = ("identity", "relu", "conv(8, 3)")
MOST_ROUNDS = 8
EXTERNS = frozenset([foreign.MODULE])
SETS_OF_ARGUMENTS = 15
"""Argument sets tried per spec: a small spec may fail for other arguments than a large one."""


def smaller(text: str, fails: Callable[[str], bool]) -> str:
    """A part of a failing text that still fails, and from which nothing more can be dropped."""
    for _ in range(MOST_ROUNDS):
        before = text
        text = _round(text, fails)
        if text == before:
            break
    return text


def _round(text: str, fails: Callable[[str], bool]) -> str:
    """Try every change once, the largest first; start again after one that helps."""
    tried: set[str] = set()
    found = True
    while found:
        found = False
        for shorter in sorted({tidy(each) for each in _changed(text)} - tried, key=len):
            tried.add(shorter)
            if len(shorter) < len(text) and fails(shorter):
                text, found = shorter, True
                break
    return text


def _changed(text: str) -> Iterator[str]:
    file, _ = parse(Source("spec.arch", text))
    for declaration in file.declarations:
        yield _replaced(text, declaration.span, "")
        for node in descendants(declaration):
            for span, other in _changes(node):
                yield _replaced(text, span, other)


def tidy(text: str) -> str:
    """A text without unused parameters of networks."""
    file, _ = parse(Source("spec.arch", text))
    for block in reversed(file.declarations):
        if isinstance(block, ast.BlockDeclaration) and block.is_network and block.parameters:
            read = {node.name for node in descendants(block.body) if isinstance(node, ast.Name)}
            rest = [each.span.text for each in block.parameters if each.name.name in read]
            place = Span(block.span.source, block.name.span.end, _end_of_parameters(block))
            text = _replaced(text, place, f"({', '.join(rest)})" if rest else "")
    return text


def _replaced(text: str, span: Span, other: str) -> str:
    return text[: span.start] + other + text[span.end :]


def _changes(node: ast.SyntaxNode) -> Iterator[tuple[Span, str]]:
    """Places in the text of a node, and possible replacements."""
    match node:
        case ast.Chain(links=links):
            for rest in _without_one(links):
                yield node.span, " -> ".join(each.span.text for each in rest)
        case ast.List(items=items) if items:
            for rest in _without_one(items):
                yield node.span, f"[{', '.join(each.span.text for each in rest)}]"
        case ast.Call(callee=callee, arguments=arguments):
            for rest in _without_one(arguments):
                given = ", ".join(each.span.text for each in rest)
                yield node.span, f"{callee.span.text}({given})" if given else callee.span.text
        case ast.BlockDeclaration(parameters=parameters, name=name) if parameters:
            place = Span(node.span.source, name.span.end, _end_of_parameters(node))
            for rest in _without_one(parameters):
                listed = ", ".join(each.span.text for each in rest)
                yield place, f"({listed})" if listed else ""
    yield from _parts(node)


def _without_one(items: Sequence[ast.SyntaxNode]) -> Iterator[list[ast.SyntaxNode]]:
    for place in range(len(items)):
        yield [*items[:place], *items[place + 1 :]]


def _end_of_parameters(block: ast.BlockDeclaration) -> int:
    text = block.span.source.text
    last = block.parameters[-1].span.end
    return text.index(")", last) + 1


def _parts(node: ast.SyntaxNode) -> Iterator[tuple[Span, str]]:
    """An expression replaced by a part of it, or by something simple."""
    if isinstance(
        node,
        ast.BlockDeclaration | ast.ParameterDeclaration | ast.Argument | ast.Signature | ast.Label,
    ):
        return
    for child in children(node):
        part = child.value if isinstance(child, ast.Argument) else child
        text = part.span.text
        yield node.span, text if isinstance(part, ATOMS) else f"({text})"
    if not isinstance(node, ATOMS[:-2]):
        yield from ((node.span, text) for text in SIMPLEST)
    if isinstance(node, ast.Arithmetic | ast.Conditional | ast.Index):
        yield node.span, "8"


def outcome(text: str) -> tuple[str, str]:
    """The name of a text's outcome, and a message; the layers of random specs may be used."""
    name, message, *_ = judged(Spec(text, externs=EXTERNS), SETS_OF_ARGUMENTS)
    return name, message


def mark(text: str) -> tuple[str, str]:
    """How a spec fails; errors without a code are identified by their message."""
    name, message = outcome(text)
    if name not in ("traceback", "E0901", "E0904", "does not run"):
        return name, ""
    lines = message.split("help:")[0]
    return name, re.sub(r"\w*\d\w*|`[^`]*`|'[^']*'|(?m:^.*\|.*$)|[A-Z]\w+\.", "", lines)[:80]


def main(files: Sequence[str]) -> None:
    """Print the smallest failing part of every spec."""
    for file in files:
        text = Path(file).read_text(encoding="utf-8")
        text = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
        wanted = mark(text)
        if wanted[0] in (FINE, REFUSED):
            print(f"# {file}: {wanted[0]}\n")
            continue
        result = smaller(text, lambda other, wanted=wanted: mark(other) == wanted)
        name, message = outcome(result)
        print(
            f"# {file}: {name}: {' '.join(message.split())[:300]}\n{result.strip()}\n", flush=True
        )


if __name__ == "__main__":
    main(sys.argv[1:])
