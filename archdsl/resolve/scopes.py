"""Scopes of names: local names, the file's declarations, imports, and the prelude."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl.diagnostics import nearest
from archdsl.ops.base import Op
from archdsl.resolve.words import BUILTINS, KEPT
from archdsl.syntax import ast
from archdsl.syntax.program import PRELUDE_KEY, Module, Program

Declaration: TypeAlias = ast.Named
UNKNOWN = None
"""Stands for a declaration that could not be read, of which nothing is known."""


@dataclass(frozen=True, eq=False)
class StaticScope:
    """Local names, each with the number of its binding; of these only the first `limit` are seen.

    Several scopes share one `names` where a binding sees those before it. `used` collects the
    names that were looked up with success.
    """

    names: Mapping[str, int] = field(default_factory=dict)
    limit: int | None = None
    parent: StaticScope | None = None
    used: set[str] = field(default_factory=set)
    in_assert: bool = False

    def sees(self, name: str) -> bool:
        """Whether the name is one of these, without the surrounding scopes."""
        return name in self.names and (self.limit is None or self.names[name] < self.limit)

    def find(self, name: str) -> StaticScope | None:
        """The innermost scope that binds a name."""
        scope: StaticScope | None = self
        while scope is not None and not scope.sees(name):
            scope = scope.parent
        return scope

    def inner(self, names: Mapping[str, int], limit: int | None = None) -> StaticScope:
        """A scope inside this one."""
        return StaticScope(names, limit, self, in_assert=self.in_assert)

    def visible(self) -> list[str]:
        """All names that are bound here."""
        names: list[str] = []
        scope: StaticScope | None = self
        while scope is not None:
            names += [name for name in scope.names if scope.sees(name)]
            scope = scope.parent
        return names


def numbered(names: list[ast.Name]) -> dict[str, int]:
    """Names with the number of the first binding of each."""
    numbers: dict[str, int] = {}
    for number, name in enumerate(names):
        numbers.setdefault(name.name, number)
    return numbers


@dataclass(frozen=True, eq=False)
class Globals:
    """The names that a file can use: its declarations, imports, the prelude, ops, builtins."""

    declared: dict[str, Declaration | None]
    ops: Mapping[str, type[Op]]

    def knows(self, name: str) -> bool:
        """Whether a name stands for anything."""
        return name in self.declared or name in self.ops or name in BUILTINS or name == "identity"

    def visible(self) -> list[str]:
        """All names, the file's own first."""
        return [*self.declared, *self.ops, *sorted(BUILTINS), "identity"]


def globals_of(module: Module, program: Program, ops: Mapping[str, type[Op]]) -> Globals:
    """The names of a module: its own, then those it imports, then the prelude's.

    A declaration that bears the name of an op hides it, unless that is one of the `KEPT` words:
    then it is a mistake that hides nothing.
    """
    declared: dict[str, Declaration | None] = {}
    prelude = program.modules.get(PRELUDE_KEY)
    if prelude is not None:
        declared.update(_own(prelude))
    for declaration in module.file.declarations:
        if isinstance(declaration, ast.Import):
            declared.update(_imported(declaration, module, program))
            for name in _meant(declaration, module, program):
                declared.setdefault(name, UNKNOWN)
    declared.update(_own(module))
    return Globals({name: what for name, what in declared.items() if name not in KEPT}, ops)


def _own(module: Module) -> dict[str, Declaration | None]:
    names: dict[str, Declaration | None] = dict.fromkeys(module.file.unread, UNKNOWN)
    for declaration in module.file.declarations:
        if isinstance(declaration, ast.Named):
            names.setdefault(declaration.name.name, declaration)
    return names


def _imported(
    declaration: ast.Import, module: Module, program: Program
) -> dict[str, Declaration | None]:
    own = _of_imported(declaration, module, program)
    return {
        (imported.alias or imported.name).name: own.get(imported.name.name, UNKNOWN)
        for imported in declaration.names
    }


def _meant(declaration: ast.Import, module: Module, program: Program) -> list[str]:
    """The names that an import misspells: their uses are no further mistake."""
    own = _of_imported(declaration, module, program)
    wrong = [each.name.name for each in declaration.names if each.name.name not in own]
    return [name for name in (nearest(each, own) for each in wrong) if name]


def _of_imported(
    declaration: ast.Import, module: Module, program: Program
) -> dict[str, Declaration | None]:
    """What the imported module declares."""
    key = module.imports.get(".".join(part.name for part in declaration.module))
    return _own(program.modules[key]) if key is not None and key in program.modules else {}
