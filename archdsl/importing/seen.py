"""What a recording makes of the functions of PyTorch, by their names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch.overrides import resolve_name

ASKING = frozenset(
    "__bool__ __int__ __float__ __index__ __complex__ item tolist numpy __array__ equal allclose"
    " is_nonzero __contains__ nonzero unique".split()
)
"""Functions whose result depends on a tensor's numbers, or makes sizes that do."""
SILENT = frozenset(
    "__get__ size dim numel stride is_contiguous data_ptr storage_offset is_floating_point"
    " element_size requires_grad_ __len__ ndimension is_complex nelement get_device __hash__"
    " __repr__ __format__ is_same_size is_tensor iscomplexobj result_type promote_types can_cast"
    " is_autocast_enabled is_grad_enabled __set__ __dir__ _is_view is_inference register_hook"
    " is_signed".split()
)
"""Functions that say something of a tensor but its numbers."""
PROPERTIES = frozenset("T mT H mH data real imag".split())
"""Properties of a tensor that are tensors."""


def name_of(func: Any) -> str:
    """The plain name of a function of PyTorch: `relu` for `torch.Tensor.relu`."""
    name = getattr(func, "__name__", "") or resolve_name(func) or "a function"
    if name == "__get__" and getattr(func, "__self__", None) is not None:
        found: str = func.__self__.__name__
        return found if found in PROPERTIES else name
    return name.rpartition(".")[2]


FIRST = ("input", "self", "x", "tensors", "query")
"""What functions call the tensor that they are given first; `x` as NumPy does."""
AS_NUMPY = {"axis": "dim", "keepdims": "keepdim"}
"""PyTorch's names of parameters for those of NumPy, which it takes too."""


def first_first(
    args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a function with the first by position, and PyTorch's names for others."""
    kwargs = {AS_NUMPY.get(name, name): each for name, each in kwargs.items()}
    name = next((name for name in FIRST if name in kwargs), "")
    return ((kwargs.pop(name),), kwargs) if name and not args else (args, kwargs)


def by_name(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """All arguments of a function by the names of its parameters, in their order."""
    return dict(inspect.signature(function).bind(*args, **kwargs).arguments)


def in_order(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Arguments by name in the order of a function's parameters."""
    if len(given) < 2:
        return given
    names = [name for name in inspect.signature(function).parameters if name in given]
    return {name: given[name] for name in (*names, *given)}
