"""Values that meet targets: the largest of all, as trying every value finds it."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archdsl
from archdsl import SpecError
from archdsl.files import LIBRARY_NAME, finder
from archdsl.findings import History
from archdsl.fitting import Fit, ask, fit
from archdsl.fitting.quantities import bytes_of, count_of
from archdsl.fitting.scaling import scaled
from archdsl.shipped import LIBRARY
from archdsl.texts import open_text

HEAD = "global_avgpool -> flatten -> linear(4)"
NETWORKS = {
    "a width": f"(w=8): [3, 8, 8] = conv(w, 3) -> {HEAD}",
    "a width that rounds": f"(w=1.0): [3, 8, 8] = conv(divisible(20 * w, 8), 3) -> {HEAD}",
    "a depth": f"(n=2): [3, 8, 8] = repeat(n, conv(6, 3) -> bn) -> {HEAD}",
    "growth": f"(g=4): [3, 8, 8] = repeat(3, concat(identity, conv(g, 3))) -> {HEAD}",
    "a kernel": "(k=3): [3, 9, 9] = conv(8, 2 * k + 1)",
    "linear layers": "(h=10): [5] = linear(h) -> relu -> linear(h) -> linear(2)",
    "a bottleneck": "(c=4): [32, 8, 8] = conv(c, 1) -> conv(c, 3) -> conv(32, 1)",
    "separable": "(w=8): [3, 8, 8] = conv(w, 1) -> conv(w, 3, groups=w) -> conv(2 * w, 1)",
    "a floor": f"(w=9): [3, 8, 8] = conv(w // 3 + 1, 3) -> {HEAD}",
    "a gate": "(r=2): [16, 8, 8] = mul(identity, global_avgpool -> conv(r, 1) -> conv(16, 1))",
    "tokens": "(d=4): [6; 8] = linear(2 * d) -> layernorm -> linear(8)",
    "a table": "(d=4): [7] < 50 = embedding(d) -> linear(3)",
    "a mean": "(w=3): [3, 8, 8] = mean(conv(w, 3), conv(w, 1))",
    "classes": "(k=4): [3, 8, 8] = conv(4, 3) -> global_avgpool -> flatten -> linear(k)",
    "width and depth": f"(w=4, n=2): [3, 8, 8] = repeat(n, conv(w, 3)) -> {HEAD}",
    "two widths": "(a=4, b=4): [6] = linear(a) -> relu -> linear(b) -> linear(2)",
    "width and kernel": "(w=4, k=1): [3, 9, 9] = conv(w, 2 * k + 1) -> conv(2, 1)",
    "share": "(f=0.5): [3, 8, 8] = conv(max(1, floor(24 * f)), 3)",
    "one that shrinks": "(w=8): [3, 8, 8] = conv(41 - w, 3)",
    "even ones alone": "(w=8): [3, 8, 8] = conv(w, 1) -> conv(w, 3, groups=2)",
}
TARGETS = {"params": 900, "macs": 40_000}


def question(text: str, few: int, vary: list[str], **asked: Any) -> Fit:
    """The answer for a network `n`; more than `few` combinations are not all tried."""
    nothing = finder(LIBRARY, LIBRARY_NAME)
    source, find = open_text(f"network n{text}\n", {}, "net.arch", nothing)
    found = History().findings(source, find, "n", {})
    assert found.elaboration is not None
    return fit(found.elaboration, found.graphs["n"], ask(asked, vary), {}, few)


def ranges(text: str) -> dict[str, list[int | float]]:
    """What is tried of every parameter: eight to twelve values."""
    names = [part.split("=") for part in text[1 : text.index(")")].split(", ")]
    whole, other = list(range(1, 13)), [float(Fraction(each, 20)) for each in range(4, 30)]
    few = whole[:8]
    return {n: other if "." in v else whole if len(names) == 1 else few for n, v in names}


def every(text: str, varied: dict[str, list[int | float]]) -> list[tuple[dict[str, Any], Any]]:
    """All combinations of values, each with its network; none that the spec refuses."""
    found = []
    for values in product(*varied.values()):
        named = dict(zip(varied, values, strict=True))
        try:
            found.append((named, archdsl.read(text=f"network n{text}\n", **named)["n"]))
        except SpecError:
            continue
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_the_largest_of_all_values_is_found(name: str) -> None:
    text = NETWORKS[name]
    varied = ranges(text)
    networks = every(text, varied)
    vary = [f"{n}={each[0]}..{each[-1]}" for n, each in varied.items()]
    for figure, limit in TARGETS.items():
        fitting = [getattr(net, figure) for _, net in networks if getattr(net, figure) <= limit]
        above = [getattr(net, figure) for _, net in networks if getattr(net, figure) > limit]
        for few in (0, 1000):
            if not fitting:
                with pytest.raises(Exception, match="E0954"):
                    question(text, few, vary, **{figure: limit})
                continue
            answer = question(text, few, vary, **{figure: limit})
            assert answer.figures[figure] == max(fitting)
            assert (answer.above and answer.above.figures[figure]) == min(above, default=None)
            again = archdsl.read(text=f"network n{text}\n", **answer.values)["n"]
            assert getattr(again, figure) == answer.figures[figure]


def test_bisection_tries_few_of_many_and_figures_grow() -> None:
    answer = question(NETWORKS["a width"], 100, ["w=1..5000"], params="100k")
    assert answer.values == {"w": 3124}
    assert len(answer.trials) < 80
    numbers = [trial.values["w"] for trial in answer.trials]
    assert numbers == sorted(numbers, reverse=True)


def test_what_does_not_grow_is_tried_whole_or_refused() -> None:
    assert question(NETWORKS["one that shrinks"], 0, ["w=1..40"], params=300).values == {"w": 31}
    with pytest.raises(Exception, match=r"E0956.*do not grow"):
        question("(w=8): [3, 8, 8] = conv(5000 - w, 3)", 0, ["w=1..4900"], params=300)


def test_values_that_the_spec_refuses_are_left_out_and_said() -> None:
    answer = question(NETWORKS["even ones alone"], 100, ["w=1..9"], params=200)
    assert answer.values == {"w": 6}
    refused = [trial for trial in answer.trials if trial.refusal]
    assert {trial.values["w"] for trial in refused} == {1, 3, 5, 7, 9}
    assert "refused by the spec: 5, such as w=" in "\n".join(answer.notes())
    assert all(trial.refusal.startswith("E0") for trial in refused)


def test_ranges_that_are_left_out_reach_from_what_fits_to_what_does_not() -> None:
    for text in (NETWORKS["a width"], NETWORKS["a width that rounds"], NETWORKS["a depth"]):
        name = text[1]
        answer = question(text, 100, [name], params=600)
        values = [trial.values[name] for trial in answer.trials]
        assert answer.above is not None
        assert min(values) < answer.values[name] < max(values)
    text = "(w=8, p=0.1): [3, 8, 8] = conv(w, 3) -> dropout(p)"
    answer = question(text, 100, ["p", "w"], params=600)
    assert (answer.values, answer.ranges[0]) == ({"p": 0.1, "w": 21}, "p=0.1 (without effect)")


@pytest.mark.parametrize("factor", ["1\nlet x = 3", "1e308 * k", "foo", "[k]", "true", "1 +"])
def test_a_factor_is_one_number(factor: str) -> None:
    text = "network n(w=80): [3, 8, 8] = conv(w, 3)\n"
    with pytest.raises(SpecError, match=r"E0953(?s:.)*no number for a value of `k`"):
        archdsl.fit(text=text, vary=f"w:{factor}", steps="k=1..3", params="9k")


def test_a_range_is_found_where_figures_fall_too() -> None:
    answer = question(NETWORKS["one that shrinks"], 100, ["w"], params=300)
    assert (answer.values, answer.ranges) == ({"w": 31}, ("w=4..32",))
    answer = question(NETWORKS["one that shrinks"], 100, ["w"], params=1000)
    assert (answer.values, answer.ranges) == ({"w": 6}, ("w=4..16",))


def test_a_range_reaches_to_the_first_value_that_is_refused() -> None:
    text = "(sizes=[1, 2, 3, 4, 5, 6], n=4): [3, 8, 8] = chain(conv(sizes[i], 3) for i in range(n))"
    answer = question(text, 100, ["n"], params="1M")
    assert (answer.values, answer.ranges) == ({"n": 6}, ("n=2..8",))


@pytest.mark.parametrize(
    ("vary", "ranges", "values"),
    [
        ("w=..9", "w=4..9", {"w": 9}),
        ("w=3..", "w=3..64", {"w": 32}),
        ("w=20..", "w=20..40", {"w": 32}),
        ("w=..2", "w=1..2", {"w": 2}),
        ("w=../4", "w=4..64/4", {"w": 32}),
        ("w=1..3/0.5", "w=1..3/0.5", {"w": 3}),
    ],
)
def test_a_bound_may_be_left_out(vary: str, ranges: str, values: dict[str, Any]) -> None:
    answer = question(NETWORKS["a width"], 100, [vary], params="1050")
    assert (answer.ranges, repr(answer.values)) == ((ranges,), repr(values))


def test_nothing_outside_of_a_range_that_is_given_is_an_answer() -> None:
    answer = question(NETWORKS["two widths"], 100, ["a", "b=9..10"], params=100)
    assert {trial.values["b"] for trial in answer.trials} == {9, 10}
    answer = question(NETWORKS["two widths"], 100, ["a=9..10", "b"], params=100)
    assert {trial.values["a"] for trial in answer.trials} == {9, 10}
    answer = question(NETWORKS["two widths"], 100, ["a", "b=30..40"], params=150)
    assert answer.values == {"a": 1, "b": 35}
    with pytest.raises(Exception, match="E0954"):
        question(NETWORKS["a width"], 100, ["w=20.."], params=500)


def test_a_parameter_whose_effect_lies_below_its_default_is_varied() -> None:
    text = "(n=16, w=8): [3, 8, 8] = conv(w, 3) -> conv(min(n, 12), 3)"
    answer = question(text, 1000, ["n", "w"], params="700")
    assert answer.figures["params"] == max(
        net.params
        for _, net in every(text, {"n": [*range(4, 13)], "w": [*range(4, 21)]})
        if net.params <= 700
    )


def test_a_saw_is_seen_beside_the_border() -> None:
    text = "(n=3): [3, 8, 8] = conv(40 if n % 5 > 0 else 2, 3) -> conv(n, 1)"
    every_value = question(text, 9999, ["n=1..300"], params="3k")
    assert question(text, 0, ["n=1..300"], params="3k").values == every_value.values


def test_several_targets_hold_at_once() -> None:
    text = NETWORKS["width and depth"]
    answer = question(text, 1000, ["w=1..12", "n=1..6"], params="2k", macs="60k", peak="8KiB")
    best = [
        (net.params, net.macs)
        for values, net in every(text, {"w": [*range(1, 13)], "n": [*range(1, 7)]})
        if net.params <= 2000 and net.macs <= 60_000
        if net.memory().weights + net.memory().live <= 8192
    ]
    assert (answer.figures["params"], answer.figures["macs"]) == max(best)


def test_compound_scaling_multiplies_the_defaults() -> None:
    text = "(depth=2, width=1.0): [3, 8, 8] = repeat(depth, conv(round(8 * width), 3))"
    source = {"text": f"network n{text}\n"}
    answer = archdsl.fit(
        **source, vary="depth:1.2**k,width:1.1**k", steps="k=0..4/0.5", params="10k"
    )
    expected = {(int(2 * 1.2 ** (k / 2) + 0.5), 1.1 ** (k / 2)) for k in range(9)}
    assert {(t.values["depth"], t.values["width"]) for t in answer.trials} == expected
    question = ask({"params": 1}, ["w:k * max(1, 2)"], "k=1..2/0.5")
    assert scaled(question.scalings[0], {"w": 3}, Fraction(5, 4)) == {"w": 8}


@pytest.mark.parametrize(
    ("text", "vary", "asked", "said"),
    [
        ("(w=8): [3, 8, 8] = conv(w, 3)", ["v"], {"params": 9}, "E0953.* no parameter `v`"),
        ("(w=[8]): [3, 8, 8] = conv(w[0], 3)", ["w"], {"params": 9}, "E0953.*`w`.*no number"),
        ("(w=0): [3, 8, 8] = conv(w + 1, 3)", ["w"], {"params": 9}, "E0953.*no range"),
        ("(w=8): [3, 8, 8] = conv(w, 3)", ["w=2..4"], {"params": 9}, "E0954.*w=2, with params 56"),
        ("(w=8): [3, h, 8] = conv(w, 3)", ["w"], {"macs": 9}, "E0955.*formula.*--at h="),
        ("(w=8, v=8): [3] = linear(w) -> linear(v)", ["w=1..9999", "v=1..9999"],
         {"params": 9}, "E0956.*99,980,001 combinations"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused(
    text: str, vary: list[str], asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(SpecError, match=f"(?s){said}"):
        archdsl.fit(text=f"network n{text}\n", vary=vary, **asked)


@pytest.mark.parametrize(
    ("asked", "vary", "steps", "said"),
    [
        ({}, ["w"], None, "name a target"),
        ({"params": "5M"}, [], None, "name what may change"),
        ({"params": "5X"}, ["w"], None, "--params: a number such as"),
        ({"peak": "5M"}, ["w"], None, "--peak: bytes such as"),
        ({"params": "5M"}, ["w=4..2"], None, "no number in the range"),
        ({"params": "5M"}, ["w=0..1/0"], None, "no number in the range"),
        ({"params": "5M"}, ["w=1../-1"], None, "no number in the range"),
        ({"params": "1,5M"}, ["w"], None, "--params: a number such as"),
        ({"params": "5M"}, ["w=a..2"], None, "a number is wanted, not `a`"),
        ({"params": "5M"}, ["w", "w"], None, "varied twice"),
        ({"params": "5M"}, ["w:2**k"], None, "needs both"),
        ({"params": "5M"}, ["w"], "k=0..1", "needs both"),
        ({"params": "5M"}, ["w:2**k"], "k", "--steps takes"),
        ({"params": "5M", "batch": 8}, ["w"], None, "--batch is for"),
        ({"params": "5M", "optimizer": "sgd"}, ["w"], None, "--optimizer is for"),
        ({"params": "5M", "batch": "max"}, ["w"], None, "--batch is for"),
        ({"peak": "5MiB", "batch": "max"}, ["w"], None, "no --vary"),
        ({"peak": "5MiB", "batch": "0"}, ["w"], None, "--batch takes"),
        ({"train_memory": "5MiB", "optimizer": "sdg"}, ["w"], None, "the optimizers are"),
        ({"train_memory": "5MiB", "precision": "fp8"}, ["w"], None, "the precisions are"),
    ],
)
def test_what_is_no_question_is_said(
    asked: dict[str, Any], vary: list[str], steps: str | None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        ask(asked, vary, steps)


@given(st.integers(1, 10**6), st.integers(0, 9))
def test_quantities_are_read_exactly(number: int, tenth: int) -> None:
    assert count_of(f"{number:,}") == count_of(str(number)) == number
    assert count_of(f"{number}.{tenth}M") == number * 10**6 + tenth * 10**5
    assert bytes_of(f"{number}.5 GiB") == number * 2**30 + 2**29
    assert bytes_of(f"{number}GB") == number * 10**9
