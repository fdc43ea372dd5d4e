"""Static checks of a program: names, parameters, calls and labels."""

from __future__ import annotations

from archdsl.diagnostics import Diagnostic, Enough
from archdsl.ops import OPS
from archdsl.resolve.declarations import check_declarations
from archdsl.resolve.expressions import Checker
from archdsl.resolve.recursion import check_recursion
from archdsl.resolve.report import Report
from archdsl.resolve.scopes import globals_of
from archdsl.syntax.program import Module, Program


def check(program: Program) -> list[Diagnostic]:
    """The mistakes of every module, in the order of the text, each once."""
    return [found for module in program.modules.values() for found in _module(module, program)]


def _module(module: Module, program: Program) -> list[Diagnostic]:
    report = Report()
    names = globals_of(module, program, OPS)
    try:
        check_declarations(module.file, names, report)
        check_recursion(module.file, names, report)
        checker = Checker(names, report)
        for declaration in module.file.declarations:
            checker.declaration(declaration)
        if module.key == program.main:
            checker.remark_on_imports(module.file)
    except Enough:
        pass
    return sorted(report, key=lambda found: found.span.start)
