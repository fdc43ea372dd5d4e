"""Random learned tensors that stand alone, under labels."""

from __future__ import annotations

from archdsl.testing.specs.body import SpecBody, SpecTensor
from archdsl.testing.specs.layers import pointwise
from archdsl.testing.specs.values import choice, flag_argument

STARTS = ("zeros", "ones", "constant(0.5)", "normal(0.1)", "trunc_normal(0.1)")


def gain(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A learned factor for every channel."""
    if not body.may_label or body.loops:
        return pointwise(body, x, depth)
    body.note("bare weight")
    init = choice(body, "factor", ["0.5", "1", "1e-6"])
    scalar = body.pick(["", "", ", scalar=true", ", scalar=true, sized=false"])
    return f"{body.name('t')}: gain(init={init}{scalar})", x


def parameter(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A product with a learned tensor, or a sum with one where the sizes are known."""
    if not body.may_label or body.loops:
        return pointwise(body, x, depth)
    body.note("bare weight")
    ones = ["1"] * body.spoken.axes
    known = not x.trail and all(size.isdigit() for size in body.sizes)
    joins = ["add", "mean"] if known else ["mul"]
    join, sizes = body.pick(joins), body.sizes if known else ones
    shape = ", ".join([x.channels, *sizes])
    forms = [f", init={body.pick(STARTS)}", f", batch={flag_argument(body, 'batch')}"]
    more = body.pick(["", *forms])
    name = body.name("t")
    learned = f"{name}: parameter([{shape}]{more})"
    branches = [learned, "identity"] if body.one_in(3) else ["identity", learned]
    text = f"{join}({', '.join(branches)})"
    if not body.one_in(3):
        return text, x
    body.note("learned tensor read by a wire")
    between, x = pointwise(body, x, depth)
    return f"{text} -> {between} -> {join}(identity, @{name})", x
