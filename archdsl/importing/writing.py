"""From scopes of ops to the text of a spec, with blocks, loops and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archdsl.importing.blocks import Blocks
from archdsl.importing.naming import block_names, unused
from archdsl.importing.printing import Spec, laid_out
from archdsl.importing.refusal import Refusal
from archdsl.importing.steps import Port, Scope


def spec_of(scope: Scope, heads: Mapping[str, Port], network: str, docs: Sequence[str]) -> Spec:
    """What the text of a network says.

    `scope` is the whole network, whose results exist always; `heads` exist in training only. The
    name gets a number if a block has it. `docs` are lines above everything.
    """
    blocks = Blocks(scope, {**heads})
    blocks.find()
    names = block_names([each.kind for each in blocks.definitions])
    for definition, given in zip(blocks.definitions, names, strict=True):
        definition.name = given
    shapes = {n: step.port.type for n, step in zip(scope.input_names, scope.inputs, strict=True)}
    return Spec(
        unused(network, names), [*docs], blocks.definitions, blocks.body, shapes, blocks.rate
    )


def text_of(spec: Spec) -> str:
    """The text, as the formatter lays it out; raises `Refusal` (E0989) if it cannot be read."""
    text, diagnostics = laid_out(spec.text())
    if text is None:
        first = diagnostics[0]
        raise Refusal("E0989", f"the text of the model cannot be read: {first.message}")
    return text
