"""Elaborations of a text that remember applications, next to ones that remember none."""

from __future__ import annotations

from collections.abc import Hashable

from archdsl.driver import load_program
from archdsl.elaborate import Elaboration, Known
from archdsl.elaborate.applications import Applications, Kept
from archdsl.files import finder
from archdsl.graph import verify
from archdsl.render import as_text
from archdsl.resolve.dependencies import Dependencies
from archdsl.source import Source
from archdsl.syntax.program import Program
from tests.helpers.paths import SPECS
from tests.helpers.trees import described


class Forgetful(Applications):
    """A memory in which nothing is found."""

    def find(self, key: Hashable) -> Kept | None:
        return None


class Counting(Applications):
    """A memory that counts what is found."""

    found = 0

    def find(self, key: Hashable) -> Kept | None:
        applied = super().find(key)
        self.found += applied is not None
        return applied


def program(text: str) -> Program:
    return load_program(Source("test.arch", text), finder(SPECS))[0]


def run(program: Program, known: Applications) -> Elaboration:
    before = Known(program, Dependencies(program), applications=known)
    return Elaboration(program, {}, before=before)


def said(program: Program, known: Applications) -> tuple[dict[str, str], str]:
    """All that an elaboration gives, as text."""
    done = run(program, known)
    assert not any(verify(graph) for graph in done.graphs.values())
    return {n: described(graph) for n, graph in done.graphs.items()}, as_text(done.diagnostics)


def is_same_for(text: str) -> int:
    """Compare elaborations with one that shares nothing; how often they found what they need."""
    return is_same_in(program(text))


def is_same_in(parsed: Program) -> int:
    """The same for a text with its imports."""
    memory = Counting()
    fresh = said(parsed, Forgetful())
    assert said(parsed, memory) == fresh
    # Another elaboration of the same text, as after an edit elsewhere.
    assert said(parsed, memory) == fresh
    return memory.found
