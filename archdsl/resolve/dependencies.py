"""Which declarations depend on which: the one place that says what a change may change.

A declaration depends on every declaration that a name in it may stand for, and on all `default`s of
its file. That is more than it uses, for a name may be bound within it; never less.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import cached_property
from typing import TypeAlias
from weakref import WeakKeyDictionary

from archdsl.ops import OPS
from archdsl.resolve.scopes import Declaration, Globals, globals_of
from archdsl.syntax import ast
from archdsl.syntax.program import Program
from archdsl.syntax.walk import descendants

Direct: TypeAlias = "tuple[Mapping[str, Declaration | None], tuple[ast.Default, ...]]"
"""What a declaration depends on itself: by name, without those that mean nothing; and defaults."""

_names: WeakKeyDictionary[ast.SyntaxNode, frozenset[str]] = WeakKeyDictionary()


def names_in(declaration: ast.Declaration) -> frozenset[str]:
    """All names that stand in a declaration."""
    found = _names.get(declaration)
    if found is None:
        found = frozenset(
            node.name for node in descendants(declaration) if isinstance(node, ast.Name)
        )
        _names[declaration] = found
    return found


class Dependencies:
    """The names of every file of a program, and what each declaration depends on."""

    def __init__(self, program: Program) -> None:
        self.modules = [*program.modules]
        self.names = {
            key: globals_of(module, program, OPS) for key, module in program.modules.items()
        }
        self.direct: dict[ast.Declaration, Direct] = {}
        for key, module in program.modules.items():
            declarations = module.file.declarations
            defaults = tuple([each for each in declarations if isinstance(each, ast.Default)])
            for each in declarations:
                self.direct[each] = _known(each, self.names[key]), defaults

    @cached_property
    def visible(self) -> dict[str, list[str]]:
        """By file all names that a message about an unknown one may suggest."""
        return {key: names.visible() for key, names in self.names.items()}

    def same(self, before: Dependencies | None) -> set[ast.Declaration]:
        """The declarations that were there before, and of which all names mean the same."""
        if before is None or not _in_order(self.modules, before.modules):
            return set()
        return {each for each, direct in self.direct.items() if before.direct.get(each) == direct}

    def unchanged(self, same: Set[ast.Declaration]) -> set[ast.Declaration]:
        """Those of `same` that depend only on others of them, over any number of steps."""
        users: dict[ast.Declaration, list[ast.Declaration]] = {}
        for user, (named, defaults) in self.direct.items():
            for used in (*named.values(), *defaults):
                if used is not None:
                    users.setdefault(used, []).append(user)
        changed = {each for each in self.direct if each not in same}
        waiting = [*changed]
        while waiting:
            more = set(users.get(waiting.pop(), ())) - changed
            changed |= more
            waiting += more
        return self.direct.keys() - changed


def _known(declaration: ast.Declaration, names: Globals) -> dict[str, Declaration | None]:
    declared = names.declared
    return {name: declared[name] for name in names_in(declaration) if name in declared}


def _in_order(now: list[str], before: list[str]) -> bool:
    """Whether the files that two programs share come in the same order in both."""
    shared = {*now} & {*before}
    return [key for key in now if key in shared] == [key for key in before if key in shared]
