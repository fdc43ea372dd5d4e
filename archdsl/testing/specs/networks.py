"""Random networks, which call the blocks of their spec."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.testing.specs.arguments import call_of, fits
from archdsl.testing.specs.blocks import declared, used
from archdsl.testing.specs.body import (
    Sort,
    SpecBlock,
    SpecBody,
    SpecParameter,
    SpecTensor,
    Spoken,
    reads,
    wrapped,
)
from archdsl.testing.specs.bundles import results
from archdsl.testing.specs.chains import chain
from archdsl.testing.specs.chance import Chance
from archdsl.testing.specs.layouts import tokens
from archdsl.testing.specs.values import width

PARAMETERS = (
    ("a", Sort.WIDTH, ("8",)), ("b", Sort.WIDTH, ("8", "8", "4")), ("e", Sort.WIDTH, ("8", "12")),
    ("deep", Sort.FLAG, ("true", "false")), ("wide", Sort.FLAG, ("false", "true")),
    ("kernel", Sort.KERNEL, ("3", "1")), ("n", Sort.COUNT, ("2", "1", "3", "0")),
    ("d", Sort.COUNT, ("2", "1", "0")), ("p", Sort.SHARE, ("0.0", "0.5", "0.1")),
    ("mode", Sort.WORD, ('"a"', '"b"')), ("widths", Sort.WIDTHS, ("[4, 8]", "[8, 8]", "[8]")),
    ("counts", Sort.COUNTS, ("[2, 1]", "[1, 1]", "[2]")),
    ("kernels", Sort.KERNELS, ("[3, 3]", "[1, 3]")), ("rows", Sort.ROWS, ("[[8, 1], [8, 3]]",)),
    ("act", Sort.LAYER, ("relu", "silu", "leaky_relu(0.2)")),
)  # fmt: skip
SIZES = {
    1: (("9",), ("16",), ("w",), ("8 * w",)),
    2: (("9", "7"), ("8", "8"), ("7", "10"), ("h", "w"), ("h", "h"), ("8 * h", "w")),
    3: (("7", "8", "9"), ("8", "8", "8"), ("t", "8", "8"), ("t", "h", "h")),
}
"""Sizes by the number of axes."""
HEADS = (
    "", "", " -> global_avgpool -> flatten -> linear(10)", " -> adaptive_avgpool(2) -> flatten",
    " -> global_maxpool -> flatten -> fc: linear(4, init=normal(0.01), bias_init=0.5)",
    " -> global_avgpool -> flatten -> linear(8) -> bn(gain_init=0.5) -> linear(10)",
)  # fmt: skip


def network(
    chance: Chance, spoken: Spoken, name: str, blocks: Sequence[SpecBlock]
) -> tuple[str, set[str]]:
    """The text of a network, and its kinds of constructs."""
    chosen = [each for each in PARAMETERS if chance.number(0, 1)]
    if chance.number(0, 3):
        chosen = [each for each in chosen if each[1] is not Sort.LAYER]
    parameters = [SpecParameter(each, sort, chance.pick(values)) for each, sort, values in chosen]
    sizes = chance.pick(SIZES[spoken.axes])
    body = SpecBody(chance, spoken, parameters, sizes, blocks)
    if any(size[-1].isalpha() for size in sizes):
        body.note("symbolic sizes")
    body.note(*{1: ["one axis"], 3: ["three axes"]}.get(spoken.axes, []))
    inputs, first, x = _inputs(body)
    text, x = chain(body, x, 0, 4)
    end = tokens(body) if body.one_in(12) else body.pick(HEADS)
    end = results(body) if body.one_in(10) else end
    text = f"{first} -> {text}{_unused_blocks(body, text, x)}{end}"
    needed = used(parameters, text)
    _note_defaults(body, needed)
    listed = f"({', '.join(map(declared, needed))})" if needed else ""
    return f"network {name}{listed}: {inputs} =\n    {text}\n", body.kinds


def _unused_blocks(body: SpecBody, text: str, x: SpecTensor) -> str:
    """Calls of most blocks that a text does not call, some of them twice."""
    calls = ""
    for block in reversed(body.blocks):
        is_wanted = not reads(text + calls, block.name) and body.number(0, 3)
        for _ in range(body.number(1, 2) if is_wanted else 0):
            if fits(block, body, x, 0):
                made, x = call_of(block, body, x)
                calls += f" -> {made}"
    return calls


def _inputs(body: SpecBody) -> tuple[str, str, SpecTensor]:
    """The inputs of a network, its first layer, and the result of that."""
    sizes, out = ", ".join(body.sizes), width(body, 1)
    x = SpecTensor(wrapped(out))
    if body.one_in(10):
        return _counted(body, sizes, out, x)
    if body.one_in(20):
        return _masked(body, sizes, out, x)
    if not body.one_in(12):
        return f"[{body.number(1, 4)}, {sizes}]", f"conv({out}, 3)", x
    body.note("several inputs")
    inputs = f"(left: [{body.number(1, 4)}, {sizes}], right: [4, {sizes}])"
    body.remember("right", SpecTensor("4"))
    return inputs, f"concat(@left, @right -> conv(8, 3)) -> conv({out}, 1)", x


def _counted(body: SpecBody, sizes: str, out: str, x: SpecTensor) -> tuple[str, str, SpecTensor]:
    """An input of whole numbers, whose features are brought before its positions."""
    body.note("whole numbers")
    names = " ".join("thw"[-body.spoken.axes :])
    made = f"embedding({out})"
    if body.spoken.axes == 1 and body.number(0, 1):
        made = f"add({made}, positions -> embedding({out}, rows=1000))"
    return f"[{sizes}] < {body.number(2, 9)}", f'{made} -> rearrange("{names}; c -> c {names}")', x


def _masked(body: SpecBody, sizes: str, out: str, x: SpecTensor) -> tuple[str, str, SpecTensor]:
    """Words, and which of them attention reads: the same along the axes before the last, or not."""
    body.note("whole numbers", "mask")
    names = " ".join("thw"[-body.spoken.axes :])
    keys = body.pick([sizes, body.sizes[-1]])
    inputs = f"(words: [{sizes}] < 5, keep: [{keys}] < 2)"
    more = body.pick(["", ", causal=true", ", dropout=0.1", ", scale=0.3"])
    attended = f"linear(3 * {wrapped(out)}) -> attend(split(3), mask=@keep{more})"
    made = f'@words -> embedding({out}) -> {attended} -> rearrange("{names}; c -> c {names}")'
    return inputs, made, x


def _note_defaults(body: SpecBody, parameters: Sequence[SpecParameter]) -> None:
    widths = [each.default for each in parameters if each.sort is Sort.WIDTH]
    if len(set(widths)) < len(widths):
        body.note("coinciding defaults")
    if any(each.sort is Sort.LAYER for each in parameters):
        body.note("layer as a default")


def defaults(chance: Chance) -> str:
    """Other defaults for convolutions, for the rest of the file."""
    if chance.number(1, 8) > 1:
        return ""
    bias = chance.pick(["bias=false, ", ""])
    return f"default conv({bias}init={chance.pick(['kaiming_normal', 'xavier_uniform'])})\n"
