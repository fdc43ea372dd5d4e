"""Names that a submodule of a `torch.nn.Module` cannot have."""

from __future__ import annotations

import keyword
import unicodedata
from functools import lru_cache

# What an `nn.Module` has already: a submodule of that name would hide it, or be refused. A test
# compares this with PyTorch.
MODULE_ATTRIBUTES = frozenset(
    """
T_destination _apply _backward_hooks _backward_pre_hooks _buffers _call_impl
_compiled_call_impl _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs
_forward_pre_hooks _forward_pre_hooks_with_kwargs _get_backward_hooks
_get_backward_pre_hooks _get_name _is_full_backward_hook _load_from_state_dict
_load_state_dict_post_hooks _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook
_modules _named_members _non_persistent_buffers_set _parameters
_register_load_state_dict_pre_hook _register_state_dict_hook _replicate_for_data_parallel
_save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks _version
_wrapped_call_impl add_module apply bfloat16 buffers call_super_init children compile cpu
cuda double dump_patches eval extra_repr float forward get_buffer get_extra_state
get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers
named_children named_modules named_parameters parameters register_backward_hook
register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
register_full_backward_pre_hook register_load_state_dict_post_hook
register_load_state_dict_pre_hook register_module register_parameter
register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
set_submodule share_memory state_dict to to_empty train training type xpu zero_grad
""".split()
)

# What an `nn.Sequential` has besides: a labelled chain becomes one.
SEQUENTIAL_ATTRIBUTES = frozenset("_get_item_by_idx append extend insert pop".split())


# What an `nn.ModuleDict` has besides: a label with a dot puts its layer into one.
DICT_ATTRIBUTES = frozenset("clear items keys pop update values".split())


@lru_cache(maxsize=4096)
def fault_of(label: str) -> str:
    """Why a label cannot be the names of submodules, with dots between them; empty if it can."""
    first, *inside = label.split(".")
    if inside and not all((first, *inside)):
        return "a dot joins the names of a scope and of a layer in it"
    if inside and not first.isidentifier():
        return "what stands before its first dot is no name in Python"
    if taken := [name for name in inside if name in DICT_ATTRIBUTES]:
        return f"every `nn.ModuleDict` has a method `{taken[0]}`"
    return next(filter(None, map(_fault_of_name, (first, *inside))), "")


def _fault_of_name(label: str) -> str:
    if not label:
        return "it is empty"
    if (normal := unicodedata.normalize("NFKC", label)) != label:
        # Python normalises identifiers, so that two labels would be one attribute.
        return f"Python reads it as `{normal}`"
    if keyword.iskeyword(label):
        return "it is a Python keyword"
    if label in MODULE_ATTRIBUTES:
        return "every `nn.Module` has an attribute of this name"
    if label in SEQUENTIAL_ATTRIBUTES:
        return "every `nn.Sequential` has a method of this name"
    if label.startswith("__"):
        return "Python reserves names that start with two underscores"
    return ""
