"""`archdsl mcp`: programs check specs, apply fixes and check again, within one folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import archdsl
from archdsl.manual import entries
from archdsl.manual.guide import guide
from tests.helpers.commands import document, run
from tests.helpers.tool_client import ToolClient, ToolError, applied, tool_client
from tools.reference_page import GUIDE

pytest.importorskip("mcp")

SMALL = "network small(width=4): [3, h, w] = stem: conv(width, 3) -> relu\n"
TWO = SMALL + SMALL.replace("small", "large")
WRONG = """\
from blocks import gate

network wrong: [3, 8, 8] = stem: covn(8, 3) -> gate: gate(8) -> flaten -> fc: linear(2
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolClient]:
    folder = tmp_path_factory.mktemp("work")
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.arch").write_text("network secret: [3] = linear(2)\n")
    (folder / "small.arch").write_text(SMALL)
    (folder / "blocks.arch").write_text("block gate(w) = mul(identity, conv(w, 1) -> sigmoid)\n")
    (folder / "link.arch").symlink_to(outside / "secret.arch")
    (folder / "imports.arch").write_text("from link import secret\nnetwork n: [3] = secret\n")
    with tool_client(folder) as client:
        yield client


def test_it_says_what_it_is(client: ToolClient) -> None:
    assert client.server["serverInfo"] == {"name": "archdsl", "version": archdsl.__version__}
    assert client.server["instructions"] == guide()
    tools = client.ask("tools/list")["tools"]
    names = ["check", "summary", "compile", "compare", "fit", "explain", "ops"]
    assert [each["name"] for each in tools] == names
    assert all(each["description"] and each["annotations"]["readOnlyHint"] for each in tools)


def test_the_first_fix_again_and_again_makes_a_spec_right(client: ToolClient) -> None:
    text, titles = WRONG, []
    while errors := client.call("check", text=text)["diagnostics"]:
        fix = next(fix for each in errors for fix in each["fixes"])
        titles.append(fix["title"])
        text = applied(text, fix["edits"])
        assert len(titles) < 9
    assert "stem: conv(8, 3) -> gate: gate(8) -> flatten -> fc: linear(2)" in text
    assert len(titles) == 3


def test_tools_say_what_commands_say(client: ToolClient) -> None:
    checked = client.call("check", file="small.arch")
    assert checked["diagnostics"] == []
    assert checked["networks"][0]["least"] == {"h": 1, "w": 1}
    folder = Path("/proc") / str(client.process.pid) / "cwd"
    found = client.call("summary", text=SMALL, at={"h": 32, "w": 16}, columns=["macs", "field"])
    options = ["--at", "h=32,w=16", "--columns", "macs,field"]
    expected = document("summary", f"{folder}/small.arch", *options)
    assert found["networks"] == expected["networks"]
    found = client.call("summary", file="small.arch", depth=1, settings={"width": 8})
    expected = document("summary", f"{folder}/small.arch", "--depth", "1", "--set", "width=8")
    assert found["networks"][0]["layers"] == expected["networks"][0]["layers"]
    code = client.call("compile", file="small.arch", settings={"width": 6})["code"]
    assert code == archdsl.compile(text=SMALL, width=6, name="small.arch")
    compared = client.call("compare", files=["resnet18", "resnet34"])
    expected = document("compare", "resnet18", "resnet34")
    assert compared["networks"] == expected["networks"]
    found = client.call("fit", targets={"params": "1k"}, vary=["width"], file="small.arch")
    expected = document("fit", f"{folder}/small.arch", "--params", "1k", "--vary", "width")
    assert (found["best"], found["settings"]) == (expected["best"], {"width": 35})
    assert len(found["trials"]) == 24
    memory = {"train_memory": "1GiB", "batch": "max", "checkpoint": ["bottleneck"]}
    found = client.call("fit", targets=memory, file="resnet50")
    command = ("--train-memory", "1GiB", "--batch", "max", "--checkpoint", "bottleneck")
    assert found["memory_bytes"] == document("fit", "resnet50", *command)["memory_bytes"]
    (refused,) = client.call("fit", targets={"params": 9}, vary=["w"], text=SMALL)["diagnostics"]
    assert refused["code"] == "E0953"
    assert client.call("explain", name="E0301")["text"] == run("explain", "E0301").output
    assert client.call("explain", name="conv")["text"] == run("explain", "conv").output
    assert len(client.call("ops")["entries"]) == len(entries())
    assert "maxpool" in client.call("ops", part="pool")["entries"][0]["signature"]


@pytest.mark.parametrize(
    ("tool", "arguments", "why"),
    [
        ("check", {}, "give either"),
        ("check", {"file": "small.arch", "text": SMALL}, "give either"),
        ("check", {"file": "/etc/passwd"}, "its path from the folder on"),
        ("check", {"file": "../outside/secret.arch"}, "its path from the folder on"),
        ("check", {"file": "link.arch"}, "leads out of the folder"),
        ("check", {"file": "smal.arch"}, "did you mean `small.arch`"),
        ("check", {"file": 3}, "valid string"),
        ("summary", {"file": "small.arch", "columns": ["params", "x"]}, "there is no column `x`"),
        ("summary", {"file": "small.arch", "depth": 0}, "less than 1"),
        ("summary", {"file": "small.arch", "at": {"h": 0}}, "less than 1"),
        ("summary", {"file": "small.arch", "settings": {"width": {}}}, "width"),
        ("summary", {"file": "small.arch", "setting": {"width": 8}}, "setting\n.*not permitted"),
        ("fit", {"file": "small.arch", "targets": {"parameters": 9}}, "not `parameters`"),
        ("fit", {"file": "small.arch", "targets": {"params": 9}}, "name what may change"),
        ("fit", {"text": TWO, "targets": {"params": 9}, "vary": ["width"]}, "one: small, large"),
        ("explain", {"name": "Conv2d"}, "`conv` is its name here"),
        ("none", {}, "none"),
    ],
)
def test_what_cannot_be_done_is_refused(
    client: ToolClient, tool: str, arguments: dict[str, object], why: str
) -> None:
    with pytest.raises(ToolError, match=why):
        client.call(tool, **arguments)


def test_no_import_leads_out_of_the_folder(client: ToolClient) -> None:
    (refused,) = client.call("check", file="imports.arch")["diagnostics"]
    assert refused["code"] == "E0605"
    found = client.call("check", text="from link import secret\n")["diagnostics"]
    assert found[0]["code"] == "E0605"


def test_malformed_messages_do_not_end_the_server(client: ToolClient) -> None:
    client.send("{")
    client.send("[]")
    client.send('{"jsonrpc": "2.0", "method": "no/such"}')
    assert client.call("check", file="small.arch")["diagnostics"] == []


def test_a_deep_text_is_refused_and_not_the_end(client: ToolClient) -> None:
    deep = "let a = " + "(" * 50_000 + "1" + ")" * 50_000
    assert client.call("check", text=deep)["diagnostics"]
    assert client.call("check", file="small.arch")["diagnostics"] == []


def test_the_page_for_agents_is_current_and_short() -> None:
    assert GUIDE.read_text() == guide()
    assert len(guide().splitlines()) <= 60
    example = guide().partition("```arch\n")[2].partition("```")[0]
    assert archdsl.check(text=example) == []
    assert archdsl.read(text=example)["small"].params == 618
    assert all(f"`{each.signature}`" in guide() for each in entries().values())


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "mcp.server", None)
    monkeypatch.delitem(sys.modules, "archdsl.agents.service", raising=False)
    result = run("mcp")
    assert result.exit_code == 2
    assert ".[mcp]" in result.output
