"""The keys of a text's weights, which must be those of the model, with their shapes and numbers."""

from __future__ import annotations

from math import prod

import torch
from torch import nn

from archdsl.importing.refusal import Refusal


def require_keys(model: nn.Module, made: nn.Module) -> None:
    """Refuse (E0989) what differs in keys, shapes or numbers of weights."""
    wanted = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in made.state_dict().items()}
    for key, shape in wanted.items():
        if key not in found:
            raise Refusal("E0989", f"the text has no weight `{key}`: {_why_missing(model, key)}")
        if found[key] != shape:
            raise Refusal("E0989", f"the text's `{key}` is {list(found[key])}, not {list(shape)}")
    for key in found:
        if key not in wanted:
            raise Refusal("E0989", f"the text has a weight `{key}` that the model has not")
    sums = [sum(prod(p.shape) for p in module.parameters()) for module in (model, made)]
    for several in sorted(_shared(model) - _shared(made)):
        names = " and ".join(f"`{key}`" for key in several)
        raise Refusal("E0989", f"{names} are one weight of several layers, which no op has")
    if sums[0] != sums[1]:
        raise Refusal("E0989", f"the text learns {sums[1]} numbers, the model {sums[0]}")


def _shared(model: nn.Module) -> set[tuple[str, ...]]:
    """The keys of weights that have several."""
    found: dict[int, list[str]] = {}
    for key, weight in model.named_parameters(remove_duplicate=False):
        found.setdefault(id(weight), []).append(key)
    return {tuple(sorted(keys)) for keys in found.values() if len(keys) > 1}


def _why_missing(model: nn.Module, key: str) -> str:
    path, _, name = key.rpartition(".")
    module = model.get_submodule(path)
    if name in module._buffers:
        return f"it is a buffer of `{path or 'the model'}`, which no op has"
    first = next(known for known, each in model.named_modules() if each is module)
    if first != path:
        return f"`{path}` is the module `{first}`, under two names"
    if not path or isinstance(module, nn.ParameterList | nn.ParameterDict):
        return f"`{path or 'the model'}` reads it in no way that an op does"
    return f"`{path}` is not used, or not where its weights are"


def require_tables(model: nn.Module, made: nn.Module) -> None:
    """Whole numbers that both make when they are built must be equal: no weights give them."""
    found = dict(made.named_buffers())
    for key, value in model.named_buffers():
        is_table = not value.is_floating_point() and not key.endswith("num_batches_tracked")
        if is_table and key in found and not torch.equal(value, found[key].to(value.dtype)):
            raise Refusal("E0989", f"the text makes other numbers for the buffer `{key}`")
