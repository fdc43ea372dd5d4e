"""Texts that want to break, fill or stall the compiler: a coded error in bounded time."""

from __future__ import annotations

import time

import pytest
from pipeline import EXAMPLES

from archdsl.driver import load_program
from archdsl.elaborate import elaborate
from archdsl.files import finder
from archdsl.source import Source

SECONDS = 10.0
"""Far more than a refusal takes (`benchmarks/refusals.py` measures it): for what does not end."""


def network(body: str, declarations: str = "", shape: str = "[3, 32, 32]") -> str:
    return f"{declarations}\nnetwork n(classes=10): {shape} =\n    conv(classes, 3) -> {body}\n"


def doubling(times: int, first: str, step: str) -> str:
    """Declarations, each of which uses the one before it twice."""
    lines = [first.format(name="b0")]
    lines += [step.format(name=f"b{i}", last=f"b{i - 1}") for i in range(1, times + 1)]
    return "\n".join(lines)


LAYERS = doubling(40, "block {name} = relu", "block {name} = {last} -> {last}")
MERGES = doubling(40, "let {name} = relu", "let {name} = add({last}, {last})")
LISTS = doubling(40, "let {name} = [1]", "let {name} = {last} + {last}")
NUMBERS = doubling(40, "let {name} = 3", "let {name} = {last} * {last}")
STRINGS = doubling(40, 'let {name} = "a"', "let {name} = {last} + {last}")
CALLS = doubling(40, "let {name}(n) = n", "let {name}(n) = {last}(n) + {last}(n)")

BOMBS = {
    "blocks that double": network("b40", LAYERS),
    "merges that double": network("b40", MERGES),
    "lists that double": network("conv(len(b40), 1)", LISTS),
    "numbers that double": network("conv(b40, 1)", NUMBERS),
    "texts that double": network("conv(8, 1, pad=b40)", STRINGS),
    "functions that double": network("conv(b40(1), 1)", CALLS),
    "nested repeats": network("repeat(1000, repeat(1000, repeat(1000, relu)))"),
    "a long repeat": network("repeat(10 ** 18, relu)"),
    "an empty long repeat": network("repeat(10 ** 9, identity)"),
    "a long range": network("conv(len(range(10 ** 18)), 1)"),
    "a long comprehension": network("chain(relu for i in range(10 ** 12))"),
    "nested comprehensions": network(
        "conv(len([[[k for k in range(1000)] for j in range(1000)] for i in range(1000)]), 1)"
    ),
    "a power": network("conv(9 ** 9 ** 9, 1)"),
    "a power of a power": network("conv(9 ** 9 ** 9 ** 9, 1)"),
    "recursion": network("r", "block r = relu -> r"),
    "mutual recursion": network("r", "block r = relu -> s\nblock s = bn -> r"),
    "recursion of a function": network("conv(f(1), 1)", "let f(n) = f(n + 1)"),
    "recursion of a default": network("r", "block r(n=n) = conv(n, 1)"),
    "recursion of a let": network("a", "let a = b\nlet b = a"),
    "deep parentheses": network("(" * 100_000 + "relu" + ")" * 100_000),
    "deep lists": network("conv(" + "[" * 100_000 + "1" + "]" * 100_000 + ", 1)"),
    "many signs": network("conv(" + "-" * 100_000 + "8, 1)"),
    "many negations": network("conv(8, 1, bias=" + "not " * 100_000 + "true)"),
    "deep conditions": network("(relu if true else " * 10_000 + "relu" + ")" * 10_000),
    "deep calls": network("repeat(1, " * 10_000 + "relu" + ")" * 10_000),
    "many labels": network("".join(f"a{i}: (" for i in range(10_000)) + "relu" + ")" * 10_000),
    "a chain of 100,000 links": network(" -> ".join(["relu"] * 100_001)),
}
REFUSED = {
    "five thousand digits": network(f"conv({'9' * 5000}, 1)"),
    "channels beyond a machine's word": network("conv(2 ** 63, 1)"),
    "very many channels": network("conv(10 ** 18, 1)"),
    "no channels": network("conv(0, 1)"),
    "fewer channels than none": network("conv(-1, 1)"),
    "half a channel": network("conv(0.5, 1)"),
    "a large kernel": network("conv(8, 2 ** 40)"),
    "no kernel": network("conv(8, 0)"),
    "no stride": network("conv(8, 3, stride=0)"),
    "a negative pad": network("conv(8, 3, pad=-1)"),
    "a large dilation": network("conv(8, 3, dilation=2 ** 31, pad=0)"),
    "a number beyond floats": network("dropout(1e400)"),
    "a product beyond floats": network("scale(1e300 * 1e300)"),
    "no number": network("scale(1e308 * 10 - 1e308 * 10)"),
    "division by zero": network("conv(8 // 0, 1)"),
    "division of floats by zero": network("scale(1.0 / 0)"),
    "a remainder by zero": network("conv(8 % 0, 1)"),
    "zero to a negative power": network("scale(0 ** -1)"),
    "a root of a negative number": network("scale((-8) ** 0.5)"),
    "an index beyond the list": network("conv([8][1], 1)"),
    "the least of nothing": network("conv(min([]), 1)"),
    "an image of nothing": network("relu", shape="[3, 0, 32]"),
    "a huge image": network("relu", shape="[3, 2 ** 62, 2 ** 62]"),
    "a label that hides a method": network("half: relu"),
    "a label that is a keyword of Python": network("class: relu"),
    "a label with two underscores": network("__init__: relu"),
    "a label with a quotation mark": network('"a\\"b": relu'),
    "a label with a dot": network('"a.b": relu'),
    "a label with braces": network('"{{7*7}}": relu'),
    "a label that is empty": network('"": relu'),
    "a module above the folder": network("relu", "from ..secret import a"),
    "a module by its path": network("relu", 'from "/etc/passwd" import a'),
    "a module that is none": network("relu", "from os import system"),
    "branches that cannot be compared": network(
        "add(conv(8, 3, stride=97) -> conv(8, 3, stride=101), conv(8, 3, stride=103))",
        shape="[3, h, h]",
    ),
}


def refused(text: str) -> set[str]:
    """The codes of what is said about a text, within the time that a refusal may take."""
    start = time.process_time()
    program, diagnostics = load_program(Source("hostile.arch", text), finder(EXAMPLES))
    _, more = elaborate(program)
    assert time.process_time() - start < SECONDS
    return {diagnostic.code for diagnostic in [*diagnostics, *more]}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_exceed_a_bound(name: str) -> None:
    assert {code[:3] for code in refused(BOMBS[name])} & {"E07", "E02", "E05", "E03"}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    assert refused(REFUSED[name])


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
