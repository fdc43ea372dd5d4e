"""What an op is to the ops around it: its part in a unit such as `pad -> conv -> bn -> relu`."""

from __future__ import annotations

from typing import Literal, TypeAlias

UnitPart: TypeAlias = Literal[
    "layer", "normalization", "activation", "regularization", "flatten", "pad"
]
"""A unit has each part at most once. A layer is what published depths count, where it learns."""

NOUNS = {"pooling": "pool", "normalization": "norm", "regularization": "dropout"}
"""What a member of a family is called in code, where that is another word than the family's."""
