"""All steps of `archdsl optimize`: from a network and its module to a proved text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from archdsl.graph import Graph
from archdsl.importing.blocks import Merging
from archdsl.importing.specs import first_that_holds, spec_of, written
from archdsl.rewriting.counts import Counts
from archdsl.rewriting.formulas import Formula
from archdsl.rewriting.inverse import inverse
from archdsl.rewriting.network import Plan, plan_of, without_starts
from archdsl.rewriting.proof import proved, require_fit
from archdsl.rewriting.scopes import scope_of
from archdsl.rewriting.table import Outcome, rewritten
from archdsl.rewriting.tensors import applied, as_before


@dataclass(frozen=True)
class Optimized:
    """A network after rewrites: its text and code, its weights, and what was done and compared."""

    name: str
    text: str
    code: str
    outcome: Outcome
    weights: Mapping[str, Tensor]
    before: Counts
    after: Counts
    difference: float
    inverse: Mapping[str, Formula] | None
    no_inverse: str


def optimized(
    graph: Graph,
    module: nn.Module,
    origin: str,
    only: Collection[str] = (),
    training: bool = False,
    externs: Collection[str] = (),
) -> Optimized | Outcome:
    """A network after all rewrites or `only` some, proved on the weights of its module.

    An `Outcome` alone where none of them changes anything. In `training` those are left out that
    hold in inference only. Raises `Refusal` for what no text can say, and for a text that differs.
    The module is changed: it computes in double precision then. Classes of others come from the
    packages `externs` alone.
    """
    plan = plan_of(graph, module.state_dict())
    outcome = rewritten(plan, only, training)
    if not outcome.changes:
        return outcome
    outcome = outcome.with_plain_names()
    name, text = text_of_plan(outcome.plan, graph.name, origin, training)
    state = {key: value.clone() for key, value in module.state_dict().items()}
    found = proved(graph, module, outcome.plan, text, name, training, externs)
    formulas = outcome.plan.weights
    weights = as_before(applied(formulas, state), formulas, state)
    backwards, why = inverse(formulas, plan.sizes())
    counts = Counts.of(graph, len(plan.weights)), Counts.of(found.graph, len(formulas))
    return Optimized(
        name, text, found.code, outcome, weights, *counts, found.difference, backwards, why
    )


def text_of_plan(plan: Plan, network: str, origin: str, training: bool) -> tuple[str, str]:
    """The name and the text of a plan, whose keys are the plan's; raises `Refusal`."""
    scope, heads = scope_of(plan if training else without_starts(plan))
    purpose = "" if training else ", for inference"
    docs = [f"`{origin}` after exact rewrites{purpose}; proved equal to it."]

    def held(merging: Merging) -> tuple[str, str]:
        spec = spec_of(scope, heads, network, docs, merging)
        text = written(spec)
        require_fit(plan, text, spec.name)
        return spec.name, text

    return first_that_holds(held)
