"""Check of generated text before it is written: only known names, only known syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence, Set
from symtable import Symbol, SymbolTable, symtable
from typing import TypeAlias

from archdsl.backends.torch.names import BUILTINS, foreign_imports_of
from archdsl.diagnostics import Diagnostic, fault
from archdsl.graph import Graph

IMPORTED = {
    "math": {"ceil", "floor", "log"},
    "torch": {"Tensor", "nn"},
    "torch.nn.functional": set[str](),
    "collections": {"OrderedDict"},
    "collections.abc": {"Callable", "Sequence"},
    "functools": {"partial"},
    "itertools": {"accumulate"},
    "typing": {"Final", "NamedTuple"},
}
"""The modules that generated code imports, and what it imports from each."""
WHOLE = {"math", "torch", "F", "nn", "nn.init", "torch.nn", "torch.nn.functional"}
"""The modules as it calls them. What else they hold leads to other modules, and to files."""
ForeignImport: TypeAlias = tuple[str, str]
"""The name of somebody else's class, and its module."""
FILES = {"from_file", "load", "save"}
"""Functions of PyTorch that read and write files."""

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
    known = foreign_imports_of(graphs).items()
    return [invalid(graphs[0], message) for message in forbidden(text, {*known})]


def forbidden(text: str, foreign: Set[ForeignImport] = frozenset()) -> list[str]:
    """The constructs of a text that are not allowed in generated code.

    `foreign` are the classes of others that it may import.
    """
    try:
        module = ast.parse(text)
        table = symtable(text, "<generated code>", "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0)
        return [f"line {line} does not parse: {getattr(error, 'msg', error)}"]
    return [*_unknown(module, foreign)] or [*_unbound(table)]


def foreign_imports(text: str) -> list[ForeignImport]:
    """The classes that a generated text imports which are neither PyTorch's nor Python's.

    A text that does not parse imports none: that is for `forbidden` to say.
    """
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return []
    imports = [node for node in body if isinstance(node, ast.ImportFrom)]
    pairs = [(alias.name, node.module or "") for node in imports for alias in node.names]
    return [(name, module) for name, module in pairs if name not in IMPORTED.get(module, set())]


def invalid(graph: Graph, message: str) -> Diagnostic:
    """The error for invalid generated code, for one network or the whole file."""
    tree = graph.tree
    return fault("E0901", f"the generated code is invalid: {message}", tree.block.span)


def _unknown(module: ast.Module, foreign: Set[ForeignImport]) -> Iterator[str]:
    known = BUILTINS | set(_bound(module))
    read = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Attribute)}
    for node in ast.walk(module):
        fault = _fault(node, known, foreign)
        if isinstance(node, ast.Name) and node.id in WHOLE and id(node) not in read:
            fault = f"uses the module {node.id} as a value"
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


def _fault(node: ast.AST, known: Set[str], foreign: Set[ForeignImport]) -> str:
    """Why a node is not allowed; empty if it is."""
    match node:
        case ast.Name(id=name) if name not in known:
            return f"uses the unknown name {name}"
        case ast.Attribute(attr=name) if name.startswith("__") and name != "__init__":
            return f"reads the attribute {name}"
        case ast.Attribute(value=value, attr=name) if _leads_out(value, name):
            return f"reads {ast.unparse(node)}"
        case ast.Import(names=names) if not all(map(_is_whole, names)):
            return "imports an unknown module"
        case ast.ImportFrom(module=name, names=names, level=level):
            known_names = IMPORTED.get(name or "", set())
            known_names |= {each for each, module in foreign if module == name and not level}
            if not all(each.name in known_names and not each.asname for each in names):
                return f"imports an unknown name or module: {ast.unparse(node)}"
        case _ if isinstance(node, FORBIDDEN):
            return "has a forbidden statement"
    return ""


def _is_whole(alias: ast.alias) -> bool:
    """Whether a module is imported as a whole, by the name that generated code gives it."""
    return alias.name in IMPORTED and (alias.asname or alias.name) in WHOLE


def _leads_out(value: ast.expr, name: str) -> bool:
    """Whether a name of a module leads to a file, or through it to another module."""
    path = ast.unparse(value) if isinstance(value, ast.Name | ast.Attribute) else ""
    if path.partition(".")[0] not in WHOLE:
        return False
    return path not in WHOLE or name in FILES or name.startswith("_")


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
