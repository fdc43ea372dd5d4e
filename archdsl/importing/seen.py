"""What a recording makes of the functions of PyTorch, by their names."""

from __future__ import annotations

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
