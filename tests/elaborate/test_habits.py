"""What people write out of habit: the message, the help, and a text that follows it."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from archdsl.diagnostics import Diagnostic, Severity
from archdsl.driver import check
from archdsl.files import finder
from archdsl.source import Source
from tests.helpers.paths import SPECS

WRITTEN = re.compile(r"(?<!conditions )(?:write|or|name the input:) `([^`]*)`")
N = "network n: [4, 8, 8] = "
M = " network m: [4, 8, 8] = "
ITSELF = "inside `network lstm`, `lstm` is the network itself;"
ENDLESS = "end the recursion with `if`"

# What is written; the code, and a part of the message; the help; what is right instead.
HABITS = [
    # Between layers
    (N + "conv(8, 3) | relu", "E0102", "`|` is not an operator",
     "write `->` between layers, `or` between conditions; `concat(a, b)` joins channels",
     N + "conv(8, 3) -> relu -> (bn if true or false)"),
    (N + "first: relu -> add(relu, first)", "E0201", "unknown name `first`",
     "write `@first` for the result of the layer with that label",
     N + "first: relu -> add(relu, @first)"),
    ("network n: (a: [4, 8, 8], b: [4, 8, 8]) = add(a, @b)", "E0201", "unknown name `a`",
     "write `@a` for the result of the layer with that label",
     "network n: (a: [4, 8, 8], b: [4, 8, 8]) = add(@a, @b)"),
    (N + "conv(8, 3) >> relu", "E0102", "`>>` is not an operator", "layers are joined by `->`",
     N + "conv(8, 3) -> relu"),
    (N + "conv(8, 3) --> relu", "E0102", "`-->` is not an operator", "layers are joined by `->`",
     N + "conv(8, 3) -> relu"),
    (N + "conv[8, 3]", "E0101", "found `,`", "arguments stand in parentheses: `conv(…)`",
     N + "conv(8, 3)"),
    (N + "identity()", "E0206", "this takes no arguments", "write `identity`", N + "identity"),
    ("block b(n) = repeat(n, relu) " + N + "b(bn)", "E0502", "a number is expected", "",
     "block b(n) = repeat(n, relu) " + N + "b(2)"),
    (N + "stem relu -> bn", "E0101", "found `relu`",
     "write `->` between layers, `,` between arguments, `:` after a label", N + "stem: relu -> bn"),
    (N + "(relu -> bn) * 3", "E0502", "a number is expected",
     "write `repeat(3, relu -> bn)`", N + "repeat(3, relu -> bn)"),
    (N + "3 * relu", "E0502", "a number is expected",
     "write `repeat(3, relu)`", N + "repeat(3, relu)"),
    ("block b(a) = a ** 2 " + N + "b(relu)", "E0502", "a number is expected",
     "write `repeat(2, a)`", "block b(a) = repeat(2, a) " + N + "b(relu)"),
    (N + "relu + bn", "E0502", "a number is expected",
     "`add(a, b)` and `mul(a, b)` compute with what layers give",
     "let a = relu let b = bn " + N + "add(a, b) -> mul(a, b)"),
    (N + "conv(8, 3).relu()", "E0201", "unknown name `.relu`",
     "write `conv(8, 3) -> relu`", N + "conv(8, 3) -> relu"),
    (N + "relu.maxpool(2)", "E0201", "unknown name `.maxpool`",
     "write `relu -> maxpool(2)`", N + "relu -> maxpool(2)"),
    (N + "relu.relu", "E0201", "unknown name `.relu`",
     "write `relu -> relu`", N + "relu -> relu"),
    (N + "conv(8, 3).view(8)", "E0201", "unknown name `.view`",
     'write `flatten` for features of an image, or `rearrange("(c h w) -> c h w", h=4, w=4)`',
     N + 'conv(8, 3) -> flatten -> linear(16) -> rearrange("(c h w) -> c h w", h=4, w=4)'),
    (N + "first: relu -> first.bn", "E0201", "unknown name `first.bn`",
     "write `@first -> bn`", N + "first: relu -> add(relu, @first -> bn)"),
    # Sizes
    ("block dw(k=3) = conv(c, k, groups=4) " + N + "dw", "E0201", "unknown name `c`",
     "name the input: `block dw(k=3): [c, h, w] = …`",
     "block dw(k=3): [c, h, w] = conv(c, k, groups=4) " + N + "dw"),
    ("block dw = conv(channels, 3) " + N + "dw", "E0201", "unknown name `channels`",
     "name the input: `block dw: [channels, h, w] = …`",
     "block dw: [channels, h, w] = conv(channels, 3) " + N + "dw"),
    ("block dw: [_, h, w] = conv(c, 3) " + N + "dw", "E0201", "unknown name `c`",
     "name the size in the signature: `[c, h, w]`",
     "block dw: [c, h, w] = conv(c, 3) " + N + "dw"),
    (N + "conv(c, 3)", "E0201", "unknown name `c`", "the signature calls this size `4`",
     N + "conv(4, 3)"),
    ("let dw(k) = conv(c, k) " + N + "dw(3)", "E0201", "unknown name `c`",
     "only a block knows the sizes of its input: `block dw: [c, h, w] = …`",
     "block dw: [c, h, w] = conv(c, 3) " + N + "dw"),
    (N + "conv(8, 3, 8) -> [8] -> linear(2)", "E0304", "shape mismatch at this station",
     "write `flatten`; a list of sizes checks the shape and changes nothing",
     N + "conv(8, 3, 8) -> flatten -> linear(2)"),
    (N + "[256] -> linear(2)", "E0304", "shape mismatch at this station",
     "write `flatten`; a list of sizes checks the shape and changes nothing",
     N + "flatten -> linear(2)"),
    (N + "[4] -> linear(2)", "E0304", "shape mismatch at this station",
     "write `global_avgpool -> flatten`; a list of sizes checks the shape and changes nothing",
     N + "global_avgpool -> flatten -> linear(2)"),
    (N + "[-1, 256] -> linear(2)", "E0304", "shape mismatch at this station",
     "write `flatten`; a list of sizes checks the shape and changes nothing",
     N + "flatten -> linear(2)"),
    (N + "[4, 64] -> relu", "E0304", "shape mismatch at this station",
     "a list of sizes checks the shape and changes nothing; `rearrange` splits and joins sizes",
     N + "relu"),
    ("network n: [2, 3, 16, 112, 112] = conv(8, 3)", "E0305", "`conv` works on 3 axes of positions",
     "the batch is not written", "network n: [3, 16, 112, 112] = conv(8, 3)"),
    # Arguments
    (N + "conv(8, 3, bias=None)", "E0201", "unknown name `None`",
     "write `bias=false`", N + "conv(8, 3, bias=false)"),
    (N + "conv(8, 3, bias=False)", "E0201", "unknown name `False`",
     "write `false`", N + "conv(8, 3, bias=false)"),
    (N + "adaptive_avgpool(None)", "E0201", "unknown name `None`", "`size` needs a value",
     N + "adaptive_avgpool(1)"),
    (N + "upsample(2, mode=bicubic)", "E0201", "unknown name `bicubic`",
     'archdsl enlarges by `mode="nearest"` or `mode="bilinear"`',
     N + 'upsample(2, mode="nearest") -> upsample(2, mode="bilinear")'),
    (N + "conv(8, 3, init=kaiming_normal(fan_out))", "E0201", "unknown name `fan_out`",
     'write `fan="out"`', N + 'conv(8, 3, init=kaiming_normal(fan="out"))'),
    (N + 'conv(8, 3, init=kaiming_normal("fan_out"))', "E0306", "`fan` of `kaiming_normal`",
     'write `fan="out"`', N + 'conv(8, 3, init=kaiming_normal(fan="out"))'),
    (N + 'conv(8, 3, init=kaiming_normal(mode="out"))', "E0202", "no parameter `mode`",
     "write `fan=`", N + 'conv(8, 3, init=kaiming_normal(fan="out"))'),
    (N + "x: identity -> interpolate(relu, @x)", "E0201", "unknown name `interpolate`",
     "write `resize(relu, @label)` for the size of another tensor, `upsample(2)` for a factor",
     N + "label: identity -> resize(relu, @label)"),
    (N + "Upsampling2D(2)", "E0201", "unknown name `Upsampling2D`",
     'write `upsample(2)` or `upsample(2, mode="bilinear")`',
     N + 'upsample(2) -> upsample(2, mode="bilinear")'),
    (N + "conv(out_channels, 3)", "E0201", "unknown name `out_channels`", "",
     N + "conv(8, 3)"),
    ("network n(width): [4, 8, 8] = relu", "E0213", "needs a default for `width`",
     "write `width=…`, or make it a `block`", "network n(width=4): [4, 8, 8] = conv(width, 3)"),
    (N + "conv(8, 3, init=None)", "E0201", "unknown name `None`",
     "leave `init` out: it has a default", N + "conv(8, 3)"),
    (N + "basic(4, attention=None)", "E0201", "unknown name `None`",
     "`identity` is the layer that changes nothing, and `false` a switch that is off",
     N + "basic(4, attention=identity) -> (relu if false)"),
    (N + "conv(8, 3, pad=same)", "E0201", "unknown name `same`",
     'write `pad="same"`', N + 'conv(8, 3, pad="same")'),
    (N + "conv(8, 3, 1, same)", "E0201", "unknown name `same`",
     'write `pad="same"`', N + 'conv(8, 3, 1, pad="same")'),
    (N + "conv(8, 3, pad=valid)", "E0201", "unknown name `valid`",
     "write `pad=0`", N + "conv(8, 3, pad=0)"),
    (N + "upsample(2, mode=bilinear)", "E0201", "unknown name `bilinear`",
     'write `mode="bilinear"`', N + 'upsample(2, mode="bilinear")'),
    (N + "conv(8, 3, init=normal)", "E0203", "`normal` needs a value for `std`",
     "write `init=normal(0.01)`", N + "conv(8, 3, init=normal(0.01))"),
    (N + "conv(8, 3, init=he_normal)", "E0201", "unknown name `he_normal`",
     'write `kaiming_normal("out")`', N + 'conv(8, 3, init=kaiming_normal("out"))'),
    (N + "conv(channels=8, kernel=3)", "E0202", "`conv` has no parameter `channels`",
     "write `out=`", N + "conv(out=8, kernel=3)"),
    (N + "conv(out_channels=8, kernel=3)", "E0202", "no parameter `out_channels`",
     "write `out=`", N + "conv(out=8, kernel=3)"),
    (N + "conv(8, kernel_size=3)", "E0202", "no parameter `kernel_size`",
     "write `kernel=`", N + "conv(8, kernel=3)"),
    (N + "conv(8, 3, padding=1)", "E0202", "no parameter `padding`",
     "write `pad=`", N + "conv(8, 3, pad=1)"),
    (N + "conv(8, 3, p=1)", "E0202", "no parameter `p`", "write `pad=`", N + "conv(8, 3, pad=1)"),
    (N + "dropout(rate=0.1)", "E0202", "no parameter `rate`", "write `p=`", N + "dropout(p=0.1)"),
    (N + "conv(8, 3, in_channels=4)", "E0202", "no parameter `in_channels`",
     "delete it: what goes in is inferred", N + "conv(8, 3)"),
    (N + "flatten -> linear(out_features=8)", "E0202", "no parameter `out_features`",
     "write `out=`", N + "flatten -> linear(out=8)"),
    (N + "relu(inplace=true)", "E0202", "no parameter `inplace`",
     "delete it: the generated code works in place where it may", N + "relu"),
    (N + "concat(relu, bn, axis=1)", "E0202", "`concat` takes no keywords",
     "delete it: channels are the dimension that is meant", N + "concat(relu, bn)"),
    (N + "repeat(n=3, layer=relu)", "E0202", "`repeat` takes no keywords",
     "write `repeat(n, layer)`: the number of copies, then what is copied",
     "block b(n, layer) = repeat(n, layer) " + N + "b(3, relu)"),
    (N + "repeat(relu, 3)", "E0502", "a number is expected", "write `repeat(3, relu)`",
     N + "repeat(3, relu)"),
    (N + "repeat(3, relu, bn)", "E0204", "`repeat` takes 2 arguments, not 3",
     "write `repeat(3, relu -> bn)`", N + "repeat(3, relu -> bn)"),
    (N + "relu(x)", "E0204", "`relu` takes no arguments", "write `relu`", N + "relu"),
    (N + "relu(@x)", "E0204", "`relu` takes no arguments",
     "layers take no tensor: write `@x -> relu`", N + "x: bn -> add(relu, @x -> relu)"),
    (N + "relu(x, y, z)", "E0204", "`relu` takes no arguments", "write `relu`", N + "relu"),
    (N + "relu(inplace=True)", "E0202", "no parameter `inplace`",
     "delete it: the generated code works in place where it may", N + "relu"),
    (N + "conv(8, 3, 1, None)", "E0201", "unknown name `None`",
     "leave `pad` out: it has a default", N + "conv(8, 3, 1)"),
    (N + "relu(conv(8, 3))", "E0204", "`relu` takes no arguments",
     "layers take no tensor: write `conv(8, 3) -> relu`", N + "conv(8, 3) -> relu"),
    (N + 'conv(8, 3, pad="valid")', "E0306", "`pad` of `conv` cannot have this value",
     "write `pad=0`", N + "conv(8, 3, pad=0)"),
    (N + 'conv(8, 3, init="he_normal")', "E0306", "`init` of `conv` cannot have this value",
     'write `init=kaiming_normal("out")`', N + 'conv(8, 3, init=kaiming_normal("out"))'),
    (N + "chain(relu, bn)", "E0204", "`chain` takes 1 argument, not 2",
     "write `chain([relu, bn])`", N + "chain([relu, bn])"),
    (N + "stage(basic(4), 2)", "E0502", "takes a number for `n`",
     "write `stage(2, basic(4))`", N + "stage(2, basic(4))"),
    ("block twice(body, n) = repeat(n, body) " + N + "twice(2, relu)", "E0502",
     "takes a layer for `body`", "write `twice(relu, 2)`",
     "block twice(body, n) = repeat(n, body) " + N + "twice(relu, 2)"),
    (N + "conv(4, [1, 80])", "E0306", "an even kernel has no middle",
     "write `pad=[0, 39]` or `pad=[0, 40]`",
     "network n: [4, 8, 80] = conv(4, [1, 80], pad=[0, 39]) -> conv(4, [1, 80], pad=[0, 40])"),
    (N + "conv(4, [3, 2])", "E0306", "an even kernel has no middle",
     "write `pad=[1, 0]` or `pad=[1, 1]`",
     N + "conv(4, [3, 2], pad=[1, 0]) -> conv(4, [3, 2], pad=[1, 1])"),
    (N + "depthwise(2)", "E0306", "an even kernel has no middle", "", N + "depthwise(3)"),
    (N + "conv(4, 2, dilation=2)", "E0306", "an even kernel has no middle",
     "write `pad=1`", N + "conv(4, 2, dilation=2, pad=1)"),
    # Names
    ("network gelu: [4, 8, 8] = gelu", "E0212", "`gelu` is already a name of the language",
     "rename it, to `gelu_net`", "network gelu_net: [4, 8, 8] = gelu"),
    ("network lstm: [4, 8, 8] = lstm(8)", "E0711", "`lstm` always contains itself",
     f"{ITSELF} if another is meant, rename the network", N + "relu"),
    ("block level(d) = conv(4, 3) -> level(d - 1) " + N + "level(3)" + M + "level(4)",
     "E0711", "`level` always contains itself", ENDLESS,
     "block level(d) = conv(4, 3) -> (level(d - 1) if d > 0) " + N + "level(3)"),
    ("block a = relu -> b block b = bn -> a " + N + "a" + M + "b",
     "E0711", "`b` always contains itself", ENDLESS,
     "block a = relu -> b block b = bn -> (a if false) " + N + "a"),
    ("let f(n) = f(n - 1) " + N + "conv(f(1), 3)" + M + "conv(f(2), 3)",
     "E0711", "`f` always contains itself", ENDLESS,
     "let f(n) = f(n - 1) if n > 1 else 1 " + N + "conv(f(3), 3)"),
    ("block d(n) = relu -> (d(n + 1) if n > 0) block e(n) = bn -> d(n) " + N + "e(1)" + M + "d(2)",
     "E0711", "`d` contains itself more than 200 levels deep",
     ENDLESS, "block d(n) = relu -> (d(n - 1) if n > 0) " + N + "d(1)"),
    (N + "one: relu -> two: bn -> add(relu, @c)", "E0404", "unknown label `c`",
     "the labels are `one`, `two`", N + "one: relu -> two: bn -> add(relu, @one)"),
    (N + "a: (one: relu) -> add(relu, @one.body)", "E0404", "`one` is a single tensor",
     "write `@one`",
     N + "a: (one: relu) -> add(relu, @one)"),
    (N + "conv(8)", "E0203", "`conv` needs a value for `kernel`",
     "write `conv(8, kernel=...)`", N + "conv(8, kernel=3)"),
    (N + "conv(kernel=3, stride=2)", "E0203", "`conv` needs a value for `out`",
     "write `conv(kernel=3, stride=2, out=...)`", N + "conv(kernel=3, stride=2, out=8)"),
    ("default bn = groupnorm(2) " + N + "bn", "E0101", "expected `(`, found `=`",
     ("`default` changes arguments, as in `default bn(eps=1e-3)`; "
      "to use another layer, give the block a parameter `norm=bn`"),
     "default bn(eps=1e-3) block b(norm=bn) = relu -> norm " + N + "b(groupnorm(2)) -> b"),
    ("let bn = groupnorm(2) " + N + "bn", "E0212", "`bn` is already a name of the language",
     ("rename it, to `bn_`; "
      "to use another layer in its place, give the block a parameter `norm=bn`"),
     "block b(norm=bn) = relu -> norm " + N + "b(groupnorm(2)) -> b"),
    (N + "relu assert nn.params == 0", "E0801", "there is no network `nn`", "the file has `n`",
     N + "relu assert n.params == 0"),
]  # fmt: skip


def said(text: str) -> list[Diagnostic]:
    """All that is said of a text, without its notes."""
    _, diagnostics = check(Source("test.arch", text), finder(SPECS))
    return [found for found in diagnostics if found.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("wrong", "code", "message", "help", "right"), HABITS, ids=[row[0] for row in HABITS]
)
def test_a_habit_is_understood(wrong: str, code: str, message: str, help: str, right: str) -> None:
    (found,) = said(wrong)
    assert (found.code, found.help) == (code, help)
    assert message in found.message
    assert said(right) == []
    for quoted in WRITTEN.findall(help):
        assert re.split(r"…|\.\.\.", quoted)[0].rstrip("= ") in right, quoted


def test_a_recursion_is_shown_once() -> None:
    text = dedent("""
        block p(d) = conv(8, 3) -> (q(d + 1) if d > 0)
        block q(d) = conv(8, 3) -> (p(d + 1) if d > 0)
        network m: [3, 8, 8] = p(3)
        network n: [3, 8, 8] = q(4)
        """)
    (found,) = said(text)
    assert found.code == "E0711"
    assert found.span.text == "q(d + 1)"


def test_what_nobody_knows_is_not_guessed() -> None:
    for name in ("zebra", "quaternion", "myblock", "fancy_layer"):
        (found,) = said(f"{N}{name}(3)")
        assert (found.code, found.help) == ("E0201", "")


def test_an_even_kernel_is_what_was_found() -> None:
    (found,) = said(N + "conv(8, 2)")
    assert (found.code, found.found) == ("E0306", "kernel 2")
