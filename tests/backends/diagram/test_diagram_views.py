"""Views of random and of all shipped networks: nothing is lost, nothing is untrue."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.backends.diagram.insets import insets
from archdsl.driver import read
from archdsl.files import finder
from archdsl.outline.choose import Choice, choose
from archdsl.outline.labels import Wording
from archdsl.outline.pieces import scopes
from archdsl.outline.reader import Outline, outline
from archdsl.source import Source
from archdsl.testing import Spec, specs
from tests.helpers.kinds import of_all_sizes
from tests.helpers.paths import DIAGRAMS, SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.view_checks import check, is_true

each_file = pytest.mark.parametrize(
    "path", sorted([*SPECS.glob("*.arch"), *DIAGRAMS.glob("*.arch")]), ids=lambda path: path.stem
)


def choices(found: Outline) -> list[Choice]:
    """Ways to open more of a network, among them a path and a block, if it has such."""
    known = [scope for scope in scopes(found.root) if scope.kind != "turn" and scope.path]
    blocks = [scope.name for scope in known if scope.kind == "block"]
    return [
        Choice(full=True),
        *[Choice(depth=depth) for depth in (1, 2, 4)],
        *[Choice(paths=(scope.path,)) for scope in known[-1:]],
        *[Choice(blocks=(name,)) for name in blocks[:1]],
        *[Choice(depth=1, paths=(known[0].path,), blocks=(name,)) for name in blocks[-1:]],
    ]


@each_file
def test_networks_are_folded_until_they_fit(path: Path) -> None:
    for graph in of_all_sizes(path).values():
        check(outline(graph), Choice())


@each_file
def test_more_of_a_network_is_opened(path: Path) -> None:
    graph = next(iter(graphs(path).values()))
    found = outline(graph)
    for choice in choices(found):
        shown = check(found, choice)
        opened = [box.path for box in shown.boxes if box.family == "block"]
        assert not {*opened} & {*choice.paths}
        assert not choice.full or all(box.steps == 1 for box in shown.boxes)


@settings(max_examples=40)
@given(specs(), st.integers(4, 25))
def test_random_networks_are_folded_until_they_fit(spec: Spec, limit: int) -> None:
    networks, _ = read(Source("random.arch", spec.text), finder(DIAGRAMS))
    assert networks
    for graph in networks.values():
        found = outline(graph)
        for choice in (Choice(), *choices(found)):
            check(found, choice, limit)


@pytest.mark.parametrize(
    ("told", "values"),
    [
        ("3 → 9, +2 each", [3, 5, 8, 9]),
        ("3 → 11, +2 each", [3, 5, 7, 9]),
        ("2 → 16, ×2 each", [2, 4, 9, 16]),
        ("1, then 2", [1, 2, 3]),
        ("1", [1, 2]),
    ],
)
def test_an_untrue_law_is_found_out(told: str, values: list[int]) -> None:
    assert not is_true(told, values)


def test_no_arrow_leads_to_an_input() -> None:
    """Of the two tensors that an inset reads, one may be made of the other."""
    joins = [f"a{index}: add(conv(8, 3), @a{index // 2})" for index in range(1, 30)]
    text = f"network n: [8, 32, 32] = {' -> '.join(['a0: conv(8, 3)', *joins])}"
    graphs, _ = read(Source("wires.arch", text), finder(SPECS))
    found = outline(graphs["n"])
    cells, _ = choose(found, Choice(depth=1))
    views = [inset.view for inset in insets(found, cells, Wording())]
    targets = {view.boxes[edge.target].family for view in views for edge in view.edges}
    assert views
    assert "input" not in targets


def test_what_is_not_there_is_refused_with_the_nearest_name() -> None:
    graph = graphs(SPECS / "resnet.arch")["resnet50"]
    wrong = Choice(paths=("laye1", "conv1"), blocks=("botleneck",))
    found, diagnostics = choose(outline(graph), wrong)
    assert found == []
    assert [(one.code, one.help) for one in diagnostics] == [
        ("E0914", "did you mean `layer1`?"),
        ("E0914", "these can be expanded: layer1, layer2, layer3, layer4"),
        ("E0914", "did you mean `bottleneck`?"),
    ]
