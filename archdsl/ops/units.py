"""The role of an op in a unit such as `pad -> conv -> bn -> relu`."""

from __future__ import annotations

from typing import Literal, TypeAlias

UnitPart: TypeAlias = Literal[
    "layer", "normalization", "activation", "regularization", "flatten", "pad"
]
"""A unit has each part at most once. A layer is what published depths count, where it learns."""

NOUNS = {"pooling": "pool", "normalization": "norm", "regularization": "dropout"}
"""The name in code of a member of a family, if it differs from the family's."""
