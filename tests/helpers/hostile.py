"""Texts meant to break, fill or stall the compiler, with the code of their error."""

from __future__ import annotations


def network(body: str, declarations: str = "", shape: str = "[3, 32, 32]") -> str:
    return f"{declarations}\nnetwork n(classes=10): {shape} =\n    conv(classes, 3) -> {body}\n"


def doubling(times: int, first: str, step: str) -> str:
    """Declarations that each use the previous one twice."""
    lines = [first.format(name="b0")]
    lines += [step.format(name=f"b{i}", last=f"b{i - 1}") for i in range(1, times + 1)]
    return "\n".join(lines)


LAYERS = doubling(40, "block {name} = relu", "block {name} = {last} -> {last}")
MERGES = doubling(40, "let {name} = relu", "let {name} = add({last}, {last})")
LISTS = doubling(40, "let {name} = [1]", "let {name} = {last} + {last}")
NUMBERS = doubling(40, "let {name} = 3", "let {name} = {last} * {last}")
STRINGS = doubling(40, 'let {name} = "a"', "let {name} = {last} + {last}")
CALLS = doubling(40, "let {name}(n) = n", "let {name}(n) = {last}(n) + {last}(n)")

CASES = {
    "blocks that double": ("E0713", network("b40", LAYERS)),
    "merges that double": ("E0713", network("b40", MERGES)),
    "lists that double": ("E0710", network("conv(len(b40), 1)", LISTS)),
    "numbers that double": ("E0501", network("conv(b40, 1)", NUMBERS)),
    "texts that double": ("E0705", network("conv(8, 1, pad=b40)", STRINGS)),
    "functions that double": ("E0712", network("conv(b40(1), 1)", CALLS)),
    "nested repeats": ("E0713", network("repeat(1000, repeat(1000, repeat(1000, relu)))")),
    "a long repeat": ("E0713", network("repeat(10 ** 18, relu)")),
    "an empty long repeat": ("E0713", network("repeat(10 ** 9, identity)")),
    "a long range": ("E0710", network("conv(len(range(10 ** 18)), 1)")),
    "a long comprehension": ("E0710", network("chain(relu for i in range(10 ** 12))")),
    "nested comprehensions": (
        "E0712",
        network(
            "conv(len([[[k for k in range(1000)] for j in range(1000)] for i in range(1000)]), 1)"
        ),
    ),
    "a power": ("E0501", network("conv(9 ** 9 ** 9, 1)")),
    "a power of a power": ("E0501", network("conv(9 ** 9 ** 9 ** 9, 1)")),
    "recursion": ("E0711", network("r", "block r = relu -> r")),
    "mutual recursion": ("E0711", network("r", "block r = relu -> s\nblock s = bn -> r")),
    "recursion of a function": ("E0711", network("conv(f(1), 1)", "let f(n) = f(n + 1)")),
    "recursion of a default": ("E0711", network("r", "block r(m=r) = m")),
    "recursion of a let": ("E0208", network("a", "let a = b\nlet b = a")),
    "deep parentheses": ("E0701", network("(" * 100_000 + "relu" + ")" * 100_000)),
    "very deep parentheses": ("E0703", network("(" * 250_000 + "relu" + ")" * 250_000)),
    "deep lists": ("E0701", network("conv(" + "[" * 100_000 + "1" + "]" * 100_000 + ", 1)")),
    "many signs": ("E0701", network("conv(" + "-" * 100_000 + "8, 1)")),
    "many negations": ("E0701", network("conv(8, 1, bias=" + "not " * 100_000 + "true)")),
    "deep conditions": ("E0701", network("(relu if true else " * 10_000 + "relu" + ")" * 10_000)),
    "deep calls": ("E0701", network("repeat(1, " * 10_000 + "relu" + ")" * 10_000)),
    "many labels": (
        "E0701",
        network("".join(f"a{i}: (" for i in range(10_000)) + "relu" + ")" * 10_000),
    ),
    "a chain of 100,001 links": ("E0713", network(" -> ".join(["relu"] * 100_000))),
    "a chain of 250,000 links": ("E0703", network("->".join(["relu"] * 250_000))),
    "five thousand digits": ("E0106", network(f"conv({'9' * 5000}, 1)")),
    "channels beyond a machine's word": ("E0501", network("conv(2 ** 63, 1)")),
    "very many channels": ("E0306", network("conv(10 ** 18, 1)")),
    "no channels": ("E0306", network("conv(0, 1)")),
    "fewer channels than none": ("E0306", network("conv(-1, 1)")),
    "half a channel": ("E0306", network("conv(0.5, 1)")),
    "a large kernel": ("E0306", network("conv(8, 2 ** 40)")),
    "no kernel": ("E0306", network("conv(8, 0)")),
    "no stride": ("E0306", network("conv(8, 3, stride=0)")),
    "a negative pad": ("E0306", network("conv(8, 3, pad=-1)")),
    "a large dilation": ("E0306", network("conv(8, 3, dilation=2 ** 31, pad=0)")),
    "a number beyond floats": ("E0106", network("dropout(1e400)")),
    "a product beyond floats": ("E0501", network("scale(1e300 * 1e300)")),
    "no number": ("E0501", network("scale(1e308 * 10 - 1e308 * 10)")),
    "division by zero": ("E0501", network("conv(8 // 0, 1)")),
    "division of floats by zero": ("E0501", network("scale(1.0 / 0)")),
    "a remainder by zero": ("E0501", network("conv(8 % 0, 1)")),
    "zero to a negative power": ("E0501", network("scale(0 ** -1)")),
    "a root of a negative number": ("E0501", network("scale((-8) ** 0.5)")),
    "an index beyond the list": ("E0501", network("conv([8][1], 1)")),
    "the least of nothing": ("E0501", network("conv(min([]), 1)")),
    "an image of nothing": ("E0307", network("relu", shape="[3, 0, 32]")),
    "a huge image": ("E0307", network("relu", shape="[3, 2 ** 62, 2 ** 62]")),
    "a label that hides a method": ("E0401", network("half: relu")),
    "a label that is a keyword of Python": ("E0401", network("class: relu")),
    "a label with two underscores": ("E0401", network("__init__: relu")),
    "a label with a quotation mark": ("E0104", network('"a\\"b": relu')),
    "a label with two dots": ("E0401", network('"a..b": relu')),
    "a label with braces": ("E0401", network('"{{7*7}}": relu')),
    "a label that is empty": ("E0401", network('"": relu')),
    "a module above the folder": ("E0101", network("relu", "from ..secret import a")),
    "a module by its path": ("E0101", network("relu", 'from "/etc/passwd" import a')),
    "a module that is none": ("E0601", network("relu", "from os import system")),
    "a period beyond the bound": (
        "E0311",
        network("maxpool(1000000007, pad=0) -> upsample(3) -> maxpool(2)", shape="[3, h, h]"),
    ),
    "many strides that no enlargement undoes": (
        "E0311",
        network("repeat(10_000, upsample(3) -> maxpool(2))", shape="[3, h, w]"),
    ),
    "many sizes with long periods": (
        "E0311",
        network(
            "chain(aux(a{i}: far(i)) for i in range(9999))",
            "block far(i) = pad(i) -> repeat(6, maxpool(4) -> upsample(3))",
            "[3, h, w]",
        ),
    ),
    "many joins with long periods": (
        "E0311",
        network(
            "chain(aux(a{i}: add(far(i), far(i + 1))) for i in range(999))",
            "block far(i) = conv(1, 1, pad=i) -> maxpool(8191) -> maxpool(2) -> upsample(3)",
            "[3, h, w]",
        ),
    ),
    "many conditions with long periods": (
        "E0311",
        network(
            "conv(len([i for i in range(100_000) if (h + i) % 16381 >= 0]), 1)", shape="[3, h, w]"
        ),
    ),
    "many joins that fit for some": (
        "E0301",
        network("repeat(20_000, add(identity, maxpool(2) -> upsample(2)))", shape="[3, h, w]"),
    ),
    "branches that cannot be compared": (
        "E0301",
        network(
            "add(conv(8, 3, stride=97) -> conv(8, 3, stride=101), conv(8, 3, stride=103))",
            shape="[3, h, h]",
        ),
    ),
}
