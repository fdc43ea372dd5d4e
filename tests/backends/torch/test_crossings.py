"""Tensors that cross the borders of scopes: read around their scope, or read outside of it."""

from __future__ import annotations

import pytest

from archdsl.testing import Spec, agree

ENCODER = "s: (a: conv(4, 3) -> b: conv(4, 3))"

OUTWARD = {
    "one of a chain": f"{ENCODER} -> add(identity, @a)",
    "the last of a chain": f"{ENCODER} -> conv(4, 1) -> add(identity, @b)",
    "the last, and the scope": f"{ENCODER} -> x: conv(4, 1) -> add(identity, @b, @s)",
    "scopes deep": "a: (b: (c: (t: conv(4, 3) -> relu) -> conv(4, 3)) -> relu) -> add(@t, @a, @c)",
    "what comes in": "i: conv(4, 1) -> s: (t: identity -> b: conv(4, 3)) -> add(identity, @t)",
    "from a turn": "chain(s{i}: (a{i}: conv(4, 3) -> relu) for i in range(k)) -> add(@s1, @a0)",
    "from a loop": "s: chain(l{i}: conv(4, 3) for i in range(k)) -> add(identity, @l0)",
    "beside numbers": "s: (x: conv(4, 1) -> repeat(k, conv(4, 3))) -> add(identity, @x)",
    "numbered": 's: ("0": (t: conv(4, 3) -> relu) -> "1": conv(4, 3)) -> add(identity, @t)',
    "either side": "s: ((a: conv(4, 3) if k > 1 else a: conv(4, 1)) -> relu) -> add(identity, @a)",
    "under a condition": f"{ENCODER} -> (add(identity, @a) if k > 1)",
    "one scope or another": f"({ENCODER} if k > 1 else s: (a: conv(4, 1) -> relu)) -> add(@a, @s)",
    "from a branch": f"add({ENCODER}, conv(4, 1) -> add(identity, @a))",
    "into another scope": (
        f"{ENCODER} -> t: (c: conv(4, 3) -> add(identity, @a)) -> add(identity, @c)"
    ),
    "into a loop": f"{ENCODER} -> d: repeat(k, add(identity, @a) -> relu)",
    "into turns": f"{ENCODER} -> d: chain(l{{i}}: (add(identity, @a) -> relu) for i in range(k))",
    "from what is no module": "s: (t: identity -> u: add(identity, @t)) -> add(@u, @t)",
    "from a gate": "s: (m: mul(identity, avgpool(8) -> g: sigmoid) -> relu) -> mul(@s, @m, @g)",
    "into a head": f"{ENCODER} -> aux(h: (@a -> conv(2, 1))) -> conv(2, 1)",
    "beside a head": "s: (a: conv(4, 3) -> aux(h: conv(2, 1)) -> conv(4, 3)) -> add(identity, @a)",
    "around a head": """
        s: (a: conv(4, 3) -> p: (q: conv(4, 1) -> aux(h: conv(2, 1)) -> aux(g: conv(1, 1))) -> relu)
        -> add(identity, @q)
    """,
    "a head of a block": "s: (a: conv(4, 3) -> p: headed) -> conv(4, 1) -> add(identity, @a)",
    "from an argument": "m: around(t: conv(4, 3)) -> k: around(relu) -> add(identity, @t)",
    "from two arguments": "m: around(t: conv(4, 3)) -> k: around(u: conv(4, 3)) -> add(@k, @t, @u)",
    "handed in": f"{ENCODER} -> d: (x: (u1: up(@b) -> u2: up(@a)))",
    "handed in as lists": f"{ENCODER} -> d: (u1: ups([@b, @a]) -> u2: ups([@a, @s]))",
    "some of the instances": "x: tapped(false) -> y: tapped(true) -> z: tapped(k > 1)",
    "with gates": "x: gated(false) -> y: gated(true) -> z: gated(k > 1)",
}
BLOCKS = """
block headed = x: conv(4, 3) -> aux(h: conv(2, 1)) -> y: conv(4, 3)
block around(f) = x: conv(4, 3) -> f -> y: conv(4, 3)
block up(skip) = concat(conv(4, 1), skip) -> conv(4, 3)
block ups(skips) = concat(identity, concat(skips)) -> conv(4, 3)
block tapped(tap) = p: (s: (a: conv(4, 3) -> b: conv(4, 3)) -> (add(identity, @a) if tap))
block gated(gate) = p: (c: conv(4, 3) -> (g: mul(identity, sigmoid) if gate) -> d: conv(4, 1))
"""


@pytest.mark.parametrize("body", OUTWARD.values(), ids=OUTWARD)
def test_a_label_is_read_outside_of_its_scope(body: str) -> None:
    parameters = "(k=2)" if _reads_k(body) else ""
    agree(Spec(f"{BLOCKS}\nnetwork n{parameters}: [4, 8, 8] = {body}"))


def _reads_k(body: str) -> bool:
    return any(use in body for use in ("k > 1", "range(k)", "repeat(k"))


def test_every_wire_of_a_network_with_inputs_is_there() -> None:
    text = """
        network n: (a: [4, 8, 8], b: [4, 8, 8]) =
            s: (t: (x: (@a -> conv(4, 3) -> add(identity, @b)) -> conv(4, 3)))
            -> add(identity, @a, @x)
    """
    agree(Spec(text))
