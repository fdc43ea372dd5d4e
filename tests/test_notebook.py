"""Notebooks run cells of `%%arch`, and show networks and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import archdsl

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
NETWORKS = """\
from blocks import gate
from beside import wide
network first: [3, 8, 8] = conv(wide, 3) -> gate(wide)
network last: [3, 8, 8] = stem: conv(8, 3) -> gate(8)
"""
CELLS = [
    "%load_ext archdsl",
    "%%arch blocks\nblock gate(w): [c, _, _] = mul(identity, conv(w, 1) -> sigmoid)",
    f"%%arch\n{NETWORKS}",
    "first.params, last.macs",
    "last.summary()",
    "last.layers",
    "last.memory(2)",
    "%%arch\nnetwork wrong: [3, 8, 8] =\n    conv(8, 3) -> rellu",
    "%%arch two words\nnetwork n: [3] = linear(2)",
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "beside.arch").write_text("let wide = 4\n")
    notebook = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, CELLS)])
    resources = {"metadata": {"path": str(folder)}}
    client = nbclient.NotebookClient(notebook, resources=resources, allow_errors=True, timeout=120)
    return [cell["outputs"] for cell in client.execute()["cells"]]


def test_a_cell_without_networks_is_checked(outputs: list[list[Any]]) -> None:
    assert outputs[0] == []
    assert [each["text"] for each in outputs[1]] == ["blocks: no errors\n"]


def test_networks_are_variables_and_the_last_is_drawn(outputs: list[list[Any]]) -> None:
    (shown,) = [each for each in outputs[2] if each["output_type"] == "execute_result"]
    assert shown["data"]["text/plain"].startswith("Network('last', [3, 8, 8]")
    assert shown["data"]["text/html"].startswith("<iframe srcdoc=")
    assert outputs[3][0]["data"]["text/plain"] == "(132, 17920)"


def test_tables_show_themselves(outputs: list[list[Any]]) -> None:
    assert [len(each) for each in outputs[4:7]] == [1, 1, 1]
    summary, layers, memory = (each[0]["data"]["text/html"] for each in outputs[4:7])
    assert summary.startswith("<table><caption>last")
    assert '<td style="text-align: left">stem</td>' in layers
    assert "<caption>memory for 2 images</caption>" in memory


def test_a_wrong_cell_says_what_is_wrong_with_it(outputs: list[list[Any]]) -> None:
    (shown,) = outputs[7]
    assert shown["output_type"] == "error"
    text = "\n".join(shown["traceback"])
    # The line of `%%arch` is the first one.
    assert "cell.arch:3:19" in text
    assert "did you mean" in text
    assert "site-packages" not in text
    assert "not 'two words'" in str(outputs[8])


def test_without_graphviz_a_network_is_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archdsl.pictures.render", lambda *given, **named: (b"", []))
    assert archdsl.read(text="network n: [3] = linear(2)")["n"]._repr_svg_() is None


def test_layers_are_a_tuple_still() -> None:
    layers = archdsl.read(text="network n: [3] = linear(2) -> relu")["n"].layers
    assert isinstance(layers, tuple)
    assert [each.op for each in layers[:1]] == ["linear"]


def test_the_extension_needs_no_ipython_before_it_is_loaded() -> None:
    assert "IPython" not in Path(archdsl.__file__).read_text().split("TYPE_CHECKING:")[0]
