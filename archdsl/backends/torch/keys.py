"""Names of modules in a scope: agreement between rows, and numbering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archdsl import tree
from archdsl.backends.torch.merged import Merged, MergedSplice, is_stateless, modules_in
from archdsl.backends.torch.rows import Correspondence, Row, Split, same
from archdsl.backends.torch.scopes import ScopeForm
from archdsl.backends.torch.walk import is_stateful, splice_key
from archdsl.provenance import Term, literal


@dataclass(frozen=True)
class Naming:
    """How modules are named in a scope; `is_counted`: they are numbered."""

    correspondence: Correspondence
    scope: ScopeForm
    is_counted: bool

    def check(self, keys: Mapping[Row, Term]) -> None:
        """Raise `Split` unless the name is fixed, or an expression that the scope can compute."""
        if self.scope in ("attributes", "indexed"):
            same({row: key.value for row, key in keys.items()})
        elif not self.is_counted:
            comparable = self.correspondence.comparable
            same({row: comparable(row, key.expression) for row, key in keys.items()})

    def of_argument(
        self, parameter: str, spliced: Mapping[Row, tree.SpliceNode]
    ) -> dict[Row, Term]:
        """The names of a layer argument; an identity has none."""
        keys = {row: key for row, node in spliced.items() if (key := splice_key(node)) is not None}
        names = {str(key.value) for key in keys.values()}
        is_container = self.scope == "pure"
        if len(names) < 2 or self.scope in ("children", "indexed"):
            return keys
        if is_container and self.is_counted:
            return keys
        if not any(map(is_stateful, spliced.values())):
            # The name of a module without weights is not visible.
            return dict.fromkeys(spliced, literal(f"{parameter}_")) if is_container else {}
        if not is_container or len(keys) < len(spliced):
            raise Split({row: str(keys[row].value) if row in keys else "" for row in spliced})
        return keys


def number(scope: Merged, is_counted: bool) -> None:
    """Mark for each module of a scope whether its name is a number, which Python counts.

    Raises `Split` if an argument before a module is the identity only in some rows, which Python
    does not count.
    """
    given: list[MergedSplice] = []
    for module in modules_in(scope):
        module.is_counted = is_counted
        if is_counted and module.key and not is_stateless(module):
            for each in given:
                same({row: node.value.is_identity for row, node in each.rows.items()})
        given += [module] if isinstance(module, MergedSplice) else []
