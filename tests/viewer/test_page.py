"""Pages in Chromium: every feature by clicks and keys, names that are markup, sizes, and paper."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from archdsl.backends.scene import compared, scene
from archdsl.driver import read
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.source import Source
from archdsl.viewer import PageCode, framed, page, script
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.programs import needs_browser, node

CHECKS = Path(__file__).with_name("page_checks.mjs")
SCENES = Path(__file__).with_name("scene_checks.mjs")
HOSTILE = [
    "</script><script>harmed=1</script>",
    "<img src=x onerror=harmed=1>",
    "<b>x</b>",
    "&lt;&amp;",
    "]]>",
    "<!--",
    "it's `$x` \\u003c",
    "β 本 ‖",
    "^a",
    "שלום 🦆",
    "x" * 100,
]
MANY = """
block unit(c) =
    conv(c, 3) -> bn -> relu -> conv(c, 3) -> bn -> relu -> add(identity, conv(c, 1)) -> relu
block stage(c) = repeat(100, unit(c))
network many: [3, 32, 32] = {stages} -> repeat(100, relu)
"""

CODE = "from torch import nn\n\n\nclass ResNet(nn.Module):\n    pass\n"

pytestmark = needs_browser


def network(text: str) -> Graph:
    found, diagnostics = read(Source("net.arch", text), finder(SPECS))
    assert not diagnostics, diagnostics
    return next(iter(found.values()))


def hostile() -> str:
    layers = " -> ".join(f'"{label}": conv(3, 1)' for label in HOSTILE)
    return f"## {HOSTILE[0]} {HOSTILE[1]}\nnetwork n: [3, 8, 8] = {layers}  # {HOSTILE[0]}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("pages")
    resnet = graphs(SPECS / "resnet.arch")["resnet50"]
    many = MANY.format(stages=" -> ".join(["stage(4)"] * 111))
    text = (SPECS / "resnet.arch").read_text(encoding="utf-8")
    place = "resnet.arch", text.index("resnet50(classes")
    code = PageCode("resnet.py", CODE, {place: ["ResNet"]})
    for name, graph in {
        "resnet50": resnet,
        "hostile": network(hostile()),
        "nothing": network("network n: [3] = identity\n"),
        "tiny": network("network n: [3] = relu\n"),
        "many": network(many),
    }.items():
        found, _ = scene(graph)
        assert found is not None
        written = page(found, code if graph is resnet else None)
        (made / f"{name}.html").write_text(written, encoding="utf-8")
        (made / f"{name}.json").write_text(found.text(), encoding="utf-8")
    (made / "hostile.json").write_text(json.dumps(HOSTILE), encoding="utf-8")
    newer = (made / "tiny.html").read_text(encoding="utf-8").replace('"version":1', '"version":2')
    (made / "newer.html").write_text(newer, encoding="utf-8")
    both = compared(resnet, graphs(SPECS / "resnet.arch")["resnet101"])
    (made / "both.html").write_text(page(both), encoding="utf-8")
    (made / "same.html").write_text(page(compared(resnet, resnet)), encoding="utf-8")
    frame = framed((made / "resnet50.html").read_text(encoding="utf-8"))
    for name in ("two", "framed"):
        outer = f"<!doctype html><html data-ready><body>{frame}</body></html>"
        (made / f"{name}.html").write_text(outer, encoding="utf-8")
    return made


def test_everything_works_by_clicks_and_keys(folder: Path) -> None:
    status, said = node(CHECKS, [folder])
    assert (status, said) == (0, "")
    if shutil.which("pdftotext") is None:
        pytest.skip("words on paper: pdftotext is not installed")
    # It was printed to a file, whose words can be searched.
    command = ["pdftotext", str(folder / "resnet50.pdf"), "-"]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "bottleneck" in words
    assert "conv 3×3, 64" in words


def test_networks_of_all_sizes_are_shown(folder: Path) -> None:
    """None, one and 100,000 layers, in frames, with other scenes, and two networks side by side."""
    status, said = node(SCENES, [folder])
    assert (status, said) == (0, "")


def test_pages_are_small(folder: Path) -> None:
    """A page of resnet50, and the viewer alone."""
    content = (folder / "resnet50.html").read_bytes()
    assert len(gzip.compress(content, 9)) < 60_000
    assert len(gzip.compress(script().encode(), 9)) < 16 * 1024
