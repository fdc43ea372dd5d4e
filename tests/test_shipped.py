"""The networks that ship: their index, and the packages that carry them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from archdsl import driver, listing, shipped
from archdsl.diagnostics import Diagnostic
from archdsl.files import open_main
from archdsl.graph import Graph
from archdsl.source import Source
from archdsl.specs import RequestedSpec, find_spec
from archdsl.syntax.program import Refusal
from tests.helpers.paths import ROOT, SPECS
from tests.helpers.pipeline import graphs


def test_the_index_is_of_the_specs_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m tools.survey` writes it. Other tests have read the same specs."""

    def read(source: Source, find: object) -> tuple[dict[str, Graph], list[Diagnostic]]:
        path = SPECS / source.name.rpartition("/")[2]
        assert source.text == path.read_text(encoding="utf-8")
        return graphs(path), []

    monkeypatch.setattr(driver, "read", read)
    assert (SPECS / shipped.INDEX).read_text(encoding="utf-8") == listing.index_text()


def test_an_index_of_other_specs_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.arch").write_text("## Mine.\n\nnetwork own: [3, h, w] = conv(8, 3)\n")
    monkeypatch.setattr(shipped, "NETWORKS", tmp_path)
    own = listing.Listed("own", "own.arch", "[3, h, w]", 224, "216 * h * w", "Mine.")
    for index in ("", "{}", '{"digest": "0", "networks": []}', "[]", "\udcff"):
        (tmp_path / shipped.INDEX).write_bytes(index.encode("utf-8", "surrogateescape"))
        assert listing.listed() == [own]


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.arch")), ids=lambda path: path.stem)
def test_names_are_found_without_reading_the_spec(path: Path) -> None:
    source, find, _ = open_main(path)
    program, _ = driver.load_program(source, find)
    networks = [
        each.name.name
        for each in program.modules[program.main].file.declarations
        if getattr(each, "is_network", False)
    ]
    assert shipped.declared(source.text) == networks


def test_python_finds_a_network_as_commands_do(tmp_path: Path) -> None:
    found = find_spec("resnet50")
    assert isinstance(found, RequestedSpec)
    source, find, diagnostics = found.open()
    graphs, _ = driver.read(source, find, found.network)
    assert ([*graphs], diagnostics, source.name) == (["resnet50"], [], "<networks>/resnet.arch")
    refused = find_spec("resnet500")
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.help) == ("E0604", "did you mean `resnet50`?")


@pytest.mark.parametrize("is_editable", [False, True])
def test_a_package_carries_them(tmp_path: Path, is_editable: bool) -> None:
    """Made without a network: what it depends on is that of the tests."""
    pytest.importorskip("setuptools", minversion="77")
    command = [sys.executable, "-c", BUILD, "editable" if is_editable else "wheel", str(tmp_path)]
    tree = tmp_path / "tree"
    _copied(tree)
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    if not is_editable:
        shipped_names = {f"archdsl/networks/{path.name}" for path in SPECS.glob("*.arch")}
        assert shipped_names <= {*names}
        assert not [name for name in names if name.startswith(("specs", "tests", "tools"))]
    place = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(place)
    # As `site` does with what is in the folder of packages, without a whole environment.
    program = f"import site; site.addsitedir({str(place)!r}); from archdsl.cli import main; main()"
    for arguments in (["networks", "lenet5"], ["summary", "lenet5"]):
        done = subprocess.run(
            [sys.executable, "-P", "-c", program, *arguments],
            cwd=place,
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, "60,000" in done.stdout) == (0, True), done.stderr


BUILD = """
import sys
from setuptools import build_meta
make = build_meta.build_editable if sys.argv[1] == "editable" else build_meta.build_wheel
make(sys.argv[2])
"""


def _copied(tree: Path) -> None:
    """The files of this tree that packages are made of."""
    tree.mkdir()
    for name in ("archdsl", "specs"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
