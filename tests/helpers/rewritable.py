"""Random networks with much to rewrite."""

from __future__ import annotations

from random import Random

WIDTHS = (1, 2, 3, 4)


def text_of(chance: Random, depth: int = 2) -> str:
    """A layer on [4, 5, 5], as text."""
    return " -> ".join(_piece(chance, depth) for _ in range(chance.randint(2, 4)))


def _piece(chance: Random, depth: int) -> str:
    kinds = [_conv, _conv, _norm, _activation]
    if depth:
        kinds += [_sum, _branches, _concatenation, _paths, _siblings, _normed]
    return chance.choice(kinds)(chance, depth - 1)


def _conv(chance: Random, depth: int, out: int | None = None, window: str = "") -> str:
    kernel = window or chance.choice(["1", "1", "3", "[1, 3]", "3, dilation=2"])
    bias = chance.choice(["", ", bias=false"])
    return f"conv({out or chance.choice(WIDTHS)}, {kernel}{bias})"


def _norm(chance: Random, depth: int) -> str:
    return chance.choice(["bn", "bn(eps=0.001)"])


def _activation(chance: Random, depth: int) -> str:
    return chance.choice(["relu", "maxpool(3, stride=1, pad=1)", "dropout", "relu"])


def _sum(chance: Random, depth: int) -> str:
    out = chance.choice(WIDTHS)
    branches = [f"{text_of(chance, 0)} -> {_conv(chance, 0, out)}" for _ in range(2)]
    return f"add({', '.join(branches)})"


def _branches(chance: Random, depth: int) -> str:
    """Parallel layers of one tensor, some with norms."""
    out = chance.choice(WIDTHS)
    first = f"{_conv(chance, 0, out)} -> {_norm(chance, 0)}"
    rest = [
        chance.choice([_conv(chance, 0, out, w), f"{_conv(chance, 0, out, w)} -> bn"]) for w in "13"
    ]
    copies = chance.sample(["identity", "bn"], chance.randint(0, 2))
    body = f"add({', '.join([_conv(chance, 0, out), *copies, *rest])})"
    return f"{first} -> {body}"


def _concatenation(chance: Random, depth: int) -> str:
    branches = [text_of(chance, min(depth, 1)) for _ in range(chance.randint(2, 3))]
    return f"concat({', '.join(branches)})"


def _paths(chance: Random, depth: int) -> str:
    """Equal paths, joined or added."""
    count, join = chance.randint(2, 3), chance.choice(["concat", "add"])
    body = " -> ".join(
        [_conv(chance, 0), *[_piece(chance, 0) for _ in range(chance.randint(0, 3))]]
    )
    return f"{join}({', '.join([f'{body} -> {_conv(chance, 0)}'] * count)})"


def _siblings(chance: Random, depth: int) -> str:
    """1x1 convolutions of one tensor, and what follows them."""
    tails = [chance.choice(["", " -> relu", " -> bn -> relu", " -> conv(2, 3)"]) for _ in range(2)]
    branches = [f"{_conv(chance, 0, None, '1')}{tail}" for tail in tails]
    return f"concat({', '.join([*branches, 'maxpool(3, stride=1, pad=1)'])})"


def _normed(chance: Random, depth: int) -> str:
    """A norm behind a concatenation."""
    return f"concat(identity, {text_of(chance, 0)} -> {_conv(chance, 0)}) -> bn"
