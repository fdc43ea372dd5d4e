"""Random blocks that are given blocks, and bind layers of these themselves."""

from __future__ import annotations

from dataclasses import replace

from archdsl.testing.specs.body import SpecBody, SpecTensor
from archdsl.testing.specs.layers import layer
from archdsl.testing.specs.values import kernel, width

ACTS = ("gelu", "silu", "leaky_relu(0.2)", "identity", "bn")


def rebound(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Calls of a block that applies the block it is given twice, once with another layer."""
    body.note("block", "block as an argument", "layer of an argument bound inside")
    cell, pair = body.name("cell"), body.name("pair")
    named = body.pick([("a: ", "b: "), ("", "")])
    layers = f"{named[0]}open(out) -> act -> {named[1]}open(out)"
    again = body.pick([f"act={body.pick(ACTS)}", "open=conv(kernel=1)"])
    uses = [f"f(width, {again})", body.pick(["f(width)", "f(4)"])]
    first, second = reversed(uses) if uses[1] == "f(4)" else uses
    body.spoken.blocks += [
        f"block {cell}(out, open=conv(kernel=3), act=relu) =\n    {layers}\n",
        f"block {pair}(f, width) =\n    x: {first} -> y: {second}\n",
    ]
    out = width(body, 1)
    texts = [f"{pair}({_given(body, cell)}, {out})" for _ in range(body.number(1, 3))]
    return " -> ".join(texts), replace(x, channels=out)


def _given(body: SpecBody, cell: str) -> str:
    """The block as an argument, with some of its layers."""
    given = [f"open={body.pick([f'conv(kernel={kernel(body)})', 'conv(kernel=3, bias=false)'])}"]
    given = [*given * body.number(0, 1), *[f"act={layer(body)}"] * body.number(0, 1)]
    return f"{cell}({', '.join(given)})" if given else cell
