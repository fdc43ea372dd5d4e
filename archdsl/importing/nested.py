"""Tensors in what modules take and give: in tuples, lists, dictionaries, and objects of fields."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from torch import Tensor
from torch.utils import _pytree as pytree


def opened(nested: Any) -> Any:
    """Nested objects with dictionaries of their fields instead of dataclasses."""
    return pytree.tree_map(_opened, nested)


def _opened(each: Any) -> Any:
    if is_dataclass(each) and not isinstance(each, type):
        return {field.name: opened(getattr(each, field.name)) for field in fields(each)}
    return each


def tensors_in(nested: Any) -> list[Tensor]:
    """The tensors of something nested, in order."""
    return [each for each in pytree.tree_leaves(opened(nested)) if isinstance(each, Tensor)]
