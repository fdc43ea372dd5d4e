"""Generated code is held against its graph, without PyTorch: what differs is not written."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from mutants import mutants

from archdsl.backends.torch import mismatches, wrong
from archdsl.backends.torch.validation import Checker
from archdsl.backends.torch.verify import verify
from archdsl.diagnostics import has_errors
from archdsl.driver import compile, load_program
from archdsl.elaborate import Variant, elaborate_with_variants
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.render import as_text
from archdsl.source import Source

ROOT = Path(__file__).parents[1]

RESIDUAL = """
network n(w=8, drop=0.5): [3, 8, 8] = a: conv(w, 3) -> b: (relu -> dropout(drop) -> conv(w, 3))
    -> add(identity, c: conv(w, 1)) -> p: maxpool(3, 2, 1) -> d: conv(2 * w, 3, 2) -> bn
"""


def compiled(text: str, folder: Path = Path()) -> tuple[str, list[Graph], list[Variant]]:
    """The code of a spec, its networks, and these with other values."""
    source, find = Source("spec.arch", text), finder(folder)
    code, diagnostics = compile(source, find)
    assert not has_errors(diagnostics), as_text(diagnostics)
    program, _ = load_program(source, find)
    graphs, variants, _ = elaborate_with_variants(program)
    return code, [*graphs.values()], variants


def fault(spec: str, old: str, new: str) -> str | None:
    """What validation says of a spec's code in which a text is another."""
    code, graphs, _ = compiled(spec)
    assert old in code, code
    changed = code.replace(old, new, 1)
    assert not verify(changed, graphs)
    return Checker(changed, graphs).fault(graphs[0])


HEADED = """
default conv(init=kaiming_normal("out"), bias_init=0.5)
block head(classes) = global_avgpool -> flatten -> fc: linear(classes, init=normal(0.01))
block unit(w) = conv: conv(w, 3) -> relu -> drop_path(0.1)
network n(w=8): [3, 8, 8] = a: unit(w) -> aux(early: head(10)) -> b: (bn(gain_init=0) -> conv(w, 3))
    -> relu -> scale(0.5) -> slice(0, 4) -> dropout -> head: head(10)
"""

SKIPPED = "network n: [3, 8, 8] = a: conv(4, 3) -> add(identity, relu -> b: conv(4, 3))"
SAVED = "network n: [3, 8, 8] = y: sigmoid -> relu -> a: conv(4, 3)"
ENTERED = "network n: [3, 8, 8] = relu -> gelu -> a: conv(4, 3)"

IN_PLACE = "nn.ReLU(inplace=True)"


def dropped(training: str) -> str:
    """The dropout of `HEADED` as a function."""
    return f"F.dropout((x * 0.5)[:, :4], training={training})"


MISTAKES = [
    # Layers: arguments, names, number.
    (
        RESIDUAL,
        "self.c = nn.Conv2d(w, w, 1)",
        "self.c = nn.Conv2d(w, w, 3)",
        "c is nn.Conv2d(8, 8, 3)",
    ),
    (
        RESIDUAL,
        "self.c = nn.Conv2d(w, w, 1)",
        "self.c = nn.Conv2d(w, w, 1.0)",
        "c is nn.Conv2d(8, 8, 1.0)",
    ),
    (RESIDUAL, "self.c", "self.e", "e, nn.Conv2d(8, 8, 1), is no layer of the network"),
    (RESIDUAL, "nn.ReLU(inplace=True), nn.Dropout", "nn.Dropout", "b.1, nn.Conv2d(8, 8, 3"),
    (
        RESIDUAL,
        "self.b = ",
        "self.f = nn.Conv2d(3, 3, 1)\n        self.b = ",
        "f, nn.Conv2d(3, 3, 1), is no layer",
    ),
    (RESIDUAL, "self.c = nn.Conv2d(w, w, 1)", "self.c = self.a", "has two keys, a and c"),
    (
        RESIDUAL,
        "self.c = nn.Conv2d(w, w, 1)",
        "self.c = [nn.Conv2d(w, w, 1)][0:]",
        "c, nn.Conv2d(8, 8, 1), is missing",
    ),
    (RESIDUAL, "super().__init__()", "super().__init__()\n        nn.bias", "no attribute 'bias'"),
    (RESIDUAL, "super().__init__()", "pass", "cannot assign module before"),
    # Calls: arguments, tensors, order, number.
    (
        RESIDUAL,
        "nn.MaxPool2d(3, stride=2",
        "nn.MaxPool2d(3, stride=3",
        "nn.MaxPool2d(3, padding=1, stride=3)(x) is no layer of the network; expected maxpool(3,",
    ),
    (RESIDUAL, "x + self.c(x)", "self.c(x) + x", "x + x is no layer of the network"),
    (RESIDUAL, "x + self.c(x)", "x * self.c(x)", "x * x is no layer"),
    (RESIDUAL, "return self.bn(x)", "return x", "output is not the result of bn (bn)"),
    (RESIDUAL, "return self.bn(x)", "self.bn(x)\n        return self.bn(x)", "2 times, not 1"),
    (RESIDUAL, "self.b(x)", "self.b(self.a(x))", "layer('a', x) is no layer"),
    (RESIDUAL, "return self.bn(x)", "return self.bn(x) if x else x", "taken for a condition"),
    # Memory.
    (RESIDUAL, "nn.ReLU(inplace=True)", "nn.ReLU()", None),
    (
        HEADED,
        "x = self.relu(self.b(x))",
        "y = self.b(x)\n        x = F.relu(y)\n        self.relu(y)",
        None,
    ),
    (SKIPPED, "nn.ReLU()", IN_PLACE, "a tensor is read that was overwritten in place"),
    (SAVED, "nn.ReLU()", IN_PLACE, "overwrites what the gradient of sigmoid needs"),
    (ENTERED, "nn.ReLU()", IN_PLACE, "overwrites an input of the network"),
    (ENTERED, "nn.GELU()", "nn.GELU(inplace=True)", "gelu cannot work in place"),
    (HEADED, "nn.Dropout()", "nn.Dropout(inplace=True)", None),
    (HEADED, "x = self.a(x)", "x = self.a(self.relu(x))", "no layer of the network"),
    # Training and evaluation.
    (HEADED, "self.dropout((x * 0.5)[:, :4])", dropped("True"), "in evaluation"),
    (HEADED, "self.dropout((x * 0.5)[:, :4])", dropped("False"), "training=False) is no layer"),
    (HEADED, "self.dropout((x * 0.5)[:, :4])", dropped("self.training"), None),
    (HEADED, "self.dropout((x * 0.5)[:, :4])", "F.dropout((x * 0.5)[:, :4])", "is no layer"),
    (
        HEADED,
        "if self.training:\n            early",
        "if True:\n            early",
        "1 times, not 0 in evaluation",
    ),
    (
        HEADED,
        "if self.training:\n            return NOutputs",
        "if False:\n            return NOutputs",
        "the results are output, not output, early in training",
    ),
    (
        HEADED,
        "if self.training:\n            return NOutputs",
        "if True:\n            return NOutputs",
        "the result is no tensor in evaluation",
    ),
    (HEADED, "NOutputs(x, early)", "NOutputs(early, x)", "output is not the result of head.fc"),
    (
        HEADED,
        "    early: Tensor | None\n",
        "    late: Tensor | None\n",
        "output, late, not output, early",
    ),
    # Initialisations.
    (HEADED, '"fan_out"', '"fan_in"', "the weight of a.conv starts with kaiming_normal_"),
    (
        HEADED,
        "std=0.01",
        "std=0.02",
        "the weight of early.fc starts with normal_(mean=0.0, std=0.02)",
    ),
    (HEADED, "self.apply(_init_weights)", "pass", "the weight of a.conv starts as in PyTorch"),
    (
        HEADED,
        "module.bias, 0.5",
        "module.bias, 0.25",
        "the bias of a.conv starts with constant_(val=0.25)",
    ),
    (
        HEADED,
        "zeros_(module.weight)",
        "zeros_(module.bias)",
        "the weight of b.0 starts with constant_(val=1.0)",
    ),
    # The ops' own classes.
    (
        HEADED,
        "if not self.training:",
        "if self.training:",
        "DropPath is not defined as its op says",
    ),
    (HEADED, "DropPath(0.1)", "DropPath(0.2)", "DropPath(0.2)(x) is no layer"),
]


@pytest.mark.parametrize(("spec", "old", "new", "message"), MISTAKES)
def test_a_mistake_is_named(spec: str, old: str, new: str, message: str | None) -> None:
    found = fault(spec, old, new)
    assert found == message if message is None or found is None else message in found


@pytest.mark.parametrize(
    "path",
    [ROOT / "tests/code" / f"{name}.arch" for name in ("loops", "ops", "heads", "starts", "wires")],
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
    checker = Checker(text, [*graphs, *[variant.graph for variant in variants]])
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
    checker = Checker(code.replace("nn.Conv2d(w, w, k", "nn.Conv2d(w, w, 3"), graphs)
    assert checker.fault(graphs[0]) is None
    faults = {tuple(v.values): checker.fault(v.graph, v.values) for v in variants}
    assert faults.pop(("w",)) is None
    assert all(fault is not None and "b is nn.Conv2d(8, 8, 3" in fault for fault in faults.values())


def test_what_a_network_takes() -> None:
    code, graphs, _ = compiled(
        "network n(ws=[8, 16], def=1): [3, 8, 8] = chain(conv(w, def) for w in ws)"
    )
    checker = Checker(code, graphs)
    assert checker.takes("n") == {"ws": None, "def_": None}
    assert checker.accepts("n", {"ws": (1, 2, 3), "def": 3})
    assert not checker.accepts("n", {"w": 8})
    assert Checker(code.replace("Sequence[int]", "tuple[int, int]"), graphs).takes("n")["ws"] == 2
    assert not Checker(code.replace("Sequence[int]", "tuple[int, int]"), graphs).accepts(
        "n", {"ws": (1,)}
    )
    assert Checker("import os", graphs).takes("n") == {}


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
        "1000000000 turns",
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
    assert Checker(f"{text}\n{code}", graphs).fault(graphs[0]) is not None


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
