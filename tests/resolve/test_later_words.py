"""A file that declares what later became a word of the language means what it meant before."""

from __future__ import annotations

import pytest
import torch

import archdsl
from archdsl.ops import OPS
from archdsl.resolve.words import BUILTINS, KEPT

LATER = sorted({*OPS, *BUILTINS} - KEPT)


@pytest.mark.parametrize("word", LATER)
def test_an_own_block_hides_a_later_word(word: str) -> None:
    text = (
        f"block {word}(width, body=relu) =\n"
        "    conv: conv(width, 3) -> mid: body -> other: conv(width, 1)\n"
        f"network n: [3, 8, 8] = first: {word}(4) -> second: {word}(8, body={word}(2))"
    )
    (noted,) = archdsl.check(text=text)
    assert noted.code == "N0202"
    assert noted.message.startswith(f"`{word}` hides the ")
    keys = [layer.path for layer in archdsl.read(text=text)["n"].layers if layer.params]
    assert keys[:2] == ["first.conv", "first.other"]
    assert archdsl.load(text=text)(torch.zeros(1, 3, 8, 8)).shape == (1, 8, 8, 8)


def test_labels_in_the_arguments_of_an_own_block_are_apart() -> None:
    text = (
        "block append(first, second) = left: (pad(1) -> first) -> right: (relu -> second)\n"
        "network n: [3, 8, 8] = append(x: conv(4, 3), x: conv(8, 3))"
    )
    assert [each.code for each in archdsl.check(text=text)] == ["N0202"]


def test_an_imported_block_hides_it_too() -> None:
    modules = {"blocks": "block take(width) = conv(width, 3)"}
    text = "from blocks import take\nnetwork n: [3, 8, 8] = take(4)"
    noted = archdsl.check(text=text, modules=modules)
    assert [each.code for each in noted] == ["N0202", "N0202"]


@pytest.mark.parametrize("word", ["conv", "concat", "identity", "repeat", "normal"])
def test_the_words_of_the_first_release_stay_refused(word: str) -> None:
    (refused,) = archdsl.check(text=f"block {word} = relu")
    assert refused.code == "E0212"
