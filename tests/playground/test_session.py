"""What the page of the playground is told of a spec, and where in it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import archdsl
from archdsl.diagnostics import Expansion, error
from archdsl.outputs import seal
from archdsl.playground.session import MOST_LAYERS, Places, Session, answered
from archdsl.source import Source, Span
from tests.helpers.paths import ROOT, SPECS

WRONG = """\
# 🦆 counts twice in JavaScript.
network n: [3, 32, 32] = conv(8, 3) -> relu
network m: [3, 8, 8] = conv(8, 3) -> add(identity, conv(9, 1)) -> rellu
"""


def ask(session: Session, **request: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(session.answer(json.dumps(request)))
    return found


def checked(text: str, name: str = "main.arch") -> tuple[Session, dict[str, Any]]:
    session = Session()
    return session, ask(session, kind="check", text=text, name=name)


def cut(text: str, start: int, end: int) -> str:
    """A part of a text by units of UTF-16."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def test_mistakes_are_placed_as_javascript_counts() -> None:
    _, found = checked(WRONG)
    blamed = {cut(WRONG, d["from"], d["to"]): d for d in found["diagnostics"]}
    assert {"rellu", "conv(9, 1)"} <= blamed.keys()
    assert blamed["conv(9, 1)"]["expected"] == "[8, 8, 8]"
    (fix,) = blamed["rellu"]["fixes"]
    ((place, insert),) = fix["edits"]
    assert (cut(WRONG, place["from"], place["to"]), insert) == ("rellu", "relu")
    shapes = {cut(WRONG, 0, h["at"]).rpartition("\n")[2]: h["text"] for h in found["hints"]}
    assert shapes["network n: [3, 32, 32] = conv(8, 3) -> relu"] == "[8, 32, 32]"
    assert [each["name"] for each in found["networks"] if each["isWhole"]] == ["n"]


def test_a_mistake_in_the_library_is_placed_at_the_call() -> None:
    text = "network n: [3, 9, 9] = bottleneck(8, 0)\n"
    (found,) = checked(text)[1]["diagnostics"]
    assert (found["code"], cut(text, found["from"], found["to"])) == ("E0306", "0")


def test_a_mistake_in_another_text_is_placed_at_the_call_that_leads_there() -> None:
    own = Source("main.arch", "network n: [3] = part\n")
    other = Source("other.arch", "block part = rellu\n")
    steps = (Expansion("part", Span(own, 17, 21)),)
    found = error("E0201", "unknown name `rellu`", Span(other, 13, 18), expansion=steps)
    shown = answered(found, Places(own))
    assert (shown["from"], shown["to"]) == (17, 21)
    assert shown["message"] == "unknown name `rellu` (other.arch:1:14)"


@given(st.text(alphabet="a🦆\n", max_size=20))
def test_places_lead_there_and_back(text: str) -> None:
    places = Places(Source("main.arch", text))
    for offset in range(len(text) + 1):
        unit = places.unit(offset)
        assert unit == len(text[:offset].encode("utf-16-le")) // 2
        assert places.offset(unit) == offset


def test_every_tab_has_its_answer() -> None:
    text = (SPECS / "resnet.arch").read_text(encoding="utf-8")
    session, found = checked(text, "resnet.arch")
    assert not found["diagnostics"]
    table = ask(session, kind="table", network="resnet18")
    assert table["total"][3] == "11,689,512"
    assert ask(session, kind="scene", network="resnet18")["scene"]["params"] == 11_689_512
    code = ask(session, kind="code", network="resnet18")
    assert code["name"] == "resnet.py"
    assert code["text"] == seal(archdsl.compile("resnet18"), "resnet.arch")
    assert sum(code["marks"][::2]) == len(code["text"])
    page = ask(session, kind="page", network="resnet18")["text"]
    assert "<title>resnet18</title>" in page
    assert "self.layer1" in page


def test_a_network_with_a_mistake_is_shown_up_to_it() -> None:
    session, _ = checked(WRONG)
    assert ask(session, kind="scene", network="m")["scene"]["params"] > 0
    assert "rellu" in " ".join(ask(session, kind="code", network="m")["refused"])
    assert ask(session, kind="table", network="m")["rows"]
    assert ask(session, kind="scene", network="nothing")["scene"] is None
    assert ask(session, kind="table", network="nothing")["rows"] == []


def test_what_is_not_drawn_counts_for_nothing() -> None:
    """A branch before the mistake is built, but leads nowhere yet."""
    right = "network n: [3, 8, 8] = conv(4, 3) -> concat(conv(4, 3), conv(4, 3) -> relu)\n"
    wrong = right.replace("relu", "rellu")
    for text, totals in ((right, "408 parameters · 25.3 K MACs"), (wrong, "")):
        session, _ = checked(text)
        glanced = ask(session, kind="glance", text=text, name="main.arch", network="n")
        for found in (glanced, ask(session, kind="scene", network="n")):
            assert found["scene"]["costs"] == totals
        assert bool(ask(session, kind="table", network="n")["total"]) == bool(totals)


def test_words_are_proposed_and_texts_formatted() -> None:
    session, _ = checked(WRONG)
    items = ask(session, kind="complete", at=len(WRONG.encode("utf-16-le")) // 2 - 2)["items"]
    assert {"relu", "conv", "bottleneck"} <= {word for word, *_ in items}
    assert ask(session, kind="format", text="network n:[3]=relu\n") == {
        "text": "network n: [3] = relu\n"
    }
    assert ask(session, kind="format", text="network n:[") == {"text": None}


def test_a_spec_that_makes_too_much_is_refused_early() -> None:
    _, found = checked(f"network n: [3] = repeat({MOST_LAYERS + 1}, relu)\n")
    assert [each["code"] for each in found["diagnostics"]] == ["E0713"]


def test_what_the_page_begins_with_is_right() -> None:
    text = (ROOT / "playground" / "src" / "first.arch").read_text(encoding="utf-8")
    session, found = checked(text)
    assert not found["diagnostics"]
    assert ask(session, kind="format", text=text)["text"] == text


def test_packages_are_those_that_all_tests_pass_with() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().splitlines()
    wheels = (ROOT / "playground" / "wheels.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line.split(" --hash=")[0] for line in wheels if not line.startswith("#")]
    assert len(pinned) == 5
    assert set(pinned) <= set(lines)


def test_one_network_of_another_text_is_shown_before_that_is_checked() -> None:
    text = (SPECS / "resnet.arch").read_text(encoding="utf-8")
    session, _ = checked(WRONG)
    shown = ask(session, kind="glance", text=text, name="resnet.arch", network="resnet18")
    assert ask(session, kind="table", network="m")["rows"]
    ask(session, kind="check", text=text, name="resnet.arch")
    assert shown == ask(session, kind="scene", network="resnet18")
    assert ask(session, kind="glance", text=WRONG, name="?", network="m")["scene"]["params"] > 0
    for text in ("network m: [", "", "network o: [3] = relu\n"):
        assert ask(session, kind="glance", text=text, name="m", network="m") == {"scene": None}
