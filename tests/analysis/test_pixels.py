"""What `--at` means in pixels, where the input of a network is a pattern."""

from __future__ import annotations

import pytest

from archdsl.driver import at, read
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.source import Source
from tests.helpers.paths import SPECS

PATTERNS = {
    "[3, h, w]": "h=224,w=224",
    "[3, 16 * h, 16 * w]": "h=14,w=14",
    "[3, 15 * h, w]": "h=15,w=224",
    "[3, 300 * h, w + 8]": "h=1,w=216",
}


def networks(pattern: str) -> dict[str, Graph]:
    """A network with an input of that pattern."""
    text = f"network n: {pattern} = conv(4, 3)"
    graphs, found = read(Source("net.arch", text), finder(SPECS))
    assert not found
    return graphs


def notes(pattern: str, **sizes: int) -> list[tuple[str, str, str]]:
    """What is said of sizes for such a network."""
    _, found = at(networks(pattern), sizes)
    return [(each.code, each.message, each.help) for each in found]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_example_is_the_usual_image(pattern: str) -> None:
    from archdsl.analysis.pixels import example

    assert example(networks(pattern)["n"]) == PATTERNS[pattern]


def test_a_factor_is_no_number_of_pixels() -> None:
    assert notes("[3, h, w]", h=224, w=224) == []
    assert notes("[3, 16 * h, 16 * w]", h=224, w=112) == [
        (
            "N0915",
            "with h=224,w=112 the input of `n` is [3, 3584, 1792]",
            "its sides are 16 * h and 16 * w; `--at h=14,w=14` makes it [3, 224, 224]",
        )
    ]
    assert notes("[3, 16 * h, 16 * w]", h=14) == [
        ("N0915", "with h=14 the input of `n` is [3, 224, 16 * w]", "its sides are 16 * h")
    ]


def test_a_side_leads_to_its_symbol() -> None:
    message = "no network has an open size `height`"
    listed = "the open sizes are `h`, `w`"
    for pattern, value, help in (
        ("[3, h, w]", 100, f"write `--at h=100`: a height of 100; {listed}"),
        ("[3, 16 * h, 16 * w]", 224, f"write `--at h=14`: a height of 224; {listed}"),
        ("[3, 16 * h, 16 * w]", 100, f"write `--at h=6`: a height of 96; {listed}"),
        ("[3, 32, 32]", 100, "all sizes are numbers"),
    ):
        assert notes(pattern, height=value) == [("E0915", message, help)]
    assert notes("[3, h, w]", dept=3) == [("E0915", "no network has an open size `dept`", listed)]
