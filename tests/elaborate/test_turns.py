"""Turns of a loop that are replayed are as ones that are made anew."""

from __future__ import annotations

from typing import Any

import pytest

from archdsl.elaborate.applications import Applications
from archdsl.elaborate.apply import application
from archdsl.elaborate.tensors import Flow
from tests.helpers.replaying import is_same_for, program, run

TURNS = {
    "a stage": """
        block b(n, act=relu): [c, h, w] = add(identity, conv(n, 3) -> bn -> act -> conv(c, 1))
        network a(k=4): [8, 8, 8] = b(k) -> repeat(4, b(k, act=leaky_relu(0.1)))
    """,
    "through a parameter": """
        block b(n, m=2*n): [c, h, w] -> [c, h, w] = conv(m, 3) -> conv(c, 1)
        block s(n, unit) = repeat(n, unit)
        network a(k=4): [8, 8, 8] = s(5, b(k)) -> s(4, b(k)) -> repeat(2, s(3, b(k)))
    """,
    "results in terms of the turn": """
        block b(n): [c, h, w] = conv(n, 3) -> conv(2 * c - c, 1)
        block d(n): [c, h, w] = concat(identity, conv(n, 3)) -> slice(0, c)
        network a(k=4): [8, 8, 8] = repeat(5, b(k)) -> repeat(4, d(k)) -> repeat(3, d(k) -> b(k))
    """,
    "channels that grow": """
        block d(n): [c, h, w] = concat(identity, conv(n, 3))
        network a(k=4): [8, 8, 8] = repeat(5, d(k)) -> repeat(4, d(0 + k) -> maxpool(1))
    """,
    "positions that shrink": """
        block d(n): [c, h, w] = conv(c, 3, pad=0) -> conv(n, 1)
        network a(k=4): [4, 32, 24] = repeat(5, d(k)) -> [4, 22, 14] -> repeat(3, d(k))
    """,
    "symbolic sizes": """
        block d(n): [c, h, w] = conv(c, 3) -> add(identity, conv(n, 1))
        network a(k=4): [4, 2 * h, w] = repeat(5, d(k)) -> maxpool(2)
            -> repeat(3, d(k))
    """,
    "wires of the caller": """
        block d(n, x): [c, h, w] = conv(c, 3) -> add(identity, x) -> conv(n, 1)
        network a(k=4): [4, 8, 8] = first: conv(k, 1) -> repeat(4, d(k, @first)) -> d(k, @first)
    """,
    "a let": """
        block b(n): [c, h, w] = conv(n, 3)
        block e(n): [c, h, w] =
            let u = b(c) in
            conv(n, 1) -> ((u -> u) if n > 2) -> repeat(3, u) -> u -> u
        network a(k=4): [4, 8, 8] = repeat(3, e(k)) -> repeat(3, e(k + 1))
    """,
    "weights that are there again": """
        block b(n): [c, h, w] = conv(n, 3) -> bn
        network a(k=4): [4, 8, 8] = share u = b(k) in repeat(4, u) -> repeat(3, b(k)) -> u
    """,
    "for training alone": """
        block b(n): [c, h, w] = conv(n, 3) -> bn
        network a(k=4): [4, 8, 8] =
            aux(extra: (repeat(4, b(k)) -> global_avgpool)) -> repeat(4, b(k))
    """,
    "positions that the channels become": """
        block turn: [c, h, w] = rearrange("c h w -> w h c") -> conv(h, 1)
        network a(k=2): [8, 16, 8] = maxpool([k, 1], pad=0) -> repeat(6, turn) -> repeat(5, turn)
    """,
    "labels beside them": """
        block b(n): [c, h, w] = conv(n, 3) -> bn
        network a(k=4): [4, 8, 8] = repeat(5, b(k)) -> last: conv(k, 1)
    """,
    "nothing but what comes in": """
        block same(n): [c, h, w] -> [c, h, w] = identity if n > 0
        network a(k=4): [4, 8, 8] = conv(k, 3) -> repeat(5, same(k))
            -> add(conv(k, 1), repeat(5, same(k)))
    """,
    "loops in loops": """
        block b(n): [c, h, w] = conv(n, 3) -> repeat(3, conv(n, 1) -> (bn if n > 3))
        block s(n) = repeat(3, chain(b(i) for i in [n, n]) -> b(n))
        network a(k=4): [4, 8, 8] = repeat(4, s(k)) -> repeat(3, repeat(3, b(k)))
    """,
}


@pytest.mark.parametrize("text", TURNS.values(), ids=TURNS)
def test_turns_of_a_loop(text: str) -> None:
    is_same_for(text)


def test_a_turn_like_the_one_before_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    entered = []
    enter = application.Application.enter

    def counted(made: Any, given: Flow) -> Flow:
        entered.append(made)
        return enter(made, given)

    monkeypatch.setattr(application.Application, "enter", counted)
    done = run(program(TURNS["a stage"].replace("4, b", "100, b")), Applications())
    assert len(done.graphs["a"]) > 500
    assert len(entered) < 8
