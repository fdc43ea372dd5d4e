"""Values as the language writes them, in what people type behind options."""

from __future__ import annotations

from archdsl.arithmetic import Value
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.literals import literal_of
from archdsl.syntax.parser import parse


def read_literal(text: str) -> Value | None:
    """A number, truth value, string or list as the language writes it; None for anything else."""
    file, diagnostics = parse(Source("value", f"let value = {text}"))
    match file.declarations:
        case (ast.Let(value=value),) if not diagnostics:
            return literal_of(value)
    return None


def read_settings(text: str) -> dict[str, Value] | None:
    """`width=0.75, depths=[1, 2]`, the arguments of a call; None for anything else."""
    file, diagnostics = parse(Source("settings", f"let settings = network_of({text})"))
    match file.declarations:
        case (ast.Let(value=ast.Call(callee=ast.Name(), arguments=arguments)),) if not diagnostics:
            given = [(each.name.name, literal_of(each.value)) for each in arguments if each.name]
            settings = {name: value for name, value in given if value is not None}
            return settings if len(settings) == len(arguments) else None
    return None
