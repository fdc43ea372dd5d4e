"""Attributes that several equal layers without weights have in common."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl.backends.torch import traversal
from archdsl.backends.torch.access import Access, is_labelled
from archdsl.backends.torch.calls import IN_PLACE
from archdsl.backends.torch.merged import (
    Merged,
    MergedCondition,
    MergedOp,
    MergedSplice,
    Submodule,
    below,
    is_stateless,
)
from archdsl.backends.torch.python import PyAssign, PyBlock, PyCall, PyExpression, PyStatement

Guards: TypeAlias = tuple[tuple[int, bool], ...]
"""The branches of `if` statements around a statement, outermost first."""


@dataclass
class CommonAttributes:
    """Writes one attribute for equal layers, at a place from which all their uses see it."""

    access: Access
    alike: dict[PyExpression, tuple[Guards, PyExpression]] = field(default_factory=dict)
    """The attributes so far, with the conditions around their creation."""
    around: dict[Hashable, Guards] = field(default_factory=dict)
    """The conditions around all uses of equal layers."""
    guards: Guards = ()
    outside: list[PyStatement] = field(default_factory=list)
    """Statements to place after the current conditions, not inside them."""

    @contextmanager
    def within(self, node: MergedCondition, is_then: bool) -> Iterator[None]:
        """Statements of one side of a condition."""
        outer, self.guards = self.guards, (*self.guards, (id(node), is_then))
        yield
        self.guards = outer

    def note_uses(self, node: Merged, guards: Guards = ()) -> None:
        """Collect the common conditions around all uses of equal layers without weights."""
        if isinstance(node, MergedCondition):
            for side in below(node):
                self.note_uses(side, (*guards, (id(node), side is node.then)))
            return
        for part in below(node):
            self.note_uses(part, guards)
        if isinstance(node, MergedSplice) or (
            isinstance(node, MergedOp) and not node.branches and is_stateless(node)
        ):
            kind = _kind(node)
            known = self.around.get(kind, guards)
            alike = [a for a, b in zip(known, guards, strict=False) if a == b]
            self.around[kind] = tuple(alike)

    def of(self, modules: Sequence[Submodule], value: PyExpression) -> PyBlock:
        """The attribute of some layers; no statement if an equal one exists."""
        guards, attribute = self.alike.get(value, ((), None))
        is_made = attribute is not None and self.guards[: len(guards)] == guards
        if attribute is not None and is_made and not self.access.is_network:
            self.access.reach(modules, attribute)
            return ()
        attribute = self.access.share(modules)
        statement = PyAssign(attribute, value)
        around = self.around.get(_kind(modules[0]), ())
        is_inside = around == self.guards
        is_fixed = isinstance(value, PyCall) and not _reads(value)
        if isinstance(modules[0], MergedSplice) and (around or _is_in_place(value)):
            # Nobody knows whether a layer that is handed in has weights, and only those that are
            # used here may be able to work in place.
            is_fixed = False
        if is_inside or not is_fixed or self.access.is_network:
            self.alike[value] = self.guards, attribute
            return (statement,)
        # It does not depend on the conditions, and may be read after them.
        self.alike[value] = (), attribute
        self.outside.append(statement)
        return self.taken_outside()

    def taken_outside(self) -> PyBlock:
        """The waiting statements, if no condition is around."""
        if self.guards:
            return ()
        block, self.outside = tuple(self.outside), []
        return block


def can_be_shared(node: Submodule) -> bool:
    """Whether a layer may share an attribute: one without weights, or given and unnamed."""
    return is_stateless(node) or (isinstance(node, MergedSplice) and not is_labelled(node))


def _kind(node: Submodule) -> Hashable:
    """The key by which layers without weights, or those handed in, share an attribute."""
    if isinstance(node, MergedSplice):
        return node.parameter
    assert isinstance(node, MergedOp)
    return frozenset([(type(op.op), repr(op.op)) for op in node.rows.values()])


def _is_in_place(value: PyExpression) -> bool:
    return isinstance(value, PyCall) and IN_PLACE in value.arguments


def _reads(value: PyExpression) -> bool:
    """Whether a layer has arguments that the class computes."""
    assert isinstance(value, PyCall)
    return bool(traversal.names_read(*value.arguments))
