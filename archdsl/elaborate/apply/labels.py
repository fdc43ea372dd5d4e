"""Labels applied: a label is the key of an op or block, and a scope around anything else."""

from __future__ import annotations

from collections.abc import Callable

from archdsl import tree
from archdsl.elaborate.apply.blocks import apply_call
from archdsl.elaborate.apply.dispatch import Result, apply
from archdsl.elaborate.apply.joins import apply_join, has_weights
from archdsl.elaborate.apply.loops import conditional
from archdsl.elaborate.apply.operators import several_inputs
from archdsl.elaborate.apply.place import Place
from archdsl.elaborate.apply.wires import remember, spliced_wire
from archdsl.elaborate.naming import Key, Taken, keys_for
from archdsl.elaborate.tensors import NOTHING, UNKNOWN, Tensor
from archdsl.elaborate.values import (
    Applicable,
    ChainLayer,
    ConditionalLayer,
    LabelledLayer,
    Layer,
    SharedLayer,
    Spliced,
    Station,
    WireLayer,
    layer_value,
)
from archdsl.resolve.reserved import fault_of


def named(layer: LabelledLayer, tensor: Tensor, place: Place) -> Result:
    """A layer under its label, whose result can be read by it from now on."""
    _check_name(layer, place)
    result, node = under(layer, tensor, place, lambda: key_of_label(layer, place))
    if result is NOTHING:
        several_inputs(layer.site, place)
        result = UNKNOWN
    remember(layer, result, place)
    return result, node


def under(
    label: LabelledLayer, tensor: Tensor, place: Place, key: Callable[[], Key], joins: bool = True
) -> Result:
    """A layer under its label, whose `key` is asked for where it is one.

    It names what stands behind conditions and parameters, and an op of several inputs that has
    weights: its branches then belong to the scope around, unless `joins` says otherwise.
    """

    def inside(layer: Layer, tensor: Tensor) -> Result:
        match layer:
            case Spliced(layer=WireLayer() as wire):
                result, child = spliced_wire(layer, wire, place)
                return result, splice(layer, child)
            case Spliced(layer=inner):
                result, child = inside(inner, tensor)
                return result, splice(layer, child)
            case ConditionalLayer(layer=inner):
                return conditional(layer, tensor, place, lambda entry: inside(inner, entry))
            case Applicable(branches=()):
                return apply_call(layer, tensor, place, key())
            case Applicable() if joins and has_weights(layer):
                return apply_join(layer, tensor, place, key())
            case ChainLayer(links=()) | WireLayer() | Station() | SharedLayer():
                result, child = apply(layer, tensor, place)
                here = tree.LabelNode(label.site, str(label.label.value), result.node)
                return result, tree.SequenceNode(label.site, (child, here))
        return _group(layer, label, tensor, place, key())

    return inside(label.layer, tensor)


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
    except Taken:
        message = f"the label `{label.label.value}` is used twice in one scope"
        help = "labels of a scope must differ; in a loop, put its variable into the label"
        raise place.body.fail("E0402", message, label.label_site, help=help) from None


def _check_name(label: LabelledLayer, place: Place) -> None:
    """Refuse a label that no submodule can have."""
    fault = fault_of(str(label.label.value))
    if fault:
        message = f"`{label.label.value}` cannot be a label: {fault}"
        help = "choose another name"
        raise place.body.fail("E0401", message, label.label_site, help=help)


def _group(layer: Layer, label: LabelledLayer, tensor: Tensor, place: Place, key: Key) -> Result:
    """A scope of its own for anything but an op or a block."""
    assert key.name is not None
    result, child = apply(layer, tensor, place.within(keys_for(layer, key.path)))
    return result, tree.GroupNode(label.site, key.name, child, result.node)
