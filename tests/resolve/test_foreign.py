"""What the field calls things: every answer of `foreign.toml` holds what there is, and works."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from archdsl.diagnostics import has_errors
from archdsl.driver import check
from archdsl.files import finder
from archdsl.ops import OPS
from archdsl.ops.initializers import SCHEMES
from archdsl.resolve.foreign import instead_of, parameter_instead, plain, table
from archdsl.resolve.words import BUILTINS
from archdsl.source import Source
from tests.helpers.paths import SPECS

QUOTED = re.compile(r"`([^`]*)`")
FORMS = [
    # An answer is a layer, an argument, a number, a wire or a declaration.
    "network n2: [32, 32, 32] = label: relu -> {}",
    "network n2: [32, 32, 32] = label: relu -> flatten -> {}",
    "network n2: [32, 32, 32] = label: relu -> add({}, identity)",
    "network n2: [197; 64] = label: layernorm -> {}",
    "network n2: [32, 32, 32] = {} -> label: relu -> relu",
    "network n2: [32, 32, 32] = conv(8, 3, init={})",
    "network n2: [32, 32, 32] = conv(floor({}), 3)",
    "network n2: [32, 32, 32] = relu if {} else bn",
    "network n2: [20] < 100 = {}",
    "network n2: [20; 8] = {}",
    "network n2: {} = embedding(8)",
    "network n2: [32, 32, 32] = dropout({}0.1)",
    "network n2: [32, 32, 32] = conv(8, 3, {})",
    "network n2: [32, 32, 32] = upsample(2, {})",
    "network n2: [32, 32, 32] = conv(8, 3, init=kaiming_normal({}))",
    "{}",
]
SENTENCES = {"[c, h, w]", "[n; d]", "align_corners=False"}
ANSWERS = sorted(
    {*table()["names"].values(), *table()["needless"].values(), *table()["words"].values()}
)
CODE = sorted({code for each in ANSWERS for code in QUOTED.findall(each)} - {"{name}", *SENTENCES})


def is_accepted(code: str) -> bool:
    """Whether a piece of code is right somewhere."""
    code = code.replace("…", "relu")
    declared = "let a = relu let b = bn let c = 4 let n = 3 "
    for form in FORMS:
        text = declared + form.format(code)
        _, found = check(Source("test.arch", text), finder(SPECS))
        if not has_errors(found):
            return True
    return False


@pytest.mark.parametrize("code", CODE)
def test_what_an_answer_shows_is_accepted(code: str) -> None:
    assert is_accepted(code)


def test_no_name_stands_twice() -> None:
    text = files("archdsl.resolve").joinpath("foreign.toml").read_text(encoding="utf-8")
    for rows in tomllib.loads(text).values():
        names = [plain(name) for names in rows for name in names.split()]
        assert sorted({name for name in names if names.count(name) > 1}) == []


def test_no_name_is_known() -> None:
    known = {plain(name) for name in (*OPS, *BUILTINS, "identity")}
    assert sorted(table()["names"].keys() & known) == []


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("Conv2D", "write `conv(64, 3)`; the input channels are inferred"),
        ("LeakyReLU", "write `leaky_relu`"),
        ("Flatten", "write `flatten`"),
        ("MultiHeadAttention", 'write `rearrange("c h w -> (h w); c")'),
        ("Softplus", "archdsl has no `Softplus`; it has "),
        ("AlphaDropout", "archdsl has no `AlphaDropout`; `dropout(0.5)` drops single values"),
        ("rellu", "did you mean `relu`?"),
        ("zebra", ""),
    ],
)
def test_a_name_has_its_answer(name: str, help: str) -> None:
    answer = instead_of(name, [*OPS, *BUILTINS, "identity"])
    assert answer.startswith(help)
    assert answer or not help


@pytest.mark.parametrize("op", OPS)
def test_a_parameter_is_only_called_what_its_op_has(op: str) -> None:
    parameters = [*OPS[op].parameters()]
    for keyword in table()["parameters"]:
        for name in re.findall(r"write `(\w+)=`", parameter_instead(keyword, parameters)):
            assert name in parameters


def test_every_parameter_in_the_table_is_one() -> None:
    known = {name for op in OPS.values() for name in op.parameters()} | {
        "classes",
        "n",
        "depths",
        "act",
        "norm",
    }
    known |= {name for scheme in SCHEMES.values() for name in scheme.parameters}
    named = {name for names in table()["parameters"].values() for name in names.split()}
    assert sorted(named - known) == []
