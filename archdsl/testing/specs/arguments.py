"""Random calls of blocks, and their arguments."""

from __future__ import annotations

import re

from archdsl.testing.specs.body import (
    HALVINGS,
    Sort,
    SpecBlock,
    SpecBody,
    SpecParameter,
    SpecTensor,
    substituted,
)
from archdsl.testing.specs.layers import convolution, layer
from archdsl.testing.specs.values import (
    choice,
    count,
    filled,
    flag,
    kernel,
    kernels,
    rows,
    share,
    width,
    widths,
)
from archdsl.testing.specs.wires import note_wire, readable

HELPERS = re.compile(r"affine|scale|drop_path|pad_channels|layernorm")
LAST = "LAST"
"""Placeholder for the width of the block that takes a list."""
LIBRARY = ("se(4)", "se(2, gate=hardsigmoid)", "depthwise", "depthwise(5)", "residual(relu)")
"""Blocks of the packaged library that keep the shape."""


def call(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A call of a block."""
    fitting = [each for each in body.blocks if fits(each, body, x, depth)]
    if not fitting:
        return convolution(body, x, depth)
    return call_of(body.pick(fitting), body, x)


def call_of(block: SpecBlock, body: SpecBody, x: SpecTensor) -> tuple[str, SpecTensor]:
    """A call of this block, sometimes with a label."""
    text, result = _called(body, block, x)
    body.halvings += block.halvings
    body.headed |= {block.name} if block.has_head else set()
    _note_call(body, block, text)
    if not body.may_label or body.one_in(2):
        return text, result
    label = body.name("block")
    if not body.loops:
        body.remember(label, result)
    return f"{label}: {text}", result


def calls_in_a_row(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A block that chains lists of layers, called with several of them."""
    blocks = [each for each in body.blocks if any(p.sort is Sort.ITEMS for p in each.parameters)]
    fitting = [each for each in blocks if fits(each, body, x, depth)]
    if not fitting:
        return call(body, x, depth)
    block, texts = body.pick(fitting), []
    body.note("lists of layers that differ in kind")
    for _ in range(body.number(2, 3)):
        if fits(block, body, x, depth):
            text, x = call_of(block, body, x)
            texts.append(text)
    return " -> ".join(texts), x


def fits(block: SpecBlock, body: SpecBody, x: SpecTensor, depth: int) -> bool:
    """Whether a block can be called here: its wires exist, and sizes do not become too small."""
    sorts = {each.sort for each in block.parameters}
    if sorts & {Sort.WIRE, Sort.WIRES} and not readable(body, x):
        return False
    if block.has_head and (body.channels or depth or body.loops or block.name in body.headed):
        return False
    may_shrink = depth == 0 and not body.loops and body.halvings + block.halvings <= HALVINGS
    return may_shrink or not block.halvings


def _called(body: SpecBody, block: SpecBlock, x: SpecTensor) -> tuple[str, SpecTensor]:
    values = {each.name: each.default for each in block.parameters}
    for each in block.parameters:
        if not each.default or body.one_in(2):
            values[each.name] = argument(body, each, x)
    if "items" in values:
        values["items"] = values["items"].replace(LAST, values["width"])
    positional = block.parameters[:1] if body.number(0, 3) else ()
    listed = [values[each.name] for each in positional]
    listed += [
        f"{each.name}={values[each.name]}"
        for each in block.parameters[len(positional) :]
        if values[each.name] != each.default
    ]
    text = f"{block.name}({', '.join(listed)})" if listed else block.name
    known = {**values, "c": x.channels}
    names = {
        name: value for name, value in known.items() if re.search(rf"\b{name}\b", block.channels)
    }
    channels = substituted(block.channels, names)
    return text, SpecTensor(channels, x.trail + (text,) * block.halvings)


def _note_call(body: SpecBody, block: SpecBlock, text: str) -> None:
    calls = body.spoken.calls.setdefault(block.name, set())
    calls.add(text)
    if len(calls) > 1:
        body.note("one block with different arguments")
    lists = [found for each in calls for found in re.findall(r"layers=\[([^\]]*)\]", each)]
    if len({found.count(",") for found in lists}) > 1:
        body.note("lists of layers of several lengths")


def argument(body: SpecBody, parameter: SpecParameter, x: SpecTensor) -> str:
    """A value for a parameter of a block that is applied to a tensor."""
    if parameter.sort in (Sort.WIRE, Sort.WIRES):
        return _wires(body, parameter.sort, x)
    return _ARGUMENTS[parameter.sort](body)


def _wires(body: SpecBody, sort: Sort, x: SpecTensor) -> str:
    found = readable(body, x)
    names = [body.pick(found) for _ in range(1 if sort is Sort.WIRE else body.number(1, 2))]
    for name in names:
        note_wire(body, name)
    body.note("wire as an argument")
    if sort is Sort.WIRE:
        return f"@{names[0]}"
    body.note("wires in a list as an argument")
    return f"[{', '.join(f'@{name}' for name in names)}]"


def layer_argument(body: SpecBody) -> str:
    """A layer that keeps the shape, as an argument."""
    body.note("layer as an argument")
    blocks = [each for each in body.blocks if each.keeps_shape and _is_plain(each)]
    if body.one_in(3):
        body.note("block as an argument")
        return body.pick([*LIBRARY, *[_bound(body, each) for each in blocks] * 2])
    text = layer(body)
    if "(" in text:
        body.note("layer with arguments as an argument")
    if HELPERS.match(text):
        body.note("helper class as an argument")
    return text


def _is_plain(block: SpecBlock) -> bool:
    """Whether a block can be an argument."""
    wires = {each.sort for each in block.parameters} & {Sort.WIRE, Sort.WIRES}
    return not wires and not block.has_head


def _bound(body: SpecBody, block: SpecBlock) -> str:
    """A block with all required arguments."""
    given = [
        f"{each.name}={argument(body, each, SpecTensor(''))}"
        for each in block.parameters
        if not each.default
    ]
    return f"{block.name}({', '.join(given)})" if given else block.name


def open_argument(body: SpecBody) -> str:
    """A layer whose channels are still unbound."""
    body.note("open layer as an argument", "layer as an argument")
    blocks = [each for each in body.blocks if each.is_open and _is_plain(each)]
    plain = [f"conv(kernel={kernel(body)})", "conv(kernel=3, bias=false)", *body.known(Sort.OPEN)]
    if not blocks or body.one_in(3):
        return body.pick(plain)
    body.note("block as an argument")
    block = body.pick(blocks)
    partly = [each for each in block.parameters if each.default]
    if not partly or body.one_in(2):
        return block.name
    one = body.pick(partly)
    return f"{block.name}({one.name}={argument(body, one, SpecTensor(''))})"


def _norm(body: SpecBody) -> str:
    body.note("layer as an argument")
    forms = ["layernorm", "groupnorm(4)", "bn(momentum=0.2)", "bn(eps=0.1)", "bn"]
    return body.pick([*forms, *body.known(Sort.NORM)])


def _more(body: SpecBody) -> str:
    body.note("helper class as an argument", "layer as an argument")
    return body.pick(["pad_channels", "conv(kernel=1)", *body.known(Sort.MORE)])


def _layers(body: SpecBody) -> str:
    body.note("list of layers as an argument")
    known = body.known(Sort.LAYERS)
    if known and body.one_in(2):
        return body.pick(known)
    return f"[{', '.join(layer_argument(body) for _ in range(body.number(0, 3)))}]"


def _items(body: SpecBody) -> str:
    """Layers that change the channels; the last one outputs the width of the block."""
    body.note("list of layers as an argument")
    pieces = [_item(body) for _ in range(body.number(0, 3))]
    return f"[{', '.join([*pieces, f'conv({LAST}, 1)'])}]"


def _item(body: SpecBody) -> str:
    out = width(body)
    forms = [f"conv({out}, {kernel(body)})", layer_argument(body), layer_argument(body)]
    forms += [f"(conv({out}, 3) if {flag(body)})", f"repeat({count(body)}, conv({out}, 3))"]
    forms += [f"conv({out}, 1) -> {layer_argument(body)}"]
    return body.pick(forms)


def _word(body: SpecBody) -> str:
    return choice(body, "mode", ['"a"', '"b"', *body.known(Sort.WORD)])


def _width(body: SpecBody) -> str:
    return width(body, 1)


def _widths(body: SpecBody) -> str:
    # A block may read the first of them.
    return filled(widths(body))


_ARGUMENTS = {
    Sort.WIDTH: _width,
    Sort.KERNEL: kernel,
    Sort.COUNT: count,
    Sort.FLAG: flag,
    Sort.SHARE: share,
    Sort.WORD: _word,
    Sort.WIDTHS: _widths,
    Sort.KERNELS: kernels,
    Sort.ROWS: rows,
    Sort.LAYER: layer_argument,
    Sort.NORM: _norm,
    Sort.OPEN: open_argument,
    Sort.MORE: _more,
    Sort.LAYERS: _layers,
    Sort.ITEMS: _items,
}
