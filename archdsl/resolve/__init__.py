"""Static checks of a program: names, parameters, calls and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from archdsl.diagnostics import Diagnostic, Enough
from archdsl.resolve.bodies import OWN, Checker
from archdsl.resolve.declarations import check_declarations
from archdsl.resolve.dependencies import Dependencies
from archdsl.resolve.recursion import Use, check_recursion, uses_of
from archdsl.resolve.report import Report
from archdsl.resolve.scopes import Globals
from archdsl.syntax import ast
from archdsl.syntax.program import Program


@dataclass(frozen=True)
class Right:
    """What is known of a declaration without a mistake: the names it uses, and what it applies."""

    used: frozenset[str]
    uses: tuple[Use, ...]


Rights: TypeAlias = "Mapping[ast.Declaration, Right]"
NOTHING_KNOWN: Rights = MappingProxyType({})


@dataclass(frozen=True)
class Checked:
    """The mistakes of a program, in the order of its text, and the declarations without any."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    right: dict[ast.Declaration, Right] = field(default_factory=dict)


def check(program: Program) -> list[Diagnostic]:
    """The mistakes of every module, in the order of the text, each once."""
    return check_anew(program, Dependencies(program)).diagnostics


def check_anew(
    program: Program, dependencies: Dependencies, known: Rights = NOTHING_KNOWN
) -> Checked:
    """What a check finds; declarations that are `known` to be right are not checked again."""
    whole = Checked()
    for key, module in program.modules.items():
        names = dependencies.names[key]
        if module.file.source.is_library and key != program.main:
            checked = _of_library(module.file, _Names(names))
        else:
            checked = _module(module.file, names, known, is_main=key == program.main)
        whole.diagnostics.extend(checked.diagnostics)
        whole.right.update(checked.right)
    return whole


@dataclass(frozen=True)
class _Names:
    """The names of a file, equal to others if they stand for the same declarations."""

    names: Globals

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Names) and self.names.declared == other.names.declared

    def __hash__(self) -> int:
        return len(self.names.declared)


@lru_cache(maxsize=64)
def _of_library(file: ast.File, names: _Names) -> Checked:
    """A file that ships with the compiler, which a process checks once."""
    return _module(file, names.names, NOTHING_KNOWN, is_main=False)


def _module(file: ast.File, names: Globals, known: Rights, is_main: bool) -> Checked:
    """The mistakes of a file; of the main one, also the imports that nothing uses."""
    report, checked = Report(file.placed), Checked()
    own = [each for each in file.declarations if isinstance(each, OWN)]
    uses = {
        each: known[each].uses if each in known else tuple(uses_of(each, names)) for each in own
    }
    try:
        check_declarations(file, names, report)
        check_recursion(uses, names, report)
        checker = Checker(names, report)
        used: set[str] = set()
        for each in file.declarations:
            found = report.times
            here = known[each].used if each in known else checker.declaration(each)
            if report.times == found:
                checked.right[each] = Right(here, uses[each] if isinstance(each, OWN) else ())
            used |= here
        # What is not used may be what a mistake is about.
        if is_main and not report.times:
            checker.remark_on_imports(file, used)
    except Enough:
        pass
    checked.diagnostics.extend(sorted(report, key=lambda each: file.placed(each.span).start))
    return checked
