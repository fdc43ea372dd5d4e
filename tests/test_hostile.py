"""Texts that want to break, fill or stall the compiler: a coded error in bounded time."""

from __future__ import annotations

import time

import pytest

from archdsl.diagnostics import errors
from archdsl.driver import load_program
from archdsl.elaborate import elaborate
from archdsl.files import finder
from archdsl.source import Source
from tests.helpers.hostile import CASES, network
from tests.helpers.paths import EXAMPLES

SECONDS = 10.0
"""Far more than a refusal takes (`benchmarks/refusals.py` measures it): for what does not end."""


def refused(text: str) -> set[str]:
    """The codes of what is wrong with a text, within the time that a refusal may take."""
    start = time.process_time()
    program, diagnostics = load_program(Source("hostile.arch", text), finder(EXAMPLES))
    _, more = elaborate(program)
    assert time.process_time() - start < SECONDS
    return {diagnostic.code for diagnostic in errors([*diagnostics, *more])}


@pytest.mark.parametrize("name", CASES)
def test_refused(name: str) -> None:
    code, text = CASES[name]
    assert refused(text) == {code}


@pytest.mark.parametrize(
    "body",
    [
        " -> ".join(["add(identity, relu)"] * 60),
        " -> ".join(["relu"] * 10_000),
        "repeat(10_000, relu)",
        "(" * 150 + "relu" + ")" * 150,
        f"scale({'9' * 15}.5)",
        "conv(8, 3, stride=1000000007, pad=500000003)",
    ],
    ids=["sixty diamonds", "ten thousand links", "a long loop", "parentheses", "digits", "stride"],
)
def test_large_but_fine(body: str) -> None:
    assert not refused(network(body, shape="[3, h, 32]"))
