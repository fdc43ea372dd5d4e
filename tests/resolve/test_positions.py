"""Arguments by position and calls in PyTorch's order: what is said, and that the help works."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from torch import nn

from archdsl.diagnostics import Diagnostic
from archdsl.driver import check
from archdsl.files import finder
from archdsl.ops import OPS
from archdsl.ops.base import Op
from archdsl.resolve.readings import INFERRED, pytorch_order
from archdsl.source import Source
from tests.helpers.op_examples import read

FOLLOWS = "arguments after the stride need a keyword"
KEYWORDS = "only takes keyword arguments"
INFERS = "infers the channels of its input"
NOTED = "is this call in PyTorch's order?"

HABITS = (
    # The op's own order, with more by position than it takes.
    ("[3, 8, 8]", "conv(64, 3, 2, 1)", "E0216", FOLLOWS, "conv(64, 3, 2, pad=1)"),
    ("[3, 8, 8]", "conv(64, 7, 2, 3)", "E0216", FOLLOWS, "conv(64, 7, 2, pad=3)"),
    ("[3, 99, 99]", "conv(96, 11, 4, 2)", "E0216", FOLLOWS, "conv(96, 11, 4, pad=2)"),
    ("[3, 64, 64]", "conv(768, 16, 16, 0)", "E0216", FOLLOWS, "conv(768, 16, 16, pad=0)"),
    ("[512, 4, 4]", "conv(1, 4, 1, 0)", "E0216", FOLLOWS, "conv(1, 4, 1, pad=0)"),
    (
        "[3, 8, 8]",
        "conv(6, [1, 7], 1, [0, 3], bias=false)",
        "E0216",
        FOLLOWS,
        "conv(6, [1, 7], 1, pad=[0, 3], bias=false)",
    ),
    ("[8, 9, 9]", "conv(64)(3, 2, 1)", "E0216", FOLLOWS, "conv(64)(3, 2, pad=1)"),
    ("[8, 9, 9]", "conv(64, 3, 2)(1)", "E0216", FOLLOWS, "conv(64, 3, 2)(pad=1)"),
    ("[8, 9, 9]", "maxpool(3, 2, 1)", "E0216", FOLLOWS, "maxpool(3, 2, pad=1)"),
    (
        "[8, 9, 9]",
        "avgpool(3, 2, 1, true, false)",
        "E0216",
        FOLLOWS,
        "avgpool(3, 2, pad=1, ceil=true, count_pad=false)",
    ),
    ("[8, 9, 9]", "bn(0.001)", "E0216", KEYWORDS, "bn(eps=0.001)"),
    ("[8, 9, 9]", "layernorm(1e-6)", "E0216", KEYWORDS, "layernorm(eps=1e-6)"),
    ("[8, 9, 9]", "groupnorm(4, 1e-6)", "E0216", "the groups", "groupnorm(4, eps=1e-6)"),
    ("[8]", "linear(10, false)", "E0216", "the out", "linear(10, bias=false)"),
    ("[8, 9, 9]", 'upsample(2, "bilinear")', "E0216", "factor", 'upsample(2, mode="bilinear")'),
    ("[8, 9, 9]", 'drop_path(0.1, "batch")', "E0216", "`p`", 'drop_path(0.1, mode="batch")'),
    ("[8, 9, 9]", "pad(1, 0.5)", "E0216", "the amount", "pad(1, value=0.5)"),
    ("[8, 9, 9]", "lrn(5, 0.1, 0.5)", "E0216", "the size", "lrn(5, alpha=0.1, beta=0.5)"),
    # Numbers for what takes a list of them, and arguments of what has none.
    (
        "[8, 9, 9]",
        "adaptive_avgpool(3, 3)",
        "E0204",
        "too many arguments",
        "adaptive_avgpool([3, 3])",
    ),
    ("[8, 9, 9]", "upsample(2, 3)", "E0216", "factor", "upsample([2, 3])"),
    ("[8, 9, 9]", "pad(1, 1, 1, 1)", "E0204", "too many arguments", "pad([1, 1, 1, 1])"),
    ("[8, 9, 9]", "relu(true)", "E0204", "takes no arguments", "relu"),
    ("[8, 9, 9]", "flatten(1)", "E0204", "takes no arguments", "flatten"),
    # PyTorch's order.
    ("[3, 99, 99]", "conv(3, 64, 7, 2, 3)", "E0217", INFERS, "conv(64, 7, 2, pad=3)"),
    ("[3, 99, 99]", "conv(3, 64, 3, 2)", "E0217", INFERS, "conv(64, 3, 2)"),
    ("[3, 99, 99]", "conv(3, 6, 5, 1)", "E0217", INFERS, "conv(6, 5, 1)"),
    ("[3, 99, 99]", "conv(3, 64, 4, 2)", "E0217", INFERS, "conv(64, 4, 2, pad=0)"),
    ("[64, 8, 8]", "conv(64, 64, 1, 1)", "E0217", INFERS, "conv(64, 1, 1)"),
    ("[16, 8, 8]", "conv(16, 8, 3, 1)", "E0217", INFERS, "conv(8, 3, 1)"),
    ("[3, 64, 64]", "conv(3, 768, 16, 16)", "E0217", INFERS, "conv(768, 16, 16, pad=0)"),
    (
        "[3, 9, 9]",
        "conv(3, 64, 3, 1, 1, bias=false)",
        "E0217",
        INFERS,
        "conv(64, 3, 1, pad=1, bias=false)",
    ),
    # A keyword of PyTorch's, and one for what has an argument already, tell its order.
    ("[3, 9, 9]", "conv(3, 64, 7, padding=3)", "E0217", INFERS, "conv(64, 7, pad=3)"),
    (
        "[3, 9, 9]",
        "conv(3, 64, kernel_size=3, padding=1)",
        "E0217",
        INFERS,
        "conv(64, kernel=3, pad=1)",
    ),
    ("[3, 9, 9]", "conv(3, 64, kernel=3, padding=1)", "E0217", INFERS, "conv(64, kernel=3, pad=1)"),
    (
        "[3, 9, 9]",
        "conv(3, 64, 7, strides=2, padding=3)",
        "E0217",
        INFERS,
        "conv(64, 7, stride=2, pad=3)",
    ),
    ("[3, 9, 9]", "conv(3, out=64, kernel=3)", "E0217", INFERS, "conv(out=64, kernel=3)"),
    ("[16]", "linear(16, out_features=10)", "E0217", INFERS, "linear(out=10)"),
    (
        "[64, 8, 8]",
        "conv_transpose(64, 32, kernel_size=2, stride=2)",
        "E0217",
        INFERS,
        "conv_transpose(32, kernel=2, stride=2)",
    ),
    ("[64, 8, 8]", "bn(64, epsilon=0.001)", "E0217", INFERS, "bn(eps=0.001)"),
    ("[3, 9, 9]", "conv(in_channels, 64, 3)", "E0217", INFERS, "conv(64, 3)"),
    ("[3, 9, 9]", "conv(3, 64, kernel=3, pad=1)", "E0217", INFERS, "conv(64, kernel=3, pad=1)"),
    ("[64, 8, 8]", "conv_transpose(64, 32, 2, 2)", "E0217", INFERS, "conv_transpose(32, 2, 2)"),
    (
        "[64, 8, 8]",
        "conv_transpose(64, 32, 2, stride=2)",
        "E0217",
        INFERS,
        "conv_transpose(32, 2, stride=2)",
    ),
    ("[16]", "linear(16, 10)", "E0217", INFERS, "linear(10)"),
    ("[16]", "linear(16, 10, bias=false)", "E0217", INFERS, "linear(10, bias=false)"),
    ("[64, 8, 8]", "bn(64)", "E0217", INFERS, "bn"),
    ("[64, 8, 8]", "bn(64, 0.001)", "E0217", INFERS, "bn(eps=0.001)"),
    ("[64, 8, 8]", "bn(64, momentum=0.01)", "E0217", INFERS, "bn(momentum=0.01)"),
    ("[64, 8, 8]", "layernorm(64)", "E0217", INFERS, "layernorm"),
    ("[64, 8, 8]", "layernorm([64, 8, 8])", "E0217", INFERS, "layernorm"),
    ("[64, 8, 8]", "groupnorm(32, 64)", "E0217", INFERS, "groupnorm(32)"),
    ("[64, 8, 8]", "groupnorm(32)(64)", "E0217", INFERS, "groupnorm(32)"),
    # Only the channels that come in tell these from our own order.
    ("[64, 8, 8]", "conv(64, 128, 3)", "E0217", INFERS, "conv(128, 3)"),
    ("[1, 28, 28]", "conv(1, 6, 5)", "E0217", INFERS, "conv(6, 5)"),
    ("[64, 8, 8]", "conv(64, 192, [1, 7])", "E0217", INFERS, "conv(192, [1, 7])"),
    ("[3, 64, 64]", "conv(3, 65, 3)", "N0201", NOTED, "conv(65, 3)"),
    ("[64, 13, 13]", "conv(64, 255, 1)", "N0201", NOTED, "conv(255, 1)"),
    ("[64, 8, 8]", "conv_transpose(64, 32, 2)", "N0201", NOTED, "conv_transpose(32, 2)"),
)

HONEST = (
    "[64, 8, 8] = conv(64, 7, 2)",
    "[64, 8, 8] = conv(64, 15, 1)",
    "[64, 8, 8] = conv(64, 31, 1, groups=64)",
    "[64, 8, 8] = conv(64, kernel=255, stride=1)",
    "[64, 8, 8] = conv(64, 1, 1)",
    "[8, 9, 9] = conv(8, 8, 8, pad=0)",
    "[21, 8, 8] = conv_transpose(21, 64, 32)",
    "[64, 8, 8] = conv_transpose(64, 4, 2)",
    "[64, 8, 8] = conv(64)(3, 2) -> conv(kernel=3)(64, 2)",
    "[64, 8, 8] = groupnorm(64) -> leaky_relu(0.1) -> elu(0.5) -> scale(2) -> dropout(0.1)",
    "[64, 8, 8] = slice(0, 8) -> lrn(5) -> pad(1) -> channel_shuffle(2)",
)

NAMED = (
    # By their names these are plainly in PyTorch's order.
    ("(out, kernel): [c, _, _]", "conv(c, out, kernel)", "conv(out, kernel)"),
    ("(out): [c, _, _]", "conv(c, out, 3)", "conv(out, 3)"),
    ("(out, stride): [c, _, _]", "conv(c, out, 3, stride)", "conv(out, 3, stride)"),
    (
        "(planes, stride): [c, _, _]",
        "conv(c, planes, 3, stride, 1)",
        "conv(planes, 3, stride, pad=1)",
    ),
    ("(planes): [c, _, _]", "conv(planes, planes, 3, pad=1)", "conv(planes, 3, pad=1)"),
    ("(k): [c, _, _]", "conv(c // 2, c // 2, k)", "conv(c // 2, k)"),
    ("(out_channels): [c, _, _]", "conv(c, out_channels, 3)", "conv(out_channels, 3)"),
    ("(classes): [c]", "linear(c, classes)", "linear(classes)"),
    (": [c, _, _]", "bn(c)", "bn"),
    (": [c, _, _]", "groupnorm(4, c)", "groupnorm(4)"),
    ("(norm=bn): [c, _, _]", "norm(c)", "norm"),
    ("(norm=groupnorm(4)): [c, _, _]", "norm(c)", "norm"),
)

HONEST_BLOCKS = (
    "(out, kernel, stride, pad): [c, _, _] = conv(out, kernel, stride, pad, bias=false)",
    "(out, stride): [c, _, _] = conv(out, stride, stride)",
    "(eps): [c, _, _] = conv(8, 3) -> bn(eps)",
    "(out, kernel, stride): [c, _, _] = conv(out, kernel, stride)",
)


def said(text: str) -> list[Diagnostic]:
    _, diagnostics = check(Source("habit.arch", text), finder(Path()))
    return diagnostics


def written(help: str) -> str:
    """The call that a help says to write."""
    found = re.match(r"write `([^`]*)`", help)
    assert found is not None, help
    return found[1]


@pytest.mark.parametrize(("shape", "call", "code", "part", "right"), HABITS, ids=lambda v: str(v))
def test_a_habit_is_met_and_the_help_works(
    shape: str, call: str, code: str, part: str, right: str
) -> None:
    text = f"network n: {shape} = {call}"
    (found,) = said(text)
    assert (found.code, written(found.help)) == (code, right)
    assert part in found.message
    assert said(text.replace(call, right)) == []


@pytest.mark.parametrize(("head", "call", "right"), NAMED)
def test_names_tell_the_order(head: str, call: str, right: str) -> None:
    text = f"block b{head} = {call}"
    if not head.startswith("(norm"):
        (found,) = said(text)
        assert (found.code, written(found.help)) == ("E0217", right)
        assert said(text.replace(call, right)) == []
        return
    # Which op it is shows where the block is applied.
    network = f"{text}\nnetwork n: [8, 4, 4] = b"
    (found,) = said(network)
    assert (found.code, written(found.help)) == ("E0217", right)
    assert said(network.replace(call, right)) == []


@pytest.mark.parametrize("network", HONEST)
def test_nothing_is_said_of_honest_networks(network: str) -> None:
    assert said(f"network n: {network}") == []


@pytest.mark.parametrize("block", HONEST_BLOCKS)
def test_nothing_is_said_of_honest_blocks(block: str) -> None:
    arguments = ", ".join(["8", "3", "2", "1"][: block.partition(")")[0].count(",") + 1])
    assert said(f"block b{block}\nnetwork n: [8, 9, 9] = b({arguments})") == []


def test_a_block_that_is_given_large_numbers_is_not_accused() -> None:
    block = "block b(out, kernel, stride): [c, _, _] = conv(out, kernel, stride)"
    assert said(f"{block}\nnetwork n: [64, 8, 8] = b(64, 129, 3)") == []


def test_a_tie_shows_both_orders_and_both_work() -> None:
    (found,) = said("network n: [64, 32, 32] = conv(64, 16, 8, 4)")
    calls = re.findall(r"`([^`]*)`", found.help)
    assert calls == ["conv(64, 16, 8, pad=4)", "conv(16, 8, 4, pad=0)"]
    assert [said(f"network n: [64, 32, 32] = {call}") for call in calls] == [[], []]


@pytest.mark.parametrize(
    ("call", "code", "right"),
    [
        ("conv(64, k, 1, k // 2)", "E0216", "conv(64, k, 1, pad=k // 2)"),
        ("conv(dim, k, 1, p)", "E0216", "conv(dim, k, 1, pad=p)"),
        ("conv(dim, 3, 1, 1)", "E0216", "conv(dim, 3, 1, pad=1)"),
        ("conv(dim, dim, k, 1, p)", "E0217", "conv(dim, k, 1, pad=p)"),
        ("conv(dim, 2 * dim, 3, 2, 1)", "E0217", "conv(2 * dim, 3, 2, pad=1)"),
        ("conv(dim, 64, 1, 1)", "E0217", "conv(64, 1, 1)"),
        ("(conv if dim > 1 else bn)(8, 64, 7, 2)", "E0217", "(conv if dim > 1 else bn)(64, 7, 2)"),
    ],
)
def test_names_and_expressions_are_weighed(call: str, code: str, right: str) -> None:
    text = f"network n(k=3, p=1, dim=8): [8, 9, 9] = conv(dim, k, pad=p) -> {call}"
    (found,) = said(text)
    assert (found.code, written(found.help)) == (code, right)
    assert said(text.replace(call, right)) == []


def test_a_chain_in_pytorch_order_is_told_in_one_run() -> None:
    calls = ["conv(3, 64, 7, 2, 3)", "bn(64)", "conv(64, 128, 3)", "flatten", "linear(16, 10)"]
    found = said(f"network n: [3, 32, 32] = {' -> '.join(calls)}")
    assert [each.code for each in found] == ["E0217"] * 4


def test_what_pytorch_pads_by_default_is_shown_beside() -> None:
    (found,) = said("network n: [3, 32, 32] = conv(3, 64, 3, 2)")
    assert "or `conv(64, 3, 2, pad=0)` as PyTorch has it by default" in found.help


@pytest.mark.parametrize(
    ("call", "help"),
    [
        ("conv(64)", "write `default conv(out=64)`"),
        ("conv(3, 64, 3)", "write `default conv(out=64, kernel=3)`"),
        ("bn(0.001)", "write `default bn(eps=0.001)`"),
        ("bn(64)", "delete it: `bn` infers the channels of its input"),
    ],
)
def test_defaults_say_which_keyword(call: str, help: str) -> None:
    (found,) = said(f"default {call}\nnetwork n: [3, 8, 8] = conv(8, 3)")
    assert found.code == "E0215"
    assert found.help.startswith(help)
    if help.startswith("write"):
        assert said(f"{written(found.help)}\nnetwork n: [3, 8, 8] = conv(8, kernel=3)") == []


@pytest.mark.parametrize(
    ("call", "code", "right"),
    [
        ("normal(0, 0.01)", "E0217", "normal(0.01)"),
        ("uniform(-0.1, 0.1)", "E0217", "uniform(0.1)"),
        ("trunc_normal(0, 0.02)", "E0217", "trunc_normal(0.02)"),
        ("trunc_normal(0.0, 0.02, -2, 2)", "E0217", "trunc_normal(0.02)"),
        ("trunc_normal(0.02, 2)", "E0216", "trunc_normal(0.02, limit=2)"),
    ],
)
def test_initialisations_are_around_0(call: str, code: str, right: str) -> None:
    text = f"network n: [3, 8, 8] = conv(8, 3, init={call})"
    (found,) = said(text)
    assert (found.code, written(found.help)) == (code, right)
    assert said(text.replace(call, right)) == []


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.pytorch], ids=lambda op: op.name)
def test_the_order_of_pytorch_is_that_of_pytorch(op: type[Op]) -> None:
    # The last of PyTorch's own: an op may have a class of its own for some arguments.
    forms = [read(example).form.module for example in op.examples]
    form = [each for each in forms if each is not None and each.callee.startswith("nn.")][-1]
    kind = getattr(nn, form.callee.removeprefix("nn."))
    # Recurrent layers take what the class below them takes, which is told their kind first.
    is_recurrent = issubclass(kind, nn.RNNBase)
    names = [*inspect.signature(nn.RNNBase if is_recurrent else kind).parameters][is_recurrent:]
    assert [*op.pytorch] == names[: len(op.pytorch)]
    order = pytorch_order(op)
    assert order.count(INFERRED) == 1
    assert {*order} - {INFERRED} <= {*op.parameters()}


@pytest.mark.parametrize("op", OPS.values(), ids=list(OPS))
def test_every_op_says_how_many_it_takes(op: type[Op]) -> None:
    required = [name for name in op.parameters() if name not in op.defaults()]
    assert [*op.parameters()][: len(required)] == required
    if op.parameters() and op.arity == 1:
        assert any("positional" in vars(each) for each in op.__mro__ if each is not Op)
        assert len(required) <= op.positional <= len(op.parameters())
    assert all(op.abouts().values())
