"""Diagnostics about a spec: a code, a place, a message, and a way out.

`error`, `fault` and `note` make a diagnostic. A stage that may find one several times keeps all in
`Diagnostics`, which says it once.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TypeAlias, TypedDict, Unpack

from archdsl.fixes import Fix, Help, fixes_of
from archdsl.source import Span, printable

REPORT_IT = "this is a bug in archdsl, not in the spec; please report it with the spec"


class Severity(StrEnum):
    """An error stops the pipeline; a note does not."""

    ERROR = "error"
    NOTE = "note"


@dataclass(frozen=True)
class Expansion:
    """One step of the way to a mistake: a block that was being applied, and where it was called.

    Where `is_call` is false, it is the expression of the library that the mistake was met in.
    """

    name: str
    called_at: Span
    is_call: bool = True


@dataclass(frozen=True, repr=False)
class Diagnostic:
    """One message.

    `expected` and `found` are shapes or values as text; `help` is a way out, and `fixes` are such
    for programs, as far as they are edits; `expansion` leads from the innermost block to the
    outermost call. `str` of it is its first line on a terminal:
    `tiny.arch:9:9: error[E0301]: ...`.
    """

    code: str
    message: str
    span: Span
    expected: str = ""
    found: str = ""
    help: str = ""
    expansion: tuple[Expansion, ...] = ()
    fixes: tuple[Fix, ...] = ()
    severity: Severity = Severity.ERROR

    @property
    def file(self) -> str:
        """The name of the text, as messages show it; for an option or a network its name."""
        return printable(self.span.source.name)

    @property
    def line(self) -> int:
        """The line, from 1, on which the blamed text starts."""
        return self.span.line

    @property
    def column(self) -> int:
        """The column, from 1, in characters, at which the blamed text starts."""
        return self.span.column

    def __str__(self) -> str:
        return f"{self.span}: {self.severity}[{self.code}]: {printable(self.message)}"

    __repr__ = __str__


class Details(TypedDict, total=False):
    """What a diagnostic may say beside its message."""

    expected: str
    found: str
    help: str
    fixes: tuple[Fix, ...]


def error(
    code: str,
    message: str,
    span: Span,
    *,
    expansion: tuple[Expansion, ...] = (),
    **details: Unpack[Details],
) -> Diagnostic:
    """An error in a spec, a command or its data; `fixes` follow from a `Help` unless given."""
    details.setdefault("fixes", fixes_of(details.get("help", ""), span))
    return Diagnostic(code, message, span, expansion=expansion, **details)


def fault(code: str, message: str, span: Span) -> Diagnostic:
    """An error that is a fault of ours."""
    return error(code, message, span, help=REPORT_IT)


def note(
    code: str,
    message: str,
    span: Span,
    *,
    expansion: tuple[Expansion, ...] = (),
    **details: Unpack[Details],
) -> Diagnostic:
    """A remark that is not an error."""
    made = error(code, message, span, expansion=expansion, **details)
    return replace(made, severity=Severity.NOTE)


def errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those that are no mere notes."""
    return [found for found in diagnostics if found.severity is Severity.ERROR]


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether there are more than notes."""
    return bool(errors(diagnostics))


Key: TypeAlias = tuple[str, str, str, int, int]
"""The key of a mistake: a code, and a place by its file, the text of that, start and end."""


def key_of(code: str, span: Span) -> Key:
    """The mistake of a code at a place; without a code, whatever is wrong there."""
    return code, span.source.name, span.source.text, span.start, span.end


class Enough(Exception):
    """The maximum number of diagnostics is reached."""


class Diagnostics:
    """The diagnostics of a stage so far. Of each key the first is kept, and all are counted.

    Where there is a bound on how many are kept, `add` raises `Enough` once it is reached.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._kept: dict[Key, Diagnostic] = {}
        self._times: Counter[Key] = Counter()

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._kept.values())

    @property
    def times(self) -> int:
        """How often something was found, the same or not."""
        return self._times.total()

    def add(
        self, diagnostic: Diagnostic, key: Key | None = None, unless: Iterable[Key] = ()
    ) -> None:
        """Keep a diagnostic whose key is new, unless one of some other keys is known.

        Its key is its code and its place, or another one that is given.
        """
        key = key or key_of(diagnostic.code, diagnostic.span)
        if self._kept.keys().isdisjoint(unless):
            self._kept.setdefault(key, diagnostic)
            self._times[key] += 1
            if len(self._kept) == self._most:
                raise Enough

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Add what an earlier stage has found."""
        for diagnostic in diagnostics:
            self.add(diagnostic)

    def counted(self) -> list[Diagnostic]:
        """All that is kept; the message of what was found several times says how often."""
        return [_counted(each, self._times[key]) for key, each in self._kept.items()]


def _counted(diagnostic: Diagnostic, times: int) -> Diagnostic:
    more = f" (and {times - 1} more like it)" if times > 1 else ""
    return replace(diagnostic, message=diagnostic.message + more)


@dataclass(frozen=True)
class Code:
    """The meaning of a code: what `archdsl explain` prints, and the exit code of a command."""

    code: str
    title: str
    explanation: str
    example: str
    exit: int


@cache
def codes() -> dict[str, Code]:
    """Every code, in order, as `codes.toml` has it."""
    table = tomllib.loads(files("archdsl").joinpath("codes.toml").read_text(encoding="utf-8"))
    return {code: _code(code, **fields) for code, fields in sorted(table.items())}


def _code(code: str, title: str, explanation: str, example: str, exit: int | None = None) -> Code:
    """A code whose `exit`, unless it says so, is 1 for an error and 0 for a note."""
    default = 1 if code.startswith("E") else 0
    return Code(code, title, explanation, example, default if exit is None else exit)


NEAR = 0.75
"""How like each other two names are of which one may be a slip of the other, from 0 to 1."""


def suggestion(name: str, candidates: Iterable[str]) -> str:
    """`did you mean ...?` with the nearest of the names that would have been right, or nothing."""
    found = nearest(name, candidates)
    return Help(f"did you mean `{found}`?", found) if found else ""


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The nearest of the names that would have been right; empty where none is near."""
    # A text may declare very many names; the time for one mistake stays bounded.
    names = sorted(set(islice(candidates, 1000)))
    alike = [other for other in names if other.lower() == name.lower()]
    found = alike or get_close_matches(name[:100], names, n=1, cutoff=NEAR)
    return found[0] if found else ""


MOST_LISTED = 12
"""Maximum number of names in a message."""


def listing(names: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(f"`{name}`" for name in names) or "none"


def several(names: Sequence[str], most: int = MOST_LISTED) -> str:
    """Names for a message; of more than `most` the first, and the number of the others."""
    more = len(names) - most
    return listing(names) if more <= 1 else f"{listing(names[:most])} and {more:,} more"


def both(first: str, second: str) -> str:
    """Two parts of a help as one, of which the first may be a question or empty."""
    if first.endswith("?"):
        joined = f"{first} {second[0].upper()}{second[1:]}"
    else:
        joined = "; ".join(filter(None, [first, second]))
    if isinstance(first, Help):
        return Help(joined, first.instead, first.calls, first.before)
    return joined


def first_line(error: Exception) -> str:
    """The message of a foreign error in one line: its first line, or else its type."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
