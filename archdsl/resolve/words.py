"""The functions of the language itself by name, and the ops whose arguments are layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from archdsl.ops import OPS
from archdsl.ops.initializers import SCHEMES

Role: TypeAlias = Literal["layer", "number"]
"""What a value is used as."""


@dataclass(frozen=True)
class Function:
    """The description of a function: its signature, its result, and examples.

    Those of numbers are comparisons that hold, those of layers are written as an op's are. `takes`
    has the roles of its arguments where each has but one.
    """

    signature: str
    about: str
    examples: tuple[str, ...]
    takes: tuple[Role, ...] = ()


NUMBERS = {
    "min": Function(
        "min(a, b, …)", "The smallest of several numbers, or of a list.", ("min(3, 2) == 2",)
    ),
    "max": Function(
        "max(a, b, …)", "The largest of several numbers, or of a list.", ("max([3, 5, 4]) == 5",)
    ),
    "abs": Function("abs(a)", "The absolute value.", ("abs(-3) == 3",), ("number",)),
    "round": Function(
        "round(a, digits=0)",
        "The nearest whole number, or the nearest with `digits` decimal places; a tie goes to the "
        "even one.",
        ("round(3.7) == 4", "round(2.5) == 2", "round(2.567, 2) == 2.57"),
        ("number", "number"),
    ),
    "floor": Function(
        "floor(a)", "The number, rounded down to a whole number.", ("floor(2.7) == 2",), ("number",)
    ),
    "ceil": Function(
        "ceil(a)", "The number, rounded up to a whole number.", ("ceil(2.1) == 3",), ("number",)
    ),
    "len": Function("len(list)", "The number of items in a list.", ("len([64, 128]) == 2",)),
    "range": Function(
        "range(start, stop, step=1)",
        "The whole numbers from `start` up to `stop`, excluding `stop`; `range(stop)` starts at 0.",
        ("range(3) == [0, 1, 2]", "range(1, 4) == [1, 2, 3]", "range(8, 0, -4) == [8, 4]"),
        ("number", "number", "number"),
    ),
    "zip": Function(
        "zip(list, list, …)",
        "Lists of the items at the same index of several lists, up to the end of the shortest.",
        ("zip([64, 128], [3, 4]) == [[64, 3], [128, 4]]",),
    ),
    "enumerate": Function(
        "enumerate(list, start=0)",
        "The items of a list, each as `[index, item]`.",
        ("enumerate([64, 128]) == [[0, 64], [1, 128]]", "enumerate([64], 1) == [[1, 64]]"),
    ),
    "sum": Function(
        "sum(a, b, …)", "The sum of several numbers, or of a list.", ("sum([3, 4, 6, 3]) == 16",)
    ),
    "cumsum": Function(
        "cumsum(list)",
        "The sums of the first item, of the first two, and so on.",
        ("cumsum([3, 4, 6]) == [3, 7, 13]", "cumsum([]) == []"),
    ),
    "log": Function(
        "log(a)",
        "The natural logarithm; one to another base is a quotient, as in `log(a) / log(2)`.",
        ("log(1) == 0", "round(log(8) / log(2)) == 3"),
        ("number",),
    ),
    "divisible": Function(
        "divisible(a, by)",
        "The nearest multiple of `by`, but no less than nine tenths of `a`: how MobileNets round "
        "widths.",
        ("divisible(37, 8) == 40", "divisible(35, 8) == 32"),
        ("number", "number"),
    ),
}
"""Functions of numbers and lists."""
COMPOSING = {
    "repeat": Function(
        "repeat(n, layer)",
        "n copies of a layer in sequence, each with its own weights; 0 copies are `identity`.",
        (
            "[8, 4, 4] | repeat(3, conv(8, 3) -> relu) -> [8, 4, 4]",
            "[8, 4, 4] | repeat(0, conv(8, 3)) -> [8, 4, 4]",
        ),
        ("number", "layer"),
    ),
    "chain": Function(
        "chain(layers)",
        "The layers of a list in sequence; a comprehension needs no brackets.",
        (
            "[3, 8, 8] | chain([conv(8, 3), bn, relu]) -> [8, 8, 8]",
            "[3, 8, 8] | chain(conv(out, 3, 2) for out in [16, 32]) -> [32, 2, 2]",
        ),
    ),
    "split": Function(
        "split(n)",
        "A list of n branches: equal parts of the channels, in order.",
        (
            "[6, 4, 4] | add(split(2)) -> [3, 4, 4]",
            "[20; 24] | attend(split(3), heads=2) -> [20; 8]",
        ),
        ("number",),
    ),
    "aux": Function(
        "aux(label: head)",
        "Returns its input. The head's result is a further output, named by the label, that "
        "exists only in training.",
        ("[8, 4, 4] | aux(aux1: (global_avgpool -> flatten -> linear(10))) -> relu -> [8, 4, 4]",),
        ("layer",),
    ),
    "tied": Function(
        "tied(f)",
        "The matrix of a shared `linear`, transposed: it maps what `f` gives to what `f` reads, "
        "without weights of its own and without a bias. Of a shared `embedding` it scores every "
        "row of the table. `f` must have been used before.",
        (
            "[20] < 50 | (share f = embedding(8) in f -> gelu -> tied(f)) -> [20; 50]",
            "[8] | (share f = linear(5) in f -> relu -> tied(f)) -> [8]",
            "[20; 8] | (share f = linear(5, bias=false) in f -> gelu -> tied(f)) -> [20; 8]",
        ),
        ("layer",),
    ),
}
"""Functions that compose layers, besides the joins."""
IDENTITY = Function(
    "identity",
    "Returns its input: `a -> identity -> b` is `a -> b`. It serves as a shortcut.",
    ("[8, 4, 4] | add(identity, conv(8, 3)) -> [8, 4, 4]",),
)
"""What the word `identity` means, which is no function but a layer."""
JOINS = [name for name, op in OPS.items() if op.arity != 1]
"""The ops of several inputs, whose branches are layers."""
COMPOSERS = (*COMPOSING, *JOINS)
BUILTINS = frozenset([*NUMBERS, *SCHEMES, *COMPOSERS])

KEPT = frozenset(
    """
    abs adaptive_avgpool add affine aux avgpool bn ceil chain channel_shuffle concat conv
    conv_transpose divisible drop_path dropout elu enumerate flatten floor gelu global_avgpool
    global_maxpool groupnorm hardsigmoid hardswish identity kaiming_normal kaiming_uniform layernorm
    leaky_relu len linear lrn max maxpool mean min mul normal pad pad_channels prelu range rbf relu
    relu6 repeat round scale selu sigmoid silu slice softmax sum tanh trunc_normal uniform upsample
    xavier_normal xavier_uniform zip
    """.split()
)
"""The words of the first release, which no file may declare.

A word that came later may be the name of a block in an older file, and there it stays that.
"""

FORMS = {
    "repeat": "write `repeat(n, layer)`: the number of copies, then what is copied",
    "chain": "write `chain([a, b])`: a list of layers",
    "split": "write `split(n)`: the number of equal parts, as branches of a join",
    "aux": "write `aux(name: layer)`: a head with a label",
    "tied": "write `tied(f)`, with the name of a shared `linear` or `embedding`",
}
"""The help for calls of functions that compose layers."""


def takes(name: str) -> tuple[Role, ...]:
    """The roles of the arguments of a function, where each has but one."""
    function = NUMBERS.get(name) or COMPOSING.get(name)
    return function.takes if function else ()
