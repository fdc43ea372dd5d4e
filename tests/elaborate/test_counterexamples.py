"""What a message says of sizes that fit for some inputs only, with counting as the oracle."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.driver import check
from archdsl.files import finder
from archdsl.source import Source
from tests.helpers.paths import SPECS

FAR = 70
Size = Callable[[int], int]

# A layer of the language, and what it does to a height or width.
LAYERS: dict[str, Size] = {
    "maxpool(2)": lambda n: n // 2,
    "maxpool(3)": lambda n: n // 3,
    "maxpool(3, stride=2)": lambda n: (n - 3) // 2 + 1,
    "maxpool(3, stride=2, pad=1)": lambda n: (n - 1) // 2 + 1,
    "maxpool([2, 1])": lambda n: n // 2,
    "conv(3, 3, pad=0)": lambda n: n - 2,
    "pad(1)": lambda n: n + 2,
    "upsample(2)": lambda n: 2 * n,
    "upsample(3)": lambda n: 3 * n,
}
FITS: dict[str, Callable[[int, int], bool]] = {
    "add": lambda a, b: a == b,
    "mul": lambda a, b: a == b or 1 in (a, b),
    "concat": lambda a, b: a == b,
}
HEIGHT_ALONE = {"maxpool([2, 1])"}
INPUTS: dict[str, tuple[Size, Size]] = {
    "[3, h, w]": (lambda n: n, lambda n: n),
    "[3, 2 * h, 3 * w]": (lambda n: 2 * n, lambda n: 3 * n),
    "[3, h + 3, w]": (lambda n: n + 3, lambda n: n),
}


@dataclass(frozen=True)
class Case:
    """A network of two branches that are joined."""

    pattern: str
    join: str
    branches: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def text(self) -> str:
        """The spec."""
        first, second = (" -> ".join(branch) or "identity" for branch in self.branches)
        return f"network n: {self.pattern} = {self.join}({first}, {second})"

    def sizes(self, side: int, number: int) -> tuple[int, int] | None:
        """The sizes of both branches on one side; None where something is below 1."""
        found = []
        for branch in self.branches:
            size = INPUTS[self.pattern][side](number)
            for layer in branch:
                if side == 0 or layer not in HEIGHT_ALONE:
                    size = LAYERS[layer](size)
                if size < 1:
                    return None
            found.append(size)
        return found[0], found[1]

    def least(self, side: int) -> int:
        """The least value of the symbol of a side."""
        return next(n for n in range(1, 10 * FAR) if self.sizes(side, n))

    def fits(self, side: int, number: int) -> bool:
        """Whether the branches fit on one side."""
        sizes = self.sizes(side, number)
        return sizes is not None and FITS[self.join](*sizes)

    def smallest(self) -> dict[str, int] | None:
        """By how much the smallest sizes that do not fit exceed the least, all added up."""
        beyond = {
            symbol: next((n for n in range(FAR) if not self.fits(side, least + n)), None)
            for side, symbol in enumerate("hw")
            for least in [self.least(side)]
        }
        found = {symbol: number for symbol, number in beyond.items() if number is not None}
        return found or None


layers = st.lists(st.sampled_from(sorted(LAYERS)), max_size=3).map(tuple)
cases = st.builds(
    Case, st.sampled_from(sorted(INPUTS)), st.sampled_from(sorted(FITS)), st.tuples(layers, layers)
)
EXAMPLE = re.compile(r"smallest counterexample (.*?): [\d,]+ against [\d,]+")
CONDITION = re.compile(r"only (?:when|for) (.*?)(?:;|$)")


def condition(text: str) -> str:
    """A condition of a message as Python."""
    text = re.sub("only (for|when) ", "", text)
    text = re.sub(r"(\w) = (\d+) to (\d+)", r"\2 <= \1 <= \3", text)
    text = re.sub(r"(\w) = ([\d, ]+(?: or \d+)?)(?= and|\)|$| or [hw(])", _one_of, text)
    return re.sub(r"(\w % \d+) is ([\d, ]+(?: or \d+)?)", _one_of, text)


def _one_of(match: re.Match[str]) -> str:
    numbers = match[2].replace(" or ", ", ")
    return f"{match[1]} in ({numbers},)"


@settings(max_examples=60)
@given(cases)
def test_the_smallest_counterexample_is_the_smallest(case: Case) -> None:
    _, found = check(Source("test.arch", case.text), finder(SPECS))
    beyond = case.smallest()
    messages = [each.message for each in found if each.code == "E0301"]
    if not messages or "differs" in messages[0]:
        # Sizes that differ for all inputs have no example.
        assert messages or beyond is None, case.text
        return
    example = EXAMPLE.search(messages[0])
    assert example is not None, messages
    assert beyond is not None
    values = {part[0]: int(part[4:]) for part in example[1].split(", ")}
    least = {"h": case.least(0), "w": case.least(1)}
    excess = sum(number - least[symbol] for symbol, number in values.items())
    assert excess == min(beyond.values()), (case.text, messages[0])


@settings(max_examples=60)
@given(cases)
def test_a_condition_says_which_sizes_fit(case: Case) -> None:
    _, found = check(Source("test.arch", case.text), finder(SPECS))
    messages = [each.message for each in found if each.code == "E0301"]
    met = CONDITION.search(messages[0]) if messages else None
    if met is None or "more" in met[1]:
        return
    python = condition(met[1])
    # Sizes that fit for a few numbers are told of one side alone.
    sides = [side for side, symbol in enumerate("hw") if re.search(rf"\b{symbol}\b", python)]
    for number in range(FAR):
        sizes = {"h": case.least(0) + number, "w": case.least(1) + number}
        fits = all(case.fits(side, sizes["hw"[side]]) for side in sides)
        assert eval(python, {}, sizes) == fits, (case.text, messages[0], sizes)


def test_a_size_of_one_fits_to_any() -> None:
    text = "network n: [3, h, w] = mul(identity, maxpool(3, stride=2, pad=1))"
    _, (found,) = check(Source("test.arch", text), finder(SPECS))
    assert found.message.endswith(
        "they fit only for h = 1 or 2 and only for w = 1 or 2; "
        "smallest counterexample h = 3: 3 against 2"
    )


def test_sizes_of_one_fit_where_no_others_do() -> None:
    text = "network n: [3, h, w] = mul(identity, maxpool(2))"
    _, (found,) = check(Source("test.arch", text), finder(SPECS))
    assert found.message.endswith(
        "they fit only for h = 2 or 3 and only for w = 2 or 3; "
        "smallest counterexample h = 4: 4 against 2"
    )
    text = "network n: [3, 4 * h, w] = mul(identity, conv(3, 2, 2, pad=0) -> maxpool([1, 2]))"
    _, (found,) = check(Source("test.arch", text), finder(SPECS))
    assert found.message.endswith("branch 2 differs")
