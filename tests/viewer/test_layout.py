"""Layouts of pages: run by Node on scenes of all shipped networks and of random specs."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from archdsl.backends.scene import compared, scene
from archdsl.diagnostics import has_errors
from archdsl.driver import read
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.source import Source
from archdsl.testing import seeded
from tests.helpers.kinds import of_all_sizes
from tests.helpers.paths import DIAGRAMS, ROOT, SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.programs import needs_node, node

VIEWER = ROOT / "archdsl" / "viewer"
CHECKS = Path(__file__).with_name("layout_checks.mjs")
PLACES = Path(__file__).with_name("layout_places.mjs")
RANDOM_SPECS = 150
ODD = """
network nothing: [3] = identity
network several: (a: [3], b: [3]) -> (s: [3], c: [3]) = (s: add(@a, @b), c: (@a -> relu))
network one: (a: [3], b: [3]) -> [3] = @b -> relu -> add(identity, @a) -> add(@b, identity)
network twice: [3] -> (x: [3], y: [3]) = linear(3) -> (x: relu, y: sigmoid)
network late: (a: [8], b: [8]) -> [8] = @a -> linear(8) -> relu -> mul(identity, @b -> linear(8))
"""

pytestmark = needs_node


def written(folder: Path, name: str, graph: Graph) -> Path:
    found, _ = scene(graph)
    assert found is not None
    path = folder / f"{name}.json"
    path.write_text(found.text(), encoding="utf-8")
    return path


def check(files: list[Path], viewer: Path = VIEWER) -> str:
    """The faults of the layouts of some scenes."""
    status, said = node(CHECKS, [viewer, *files])
    assert (status == 0) is (said == ""), said
    return said


@pytest.mark.parametrize(
    "folder", [SPECS, DIAGRAMS, ROOT / "tests" / "examples"], ids=lambda f: f.name
)
def test_networks_are_laid_out_well(folder: Path, tmp_path: Path) -> None:
    files = [
        written(tmp_path, f"{file.stem}-{name}", graph)
        for file in sorted(folder.glob("*.arch"))
        for name, graph in of_all_sizes(file).items()
    ]
    assert files
    assert check(files) == ""


def test_odd_networks_are_laid_out_well(tmp_path: Path) -> None:
    found, diagnostics = read(Source("odd.arch", ODD), finder(Path()))
    assert not has_errors(diagnostics), diagnostics
    assert len(found) == 5
    assert check([written(tmp_path, name, graph) for name, graph in found.items()]) == ""


def places(path: Path) -> dict[str, dict[str, float]]:
    """Where the boxes of a scene are as it is at first, by their titles and paths."""
    status, said = node(PLACES, [VIEWER, path])
    assert status == 0, said
    found: dict[str, dict[str, float]] = json.loads(said)
    return found


def test_a_u_is_one_beside_outputs_of_every_size(tmp_path: Path) -> None:
    found = places(written(tmp_path, "deep", graphs(SPECS / "unet.arch")["unet_deep"]))
    down, up = found["double down0"], found["double up0"]
    assert up["x"] > down["x"] + down["w"]
    assert abs(up["y"] - down["y"]) < 100


def test_the_main_path_is_straight_beside_what_reads_nothing(tmp_path: Path) -> None:
    found = places(written(tmp_path, "vit", graphs(SPECS / "vit.arch")["vit_b_16"]))
    token, join, before = (
        found["parameter [1; 768] class_token"],
        found["append "],
        found["conv 16×16, 768, /16 conv_proj"],
    )
    assert token["x"] > join["ax"] == before["ax"]


def test_comparisons_are_laid_out_well(tmp_path: Path) -> None:
    files, found = [], graphs(SPECS / "resnet.arch")
    for number, (first, second) in enumerate(pairwise(found.values())):
        path = tmp_path / f"{number}.json"
        path.write_text(compared(first, second).text(), encoding="utf-8")
        files.append(path)
    assert check(files) == ""


def test_random_specs_are_laid_out_well(tmp_path: Path) -> None:
    files = []
    for seed in range(RANDOM_SPECS):
        found, _ = read(Source("random.arch", seeded(seed).text), finder(Path()))
        files += [written(tmp_path, f"{seed}-{name}", graph) for name, graph in found.items()]
    assert len(files) > RANDOM_SPECS // 2
    assert check(files) == ""


@pytest.mark.parametrize(
    ("file", "right", "wrong", "message"),
    [
        ("layout.js", "BETWEEN = 16", "BETWEEN = -40", "overlaps"),
        ("layout.js", "PADDING = 12", "PADDING = -3", "leaves"),
        ("layout.js", "? GAP : el.box", "? -9 : el.box", "overlaps"),
        ("layout.js", "SKIP_LANE = 12", "SKIP_LANE = -20", "crosses"),
        ("route.js", "points.push([x, box.y]);", "points.push([x, box.y + 3]);", "end on its box"),
        ("route.js", "y = join.y + join.bh / 2;", "y = join.y - 60;", "end on its box"),
        ("wires.js", "!(link.bits & BLIND));", "false);", "tensors"),
        ("layout.js", "branch.dx = x;", "branch.dx = 999 - x;", "is not left of"),
        (
            "brackets.js",
            "? portIn(box, link.toPort) - BAND",
            "? portIn(box, link.toPort)",
            "port 1",
        ),
        ("route.js", "[x, low], [end, low], [end, box.bh]", "[x, box.bh]", "is not where"),
        ("brackets.js", "level + down;", "level + down + 30;", "is not where"),
        ("layout.js", "el.dy = height;", "el.dy = 9999 - height;", "is not above"),
    ],
)
def test_faults_of_layouts_are_found(
    file: str, right: str, wrong: str, message: str, tmp_path: Path
) -> None:
    viewer = shutil.copytree(VIEWER, tmp_path / "viewer")
    text = (viewer / file).read_text(encoding="utf-8")
    if message:
        assert right in text
        (viewer / file).write_text(text.replace(right, wrong), encoding="utf-8")
    names = {
        "resnet.arch": "resnet50",
        "googlenet.arch": "googlenet",
        "unet.arch": "unet",
        "fpn.arch": "resnet50_fpn",
    }
    files = [written(tmp_path, name, graphs(SPECS / spec)[name]) for spec, name in names.items()]
    assert message in check(files, viewer)


def test_loops_stand_where_no_wires_come_in(tmp_path: Path) -> None:
    hrnet = graphs(ROOT / "tests" / "examples" / "hrnet.arch")["hrnet_w18_small"]
    found = places(written(tmp_path, "hrnet", hrnet))
    three, resnet = found["three stage3.0"], found["bottleneck layer1"]
    assert three["loop"] < three["x"]
    assert "loop" not in resnet
