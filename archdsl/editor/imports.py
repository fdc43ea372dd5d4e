"""Which import of a text leads to another text."""

from __future__ import annotations

from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.program import Program


def import_of(program: Program, name: str) -> Span | None:
    """The name of a module in the main file that stands for a file, or for one that leads to it."""
    modules = program.modules
    for declaration in program.file.declarations:
        if isinstance(declaration, ast.Import):
            dotted = declaration.module[0].span.to(declaration.module[-1].span)
            named = ".".join(part.name for part in declaration.module)
            waiting, seen = [modules[program.main].imports.get(named)], {program.main}
            while waiting:
                key = waiting.pop()
                if key in modules and key not in seen:
                    seen.add(key)
                    if modules[key].file.source.name == name:
                        return program.placed(dotted)
                    waiting += modules[key].imports.values()
    return None
