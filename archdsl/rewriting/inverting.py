"""The weights of a network, from those of the network that rewrites make of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.graph import Graph
from archdsl.importing.refusal import Refusal
from archdsl.rewriting.inverse import inverse
from archdsl.rewriting.network import plan_of
from archdsl.rewriting.optimize import text_of_plan
from archdsl.rewriting.proof import compiled, proved
from archdsl.rewriting.table import rewritten
from archdsl.rewriting.tensors import applied, as_before
from archdsl.runtime import instantiate
from archdsl.weights.load import load_weights


def inverted(
    graph: Graph,
    module: nn.Module,
    weights: Path,
    only: Collection[str],
    training: bool,
    externs: Collection[str] = (),
) -> tuple[dict[str, Tensor], list[Diagnostic]]:
    """The weights of a network, by a file with those of the rewritten one; errors, or notes.

    Raises `Refusal` (E0997) where they do not follow, and if results differ.
    """
    plan = plan_of(graph, module.state_dict())
    outcome = rewritten(plan, only, training).with_plain_names()
    formulas, why = inverse(outcome.plan.weights, plan.sizes())
    if formulas is None:
        help = "" if training else "rewrites of `--for training` can be inverted"
        raise Refusal("E0997", f"the weights cannot be computed backwards: {why}", help)
    name, text = text_of_plan(outcome.plan, graph.name, graph.name, training)
    made = instantiate(compiled(text, name)[1], name, externs)
    diagnostics = load_weights(made, weights, name)
    if has_errors(diagnostics):
        return {}, diagnostics
    state = {key: value.clone() for key, value in made.state_dict().items()}
    found = as_before(applied(formulas, state), formulas, state)
    _require_equal(applied(outcome.plan.weights, found), state)
    module.load_state_dict(found)
    proved(graph, module, outcome.plan, text, name, training, externs)
    return found, diagnostics


def _require_equal(again: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Refuse old weights of which the new ones do not follow, number by number."""
    for key, value in state.items():
        if not torch.equal(again[key].to(value.dtype), value):
            raise Refusal("E0998", f"`{key}` does not follow from the old weights")
