"""Joins of branches that are there in some instances of a class, as statements.

A sum starts from the branches that are always there, and each `if` adds to it; where a function
joins tensors, they are gathered in a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from archdsl.backends.torch import python
from archdsl.backends.torch.body import ForwardBody
from archdsl.backends.torch.joins import joined
from archdsl.backends.torch.kept import Kept
from archdsl.backends.torch.merged import Merged, MergedBundle, MergedCondition
from archdsl.backends.torch.optional import is_optional
from archdsl.backends.torch.python import (
    PyAssign,
    PyAttribute,
    PyBlock,
    PyDisplay,
    PyEvaluate,
    PyExpression,
    PyName,
    PyOperation,
    PyStatement,
)
from archdsl.backends.torch.templates import filled
from archdsl.backends.torch.variables import TensorExpression, held
from archdsl.ops.forms import TorchJoin


@dataclass
class VaryingJoin:
    """Writes one join; `branch` gives the tensor of a branch, `test` the condition of an `if`."""

    join: TorchJoin
    body: ForwardBody
    kept: Kept
    branch: Callable[[Merged], TensorExpression]
    test: Callable[[MergedCondition], PyExpression]

    def of(self, branches: Sequence[Merged]) -> TensorExpression:
        """The join of some branches, of which one is certain."""
        return self._sum(branches) if self.join.operator else self._list(branches)

    def _sum(self, branches: Sequence[Merged]) -> TensorExpression:
        first = next(i for i, each in enumerate(branches) if not is_optional(each))
        # What stands before the first is added to that alone.
        start = branches[first : first + 1] if first else _certain(branches)
        value = joined(self.join, [self.branch(each) for each in start], ())
        total = PyName(self.body.variables.for_branch())
        self.body.statements.append(PyAssign(total, value.code))

        def before(term: PyExpression) -> PyStatement:
            return PyAssign(total, PyOperation(self.join.operator, (term, total)))

        def behind(term: PyExpression) -> PyStatement:
            return PyAssign(total, PyOperation(self.join.operator, (total, term)))

        self._each(branches[:first], before)
        self._each(branches[first + len(start) :], behind)
        return held(total.id)

    def _list(self, branches: Sequence[Merged]) -> TensorExpression:
        start = _certain(branches)
        tensors = PyName(self.body.variables.for_branch("tensors"))
        made = PyDisplay("list", tuple([self.branch(each).code for each in start]))
        kind = None if start else python.generic("list", PyName("Tensor"))
        self.body.statements.append(PyAssign(tensors, made, kind))
        add = PyAttribute(tensors, "append")
        self._each(branches[len(start) :], lambda term: PyEvaluate(python.call(add, term)))
        return TensorExpression(filled(self.join.function, (tensors,)), 1)

    def _each(self, branches: Iterable[Merged], add: Callable[[PyExpression], PyStatement]) -> None:
        for branch in branches:
            match branch:
                case MergedBundle(names=[], branches=inside):
                    self._each(inside, add)
                case MergedCondition() if is_optional(branch):
                    self._choice(branch, add)
                case _:
                    term = self.branch(branch)
                    self.body.statements.append(add(term.code))

    def _choice(self, branch: MergedCondition, add: Callable[[PyExpression], PyStatement]) -> None:
        condition = self.test(branch)
        blocks: list[PyBlock] = []
        sides = (branch.then, condition), (branch.otherwise, python.negated(condition))
        for side, test in sides:
            with self.kept.under(test), self.body.nested() as block:
                self._each(_present(side), add)
            blocks.append(tuple(block))
        self.body.declare()
        self.body.statements += python.if_else(self.kept.flag(branch, condition), *blocks)


def _certain(branches: Sequence[Merged]) -> Sequence[Merged]:
    """The branches before the first that may be absent."""
    return [*takewhile(lambda each: not is_optional(each), branches)]


def _present(side: Merged | None) -> Iterator[Merged]:
    if side is not None:
        yield side
