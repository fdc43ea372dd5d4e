"""The language server, over its standard input and output, as editors talk to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archdsl.source import Source
from tests.helpers.language_client import CHANGED, CREATED, DELETED, Client
from tests.helpers.paths import SPECS

pytest.importorskip("pygls")

UNIT = """\
## Two layers. \N{PARTY POPPER}
block unit(width=8) = first: conv(width, 3) -> add(@first, relu)

# \N{PARTY POPPER} a comment
network small(n=2): [3, 16, 16] = unit -> repeat(n, unit(width=4)) -> flatten
"""


@pytest.fixture(scope="module", params=["utf-8"])
def client(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Client]:
    client = Client(tmp_path_factory.mktemp("specs"), request.param)
    assert client.capabilities["positionEncoding"] == request.param
    yield client
    client.close()


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    noted = {"workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}}}
    client = Client(tmp_path_factory.mktemp("specs"), workspace=noted)
    yield client
    client.close()


def test_every_feature_in_every_encoding(client: Client) -> None:
    client.open(UNIT.replace("block unit", 'let s = "\N{PARTY POPPER}" block unit'))
    assert client.of("diagnostic")["items"] == []

    hints = client.of("inlayHint", range=client.everywhere())
    assert [(hint["position"], hint["label"]) for hint in hints] == [
        (client.place("add(@first, relu)"), "[8, 16, 16] | [4, 16, 16]"),
        (client.place("-> flatten"), "[1024]"),
    ]
    found = client.at("definition", "repeat(n, un")
    assert client.part(found["range"]) == "unit"
    uses = client.at("references", "repeat(n, un", context={"includeDeclaration": True})
    assert [client.part(each["range"]) for each in uses] == ["unit"] * 3
    assert [client.part(r["range"]) for r in client.at("documentHighlight", "@fir")] == [
        "first"
    ] * 2
    assert client.part(client.at("prepareRename", "@fir")) == "first"

    symbols = client.of("documentSymbol")
    assert [(each["name"], len(each["children"])) for each in symbols] == [
        ("s", 0),
        ("unit", 1),
        ("small", 0),
    ]
    tokens = client.of("semanticTokens/full")["data"]
    assert len(tokens) % 5 == 0
    chosen = client.of("selectionRange", positions=[client.place("unit(wid")])
    shown = []
    each = chosen[0]
    while each:
        shown.append(client.part(each["range"]))
        each = each.get("parent")
    assert shown[0] == "width"
    assert shown[-1].startswith("block unit(width=8) = first")


def test_a_name_of_the_language_is_not_all_of_them(simple: Client) -> None:
    simple.open(UNIT)
    shown = simple.at("documentHighlight", "first: con")
    assert [simple.part(each["range"]) for each in shown] == ["conv"]
    uses = simple.at("references", "first: con", context={"includeDeclaration": True})
    assert [simple.part(each["range"]) for each in uses] == ["conv"]


def test_mistakes_are_shown_and_fixed(client: Client) -> None:
    client.open('let s = "\N{PARTY POPPER}" network n: [3, 8, 8] = conv(8, 3) -> rellu\n')
    (mistake,) = client.of("diagnostic")["items"]
    assert (mistake["code"], client.part(mistake["range"])) == ("E0201", "rellu")
    (action,) = client.of("codeAction", range=mistake["range"], context={"diagnostics": []})
    assert action["title"] == "write `relu`"
    client.change(client.applied(action["edit"]["changes"][client.uri()]))
    assert client.of("diagnostic")["items"] == []


def test_hover_says_what_something_is_and_its_shapes(simple: Client) -> None:
    simple.open(UNIT)
    layer = simple.at("hover", "first: con")["contents"]["value"]
    assert "conv(out, kernel" in layer
    assert "`[3, 16, 16]` to `[8, 16, 16]`: 224 parameters, 55,296 multiply-adds" in layer
    block = simple.at("hover", "] = un")["contents"]["value"]
    assert "block unit(width=8)" in block
    assert "Two layers." in block
    assert "gives `[8, 16, 16]`" in block
    assert "copies of a layer" in simple.at("hover", "repe")["contents"]["value"]
    assert simple.at("hover", "# \N{PARTY POPPER} a com") is None
    # An argument is none of the op of its name, and a variable no part of the label that names it.
    simple.open("block b(n) = chain(x{i}: conv(n, 3, pad=1) -> y: @x{i} for i in range(2))\n")
    argument = simple.at("hover", "3, p")["contents"]["value"]
    assert "parameter of `conv`" in argument
    assert "pixels of zeros" in argument
    assert simple.part(simple.at("definition", "@x{")["range"]) == "i"


def test_lenses_count_networks(simple: Client) -> None:
    simple.open(UNIT)
    (lens,) = simple.of("codeLens")
    assert lens["command"]["title"] == "664 parameters, 165,888 multiply-adds, depth 3"
    simple.change(UNIT.replace("-> flatten", "-> flaten"))
    (lens,) = simple.of("codeLens")
    assert lens["command"]["title"] == "has mistakes"


def test_completion(simple: Client) -> None:
    simple.open("block u(width) = first: conv(width, 3) -> add(@")
    assert _labels(simple.at("completion", "add(@")) == ["first"]
    simple.change("block u(width) = conv(")
    found = simple.at("completion", "conv(")
    assert [each["label"] for each in found if each["kind"] == 10][:2] == ["out=", "kernel="]
    assert "u" not in [each["label"] for each in found if each["kind"] == 10]
    ordered = _labels(sorted(found, key=lambda each: each["sortText"]))
    assert ordered[:4] == ["out=", "kernel=", "stride=", "pad="]
    simple.change("from ")
    assert "shortcuts" in _labels(simple.at("completion", "from "))
    simple.change("from shortcuts import ")
    assert "zero_padding" in _labels(simple.at("completion", "import "))
    simple.change("from import ")
    assert _labels(simple.at("completion", "import ")) == []
    simple.change("network n: [64] = linear(8) -> re\n")
    first = sorted(simple.at("completion", "-> "), key=lambda each: each["sortText"])[0]
    assert first["sortText"] == "1"


def _labels(items: list[dict[str, Any]]) -> list[str]:
    return [each["label"] for each in items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a conv(", []),
        ('let s = "re', []),
        ("let x = 12", []),
        ("block ", []),
        ("network n: [3, ", None),
        ("network n: [3, 8, 8] = conv(8, 3) ", None),
        ("from shortcuts import zero_padding as ", []),
        ("from shortcuts ", ["import"]),
        ("from networks.le", ["lenet"]),
        ("let a = 1\n", ["assert", "block", "default", "extern", "from", "let", "network"]),
        ("network n: [3, 8, 8] = b: (p: relu, q: relu) -> @b.", ["p", "q"]),
        ("network n: [3, 8, 8] = relu\nassert n.dep", ["depth"]),
        ("network n: [3, 8, 8] = conv(8, 3, init=zeros", ["zeros"]),
    ],
)
def test_completion_knows_where_it_is(
    simple: Client, text: str, expected: list[str] | None
) -> None:
    """None: something is proposed, but not at once when a blank is typed."""
    simple.open(text)
    found = simple.of("completion", position=simple.end_of(text))
    context = {"triggerKind": 2, "triggerCharacter": " "}
    typed = simple.of("completion", position=simple.end_of(text), context=context)
    if expected is None:
        assert found
        assert not typed
        return
    begun = re.findall(r"\w*\Z", text)[0]
    assert [each for each in _labels(found) if each.startswith(begun)] == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# head\n\n## It.\n", "# head\n\nfrom shortcuts import zero_padding\n\n## It.\n"),
        (
            "from blur import blurpool # blurs\n\n",
            "from blur import blurpool # blurs\nfrom shortcuts import zero_padding\n\n",
        ),
        ("from shortcuts import zero_padding\n", "from shortcuts import zero_padding\n"),
        ("\ufeff", "\ufefffrom shortcuts import zero_padding\n\n"),
    ],
)
def test_completion_imports_what_it_proposes(simple: Client, before: str, after: str) -> None:
    rest = "network n: [3, 8, 8] = relu -> (zero_p"
    simple.open(before + rest)
    found = simple.of("completion", position=simple.end_of(before + rest))
    (item,) = [each for each in found if each["label"] == "zero_padding"]
    assert simple.applied(item.get("additionalTextEdits") or []) == after + rest


def test_signatures(simple: Client) -> None:
    simple.open("block u(width, stride=1) = conv(width, 3, stride)\n\nlet x = u(8, ")
    help = simple.at("signatureHelp", "x = u(8, ")
    assert help["signatures"][0]["label"] == "u(width, stride=1)"
    assert help["activeParameter"] == 1
    help = simple.at("signatureHelp", "conv(width, ")
    assert help["signatures"][0]["label"].startswith("conv(out, kernel, stride=1")


def test_rename_keeps_the_graph_and_tells_of_keys(simple: Client) -> None:
    simple.open(UNIT)
    edit = simple.at("rename", "block un", newName="part")
    assert simple.applied(edit["changes"][simple.uri()]) == UNIT.replace("unit", "part")
    edit = simple.at("rename", "@fir", newName="stem")
    (changes,) = edit["documentChanges"]
    assert simple.applied(changes["edits"]) == UNIT.replace("first", "stem")
    assert "first becomes" in edit["changeAnnotations"]["keys"]["description"]
    edit = simple.at("rename", "unit(wid", newName="channels")
    assert simple.applied(edit["changes"][simple.uri()]) == UNIT.replace("width", "channels")


def test_a_client_without_notes_on_edits_is_told_of_keys(client: Client) -> None:
    client.open(UNIT)
    edit = client.at("rename", "@fir", newName="stem")
    assert client.applied(edit["changes"][client.uri()]) == UNIT.replace("first", "stem")
    said = [each for each in client.heard if each.get("method") == "window/showMessage"]
    assert "first becomes" in said[-1]["params"]["message"]


@pytest.mark.parametrize(
    ("before", "name", "why"),
    [
        ("block un", "if", "`if` is no name"),
        ("block un", "9", "`9` is no name"),
        ("-> fla", "f", "there is no name here"),
        ("block un", "small", ""),
        ("block un", "conv", ""),
    ],
)
def test_a_rename_that_changes_meaning_is_refused(
    simple: Client, before: str, name: str, why: str
) -> None:
    simple.open(UNIT)
    params = {"position": simple.place(before), "newName": name}
    answer = simple.answer("textDocument/rename", {"textDocument": {"uri": simple.uri()}, **params})
    assert answer["error"]["code"] == -32803
    assert why in answer["error"]["message"]


def test_files_know_each_other(simple: Client) -> None:
    (simple.folder / "net.arch").write_text("from blocks import unit\n\nlet a = unit\n")
    simple.open("block unit = relu\n", "blocks.arch")
    simple.open("from blocks import unit\n\nlet a = unit(1)\n")
    assert simple.of("diagnostic")["items"] != []
    found = simple.at("definition", "let a = un")
    assert found["uri"] == simple.uri("blocks.arch")
    (link,) = simple.of("documentLink")
    assert (link["target"], simple.part(link["range"])) == (simple.uri("blocks.arch"), "blocks")
    # It is read as the editor has it, though no such file was ever saved.
    assert {each["name"] for each in simple.ask("workspace/symbol", {"query": "uni"})} == {"unit"}
    # A rename is tried in all files at once.
    simple.change("from blocks import unit\n\nnetwork n: [3, 8, 8] = unit\n")
    changes = simple.at("rename", "import un", newName="part")["changes"]
    counts = {uri: len(edits) for uri, edits in changes.items()}
    assert counts == {simple.uri("blocks.arch"): 1, simple.uri(): 2}
    # A file is one, however its name is written; a name that no file can have is none.
    simple.tell("textDocument/didClose", {"textDocument": {"uri": simple.uri("blocks.arch")}})
    for uri in (simple.uri("bl%6Fcks.arch").replace("%256F", "%6F"), "file:///a%00b/net.arch"):
        item = {"uri": uri, "languageId": "arch", "version": 1, "text": "block unit = relu\n"}
        simple.tell("textDocument/didOpen", {"textDocument": item})
    changes = simple.at("rename", "import un", newName="part")["changes"]
    assert [uri.endswith("/bl%6Fcks.arch") for uri in changes] == [False, True]


def test_formatting(simple: Client) -> None:
    simple.open("let a=1\nlet b = 2\nlet c=3\n")
    options = {"tabSize": 4, "insertSpaces": True}
    edits = simple.of("formatting", options=options)
    assert simple.applied(edits) == "let a = 1\nlet b = 2\nlet c = 3\n"
    place = {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 1}}
    edits = simple.of("rangeFormatting", options=options, range=place)
    assert simple.applied(edits) == "let a=1\nlet b = 2\nlet c = 3\n"


def _refactored(client: Client, place: dict[str, Any]) -> str | None:
    found = client.of("codeAction", range=place, context={"diagnostics": []})
    return client.applied(found[0]["edit"]["changes"][client.uri()]) if found else None


def test_a_block_is_extracted_and_inlined(simple: Client) -> None:
    simple.open(UNIT)
    chosen = {"start": simple.place("= "), "end": simple.place("add(@first, relu)")}
    text = _refactored(simple, chosen)
    assert text is not None
    assert "block unit(width=8) = extracted(width)\n" in text
    layers = "first: conv(width, 3) -> add(@first, relu)"
    assert text.startswith(f"block extracted(width) =\n    {layers}\n\n## Two layers.")
    # A wire cannot lead into a block.
    chosen = {"start": simple.place("-> "), "end": simple.place("add(@first, relu)")}
    assert _refactored(simple, chosen) is None
    place = simple.place("] = un")
    text = _refactored(simple, {"start": place, "end": place})
    assert text is not None
    assert "] = (first: conv(8, 3) -> add(@first, relu)) -> repeat" in text
    # Copies would have one label several times.
    place = simple.place("repeat(n, un")
    assert _refactored(simple, {"start": place, "end": place}) is None


def test_calls_of_blocks(simple: Client) -> None:
    simple.open(UNIT)
    (item,) = simple.at("prepareCallHierarchy", "block un")
    (call,) = simple.ask("callHierarchy/incomingCalls", {"item": item})
    assert call["from"]["name"] == "small"
    assert [simple.part(each) for each in call["fromRanges"]] == ["unit", "unit"]
    (item,) = simple.at("prepareCallHierarchy", "network sm")
    (call,) = simple.ask("callHierarchy/outgoingCalls", {"item": item})
    assert (call["to"]["name"], len(call["fromRanges"])) == ("unit", 2)


def test_folding(simple: Client) -> None:
    simple.open("# one\n# two\nblock b =\n    chain([\n        relu,\n    ])\n")
    found = [(each["startLine"], each["endLine"]) for each in simple.of("foldingRange")]
    assert found == [(2, 5), (3, 4), (0, 1)]


def test_a_storm_of_edits_is_answered_for_the_last_one(simple: Client) -> None:
    simple.change(UNIT)  # Taken, though nobody has opened it.
    asked = []
    with simple.at_once():
        for number in range(90):
            simple.change(UNIT.replace("width=4", f"width={number + 1}"), number + 2)
            params = {"textDocument": {"uri": simple.uri()}, "range": simple.everywhere()}
            method = "textDocument/diagnostic" if number % 2 else "textDocument/inlayHint"
            asked.append(simple.send(method, params))
            if number % 3 == 0:
                simple.tell("$/cancelRequest", {"id": asked[-1]})
    hints = simple.of("inlayHint", range=simple.everywhere())
    assert hints[-1]["label"] == f"[{90 * 256}]"
    told = {each["id"]: each for each in simple.heard if each.get("id") in asked}
    while len(told) < len(asked):
        late = simple.hear()
        told[late["id"]] = late
    # Nobody waits for the answers in between, so next to none of them was computed.
    errors = [each["error"] for each in told.values() if "error" in each]
    assert len(errors) > len(asked) / 2
    assert {each["code"] for each in errors} == {-32800, -32801, -32802}
    assert {"retriggerRequest": True} in [each.get("data") for each in errors]


def test_malformed_messages_do_not_end_the_server(simple: Client) -> None:
    simple.open(UNIT)
    simple.raw(b"{")
    simple.raw(b"[]")
    simple.raw(b'{"jsonrpc": "2.0", "id": 77, "method": "textDocument/hover", "params": 3}')
    simple.raw(b'{"jsonrpc": "2.0", "method": "no/such"}')
    assert "error" in simple.answer("no/request")
    unreadable = {"textDocument": {"uri": simple.uri()}, "position": {"line": -1}}
    assert simple.answer("textDocument/hover", unreadable)["error"]["code"] == -32602
    far = {"line": 10**9, "character": 10**9}
    uri = {"uri": simple.uri()}
    simple.ask("textDocument/hover", {"textDocument": uri, "position": far})
    nowhere = {"uri": "file:///nowhere/at/all.arch"}
    assert simple.ask("textDocument/hover", {"textDocument": nowhere, "position": far}) is None
    assert simple.of("diagnostic")["items"] == []


def test_a_text_that_never_parses(simple: Client) -> None:
    simple.open("network ((( [ let \N{PARTY POPPER} =\n" * 20)
    assert simple.of("diagnostic")["items"]
    for method in ("documentSymbol", "codeLens", "foldingRange", "documentLink"):
        simple.of(method)
    assert simple.of("inlayHint", range=simple.everywhere()) == []
    assert simple.at("hover", "network (") is None
    simple.at("completion", "network (((")


def test_a_huge_text_is_refused(simple: Client) -> None:
    simple.open("# long\n" * 1_500_000)
    (refusal,) = simple.of("diagnostic")["items"]
    assert refusal["code"] == "E0702"


def test_diagnostics_are_sent_to_a_client_that_does_not_ask(tmp_path: Path) -> None:
    client = Client(tmp_path, pulls=False)
    client.open("let a = b\n")
    sent = client.hear()
    assert sent["method"] == "textDocument/publishDiagnostics"
    assert [each["code"] for each in sent["params"]["diagnostics"]] == ["E0201"]

    # An edit of a text is also looked at in those that import it.
    client.open("from net import b\n\nnetwork n: [3, 8, 8] = b\n", "user.arch")
    assert _published(client, "user.arch") == ["E0603", "E0201"]
    client.change("block b = relu\n")
    assert [_published(client), _published(client, "user.arch")] == [[], []]
    client.tell("textDocument/didClose", {"textDocument": {"uri": client.uri()}})
    assert _published(client, "user.arch") == ["E0601"]
    client.close()


WATCHES = {"didChangeWatchedFiles": {"dynamicRegistration": True}}


def test_a_file_that_is_deleted_is_missed_at_once(tmp_path: Path) -> None:
    client = Client(tmp_path, pulls=False, workspace=WATCHES)
    asked = client.hear()
    assert asked["method"] == "client/registerCapability"
    (registration,) = asked["params"]["registrations"]
    assert registration["method"] == "workspace/didChangeWatchedFiles"
    assert registration["registerOptions"]["watchers"] == [{"globPattern": "**/*.arch"}]
    client.raw(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": None}).encode())

    (tmp_path / "blocks.arch").write_text("block unit = relu\n")
    client.open("from blocks import unit\n\nnetwork n: [3, 8, 8] = unit\n")
    assert _published(client) == []
    (tmp_path / "blocks.arch").write_text("block part = relu\n")
    client.tell_of("blocks.arch", CHANGED)
    assert _published(client) == ["E0603"]
    (tmp_path / "blocks.arch").unlink()
    client.tell_of("blocks.arch", DELETED)
    assert _published(client) == ["E0601"]
    (tmp_path / "blocks.arch").write_text("block unit = relu\n")
    client.tell_of("blocks.arch", CREATED)
    assert _published(client) == []
    client.close()


def _published(client: Client, name: str = "net.arch") -> list[str]:
    """The codes that the server sends next, of a text that is open."""
    sent = client.hear()
    assert sent["method"] == "textDocument/publishDiagnostics"
    assert sent["params"]["uri"] == client.uri(name)
    return [each["code"] for each in sent["params"]["diagnostics"]]


def test_a_client_that_asks_is_told_to_ask_again(tmp_path: Path) -> None:
    shown = {each: {"refreshSupport": True} for each in ("diagnostics", "inlayHint", "codeLens")}
    client = Client(tmp_path, workspace=shown)
    (tmp_path / "blocks.arch").write_text("block unit = relu\n")
    client.open("from blocks import unit\n\nnetwork n: [3, 8, 8] = unit\n")
    assert client.of("diagnostic")["items"] == []
    (tmp_path / "blocks.arch").unlink()
    client.tell_of("net.arch", CHANGED)
    client.tell_of("blocks.arch", DELETED)
    assert len(client.of("diagnostic")["items"]) == 1
    refreshed = [f"workspace/{each}/refresh" for each in ("diagnostic", "inlayHint", "codeLens")]
    assert [client.hear()["method"] for _ in refreshed] == refreshed
    client.open("block unit = relu\n", "blocks.arch")
    assert [client.hear()["method"] for _ in refreshed] == refreshed
    client.open("from blocks import unit\n\nnetwork n: [3, 8, 8] = unit\n")
    assert client.of("diagnostic")["items"] == []
    client.close()


def test_hints_of_a_shipped_spec_are_those_of_the_analysis(simple: Client) -> None:
    text = (SPECS / "alexnet.arch").read_text()
    simple.open(text)
    hints = simple.of("inlayHint", range=simple.everywhere())
    assert len(hints) == len({each["position"]["line"] for each in hints})
    assert any(each["label"] == "[1000]" for each in hints)
    assert Source("", text).position(len(text)).line >= max(h["position"]["line"] for h in hints)
