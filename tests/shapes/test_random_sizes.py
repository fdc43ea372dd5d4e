"""Random chains and networks of symbolic sizes: PyTorch, and every size alone, as the oracles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from random import Random

import torch
from torch import Tensor, nn

from archdsl.contracts import contract
from archdsl.diagnostics import errors
from archdsl.driver import check
from archdsl.files import finder
from archdsl.ops.base import Op, Reject
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import Dim, Symbolic, Undecided, evaluate, same, symbol
from archdsl.shapes.counterexamples import counterexample
from archdsl.shapes.fits import Numbers, SizeCondition, fit, least_values, most_values
from archdsl.source import Source
from tests.helpers.op_examples import read
from tests.helpers.paths import EXAMPLES

H = symbol("h")
MODULES: dict[str, nn.Module] = {
    "conv(1, 3, stride=2)": nn.Conv2d(1, 1, (3, 1), (2, 1), (1, 0)),
    "conv(1, 1, stride=2)": nn.Conv2d(1, 1, (1, 1), (2, 1)),
    "conv(1, 2, stride=2, pad=0)": nn.Conv2d(1, 1, (2, 1), (2, 1)),
    "conv(1, 2, stride=2, pad=1)": nn.Conv2d(1, 1, (2, 1), (2, 1), (1, 0)),
    "conv(1, 7, stride=4, pad=3)": nn.Conv2d(1, 1, (7, 1), (4, 1), (3, 0)),
    "conv(1, 3, pad=0)": nn.Conv2d(1, 1, (3, 1)),
    "conv(1, 3, pad=2, dilation=3)": nn.Conv2d(1, 1, (3, 1), 1, (2, 0), (3, 1)),
    "conv(1, 3, stride=3)": nn.Conv2d(1, 1, (3, 1), (3, 1), (1, 0)),
    "maxpool(2)": nn.MaxPool2d((2, 1)),
    "maxpool(2, ceil=true)": nn.MaxPool2d((2, 1), ceil_mode=True),
    "maxpool(3, stride=2, pad=1)": nn.MaxPool2d((3, 1), (2, 1), (1, 0)),
    "maxpool(2, stride=3, pad=1, ceil=true)": nn.MaxPool2d((2, 1), (3, 1), (1, 0), ceil_mode=True),
    "avgpool(3, stride=2, pad=1, ceil=true)": nn.AvgPool2d((3, 1), (2, 1), (1, 0), True),
    "upsample(2)": nn.Upsample(scale_factor=(2.0, 1.0)),
    "upsample(3)": nn.Upsample(scale_factor=(3.0, 1.0)),
    "conv_transpose(1, 2, stride=2)": nn.ConvTranspose2d(1, 1, (2, 1), (2, 1)),
    "conv_transpose(1, 3, stride=2, pad=1)": nn.ConvTranspose2d(1, 1, (3, 1), (2, 1), (1, 0)),
    "conv_transpose(1, 1, stride=3, pad=1)": nn.ConvTranspose2d(1, 1, (1, 1), (3, 1), (1, 0)),
    "pad(1)": nn.ConstantPad2d((0, 0, 1, 1), 0.0),
}
"""Ops, as PyTorch has them for an image of one column."""
NAMES = [*MODULES]
PERIOD = 40
"""More than three periods of any one op, and of most chains."""


@cache
def op(text: str) -> Op:
    """An op by its text."""
    return read(f"[1] | {text}").op


def through(chain: Sequence[str], size: Dim) -> Dim | None:
    """The height behind ops; None where nothing is left."""
    for text in chain:
        try:
            size = op(text).output(TensorType((1, size, size))).positions[0]
        except Reject:
            return None
    return size


def in_pytorch(chain: Sequence[str], size: int) -> int | None:
    """The height behind ops, as PyTorch has it."""
    image: Tensor = torch.empty(1, 1, size, 1, device="meta")
    for text in chain:
        try:
            image = MODULES[text].to("meta")(image)
        except RuntimeError:
            return None
    return image.shape[2] or None


def random_chain(random: Random, most: int = 4) -> list[str]:
    """A few ops."""
    return [random.choice(NAMES) for _ in range(random.randint(1, most))]


def test_every_op_through_its_period() -> None:
    for text in NAMES:
        size = through([text], H)
        assert size is not None
        for height in range(1, PERIOD + 1):
            assert through([text], height) == in_pytorch([text], height)
            if in_pytorch([text], height) is not None:
                assert evaluate(size, {"h": height}) == in_pytorch([text], height)


def test_chains_are_those_of_pytorch() -> None:
    random = Random(1)
    for _ in range(400):
        chain = random_chain(random, 6)
        size = through(chain, H)
        assert size is not None
        for height in random.sample(range(1, 200), 4):
            found = in_pytorch(chain, height)
            assert through(chain, height) == found
            assert found is None or evaluate(size, {"h": height}) == found


def test_the_greatest_value_up_to_which_a_size_is_no_larger() -> None:
    random = Random(3)
    for _ in range(500):
        size, most = through(random_chain(random), H), random.randrange(1, 60)
        assert isinstance(size, Symbolic)
        wanted = next(n for n in count(1) if evaluate(size, {"h": n}) > most) - 1
        assert most_values([most + 1 - size]) == {"h": wanted}


def test_the_greatest_value_is_that_of_all_sizes() -> None:
    assert most_values([H % 4 + 1, 8, H]) == {}
    assert most_values([10 - H, 11 - 2 * H, 8 - H]) == {"h": 5}
    assert most_values([1 - H]) == {"h": 0}


def test_whether_chains_fit() -> None:
    random = Random(2)
    outcomes = set()
    for _ in range(2000):
        first, second = through(random_chain(random), H), through(random_chain(random), H)
        assert isinstance(first, Symbolic)
        assert isinstance(second, Symbolic)
        least = least_values([first, second])
        values = range(least["h"], least["h"] + 3 * first.function.period * second.function.period)
        equal = {n: evaluate(first, {"h": n}) == evaluate(second, {"h": n}) for n in values[:400]}
        outcomes.add(verdict(first, second, equal))
        differ = [n for n, each in equal.items() if not each]
        assert counterexample(first, second, least) == ({"h": differ[0]} if differ else None)
    assert outcomes == {"always", "never", "sometimes", "for some"}


def verdict(first: Symbolic, second: Symbolic, equal: dict[int, bool]) -> str:
    """What is said of two sizes, which must be what counting says."""
    try:
        is_same = same(first, second)
    except Undecided:
        where = fit(first, second)
        if isinstance(where, Numbers):
            assert {n for n, each in equal.items() if each} <= {*where.numbers}
            return "for some"
        assert isinstance(where, SizeCondition)
        assert all((n % where.modulus in where.residues) == each for n, each in equal.items())
        assert 0 < len(where.residues) < where.modulus
        return "sometimes"
    assert all(each == is_same for each in equal.values())
    return "always" if is_same else "never"


@dataclass(frozen=True)
class Joins:
    """Two joins, one behind the other; where the first does not fit, its first branch goes on."""

    first: list[str]
    second: list[str]
    third: list[str]

    def text(self) -> str:
        """The network in the language."""
        first, second, third = [" -> ".join(each) for each in (self.first, self.second, self.third)]
        return f"network n: [1, h, h] = add({first}, {second}) -> add({third}, identity)"

    def misfit(self, height: int) -> bool | None:
        """Whether a join does not fit for a height; None where a tensor has no width."""
        first, second = through(self.first, height), through(self.second, height)
        if first is None or second is None:
            return None
        third = through(self.third, first)
        return None if third is None else first != second or third != first

    def fit(self, height: int) -> bool:
        """Whether both joins fit for a height."""
        first = through(self.first, height)
        if first is None or first != through(self.second, height):
            return False
        return through(self.third, first) == first


def networks(random: Random) -> Iterator[Joins]:
    """Networks of which some fit for all heights, and some for few."""
    parts = [["maxpool(2)"], ["upsample(2)"], ["conv(1, 3, stride=2)"], ["conv(1, 1, stride=2)"]]
    back = ["upsample(2)", "conv_transpose(1, 2, stride=2)"]
    same_halves = ["conv(1, 3, stride=2)", "conv(1, 1, stride=2)", "maxpool(2, ceil=true)"]
    while True:
        before = random_chain(random, 2)
        one, other = [[*before, random.choice(same_halves)] for _ in range(2)]
        yield Joins(one, other, ["conv(1, 3, pad=0)", "pad(1)"])
        halves = [random.choice(["conv(1, 3, stride=2)", "maxpool(2)"]) for _ in range(3)]
        same_length = [random.choice(back), random.choice(halves)]
        yield Joins(halves[:2], ["maxpool(2)", halves[2]], [*random.choice(parts), *same_length])
        yield Joins([halves[0], random.choice(back)], ["pad(1)", "conv(1, 3, pad=0)"], same_length)
        yield Joins([halves[0]], [random.choice(NAMES)], [halves[1], random.choice(back)])
        yield Joins(random_chain(random, 2), random_chain(random, 2), random_chain(random, 2))


def test_networks_of_two_joins() -> None:
    outcomes = set()
    for _, joins in zip(range(120), networks(Random(3)), strict=False):
        outcomes.add(compare(joins))
    assert {"fits", "sometimes", "no"} <= outcomes


def compare(joins: Joins) -> str:
    """What is said of a network, which must be what every height alone says."""
    graphs, diagnostics = check(Source("joins.arch", joins.text()), finder(EXAMPLES))
    found = errors(diagnostics)
    results = {height: joins.misfit(height) for height in range(1, 130)}
    misfits = [height for height, result in results.items() if result]
    if not found:
        assert not misfits
        small = [height for height, result in results.items() if result is None]
        assert contract(graphs["n"]).least == {"h": max(small, default=0) + 1}
        return "fits"
    message = found[0].message
    condition = re.search(r"h % (\d+) (==|!=|is) ([\d, or]+)", message)
    example = re.search(r"counterexample h = (\d+)", message)
    if condition is None:
        # It is said of one join, and of the tensors before it.
        assert misfits
        assert example is None or not joins.fit(int(example[1]))
        return "no"
    assert example is not None
    assert int(example[1]) == misfits[0]
    residues = {*map(int, re.findall(r"\d+", condition[3]))}
    for height, result in results.items():
        if result is not None:
            is_in = height % int(condition[1]) in residues
            assert (not result) == (is_in != (condition[2] == "!="))
    return "sometimes"
