"""Ops and blocks in their places, under their keys."""

from __future__ import annotations

from archdsl.elaborate.apply.application import Application
from archdsl.elaborate.apply.dispatch import Result
from archdsl.elaborate.apply.entries import by_name
from archdsl.elaborate.apply.joins import apply_join, note_default
from archdsl.elaborate.apply.operators import apply_op
from archdsl.elaborate.apply.place import Place
from archdsl.elaborate.apply.refusals import several_tensors
from archdsl.elaborate.evaluate.calls import require
from archdsl.elaborate.naming import Key
from archdsl.elaborate.tensors import Flow, Several, Tensor
from archdsl.elaborate.values import Applicable, BlockCallee, OpCallee


def unlabelled(layer: Applicable, entry: Flow, place: Place) -> Result:
    """An op or block without a label: it is named after itself, or shares its scope."""
    if layer.branches:
        return apply_join(layer, entry, place)
    first = place.body.network.count
    key = place.keys.unlabelled(layer.callee.name, isinstance(layer.callee, OpCallee))
    result = apply_call(layer, entry, place, key)
    if key.by_default and place.body.network.has_weights(first):
        note_default(layer, key, place)
    return result


def apply_call(layer: Applicable, entry: Flow, place: Place, key: Key) -> Result:
    """An op or a block in its place, under its key."""
    is_op = isinstance(layer.callee, OpCallee)
    place.body.count(layer.site, layers=int(is_op), turns=int(not is_op))
    if layer.lacks_branches:
        message = f"`{layer.callee.name}` has several inputs: it takes a branch for each"
        help = f"write `{layer.callee.name}(identity, …)`"
        raise place.body.fail("E0203", message, layer.site, help=help)
    names = input_names(layer)
    if isinstance(entry, Several) and not names:
        if not (isinstance(layer.callee, OpCallee) and layer.callee.op.reads_batch_only):
            raise several_tensors(entry, layer.site, place)
        # It has one value for every sample, of whichever tensor.
        entry = next(iter(entry.parts.values()))
    require(layer, place.body)
    if isinstance(layer.callee, BlockCallee):
        given = by_name(entry, names, layer, place) if names else entry
        return Application(layer, layer.callee, place, key).run(given)
    assert isinstance(layer.callee, OpCallee)
    assert isinstance(entry, Tensor)
    return apply_op(layer, layer.callee, entry, place, key)


def input_names(layer: Applicable) -> tuple[str, ...]:
    """The names of a block's inputs; none for a single one without a name, and for an op."""
    declaration = layer.callee.declaration if isinstance(layer.callee, BlockCallee) else None
    return declaration.signature.input_names if declaration and declaration.signature else ()
