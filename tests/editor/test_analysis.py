"""`archdsl.analyse`: everything about a text at once, whole or broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archdsl
from archdsl.elaborate.apply import application
from archdsl.fixes import Fix
from tests.helpers.paths import SPECS

UNIT = """
## Two layers.
block unit(width=8) = first: conv(width, 3) -> add(@first, relu)

network small(n=2): [3, 16, 16] = unit -> repeat(n, unit(width=4)) -> flatten
network large: [3, 32, 32] = unit(16) -> (add(identity, unit(16)) if 1 < 2) -> global_avgpool
"""


def said(text: str, **modules: str) -> list[str]:
    """The diagnostics of a text."""
    return [str(each) for each in archdsl.analyse(text, modules=modules).diagnostics]


def test_hints_show_what_comes_out_of_every_layer() -> None:
    hints = archdsl.analyse(UNIT).hints
    assert [f"{each.span.text}  {each.text}" for each in hints] == [
        "conv(width, 3)  [8, 16, 16] | [4, 16, 16] | [16, 32, 32]",
        "@first  [8, 16, 16] | [4, 16, 16] | [16, 32, 32]",
        "relu  [8, 16, 16] | [4, 16, 16] | [16, 32, 32]",
        "first: conv(width, 3) -> add(@first, relu)  [8, 16, 16] | [4, 16, 16] | [16, 32, 32]",
        "unit  [8, 16, 16]",
        "unit(width=4)  [4, 16, 16]",
        "repeat(n, unit(width=4))  [4, 16, 16]",
        "unit -> repeat(n, unit(width=4)) -> flatten  [1024]",
        "unit(16)  [16, 32, 32]",
        "unit(16)  [16, 32, 32]",
        "add(identity, unit(16))  [16, 32, 32]",
        "add(identity, unit(16)) if 1 < 2  [16, 32, 32]",
        "unit(16) -> (add(identity, unit(16)) if 1 < 2) -> global_avgpool  [16, 1, 1]",
    ]


def test_hints_show_several_results_by_name() -> None:
    spec = """
block two(w): [c, ...] -> (a: [w, ...], b: [c, ...]) = x: relu -> (a: conv(w, 3), b: @x)

network n: [3, 8, 8] =
    share s = two(3) in t: two(4)
    -> @t.b -> u: s -> add(@u.a, @u.b, conv: (@t.a -> conv(3, 1)))
"""
    analysis = archdsl.analyse(spec)
    hints = {each.span.text: each for each in analysis.hints}
    several = {
        "x: relu -> (a: conv(w, 3), b: @x)": "(a: [4, 8, 8], b: [3, 8, 8])"
        " | (a: [3, 8, 8], b: [3, 8, 8])",
        "two(4)": "(a: [4, 8, 8], b: [3, 8, 8])",
        "u: s": "(a: [3, 8, 8], b: [3, 8, 8])",
        "@t.b": "[3, 8, 8]",
    }
    assert {text: hints[text].text for text in several} == several
    assert hints["u: s"].shapes == ()
    assert len(analysis.nodes(hints["two(4)"])["n"]) == 2


def test_a_hint_of_very_many_shapes_says_the_last() -> None:
    def text(count: int) -> str:
        layers = " -> ".join(f"a({width})" for width in range(1, count + 1))
        spec = f"block a(width) = conv(width, 1)\nnetwork n: [3, 1, 1] = {layers}"
        return archdsl.analyse(spec).hints[0].text

    assert text(5) == "[1, 1, 1] | [2, 1, 1] | [3, 1, 1] | [4, 1, 1] | [5, 1, 1]"
    assert text(6) == "[1, 1, 1] | [2, 1, 1] | [3, 1, 1] | … 2 more … | [6, 1, 1]"


def test_hints_and_graphs_apply_no_block_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (SPECS / "resnet.arch").read_text(encoding="utf-8")
    before = archdsl.analyse(text)
    assert before.hints
    edited = "# A comment.\n" + text.replace("conv(64, 7", "conv(64, 9")
    after = archdsl.analyse(edited, previous=before)
    assert "E0305" not in [each.code for each in after.diagnostics]
    applied: list[object] = []
    body = application.apply_body
    with monkeypatch.context() as patch:
        patch.setattr(application, "apply_body", lambda *them: applied.append(them) or body(*them))
        shown = [(each.span.start, each.text) for each in after.hints]
        graph = after.graphs["resnet152"]
        assert not applied
        assert graph.tree.body
    assert shown == [(each.span.start, each.text) for each in archdsl.analyse(edited).hints]


def test_every_name_leads_to_what_declares_it() -> None:
    text = """
from part import wide as fat, thin
let base = 4
let twice(n) = 2 * n
block unit(k, bias=false): [c, _, _] = b{k}: conv(c, k, bias=bias) -> add(identity, thin)
network net(n=3): [3, 16, 16] =
    let w = twice(n) in first: conv(w, 3) -> [unit(k, bias=true) for k in [3]][0]
    -> add(@first, fat) -> conv(base, 1)
assert net(n=2).params == 1
"""
    part = "block wide = conv(6, 1)\nblock thin = conv(6, 1)"
    analysis = archdsl.analyse(text, modules={"part": part})
    assert [f"{each.kind} {each.name}" for each in analysis.definitions] == (
        "import fat|value base|function twice|parameter n|block unit|parameter k|parameter bias"
        "|size c|label b{k}|network net|parameter n|value w|label first|variable k"
    ).split("|")
    found = [
        f"{e.span.text} {e.definition.kind} {e.definition.span}"
        for e in analysis.references
        if e.definition.kind not in {"op", "builtin", "module"}
    ]
    assert found == (
        "wide block part.arch:1:7|thin block part.arch:2:7|n parameter main.arch:4:11"
        "|k parameter main.arch:5:12|c size main.arch:5:29|k parameter main.arch:5:12"
        "|bias parameter main.arch:5:15|thin block part.arch:2:7|twice function main.arch:4:5"
        "|n parameter main.arch:6:13|w value main.arch:7:9|unit block main.arch:5:7"
        "|k variable main.arch:7:70|bias parameter main.arch:5:15|first label main.arch:7:25"
        "|fat import main.arch:2:26|base value main.arch:3:5|net network main.arch:6:9"
        "|n parameter main.arch:6:13"
    ).split("|")


def test_what_is_whole_is_there_although_other_things_are_broken() -> None:
    text = (
        UNIT + "network broken: [3, 8, 8] = conv(8, 3) -> relu -> cov(4, 1) -> bn\nblock ( = relu\n"
    )
    analysis = archdsl.analyse(text)
    assert [*analysis.networks] == ["small", "large"]
    assert analysis.networks["large"].params == 448 + 2320
    assert str(analysis.graphs["broken"]).splitlines()[1:] == [
        "%0 input -> [3, 8, 8]",
        "%1 0: conv(8, 3)(%0) -> [8, 8, 8]",
        "%2 1: relu(%1) -> [8, 8, 8]",
    ]
    assert [each.code for each in analysis.diagnostics] == ["E0107", "E0201"]
    assert [each.text for each in analysis.hints if each.span.line == 7] == ["[8, 8, 8]"] * 2


AROUND = """
from nowhere import foo as bar
from inception import unit
block b(n, m=3): [c, h, w] -> [n, h, w] = x: conv(n, m)
    -> (let k = 3 * m in chain(conv(k + i, 3) for i in range(2))) -> @x
network a(z=2): [3, 8, 8] = b(4) -> bar -> unit(4, 3) -> b(z)
network e: [3, 8, 8] = b(4) -> conv(z"""


def test_words_of_the_language_modules_and_aliases_are_references_too() -> None:
    found = {
        e.span.text: (e.definition.kind, str(e.definition.span), *e.definition.parameters)
        for e in archdsl.analyse(AROUND).references
    }
    assert found["conv"][:4] == ("op", "<language>", "out", "kernel")
    assert found["range"] == ("builtin", "<language>")
    assert found["bar"] == ("import", "main.arch:2:28")
    assert found["inception"] == ("module", "<library>/inception.arch:1:1")
    assert found["b"] == ("block", "main.arch:4:7", "n", "m=3")
    assert found["unit"][:3] == ("block", "<library>/inception.arch:4:7", "out")


@pytest.mark.parametrize(
    ("before", "names"),
    [
        ("k + i", "i k m n w h c x"),
        ("range(2)", "k m n w h c x"),
        ("3 * m", "m n w h c x"),
        ("@x", "m n w h c x"),
        ("unit(4", "z"),
        ("conv(z", ""),
        ("from inception", ""),
    ],
)
def test_what_can_be_named_at_a_place(before: str, names: str) -> None:
    analysis = archdsl.analyse(AROUND)
    found = analysis.names_at(AROUND.index(before))
    kinds = {"parameter", "size", "label", "value", "variable"}
    assert [each.name for each in found if each.kind in kinds] == names.split()
    everywhere = {each.name for each in found}
    assert {"a", "b", "e", "unit", "bar", "stage", "conv", "range", "identity"} <= everywhere


def test_what_is_written_around_a_place() -> None:
    analysis = archdsl.analyse(AROUND)
    found = [each.text for each in analysis.enclosing(AROUND.index("4, 3) -> b"))]
    assert found[:2] == ["4", "unit(4, 3)"]
    assert found[-1].startswith("network a(z=2)")
    assert [each.text for each in analysis.enclosing(len(AROUND))][:2] == ["z", "conv(z"]


@pytest.mark.parametrize("comment", ["", "# moved\n"])
def test_a_hint_leads_to_its_nodes(comment: str) -> None:
    text = AROUND.replace("-> bar ", "")
    analysis = archdsl.analyse(comment + text, previous=archdsl.analyse(text))
    nodes = {each.span.text: analysis.nodes(each) for each in analysis.hints}
    assert nodes["conv(n, m)"]["a"] == (1, 7)
    assert nodes["conv(k + i, 3)"] == {"a": (2, 3, 8, 9), "e": (2, 3)}
    assert nodes["unit(4, 3)"] == {"a": (6,)}


LAYERS = "conv(8, 3) -> relu"
"""What stands before the mistakes below: nodes 1 and 2 of a network."""


@pytest.mark.parametrize(
    ("rest", "more"),
    [
        (" -> ", []),
        (" -> conv(", []),
        (" -> conv(4, 3", ["conv(4, 3)"]),
        (" -> conv(4, 3) -> repeat(2, bn -> elu -> ", ["conv(4, 3)", "bn", "elu"]),
        (" -> add(elu, x: chain(bn, [1, ", ["elu"]),
        (" => bn", []),
        (" bn -> elu", []),
        (" -> elu -> let n = 3 elu", ["elu"]),
        (" -> bn -> \xe9 -> elu", ["bn"]),
        (") -> bn", []),
    ],
)
def test_of_a_network_that_cannot_be_read_the_layers_before_the_mistake_are_known(
    rest: str, more: list[str]
) -> None:
    broken = f"network a(n=3): [3, 8, 8] = {LAYERS}{rest}\n"
    text = f"block b(n) = {LAYERS}\n{broken}network z: [3, 8, 8] = b(3)\n"
    analysis = archdsl.analyse(text)
    assert [*analysis.graphs] == ["a", "z"]
    assert [str(node.op) for node in analysis.graphs["a"]][1:] == ["conv(8, 3)", "relu", *more]
    assert analysis.graphs["a"].outputs == {}
    assert [*analysis.networks] == ["z"]
    assert [each.text for each in analysis.hints if each.span.line == 2][:2] == ["[8, 8, 8]"] * 2
    names = [each.name for each in analysis.definitions if each.kind != "label"]
    assert names == ["b", "n", "a", "n", "z"]
    assert said(text) == [*map(str, archdsl.check(text=text))]


@pytest.mark.parametrize(
    ("rest", "codes"),
    [
        ("", ["N0601", "N0401"]),
        (" -> relux", ["E0201"]),
        (" -> [9, 8, 8]", ["N0601", "E0304"]),
        (" -> bn(", ["E0107"]),
    ],
)
def test_what_is_not_used_or_labelled_is_noted_of_whole_texts(rest: str, codes: list[str]) -> None:
    text = f"from inception import unit\nnetwork a: [3, 8, 8] = x: conv(8, 3) -> conv(4, 3){rest}\n"
    assert [each.code for each in archdsl.analyse(text).diagnostics] == codes


def test_no_line_of_the_library_is_noted() -> None:
    text = "network a: [64, 8, 8] = x: conv(64, 3) -> y: se(16, gate=conv(64, 1))\n"
    assert archdsl.analyse(text).diagnostics == ()


def test_what_stands_between_syntax_errors_is_checked() -> None:
    text = "block a = conv(8, 3\nblock b = relux\nlet c = = 3\nblock d = reluy\nassert 1 == 2\n"
    codes = [each.split("[")[1][:5] for each in said(text)]
    assert codes == ["E0107", "E0101", "E0201", "E0201", "E0802"]


def test_places_are_counted_as_editors_do() -> None:
    text = "# \N{PARTY POPPER}\r\nlet \u00e9 = 1\r# \N{PARTY POPPER}\nlet a = b"
    found = archdsl.analyse(text).diagnostics
    ranges = {each.span.text: each.span.range for each in found}
    known = {text: (each.start.line, each.start.character) for text, each in ranges.items()}
    assert known == {"\u00e9": (1, 4), "\r": (1, 9), "b": (3, 8)}
    after = archdsl.analyse('let a = "\N{PARTY POPPER}" + b').diagnostics[0].span
    assert (after.start, after.range.start.character, after.range.end.character) == (14, 15, 16)


@pytest.mark.parametrize(
    "name", ["prelude", "prelude.arch", "library/prelude.arch", "./<prelude>", "resnet"]
)
def test_a_text_may_have_any_name(name: str) -> None:
    text = "network n: [3, 8, 8] = stage(2, basic(4)) -> relux"
    assert [each.code for each in archdsl.analyse(text, name=name).diagnostics] == ["E0201"]
    assert [each.code for each in archdsl.check(text=text, name=name)] == ["E0201"]
    right = text.removesuffix("x")
    assert [*archdsl.read(text=right, name=name)] == [*archdsl.analyse(right, name=name).graphs]
    assert [*archdsl.analyse(right, name=name).graphs] == ["n"]


FIXES = [
    ("N = relux", "N = relu"),
    ("N = conv(8, kernal=3)", "N = conv(8, kernel=3)"),
    ("N = a: relu -> add(a, relu)", "N = a: relu -> add(@a, relu)"),
    ("N = ab: relu -> add(@abb, bn)", "N = ab: relu -> add(@ab, bn)"),
    ("N = conv(3, 64, 7, 2, 3)", "N = conv(64, 7, 2, pad=3)"),
    ("N = conv(8, 3, 2, 1)", "N = conv(8, 3, 2, pad=1)"),
    ("N = conv(8, 3).relu() -> bn", "N = conv(8, 3) -> relu -> bn"),
    ("N = relu(conv(8, 3))", "N = conv(8, 3) -> relu"),
    ("N = conv(8, 3 -> relu", "N = conv(8, 3) -> relu"),
    ("N = (conv(8, 3) -> relu", "N = (conv(8, 3) -> relu)"),
    ("N = conv(8, 3 -> relu -> bn", "N = conv(8, 3) -> relu -> bn"),
    ("N = relu -> [3, 8, 8 -> bn", "N = relu -> [3, 8, 8] -> bn"),
    ("N = conv(8, 3)) -> relu", "N = conv(8, 3) -> relu"),
    ("network n [3, 8, 8] = relu", "N = relu"),
    ("N = relu -> -> bn", "N = relu ->  bn"),
    ("N = conv(8 3)", "N = conv(8, 3)"),
    ("N = relu => bn", "N = relu -> bn"),
    ("N = conv(8, 3, pad='same')", 'N = conv(8, 3, pad="same")'),
    ("a = 3", "let a = 3"),
    ("from prelude import se, basic\nlet b = basic", "from prelude import basic\nlet b = basic"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "right"), FIXES)
def test_a_fix_mends_what_it_is_for(wrong: str, right: str) -> None:
    wrong, right = (text.replace("N =", "network n: [3, 8, 8] =") for text in (wrong, right))
    (mistake,) = archdsl.analyse(wrong).diagnostics
    assert applied(mistake.fixes[0], wrong) == right
    assert said(right) == []


BOTH = ["write `->`", "write `:`"]


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        ("relu -> maxpool2)", []),
        ("relu -> a relu -> bn", BOTH),
        ("concat(a relu, b: relu)", BOTH),
        ("relu -> a relu -> a: bn", [*reversed(BOTH)]),
        ("(\n    relu -> conv(8, 3 -> bn\n)", ["write `)`"]),
        ("(\n    relu -> conv(8, 3)) -> bn\n)", ["delete `)`"]),
        ("relu -> a: linear(3)", ["write `flatten ->`", "write `global_avgpool -> flatten ->`"]),
        ("global_avgpool -> a: linear(3)", ["write `flatten ->`"]),
    ],
)
def test_where_several_edits_are_as_likely_none_or_all_are_offered(
    body: str, titles: list[str]
) -> None:
    text = f"network n: [3, 8, 8] = {body}"
    (mistake,) = archdsl.analyse(text).diagnostics
    assert mistake.code in {"E0101", "E0107", "E0312"}
    assert [fix.title for fix in mistake.fixes] == titles
    for (edit,) in [fix.edits for fix in mistake.fixes if "flatten" in fix.title]:
        mended = text[: edit.span.start] + edit.text + text[edit.span.end :]
        assert not archdsl.analyse(mended).diagnostics


def test_the_title_of_a_fix_is_one_line() -> None:
    (mistake,) = archdsl.analyse("let a = 1\rlet b = a").diagnostics
    assert [each.title for each in mistake.fixes] == ["write a line feed"]


@pytest.mark.parametrize("name", archdsl.__all__)
def test_all_public_types_can_be_named(name: str) -> None:
    assert getattr(archdsl, name) is not None


def test_a_misspelled_import_is_mended_with_its_uses() -> None:
    modules = {"part": "block wide = relu\n", "folder.deep": "block deep = relu\n"}
    for wrong, right in [
        ("from part import wid\nlet b = wid", "from part import wide as wid\nlet b = wid"),
        ("from part import wid\nlet b = wide", "from part import wide\nlet b = wide"),
        ("from part import wid as a\nlet b = a", "from part import wide as a\nlet b = a"),
        ("from deep import deep\nlet b = deep", "from folder.deep import deep\nlet b = deep"),
    ]:
        mistake = archdsl.analyse(wrong, modules=modules).diagnostics[0]
        assert applied(mistake.fixes[0], wrong) == right
        assert archdsl.analyse(right, modules=modules).diagnostics == ()


def test_a_module_is_not_suggested_to_itself() -> None:
    modules = {"parts": "from part import wide\n"}
    (mistake,) = archdsl.analyse("from parts import a", modules=modules).diagnostics[:1]
    assert (mistake.code, "parts" in mistake.help) == ("E0601", False)
    (mistake,) = archdsl.analyse("from part import a", name="parts.arch").diagnostics
    assert (mistake.code, "parts" in mistake.help) == ("E0601", False)


NAMES = ["2_factors", "a.arch", "../a", "", "a..b", "main", "a b", "\ud800"]


@pytest.mark.parametrize("name", NAMES)
def test_a_module_that_no_import_can_name_is_noted(name: str) -> None:
    text = "from part import wide\nnetwork n: [3, 8, 8] = wide\n"
    modules = {name: "block wide = relu(", "part": "block wide = relu\n"}
    analysis = archdsl.analyse(text, modules=modules)
    assert [each.code for each in analysis.diagnostics] == ["N0602"]
    assert analysis.networks.keys() == {"n"}
    with pytest.raises(ValueError, match="name"):
        archdsl.read(text=text, modules=modules)


@pytest.mark.parametrize("name", ["", "<library>/prelude.arch"])
def test_a_text_without_a_possible_name_is_analysed(name: str) -> None:
    (noted, mistake) = archdsl.analyse("network n: [3, 8, 8] = relux\n", name=name).diagnostics
    assert (noted.code, mistake.code, mistake.file) == ("N0602", "E0201", "main.arch")


def applied(fix: Fix, text: str) -> str:
    """A text with the edits of a fix."""
    for edit in sorted(fix.edits, key=lambda each: -each.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def test_a_fix_of_what_has_moved_is_where_it_is_now() -> None:
    first = archdsl.analyse("network n: [3, 8, 8] = relux\n")
    assert first.diagnostics
    text = "# A comment.\nnetwork n: [3, 8, 8] = relux\n"
    (mistake,) = archdsl.analyse(text, previous=first).diagnostics
    assert applied(mistake.fixes[0], text).endswith("= relu\n")


@given(st.text(alphabet='ab1 \n()[]"#@:=,->blocknetwrk\u00e9\r\t{}', max_size=60))
def test_no_text_raises_anything(text: str) -> None:
    analysis = archdsl.analyse(text)
    assert (analysis.diagnostics, analysis.hints, analysis.references) is not None
    assert len(analysis.networks) <= len(analysis.graphs)


def test_a_bundle_with_a_mistake_has_no_hints() -> None:
    text = """network n: [3, 8, 8] -> (a: [4, 8, 8], b: [4, 8, 8]) =
    (a: conv(4, 3), b: conv(4, 3, groups=2))
"""
    found = archdsl.analyse(text)
    assert [each.code for each in found.diagnostics] == ["E0306"]
    assert [each.text for each in found.hints] == ["[4, 8, 8]"]


def test_a_lower_bound_on_layers_can_be_asked_for() -> None:
    text = "network n: [3, 8, 8] = repeat(30, relu)\nnetwork m: [3, 8, 8] = repeat(60, relu)\n"
    found = archdsl.analyse(text, most_layers=50)
    (error,) = found.diagnostics
    assert error.code == "E0713"
    assert "more than 50 layers" in error.message
    assert [*found.networks] == ["n"]
    assert not archdsl.analyse(text, previous=found).diagnostics
    assert archdsl.analyse(text, previous=found, most_layers=50).diagnostics == (error,)
