"""Layers to nodes: the way in. `table.py` says which function applies which kind of layer."""

from __future__ import annotations

from typing import TypeAlias

from archdsl import tree
from archdsl.elaborate.apply.place import Place
from archdsl.elaborate.report import Failure
from archdsl.elaborate.tensors import UNKNOWN, Flow
from archdsl.elaborate.values import Layer

Result: TypeAlias = tuple[Flow, tree.Node]


def apply(layer: Layer, entry: Flow, place: Place) -> Result:
    """A layer applied to a tensor, or to several: the result, and what the tree remembers of it.

    After a mistake the result is `UNKNOWN`, so that others are found.
    """
    try:
        result: Result = place.body.session.appliers[type(layer)](layer, entry, place)
    except Failure:
        place.body.network.failed = True
        return UNKNOWN, tree.SequenceNode(None, ())
    return result
