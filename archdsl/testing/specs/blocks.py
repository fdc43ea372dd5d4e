"""Random blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from archdsl.testing.specs.body import (
    Sort,
    SpecBlock,
    SpecBody,
    SpecParameter,
    SpecTensor,
    Spoken,
    reads,
)
from archdsl.testing.specs.chains import chain
from archdsl.testing.specs.chance import Chance
from archdsl.testing.specs.layers import layer
from archdsl.testing.specs.values import kernel, width

OPTIONAL = (
    SpecParameter("mid", Sort.WIDTH, "8"), SpecParameter("kernel", Sort.KERNEL, "3"),
    SpecParameter("deep", Sort.FLAG, "false"), SpecParameter("wide", Sort.FLAG, "true"),
    SpecParameter("n", Sort.COUNT, "2"), SpecParameter("d", Sort.COUNT, "2"),
    SpecParameter("p", Sort.SHARE, "0.0"), SpecParameter("mode", Sort.WORD, '"a"'),
    SpecParameter("widths", Sort.WIDTHS, "[4, 8]"),
    SpecParameter("kernels", Sort.KERNELS, "[3, 1]"),
    SpecParameter("rows", Sort.ROWS, "[[4, 1], [8, 3]]"),
    SpecParameter("act", Sort.LAYER, "relu"), SpecParameter("norm", Sort.NORM, "bn"),
    SpecParameter("layers", Sort.LAYERS, "[relu]"),
    SpecParameter("open", Sort.OPEN, "conv(kernel=3)"),
    SpecParameter("more", Sort.MORE, "pad_channels"),
)  # fmt: skip
GIVEN = (SpecParameter("skip", Sort.WIRE), SpecParameter("others", Sort.WIRES))

SIDES = ("t", "h", "w")
"""The names of sizes at the entry of a block."""
ITSELF = "itself"
"""Placeholder for the name of a block in its own text."""
Made: TypeAlias = tuple[str, SpecTensor]
"""The text of a body, and its result."""


def used(parameters: Sequence[SpecParameter], text: str) -> tuple[SpecParameter, ...]:
    """The parameters that a text reads, required ones first."""
    read = [each for each in parameters if reads(text, each.name)]
    return tuple(sorted(read, key=lambda each: bool(each.default)))


def block(chance: Chance, spoken: Spoken, name: str, blocks: Sequence[SpecBlock]) -> SpecBlock:
    """A block that may call earlier ones."""
    chosen = [each for each in (*OPTIONAL, *GIVEN) if chance.number(0, 1)]
    parameters = [SpecParameter("width", Sort.WIDTH), *chosen]
    sides = SIDES[-spoken.axes :]
    body = SpecBody(chance, spoken, parameters, sides, blocks, channels="c", halvings=1)
    text, result = body.pick(_BODIES)(body)
    text = text.replace(ITSELF, name)
    body.note("block")
    needed = used(body.parameters, text)
    claimed = body.pick(["", "", f" -> [{result.channels}, ...]"])
    listed = ", ".join(declared(each) for each in needed)
    head = f"block {name}({listed}): [c, {', '.join(sides)}]{claimed}"
    whole, kinds = f"{head} =\n    {text}\n", frozenset(body.kinds)
    return SpecBlock(name, whole, needed, result.channels, body.halvings - 1, kinds)


def declared(parameter: SpecParameter) -> str:
    """A parameter in a block's declaration."""
    return f"{parameter.name}={parameter.default}" if parameter.default else parameter.name


def _several(body: SpecBody) -> Made:
    first = f"conv(width, {kernel(body)})"
    text, result = chain(body, SpecTensor("width"), 0)
    return f"{first} -> {text}", result


def _closed(body: SpecBody) -> Made:
    """A block that keeps the shape, so that it can be an argument."""
    text, _ = chain(body, SpecTensor("c"), 1, 2)
    inner = body.pick([f"conv(width, 3) -> {layer(body)}", f"conv(width, {kernel(body)})"])
    body.note("merge")
    forms = [f"add(identity, {inner} -> conv(c, 1))", f"{inner} -> {layer(body)} -> conv(c, 1)"]
    return body.pick([*forms, f"{text} -> conv(width, 1) -> conv(c, 1)"]), SpecTensor("c")


def _one_layer(body: SpecBody) -> Made:
    body.note("one layer and station")
    layer_text = f"conv(width, {kernel(body)})"
    sizes = ", ".join(body.sizes)
    stations = ["[width, ...]", f"[width, {sizes}]"]
    text = body.pick([f"{layer_text} -> {body.pick(stations)}", f"[c, {sizes}] -> {layer_text}",
                      f"identity -> {layer_text}", f"k: identity -> {layer_text}",
                      f"k: {layer_text} -> {body.pick(stations)}", layer_text])  # fmt: skip
    return text, SpecTensor("width")


def _unit(body: SpecBody) -> Made:
    """A typical unit of networks."""
    labels = body.pick([("conv: ", "bn: ", "act: "), ("", "", ""), ("conv: ", "bn: ", "")])
    parts = [f"conv(width, {kernel(body)})", layer(body), layer(body)]
    text = " -> ".join(label + part for label, part in zip(labels, parts, strict=True))
    return text, SpecTensor("width")


def _parameter(body: SpecBody, name: str) -> str:
    """Add a parameter to the body."""
    if all(each.name != name for each in body.parameters):
        found = next(each for each in (*OPTIONAL, *GIVEN) if each.name == name)
        body.parameters = [*body.parameters, found]
    return name


def _tower(body: SpecBody) -> Made:
    layers = _parameter(body, "layers")
    body.note("loop over layers")
    loops = [f"chain({layers})", f"chain(conv(4, 3) -> f for f in {layers})",
             f"chain(f -> conv(4, 1) for f in {layers})",
             f"chain(s{{i}}: f for i, f in enumerate({layers}))"]  # fmt: skip
    return f"conv(4, 1) -> {body.pick(loops)} -> {layer(body)} -> conv(width, 1)", SpecTensor(
        "width"
    )


def _listed(body: SpecBody) -> Made:
    """A block that chains a list of any layers."""
    body.parameters = [*body.parameters, SpecParameter("items", Sort.ITEMS)]
    text = body.pick(["chain(items)", "body: chain(items)", "conv(width, 3) -> chain(items)",
                      f"stem: conv(width, {kernel(body)}) -> body: chain(items)",
                      "chain(item for item in items)", "residual(chain(items), conv(width, 1))",
                      "(conv(width, 1) if deep) -> chain(items)"])  # fmt: skip
    if "deep" in text:
        _parameter(body, "deep")
    behind = body.pick(["[width, ...]", "bn -> [width, ...]", "conv(width, 1)", layer(body)])
    if behind[0] != "[" and not reads(behind, "width"):
        behind += " -> [width, ...]"
    return f"{text} -> {behind}", SpecTensor("width")


def _joined(body: SpecBody) -> Made:
    """A block that takes tensors as arguments."""
    name = _parameter(body, body.pick(["skip", "others"]))
    inner, after = f"conv(width, {kernel(body)})", f"{layer(body)} -> conv(width, 1)"
    text = body.pick([f"concat({inner}, {name}) -> {after}",
                      f"concat(identity, {name}) -> conv: {inner} -> {layer(body)}",
                      f"a: {inner} -> concat([identity, {name}]) -> {after}"])  # fmt: skip
    return text, SpecTensor("width")


def _opened(body: SpecBody) -> Made:
    name, other = _parameter(body, "open"), width(body, 1)
    text = body.pick([f"{name}(width) -> repeat(1, {name}({other})) -> conv(width, 1)",
                      f"first: {name}(width) -> second: {name}(width)",
                      f"{name}({other}) -> {layer(body)} -> {name}(width)"])  # fmt: skip
    return text, SpecTensor("width")


def _widened(body: SpecBody) -> Made:
    more = _parameter(body, "more")
    text = f"conv(4, {kernel(body)}) -> {layer(body)} -> {more}(width + 4)"
    return text, SpecTensor("(width + 4)")


def _recursive(body: SpecBody) -> Made:
    body.note("recursion", "conditional layer")
    body.parameters = [*body.parameters, SpecParameter("depth", Sort.COUNT, "2")]
    again = f"{body.pick(['', 'rest: '])}{ITSELF}(width, depth=depth - 1)"
    text = f"conv(width, 3) -> {layer(body)} -> ({again} if depth > 0)"
    return text, SpecTensor("width")


_BODIES: tuple[Callable[[SpecBody], Made], ...] = (
    _several, _several, _several, _closed, _one_layer, _unit, _opened, _widened, _recursive,
    _tower, _joined, _joined, _listed, _listed,
)  # fmt: skip
