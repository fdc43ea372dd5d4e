"""Random shared layers, and uses of them: below joins, loops and conditions, and by their label."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from archdsl.testing.specs.body import Sort, SpecBody, SpecTensor
from archdsl.testing.specs.chains import closed, grouped
from archdsl.testing.specs.layers import halve, layer
from archdsl.testing.specs.values import count, flag

Uses: TypeAlias = Callable[[SpecBody, SpecTensor, str], str]
"""Uses of a shared layer, by its name, that keep the shape."""


def shared(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Layers that keep the shape, and uses of them that all have the same weights."""
    if not body.may_label or body.loops:
        return layer(body), x
    body.note("share")
    name, other = body.name("shared"), ""
    made = f"{name} = {_layer(body, x, depth, name)}"
    text = body.pick(USES)(body, x, name)
    if body.one_in(3):
        body.note("several shares")
        other = body.name("shared")
        made += f", {other} = {_layer(body, x, depth, other)}"
        text += f" -> {body.pick([other, f'add({other}, {name})', f'{other} -> {name}'])}"
    if depth == 0 and body.one_in(3) and not _reads_given(body, made):
        return _at_other_sizes(body, x, made, text, other or name)
    return f"(share {made} in {text})", x


def _layer(body: SpecBody, x: SpecTensor, depth: int, name: str) -> str:
    """What is shared: as in a loop, nothing in it may be read from outside, or be there once."""
    with body.turn(), body.scope(name):
        return closed(body, x, depth + 1)


def _reads_given(body: SpecBody, made: str) -> bool:
    """Whether a tensor from outside is read, which has its own size."""
    given = [*body.known(Sort.WIRE), *body.known(Sort.WIRES), *body.labels]
    return not set(given).isdisjoint(re.findall(r"\w+", made))


def _at_other_sizes(
    body: SpecBody, x: SpecTensor, made: str, text: str, name: str
) -> tuple[str, SpecTensor]:
    """A last use, which reads other positions than the first."""
    body.note("share at other sizes")
    smaller, result = halve(body, x, 0)
    back = "" if result.channels == x.channels else f" -> conv({x.channels}, 1)"
    whole = f"(share {made} in {text} -> {smaller}{back} -> {name})"
    return whole, replace(result, channels=x.channels)


def _in_a_row(body: SpecBody, x: SpecTensor, name: str) -> str:
    between = body.pick([layer(body), f"conv({x.channels}, {body.pick('13')})"])
    return body.pick([f"{name} -> {name}", f"{name} -> {between} -> {name}"])


def _joined(body: SpecBody, x: SpecTensor, name: str) -> str:
    return body.pick([
        f"add(identity, {name}) -> {name}", f"add({name}, {layer(body)} -> {name})",
        f"concat({name}, {name} -> {layer(body)}) -> conv({x.channels}, 1)",
    ])  # fmt: skip


def _repeated(body: SpecBody, x: SpecTensor, name: str) -> str:
    body.note("repeated share", "repeat")
    turn = body.pick([name, f"{name} -> {layer(body)}", f"add(identity, {name})",
                      f"add({name}, identity) -> {name}", f"({name} if {flag(body)})"])  # fmt: skip
    turns = count(body)
    if body.one_in(3):
        return f"repeat(max({turns}, 1), {name})"
    ends = [f"{name} -> repeat({turns}, {turn})", f"repeat({turns}, {turn}) -> {name}"]
    return body.pick(ends)


def _chosen(body: SpecBody, x: SpecTensor, name: str) -> str:
    body.note("share under a condition", "conditional layer")
    decided, first = flag(body), body.pick([name, f"{layer(body)} -> {name}"])
    otherwise = body.pick(["", f" else {layer(body)}", f" else {name}"])
    choice = f"({grouped(first)} if {decided}{otherwise})"
    return body.pick([f"{choice} -> {name}", f"{name} -> {choice}"])


def _read(body: SpecBody, x: SpecTensor, name: str) -> str:
    body.note("share read by a wire", "wire")
    ends = [f"add({name}, @{name})", f"{name} -> add(@{name}, @{name})"]
    return f"{name} -> {body.pick([*ends, f'{layer(body)} -> add(identity, @{name})'])}"


def _headed(body: SpecBody, x: SpecTensor, name: str) -> str:
    """A use that exists only in training, before or behind the others."""
    if body.channels or body.path:
        return _in_a_row(body, x, name)
    body.note("training-only head", "share in a head")
    head = f"aux({body.name('aux')}: {name})"
    return body.pick([f"{head} -> {name}", f"{name} -> {head}"])


USES: tuple[Uses, ...] = (_in_a_row, _joined, _repeated, _repeated, _chosen, _read, _headed)
