"""The edges of the PyTorch backend: what it refuses, what it notes, and how it checks itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from archdsl.backends.torch import generate
from archdsl.backends.torch.verify import verify
from archdsl.diagnostics import Diagnostic
from archdsl.driver import compile, load_program, read
from archdsl.files import finder
from archdsl.generalize import with_variants
from archdsl.runtime import instantiate
from archdsl.source import Source
from archdsl.testing import Spec, agree


def compiled(text: str) -> tuple[str, list[Diagnostic]]:
    return compile(Source("spec.arch", text), finder(Path()))


def codes(diagnostics: list[Diagnostic]) -> list[str]:
    return [found.code for found in diagnostics]


def test_names_that_meet_in_python_are_an_error() -> None:
    text = "block a_b = relu -> bn\nblock aB = relu -> bn\nnetwork n: [3, 8, 8] = x: a_b -> y: aB\n"
    code, diagnostics = compiled(text)
    assert (code, codes(diagnostics)) == ("", ["E0903"])
    assert "`aB` and `a_b` are both `AB` in Python" in diagnostics[0].message


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        (
            "block b(class, class_=8) = conv(class, 1) -> conv(class_, 1)",
            "`class` and `class_` of `b`",
        ),
        (
            "block b(class_): [_, class, _] = conv(class_, 1) -> conv(class, 1)",
            "`class_` and `class` of `b`",
        ),
        ("block b(B) = conv(B, 1) -> relu", "`b` and `B` of `b`"),
        ("block b(__w, w_=8) = conv(__w, 1) -> conv(w_, 1)", "`__w` and `w_` of `b`"),
    ],
)
def test_names_of_one_block_that_meet_in_python_are_an_error(declaration, message) -> None:
    code, diagnostics = compiled(f"{declaration}\nnetwork n: [3, 8, 8] = b(4) -> relu\n")
    assert (code, codes(diagnostics)) == ("", ["E0903"])
    assert message in diagnostics[0].message


@pytest.mark.parametrize(
    "name", ["f", "final", "tensor", "sequence", "callable", "None", "_1", "torch"]
)
def test_a_network_may_have_any_name(name: str) -> None:
    text = f"network {name}: [3, 8, 8] = conv: conv(4, 3)"
    assert agree(Spec(text))[name]


def test_a_network_keeps_its_name_before_a_block() -> None:
    agree(
        Spec("""
        block heads_outputs(w) = conv: conv(w, 3) -> bn: bn
        network heads: [3, 8, 8] =
            s: heads_outputs(3) -> t: heads_outputs(4)
            -> aux("aux-1": (flatten -> fc: linear(3))) -> aux("0": (flatten -> fc: linear(3)))
            -> flatten -> fc: linear(4)
    """)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'network n: [3] = aux("a-1": linear(3)) -> aux(a_1: linear(3)) -> relu',
            "the outputs `a-1` and `a_1` have the same name in Python",
        ),
        (
            "network layer_norm2d: [3, 8, 8] = conv(4, 3) -> layernorm",
            "`layer_norm2d` is `LayerNorm2d` in Python, like the class of an op",
        ),
    ],
)
def test_other_names_that_meet_in_python(text: str, message: str) -> None:
    code, diagnostics = compiled(text)
    assert (code, codes(diagnostics)) == ("", ["E0903"])
    assert diagnostics[0].message == message


def test_names_with_two_underscores_are_not_mangled() -> None:
    text = """
        block b(__w, __=1) = conv(__w, 3) -> repeat(2, conv(__, 1))
        network n(__q=8): [3, 8, 8] = b(__q) -> b(4, __=5) -> chain(relu for __i in range(2))
    """
    code, diagnostics = compiled(text)
    assert not diagnostics
    assert instantiate(code, "n")[1][2].out_channels == 5


def test_what_a_file_calls_is_hidden_by_no_name() -> None:
    text = """
        block b(width, float=1, list=2) = conv(width, 3) -> conv(list, 1) -> dropout(0.1 * float)
        network n(_init_weights=4): [3, 8, 8] = b(_init_weights) -> conv(4, 1, init=kaiming_normal)
        network _init_weights(w=9): [3, 8, 8] = b(divisible(w, 8))
    """
    code, diagnostics = compiled(text)
    assert not diagnostics
    assert instantiate(code, "n")[1].out_channels == 4
    assert instantiate(code, "_init_weights")[0].out_channels == 16


def test_what_a_docstring_mentions_is_not_imported() -> None:
    code, _ = compiled("## torch.hub, F.relu, Sequence[int]\nnetwork n: [3] = linear(4) -> relu\n")
    assert code.partition("class")[0].count("import") == 1


def test_blocks_of_two_files_may_have_one_name() -> None:
    text = """
        block projection(out, stride): [c, _, _] = conv: conv(out, 1, stride)
        network n: [64, 8, 8] = a: basic(64) -> b: basic(32, shortcut=projection)
    """
    code, diagnostics = compiled(text)
    assert not diagnostics
    assert "def projection(" in code
    assert "class SpecProjection(" in code


def test_a_network_inside_another_brings_its_heads_along() -> None:
    """As a tensor in evaluation, and beside its heads in training."""
    spec = Spec("""
        network inner(classes=4): [3, 8, 8] -> [classes] =
            conv: conv(4, 3) -> aux(aux1: (flatten -> fc: linear(classes)))
            -> flatten -> fc: linear(classes)
        network outer: [4, 8, 8] = stem: conv(3, 1) -> inner: inner(5) -> fc: linear(2)
    """)
    agree(spec)
    code, _ = compiled(spec.text)
    x = torch.randn(1, 4, 8, 8)
    outer = instantiate(code, "outer")
    assert outer.train()(x).aux1.shape == (1, 5)
    assert outer.eval()(x).shape == (1, 2)


def test_a_parameter_that_decides_the_structure_is_fixed_and_noted() -> None:
    text = "network n(count=3, w=4): [3, 8, 8] = concat(conv(w, 3) for i in range(count))\n"
    code, diagnostics = compiled(text)
    assert codes(diagnostics) == ["N0901"]
    assert "no parameter `count`" in diagnostics[0].message
    assert "def __init__(self, w: int = 4)" in code


def test_what_cannot_be_written_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from archdsl.backends import torch as backend

    def fail(*arguments: object) -> None:
        raise backend.Unprintable("width")

    graphs, _ = read(Source("spec.arch", "network n: [3, 8, 8] = relu"), finder(Path()))
    monkeypatch.setattr(backend, "write_classes", fail)
    code, diagnostics = generate([*graphs.values()], "", "spec.arch")
    assert (code.text, codes(diagnostics)) == ("", ["E0904"])


@pytest.mark.parametrize(
    "text",
    [
        "import os\n",
        "from subprocess import run\n",
        "x = open('file')\n",
        "x = __import__('os')\n",
        "x = (1).__class__\n",
        "def f(:\n",
        "global x\n",
        "try:\n    x = 1\nexcept ValueError:\n    x = 2\n",
    ],
)
def test_code_of_another_form_is_not_written(text: str) -> None:
    graphs, _ = read(Source("spec.arch", "network n: [3, 8, 8] = relu"), finder(Path()))
    assert set(codes(verify(text, [*graphs.values()]))) == {"E0901"}


def test_every_parameter_has_a_variant() -> None:
    text = """
        network n(a=2, b=true, c=0.5, d=[4, 8], e="nearest"): [3, 8, 8] =
            conv(a, 3, bias=b) -> dropout(c) -> conv(d[0], 3) -> upsample(d[1], mode=e)
    """
    program, _ = load_program(Source("spec.arch", text), finder(Path()))
    _, variants, diagnostics = with_variants(program)
    assert not diagnostics
    assert [dict(each.values) for each in variants] == [
        {"a": 4},
        {"b": False},
        {"c": 0.75},
        {"d": (8, 16)},
        {"e": "bilinear"},
    ]


OTHER_CLASS = """
    block choice(k) =
        add(conv(8, k), (conv(8, 1) if k == 1 else (depthwise(3) -> conv(8, 1))))
    network n(k=3): [3, 8, 8] = x: choice(k) -> y: choice(1)
"""
BRANCHES = """
    block m(ks) = add(conv(8, k) for k in ks)
    network n(ks=[1, 3]): [3, 8, 8] = a: m(ks) -> b: m(ks)
"""
NUMBERS = """
    block s(ds) = chain(conv(d, 3) for d in ds)
    network n(ws=[8, 16], lo=4): [3, 8, 8] = s([2 * w for w in ws if w > lo]) -> conv(2, 1)
"""
IN_TURN = """
    network n(ws=[8, 16], deep=true): [3, 8, 8] =
        chain(conv(w, 3) for w in ws)
        -> ((conv(4, 1) -> (conv(4, 3) if deep else concat(conv(2, 1), conv(2, 3)))) if len(ws) > 2)
"""
WORDS = """
    network n(ws=["a"]): [3, 8, 8] =
        chain(conv(4, 3) if w == "a" else relu for w in ws) -> conv(2, 1)
"""


@pytest.mark.parametrize(
    ("network", "notes"),
    [
        (OTHER_CLASS, ["the code of `n` has no parameter `k`: it decides the structure"]),
        (BRANCHES, ["the code of `n` only takes lists of 2 items for `ks`"]),
        (
            NUMBERS,
            [
                "the code of `n` has no parameter `lo`: it decides the structure",
                "the code of `n` has no parameter `ws`: it decides the structure",
            ],
        ),
        (IN_TURN, ["the code of `n` has no parameter `deep`: it decides the structure"]),
        (WORDS, []),
    ],
    ids=["other class", "branches", "numbers", "in turn", "words"],
)
def test_what_code_cannot_follow_is_noted(network: str, notes: list[str]) -> None:
    code, diagnostics = compiled(network)
    assert [each.message for each in diagnostics] == notes
    assert code


@pytest.mark.parametrize(
    "text", ["'", '"', '"""', "\\", "{{7*7}}", "{% raw %}", "\\N{BULLET}", "é"]
)
def test_documentation_is_text_and_nothing_else(text: str) -> None:
    spec = f"## {text}\n\n## {text}\nnetwork n: [3, 8, 8] = conv(8, 3)\n"
    code, diagnostics = compiled(spec)
    assert not diagnostics
    namespace: dict[str, object] = {}
    exec(code, namespace)
    assert namespace["__doc__"] is not None
    assert str(namespace["__doc__"]).strip() == text
    assert str(namespace["N"].__doc__).startswith(text)


def test_functions_have_names_that_no_variable_has() -> None:
    text = (
        "block fit(out): [c, _, _] -> [out, _, _] = (conv(out, 1) -> relu) if c != out\n"
        "block unit(fit, make_fit) = x: conv(fit, 3) -> y: conv(make_fit, 3)\n"
        "network n: [3, 8, 8] = a: unit(4, 8) -> b: unit(2, 4) -> c: fit(4) -> d: fit(8) -> bn\n"
    )
    code, diagnostics = compiled(text)
    assert codes(diagnostics) == []
    assert "def make_fit2(in_channels: int, out: int) -> nn.Module:" in code
    agree(Spec(text))


def test_a_block_that_is_the_identity_is_no_empty_sequential() -> None:
    text = (
        "block fit(out): [c, _, _] -> [out, _, _] = conv(out, 1) if c != out\n"
        "network n: [3, 8, 8] = a: conv(4, 1) -> b: fit(4) -> bn\n"
    )
    code, _ = compiled(text)
    assert "def fit() -> nn.Module:\n    return nn.Identity()\n" in code
    agree(Spec(text))


EXCHANGED = """\
default conv(init=kaiming_normal("out"))
block body(w, norm=bn, act=relu, shortcut=projection(norm=norm), last=norm) =
    add(conv(w, 3) -> norm -> act -> conv(w, 3) -> last, shortcut(w)) -> act
block net(unit, norm=bn, act=relu) = conv(8, 3) -> norm -> unit(16, norm=norm, act=act)
network plain: [3, 8, 8] = net(body)
"""


@pytest.mark.parametrize(
    ("network", "classes"),
    [
        ("net(body, norm=groupnorm(4), act=silu)", 3),
        ("net(body, norm=groupnorm(4), act=prelu)", 3),
        ("net(body(last=groupnorm(2)), norm=groupnorm(4))", 4),
        ("net(body(shortcut=projection), norm=groupnorm(4))", 3),
        ("net(body(shortcut=projection(norm=instancenorm)), act=gelu)", 4),
        # The weights of both are initialised, whatever the classes are divided by.
        ("net(body(last=bn(gain_init=0)))", 4),
    ],
)
def test_defaults_that_read_other_parameters(network: str, classes: int) -> None:
    code, diagnostics = compiled(f"{EXCHANGED}network other: [3, 8, 8] = {network}\n")
    assert (codes(diagnostics), code.count("\nclass ")) == ([], classes)
