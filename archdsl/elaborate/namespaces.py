"""The names that every file of a program can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archdsl.resolve.scopes import Globals
from archdsl.resolve.size import LeastLayers
from archdsl.syntax import ast
from archdsl.syntax.program import Program


@dataclass(eq=False)
class Namespace:
    """The declarations that a file can name: its own, its imports, and the prelude's."""

    order: int
    file: ast.File
    names: dict[str, tuple[Namespace, ast.Named]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """Names whose declaration has a mistake that was reported."""
    defaults: dict[str, list[ast.Default]] = field(default_factory=dict)
    positions: dict[ast.BlockDeclaration, int] = field(default_factory=dict)
    least: LeastLayers | None = None


def namespaces_of(program: Program, names: Mapping[str, Globals]) -> dict[str, Namespace]:
    """The namespace of every module, by its key; imported files come first.

    `names` are those that the files can use, by the same keys.
    """
    spaces: dict[str, Namespace] = {}
    owner: dict[ast.Named, Namespace] = {}
    for order, (key, module) in enumerate(program.modules.items()):
        space = spaces[key] = _namespace(order, module.file)
        for declaration in module.file.declarations:
            if isinstance(declaration, ast.Named):
                owner[declaration] = space
    for key, module in program.modules.items():
        known = names[key]
        spaces[key].least = LeastLayers(known, module.file.source)
        for name, declared in known.declared.items():
            if declared is None:
                spaces[key].unread.add(name)
            else:
                spaces[key].names[name] = (owner[declared], declared)
    return spaces


def _namespace(order: int, file: ast.File) -> Namespace:
    space = Namespace(order, file)
    for position, declaration in enumerate(file.declarations):
        if isinstance(declaration, ast.Default):
            space.defaults.setdefault(declaration.callee.name, []).append(declaration)
        elif isinstance(declaration, ast.BlockDeclaration):
            space.positions[declaration] = position
    return space
