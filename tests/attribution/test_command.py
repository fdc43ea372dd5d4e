"""`archdsl features`: figures, pages and numbers of digits, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image

import archdsl
from archdsl.attribution.picture import picture_of
from archdsl.cli import main
from archdsl.training.preparation import assumed

SPEC = """
block unit(width) = conv: conv(width, 3) -> bn: bn -> relu
network small(classes=10): [1, 8, 8] -> [classes] =
    unit1: unit(4) -> maxpool(2) -> unit2: unit(6) -> gate: se(reduction=2)
    -> unit3: unit(5) -> global_avgpool -> flatten -> fc: linear(classes)
network real(w=4): [1, 8, 8] -> [1] =
    conv(w, 3) -> relu -> global_avgpool -> flatten -> linear(1) -> sigmoid
network pixels(classes=10): [1, 8, 8] -> [classes, 8, 8] = conv: conv(classes, 3)
"""
WEIGHTS = ("--weights", "w.pth")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a spec, and weights for its networks."""
    monkeypatch.chdir(tmp_path)
    Path("net.arch").write_text(SPEC, encoding="utf-8")
    torch.manual_seed(0)
    for name, file in (("small", "w.pth"), ("pixels", "pixels.pth"), ("real", "real.pth")):
        torch.save(archdsl.load(text=SPEC, network=name).state_dict(), file)
    return tmp_path


def run(*arguments: str, network: str = "small") -> Result:
    return CliRunner().invoke(main, ["features", f"net.arch:{network}", *arguments])


def test_a_figure_is_the_same_each_time(folder: Path) -> None:
    for name in ("one.svg", "two.svg"):
        result = run(*WEIGHTS, "--image", "digits:3", "-o", name)
        assert result.exit_code == 0, result.output
        assert f"wrote {name}" in result.output
        # The gate is in the way of unit3.
        assert "note[N0995]" in result.output
    assert (folder / "one.svg").read_bytes() == (folder / "two.svg").read_bytes()


def test_a_page_has_the_figure_and_its_numbers(folder: Path) -> None:
    arguments = (*WEIGHTS, "--layers", "unit1,unit2", "--units", "[2,0]", "-o", "page.html")
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    page = (folder / "page.html").read_text(encoding="utf-8")
    found = json.loads(result.stdout)
    assert [each["code"] for each in found["diagnostics"]] == ["N0962"]
    layers = {layer["name"]: layer for layer in found["features"]["layers"]}
    assert [unit["channel"] for unit in layers["unit1"]["units"]] == [2, 0]
    assert layers["unit1"]["field"] == [3, 3]
    assert layers["unit2"]["grid"] == [4, 4]
    assert page.count("<svg") == 1
    assert len(re.findall("<td>unit2</td>", page)) == 2
    values = found["features"]["maps"]["occlusion"]["values"]
    assert [len(values), len(values[0])] == [8, 8]


def test_layers_before_what_is_in_the_way_lead_back(folder: Path) -> None:
    result = run(*WEIGHTS, "--layers", "unit1,unit3", "--methods", "maps,gradcam", "-o", "a.svg")
    assert "N0995" not in result.output
    result = run(*WEIGHTS, "--layers", "unit1,unit3", "-o", "b.svg")
    assert "cannot go back from `unit3` to the image: `mul` at `gate." in result.output
    sizes = [(folder / name).read_text().count("<image") for name in ("a.svg", "b.svg")]
    # Of unit1 three more pictures; occlusion, the gradient and filters.
    assert sizes[1] - sizes[0] == 6


def test_methods_and_class_are_chosen(folder: Path) -> None:
    result = run(*WEIGHTS, "--class", "7", "--methods", "gradients", "--format", "json")
    found = json.loads(result.stdout)["features"]
    assert [*found["maps"]] == ["gradient"]
    assert [found["class"], found["layers"]] == ["7", []]
    assert (folder / "small-features.svg").exists()


def test_another_class_than_the_predicted_one_is_told_apart(folder: Path) -> None:
    run(*WEIGHTS, "-o", "best.html")
    best = re.findall("“(.)”", (folder / "best.html").read_text(encoding="utf-8"))
    other = str((int(best[0]) + 1) % 10)
    run(*WEIGHTS, "--class", other, "-o", "other.html")
    assert re.findall("“(.)”", (folder / "other.html").read_text(encoding="utf-8")) == [
        *best,
        other,
    ]


def test_layers_are_chosen_by_patterns_and_units_fill_several_rows(folder: Path) -> None:
    chosen = (*WEIGHTS, "--layers", "unit[12],unit1", "--units", "[0,1,2,3,0,1,2,3]")
    result = run(*chosen, "-o", "wide.svg", "--format", "json")
    assert [each["name"] for each in json.loads(result.stdout)["features"]["layers"]] == [
        "unit1",
        "unit2",
    ]
    picture = (folder / "wide.svg").read_text(encoding="utf-8")
    widths = [float(each) for each in re.findall(r'<image [^>]*width="([\d.]+)"', picture)]
    assert min(widths) > 25


def test_a_probability_is_shown_as_the_network_gives_it(folder: Path) -> None:
    torch.manual_seed(1)
    image = torch.rand(9, 8, generator=torch.Generator().manual_seed(0))
    Image.fromarray((255 * image).byte().numpy()).save("noise.png")
    result = run(
        "--weights", "real.pth", "--image", "noise.png", "--format", "json", network="real"
    )
    found = json.loads(result.stdout)["features"]
    seen = picture_of("noise.png", assumed((1, 8, 8), 1, False), (1, 8, 8)).input
    module = archdsl.load(text=SPEC, network="real")
    module.load_state_dict(torch.load("real.pth"))
    assert found["probability"] == pytest.approx(module.eval()(seen).item())


def test_maps_of_classes_are_explained_too(folder: Path) -> None:
    result = run("--weights", "pixels.pth", "-o", "pixels.png", network="pixels")
    assert result.exit_code == 0, result.output
    assert (folder / "pixels.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--methods", "deconvolution"), "E0995]: deconvolution cannot go back from `unit3`"),
        (("--layers", "unit4"), "E0996]: `unit4` is no layer with maps of the image"),
        (("--layers", "unit1", "--units", "[9]"), "E0996]: `unit1` has the units 0 to 3"),
        (("--class", "ten"), "E0996]: there is no class `ten`"),
        (("--image", "digits:360"), "E0996]: the digits that are held out have the numbers 0 to"),
        (("--image", "nowhere.png"), "E0961]: there is no such image"),
        (("--square", "9"), "E0996]: the square is larger than the image, of 8×8 pixels"),
        (("--layers", "stage*"), "E0996]: `stage*` is no layer with maps of the image"),
        (("-o", "figure.pdf"), "E0926]"),
        (("--methods", "maps,heat"), "--methods knows maps, deconvolution"),
        (("--units", "0"), "--units takes a number or a [list] of units"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = run(*WEIGHTS, *arguments)
    assert message in result.output
    assert result.exit_code == 2
    assert {path.suffix for path in folder.iterdir()} == {".arch", ".pth"}


def test_stages_are_shown_and_not_what_begins_the_next(folder: Path) -> None:
    text = """
    network staged(classes=10): [1, 16, 16] -> [classes] =
        conv1: conv(4, 3) -> bn1: bn -> relu -> layer1: stage(1, bottleneck(2))
        -> layer2: stage(2, bottleneck(4), stride=2) -> layer3: stage(1, bottleneck(4), stride=2)
        -> global_avgpool -> flatten -> fc: linear(classes)
    """
    Path("net.arch").write_text(text, encoding="utf-8")
    torch.save(archdsl.load(text=text).state_dict(), "w.pth")
    result = run(*WEIGHTS, "--format", "json", network="staged")
    found = json.loads(result.stdout)["features"]
    assert [layer["name"] for layer in found["layers"]] == ["layer1", "layer2", "layer3"]
    assert [len(layer["units"]) for layer in found["layers"]] == [3, 3, 3]
