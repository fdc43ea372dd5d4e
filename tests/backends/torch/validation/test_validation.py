"""Generated code is held against its graph, without PyTorch: what differs is not written."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from archdsl.backends.torch import mismatches, wrong
from archdsl.backends.torch.validation import Validator
from archdsl.backends.torch.verify import verify
from archdsl.driver import compile
from archdsl.files import finder
from archdsl.generalize import Variant
from archdsl.graph import Graph
from archdsl.render import as_text
from archdsl.source import Source
from tests.helpers.mutants import mutants
from tests.helpers.paths import CODE
from tests.helpers.validated import SKIPPED, compiled, fault


@pytest.mark.parametrize(
    "path",
    [CODE / f"{name}.arch" for name in ("loops", "ops", "heads", "starts", "wires")],
    ids=lambda path: path.stem,
)
def test_mutants_are_refused(path: Path) -> None:
    code, graphs, variants = compiled(path.read_text(encoding="utf-8"), path.parent)
    some = [*islice(mutants(code, seed=1), 30)]
    left = {mutant for mutant in some if not refused(mutant, graphs, variants)}
    assert len(left) <= 3, "\n\n".join(left)


def refused(text: str, graphs: list[Graph], variants: list[Variant]) -> bool:
    """Whether a text is not written for these networks."""
    if verify(text, graphs):
        return True
    checker = Validator(text, [*graphs, *[variant.graph for variant in variants]])
    return bool(mismatches(checker, graphs)) or any(wrong(checker, variants))


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("self.a(x)", "self.a(x) if w else x", "forward reads w"),
        ("super().__init__()", "super().__init__(); [y for y in z]; z = 3", ""),
        ("super().__init__()", "super().__init__(); b = [x for i in (1,)]", "listcomp reads x"),
        ("self.relu(x)", "self.relu(N)", ""),
    ],
)
def test_names_are_bound_where_they_are_read(old: str, new: str, name: str) -> None:
    code, graphs, _ = compiled("network n(w=4): [3, 8, 8] = a: conv(w, 3) -> relu -> b: conv(w, 3)")
    messages = [found.message for found in verify(code.replace(old, new, 1), graphs)]
    assert all(name in message for message in messages)
    assert len(messages) == bool(name)


def test_other_values_are_held_against_their_own_graphs() -> None:
    code, graphs, variants = compiled(
        "network n(w=8, k=3): [3, 8, 8] = a: conv(w, k) -> b: conv(w, k)"
    )
    checker = Validator(code.replace("nn.Conv2d(w, w, k", "nn.Conv2d(w, w, 3"), graphs)
    assert checker.fault(graphs[0]) is None
    faults = {tuple(v.values): checker.fault(v.graph, v.values) for v in variants}
    assert faults.pop(("w",)) is None
    assert all(fault is not None and "b is nn.Conv2d(8, 8, 3" in fault for fault in faults.values())


def test_what_a_network_takes() -> None:
    code, graphs, _ = compiled(
        "network n(ws=[8, 16], def=1): [3, 8, 8] = chain(conv(w, def) for w in ws)"
    )
    checker = Validator(code, graphs)
    assert checker.takes("n") == {"ws": None, "def_": None}
    assert checker.accepts("n", {"ws": (1, 2, 3), "def": 3})
    assert not checker.accepts("n", {"w": 8})
    assert Validator(code.replace("Sequence[int]", "tuple[int, int]"), graphs).takes("n")["ws"] == 2
    assert not Validator(code.replace("Sequence[int]", "tuple[int, int]"), graphs).accepts(
        "n", {"ws": (1,)}
    )
    assert Validator("import os", graphs).takes("n") == {}


ENDLESS = [
    ("        self.a = ", "        self.z = N()\n        self.a = ", "RecursionError"),
    (
        "        self.a = ",
        "        [nn.ReLU() for _ in range(100_000)]\n        self.a = ",
        "more modules",
    ),
    (
        "        self.a = ",
        "        sum(i for i in range(10**9))\n        self.a = ",
        "1000000000 iterations",
    ),
    ("        x = self.a(x)", "        x = self.forward(x)", "RecursionError"),
]


@pytest.mark.parametrize(("old", "new", "message"), ENDLESS)
def test_code_that_does_not_end(old: str, new: str, message: str) -> None:
    found = fault(SKIPPED, old, new)
    assert found is not None
    assert message in found


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "open('x')",
        "exec('1')",
        "eval('1')",
        "getattr(int, 'x')",
        "from math import sin",
    ],
)
def test_generated_code_has_nothing_else(text: str) -> None:
    code, graphs, _ = compiled(SKIPPED)
    assert Validator(f"{text}\n{code}", graphs).fault(graphs[0]) is not None


DEEP = {
    "a repeat": "network n: [3, 8, 8] = repeat(4000, conv(4, 3) -> relu)",
    "residual blocks": "network n: [3, 8, 8] = conv(3, 3) -> repeat(1000, residual(conv(3, 1)))",
    "blocks in blocks": "\n".join(
        ["block b0(w) = conv(w, 3) -> relu"]
        + [f"block b{i}(w) = a: b{i - 1}(w) -> c: conv(w, 1)" for i in range(1, 121)]
        + ["network n: [3, 8, 8] = b120(4)"]
    ),
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_networks(name: str) -> None:
    text, diagnostics = compile(Source("spec.arch", DEEP[name]), finder(Path()))
    assert text, as_text(diagnostics)
