"""Random networks of many forms with much to rewrite: with heads, shared layers, several inputs."""

from __future__ import annotations

from random import Random

from tests.helpers.rewritable import text_of

SIZES = ("[4, 5, 5]", "[4, 5, 5]", "[4, h, w]", "[4, 7]", "[4, 3, 4, 3]")
PIECES = (
    "conv(4, 1) -> conv(4, 3, groups=2, bias=false) -> bn",
    "conv(4, 1) -> add(conv(4, 3, groups=4), conv(4, 1, groups=4), identity, bn)",
    "conv_transpose(4, 3, pad=1) -> bn",
    "conv(4, 1) -> conv_transpose(4, 3, pad=1, groups=2, bias=false) -> bn",
    "concat(conv(2, 3) -> softmax, conv(2, 3) -> softmax)",
    "concat(conv(2, 1) -> prelu, conv(2, 1) -> prelu)",
    'conv(3, 3, pad="same_end") -> bn -> add(conv(2, 3, pad="same_end"), conv(2, 1))',
    "conv(4, 3) -> mul(identity, global_avgpool -> conv(4, 1) -> bn -> sigmoid)",
    "add(conv(4, 1) -> relu -> conv(4, 1), conv(4, 1) -> relu -> conv(1, 1), spread=true)",
    "add(conv(3, 3), conv(3, 1)) -> add(conv(3, 3), conv(3, 1), bn)",
    "concat(slice(0, 1) -> conv(2, 3), slice(1, 2) -> conv(2, 3))",
    "conv(4, 1) -> concat(part(2, 0) -> conv(2, 3), part(2, 1) -> conv(2, 3))",
    "a: conv(3, 3) -> b: bn -> conv(3, 1) -> add(@a, @b, identity)",
    "dropout -> bn -> dropout -> conv(3, 1) -> conv(2, 1)",
    "conv(3, 4, pad=[PADS]) -> conv(3, 4, pad=2) -> bn",
)


def network_of(chance: Random) -> str:
    """The text of a spec whose last network is to be rewritten."""
    sizes = chance.choice(SIZES)
    form = chance.choice([_plain, _heads, _results, _inputs, _shared, _pair, _scopes])
    text = form(chance, sizes)
    axes = sizes.count(",")
    text = text.replace("[PADS]", f"[{', '.join(['1'] * axes)}]")
    return text if axes == 2 else text.replace("[1, 3]", "3")


def _body(chance: Random) -> str:
    parts = [text_of(chance, chance.randint(0, 2)) for _ in range(2)]
    parts[1:1] = [_alone(chance.choice(PIECES)) for _ in range(chance.randint(0, 1))]
    return " -> ".join(parts)


def _alone(piece: str) -> str:
    """A piece in a scope of its own, if it has labels."""
    return f"s: ({piece})" if "@" in piece else piece


def _plain(chance: Random, sizes: str) -> str:
    return f"network n: {sizes} = {_body(chance)}\n"


def _heads(chance: Random, sizes: str) -> str:
    """Heads that exist in training only, of one tensor or of two."""
    heads = [f"aux({name}: ({_body(chance)}))" for name in ("h1", "h2")]
    between = [f" -> {_body(chance)}", ""]
    tail = f"{heads[0]}{chance.choice(between)} -> {heads[1]} -> {_body(chance)}"
    return f"network n: {sizes} = {_body(chance)} -> {tail}\n"


def _results(chance: Random, sizes: str) -> str:
    first = chance.choice(["identity", f"({_body(chance)})", "bn", "relu"])
    return f"network n: {sizes} = {_body(chance)} -> (u: {first}, v: ({_body(chance)}))\n"


def _inputs(chance: Random, sizes: str) -> str:
    join = f"add(@x -> {_body(chance)} -> conv(3, 3), @y -> conv(3, 1), @x -> conv(3, 1))"
    return f"network n: (x: {sizes}, y: {sizes}) = {join} -> {_body(chance)}\n"


def _shared(chance: Random, sizes: str) -> str:
    """A layer that is used several times."""
    layers = ["conv(4, 3)", "(conv(4, 3) -> bn -> relu)", "bn", "conv(4, 1)"]
    uses = ["f", "add(f, conv(4, 3), identity)", "concat(f -> relu, conv(2, 1) -> relu)", "f -> bn"]
    places = [
        f"conv(4, 1) -> {chance.choice(uses)} -> {text_of(chance, 1)}"
        for _ in range(chance.randint(2, 3))
    ]
    body = f"share f = {chance.choice(layers)} in {' -> '.join(places)}"
    return f"network n: {sizes} = " + (f"s: ({body})\n" if chance.random() < 0.5 else f"{body}\n")


def _pair(chance: Random, sizes: str) -> str:
    """A shared block with two results, within which there is much to rewrite."""
    block = (
        f"{_body(chance)} -> (a: (conv(4, 1) -> bn -> relu), b: ({_body(chance)} -> conv(4, 1)))"
    )
    uses = "p: f -> @p.a -> conv(4, 1) -> bn -> q: f -> add(@q.a, @p.b, @q.b)"
    tail = chance.choice(["", " -> conv(4, 3) -> bn"])
    return (
        f"block g: [c, ...] -> (a: [4, ...], b: [4, ...]) = {block}\n"
        f"network n: {sizes} = share f = g in {uses}{tail}\n"
    )


def _scopes(chance: Random, sizes: str) -> str:
    """Blocks that are repeated and nested."""
    return (
        f"block g(w) = {_body(chance)} -> conv(w, 3) -> bn\n"
        f"block h(n) = chain(g(2 + i) for i in range(n)) -> add(conv(4, 3) -> bn, conv(4, 1))\n"
        f"network n(d=2): {sizes} = h(d) -> repeat(2, add(g(4), identity)) -> x: h(1)\n"
    )
