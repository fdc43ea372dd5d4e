"""Networks without what exists in training only."""

from __future__ import annotations

from archdsl.rewriting.network import Plan
from archdsl.rewriting.rewrite import Change, Rewritten

NAME = "heads"


def without_heads(plan: Plan) -> Rewritten:
    """Leave out the heads, with all layers that serve nothing else."""
    if not plan.heads:
        return Rewritten(plan)
    kept = {number: node for number, node in plan.nodes.items() if not node.training_only}
    made = plan.changed(nodes=kept, heads={})
    weights = {key: plan.weights[key] for key in made.sizes()}
    gone = len(plan.weights) - len(weights)
    changes = [
        Change(NAME, name, "is gone, since it exists in training only") for name in plan.heads
    ]
    changes[-1] = Change(NAME, changes[-1].where, f"{changes[-1].what} ({gone} keys of all heads)")
    return Rewritten(made.changed(weights=weights), tuple(changes))
