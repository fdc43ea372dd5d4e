"""From a scope of ops to the text of a spec: blocks are found, named and printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from archdsl.importing.blocks import Blocks, Merging
from archdsl.importing.classes import PARAMETER, classes_of, with_classes
from archdsl.importing.declarations import Spec, laid_out
from archdsl.importing.naming import block_names, unused
from archdsl.importing.refusal import Refusal
from archdsl.importing.steps import Port, Scope
from archdsl.importing.units import with_unit_factors

Made = TypeVar("Made")

MERGINGS: tuple[Merging, ...] = ("variants", "arguments", "copies")
"""Blocks that are found to be one may be none, which shows in the proof: then fewer are merged."""


def spec_of(
    scope: Scope,
    heads: Mapping[str, Port],
    network: str,
    docs: Sequence[str],
    merging: Merging = "variants",
) -> Spec:
    """The spec of a scope, with its blocks; `heads` are results that exist in training only."""
    with_unit_factors(scope)
    blocks = Blocks(scope, dict(heads), merging)
    blocks.find()
    own = [each for each in blocks.definitions if not each.is_library]
    taken = {each.name for each in blocks.definitions if each.is_library}
    taken |= {"residual" for each in own if each.body.kind == "skip"}
    names = block_names([each.kind for each in own], taken)
    for definition, given in zip(own, names, strict=True):
        definition.name = given
    body, parameters = blocks.body, {}
    count = classes_of(scope.settings, scope.results[0].type.breadth)
    if count is not None and with_classes(body, count) != body:
        body, parameters = with_classes(body, count), {PARAMETER: count}
    name = unused(network, names)
    definitions = blocks.definitions
    types = [step.port.type for step in scope.inputs]
    shapes = dict(zip(scope.input_names, types, strict=True))
    return Spec(name, [*docs], definitions, body, shapes, blocks.rate, parameters)


def first_that_holds(make: Callable[[Merging], Made]) -> Made:
    """What `make` makes with the most merging that it does not refuse; else its first `Refusal`."""
    first: Refusal | None = None
    for merging in MERGINGS:
        try:
            return make(merging)
        except Refusal as refusal:
            first = first or refusal
    assert first is not None
    raise first


def written(spec: Spec) -> str:
    """The text of a spec, laid out; raises `Refusal` where it cannot be read."""
    text, diagnostics = laid_out(spec.text())
    if text is None:
        message = f"the text of the model cannot be read: {diagnostics[0].message}"
        raise Refusal("E0989", message)
    return text
