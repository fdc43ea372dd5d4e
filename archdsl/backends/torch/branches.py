"""Branches in `forward`, side by side, and the ops that join them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archdsl.backends.torch import python
from archdsl.backends.torch.body import ForwardBody
from archdsl.backends.torch.calls import forms
from archdsl.backends.torch.construct import Constructor
from archdsl.backends.torch.joins import joined
from archdsl.backends.torch.merged import (
    Merged,
    MergedOp,
    MergedShare,
    MergedUse,
    MergedWire,
    is_stateless,
    links,
    modules_in,
)
from archdsl.backends.torch.names import common_start, variable_name
from archdsl.backends.torch.op_calls import OpCalls, reads_twice
from archdsl.backends.torch.optional import is_optional
from archdsl.backends.torch.python import PyAssign, PyDisplay, PyName, PySubscript
from archdsl.backends.torch.rows import same
from archdsl.backends.torch.source import width
from archdsl.backends.torch.variables import Target, TensorExpression, held
from archdsl.backends.torch.varying_joins import VaryingJoin
from archdsl.ops.forms import INPUTS
from archdsl.ops.reshape import Part

LONG = 84
"""A join or an `if` longer than this many columns is split into statements."""


@dataclass
class Branches:
    """Writes branches and joins; `visit` applies a piece of the network to a tensor.

    `is_read` says whether a wire reads an op, whose result then has a variable.
    """

    constructor: Constructor
    calls: OpCalls
    body: ForwardBody
    visit: Callable[[Merged, TensorExpression], TensorExpression]
    is_read: Callable[[MergedOp], bool]

    def join(self, node: MergedOp, value: TensorExpression) -> TensorExpression:
        """Branches side by side, and the op that joins them."""
        if sum(reads(branch) for branch in node.branches) > 1 or value.nesting:
            value = self.body.assign(value)
        if any(map(is_optional, node.branches)):
            return self._varying(node, value)
        self.body.merging += 1
        branches = self._branches(node, value)
        branches = self._once(node, branches)
        if width(self._joined(node, branches).code) > LONG:
            branches = [
                self._apart(branch, of, name)
                for branch, of, name in zip(branches, node.branches, _names(node), strict=True)
            ]
        self.body.merging -= 1
        return self._joined(node, branches)

    def _varying(self, node: MergedOp, value: TensorExpression) -> TensorExpression:
        """A join of branches of which some are there under a condition alone."""
        join = same({row: form.join for row, form in forms(node).items()})
        assert join is not None
        value = self.body.assign(value)
        self.body.merging += 1
        varying = VaryingJoin(
            join,
            self.body,
            self.calls.kept,
            lambda branch: self.one(branch, value),
            self.constructor.condition,
        )
        result = varying.of(node.branches)
        self.body.merging -= 1
        return result

    def _branches(self, node: MergedOp, value: TensorExpression) -> list[TensorExpression]:
        """The branches of a join; a sum or product repeats learned tensors for the batch itself."""
        join = next(iter(forms(node).values())).join
        parts = self._parts(node, value)
        branches = node.branches[len(parts) :]
        bare = [_bare(branch) for branch in branches]
        repeats = join is not None and bool(join.operator) and not all(bare)
        return [
            *parts,
            *[
                TensorExpression(self.calls.access.of(tensor))
                if tensor is not None and repeats and not self.is_read(tensor)
                else self.one(branch, value)
                for branch, tensor in zip(branches, bare, strict=True)
            ],
        ]

    def _parts(self, node: MergedOp, value: TensorExpression) -> list[TensorExpression]:
        """The branches that are all equal parts of one tensor: `q, k, v = x.chunk(3, -1)`.

        Those with a keyword may follow them.
        """
        op = next(iter(node.rows.values())).op
        positional = node.branches if op.arity == "many" else node.branches[: op.arity]
        count = len(positional)
        if not all(_is_part(branch, count, index) for index, branch in enumerate(positional)):
            return []
        first = positional[0]
        assert isinstance(first, MergedOp)
        part = self.calls.function(first, value.code)
        assert isinstance(part, PySubscript)
        names = op.input_names[:count]
        wanted = names if len(names) == count else [f"part{index + 1}" for index in range(count)]
        variables = [self.body.variables.for_branch(name) for name in wanted]
        targets = PyDisplay("bare", tuple(map(PyName, variables)))
        self.body.statements.append(PyAssign(targets, part.value))
        return [held(variable) for variable in variables]

    def _joined(self, node: MergedOp, branches: Sequence[TensorExpression]) -> TensorExpression:
        """An op of several inputs: joined according to its form, as a module, or as a function."""
        join = same({row: form.join for row, form in forms(node).items()})
        if join is not None:
            return joined(join, branches, self.calls.access.numbered)
        codes = [branch.code for branch in branches]
        nesting = max(branch.nesting for branch in branches) + 1
        if is_stateless(node):
            return TensorExpression(self.calls.function(node, *codes), nesting)
        return TensorExpression(self.calls.module(node, *codes), nesting)

    def one(self, node: Merged, value: TensorExpression) -> TensorExpression:
        """A branch; if it needs a variable, it gets a separate one."""
        outer, self.body.target = self.body.target, Target("", is_main=False)
        start = TensorExpression(value.code) if value.nesting == 0 else value
        result = self.visit(node, start)
        self.body.target = outer
        return self._apart(result, node) if result.is_choice else result

    def _once(self, node: MergedOp, branches: Sequence[TensorExpression]) -> list[TensorExpression]:
        """The branches, in variables where the op is written with one more than once."""
        return [
            self._named(branch, of)
            if branch.nesting and place < len(INPUTS) and reads_twice(node, place)
            else branch
            for place, (branch, of) in enumerate(zip(branches, node.branches, strict=True))
        ]

    def _apart(self, value: TensorExpression, node: Merged, name: str = "") -> TensorExpression:
        """A long branch in a variable."""
        return value if value.nesting < 2 and value.is_atom else self._named(value, node, name)

    def _named(self, value: TensorExpression, node: Merged, wanted: str = "") -> TensorExpression:
        """A branch in a variable that is named after what it is to the join, or its modules."""
        labels = [
            str(key.value)
            for module in modules_in(node)
            if not isinstance(module, MergedOp) or not self.calls.access.is_functional(module)
            for key in module.key.values()
        ]
        *_, last = links(node)
        is_join = isinstance(last, MergedOp) and last.branches
        # An op that joins several tensors is named after what they have in common.
        named = common_start(labels) if is_join else "".join(labels[-1:])
        wanted = wanted or (variable_name(named) if named.isidentifier() else "")
        name = self.body.variables.for_branch(wanted)
        self.body.statements.append(python.assign(name, value.code))
        return held(name)


def reads(node: Merged) -> bool:
    """Whether a branch reads its incoming tensor, not only a wire or a learned tensor."""
    for link in links(node):
        return not isinstance(link, MergedWire) and _bare(node) is None
    return True


def _names(node: MergedOp) -> list[str]:
    """The names of an op's inputs, where all of them have one; else nothing for each branch."""
    op, count = next(iter(node.rows.values())).op, len(node.branches)
    is_named = op.arity == len(op.input_names)
    names = [*op.input_names] if is_named and not op.is_foreign else []
    return [*names, *[""] * (count - len(names))]


def _is_part(node: Merged, count: int, index: int) -> bool:
    """Whether a branch is nothing but the part of that number, of so many."""
    match node:
        case MergedOp(rows=rows, branches=[]):
            ops = [row.op for row in rows.values()]
            return all(isinstance(op, Part) and op == Part(count, index) for op in ops)
    return False


def _bare(node: Merged) -> MergedOp | None:
    """The learned tensor that is all of a branch, if so."""
    match [*links(node)]:
        case [MergedOp(rows=rows) as op] if all(o.op.reads_batch_only for o in rows.values()):
            return op
        case [MergedShare(child=child) | MergedUse(child=child)]:
            return _bare(child)
    return None
