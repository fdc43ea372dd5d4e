"""Branches of a join that are there in some instances of a class, and absent in others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archdsl import tree
from archdsl.backends.torch.merged import Merged, MergedBundle, MergedCondition
from archdsl.backends.torch.scopes import ScopeForm
from archdsl.ops.base import Op


def is_optional(branch: Merged | None) -> bool:
    """Whether a branch is an `if` around several, or none."""
    match branch:
        case MergedBundle(names=[]):
            return True
        case MergedCondition(then=then, otherwise=otherwise):
            return is_optional(then) or is_optional(otherwise)
    return False


def certain(branch: Merged) -> Iterator[Merged]:
    """The branches that all instances have behind an `if`; any other branch is itself."""
    if isinstance(branch, MergedBundle) and not branch.names:
        for each in branch.branches:
            yield from certain(each)
    else:
        yield branch


def may_vary(op: Op, branches: Sequence[Merged], scope: ScopeForm) -> bool:
    """Whether one class can join the branches: with one that is certain, in the order as written.

    A sum of floating-point numbers depends on the order of its terms, but for the first two.
    """
    known = [each for branch in branches for each in certain(branch)]
    optional = list(map(is_optional, known))
    if not any(optional):
        return True
    if op.arity != "many" or scope != "attributes" or all(optional):
        return False
    before = known[: optional.index(False)]
    return not before or (len(before) == 1 and _most(before[0]) == 1)


def _most(branch: Merged | None) -> int:
    """The largest number of branches behind an `if`."""
    match branch:
        case None:
            return 0
        case MergedBundle(names=[], branches=inside):
            return sum(map(_most, inside))
        case MergedCondition(then=then, otherwise=otherwise):
            return max(_most(then), _most(otherwise))
    return 1


def presence(node: tree.Node) -> tuple[object, ...]:
    """Which of the branches of a join are there, for every `if` in it."""
    match node:
        case tree.OpNode(branches=branches) | tree.BundleNode(branches=branches, results=()):
            return tuple([presence(branch) for branch in branches])
        case tree.ConditionNode(taken=taken, child=tree.BundleNode(results=()) as inside):
            return taken, presence(inside)
    return ()
