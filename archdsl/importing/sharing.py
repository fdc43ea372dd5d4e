"""Layers of a scope that are used more than once: what a text shares."""

from __future__ import annotations

from collections import Counter

from archdsl.importing.naming import is_free
from archdsl.importing.refusal import Refusal
from archdsl.importing.steps import Scope, Step


def shared_layers(scope: Scope) -> dict[str, Step]:
    """The first uses of layers that are used more than once, by name; raises `Refusal`."""
    weighty = [step for step in scope.steps if step.has_weights]
    uses = Counter(step.path for step in weighty)
    found: dict[str, Step] = {}
    for step in weighty:
        name = scope.relative(step.path)
        if uses[step.path] > 1 and name not in found:
            if not name.isidentifier() or not is_free(name):
                message = (
                    f"`{step.path}` is used {uses[step.path]} times, and no name can be shared"
                )
                raise Refusal("E0988", f"{message} that is `{name}`", line=step.line)
            found[name] = step
    return found
