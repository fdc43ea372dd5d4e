"""Random functions of a body, parts of lists, and names inside of items."""

from __future__ import annotations

from dataclasses import replace

from archdsl.testing.specs.body import SpecBody, SpecTensor, wrapped
from archdsl.testing.specs.chains import narrow
from archdsl.testing.specs.layers import layer
from archdsl.testing.specs.values import flag, kernels, rows, width, widths


def function(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A function that sees a name of the body, called twice."""
    body.note("function of a body", "let")
    out, name, made = width(body), body.name("base"), body.name("made")
    if body.one_in(2):
        text = (
            f"{made}(times) = times * {name} in"
            f" conv({made}(1), 1) -> {layer(body)} -> conv({made}(2), 3)"
        )
    else:
        text = (
            f"{made}(times, k=1) = conv(times * {name}, k) -> ({layer(body)} if {flag(body)})"
            f" in {made}(1) -> {made}(2, k=3)"
        )
    return f"(let {name} = {out}, {text})", replace(x, channels=f"(2 * {wrapped(out)})")


def parts(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A loop over a part of a list, or over the sums of its first items."""
    listed = wrapped(widths(body))
    if body.one_in(2):
        body.note("sum of the first items", "loop over a list")
        return narrow(body, f"chain(conv(v, 1) for v in cumsum({listed}))", x)
    body.note("slice", "loop over a list")
    part = body.pick(["1:", ":1", ":-1", ":2", "0:len({0}) - 1"]).format(listed)
    form = body.pick(["chain(conv(v, 3) for v in {})", "conv(8 + sum({}), 1)"])
    return narrow(body, form.format(f"{listed}[{part}]"), x)


def inside(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A loop with names for the items of an item."""
    body.note("names inside of items", "loop over a list", "enumerate")
    turn = body.pick(
        [
            "conv(v, k)",
            f"conv(v, k) -> ({layer(body)} if i == 1)",
            "conv(v, 1) -> conv(v + 4 * i, k)",
        ]
    )
    items = body.pick([rows(body), f"zip({widths(body)}, {kernels(body)})"])
    if body.may_label and body.one_in(2):
        body.note("label by a format")
        turn = f"{body.name('stage')}_{{i}}: ({turn})"
    return narrow(body, f"chain({turn} for i, [v, k] in enumerate({items}))", x)
