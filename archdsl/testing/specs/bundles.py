"""Random bundles: several tensors by name, read by their labels or given to a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archdsl.testing.specs.body import SpecBody, SpecTensor, wrapped
from archdsl.testing.specs.chains import chain, closed, grouped
from archdsl.testing.specs.merges import concatenation
from archdsl.testing.specs.values import count, width

RESULTS = ("conv(4, 1)", "relu", "(global_avgpool -> flatten -> linear(10))", "identity")
"""What a network may give besides others."""


def bundle(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A bundle whose results are joined: as they are, or those that blocks make of them."""
    if not body.may_label or body.loops:
        return concatenation(body, x, depth)
    body.note("bundle")
    made = {body.name("part"): chain(body, x, depth + 1, 2) for _ in range(body.number(2, 3))}
    parts = [_named(body, name, text) for name, (text, _) in made.items()]
    results: Mapping[str, str] = {f"@{name}": result.channels for name, (_, result) in made.items()}
    between = ""
    if body.one_in(2):
        between, results = _through_a_block(body, [*made])
    read = [name for name in results if body.number(0, 3)] or [*results][:1]
    unread = [f"{name} -> conv({x.channels}, 1)" for name in results if name not in read]
    joined = ", ".join([*read, *unread])
    given = [*[results[name] for name in read], *[x.channels for _ in unread]]
    channels = " + ".join(map(wrapped, given))
    text = f"({', '.join(parts)}){between} -> concat({joined})"
    return text, replace(x, channels=f"({channels})")


def _named(body: SpecBody, name: str, text: str) -> str:
    """A branch whose result has a name."""
    grouped_text = grouped(text)
    if grouped_text == text and body.one_in(2):
        return f"{name}: {text}"
    return f"{text} -> {name}: identity"


def _through_a_block(body: SpecBody, names: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    """A block with these inputs and results, called once or twice, and the channels it gives."""
    body.note("several inputs of a block")
    block = body.name("fuse")
    inputs = ", ".join(f"{name}: [_, ...]" for name in names)
    results = ", ".join(f"{name}: [width, ...]" for name in names)
    lateral = ", ".join(f"@{name} -> from_{name}: conv(width, 1)" for name in names)
    given = [f"{name}: {body.pick(['relu', 'conv(width, 3)', 'identity'])}" for name in names[1:]]
    given.append(f"@from_{names[0]} -> {names[0]}: {body.pick(['bn', 'sigmoid'])}")
    body.spoken.blocks.append(
        f"block {block}(width): ({inputs}) -> ({results}) =\n"
        f"    add({lateral}) -> ({', '.join(given)})\n"
    )
    label, out = body.name("fused"), width(body, 1)
    first = f"{block}({width(body, 1)}) -> " if body.one_in(2) else ""
    return f" -> {first}{label}: {block}({out})", {f"@{label}.{name}": out for name in names}


def looped(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A block from several tensors to the same ones, repeated, with one set of weights or many."""
    if not body.may_label or body.loops:
        return bundle(body, x, depth)
    body.note("bundle", "loop over several", "several inputs of a block")
    one, two, block = body.name("part"), body.name("part"), body.name("turn")
    sizes = f"({one}: [c, ...], {two}: [c, ...])"
    text = f"add(@{one} -> to_{one}: conv(c, 3), @{two} -> to_{two}: conv(c, 1))"
    given = f"({one}: {body.pick(['relu', 'conv(c, 1)'])}, {two}: {body.pick(['bn', 'sigmoid'])})"
    body.spoken.blocks.append(f"block {block}: {sizes} -> {sizes} =\n    {text} -> {given}\n")
    second = chain(body, x, depth + 1, 1)[0] if body.one_in(2) else "relu"
    parts = f"({one}: relu, {grouped(second)} -> conv({x.channels}, 1) -> {two}: identity)"
    turns = f"max({count(body)}, 1)"
    if body.one_in(2):
        label = body.name("turned")
        return f"{parts} -> {label}: repeat({turns}, {block}) -> {_both(label, one, two)}", x
    body.note("share", "repeated share", "share of several")
    name = body.name("shared")
    first = f"{name} -> " if body.one_in(3) else ""
    loop = f"{parts} -> {first}repeat({turns}, {name}) -> {_both(name, one, two)}"
    return f"(share {name} = {block} in {loop})", x


def _both(label: str, one: str, two: str) -> str:
    return f"add(@{label}.{one}, @{label}.{two})"


def shared(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A shared layer that gives two tensors, each of which is read after every use."""
    if not body.may_label or body.loops:
        return bundle(body, x, depth)
    body.note("bundle", "share", "share of several", "wire behind several")
    name, one, two, use = (body.name(each) for each in ("shared", "part", "part", "use"))
    with body.turn(), body.scope(name):
        layers = closed(body, x, depth + 1), closed(body, x, depth + 1)
    named = zip(layers, (one, two), strict=True)
    parts = [f"{grouped(text)} -> {part}: identity" for text, part in named]
    first = body.pick([
        f"{use}: {name} -> add(@{use}.{one}, @{use}.{two} -> relu)",
        f"add({use}: {name} -> @{use}.{one} -> relu, @{use}.{two})",
        f"mul(relu, {use}: {name} -> @{use}.{two} -> sigmoid) -> add(identity, @{use}.{one})",
    ])  # fmt: skip
    last = body.pick(["", f" -> {name} -> {_both(name, one, two)}"])
    return f"(share {name} = ({', '.join(parts)}) in {first}{last})", x


def results(body: SpecBody) -> str:
    """The end of a network with several results."""
    body.note("several results")
    chosen = [body.pick(RESULTS) for _ in range(body.number(2, 3))]
    named = [f"{body.name('result')}: {each}" for each in chosen]
    return f" -> ({', '.join(named)})"
