"""Random labels, and wires that read them."""

from __future__ import annotations

from dataclasses import replace

from archdsl.testing.specs.body import Sort, SpecBody, SpecLabel, SpecTensor
from archdsl.testing.specs.chains import narrow
from archdsl.testing.specs.layers import convolution, depthwise, layer
from archdsl.testing.specs.values import count


def label(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A layer with a label."""
    if not body.may_label:
        return convolution(body, x, depth)
    text, result = body.pick([convolution, convolution, depthwise])(body, x, depth)
    if body.one_in(4):
        text, result = layer(body), x
    name = body.name("conv")
    body.remember(name, result)
    return f"{name}: {text}", result


def wire(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Read an earlier labelled tensor."""
    found = readable(body, x)
    if not found:
        return label(body, x, depth)
    name = body.pick(found)
    note_wire(body, name)
    form = body.number(1, 4)
    known = body.labels[name].tensor.channels
    if form == 1:
        return f"add(identity, @{name} -> conv({x.channels}, 1))", x
    if form == 2 and known == x.channels:
        return f"add(@{name}, identity)", x
    if form == 3:
        body.note("wire in a list")
        return narrow(body, f"concat([identity, @{name}], {layer(body)})", x)
    return f"concat(@{name}, identity)", replace(x, channels=f"({known} + {x.channels})")


def handed(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Read a tensor passed to the block."""
    one, several = body.known(Sort.WIRE), body.known(Sort.WIRES)
    if x.trail or not one + several:
        return wire(body, x, depth)
    name = body.pick(one + several)
    if name in several or body.one_in(2):
        return narrow(body, f"concat(identity, {name})", x)
    return f"add(identity, {name} -> conv({x.channels}, 1))", x


def readable(body: SpecBody, x: SpecTensor) -> list[str]:
    """The labels of tensors with the positions of this one."""
    return [name for name, known in body.labels.items() if known.tensor.trail == x.trail]


def note_wire(body: SpecBody, name: str) -> None:
    """Record the scope that a wire reads from."""
    known = body.labels[name]
    body.note("wire")
    if body.loops:
        body.note("wire in a loop")
    if body.path[: len(known.path)] != known.path:
        body.note("wire from an earlier scope")
    elif inside := len(body.path) - len(known.path):
        body.note("wire into a scope" if inside == 1 else "wire two scopes deep")


def deep_wire(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A wire within nested scopes, or out of one."""
    if not body.may_label or body.loops:
        return wire(body, x, depth)
    text, result = label(body, x, depth)
    name, outer = next(reversed(body.labels)), body.name("outer")
    merge = f"add(identity, @{name} -> conv({result.channels}, 1))"
    if body.one_in(2):
        body.labels[name] = SpecLabel(result, (*body.path, outer))
        note_wire(body, name)
        return f"{outer}: ({text} -> {layer(body)}) -> {merge}", result
    return f"{text} -> {outer}: {_inside(body, name, result, merge)}", result


def taps(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Labelled layers in a loop or a list, which are read after it."""
    if not body.may_label or body.loops:
        return wire(body, x, depth)
    stem = body.name("tap")
    names = [f"{stem}_{number}" for number in range(body.number(1, 3))]
    layers = [f"conv({x.channels}, {body.pick('13')})", layer(body)]
    body.note("wire")
    if body.one_in(2):
        body.note("chain of labelled layers")
        text = f"chain([{', '.join(f'{name}: {body.pick(layers)}' for name in names)}])"
    else:
        body.note("wire to a turn of a loop", "label by a format", "loop over numbers")
        text = f"chain({stem}_{{i}}: {body.pick(layers)} for i in range({len(names)}))"
    if body.one_in(2):
        body.note("wire from an earlier scope")
        text = f"{body.name('taps')}: {text}"
    read = [f"@{body.pick(names)}" for _ in range(body.number(1, 2))]
    return f"{text} -> {body.pick(['add', 'mean'])}(identity, {', '.join(read)})", x


def _inside(body: SpecBody, name: str, x: SpecTensor, merge: str) -> str:
    """Two scopes around a wire: labels, or a loop with labels in its iterations."""
    inner = f"(conv({x.channels}, 3) -> {merge})"
    body.note("wire two scopes deep", "wire")
    if body.one_in(3):
        return f"({body.name('inner')}: {inner})"
    body.note("wire in a loop", "label by a format", "loop over numbers")
    if body.one_in(2):
        body.note("wire by a format")
        own = f"add(identity, @c{{i}} -> conv({x.channels}, 1))"
        inner = f"(c{{i}}: conv({x.channels}, 3) -> {layer(body)} -> {own})"
    return f"chain(l{{i}}: {inner} for i in range({count(body)}))"
