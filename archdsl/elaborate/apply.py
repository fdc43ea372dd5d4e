"""Layers to nodes: the way in.

The kinds of layers are handled elsewhere, each by a function that says so with `applies`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from archdsl import tree
from archdsl.elaborate.place import Place
from archdsl.elaborate.report import Exhausted, Reported
from archdsl.elaborate.scope import UNKNOWN, Tensor
from archdsl.elaborate.values import Layer

Result: TypeAlias = tuple[Tensor, tree.Node]
Handler: TypeAlias = Callable[[Any, Tensor, Place], Result]
HANDLERS: dict[type, Handler] = {}


def applies(*kinds: type) -> Callable[[Handler], Handler]:
    """Say that a function applies some kinds of layers."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def apply(layer: Layer, tensor: Tensor, place: Place) -> Result:
    """A layer applied to a tensor: the result, and what the tree remembers of it.

    After a mistake the result is `UNKNOWN`, so that others are found.
    """
    try:
        return HANDLERS[type(layer)](layer, tensor, place)
    except Exhausted:
        raise
    except Reported:
        place.body.network.failed = True
        return UNKNOWN, tree.SequenceNode(None, ())
