"""An application that is replayed is as one that is made anew: graph, tree, and what is said."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest

from archdsl import elaborate
from archdsl.arithmetic import Value
from archdsl.driver import load_program
from archdsl.elaborate import Limits, applications, build
from archdsl.elaborate.applications import Applications, Applied
from archdsl.elaborate.apply import application, replay
from archdsl.elaborate.evaluate import calls
from archdsl.files import Finder, finder
from archdsl.graph import Graph
from archdsl.ops.base import Op, Shape
from archdsl.source import Source
from archdsl.syntax.program import Refusal, resolve
from archdsl.testing import seeded
from tests.helpers.paths import EXAMPLES, SPECS
from tests.helpers.replaying import Counting, Forgetful, is_same_for, is_same_in, program, run, said
from tests.helpers.trees import described

SEEDS = 40


SYMBOLS_OF_CALLERS = {
    "a default in terms of another parameter": """
        block b(n, m=2*n): [c, h, w] = conv(m, 3)
        block d(n) = b(n) -> b(n) -> b(n)
        network a(k=4): [8, 8, 8] = b(k) -> b(k) -> d(k) -> d(k)
    """,
    "positions with the names of a caller": """
        block u(n) = conv(n, 3) -> upsample(2)
        block p(n): [c, h, w] = u(n) -> conv(h, 1) -> u(n) -> conv(w, 1)
        block q(n): [c, w, h] = u(n) -> conv(h, 1) -> u(n) -> conv(w, 1)
        network a(k=4): [8, 8, 8] = x: p(k) -> y: q(k)
        network b(k=4): [8, 8, 8] = x: q(k) -> y: p(k)
        network c(k=4): [8, 8, 4] = x: q(k) -> y: p(k)
    """,
    "channels that are alike in one place only": """
        block j = concat(identity, conv(8, 1)) -> flatten
        block r(c, d): [_, h, w] = conv(c, 1) -> [c, h, w] -> j -> linear(c) -> linear(d)
        network a(k=4, m=4): [8, 4, 4] = r(k, m)
        network b(k=4): [8, 4, 4] = r(k, k)
    """,
    "nothing known of what comes in": """
        block j(n, m=2*n): [c, h, w] -> [n, h, w] = conv(c + m, 1) -> conv(n, 1)
        block k(n) = j(n) -> repeat(2, j(n))
        network a: [8, 4, 4] = conv(4, 1) -> [5, 4, 4] -> k(4) -> k(4) -> j(4)
        network b: [8, 4, 4] = k(4) -> k(4) -> j(4)
        network c: [8, 4, 4] = conv(2, 2, pad="same") -> aux(k(4) -> flatten) -> k(4)
    """,
}


@pytest.mark.parametrize("text", SYMBOLS_OF_CALLERS.values(), ids=SYMBOLS_OF_CALLERS)
def test_a_block_sees_only_which_symbols_of_its_callers_are_the_same(text: str) -> None:
    assert is_same_for(text) > 0


PLACES_OF_CALLERS = {
    "a text that the block reads too": """
        let own = relu -> conv(8, 1)
        block f(layer) = own -> layer
        network a: [8, 4, 4] = x: f(own) -> y: f(relu -> conv(8, 1)) -> z: f(own)
        network b: [8, 4, 4] = x: f(relu -> conv(8, 1)) -> y: f(own)
    """,
    "a text that another argument reads": """
        let own = relu -> conv(8, 1)
        block c = own
        block f(first, second) = first -> second
        network a: [8, 4, 4] = x: f(c, own) -> y: f(c, relu -> conv(8, 1)) -> z: f(own, c)
    """,
    "places that are one or two": """
        block twice(first, second=first) = first -> second
        block f(layer) = twice(layer) -> twice(layer, relu)
        network a: [8, 4, 4] = f(relu) -> twice(relu, relu) -> f(conv(8, 1))
    """,
    "a note on a layer without a label": """
        block f(layer) = a: conv(8, 1) -> layer
        network a: [8, 4, 4] = x: f(bn) -> y: f(dropped(0.5)) -> z: f(conv(8, 1))
        network b: [8, 4, 4] = x: basic(8, norm=bn) -> y: basic(8, norm=bn) -> z: basic(8)
    """,
    "a call in PyTorch's order": """
        block f(layer) = layer -> relu
        network a: [16, 4, 4] = x: f(conv(16, 32)) -> y: f(conv(16, kernel=32)) -> z: f(relu)
        network b: [16, 4, 4] = x: f(conv(16, 32)) -> y: f(relu) -> z: f(conv(16, 4 * 8))
    """,
}


@pytest.mark.parametrize("text", PLACES_OF_CALLERS.values(), ids=PLACES_OF_CALLERS)
def test_a_block_does_not_see_where_layers_were_written(text: str) -> None:
    assert is_same_for(text) > 0


@dataclass(frozen=True)
class Kit:
    """Finds a module `kit` in the library."""

    text: str
    others: Finder

    def __call__(self, importer: str, module: tuple[str, ...]) -> Source | Refusal | None:
        if module == ("kit",):
            return Source("library/kit.arch", self.text, is_library=True)
        return self.others(importer, module)

    def modules(self, importer: str) -> list[str]:
        return ["kit"]


@pytest.mark.parametrize(
    ("block", "theirs", "ours", "code"),
    [
        ("a: conv(16, 1) -> layer", "relu -> bn", "relu -> bn", "N0401"),
        ("layer -> relu", "conv(16, 33, 3)", "conv(16, 33, 3)(groups=1)", "N0201"),
    ],
    ids=["a layer", "arguments of a layer"],
)
def test_of_the_library_nothing_is_noted(block: str, theirs: str, ours: str, code: str) -> None:
    text = f"""
        from kit import own
        block f(layer) = {block}
        network n: [16, 4, 4] = f({ours.replace(theirs, "own")})
        network m: [16, 4, 4] = f({ours})
    """
    find = Kit(f"let own = {theirs}", finder(SPECS))
    parsed, _ = load_program(Source("test.arch", text), find)
    is_same_in(parsed)
    notes = said(parsed, Applications())[1]
    assert notes.count("note[") == notes.count(code) == 1


def test_an_edit_around_a_block_does_not_make_it_anew() -> None:
    text = """
        block unit(c, act) = conv(c, 3) -> bn -> act
        block all(act=relu) = conv(8, 1) -> unit(8, act) -> unit(8, act) -> flatten
        network n: [8, 16, 16] = all
    """
    memory, before = Counting(), program(text)
    said(before, memory)
    edited = Source("test.arch", text.replace("conv(8, 1) ->", "conv(8, 3) ->  "))
    after, _ = resolve(edited, finder(SPECS), before)
    memory.found = 0
    assert said(after, memory) == said(after, Forgetful())
    assert memory.found == 2


def test_turns_behind_a_mistake_are_not_made_anew() -> None:
    text = """
        block unit(c) = conv(c, 3) -> bn
        network n: [8, 16, 16] = [9, _, _] -> repeat(20, unit(8)) -> unit(8)
    """
    assert is_same_for(text) < 10


def test_random_specs() -> None:
    assert sum(is_same_for(seeded(seed).text) for seed in range(SEEDS)) > SEEDS // 2


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_specs_with_a_mistake(seed: int) -> None:
    chance, text = Random(seed), seeded(seed).text
    for _ in range(3):
        digits = [i for i, sign in enumerate(text) if sign.isdigit()]
        at = chance.choice(digits)
        is_same_for(text[:at] + chance.choice("0123579") + text[at + 1 :])


@pytest.mark.parametrize("name", ["mobilenet_v3", "googlenet"])
def test_shipped_specs(name: str) -> None:
    path = SPECS / f"{name}.arch"
    assert is_same_for(path.read_text(encoding="utf-8")) > 0


def test_variants_of_a_network() -> None:
    parsed = program((EXAMPLES / "resnet.arch").read_text(encoding="utf-8"))
    runs = [run(parsed, known) for known in (Applications(), Forgetful())]
    for name, graph in runs[0].graphs.items():
        for parameter in graph.tree.numbers:
            value = graph.tree.frame.definitions[parameter.name].value
            for other in others(value):
                built = [each.build(name, {parameter.name: other}) for each in runs]
                texts = [each and described(each) for each in built]
                assert texts[0] == texts[1]


def others(value: Value) -> list[Value]:
    return [value + 1, 2 * value] if isinstance(value, int) else []


SHARED = """
    block unit(c, act=relu) = conv(c, 3) -> bn -> act
    block pair(c) = a: unit(c) -> b: unit(c, act=gelu)
    network n: [8, 16, 16] = one: pair(8) -> two: pair(8) -> three: pair(8)
"""


def graphs(text: str, known: Applications) -> dict[str, Graph]:
    done = run(program(text), known)
    assert not done.diagnostics
    return done.graphs


def test_equal_applications_share_their_work() -> None:
    memory = Counting()
    (graph,) = graphs(SHARED, memory).values()
    # Two of the three pairs.
    assert memory.found == 2
    assert [node.path for node in graph if node.path.endswith(".0")] == [
        f"{pair}.{unit}.0" for pair in ("one", "two", "three") for unit in ("a", "b")
    ]


@pytest.mark.parametrize("first", ["frame", "body", "locals", "unrolled", "numbers"])
def test_a_tree_is_made_when_any_part_of_it_is_read(first: str) -> None:
    text = """
        block unit(c) = let twice = 2 * c in conv(twice, 3)
        network n: [8, 16, 16] = unit(4) -> unit(4) -> unit(4)
    """
    (graph,) = graphs(text, Applications()).values()
    calls = [each.instance for each in graph.tree.body.children]  # type: ignore[union-attr]
    getattr(calls[2], first)
    assert [*calls[2].frame.definitions] == ["in_channels", "c", "twice"]
    assert calls[2].locals == ["twice"]
    assert calls[2].body.node == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("conv(c, 3)", "conv(c, 1)"),
        ("act=relu", "act=gelu"),
        ("let k = 3", "let k = 5"),
        ("bn(eps=0.1)", "bn(eps=0.2)"),
        ("let inner() = 2", "let inner() = 4"),
        ("unit(8)", "unit(7)"),
        ("default bn(eps=0.1)\n", ""),
    ],
)
def test_an_edit_of_what_a_block_reaches_is_seen(old: str, new: str) -> None:
    text = """
        default bn(eps=0.1)
        let k = 3
        let inner() = 2
        let function(c) = conv(inner() * c, k)
        block unit(c, act=relu) = conv(c, 3) -> bn -> act -> function(c)
        block down(depth) = unit(8) -> (up(depth - 1) if depth > 1)
        block up(depth) = unit(4) -> (down(depth - 1) if depth > 1)
        block other(c) = conv(c, 3) -> conv(2 * c, 3)
        network n: [8, 16, 16] = down(4) -> up(3) -> other(4) -> other(4)
    """
    memory = Counting()
    before = program(text)
    said(before, memory)
    after, _ = resolve(Source("test.arch", text.replace(old, new)), finder(SPECS), before)
    memory.found = 0
    assert said(after, memory) == said(after, Forgetful())
    # What the edit does not reach is shared.
    assert old == "conv(c, 3)" or memory.found >= 2


def test_what_is_not_asked_for_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    (graph,) = graphs(SHARED, Applications()).values()
    monkeypatch.setattr(applications, "MOST_NODES", 4 * len(graph))
    parsed, memory = program(SHARED), Counting()
    run(parsed, memory)
    for _ in range(10):
        # Room for two programs more.
        run(program(SHARED), memory)
    kept = [*memory.recent.values(), *memory.old.values()]
    nodes = [node for each in kept if isinstance(each, Applied) for node in each.nodes]
    assert 0 < len(nodes) <= applications.MOST_NODES
    memory.found = 0
    run(parsed, memory)
    assert memory.found == 2


def test_what_networks_share_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inferred: list[Op] = []
    output = Op.output

    def counted(op: Op, *inputs: Shape) -> Shape:
        inferred.append(op)
        return output(op, *inputs)

    text = "".join(
        f"network n{count}: [3, 32, 32] = repeat({count}, unit) -> flatten\n"
        for count in range(2, 5)
    )
    text = f"block unit = conv(8, 3) -> bn -> add(identity, relu)\n{text}"
    elaboration = run(program(text), Applications())
    monkeypatch.setattr(Op, "output", counted)
    assert not any(each.faults for each in elaboration.outcomes.values())
    # All four layers where the unit reads the input, and where it reads the first unit; its first
    # layer where it reads itself, and the input of the other networks; what is behind it.
    assert len(inferred) == 4 + 4 + 1 + 2 + 3


def test_a_head_in_a_block_that_is_applied_twice() -> None:
    text = """
        block tapped(c) = main: conv(c, 3) -> aux(side: conv(1, 1))
        network n: [8, 16, 16] = tapped(8) -> relu
        network m: [8, 16, 16] = tapped(8) -> conv(8, 1)
        network twice: [8, 16, 16] = tapped(8) -> tapped(8)
    """
    assert is_same_for(text) == 7
    assert "duplicate output `side`" in said(program(text), Applications())[1]


@pytest.mark.parametrize("limits", [Limits(layers=40), Limits(turns=56)], ids=str)
@pytest.mark.parametrize("count", [7, 8, 9, 20])
def test_the_limits_on_layers_and_turns_count_what_is_replayed(
    limits: Limits, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elaborate, "LIMITS", limits)
    text = f"""
        block unit = repeat(5, relu)
        network n: [8, 4, 4] = repeat({count}, unit)
    """
    # Every turn of the outer loop has a block, five turns of its loop, and five layers.
    assert ("n" in said(program(text), Applications())[0]) is (count <= 8)
    is_same_for(text)


@pytest.mark.parametrize("most", range(1, 200, 7))
def test_the_limit_on_steps_counts_what_is_replayed(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elaborate, "LIMITS", Limits(steps=most))
    monkeypatch.setattr(build, "STEPS_FOR_A_LAYER", 2)
    is_same_for(SHARED)


@pytest.mark.parametrize("deep", range(5, 13))
def test_the_limit_on_calls_within_each_other_counts_what_is_replayed(
    deep: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (application, calls, replay):
        monkeypatch.setattr(module, "MAXIMUM_TRACE", 10)
    text = f"""
        block deep(n) = deep(n - 1) if n > 0 else relu
        network n: [8, 4, 4] = deep(9) -> deep(9)
        network m: [8, 4, 4] = deep({deep}) -> relu
    """
    assert ("m" in said(program(text), Applications())[0]) is (deep < 10)
    is_same_for(text)


def test_applications_without_nodes_are_forgotten_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "MOST_NODES", 10)
    memory = Applications()
    text = (
        "block same(k) = identity if k >= 0\n"
        "network n: [3, 8, 8] = chain(same(i) for i in range(50))"
    )
    assert run(program(text), memory).diagnostics == []
    assert 0 < len(memory.recent) + len(memory.old) <= 10
