"""What an `extern` declares, from its text to generated code."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.backends.torch.verify import verify
from archdsl.formatting import formatted
from archdsl.source import Source
from tests.helpers.validated import compiled, fault

GATE = 'extern gate(k=3): [c, h, w] -> [c, h, w] = "layers.Gate"(c, k)\n'
FUSE = 'extern fuse: (x: [c, h, w], y: [d, h, w]) -> [c + d, h, w] = "layers.Fuse"(c, d)\n'


def output(text: str, **modules: str) -> tuple[object, ...]:
    """The shape that the network `n` gives."""
    return archdsl.read(text=text, modules=modules)["n"].output


def made(text: str) -> list[str]:
    """The lines of generated code that make a class of `layers`."""
    lines = [line.strip() for line in archdsl.compile(text=text).splitlines()]
    return [line for line in lines if "Gate(" in line or "Fuse(" in line]


@pytest.mark.parametrize(
    ("signature", "entry", "result"),
    [
        ("[c, h, w] -> [2 * c, h, w]", "[4, 6, 7]", (8, 6, 7)),
        ("[c, h, w] -> [c, (h - 1) // 2 + 1, w]", "[4, 6, 7]", (4, 3, 7)),
        ("[c, 2 * h, w] -> [c, h, w]", "[4, 6, 7]", (4, 3, 7)),
        ("[c, ...] -> [c + 1, ...]", "[4, 6, 7, 8]", (5, 6, 7, 8)),
        ("[c, ..., w] -> [c, w, ...]", "[4, 6, 7]", (4, 7, 6)),
        ("[n; d] -> [n, 1; 2 * d]", "[6; 8]", (6, 1, 16)),
        ("[n] < v -> [n; v]", "[6] < 8", (6, 8)),
        ("[c, h, w] -> [c if h > w else 2 * c, max(h, w), 1]", "[4, 6, 7]", (8, 7, 1)),
        ("[c, _, _] -> [c]", "[4, 6, 7]", (4,)),
        ("[4, h, 7] -> [4, h / 2 * 2, [5, 6][h % 2]]", "[4, 6, 7]", (4, 6, 5)),
        ("[c, h, w] -> [divisible(c, 8), h ** 2, -w + 9]", "[13, 6, 7]", (16, 36, 2)),
    ],
)
def test_the_signature_is_the_shape_rule(
    signature: str, entry: str, result: tuple[int, ...]
) -> None:
    text = f'extern e: {signature} = "layers.E"\nnetwork n: {entry} = e: e\n'
    assert output(text) == result
    assert "self.e = E()" in archdsl.compile(text=text)


def test_open_sizes_stay_open() -> None:
    text = 'extern e: [c, h, w] -> [c, (h + 1) // 2, 3 * w] = "layers.E"\n'
    assert [*map(str, output(f"{text}network n: [3, h, w] = e: e"))] == [
        "3",
        "(h + 1) // 2",
        "3 * w",
    ]


def test_what_fits_at_some_sizes_is_a_condition() -> None:
    text = f"{FUSE}network n: [3, h, w] = fuse(identity, maxpool(2) -> upsample(2))\n"
    (found,) = [each for each in archdsl.check(text=text) if each.code.startswith("E")]
    assert (found.code, "h % 2 == 0 and w % 2 == 0" in found.message) == ("E0308", True)
    assert output(text.replace("[3, h, w]", "[3, 2 * h, 2 * w]"))[0] == 6


def test_keywords_that_came_late_are_names_and_labels() -> None:
    text = """
block extern(share, out=4) = share -> conv(out, 3)
network n(share=8): [3, 8, 8] =
    extern: extern(relu, share) -> share: conv(4, 1) -> concat(@extern, @share)
"""
    assert output(text) == (12, 8, 8)
    assert "self.extern = Extern(" in archdsl.compile(text=text)


def test_arguments_are_printed_as_expressions() -> None:
    text = (
        f"{GATE}network n(width=8, k=5): [3, 8, 8] = conv(2 * width, 3) -> a: gate -> b: gate(k)\n"
    )
    assert made(text) == ["self.a = Gate(2 * width, 3)", "self.b = Gate(2 * width, k)"]


def test_every_kind_of_argument() -> None:
    text = """
let base = [1, 2]
extern gate(n, s="a", f=0.5, b=true): [c, ...] -> [c, ...] =
    "layers.Gate"(c, n, s=s, f=f / 2, b=not b, d=[base, 3], e=-c, m=max(n))
network n: [3, 8, 8] = a: gate([4, 5])
"""
    assert made(text) == [
        'self.a = Gate(3, (4, 5), s="a", f=0.5 / 2, b=False, d=((1, 2), 3), e=-3, m=5)'
    ]


def test_a_float_stays_one() -> None:
    text = (
        'extern gate(f): [c] -> [c] = "layers.Gate"(f)\nnetwork n: [3] = a: gate(1.0) -> b: gate(1)'
    )
    assert made(text) == ["self.a = Gate(1.0)", "self.b = Gate(1)"]


def test_defaults_and_imports() -> None:
    text = "from own import gate\ndefault gate(k=7)\nnetwork n: [3, 8, 8] = a: gate -> b: gate(9)\n"
    code = archdsl.compile(text=text, modules={"own": GATE})
    assert "Gate(3, 7)" in code
    assert "Gate(3, 9)" in code


def test_branches_under_a_condition_are_not_lost() -> None:
    text = f"""{FUSE}
network n(wide=true): [4, 8, 8] =
    conv(4, 3) -> (fused: fuse(identity, inner: bn) if wide) -> outer: conv(4, 3)
"""
    code = archdsl.compile(text=text)
    assert "self.inner = nn.BatchNorm2d(4)" in code
    assert "self.fused(x, self.inner(x))" in code


def test_as_an_argument_of_a_block_it_is_written_out() -> None:
    text = f"""{GATE}
block residual2(layer) = add(identity, x: layer)
network n: [4, 8, 8] = a: residual2(gate) -> b: residual2(conv(4, 3)) -> c: residual2(gate(5))
"""
    code = archdsl.compile(text=text)
    assert "self.x = Gate(in_channels, k)" in code
    assert "self.x = nn.Conv2d(in_channels, 4, 3, padding=1)" in code


def test_names_of_ops_attributes_are_names_of_parameters_too() -> None:
    text = """
extern gate(name, window, rule, weights=2): [c, h, w] -> [rule, h, w] =
    "layers.Gate"(name, window, weights)
network n: [3, 8, 8] = a: gate(1, 2, 4)
"""
    assert output(text) == (4, 8, 8)
    assert made(text) == ["self.a = Gate(1, 2, 2)"]


SPEC = f"""{GATE}{FUSE}
network n(k=5): [3, 8, 8] = a: gate -> b: gate(k) -> f: fuse(identity, c: gate(7))
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Gate(3, 3)", "Gate(3, 4)"),
        ("Gate(3, 3)", "Gate(3, k=3)"),
        ("Gate(3, k)", "Gate(3, 5.0)"),
        ("Gate(3, k)", "Gate(3)"),
        ("self.c = Gate(3, 7)", "self.c = self.a"),
        ("self.f(x, self.c(x))", "self.f(self.c(x), x)"),
        ("self.f(x, self.c(x))", "self.f(x, self.b(x))"),
        ("self.a(x)", "x"),
        ("Fuse(3, 3)", "Gate(3, 3)"),
        ("self.b = ", "self.b2 = "),
        ("super().__init__()", "super().__init__()\n        self.d = Gate(3, 3)"),
    ],
)
def test_code_with_another_class_is_refused(old: str, new: str) -> None:
    assert fault(SPEC, old, new) is not None


def test_the_right_code_is_accepted() -> None:
    assert fault(SPEC, "class N", "class N") is None


def test_code_imports_the_classes_of_its_graphs_alone() -> None:
    code, graphs, _ = compiled(SPEC)
    assert not verify(code, graphs)
    for more in ("from layers import Other", "import layers", "from .layers import Gate"):
        assert verify(code.replace("from torch", f"{more}\nfrom torch", 1), graphs)
    assert verify(
        code.replace("from layers import Fuse, Gate", "from os import Gate, Fuse"), graphs
    )


def test_a_class_that_the_defaults_do_not_need_is_imported() -> None:
    text = f"{GATE}network n(deep=false): [3, 8, 8] = conv(4, 3) -> (gate if deep)\n"
    assert "from layers import Gate" in archdsl.compile(text=text)


@pytest.mark.parametrize("last", ["b: other", "(b: other if deep)"])
@pytest.mark.parametrize(
    "other",
    [
        'extern other: [c, h, w] -> [c, h, w] = "more.Gate"(c)',
        'extern other: [c, h, w] -> [c, h, w] = "more.nn"',
    ],
)
def test_two_things_of_one_name_in_python_are_refused(other: str, last: str) -> None:
    text = (
        f"{GATE}{other}\nnetwork n(deep=false): [3, 8, 8] = (relu if deep) -> a: gate -> {last}\n"
    )
    with pytest.raises(archdsl.SpecError, match="E0903"):
        archdsl.compile(text=text)


def test_an_editor_knows_it() -> None:
    text = f"## Reweights channels.\n{GATE}network n: [3, 8, 8] = a: gate(5)\n"
    analysis = archdsl.analyse(text)
    assert not analysis.diagnostics
    kinds = [(each.name, each.kind) for each in analysis.definitions]
    assert kinds[:2] == [("gate", "extern"), ("k", "parameter")]
    assert analysis.definitions[0].doc == "Reweights channels."
    uses = [each for each in analysis.references if each.definition.name == "k"]
    assert len(uses) == 1
    changed = archdsl.analyse(text.replace("-> [c, h", "-> [2 * c, h"), previous=analysis)
    assert changed.networks["n"].output == (6, 8, 8)
    assert changed.code() == archdsl.compile(text=text.replace("-> [c, h", "-> [2 * c, h"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'extern  e(k=3):[c,h,w],[d,h,w]->[c,h,w]="a.B"( c,k ),weights=3',
            'extern e(k=3): [c, h, w], [d, h, w] -> [c, h, w] = "a.B"(c, k), weights=3\n',
        ),
        ('extern e:(x:[c],y:[c])->[c]="a.B"', 'extern e: (x: [c], y: [c]) -> [c] = "a.B"\n'),
        (
            f'extern e: [c] -> [c] = "a.{"B" * 40}"(c, {"k" * 30}=c), weights=c',
            f'extern e: [c] -> [c] =\n    "a.{"B" * 40}"(c, {"k" * 30}=c), weights=c\n',
        ),
        (
            'extern e: [c] -> [c] = "a.B"(c), # why\n  weights=c * 3',
            'extern e: [c] -> [c] =\n    "a.B"(c),  # why\n    weights=c * 3\n',
        ),
    ],
)
def test_it_has_one_form(text: str, wanted: str) -> None:
    found, diagnostics = formatted(Source("e.arch", text))
    assert (found, diagnostics) == (wanted, [])
    assert formatted(Source("e.arch", wanted))[0] == wanted
