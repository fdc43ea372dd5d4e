"""Every name that a spec may use without declaring it, with what it says of itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from archdsl.ops import OPS
from archdsl.ops.base import Op
from archdsl.ops.initializers import SCHEMES, Scheme
from archdsl.ops.parameters import Initializer, shown
from archdsl.resolve.words import COMPOSING, IDENTITY, NUMBERS, Function
from archdsl.shipped import LIBRARY, SUFFIX
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse
from archdsl.syntax.program import PRELUDE
from archdsl.syntax.walk import descendants

COMPUTED = "…"
"""Stands for a default that follows from the other arguments."""
EXAMPLE = re.compile(r"# (\[.*\| .*)")
EXPONENT = re.compile("e-0")


@dataclass(frozen=True)
class ParameterEntry:
    """One parameter: what it takes, its default as it is written, and what it is, where known.

    Without `default` it must be given.
    """

    name: str
    takes: str = ""
    default: str | None = None
    about: str = ""
    by_position: bool = True

    @property
    def told_default(self) -> str:
        """Its default, where that is a value and does not follow from the other arguments."""
        return "" if self.default in (None, COMPUTED) else str(self.default)


@dataclass(frozen=True)
class Entry:
    """The description of one name.

    `group` is the family of an op, what functions are for, or the module of a block. `examples` are
    written `input | layer -> result`, or are comparisons of numbers. `text` is a declaration,
    and `defaults` are those of its file that apply in it.
    """

    name: str
    kind: str
    group: str
    signature: str
    about: str
    parameters: tuple[ParameterEntry, ...] = ()
    examples: tuple[str, ...] = ()
    text: str = ""
    defaults: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The first paragraph of the description, in one line."""
        return " ".join(self.about.split("\n\n")[0].split())


@cache
def entries() -> dict[str, Entry]:
    """All entries by name: ops, joins, functions, initialisations, blocks."""
    ops = sorted(OPS.values(), key=lambda op: op.arity != 1)
    blocks = [each for path in _modules() for each in _blocks(path)]
    found = [
        *map(_op, ops),
        *[_function(name, it, "composing layers") for name, it in COMPOSING.items()],
        _function(IDENTITY.signature, IDENTITY, "composing layers"),
        *[_function(name, it, "numbers and lists") for name, it in NUMBERS.items()],
        *[_scheme(name, scheme) for name, scheme in SCHEMES.items()],
        *blocks,
    ]
    return {entry.name: entry for entry in found}


def _op(op: type[Op]) -> Entry:
    defaults = {name: _default(value) for name, value in op.defaults().items()}
    parameters = [
        ParameterEntry(
            name,
            "a layer" if name in op.keyword_branches else kind.wanted,
            defaults.get(name),
            op.abouts()[name],
            index < op.positional,
        )
        for index, (name, kind) in enumerate(op.parameters().items())
    ]
    kind, before = ("op", ()) if op.arity == 1 else ("join", ("a", "b", COMPUTED))
    signature = _signature(op.name, parameters, before)
    if op.is_open:
        signature = f"{signature[:-1]}, *, name=size, …)"
    about = inspect.cleandoc(op.__doc__ or "")
    return Entry(op.name, kind, op.family, signature, about, tuple(parameters), op.examples)


def _default(value: object) -> str:
    if value is None:
        return COMPUTED
    return '"default"' if value == Initializer() else EXPONENT.sub("e-", shown(value))


def _function(name: str, function: Function, group: str) -> Entry:
    about = function.about
    return Entry(name, "function", group, function.signature, about, (), function.examples)


def _scheme(name: str, scheme: Scheme) -> Entry:
    defaults = {key: shown(value) for key, value in scheme.defaults.items()}
    parameters = [
        ParameterEntry(
            key, kind.wanted, defaults.get(key), scheme.abouts[key], by_position=index == 0
        )
        for index, (key, kind) in enumerate(scheme.parameters.items())
    ]
    given = "(0.02)" if scheme.missing({}) else '("out")' if scheme.parameters else ""
    example = f"[3, 8, 8] | conv(4, 3, init={name}{given}) -> [4, 8, 8]"
    signature = _signature(name, parameters)
    group = "initialisation"
    return Entry(name, group, group, signature, scheme.about, tuple(parameters), (example,))


def _signature(name: str, parameters: Sequence[ParameterEntry], before: Sequence[str] = ()) -> str:
    """A call with all defaults; behind `*` stands what is given by keyword."""
    texts = [*before]
    by_position = True
    for parameter in parameters:
        if by_position and not parameter.by_position:
            texts += [] if before else ["*"]
            by_position = False
        default = "" if parameter.default is None else f"={parameter.default}"
        texts.append(f"{parameter.name}{default}")
    return f"{name}({', '.join(texts)})" if texts else name


def _modules() -> list[Path]:
    """The files of the library, the prelude first."""
    paths = sorted(LIBRARY.glob(f"*{SUFFIX}"))
    return sorted(paths, key=lambda path: path.stem != PRELUDE)


def _blocks(path: Path) -> Iterator[Entry]:
    """The blocks of a file."""
    source = Source(path.name, path.read_text(encoding="utf-8"))
    file, _ = parse(source)
    defaults = [each for each in file.declarations if isinstance(each, ast.Default)]
    for declaration in file.declarations:
        if isinstance(declaration, ast.Let | ast.BlockDeclaration):
            used = {each.name for each in descendants(declaration) if isinstance(each, ast.Name)}
            applying = [each.span.text for each in defaults if each.callee.name in used]
            yield replace(_block(declaration, path.stem, source), defaults=tuple(applying))


def _block(declaration: ast.Let | ast.BlockDeclaration, module: str, source: Source) -> Entry:
    parameters = tuple(
        ParameterEntry(each.name.name, default=each.default.span.text if each.default else None)
        for each in declaration.parameters or ()
    )
    name, text = declaration.name.name, declaration.span.text
    behind = source.text[declaration.span.end :].lstrip().partition("\n")[0]
    example = EXAMPLE.fullmatch(behind)
    examples = (example[1],) if example else ()
    signature = _signature(name, parameters)
    return Entry(name, "block", module, signature, declaration.doc, parameters, examples, text)
