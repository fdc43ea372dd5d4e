"""The words of the language by what they are."""

from __future__ import annotations

from archdsl.ops import OPS
from archdsl.ops.initializers import SCHEMES
from archdsl.resolve.words import COMPOSING, NUMBERS
from archdsl.syntax.parser import words
from archdsl.syntax.scanner import DECLARING

CONSTANTS = ("false", "true")
OPERATORS = ("and", "not", "or")


def declaring() -> tuple[str, ...]:
    """The words that start a declaration."""
    return tuple(sorted(DECLARING))


def keywords() -> tuple[str, ...]:
    """All other keywords but constants and operators."""
    return tuple(sorted(words() - {*DECLARING, *CONSTANTS, *OPERATORS}))


def builtins() -> tuple[str, ...]:
    """Ops, functions and initialisations."""
    return tuple(sorted({*OPS, *NUMBERS, *COMPOSING, *SCHEMES, "identity"}))
