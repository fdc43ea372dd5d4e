"""Random merges, conditions, groups and heads."""

from __future__ import annotations

from dataclasses import replace

from archdsl.testing.specs.body import Sort, SpecBody, SpecTensor, wrapped
from archdsl.testing.specs.chains import chain, closed, grouped, narrow
from archdsl.testing.specs.layers import convolution, layer
from archdsl.testing.specs.values import flag, width, widths

LONGEST = 60
"""Maximum number of characters of an expression for channels."""


def total(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A residual sum or mean."""
    body.note("merge")
    branches = [closed(body, x, depth) for _ in range(body.number(1, 2))]
    if len(branches) == 1 and body.one_in(3):
        body.note("difference")
        return f"sub({', '.join(body.pick([[*branches, 'identity'], ['identity', *branches]]))})", x
    branches.insert(body.number(0, len(branches)), "identity")
    return f"{body.pick(['add', 'add', 'mean'])}({', '.join(branches)})", x


def concatenation(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Branches side by side."""
    body.note("merge")
    if body.one_in(4):
        return _of_a_list(body, x)
    branches = [chain(body, x, depth + 1, 2) for _ in range(body.number(2, 3))]
    channels = " + ".join(result.channels for _, result in branches)
    text = f"concat({', '.join(text for text, _ in branches)})"
    return text, replace(x, channels=f"({channels})")


def _of_a_list(body: SpecBody, x: SpecTensor) -> tuple[str, SpecTensor]:
    body.note("comprehension of branches")
    known = body.known(Sort.WIDTHS)
    name = body.pick(known) if known else widths(body)
    text = f"concat(conv(v, {body.pick('13')}) for v in {name})"
    if known and body.one_in(2):
        return text, replace(x, channels=f"sum({name})")
    return narrow(body, text, x)


def single(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A join of one branch."""
    body.note("join of one")
    text, x = chain(body, x, depth + 1, 2)
    return f"{body.pick(['add', 'concat', 'mean', 'mul'])}({text})", x


def gate(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Channels weighted by the whole image, or positions by all channels."""
    if body.one_in(3):
        body.note("statistics of channels")
        return "mul(identity, concat(channel_mean, channel_max) -> conv(1, 3) -> sigmoid)", x
    last = f"conv({x.channels}, 1) -> "
    inner = body.pick(["", last, f"conv(4, 1) -> relu -> {last}"])
    text = f"mul(identity, global_avgpool -> {inner}{body.pick(['sigmoid', 'hardsigmoid'])})"
    if body.may_label and body.one_in(2):
        if not inner and body.path:
            body.note("named merge without weights")
        return f"{body.name('gate')}: {text}", x
    return text, x


def named(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A named scope with a named merge without weights."""
    if not body.may_label:
        return total(body, x, depth)
    body.note("named merge without weights")
    inner = body.pick(["mul(identity, sigmoid)", "add(identity, relu)", "add(identity)"])
    first = f"{body.name('conv')}: conv({x.channels}, 3)"
    text = f"{body.name('scope')}: ({first} -> {body.name('act')}: {inner})"
    return text, x


def condition(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A layer that a condition chooses or omits."""
    body.note("conditional layer")
    decided = flag(body)
    if body.one_in(2):
        return _between_widths(body, x, decided)
    with body.side():
        then = grouped(closed(body, x, depth))
    with body.side():
        otherwise = body.pick(["", f" else {grouped(closed(body, x, depth))}"])
    return f"({then} if {decided}{otherwise})", x


def _between_widths(body: SpecBody, x: SpecTensor, decided: str) -> tuple[str, SpecTensor]:
    """A convolution that changes the channels under a condition."""
    body.note("conditional channels")
    out, kernel = width(body), body.pick("13")
    other, otherwise = x.channels, ""
    if body.one_in(2):
        other = width(body, 1)
        otherwise = f" else conv({other}, 3)"
    text = f"(conv({out}, {kernel}) if {decided}{otherwise})"
    channels = f"({wrapped(out)} if {decided} else {wrapped(other)})"
    if len(channels) > LONGEST:
        return narrow(body, text, x)
    return text, replace(x, channels=channels)


def optional(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A small layer without weights, or nothing."""
    body.note("conditional layer")
    sides = [layer(body), layer(body), "identity"]
    if body.may_label and not body.loops:
        body.note("named merge without weights")
        sides.append(f"({body.name('gate')}: mul(identity, global_avgpool -> hardsigmoid))")
    otherwise = body.pick(["", f" else {body.pick(sides)}"])
    return f"({body.pick(sides)} if {flag(body)}{otherwise})", x


def group(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A named scope of several layers."""
    if not body.may_label:
        return chain(body, x, depth + 1, 2)
    name = body.name("group")
    with body.scope(name):
        text, result = chain(body, x, depth + 1, 3)
    if not body.loops:
        body.remember(name, result)
    return f"{name}: {body.pick([grouped(text), f'({text})'])}", result


def one_layer(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A named scope of one layer and a layer without effect."""
    if not body.may_label:
        return convolution(body, x, depth)
    text, result = convolution(body, x, depth)
    body.note("one layer and station")
    checked = f"[{result.channels}, ...]"
    if not x.trail and body.one_in(2):
        body.note("exact station")
        checked = f"[{result.channels}, {', '.join(body.sizes)}]"
    beside = body.pick([f"{text} -> {checked}", f"{checked} -> relu", f"identity -> {text}"])
    if beside.endswith("relu"):
        beside = f"[{x.channels}, ...] -> {text}"
    return f"{body.name('one')}: ({beside})", result


def head(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A head that exists only in training."""
    if not body.may_label or body.loops:
        return layer(body), x
    body.note("training-only head")
    name = body.name("aux")
    classes = body.pick(["4", "10"])
    inner = body.pick(["", f"conv({width(body, 1)}, 1) -> relu -> "])
    return f"aux({name}: ({inner}global_avgpool -> flatten -> linear({classes})))", x


def let(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A number with a name."""
    body.note("let")
    out, name = width(body), body.name("mid")
    text = f"(let {name} = {out} in conv({name}, 1) -> {layer(body)} -> conv(2 * {name}, 3))"
    return text, replace(x, channels=f"(2 * {wrapped(out)})")
