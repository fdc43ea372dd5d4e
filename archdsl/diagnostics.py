"""What the compiler has to say about a spec: coded, with a place, and with a way out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import islice

from archdsl.source import Span


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


@dataclass(frozen=True)
class Diagnostic:
    """One message.

    `expected` and `found` are shapes or values as text; `help` is a way out; `expansion` leads
    from the innermost block to the outermost call.
    """

    code: str
    message: str
    span: Span
    expected: str = ""
    found: str = ""
    help: str = ""
    expansion: tuple[Expansion, ...] = ()
    severity: Severity = Severity.ERROR


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


def suggestion(name: str, candidates: Iterable[str]) -> str:
    """`did you mean ...?` with the nearest of the names that would have been right, or nothing."""
    # A text may declare very many names; the time for one mistake stays bounded.
    names = sorted(set(islice(candidates, 1000)))
    alike = [other for other in names if other.lower() == name.lower()]
    nearest = alike or get_close_matches(name[:100], names, n=1, cutoff=0.6)
    return f"did you mean `{nearest[0]}`?" if nearest else ""


def first_line(error: Exception) -> str:
    """What an error that is not ours says, in one line: its first, or else its type."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
