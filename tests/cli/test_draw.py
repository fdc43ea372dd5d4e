"""`archdsl draw`, and pictures in notebooks."""

from __future__ import annotations

import html
import json
import os
import re
from base64 import b64decode
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import archdsl
from archdsl import pictures
from archdsl.backends.diagram import Choice, Look
from archdsl.backends.torch.names import class_name
from archdsl.cli import main
from archdsl.drawing import render
from archdsl.outline.measure import SMALL
from archdsl.outputs import BEGINNINGS
from tests.helpers.paths import GENERATED, SPECS
from tests.helpers.pipeline import graphs

SPEC = """\
block unit(width) = add(identity, conv(width, 3) -> bn -> relu)
network small(classes=10): [8, 32, 32] -> [classes] =
    layer1: repeat(3, unit(8)) -> global_avgpool -> flatten -> fc: linear(classes)
network other: [8, h, w] = unit(8)
"""
PAGE = 6.9
"""How wide a figure over both columns of a paper is, in inches."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(SPEC)
    (tmp_path / "wrong.arch").write_text("network n: [3, 8, 8] = conv(8, 3) -> rellu\n")
    return tmp_path


@pytest.fixture
def no_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archdsl.drawing.engines.ENGINES", {})


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["draw", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def files(folder: Path) -> list[str]:
    """What is in a folder beside the specs, hidden files included."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".arch"]
    return sorted(str(path.relative_to(folder)) for path in paths)


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "dot", "html", "json"])
def test_the_suffix_says_what_is_written(folder: Path, form: str) -> None:
    result = run("net.arch:small", "-o", f"out/net.{form}")
    assert (result.exit_code, result.output) == (0, f"wrote out/net.{form}\n")
    assert BEGINNINGS[form].match(Path(f"out/net.{form}").read_bytes())
    assert files(folder) == [f"out/net.{form}"]


def test_every_network_becomes_an_svg_in_a_folder(folder: Path) -> None:
    result = run("net.arch")
    names = ["generated/diagrams/small.svg", "generated/diagrams/other.svg"]
    assert result.output == "".join(f"wrote {name}\n" for name in names)
    assert files(folder) == sorted(names)


def test_a_folder_may_be_given_for_one_network(folder: Path) -> None:
    (folder / "a.b").mkdir()
    assert run("net.arch:other", "-o", "a.b").exit_code == 0
    assert files(folder) == ["a.b/other.svg"]


def test_letters_are_outlines_or_text_with_a_font(folder: Path) -> None:
    for options, holds in (
        ((), False),
        (("--text", "outlines"), False),
        (("--text", "font"), True),
    ):
        assert run("net.arch:small", "-o", "x.svg", *options).exit_code == 0
        content = Path("x.svg").read_bytes()
        assert (b"@font-face" in content) is holds
        assert (b"<use " in content) is not holds
        assert b">unit" in content


@pytest.mark.parametrize("form", ["png", "pdf", "dot"])
def test_what_is_no_svg_has_no_choice_of_letters(folder: Path, form: str) -> None:
    result = run("net.arch:small", "-o", f"x.{form}", "--text", "font")
    assert (result.exit_code, "--text is for an SVG" in result.output) == (2, True)
    assert files(folder) == []


def test_a_figure_says_what_it_is_asked_to_say(folder: Path) -> None:
    options = ["--no-title", "--no-legend", "--no-costs", "--font-size", "12"]
    result = run("net.arch:small", "-o", "x.dot", *options, "--label", "layer1=Stage 1")
    assert (result.exit_code, result.output) == (0, "wrote x.dot\n")
    text = re.sub(r'tooltip="[^"]*"', "", Path("x.dot").read_text())
    assert ">Stage 1<" in text
    assert 'point-size="12"' in text
    assert not [word for word in (">small<", ">skip<", "MACs") if word in text]


@pytest.mark.parametrize("text", ["\x1b[31m", "a\x08", "\udcff", "\ufffe"])
@pytest.mark.parametrize("form", ["svg", "dot"])
def test_a_label_has_no_character_that_a_figure_cannot_hold(
    folder: Path, text: str, form: str
) -> None:
    result = run("net.arch:small", "-o", f"x.{form}", "--label", f"layer1=Stage {text}")
    assert (result.exit_code, files(folder)) == (2, [])
    assert "no figure can show" in result.output


def test_a_box_has_one_label(folder: Path) -> None:
    result = run("net.arch:small", "-o", "x.dot", "--label", "layer1=A", "--label", " layer1 =B")
    assert (result.exit_code, files(folder)) == (2, [])
    assert "--label has `layer1` twice" in result.output


@pytest.mark.parametrize("size", ["5", "60"])
def test_letters_of_every_size_are_drawn_in_it(folder: Path, size: str) -> None:
    result = run("net.arch:small", "-o", "x.svg", "--font-size", size)
    assert (result.exit_code, result.output) == (0, "wrote x.svg\n")


@pytest.mark.parametrize("label", ["layer1", "layer1=", "=Stage 1", "="])
def test_a_label_has_a_path_and_a_text(folder: Path, label: str) -> None:
    result = run("net.arch:small", "-o", "x.dot", "--label", label)
    assert result.exit_code == 2
    assert f"`{label}` gives no title to a path" in result.output
    assert not files(folder)


def test_a_label_for_a_box_that_is_not_there_is_refused(folder: Path) -> None:
    result = run("net.arch:small", "-o", "x.dot", "--label", "layr1=Stage 1")
    assert result.exit_code == 2
    assert "error[E0945]" in result.output
    assert "did you mean `layer1`?" in result.output
    assert not files(folder)


def test_parameters_may_have_other_values(folder: Path) -> None:
    assert run("net.arch:small", "-o", "x.dot", "--set", "classes=77").exit_code == 0
    assert "linear 77" in Path("x.dot").read_text()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["net.arch:small", "--expand", "layer"], "did you mean `layer1`?"),
        (["net.arch:small", "--expand", "fc"], "error[E0914]: there is nothing to expand at `fc`"),
        (["net.arch:small", "--expand-type", "units"], "did you mean `unit`?"),
        (["net.arch:smal"], "did you mean `small`?"),
        (["net.arch:small", "--set", "clases=1"], "did you mean `classes`?"),
        (["net.arch"], "`net.arch` has 2 networks"),
        (["nowhere.arch"], "there is no file `nowhere.arch`"),
        (["net.arch:small", "--depth", "0"], "--depth"),
        (["net.arch:small", "--full", "--depth", "2"], "--depth has nothing to say"),
        (["net.arch:small", "--width", "6.9"], "`6.9` is not the width"),
        (["net.arch:small", "--width", "-1in"], "`-1in` is not the width"),
        (["net.arch:small", "--width", "1e9in"], "`1e9in` is not the width"),
        (["net.arch:small", "--width", "0mm"], "`0mm` is not the width"),
        (["net.arch:small", "--width", "\x1b[31m"], "is not the width"),
        (["net.arch:small", "--theme", "blue"], "--theme"),
        (["net.arch:small", "--direction", "BT"], "--direction"),
        (["net.arch:small", "--engine", "neato"], "--engine"),
    ],
)
def test_wrong_usage_exits_with_2_and_writes_nothing(
    folder: Path, arguments: list[str], part: str
) -> None:
    result = run(*arguments, "-o", "x.svg")
    assert (result.exit_code, part in result.output) == (2, True), result.output
    assert "\x1b" not in result.output
    assert files(folder) == []


def test_an_unknown_suffix_is_refused_with_those_that_there_are(folder: Path) -> None:
    result = run("net.arch:small", "-o", "x.jpg")
    assert result.exit_code == 2
    assert "x.jpg: error[E0924]" in result.output
    assert ".svg, .png, .pdf, .dot" in result.output
    assert files(folder) == []


def test_a_mistake_in_the_spec_is_shown_where_it_is(folder: Path) -> None:
    result = run("wrong.arch", "-o", "x.svg")
    assert result.exit_code == 1
    assert result.output.startswith("wrong.arch:1:38: error[E0201]")
    assert files(folder) == []


def test_what_cannot_be_written_is_an_error(folder: Path) -> None:
    (folder / "file").write_text("")
    result = run("net.arch:small", "-o", "file/x.dot")
    assert (result.exit_code, "error[E0922]" in result.output) == (2, True)
    (folder / "letter.dot").write_text("Dear Sir or Madam")
    result = run("net.arch:small", "-o", "letter.dot")
    assert (result.exit_code, "error[E0925]" in result.output) == (2, True)
    assert (folder / "letter.dot").read_text() == "Dear Sir or Madam"


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run("net.arch:small", "-o", "x.dot")
    assert (result.exit_code, "no space left on device" in result.output) == (2, True)
    assert files(folder) == []


def test_without_graphviz_only_dot_is_written(folder: Path, no_graphviz: None) -> None:
    result = run("net.arch:small", "-o", "x.svg")
    assert (result.exit_code, "error[E0941]" in result.output) == (2, True)
    assert run("net.arch:small", "-o", "x.dot").exit_code == 0
    assert files(folder) == ["x.dot"]


def test_options_reach_the_picture(folder: Path) -> None:
    options = ["--full", "--direction", "LR", "--theme", "dark", "--width", "50.8mm"]
    assert run("net.arch:small", "-o", "x.dot", *options).exit_code == 0
    text = Path("x.dot").read_text()
    assert "rankdir=LR" in text
    assert 'size="2.0000,' in text
    assert "#15181c" in text


def letters(svg: str) -> float:
    """How large the smallest letters of a picture are on a page, in points."""
    width = re.search(r'<svg [^>]*\bwidth="([0-9.]+)pt"', svg)
    assert width is not None
    return SMALL * min(1.0, 72 * PAGE / float(width[1]))


def test_all_pictures_of_the_gallery_are_read_on_paper() -> None:
    gallery = sorted((GENERATED / "diagrams").glob("*.svg"))
    small = [path.stem for path in gallery if letters(path.read_text(encoding="utf-8")) < 7]
    # Five levels of open sizes stand beside each other.
    assert (len(gallery) > 100, small) == (True, ["retinanet_resnet50_fpn"])


@pytest.mark.parametrize(
    ("file", "name"),
    [("resnet", "resnet152"), ("densenet", "densenet264"), ("inception_v4", "inception_v4")],
)
def test_new_pictures_are_read_on_paper(file: str, name: str) -> None:
    graph = graphs(SPECS / f"{file}.arch")[name]
    svg, diagnostics = pictures.picture(graph, "svg", Choice(), Look())
    assert diagnostics == []
    assert letters(svg.decode()) >= 7


def test_a_part_of_a_page_shows_the_folded_picture(folder: Path) -> None:
    page = pictures.embedded(archdsl.read("net.arch")["small"].graph)
    assert page is not None
    svg = b64decode(page.partition("base64,")[2].partition('"')[0]).decode()
    assert svg.startswith("<?xml")
    assert ">layer1" in svg
    assert "<use " in svg


def test_a_notebook_without_graphviz_has_no_figure(folder: Path, no_graphviz: None) -> None:
    assert archdsl.read("net.arch")["small"]._repr_svg_() is None


def test_a_notebook_shows_a_page_that_can_do_nothing_to_it(folder: Path, no_graphviz: None) -> None:
    network = archdsl.read("net.arch")["small"]
    frame = re.fullmatch(
        r'<iframe srcdoc="([^"]*)" sandbox="allow-scripts"[^<>]*></iframe>', network._repr_html_()
    )
    assert frame is not None
    assert html.unescape(frame[1]) == network.page()
    assert network.page().startswith("<!doctype html>")


@pytest.mark.parametrize("form", ["html", "json"])
def test_pages_take_no_options_of_figures(folder: Path, form: str) -> None:
    for options in (["--width", "3in"], ["--theme", "light"], ["--no-title"], ["--text", "font"]):
        result = run("net.arch:small", "-o", f"net.{form}", *options)
        assert result.exit_code == 2
        assert f"{options[0]} is for figures" in result.output
    assert files(folder) == []
    with pytest.raises(ValueError, match="is no figure"):
        archdsl.read("net.arch")["small"].draw(f"net.{form}", width=3)


def test_a_page_opens_what_is_asked_for(folder: Path) -> None:
    assert run("net.arch:small", "-o", "net.json", "--full").exit_code == 0
    full = json.loads(Path("net.json").read_text())["open"]
    assert run("net.arch:small", "-o", "net.json", "--depth", "1").exit_code == 0
    assert len(json.loads(Path("net.json").read_text())["open"]) < len(full)
    result = run("net.arch:small", "-o", "net.json", "--expand", "layer9")
    assert result.exit_code == 2
    assert "E0914" in result.output


def test_a_page_shows_the_code_of_its_blocks(folder: Path) -> None:
    assert run("net.arch:small", "-o", "net.html").exit_code == 0
    page = Path("net.html").read_text()
    scene = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
    lines = scene["code"]["text"].split("\n")
    classes = zip(scene["blocks"], scene["code"]["lines"], strict=True)
    shown = {block[0]: lines[line - 1] for block, line in classes if line}
    assert shown
    for block, line in shown.items():
        assert line.startswith(f"class {class_name(block)}")


def test_what_takes_too_long_is_drawn_folded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first layout has no time, the second has enough."""
    times = iter([0.0, 20.0])
    monkeypatch.setattr(
        pictures, "render", lambda *given, **named: render(*given, **named, seconds=next(times))
    )
    result = run("net.arch:small", "-o", "x.svg", "--full")
    assert (result.exit_code, result.output.count("note[N0942]")) == (0, 1)
    assert "the folded picture is drawn instead" in result.output
    assert result.output.endswith("wrote x.svg\n")
    folded, _ = pictures.picture(graphs_of("net.arch")["small"], "dot", Choice(), Look())
    assert run("net.arch:small", "-o", "y.dot").exit_code == 0
    assert Path("y.dot").read_bytes() == folded


def test_a_folded_picture_that_takes_too_long_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        pictures, "render", lambda *given, **named: render(*given, **named, seconds=0.0)
    )
    for options in ([], ["--full"]):
        result = run("net.arch:small", "-o", "x.svg", *options)
        assert (result.exit_code, "error[E0943]" in result.output) == (1, True), result.output
    assert files(folder) == []


def graphs_of(name: str) -> dict[str, archdsl.graph.Graph]:
    return {name: network.graph for name, network in archdsl.read(name).items()}
