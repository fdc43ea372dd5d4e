"""All rewrites, in the order in which they are tried, until none of them changes anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from archdsl.rewriting import branches, folding, heads, norms, paths, pointwise, siblings
from archdsl.rewriting.network import Plan
from archdsl.rewriting.rewrite import Change, Left, Rewrite
from archdsl.rewriting.sharing import with_plain_names

REWRITES = (
    Rewrite(heads.NAME, "leave out heads that exist in training only", heads.without_heads),
    Rewrite(
        paths.NAME,
        "merge equal paths into one with groups",
        paths.merge_paths,
        paths.merge_paths_in_training,
    ),
    Rewrite(norms.NAME, "split norms of concatenations by branch", norms.split_norms),
    Rewrite(folding.NAME, "fold batch norms into convolutions and linear layers", folding.fold),
    Rewrite(
        branches.NAME,
        "add up convolutions, norms and the identity of one tensor",
        branches.merge_branches,
    ),
    Rewrite(
        pointwise.NAME,
        "merge 1x1 convolutions and linear layers into the layer before them",
        pointwise.merge_pointwise,
    ),
    Rewrite(
        siblings.NAME,
        "merge 1x1 convolutions of one tensor",
        siblings.merge_siblings,
        siblings.merge_siblings,
    ),
)
NAMES = tuple(each.name for each in REWRITES)
MOST_ROUNDS = 100


@dataclass(frozen=True)
class Outcome:
    """A plan after all rewrites: what was done, and what was left at the end.

    `renamed` has the new paths of what only another name lets a text share, by the old ones.
    """

    plan: Plan
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)

    def with_plain_names(self) -> Outcome:
        """The same, of which a text can be written."""
        plan, renamed = with_plain_names(self.plan)
        return replace(self, plan=plan, renamed=renamed)


def rewritten(plan: Plan, only: Collection[str] = (), training: bool = False) -> Outcome:
    """Apply the rewrites, or `only` some; in `training` those alone that keep training."""
    chosen = [each for each in REWRITES if not only or each.name in only]
    functions = [each.in_training if training else each.function for each in chosen]
    wanted = [function for function in functions if function is not None]
    changes: list[Change] = []
    for _ in range(MOST_ROUNDS):
        left: list[Left] = []
        before = len(changes)
        for function in wanted:
            result = function(plan)
            plan = result.plan
            changes += result.changes
            left += result.left
        if len(changes) == before:
            return Outcome(plan, tuple(changes), tuple(left))
    raise AssertionError("rewrites that never end")
