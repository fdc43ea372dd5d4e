"""Anti-unification of conditions and loops, where rows divide or multiply (see `merge.py`).

The rows that meet a condition are merged separately from those that do not. Every iteration of a
loop is a separate row, so that one body stands for all iterations of all occurrences; iterations
that cannot share a body are unrolled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from archdsl import tree
from archdsl.backends.torch.merged import (
    Merged,
    MergedCondition,
    MergedLoop,
    MergedSequence,
    is_empty,
)
from archdsl.backends.torch.rows import (
    Correspondence,
    Role,
    Row,
    Rows,
    Split,
    Unprintable,
    conflicting,
    same,
)
from archdsl.backends.torch.scopes import ScopeForm
from archdsl.backends.torch.walk import gives_several, is_carried, labelled
from archdsl.provenance import Symbol
from archdsl.tree import Node


@dataclass(kw_only=True)
class ControlAntiUnifier(ABC):
    """Merges rows of conditions and of loops; `merge` handles their parts.

    `scope` is how the scope being merged is printed, `unroll` says whether all loops are unrolled,
    `carried` whether the enclosing loop changes its channels.
    """

    correspondence: Correspondence
    scope: ScopeForm
    unroll: bool = False
    carried: bool = False
    conditions: list[MergedCondition] = field(default_factory=list)
    shared: dict[Node, Merged] = field(default_factory=dict)
    """Nodes merged already, because both branches of an `if` have them."""

    @abstractmethod
    def merge(self, rows: Mapping[Row, Node]) -> Merged:
        """The merged tree of all rows' nodes."""

    @abstractmethod
    def repeats_shared(self, rows: Mapping[Row, tree.LoopNode]) -> bool:
        """Whether `forward` can loop over layers, because all weights are those of shared ones."""

    def condition(self, rows: dict[Row, tree.ConditionNode]) -> Merged:
        """The merged `if` of all rows, or its only branch if all rows take the same one."""
        entry, exit = Role("entry", printed=False), Role("exit", printed=False)
        for row, node in rows.items():
            self.correspondence.register(entry, row, node.entry)
            self.correspondence.register(exit, row, node.exit)
        sides = [
            {row: node.child for row, node in rows.items() if node.taken is side}
            for side in (True, False)
        ]
        if self.scope == "indexed" or any(map(gives_several, rows.values())):
            same({row: node.taken for row, node in rows.items()})
        self._share(*sides)
        then, otherwise = (self.merge(side) if side else None for side in sides)
        if then is None or otherwise is None:
            return then or otherwise or MergedSequence(dict(rows), [])
        if is_empty(then) and is_empty(otherwise):
            return MergedSequence(dict(rows), [])
        if self.carried:
            self._carry(rows, entry, exit)
        result = MergedCondition(rows, then, otherwise, entry, exit)
        self.conditions.append(result)
        # Modules that both branches share differ only in numbers.
        return then if then is otherwise else result

    def _share(self, then: Rows, otherwise: Rows) -> None:
        """Merge a submodule once if both branches of an `if` have it under one label."""
        named = {row: labelled(node) for row, node in {**then, **otherwise}.items()}
        if not then or not otherwise or self.scope != "attributes":
            return
        for label in next(iter(named.values())):
            rows = {row: nodes[label] for row, nodes in named.items() if label in nodes}
            if len(rows) < len(named):
                continue
            with suppress(Split):
                self.shared.update(dict.fromkeys(rows.values(), self.merge(rows)))

    def _carry(self, rows: dict[Row, tree.ConditionNode], entry: Role, exit: Role) -> None:
        """Let an `if` that changes the channels carry them, in a loop that does."""
        after = [node.exit.definitions["channels"].expression for node in rows.values()]
        unchanged = all(
            isinstance(e, Symbol)
            and e.frame is not None
            and self.correspondence.roles.get(e.frame) is entry
            for e in after
        )
        if not unchanged:
            entry.printed = exit.printed = entry.carried = exit.carried = True

    def loop(self, rows: dict[Row, tree.LoopNode]) -> Merged:
        """The merged loop of all rows, or its unrolled iterations."""
        turns = {
            Row(row.occurrence, row, iteration): iteration
            for row, node in rows.items()
            for iteration in node.iterations
        }
        if not turns:
            return self._no_loop(rows)
        if any(not isinstance(node.header.value, tuple) for node in rows.values()):
            # The list holds layers, so there are no numbers to iterate over.
            return self._unroll(rows)
        if self.unroll or self.scope in ("attributes", "indexed"):
            is_kept = not self.unroll and self.repeats_shared(rows)
            return self._roll(rows, turns) if is_kept else self._unroll(rows)
        if self.scope == "pure" and any(gives_several(turn.child) for turn in turns.values()):
            return self._unroll(rows)
        try:
            return self._roll(rows, turns)
        except Split as split:
            if not conflicting(split.parts):
                raise
            return self._unroll(rows)

    def _no_loop(self, rows: dict[Row, tree.LoopNode]) -> MergedSequence:
        """A loop without effect."""
        for row, node in rows.items():
            self.correspondence.drop(row, *[turn.frame for turn in node.iterations], node.exit)
        return MergedSequence(dict(rows), [])

    def _roll(self, rows: dict[Row, tree.LoopNode], turns: dict[Row, tree.Iteration]) -> Merged:
        turn, exit = Role("turn"), Role("exit")
        turn.carried = exit.carried = any(is_carried(node) for node in rows.values())
        for row, iteration in turns.items():
            self.correspondence.register(turn, row, iteration.frame)
        for row, node in rows.items():
            self.correspondence.register(exit, row, node.exit)
            if node.iterations and not turn.carried:
                first = node.iterations[0].frame
                later = (iteration.frame for iteration in node.iterations)
                self.correspondence.first.update(dict.fromkeys((*later, node.exit), first))
        outer, self.carried = self.carried, turn.carried
        try:
            body = self.merge({row: iteration.child for row, iteration in turns.items()})
        finally:
            self.carried = outer
        if is_empty(body):
            return self._no_loop(rows)
        return MergedLoop(rows, body, turn, exit)

    def _unroll(self, rows: dict[Row, tree.LoopNode]) -> MergedSequence:
        if self.scope == "children":
            raise Unprintable("a loop over children that differ")
        length = same({row: len(node.iterations) for row, node in rows.items()})
        self._no_loop(rows)
        children = [
            self.merge({row: node.iterations[i].child for row, node in rows.items()})
            for i in range(length)
        ]
        return MergedSequence(dict(rows), children)
