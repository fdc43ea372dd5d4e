"""Lists of layers as arguments: a block used with lists of several lengths takes `*layers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archdsl import tree
from archdsl.backends.torch.families import Families, Family
from archdsl.backends.torch.rows import Occurrence
from archdsl.backends.torch.scopes import is_counted, is_pure
from archdsl.backends.torch.walk import flatten, inner_frames, unsplice
from archdsl.provenance import Frame, Symbol


@dataclass(frozen=True)
class LayerList:
    """The parameter of a class that takes layers, and the layers given to every occurrence."""

    parameter: str
    layers: Mapping[Occurrence, tree.SequenceNode]


def layer_list(families: Families, family: Family) -> LayerList | None:
    """The lists of layers given to a block, if they differ in more than numbers.

    The block chains its list once, in a scope that is a plain sequence of numbered modules. Its
    callers create the layers.
    """
    names = family.occurrences[0].instance.layers
    if not names or families.is_root(family) or families.is_argument(family):
        return None
    found = [each for name in names if (each := _chained(families, family, name)) is not None]
    return found[0] if len(found) == 1 else None


def _chained(families: Families, family: Family, name: str) -> LayerList | None:
    """The lists of one parameter, if all occurrences chain theirs, and they differ."""
    layers = {}
    for occurrence in family.occurrences:
        if (chain := _chain(families, occurrence, name)) is None:
            return None
        layers[occurrence] = chain
    is_one = len(set(map(_structure, layers.values()))) == 1
    return None if is_one else LayerList(name, layers)


def _chain(families: Families, occurrence: Occurrence, name: str) -> tree.SequenceNode | None:
    """The layers of a parameter that an occurrence chains in a container that numbers them."""
    value = occurrence.instance.layers.get(name)
    if value is None or value.callee is not None or occurrence.inlined:
        return None
    nodes = list(families.nodes(occurrence.body))
    brought = Symbol(occurrence.instance.frame, name)
    uses = [n for n in nodes if isinstance(n, tree.SpliceNode) and n.value.origin == brought]
    if len(uses) != 1:
        return None
    (use,) = uses
    if isinstance(use.child, tree.GroupNode):
        return _in_container(families, use.child.child, use.child.child)
    groups = [node.child for node in nodes if isinstance(node, tree.GroupNode)]
    for scope in (occurrence.body, *groups):
        if use in flatten(tree.SequenceNode(None, (scope,))):
            return _in_container(families, scope, use.child)
    return None


def _in_container(
    families: Families, scope: tree.Node, layers: tree.Node
) -> tree.SequenceNode | None:
    """The layers, if they are a chain in a scope that is a plain sequence of numbered modules."""
    is_container = is_pure(scope, families.crossings) and is_counted(scope)
    return layers if is_container and isinstance(layers, tree.SequenceNode) else None


def _structure(layers: tree.SequenceNode) -> tuple[tree.Block | str, ...]:
    """The structure of the layers of a list, without their numbers."""
    return tuple([_kind(unsplice(layer)) for layer in flatten(layers)])


def _kind(layer: tree.Node) -> tree.Block | str:
    match layer:
        case tree.OpNode(op=op):
            return op.name
        case tree.CallNode(instance=instance):
            return instance.block
    return type(layer).__name__


def frames_around(occurrence: Occurrence, layers: tree.SequenceNode) -> list[Frame]:
    """The frames around a list of layers, for which a caller has no variables."""
    within = {*inner_frames(layers)}
    around = [frame for frame in inner_frames(occurrence.body) if frame not in within]
    return [occurrence.instance.frame, *around]
