"""Random classes of others, each declared where it is used first."""

from __future__ import annotations

from dataclasses import replace

from archdsl.testing.specs.body import SpecBody, SpecTensor, wrapped
from archdsl.testing.specs.layers import pointwise
from archdsl.testing.specs.values import choice, flag_argument, kernel, width

MODULE = "archdsl.testing.foreign"
"""Where the classes are."""
MIXED = f"""extern mixed(out, k=1, bias=true): [c, ...] -> [out, ...] =
    "{MODULE}.Mixed"(c, floor(out), k, bias=bias), weights=floor(out) * (c + (1 if bias else 0))
"""
BLEND = f"""extern blend(share=0.5): [c, ...], [c, ...] -> [c, ...] = "{MODULE}.Blend"(share=share)
"""


def mixed(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A class of one input, whose declaration counts its weights."""
    _declare(body, MIXED)
    out = width(body)
    more = body.pick(["", f", {kernel(body)}", f", bias={flag_argument(body, 'bias')}"])
    return f"mixed({out}{more})", replace(x, channels=wrapped(out))


def blend(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A class of two inputs, of whose weights nothing is known."""
    _declare(body, BLEND)
    other, _ = pointwise(body, x, depth)
    share = body.pick(["", f", share={choice(body, 'factor', ['0.25', '0.75'])}"])
    return f"blend(identity, {other}{share})", x


def _declare(body: SpecBody, text: str) -> None:
    body.note("extern")
    if text not in body.spoken.blocks:
        body.spoken.blocks.append(text)
