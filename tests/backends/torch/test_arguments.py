"""A class or function is its network with any arguments that the spec accepts.

Every network is compiled once. For all combinations of a few values of its parameters, what the
code makes is held against a network elaborated anew with those values: keys, shapes and numbers.
What code cannot follow is no parameter, which a note says.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from textwrap import dedent

import pytest
import torch
from torch import nn

import archdsl
from archdsl import completion, driver
from archdsl.analysis.state import state_shapes
from archdsl.arithmetic import Value
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.numbers import Numbers
from archdsl.elaborate import Elaboration
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.runtime import maker
from archdsl.source import Source
from archdsl.testing.interpret import interpret

FIND = finder(Path())
NO_OTHERS = re.compile(r"the code of `n` takes lists of \d+ for `(\w+)`, no others")
EVERY = 9
"""Of one in so many combinations the numbers are compared too."""

WIDTHS = [4, 6, 8]
FLAGS = [False, True]
AB: dict[str, list[Value]] = {"a": [*WIDTHS], "b": [*WIDTHS]}
ABC: dict[str, list[Value]] = {**AB, "c": [6, 8]}
P: dict[str, list[Value]] = {"p": [*FLAGS]}
PQ: dict[str, list[Value]] = {**P, "q": [*FLAGS]}
PAIRS: list[Value] = [(8, 8), (4, 8), (8, 4), (6, 4), (4,), (4, 6, 8), (8, 4, 6)]


@dataclass(frozen=True)
class Form:
    """A network `n`, values for its parameters, and what its code has no parameter for."""

    text: str
    values: Mapping[str, list[Value]]
    fixed: str = ""
    one_length: str = ""

    @property
    def source(self) -> Source:
        return Source("form.arch", dedent(self.text))

    def combinations(self) -> Iterator[dict[str, Value]]:
        """All that the code can be called with; what is fixed stays what it is."""
        defaults = _defaults(self)
        kept = {name: values for name, values in self.values.items() if name not in self.fixed}
        for values in product(*kept.values()):
            found = dict(zip(kept, values, strict=True))
            if all(
                _length(found[name]) == _length(defaults[name]) for name in self.one_length.split()
            ):
                yield found


def _defaults(form: Form) -> dict[str, Value]:
    graphs, _ = driver.read(form.source, FIND)
    tree = graphs["n"].tree
    assert tree is not None
    return {name: term.value for name, term in tree.frame.definitions.items()}


def _length(value: Value) -> int:
    return len(value) if isinstance(value, tuple) else -1


FORMS = {
    "then": Form(
        "network n(a=8, b=8, p=true): [3, 8, 8] = conv(a, 1) -> (conv(b, 1) if p) -> bn", AB | P
    ),
    "else": Form(
        "network n(a=8, b=8, p=false): [3, 8, 8] = conv(a, 1) -> (relu if p else conv(b, 3)) -> bn",
        AB | P,
    ),
    "list": Form(
        "network n(ws=[8, 8], p=true): [3, 8, 8] ="
        " conv(max(ws), 1) -> (conv(ws[-1], 1) if p) -> bn",
        {"ws": PAIRS, **P},
    ),
    "one after another": Form(
        "network n(a=8, b=8, c=8, p=true, q=true): [3, 8, 8] ="
        " conv(a, 1) -> (conv(b, 1) if p) -> (conv(c, 1) if q) -> bn",
        ABC | PQ,
    ),
    "one in another": Form(
        "network n(a=8, b=8, c=8, p=true, q=false): [3, 8, 8] ="
        " conv(a, 1) -> ((conv(b, 1) -> (conv(c, 1) if q)) if p) -> bn",
        ABC | PQ,
    ),
    "norm in a branch": Form(
        "network n(a=8, b=8, c=8, p=true, q=true, r=true): [3, 8, 8] ="
        " conv(a, 1) -> (conv(b, 1) if p) -> ((bn -> conv(c, 1) -> bn) if q) -> (bn if r)",
        {**ABC, **PQ, "r": [*FLAGS]},
    ),
    "compared": Form(
        "network n(a=8, b=8, c=8, k=8): [3, 8, 8] ="
        " conv(a, 1) -> (conv(b, 1) if k > 6) -> (conv(c, 1) if k > 4) -> bn",
        {**ABC, "k": [*WIDTHS]},
    ),
    "both flags": Form(
        "network n(a=8, b=8, p=true, q=true, r=true): [3, 8, 8] ="
        " conv(a, 1) -> (conv(b, 1) if p and q) -> (bn if r) -> conv(b if p else a, 1) -> bn",
        {**AB, **PQ, "r": [*FLAGS]},
    ),
    "behind a call": Form(
        """
        block u(w, deep) = conv(5, 1) -> (conv(w, 1) if deep)
        network n(a=8, b=8, p=true): [3, 8, 8] = conv(a, 1) -> u(b, p) -> u(a, not p) -> bn
        """,
        AB | P,
        fixed="p",
    ),
    "in a call": Form(
        """
        block u(w, deep) = conv(w, 1) -> ((conv(w, 1) -> bn) if deep)
        network n(a=8, b=8, p=true, q=true): [3, 8, 8] = u(a, p) -> u(b, q) -> bn
        """,
        AB | PQ,
    ),
    "no turn": Form(
        "network n(a=8, b=8, n=2): [3, 8, 8] = conv(a, 1) -> repeat(n, conv(b, 3)) -> bn",
        {**AB, "n": [0, 1, 2, 3]},
    ),
    "no turn in a call": Form(
        """
        block body(v, n) = repeat(n, conv(v, 3) -> bn -> relu)
        network n(a=8, b=8, n=2): [3, 8, 8] =
            stem: conv(a, 1) -> body: body(b, n) -> bn: bn -> head: conv(2, 1)
        """,
        {**AB, "n": [0, 1, 2, 3]},
        fixed="n",
    ),
    "loop in a branch": Form(
        "network n(a=8, b=8, n=2, p=true): [3, 8, 8] ="
        " conv(a, 1) -> (repeat(n, conv(b, 1)) if p) -> bn",
        {**AB, "n": [0, 1, 2, 3], **P},
    ),
    "two lists": Form(
        """
        network n(ws=[8, 8], vs=[8, 8]): [3, 8, 8] =
            chain(conv(w, 1) for w in ws) -> chain(conv(v, 1) -> bn for v in vs) -> conv(ws[-1], 1)
            -> bn
        """,
        {"ws": PAIRS, "vs": PAIRS},
    ),
    "groups": Form(
        "network n(a=8, g=2, p=true): [3, 8, 8] ="
        " conv(a, 1) -> conv(a, 1, groups=g) -> (conv(2 * a, 1) if p) -> bn",
        {"a": [*WIDTHS], "g": [1, 2, 4], **P},
    ),
    "labels": Form(
        "network n(a=8, b=8, p=true, q=true): [3, 8, 8] ="
        " x: (conv(a, 1) if q else conv(4, 1)) -> y: ((conv(b, 1) -> bn) if p else bn)"
        " -> conv(2, 1)",
        AB | PQ,
    ),
    "equal by chance": Form(
        """
        network n(a=8, b=16, p=true): [3, 8, 8] =
            conv(a, 1) -> (conv(b, 1) if p else conv(2 * a, 1)) -> bn -> conv(b, 1)
        """,
        {"a": [*WIDTHS], "b": [8, 12, 16], **P},
    ),
    "strides": Form(
        "network n(p=true, q=1, r=1): [3, 32, 32] ="
        " conv(4, 3, stride=q) -> (conv(4, 3, stride=r) if p) -> flatten -> linear(3)",
        {**P, "q": [1, 2, 3], "r": [1, 2, 3]},
        fixed="p",
    ),
    "least": Form(
        "network n(w=12): [3, 8, 8] = conv(min(w, 4), 1) -> bn -> conv(12, 1, groups=min(w, 4))",
        {"w": [1, 2, 4, 5, 12]},
    ),
    "rounded": Form(
        "network n(w=16): [3, 8, 8] ="
        " conv(divisible(w * 0.75, 8), 1) -> bn -> conv(w // 2, 1) -> bn -> conv(1 + w % 5, 1)",
        {"w": [2, 3, 8, 9, 12, 17, 31, 64]},
    ),
    "list taken twice": Form(
        "network n(ks=[3, 3]): [3, 9, 9] = chain(conv(4, k) -> bn for k in ks + ks) -> conv(2, 1)",
        {"ks": [(3, 3), (1, 3), (3, 1), (3,), (1, 3, 5)]},
    ),
    "turns decide apart": Form(
        "network n(ws=[8, 8, 8]): [3, 8, 8] ="
        " chain(conv(4, 1) -> ((conv(w, 1) -> bn) if w >= 6) for w in ws) -> conv(2, 1)",
        {"ws": [(8, 8, 8), (4, 8, 8), (8, 4, 8), (8, 8, 4), (4, 4, 4), (8, 4, 4), (8,), (4, 8)]},
    ),
    "turns without weights decide apart": Form(
        """
        network n(ws=[8, 8]): [3, 8, 8] =
            a: conv(4, 1)
            -> chain(
                l{i}: conv(4, 1) -> (relu if w >= 6 else sigmoid) -> m{i}: conv(w, 1)
                for i, w in enumerate(ws)
            )
            -> b: conv(2, 1)
        """,
        {"ws": [(8, 8), (4, 8), (8, 4), (4, 4), (5, 6), (8,), (4, 8, 8)]},
        one_length="ws",
    ),
    "filtered": Form(
        """
        block s(ds) = chain(conv(d, 3) for d in ds)
        network n(ws=[8, 16], lo=4): [3, 8, 8] = s([2 * w for w in ws if w > lo]) -> conv(2, 1)
        """,
        {"ws": PAIRS, "lo": [2, 4, 7]},
        fixed="lo ws",
    ),
    "labels and no turn": Form(
        "network n(w=8, n=2): [3, 8, 8] ="
        " conv(w, 1) -> chain((l{i}: conv(w, 1)) for i in range(n)) -> bn",
        {"w": [*WIDTHS], "n": [0, 1, 2, 3]},
    ),
    "strided list": Form(
        "network n(k=8, s=[1, 1]): [3, 16, 16] ="
        " chain(conv(k, 3, stride=t) -> bn for t in s) -> flatten -> linear(2)",
        {"k": [4, 8], "s": [(1, 1), (2, 1), (1, 2), (2,), (1, 2, 1)]},
        one_length="s",
    ),
    "words": Form(
        """
        network n(act="relu", a=8, b=8): [3, 8, 8] =
            conv(a, 1) -> (relu if act == "relu" else (gelu if act == "gelu" else conv(b, 1))) -> bn
        """,
        {"act": ["relu", "gelu", "none"], **AB},
    ),
    "fractions": Form(
        """
        network n(width=1.0, p=0.5, k=16): [3, 8, 8] =
            conv(divisible(k * width, 8), 1) -> (dropout(p) if p > 0 else relu)
            -> conv(max(4, floor(8 * width)), 1) -> bn
        """,
        {"width": [0.25, 0.5, 1.0, 1.4, 2.0], "p": [0.0, 0.2, 0.5], "k": [8, 16, 24]},
    ),
    "recursion": Form(
        """
        block r(n, w) = conv(w, 3) -> (r(n - 1, w) if n > 1)
        network n(d=2, w=8): [3, 8, 8] = conv(4, 1) -> r(d, w) -> bn
        """,
        {"d": [1, 2, 3], "w": [*WIDTHS]},
    ),
    "zipped": Form(
        "network n(ws=[8, 8], ks=[3, 3]): [3, 8, 8] ="
        " chain(conv(w, k) -> bn for w, k in zip(ws, ks)) -> conv(2, 1)",
        {"ws": PAIRS, "ks": [(3, 3), (1, 3), (3, 1), (1,), (1, 3, 1)]},
    ),
    "count of a list": Form(
        "network n(e=12, ws=[8, 8]): [3, 8, 8] ="
        " conv(8, 1) -> repeat(len(ws) if e <= 8 else 3, conv(e, 1)) -> bn",
        {"e": [4, 8, 12], "ws": PAIRS},
    ),
    "one choice in another": Form(
        "network n(e=8, m=4, d=3): [3, 8, 8] ="
        " conv(e, 1) -> conv(m if 2 * e != m else (m // d * 4 if d > 0 else 12), 3) -> bn",
        {"e": [4, 6, 8], "m": [4, 8, 12, 16], "d": [0, 1, 2, 3]},
    ),
    "guarded by another": Form(
        "network n(d=2, w=8, k=3): [3, 8, 8] ="
        " conv(w, 1) -> (conv(w, k) if d == 0 or w // d > 3) -> conv(4, 1)",
        {"d": [0, 1, 2, 4], "w": [4, 8, 12], "k": [1, 3]},
    ),
    "greatest behind a loop": Form(
        """
        network n(a=8, n=2, ws=[8, 8]): [3, 8, 8] =
            conv(max(a, 10), 1) -> (conv(a, 1) if len(ws) > 1) -> (conv(a, 3) if ws[0] >= 6)
            -> repeat(n, conv(a, 1) -> (conv(max(ws), 3) if ws[0] >= 8) -> conv(max(a, 8), 1))
            -> bn
        """,
        {"a": [4, 8, 12], "n": [0, 1, 2], "ws": PAIRS},
    ),
    "must agree": Form(
        """
        network n(a=8, b=8, ws=[8, 8, 8]): [3, 6, 6] =
            conv(min(b, 4), 1) -> conv(divisible(b * 0.75, 4), 1)
            -> ((add(identity, (conv(a, 3) -> conv(b, 1) -> conv(a, 1)) -> conv(b, 1))
                -> ((conv(a, 3)) if a < b else (conv(a, 1))) -> ((conv(a, 1)) if ws[0] >= 8))
                if a < b)
            -> bn -> relu
        """,
        {"a": [4, 8], "b": [4, 6, 8, 12], "ws": [(8, 8, 8), (4, 8, 8)]},
        fixed="a b ws",
    ),
    "list added to itself": Form(
        """
        network n(c=8, ws=[8, 4]): [3, 8, 8] =
            conv(c, 1) -> chain((conv(w, 1) -> conv(w, 1)) for w in ws + ws)
            -> add(identity, conv(ws[-1], 1)) -> conv(c, 1)
        """,
        {"c": [*WIDTHS], "ws": PAIRS},
        one_length="ws",
    ),
    "computed default": Form(
        "network n(a=8, b=2 * a, p=true): [3, 8, 8] = conv(a, 1) -> (conv(b, 1) if p) -> bn",
        {**AB, **P},
        fixed="b",
    ),
    "computed default of a function": Form(
        """
        block u(w, v) = conv(w, 1) -> conv(v, 1) -> bn
        network n(a=8, b=2 * a): [3, 8, 8] = u(a, b)
        """,
        AB,
        fixed="b",
    ),
}


def _compiled(form: Form) -> tuple[Callable[..., nn.Module], list[str]]:
    code, diagnostics = driver.compile(form.source, FIND)
    assert all(each.code == "N0901" for each in diagnostics), diagnostics
    return maker(code, "n"), [each.message for each in diagnostics]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_any_arguments(form: Form) -> None:
    make, _ = _compiled(form)
    compared = 0
    for values in form.combinations():
        graphs, _ = driver.read(form.source, FIND, values=values)
        if graphs:
            arguments = {variable_name(name): value for name, value in values.items()}
            _compare(graphs["n"], make, arguments, numbers=compared % EVERY == 0)
            compared += 1
    assert compared


def _compare(
    graph: Graph, make: Callable[..., nn.Module], arguments: dict[str, Value], numbers: bool
) -> None:
    with torch.device("meta"):
        module = make(**arguments)
    shapes = {key: tuple(entry.shape) for key, entry in module.state_dict().items()}
    assert shapes == state_shapes(graph), arguments
    if numbers:
        _compare_numbers(graph, make(**arguments).double().eval())


@torch.no_grad()
def _compare_numbers(graph: Graph, module: nn.Module) -> None:
    generator = torch.Generator().manual_seed(0)
    for entry in module.state_dict().values():
        entry.copy_(torch.rand(entry.shape, generator=generator) + 0.5)
    inputs = [
        torch.randn(2, *graph.shape(port), generator=generator).double()  # type: ignore[arg-type]
        for port in graph.inputs.values()
    ]
    expected = interpret(graph, module.state_dict(), [each.clone() for each in inputs])
    torch.testing.assert_close(module(*inputs), expected.outputs["output"])


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_is_fixed_is_noted(form: Form) -> None:
    make, notes = _compiled(form)
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
    monkeypatch.setattr(Numbers, "_are_one", lambda *_: True)
    monkeypatch.setattr(completion, "MOST_EXAMPLES", most)
    form = FORMS["then"]
    make, found = _compiled(form)
    assert len(found) == notes
    known = inspect.signature(make).parameters
    taken = {name: values for name, values in form.values.items() if name in known}
    for values in Form(form.text, taken).combinations():
        graphs, _ = driver.read(form.source, FIND, values=values)
        _compare(graphs["n"], make, dict(values), numbers=False)


def test_without_samples_code_is_another_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Elaboration, "samples", lambda *_: iter(()))
    form = FORMS["strides"]
    make, notes = _compiled(form)
    assert not notes
    graphs, _ = driver.read(form.source, FIND, values={"p": False, "r": 2})
    with pytest.raises(AssertionError):
        _compare(graphs["n"], make, {"p": False, "r": 2}, numbers=False)


def test_a_fault_in_writing_a_variant_fixes_its_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break the merge by hand where two sides meet: what moves the condition is fixed."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    form = FORMS["then"]
    monkeypatch.setattr(Numbers, "_chosen", broken)
    make, notes = _compiled(form)
    assert notes == ["the code of `n` has no parameter `p`: it decides the structure"]
    assert "p" not in inspect.signature(make).parameters
