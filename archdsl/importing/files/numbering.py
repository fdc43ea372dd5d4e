"""Keys for a network whose names are gone: layers are numbered as the language numbers them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from archdsl.importing.composition import composed
from archdsl.importing.labels import layers_in
from archdsl.importing.steps import Scope, Step
from archdsl.importing.terms import Term


def renamed(scope: Scope, is_numbered: bool) -> dict[str, str]:
    """Give all layers of a scope other names; the new paths of layers by the old ones.

    They have numbers, or where not `is_numbered` names after their ops: `conv1`, `conv2`.
    """
    found: dict[str, str] = {}
    _rename(scope, "", _numbers if is_numbered else _names, found)
    return found


Namer = Callable[[Scope, Term], dict[str, str]]


def _rename(scope: Scope, path: str, names: Namer, found: dict[str, str]) -> None:
    body = composed(scope)
    is_plain = body.kind != "share" and not any(each.kind == "wire" for each in body.walk())
    given = names(scope, body) if is_plain else _names(scope, body)
    for step in scope.steps:
        old = scope.relative(step.path)
        if old not in given or not step.path:
            continue
        new = f"{path}.{given[old]}" if path else given[old]
        if step.scope is not None:
            _rename(step.scope, new, names, found)
        else:
            found[step.path] = new
        step.path = new
    scope.path = path


def _numbers(scope: Scope, body: Term) -> dict[str, str]:
    """Every layer by its place in the text; a layer alone is the first."""
    several = enumerate(layers_in(body))
    return {str(layer.head): str(place) for place, layer in several if layer.kind == "label"}


def _names(scope: Scope, body: Term) -> dict[str, str]:
    """Every layer by its op, numbered among those of its op."""
    counted: Counter[str] = Counter()
    found: dict[str, str] = {}
    for step in scope.steps:
        old = scope.relative(step.path)
        if step.has_weights and old not in found:
            stem = _stem(step)
            counted[stem] += 1
            found[old] = f"{stem}{counted[stem]}"
    return found


def _stem(step: Step) -> str:
    if step.scope is not None:
        return {"stage": "stage", "gate": "gate"}.get(step.scope.kind, "block")
    assert step.op is not None
    return {"bn": "norm", "layernorm": "norm", "parameter": "tensor"}.get(
        step.op.name, step.op.name
    )
