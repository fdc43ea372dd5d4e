"""What of a figure can be left out, renamed or set in another size."""

from __future__ import annotations

import re

import pytest

from archdsl.backends.diagram import Choice, Look, diagram
from archdsl.backends.diagram.insets import insets
from archdsl.backends.diagram.view import View
from archdsl.diagnostics import Severity
from archdsl.driver import read
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.ops.tensor_type import TensorType
from archdsl.outline.choose import choose
from archdsl.outline.labels import Wording, number_text, shape_text
from archdsl.outline.reader import outline
from archdsl.shapes import product, symbol
from archdsl.source import Source
from tests.helpers.paths import DIAGRAMS, SPECS
from tests.helpers.pipeline import graphs

TOOLTIP = re.compile(r'tooltip="(?:\\.|[^"\\])*"')
"""What is said beside the picture, and stays."""


def resnet() -> Graph:
    return graphs(SPECS / "resnet.arch")["resnet50"]


def drawn(look: Look) -> str:
    text, diagnostics = diagram(resnet(), Choice(), look)
    assert not diagnostics
    return text


def graph_of(text: str) -> Graph:
    networks, diagnostics = read(Source("n.arch", text), finder(DIAGRAMS))
    assert not diagnostics
    return networks["n"]


def inset_views(graph: Graph) -> list[View]:
    found = outline(graph)
    cells, _ = choose(found, Choice())
    return [inset.view for inset in insets(found, cells, Wording())]


def test_all_is_there_where_nothing_is_left_out() -> None:
    text = drawn(Look())
    assert all(word in text for word in (">resnet50<", "4.09 G MACs", ">skip<", "216 K · 668 M"))


@pytest.mark.parametrize(
    ("look", "gone"),
    [
        (Look(title=False), [">resnet50<", "4.09 G MACs"]),
        (Look(legend=False), [">skip<", ">grey<"]),
        (Look(costs=False), ["4.09 G MACs", "25.6 M", "216 K", "parameters"]),
        (
            Look(title=False, legend=False),
            [">resnet50<", ">skip<", "labelloc=t labeljust=l bgcolor"],
        ),
    ],
    ids=str,
)
def test_what_is_left_out_is_nowhere(look: Look, gone: list[str]) -> None:
    text = TOOLTIP.sub("", drawn(look))
    assert not [word for word in gone if word in text]
    assert "bottleneck ×6" in text


def test_a_box_a_frame_an_inset_and_an_end_have_other_titles() -> None:
    labels = {"layer1": "Stage 1", "conv1": "Stem", "input": "Image", "layer1.1": "Identity"}
    text = drawn(Look(labels=tuple(labels.items())))
    assert all(f">{title}<" in text for title in ("Stage 1", "Stem", "Identity"))
    # What it stands for is told below, and other inputs keep their names.
    assert ">bottleneck ×3<" in text
    assert "conv 7×7, 64, /2 · bn · relu" in text
    assert text.count("label=Image") == 1
    assert "label=input" in text


@pytest.mark.parametrize(
    ("path", "message", "help"),
    [
        ("layr1", "no box has the path `layr1`", "did you mean `layer1`?"),
        (
            "layer1.2",
            "`layer1.2` is not a box in this figure: the box `bottleneck ×3` at `layer1` holds it",
            "`--expand layer1` shows it",
        ),
    ],
)
def test_a_label_for_what_is_not_there_is_refused(path: str, message: str, help: str) -> None:
    text, (found,) = diagram(resnet(), Choice(), Look(labels=((path, "x"),)))
    assert (text, found.code, found.message, found.help) == ("", "E0945", message, help)


@pytest.mark.parametrize("path", ["layer1", "maxpool"])
def test_what_has_a_title_stays_a_box_in_a_narrow_figure(path: str) -> None:
    text = drawn(Look(width=3.3, labels=((path, "Stage 1"),)))
    assert ">Stage 1<" in text


def test_stages_stay_apart_from_what_is_beside_them() -> None:
    cells, _ = choose(outline(resnet()), Choice(), 8)
    stages = [cell.path for cell in cells if len(cell.pieces) > 1 and not cell.is_stretch]
    assert (len(cells), stages) == (6, ["layer1", "layer2", "layer3", "layer4"])


def test_letters_are_as_high_as_they_were_asked_to_be() -> None:
    text = drawn(Look(font_size=17))
    assert "fontsize=19 " in text
    assert 'point-size="17"' in text
    assert 'point-size="8.5"' not in text


def test_letters_that_must_be_smaller_are_told() -> None:
    look = Look(width=2, font_size=12)
    _, (found,) = diagram(graphs(SPECS / "googlenet.arch")["googlenet"], Choice(), look)
    assert (found.code, found.severity) == ("N0945", Severity.NOTE)
    assert found.help == "no folding of this network fits 2 inches with larger letters"


def test_letters_that_are_small_for_what_is_opened_are_told_so() -> None:
    look = Look(width=3.3, font_size=8)
    assert diagram(resnet(), Choice(), look)[1] == []
    _, (found,) = diagram(resnet(), Choice(depth=1, blocks=("bottleneck",)), look)
    options = "`--depth 1`, `--expand-type bottleneck`"
    assert (found.code, found.help) == (
        "N0945",
        f"without {options} the network is folded until it fits",
    )


def test_every_kind_of_copy_has_an_inset() -> None:
    found = inset_views(resnet())
    titles = ["bottleneck (layer1.0 and 3 more)", "bottleneck (layer1.1 and 11 more)"]
    assert [view.name for view in found] == titles
    assert [sum(edge.is_skip for edge in view.edges) for view in found] == [0, 1]


def test_a_wire_of_a_block_has_its_name_and_is_no_skip_in_it() -> None:
    found = inset_views(graphs(DIAGRAMS / "wires.arch")["levels"])
    (up,) = [view for view in found if view.name.startswith("up ")]
    names = [box.text.title for box in up.boxes if box.family == "input"]
    assert names == ["skip", "input"] or names == ["input", "skip"]
    assert not any(edge.is_skip for edge in up.edges)


def test_dozens_of_inputs_are_drawn() -> None:
    names = [f"a{number}" for number in range(30)]
    inputs = ", ".join(f"{name}: [3, 8, 8]" for name in names)
    graph = graph_of(f"network n: ({inputs}) = add({', '.join(f'@{name}' for name in names)})")
    text, diagnostics = diagram(graph, Choice(), Look())
    assert not diagnostics
    assert all(f"label={name} " in text for name in names)
    assert text.count("3×8²") == 1


def test_sizes_and_costs_are_set_as_people_write_them() -> None:
    h, width = symbol("h"), symbol("width")
    assert shape_text(TensorType((16, 4 * h, 2 * width))) == "16 × 4h × 2·width"
    assert shape_text(TensorType((3, h + 1, (h - 1) // 2))) == "3 × (h + 1) × ((h − 1)//2)"
    assert shape_text(TensorType((256, 56, 56))) == "256×56²"
    assert number_text(product(84_344_832, h, width)) == "84.3 M·h·width"
