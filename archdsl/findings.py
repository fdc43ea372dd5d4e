"""All that can be said of a text, each part computed when it is asked for.

The findings of an earlier version of the text say what is known already: a declaration that did not
change and depends on nothing that did is not read, checked or run again. What is said is the same
as without them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from archdsl.analysis.facts import Measures
from archdsl.analysis.lints import lint
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.elaborate import Elaboration, Known, Limits, Outcome
from archdsl.fixes import Edit, Fix
from archdsl.graph import Graph
from archdsl.overrides import Values, override
from archdsl.resolve.dependencies import Dependencies
from archdsl.resolve.scopes import Globals
from archdsl.resolve.silence import without_silenced
from archdsl.source import Source
from archdsl.syntax.program import Find, Program, resolve
from archdsl.work import long_work


class Findings:
    """What is found out of a text and its imports, or only of one of its networks.

    `values` are other defaults for parameters, `limits` other bounds on networks. `before` are
    those of an earlier version. Spans in graphs are those of the versions that declarations were
    read in; `program.placed` says where they lie now. Those of diagnostics lie in the text itself.
    """

    def __init__(
        self,
        source: Source,
        find: Find,
        only: str | None = None,
        values: Values | None = None,
        before: Findings | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._only, self._values, self._limits = only, values or {}, limits
        self.program: Program
        self.program, self._unreadable = resolve(source, find, before.program if before else None)
        self._overrides, self._misfits = override(self.program, only, self._values)
        self._known = before.known if before and before._asked == self._asked else None

    @property
    def _asked(self) -> tuple[str | None, Values, Limits | None]:
        return self._only, self._values, self._limits

    @property
    def known(self) -> Known | None:
        """What was found out so far, by this run or those before it."""
        elaboration = self.__dict__.get("elaboration")
        return elaboration.known if elaboration else self._known

    @cached_property
    def elaboration(self) -> Elaboration | None:
        """The run of the spec; None if a network or parameter that is asked for does not exist."""
        if self._misfits:
            return None
        with long_work():
            return Elaboration(
                self.program,
                self._overrides,
                self._only,
                before=self._known,
                limits=self._limits,
            )

    @property
    def names(self) -> Globals:
        """The names that the text can use; for that no network is built."""
        run = self.__dict__.get("elaboration")
        dependencies = run.known.dependencies if run else Dependencies(self.program)
        return dependencies.names[self.program.main]

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """What came of every network, by name."""
        return self.elaboration.outcomes if self.elaboration else {}

    @property
    def graphs(self) -> dict[str, Graph]:
        """The networks without mistakes, by name."""
        return self.elaboration.graphs if self.elaboration else {}

    @cached_property
    def begun(self) -> dict[str, Graph]:
        """All networks by name, in the order of the text, up to their first mistake."""
        if self.elaboration is None:
            return {}
        with long_work():
            found = self.elaboration.outcomes | self.elaboration.partial
        built = {name: each.graph for name, each in found.items()}
        return dict(sorted(built.items(), key=lambda each: self._start(each[1])))

    def _start(self, graph: Graph) -> int:
        return self.program.placed(graph.tree.block.span).start

    @cached_property
    def of_networks(self) -> list[Diagnostic]:
        """What is to be said of the text and its networks, without asserts."""
        found = self.elaboration.diagnostics if self.elaboration else self._misfits
        return self._placed([*self._unreadable, *self._with_faults(found)])

    @cached_property
    def diagnostics(self) -> list[Diagnostic]:
        """All diagnostics: asserts are verified; without errors all lints run."""
        found = self._misfits
        if self.elaboration:
            with long_work():
                found = self.elaboration.verified(Measures())
        found = [*self._unreadable, *self._with_faults(found)]
        is_right = not has_errors(found)
        found += lint(self.graphs.values()) if is_right else []
        return without_silenced(self.program, self._placed(found), is_check=is_right)

    def _with_faults(self, found: list[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics; without errors, with the faults of our own in finished networks."""
        if has_errors(found):
            return found
        return found + [fault for each in self.outcomes.values() for fault in each.faults]

    def _placed(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        return [placed(each, self.program) for each in diagnostics]


def placed(diagnostic: Diagnostic, program: Program) -> Diagnostic:
    """A diagnostic whose spans lie in the texts of a program as they are now."""
    span = program.placed(diagnostic.span)
    steps = [replace(s, called_at=program.placed(s.called_at)) for s in diagnostic.expansion]
    fixes = [replace(f, edits=tuple(_edits(f, program))) for f in diagnostic.fixes]
    return replace(diagnostic, span=span, expansion=tuple(steps), fixes=tuple(fixes))


def _edits(fix: Fix, program: Program) -> list[Edit]:
    return [replace(edit, span=program.placed(edit.span)) for edit in fix.edits]


@dataclass
class History:
    """The last findings of every text that is looked at again, by its name and what was asked."""

    last: dict[tuple[str, str], Findings] = field(default_factory=dict)

    def findings(
        self, source: Source, find: Find, only: str | None = None, values: Values | None = None
    ) -> Findings:
        """The findings of a text, out of those of its last version."""
        key = source.name, f"{only} {sorted((values or {}).items())}"
        found = self.last[key] = Findings(source, find, only, values, self.last.get(key))
        return found
