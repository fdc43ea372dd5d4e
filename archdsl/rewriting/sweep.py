"""One pass over a plan that changes it at many places, for rewrites whose places are apart."""

from __future__ import annotations

from typing import ClassVar

from archdsl.ops.base import Op
from archdsl.rewriting.draft import Draft
from archdsl.rewriting.network import Plan
from archdsl.rewriting.rewrite import TRAINING_ONLY, Change, Left, Rewritten


class Sweep:
    """A pass that takes every node of one op: `name` is the rewrite's.

    Nodes that exist in training only are left alone: whoever rewrites for inference cannot prove
    anything about them.
    """

    name: ClassVar[str]
    op: ClassVar[type[Op]]

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.draft = Draft(plan)
        self.changes: list[Change] = []
        self.left: list[Left] = []

    def rewritten(self) -> Rewritten:
        """What becomes of the plan."""
        for number, node in self.plan.nodes.items():
            if type(node.op) is not self.op:
                continue
            if node.training_only:
                self.leave(node.path or node.name, TRAINING_ONLY)
            else:
                self.take(number)
        made = self.draft.plan() if self.changes else self.plan
        return Rewritten(made, tuple(self.changes), tuple(self.left))

    def take(self, number: int) -> None:
        """Change the draft at a node, or say why it stays."""
        raise NotImplementedError

    def change(self, where: str, what: str) -> None:
        """Say what was done."""
        self.changes.append(Change(self.name, where, what))

    def leave(self, where: str, why: str) -> None:
        """Say why a place stays as it is."""
        self.left.append(Left(self.name, where, why))
