"""Check of generated text before it is written: only known names, only known syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence, Set
from symtable import Symbol, SymbolTable, symtable

from archdsl.backends.torch.names import BUILTINS
from archdsl.diagnostics import Diagnostic, fault
from archdsl.graph import Graph

MODULES = {
    "math", "torch", "torch.nn.functional", "collections", "collections.abc", "functools", "typing",
}  # fmt: skip

FORBIDDEN = (
    ast.Global,
    ast.Nonlocal,
    ast.AsyncFunctionDef,
    ast.Await,
    ast.Delete,
    ast.Try,
    ast.While,
)


def verify(text: str, graphs: Sequence[Graph]) -> list[Diagnostic]:
    """An error if the generated text contains something that this back end does not write."""
    return [invalid(graphs[0], message) for message in forbidden(text)]


def forbidden(text: str) -> list[str]:
    """The constructs of a text that are not allowed in generated code."""
    try:
        module = ast.parse(text)
        table = symtable(text, "<generated code>", "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0)
        return [f"line {line} does not parse: {getattr(error, 'msg', error)}"]
    return [*_unknown(module)] or [*_unbound(table)]


def invalid(graph: Graph, message: str) -> Diagnostic:
    """The error for invalid generated code, for one network or the whole file."""
    tree = graph.tree
    return fault("E0901", f"the generated code is invalid: {message}", tree.block.span)


def _unknown(module: ast.Module) -> Iterator[str]:
    known = BUILTINS | set(_bound(module))
    for node in ast.walk(module):
        fault = _fault(node, known)
        if fault:
            yield f"line {getattr(node, 'lineno', 0)} {fault}"


def _unbound(module: SymbolTable) -> Iterator[str]:
    """The names in functions and classes that no enclosing scope binds."""
    known = BUILTINS | {symbol.get_name() for symbol in module.get_symbols() if _is_bound(symbol)}
    waiting = module.get_children()
    for table in waiting:
        waiting += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_global() and symbol.get_name() not in known:
                where = f"line {table.get_lineno()}: {table.get_name()}"
                yield f"{where} reads {symbol.get_name()}, which is not bound there"


def _is_bound(symbol: Symbol) -> bool:
    """Whether a statement of the module assigns a name."""
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _fault(node: ast.AST, known: Set[str]) -> str:
    """Why a node is not allowed; empty if it is."""
    match node:
        case ast.Name(id=name) if name not in known:
            return f"uses the unknown name {name}"
        case ast.Attribute(attr=name) if name.startswith("__") and name != "__init__":
            return f"reads the attribute {name}"
        case ast.Import(names=names) if not {alias.name for alias in names} <= MODULES:
            return "imports an unknown module"
        case ast.ImportFrom(module=name) if name not in MODULES:
            return "imports an unknown module"
        case _ if isinstance(node, FORBIDDEN):
            return "has a forbidden statement"
    return ""


def _bound(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.arg():
                yield node.arg
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name
            case ast.alias():
                yield node.asname or node.name.partition(".")[0]
