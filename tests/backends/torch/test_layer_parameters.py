"""Networks whose parameters are layers: their code has the default, written where it is used."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from archdsl.driver import compile
from archdsl.files import finder
from archdsl.runtime import maker
from archdsl.source import Source
from archdsl.testing import Spec, agree

NETWORKS = {
    "an op": "network n(act=relu, k=4): [3, 8, 8] = conv(k, 3) -> act",
    "an op with arguments": "network n(k=4, act=conv(k, 3)): [3, 8, 8] = act -> act",
    "an op without arguments": "network n(layer=conv, k=4): [3, 8, 8] = layer(k, 3) -> layer(k, 1)",
    "a block": "block b(w) = c: conv(w, 3)\nnetwork n(k=4, f=b): [3, 8, 8] = x: f(k) -> y: f(2)",
    "a function": "let f(w) = conv(w, 3) -> bn\nnetwork n(g=f, k=4): [3, 8, 8] = g(k) -> g(2)",
    "a list": "network n(ls=[conv(4, 3), relu], k=2): [3, 8, 8] = repeat(k, chain(ls))",
    "passed on": """
        block u(w, act=relu) = conv: conv(w, 3) -> act
        network n(act=relu, k=4): [3, 8, 8] = a: u(k, act) -> b: u(8, act)
        network m(act=leaky_relu(0.2), k=4): [3, 8, 8] = u(k, silu) -> u(2, act)
    """,
    "used as a block": """
        network n(act=relu, k=4): [3, 8, 8] = conv(k, 1) -> act
        network m(k=4): [3, 8, 8] = add(a: n(silu, k), b: n(k=k))
    """,
    "a call of a block": """
        block b(w, act) = conv(w, 3) -> act
        network n(act=relu, k=4): [3, 8, 8] = b(k, act)
    """,
}


@pytest.mark.parametrize("text", NETWORKS.values(), ids=NETWORKS)
def test_the_network_is_that_of_the_default(text: str) -> None:
    agree(Spec(text))


@pytest.mark.parametrize("text", NETWORKS.values(), ids=NETWORKS)
def test_code_has_the_numbers_alone(text: str) -> None:
    code, notes = compile(Source("spec.arch", text), finder(Path()))
    assert [*inspect.signature(maker(code, "n")).parameters] == ["k"]
    assert {note.code for note in notes if "it is a layer" in note.message} == {"N0901"}
