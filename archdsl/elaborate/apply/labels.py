"""Labels applied: a label is the key of an op or block, and a scope around anything else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from archdsl import tree
from archdsl.elaborate.apply.blocks import apply_call
from archdsl.elaborate.apply.dispatch import Result, apply
from archdsl.elaborate.apply.joins import apply_join, has_weights
from archdsl.elaborate.apply.loops import conditional
from archdsl.elaborate.apply.place import Place
from archdsl.elaborate.apply.refusals import several_tensors
from archdsl.elaborate.apply.wires import remember, spliced_wire
from archdsl.elaborate.naming import Key, Taken, keys_for
from archdsl.elaborate.report import Failure
from archdsl.elaborate.tensors import UNKNOWN, Flow, Several, made_by
from archdsl.elaborate.values import (
    Applicable,
    ChainLayer,
    ConditionalLayer,
    LabelledLayer,
    Layer,
    SharedLayer,
    Spliced,
    Station,
    TiedLayer,
    WireLayer,
    layer_value,
)
from archdsl.records import record
from archdsl.resolve.reserved import fault_of


def named(layer: LabelledLayer, entry: Flow, place: Place) -> Result:
    """A layer under its label, whose result can be read by it from now on."""
    _check_name(layer, place)
    try:
        result, node = under(layer, entry, place, lambda: key_of_label(layer, place))
    except Failure:
        # Its label is known, so nothing need be said of wires to it.
        remember(layer, UNKNOWN, place)
        raise
    if isinstance(result, Several) and result.are_inputs:
        several_tensors(result, layer.site, place)
        result = UNKNOWN
    remember(layer, result, place)
    return result, node


def under(
    label: LabelledLayer, entry: Flow, place: Place, key: Callable[[], Key], joins: bool = True
) -> Result:
    """A layer under its label, whose `key` is asked for where it is one.

    It names what stands behind conditions and parameters, and an op of several inputs that has
    weights: its branches then belong to the scope around, unless `joins` says otherwise.
    """
    return _Under(label, place, key, joins).apply(label.layer, entry)


@record
class _Under:
    """A label with its place; no closure, for one that calls itself is freed late."""

    label: LabelledLayer
    place: Place
    key: Callable[[], Key]
    joins: bool

    def apply(self, layer: Layer, entry: Flow) -> Result:
        """A layer, or what stands behind it, under the label."""
        label, place = self.label, self.place
        match layer:
            case Spliced(layer=WireLayer() as wire):
                result, child = spliced_wire(layer, wire, place)
                return result, splice(layer, child)
            case Spliced(layer=inner):
                result, child = self.apply(inner, entry)
                return result, splice(layer, child)
            case ConditionalLayer(layer=inner):
                return conditional(layer, entry, place, partial(self.apply, inner))
            case Applicable(branches=()):
                return apply_call(layer, entry, place, self.key())
            case Applicable() if self.joins and has_weights(layer):
                return apply_join(layer, entry, place, self.key())
            case ChainLayer(links=()) | WireLayer() | Station() | SharedLayer() | TiedLayer():
                result, child = apply(layer, entry, place)
                if isinstance(result, Several) and not isinstance(layer, SharedLayer):
                    several_tensors(result, label.site, place)
                    return UNKNOWN, child
                here = tree.LabelNode(label.site, str(label.label.value), *made_by(result))
                return result, tree.SequenceNode(label.site, (child, here))
        return _group(layer, label, entry, place, self.key())


def splice(layer: Spliced, child: tree.Node) -> tree.Node:
    """The layer passed through a parameter, as applied."""
    value = layer_value(layer)
    assert value is not None
    return tree.SpliceNode(layer.site, value, child)


def key_of_label(label: LabelledLayer, place: Place) -> Key:
    """The label as a key of its scope, where it may stand but once."""
    _check_name(label, place)
    try:
        return place.keys.label(label.label)
    except Taken as taken:
        message = f"the label `{taken.name}` is used twice in one scope"
        if taken.name in place.keys.opened or taken.name != label.label.value:
            message = f"`{taken.name}` is the label of a layer, and of a scope"
        help = "labels of a scope must differ; in a loop, put its variable into the label"
        raise place.body.fail("E0402", message, label.label_site, help=help) from None


def _check_name(label: LabelledLayer, place: Place) -> None:
    """Refuse a label that no submodule can have."""
    fault = fault_of(str(label.label.value))
    if fault:
        message = f"`{label.label.value}` cannot be a label: {fault}"
        help = "choose another name"
        raise place.body.fail("E0401", message, label.label_site, help=help)


def _group(layer: Layer, label: LabelledLayer, entry: Flow, place: Place, key: Key) -> Result:
    """A scope of its own for anything but an op or a block."""
    assert key.name is not None
    result, child = apply(layer, entry, place.within(keys_for(layer, key.path)))
    return result, tree.GroupNode(label.site, key.name, child, *made_by(result))
