"""Checks of what an `assert` asks of a network."""

from __future__ import annotations

from archdsl.diagnostics import both, several, suggestion
from archdsl.resolve.report import Report
from archdsl.resolve.scopes import Globals
from archdsl.syntax import ast

FACTS = ("params", "inference_params", "macs", "saved", "depth", "receptive_field", "output")


def check_attribute(node: ast.Attribute, names: Globals, report: Report) -> bool:
    """Check `network.fact`; whether the target is worth a further look."""
    fact = node.name
    if fact.name not in FACTS:
        help = (
            suggestion(fact.name, FACTS)
            or f"the figures are {', '.join(f'`.{name}`' for name in FACTS)}"
        )
        report.refuse("E0801", f"networks have no `.{fact.name}`", fact.span, help)
    callee = node.target.callee if isinstance(node.target, ast.Call) else node.target
    if not isinstance(callee, ast.Name):
        message = f"`.{fact.name}` is only known of a network"
        report.refuse("E0801", message, callee.span, "write the name of a network before it")
        return False
    declaration = names.declared.get(callee.name)
    if callee.name in names.declared and declaration is None:
        return True
    if isinstance(declaration, ast.BlockDeclaration) and declaration.is_network:
        return True
    networks = [
        name
        for name, other in names.declared.items()
        if isinstance(other, ast.BlockDeclaration) and other.is_network
    ]
    message = f"there is no network `{callee.name}`"
    listed = f"the file has {several(networks)}" if networks else "the file has no networks"
    help = both(suggestion(callee.name, networks), listed)
    report.refuse("E0801", message, callee.span, help)
    return False
