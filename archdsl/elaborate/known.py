"""What a run has found out about declarations, and which of it still holds for the next.

An editor asks after every keystroke, and most of the text is as it was. `resolve.dependencies` says
which declarations are, with all that they depend on; of those everything is kept that is here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl.diagnostics import Severity
from archdsl.elaborate.applications import Applications
from archdsl.elaborate.networks import Outcome
from archdsl.elaborate.report import Report
from archdsl.elaborate.values import Callee
from archdsl.resolve import Right
from archdsl.resolve.dependencies import Dependencies
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.program import Program

NO_ARGUMENTS = "()"
"""Stands for the defaults of a network."""
Callees: TypeAlias = "dict[ast.Named, Callee]"


@dataclass(eq=False)
class Known:
    """What is known of the declarations of a program.

    `right` are those without a mistake of their own, `callees` what calls of them are calls of,
    `outcomes` what came of networks, each by its declaration and its arguments as text,
    `asserted` what there is to report of asserts, and `applications` what came of blocks.
    """

    program: Program
    dependencies: Dependencies
    right: dict[ast.Declaration, Right] = field(default_factory=dict)
    callees: Callees = field(default_factory=dict)
    outcomes: dict[tuple[ast.BlockDeclaration, str], Outcome] = field(default_factory=dict)
    asserted: dict[ast.Assert, tuple[Report, ...]] = field(default_factory=dict)
    applications: Applications = field(default_factory=Applications)

    def still(self, program: Program) -> Known:
        """What still holds for another version of the program."""
        self.applications.next_version()
        now = Known(program, Dependencies(program), applications=self.applications)
        same = now.dependencies.same(self.dependencies)
        unchanged = now.dependencies.unchanged(same)
        now.right = {each: self.right[each] for each in same if each in self.right}
        now.callees = {each: self.callees[each] for each in unchanged if each in self.callees}
        if not self._says_the_same(now, unchanged):
            unchanged -= self._refused()
        # Those that only asserts asked for would add up while somebody writes one.
        now.outcomes = {
            key: each
            for key, each in self.outcomes.items()
            if key[0] in unchanged and key[1] == NO_ARGUMENTS
        }
        now.asserted = {key: each for key, each in self.asserted.items() if key in unchanged}
        return now

    def _says_the_same(self, now: Known, unchanged: Iterable[ast.Declaration]) -> bool:
        """Whether a message would have the same places and names in it."""
        programs = (self.program, now.program)
        are_placed = all(
            len({_place(program.placed(each.span)) for program in programs}) == 1
            for each in unchanged
        )
        return are_placed and self.dependencies.visible == now.dependencies.visible

    def _refused(self) -> set[ast.Declaration]:
        """The declarations of which there are errors to report."""
        reports: list[tuple[ast.Declaration, tuple[Report, ...]]] = [*self.asserted.items()]
        reports += [(key[0], each.reports) for key, each in self.outcomes.items()]
        return {declaration for declaration, each in reports if any(map(_is_error, each))}


def _place(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _is_error(report: Report) -> bool:
    return report.diagnostic.severity is Severity.ERROR
