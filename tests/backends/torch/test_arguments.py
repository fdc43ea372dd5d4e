"""A class or function is its network with any arguments that the spec accepts.

Every network is compiled once. For all combinations of a few values of its parameters, what the
code makes is held against a network elaborated anew with those values: keys, shapes and numbers.
What code cannot follow is no parameter, which a note says.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import archdsl
from archdsl import completion, driver
from archdsl.analysis.state import state_shapes
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.numbers import ExpressionAntiUnifier
from archdsl.generalize import Fixed, Generalization
from archdsl.source import Source
from tests.helpers.argument_cases import FORMS
from tests.helpers.argument_forms import FIND, Form, compare, compiled

NO_OTHERS = re.compile(r"the code of `n` only takes lists of \d+ items for `(\w+)`")
EVERY = 9
"""Of one in so many combinations the numbers are compared too."""


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_any_arguments(form: Form) -> None:
    make, _ = compiled(form)
    compared = 0
    for values in form.combinations():
        graphs, _ = driver.read(form.source, FIND, values=values)
        if graphs:
            arguments = {variable_name(name): value for name, value in values.items()}
            compare(graphs["n"], make, arguments, numbers=compared % EVERY == 0)
            compared += 1
    assert compared


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_is_fixed_is_noted(form: Form) -> None:
    make, notes = compiled(form)
    missing = form.values.keys() - inspect.signature(make).parameters.keys()
    assert missing == set(form.fixed.split())
    assert {match[1] for note in notes if (match := NO_OTHERS.match(note))} == set(
        form.one_length.split()
    )
    for name in missing:
        assert any(
            note.startswith(f"the code of `n` has no parameter `{name}`: ") for note in notes
        )
    assert len(notes) == len(missing) + len(form.one_length.split())


def test_networks_are_loaded_with_any_arguments(tmp_path: Path) -> None:
    path = tmp_path / "n.arch"
    path.write_text(FORMS["one after another"].text, encoding="utf-8")
    values = {"a": 4, "b": 6, "c": 5, "p": False, "q": False}
    module = archdsl.load(path, "n", **values)
    shapes = {key: tuple(entry.shape) for key, entry in module.state_dict().items()}
    assert shapes == state_shapes(archdsl.read(path, **values)["n"].graph)


@pytest.mark.parametrize("name", ["norm in a branch", "strides", "turns decide apart"])
def test_samples_are_the_same_every_time(name: str) -> None:
    (first, notes), (second, same) = (driver.compile(FORMS[name].source, FIND) for _ in range(2))
    assert first == second
    assert [note.message for note in notes] == [note.message for note in same]


@pytest.mark.parametrize(("most", "notes"), [(8, 0), (0, 1)])
def test_what_fits_by_chance_is_completed_or_fixed(
    most: int, notes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Break provenance by hand: what fits all variants is printed, and samples find it wrong."""
    monkeypatch.setattr(ExpressionAntiUnifier, "_are_one", lambda *_: True)
    monkeypatch.setattr(completion, "MOST_EXAMPLES", most)
    form = FORMS["then"]
    make, found = compiled(form)
    assert len(found) == notes
    known = inspect.signature(make).parameters
    taken = {name: values for name, values in form.values.items() if name in known}
    for values in Form(form.text, taken).combinations():
        graphs, _ = driver.read(form.source, FIND, values=values)
        compare(graphs["n"], make, dict(values), numbers=False)


def test_samples_keep_a_fixed_length_of_a_list_that_equals_another() -> None:
    stages = "chain(repeat(n, conv(w, 3)) for w, n in zip(ws, ns))"
    text = f"network n(ws=[8, 8], ns=[2, 1]): [3, 8, 8] = {stages}"
    program, _ = driver.load_program(Source("n.arch", text), FIND)
    networks = Generalization(program, {}, None, {"n": Fixed(lengths=frozenset({"ws"}))})
    samples = [*networks.samples([*networks.variants()])]
    assert {name for sample in samples for name in sample.other_lengths} == {"ns"}


def test_two_outcomes_are_sampled_together_at_several_values() -> None:
    text = """network n(a=8, b=8, wide=true, p=false): [3, 8, 8] =
    x: conv(a, 3) -> (y: conv(a, 3) if a > 12) -> (bn if not wide) -> (relu if p)
    -> (z: conv(b, 3) if b > 12) -> fc: conv(4, 1)
"""
    program, _ = driver.load_program(Source("n.arch", text), FIND)
    networks = Generalization(program, {}, None)
    variants = [*networks.variants()]
    seen: dict[tuple[object, ...], set[object]] = {}
    for each in (*variants, *networks.samples(variants)):
        values = {"a": 8, "b": 8, "wide": True, "p": False, **each.values}
        a, b = values["a"], values["b"]
        for other in (("wide", values["wide"]), ("p", values["p"]), ("b", b > 12)):  # type: ignore[operator]
            seen.setdefault((a > 12, *other), set()).add(a)  # type: ignore[operator]
    assert (len(seen), min(map(len, seen.values()))) == (12, 2), seen


def test_without_samples_code_is_another_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Generalization, "samples", lambda *_: iter(()))
    form = FORMS["strides"]
    make, notes = compiled(form)
    assert not notes
    graphs, _ = driver.read(form.source, FIND, values={"p": False, "r": 2})
    with pytest.raises(AssertionError):
        compare(graphs["n"], make, {"p": False, "r": 2}, numbers=False)


def test_a_fault_in_writing_a_variant_fixes_its_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break the merge by hand where two sides meet: what moves the condition is fixed."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    form = FORMS["then"]
    monkeypatch.setattr(ExpressionAntiUnifier, "_chosen", broken)
    make, notes = compiled(form)
    assert notes == ["the code of `n` has no parameter `p`: it decides the structure"]
    assert "p" not in inspect.signature(make).parameters
