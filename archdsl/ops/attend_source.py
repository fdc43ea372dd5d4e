"""The function that files carry for `attend`, in as many words as their calls need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archdsl.ops.forms import LINE, Helper, signature

OPTIONS = {
    "bias": "bias: Tensor | None = None",
    "mask": "mask: Tensor | None = None",
    "causal": "causal: bool = False",
    "dropout": "dropout: float = 0.0",
    "scale": "scale: float | None = None",
    "training": "training: bool = True",
}
"""The parameters that a file may do without."""
GROUPS = "groups"
"""The option of keys that have fewer heads than queries."""
AXES = "axes"
"""The option of axes of positions before the last, which stay apart as samples do."""

DOC = '''\
    """Attention along the last axis of positions; every head has an equal part of the features."""
'''


def attend_helper(options: frozenset[str]) -> Helper:
    """The function, for calls that need some options."""
    return Helper(_source, frozenset({*OPTIONS, GROUPS, AXES}), options)


def _source(options: frozenset[str]) -> str:
    own = [text for name, text in OPTIONS.items() if name in options]
    named = ["query: Tensor", "key: Tensor", "value: Tensor", "heads: int = 1", *own]
    return "".join([signature("attend", named), DOC, *_body(options)])


def _body(options: frozenset[str]) -> Iterator[str]:
    has_axes = AXES in options
    if has_axes:
        yield "    apart = query.shape[:-2]\n"
    if GROUPS in options:
        yield "    groups = heads * key.shape[-1] // query.shape[-1]\n"
        yield f"    query = {_in_heads('query', 'heads', has_axes)}\n"
        yield _each(["key", "value"], "groups", has_axes)
    else:
        yield _each(["query", "key", "value"], "heads", has_axes)
    if "bias" in options:
        yield from _bias(has_axes)
    if "mask" in options:
        yield from _mask(options)
    yield _call(options)
    if "mask" in options:
        yield "    if mask is not None:\n"
        yield "        x = x.masked_fill(~mask.any(-1, keepdim=True), 0.0)\n"
    yield f"    return x.transpose(-3, -2).flatten(-2){'.unflatten(0, apart)' * has_axes}\n"


def _in_heads(name: str, heads: str, has_axes: bool) -> str:
    """The heads of a tensor behind its samples, of which further axes make more."""
    folded = ".flatten(0, -4)" * has_axes
    return f"{name}.unflatten(-1, ({heads}, -1)).transpose(-3, -2){folded}"


def _each(names: Sequence[str], heads: str, has_axes: bool) -> str:
    """The heads of each of some tensors, on one line if there is room."""
    listed = ", ".join(names)
    every = f"{_in_heads('x', heads, has_axes)} for x in [{listed}]"
    line = f"    {listed} = [{every}]\n"
    return line if len(line) <= LINE + 1 else f"    {listed} = [\n        {every}\n    ]\n"


def _bias(has_axes: bool) -> Iterator[str]:
    """A head of the bias is first; one that is the same along further axes is repeated."""
    yield "    if bias is not None:\n"
    if not has_axes:
        yield "        bias = bias.movedim(-1, -3)\n"
        return
    yield "        bias = bias.movedim(-1, -3).flatten(0, -4)\n"
    yield "        bias = bias.repeat_interleave(query.shape[0] // bias.shape[0], 0)\n"


def _mask(options: frozenset[str]) -> Iterator[str]:
    """The keys that are read, for every query."""
    yield "    if mask is not None:\n"
    if AXES in options:
        yield "        mask = mask.flatten(0, -2)\n"
        yield "        mask = mask.repeat_interleave(query.shape[0] // mask.shape[0], 0)\n"
    yield "        mask = mask[:, None, None] > 0\n"
    if "causal" in options:
        yield "        if causal:\n"
        yield "            mask = mask & mask.new_ones(query.shape[-2], key.shape[-2]).tril()\n"
    if "bias" in options:
        yield "        if bias is not None:\n"
        yield '            bias = bias.masked_fill(~mask, float("-inf"))\n'


def _call(options: frozenset[str]) -> str:
    """PyTorch's function, on one line if there is room."""
    arguments = ["query", "key", "value"]
    if {"bias", "mask"} <= options:
        arguments.append("mask if bias is None else bias")
    else:
        arguments += [name for name in ("bias", "mask") if name in options]
    if "dropout" in options:
        arguments.append("dropout_p=dropout if training else 0.0")
    if "causal" in options:
        no_mask = " and mask is None" * ("mask" in options)
        arguments.append(f"is_causal=causal{no_mask}")
    if "scale" in options:
        arguments.append("scale=scale")
    if GROUPS in options:
        arguments.append("enable_gqa=True")
    line = f"    x = F.scaled_dot_product_attention({', '.join(arguments)})\n"
    if len(line) <= LINE + 1:
        return line
    inside = "".join([f"        {argument},\n" for argument in arguments])
    return f"    x = F.scaled_dot_product_attention(\n{inside}    )\n"
