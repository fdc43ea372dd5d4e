"""Boxes of layers with shared weights: the first has them, others say whose they have."""

from __future__ import annotations

from archdsl import read
from archdsl.backends.diagram.view import View
from archdsl.outline.choose import Choice
from archdsl.outline.reader import outline
from tests.helpers.view_checks import check

SIAMESE = """
network n: (a: [1, 8, 8], b: [1, 8, 8]) =
    share f = conv(8, 3) -> maxpool(2) -> conv(4, 3) in concat(@a -> f, @b -> f) -> out: conv(2, 1)
"""
REPEATED = """
block layer = add(identity, conv(8, 3) -> relu -> conv(8, 3) -> relu -> conv(8, 3))
network n(depth=12): [8, 8, 8] = share body = layer in repeat(depth, body) -> out: conv(2, 1)
"""


def view(text: str, choice: Choice) -> View:
    return check(outline(read(text=text)["n"].graph), choice)


def test_a_box_says_whose_weights_it_has() -> None:
    boxes = [box for box in view(SIAMESE, Choice(full=True)).boxes if not box.is_end]
    shown = [
        (box.path, box.text.lines, box.params, box.is_again)
        for box in boxes
        if box.params or box.is_again
    ]
    assert shown == [
        ("f.0", (), 80, False),
        ("f.2", (), 292, False),
        ("f.0", ("shares f.0",), 0, True),
        ("f.2", ("shares f.2",), 0, True),
        ("out", (), 18, False),
    ]


def test_a_frame_around_shared_layers_is_dotted() -> None:
    shown = view(SIAMESE, Choice(full=True))
    frames = list(shown.framed)
    assert [frame.path for frame in frames] == ["f", "f"]
    assert shown.again == {frames[1]}


def test_copies_of_one_set_of_weights_say_so() -> None:
    (card,) = [box for box in view(REPEATED, Choice()).boxes if box.repeats]
    assert card.text.title == "layer ×12"
    assert card.text.lines[-1] == "one set of weights"
    assert (card.params, card.is_again) == (3 * 584, False)
