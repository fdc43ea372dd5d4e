"""What networks ask of the sizes that go in: proved for all, or refuted by the smallest."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from archdsl.contracts import contract
from archdsl.diagnostics import Diagnostic, errors
from archdsl.driver import check
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.source import Source
from archdsl.testing import Spec, agree
from tests.helpers.paths import EXAMPLES

UNET = """
network unet: [3, {h}, {w}] =
    e0: conv(4, 3) -> maxpool(2) -> e1: conv(4, 3) -> maxpool(2) -> middle: conv(4, 3)
    -> upsample(2) -> concat(@e1, identity) -> d1: conv(4, 3)
    -> upsample(2) -> concat(@e0, identity) -> d0: conv(2, 1)
"""
TO_LINEAR = "network n: [3, h, w] = conv(8, 3, stride=2) -> flatten -> linear(10)"


def read(text: str) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a text, and its errors."""
    graphs, diagnostics = check(Source("sizes.arch", text), finder(EXAMPLES))
    return graphs, errors(diagnostics)


def joined(first: str, second: str, pattern: str = "[3, h, w]") -> str:
    """A network of two branches."""
    return f"network n: {pattern} = add({first}, {second})"


STEM = "conv(8, 7, stride=2) -> maxpool(3, stride=2, pad=1)"
SMALLER = " -> ".join(["conv(8, 3, stride=2)"] * 3)

PROVED = {
    "the stem of a ResNet, and three strides": (
        f"network n: [3, h, w] = {STEM} -> {SMALLER} -> [8, (h + 31) // 32, (w + 31) // 32]",
        "h >= 1, w >= 1",
    ),
    "kernels of 3 and of 1": (
        joined("conv(8, 3, stride=2, pad=1)", "conv(8, 1, stride=2, pad=0)"),
        "h >= 1, w >= 1",
    ),
    "two strides, and one of 4": (
        joined(
            "conv(8, 3, stride=2, pad=1) -> conv(8, 3, stride=2, pad=1)",
            "conv(8, 7, stride=4, pad=3)",
        ),
        "h >= 1, w >= 1",
    ),
    "a pooling that rounds up": (
        joined("maxpool(2, stride=2, ceil=true)", "maxpool(3, stride=2, pad=1)"),
        "h >= 1, w >= 1",
    ),
    "margins that mirror": (
        'network n: [3, h, w] = pad([2, 1, 0, 4], mode="reflect") -> avgpool(2)',
        "h >= 3, w >= 5",
    ),
    "as large a volume as a window": (
        "network n: [3, t, h, h] = conv(4, 3) -> avgpool([2, 3, 5], stride=1, pad=[1, 1, 2])",
        "t >= 2, h >= 5",
    ),
    "more than one number per norm": (
        "network n: [3, h, h] = conv(4, 3, stride=2) -> add(instancenorm, groupnorm(4))",
        "h >= 3",
    ),
    "as many positions as are taken": (
        "network n: [n; 8] = add(take(3), take(-5), take(-1))",
        "n >= 5",
    ),
    "as many positions as are kept": (
        "network n: [2 * n] < 9 = slice(1, 8) -> embedding(4)",
        "n >= 4",
    ),
    "as many positions as a table has rows": (
        "network n: [n] < 9 = positions -> embedding(4, rows=64)",
        "1 <= n <= 64",
    ),
    "as many as a table has rows, behind a pattern": (
        "network n: [2 * n + 1] < 9 = positions -> add(embedding(4, rows=65), sinusoids(4))",
        "1 <= n <= 32",
    ),
    "a table behind a stride": (
        "network n: [3, h] = conv(4, 3, 2) -> positions -> embedding(4, rows=10)",
        "1 <= h <= 20",
    ),
    "a U-Net of promised multiples": (UNET.format(h="4 * h", w="4 * w"), "h >= 1, w >= 1"),
    "other remainders": (
        joined(
            "maxpool(2) -> upsample(2) -> pad([1, 0, 1, 0])", "relu", "[3, 2 * h - 1, w * 2 + 1]"
        ),
        "h >= 2, w >= 1",
    ),
    "a window without padding": (
        "network n: [3, h, w] = conv(8, 3, stride=2) -> conv(8, [7, 3], pad=0) -> maxpool(3)",
        "h >= 17, w >= 9",
    ),
    "a table": (
        joined(
            "maxpool(2) -> upsample(3) -> maxpool(2)", "maxpool(2) -> upsample(3) -> avgpool(2)"
        ),
        "h >= 2, w >= 2",
    ),
    "numbers": ("network n: [3, 8, 9] = relu", ""),
}
REFUTED = {
    "kernels of 3 and of 2": (
        joined("conv(8, 3, stride=2, pad=1)", "conv(8, 2, stride=2, pad=0)"),
        "E0301",
        "only when h % 2 == 0 and w % 2 == 0; smallest counterexample h = 3: 2 against 1",
        "`[3, 2 * h, 2 * w]`",
    ),
    "a U-Net": (
        UNET.format(h="h", w="w"),
        "E0301",
        "fit only when h % 4 == 0 and w % 4 == 0; smallest counterexample h = 5: 5 against 4",
        "`[3, 4 * h, 4 * w]`",
    ),
    "a U-Net that promises too little": (
        UNET.format(h="2 * h", w="64"),
        "E0301",
        "they are equal only when h % 2 == 0; smallest counterexample h = 3: 3 against 2",
        "`[3, 4 * h, 64]`",
    ),
    "the features of all sizes": (
        TO_LINEAR,
        "E0305",
        "the number of features, 8 * ((h + 1) // 2) * ((w + 1) // 2), depends on the size",
        "`global_avgpool -> flatten` gives 8 for every size",
    ),
    "a residue that is not 0": (
        joined("maxpool(3, stride=2) -> upsample(2) -> pad([0, 1, 0, 1])", "relu"),
        "E0301",
        "they are equal only when h % 2 == 1 and w % 2 == 1; smallest counterexample h = 4",
        "`[3, 2 * h - 1, 2 * w - 1]`",
    ),
    "residues that exclude each other": (
        joined("relu", "maxpool(2) -> upsample(2)")
        + " -> add(maxpool(3, stride=2) -> upsample(2) -> pad([0, 1, 0, 1]), relu)",
        "E0301",
        "the shapes in `n` fit for no h; smallest counterexample h = 3: 3 against 2",
        "",
    ),
    "sizes of 1 that `mul` stretches": (
        "network n: [3, h, 8] = mul(maxpool([2, 1]), maxpool([2, 1], ceil=true))",
        "E0301",
        "they fit only when h % 2 == 0 or h = 3; smallest counterexample h = 5: 2 against 3",
        "`[3, 2 * h, 8]`",
    ),
    "a pattern of several floors": (
        joined("relu", "maxpool([5, 1]) -> upsample([5, 1])", "[3, (3 * (h // 2)) // 2, 8]"),
        "E0301",
        "they are equal only when h % 20 is 0, 1, 14 or 15; smallest counterexample h = 8: 6",
        "",
    ),
    "a size that may be 0": ("network n: [3, h % 3, 8] = relu", "E0307", "below 1", ""),
    "a size that stays too small": (
        "network n: [3, h % 3 + 1, 8] = conv(8, [3, 1], pad=0)",
        "E0305",
        "the window of `conv` is larger than its input",
        "",
    ),
    "a few sizes": (
        joined("maxpool(2)", "maxpool(3)"),
        "E0301",
        "they are equal only for h = 3 and only for w = 3; smallest counterexample h = 4: 2",
        "",
    ),
    "no size": (
        joined("relu", "pad(1)"),
        "E0301",
        "branch 2 differs",
        "",
    ),
    "very long periods": (
        joined("maxpool(1009) -> maxpool(1013)", "pad(1) -> maxpool(1009) -> maxpool(1013)"),
        "E0301",
        "16,384 are compared; smallest counterexample h = 2,044,232: 1 against 2",
        "",
    ),
    "a condition": (
        "network n: [3, h, w] = relu if h % 3 == 1",
        "E0508",
        "are equal is not known for every size: they are equal only when h % 3 == 1",
        "",
    ),
}


@pytest.mark.parametrize("name", PROVED)
def test_proved(name: str) -> None:
    text, wanted = PROVED[name]
    graphs, diagnostics = read(text)
    assert not diagnostics
    (graph,) = graphs.values()
    assert str(contract(graph)) == wanted


@pytest.mark.parametrize("name", REFUTED)
def test_refuted(name: str) -> None:
    text, code, message, help = REFUTED[name]
    _, (diagnostic,) = read(text)
    assert diagnostic.code == code
    assert message in diagnostic.message
    assert help in diagnostic.help


def test_the_promise_that_is_proposed_is_enough() -> None:
    _, (diagnostic,) = read(UNET.format(h="6 * h", w="w + 1"))
    assert "h % 2 == 0 and w % 4 == 3" in diagnostic.message
    assert "`[3, 12 * h, 4 * w]`" in diagnostic.help
    assert not read(UNET.format(h="12 * h", w="4 * w"))[1]


def test_contracts_in_python(tmp_path: Path) -> None:
    path = tmp_path / "unet.arch"
    path.write_text(UNET.format(h="4 * h", w="w * 8 - 4"), encoding="utf-8")
    found = archdsl.read(path)["unet"].contract
    assert found.smallest == {"input": (3, 4, 4)}
    assert found.text() == (
        "[3, 4 * h, 8 * w - 4] where h >= 1, w >= 1 "
        "(height >= 4, height % 4 == 0, width >= 4, width % 8 == 4)"
    )
    assert "] for h >= 1 and w >= 1; " in archdsl.compile(path)


def test_contracts_of_whole_numbers(tmp_path: Path) -> None:
    text = "network n(vocab=90): [n] < vocab = positions -> embedding(4, rows=64)"
    (network,) = archdsl.read(text=text).values()
    found = network.contract
    assert found.text() == "[n] < 90 where 1 <= n <= 64"
    data = found.as_data()
    assert (data["least"], data["most"], data["input_below"]) == (
        {"n": 1},
        {"n": 64},
        {"input": 90},
    )
    assert data["conditions"] == ["1 <= n <= 64"]
    assert " for 1 <= n <= 64; " in archdsl.compile(text=text)
    assert network.at(n=64).output == (64, 4)
    with pytest.raises(archdsl.SpecError, match="fewer rows than there are different numbers"):
        network.at(n=65)


def test_code_for_sizes_that_are_tables() -> None:
    """PyTorch sees the sizes that were inferred, in the generated module."""
    text = """
network n: [3, h, w] =
    a: conv(4, 3, stride=2) -> upsample(3) -> maxpool(2) -> b: conv(4, 3, stride=3)
    -> add(upsample(2) -> avgpool(3, stride=2, pad=1), relu) -> upsample([2, 5]) -> maxpool(3)
network m: [3, 3 * h - 1, w] = conv(4, 3, stride=3) -> upsample(3) -> pad([0, 0, 1, 0]) -> bn
"""
    graphs = agree(Spec(text, EXAMPLES))
    height, _ = graphs["n"].shape(graphs["n"].outputs["output"]).positions
    assert str(height) == "(2 * ((h - 5) // 4) + 1) // 3 + 1"
