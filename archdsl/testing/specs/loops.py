"""Random loops: counted, over lists of numbers, rows and layers, with and without labels."""

from __future__ import annotations

from dataclasses import replace

from archdsl.testing.specs.body import HALVINGS, Sort, SpecBody, SpecTensor, wrapped
from archdsl.testing.specs.chains import Piece, closed, grouped, narrow
from archdsl.testing.specs.layers import ACTIVATIONS, layer
from archdsl.testing.specs.values import (
    KERNELS,
    choice,
    count,
    counts,
    filled,
    flag,
    kernels,
    rows,
    width,
    widths,
)


def loop(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """One of the loops, sometimes as a named scope."""
    piece = body.pick(_LOOPS)
    if not body.may_label or body.one_in(2):
        return piece(body, x, depth)
    name = body.name("body")
    with body.scope(name):
        text, result = piece(body, x, depth)
    first, arrow, rest = text.partition(") -> ")
    # A narrowing convolution stays outside of the scope.
    if arrow and result != x:
        return f"{name}: {first}) -> {rest}", result
    return f"{name}: {grouped(text)}", result


def _repeat(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("repeat")
    turns = count(body)
    with body.turn():
        inner = closed(body, x, depth)
    return f"repeat({turns}, {inner})", x


def _single_weight(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("repeat", "loop of one layer with weights")
    inner = body.pick(["{0} -> {1}", "{1} -> {0}", "{0} -> {1} -> {2}", "{1} -> {0} -> {2}"])
    weighted = f"conv({x.channels}, {body.pick(KERNELS)})"
    return f"repeat({count(body)}, {inner.format(weighted, _function(body), _function(body))})", x


def _merged(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("repeat", "loop over a merge", "merge")
    weighted = f"conv({x.channels}, 3)"
    forms = [
        f"add(identity, {_function(body)} -> {weighted})",
        f"add(identity, {weighted} -> {_function(body)})",
        f"mul(identity, global_avgpool -> conv({x.channels}, 1) -> sigmoid)",
        f"add(identity, {weighted}) -> {_function(body)}",
        f"add({weighted}, {_function(body)})",
    ]
    text = f"repeat({count(body)}, {body.pick(forms)})"
    return (_decided(body, weighted) if body.one_in(4) else text), x


def _decided(body: SpecBody, weighted: str) -> str:
    """A loop over a merge, in which the turn decides which layer there is."""
    body.note("loop over numbers", "loop with a condition on its variable", "conditional layer")
    first = body.pick([weighted, "bn", layer(body)])
    return f"chain(add(identity, {first} if i == 0 else {weighted}) for i in range({count(body)}))"


def _function(body: SpecBody) -> str:
    """A layer without weights."""
    return body.pick([*ACTIVATIONS[:8], "maxpool(3, stride=1, pad=1)", "dropout(0.1)"])


def _nothing(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("repeat", "loop without layers")
    empty = body.pick(["identity", f"({layer(body)} if {flag(body)})", "(relu if 8 < 4)"])
    return f"repeat({count(body)}, {empty}) -> conv({x.channels}, 1)", x


def _empty(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("empty loop")
    with body.turn():
        inner = closed(body, x, depth)
    labelled = "l{i}: " if body.may_label else ""
    loops = [f"repeat(0, {inner})", f"chain({labelled}{grouped(inner)} for i in range(0))"]
    return body.pick(loops), x


def _counted(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("loop over numbers")
    turns, name = count(body), "i"
    bounds = body.pick([f"{turns}", f"1, {wrapped(turns)} + 1"])
    if not body.may_label:
        with body.turn((name, Sort.COUNT)):
            text = _turn(body, x, depth, name)
        return f"chain({text} for {name} in range({bounds}))", x
    return _labelled(body, x, depth, bounds)


def _labelled(body: SpecBody, x: SpecTensor, depth: int, bounds: str) -> tuple[str, SpecTensor]:
    body.note("label by a format")
    stem = body.name("layer")
    label = body.pick([f"{stem}_{{i}}", f'"{stem}-{{i}}"', f"{stem}_{{i}}", "l{i}"])
    if label == "l{i}":
        label = f"{stem}l{{i}}"
    with body.turn(("i", Sort.COUNT)), body.scope(label):
        text = _turn(body, x, depth, "i")
    return f"chain({label}: {grouped(text)} for i in range({bounds}))", x


def _turn(body: SpecBody, x: SpecTensor, depth: int, variable: str) -> str:
    """The body of an iteration, which may depend on the variable."""
    if body.one_in(2):
        return closed(body, x, depth)
    body.note("loop with a condition on its variable", "conditional layer")
    decided = body.pick([f"{variable} == 0", f"{variable} > 1", f"{variable} % 2 == 1", flag(body)])
    return f"({grouped(closed(body, x, depth))} if {decided})"


def _growing(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("loop over numbers", "loop with growing channels", "merge")
    growth, turns = width(body, 1), count(body)
    text = f"chain(concat(identity, conv({growth}, 3)) for i in range({turns}))"
    return text, replace(x, channels=f"({x.channels} + {wrapped(turns)} * {wrapped(growth)})")


def _over_widths(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("loop over a list")
    listed, size = widths(body), choice(body, "kernel", KERNELS)
    turn = body.pick([f"conv(v, {size})", f"conv(v, 3) -> {layer(body)}", "conv(2 * v, 1)"])
    forms = [f"chain({turn} for v in {listed})"]
    if not body.loops:
        known = body.pick(["4", "8", *body.known(Sort.WIDTH)])
        forms.append(f"chain({turn} for v in {listed} if v > {known})")
    text = body.pick(forms)
    if text != forms[0]:
        body.note("filter")
    return narrow(body, text, x)


def _enumerated(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("loop over a list", "enumerate")
    listed, start = widths(body), body.pick(["", ", 1"])
    turn = body.pick([f"conv(v, 3) -> ({layer(body)} if i == 1)", "conv(v, 2 * (i % 2) + 1)"])
    if body.may_label:
        body.note("label by a format")
        turn = f"{body.name('stage')}_{{i}}: {body.pick(['conv(v, 3)', f'({turn})'])}"
    return narrow(body, f"chain({turn} for i, v in enumerate({listed}{start}))", x)


def _zipped(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("loop over a list", "zip")
    listed, sizes = widths(body), kernels(body)
    pairs = f"zip({listed}, {sizes})"
    if body.one_in(4):
        body.note("list index")
        pairs = f"zip({filled(listed)}, {sizes})"
        return narrow(body, f"conv({pairs}[0][0], {pairs}[0][1])", x)
    return narrow(body, f"chain(conv(v, k) -> {layer(body)} for v, k in {pairs})", x)


def _staged(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Stages of several widths, each with a number of repetitions of its own."""
    body.note("loop over a list", "zip", "stages")
    again = f"repeat({body.pick(['m', 'm - 1'])}, residual({body.pick(['conv(v, 3)', 'relu'])}))"
    pairs = f"zip({widths(body)}, {counts(body)})"
    return narrow(body, f"chain(conv(v, 1) -> {again} for v, m in {pairs})", x)


def _over_rows(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("loop over rows")
    turn = body.pick(["conv(v, k)", f"conv(v, k) -> {layer(body)}", "conv(v, 1) -> conv(v, k)"])
    if not body.one_in(4):
        body.note("let of a list")
        listed, name = rows(body), body.name("rows")
        text, x = narrow(body, f"chain({turn} for v, k in {name})", x)
        return f"(let {name} = {listed} in {text})", x
    return narrow(body, f"chain({turn} for v, k in {rows(body)})", x)


def _over_layers(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("loop over layers")
    known = body.known(Sort.LAYERS)
    items = [layer(body) for _ in range(body.number(1, 3))]
    listed = body.pick(known) if known else f"[{', '.join(items)}]"
    if body.one_in(3):
        return f"chain({listed})", x
    if body.one_in(3):
        pairs = f"[[{layer(body)}, k] for k in {kernels(body)}]"
        return f"chain(conv({x.channels}, k) -> f for f, k in {pairs})", x
    if body.one_in(4):
        return _joined(body, x, listed)
    return f"chain(conv({x.channels}, 3) -> f for f in {listed})", x


def _joined(body: SpecBody, x: SpecTensor, listed: str) -> tuple[str, SpecTensor]:
    """A loop over a merge with each of some layers."""
    body.note("loop over a merge", "merge")
    join = body.pick(["add", "concat"])
    text = f"chain({join}(identity, f) for f in {listed})"
    return (text, x) if join == "add" else narrow(body, text, x)


def _fractions(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    body.note("loop over a list", "fractions in a list")
    out = wrapped(width(body, 1))
    listed = body.pick(["[0.5, 1.0]", "[1.5, 1]", "[1.0]", "[0.5, 1.0, 2]"])
    turn = body.pick([f"conv(2 * {out} * r, 1)", f"dropout(r / 4) -> conv(2 * {out} * r, 3)"])
    return narrow(body, f"chain({turn} for r in {listed})", x)


def shrinking(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A loop whose first iteration strides."""
    if body.halvings >= HALVINGS:
        return loop(body, x, depth)
    body.halvings += 1
    body.note("shrinking loop", "loop over a list", "enumerate", "conditional stride")
    body.note("loop with a condition on its variable")
    turn = f"conv(v, 3, stride=2 if i == 0 else 1) -> {layer(body)}"
    if body.may_label:
        turn = body.pick([turn, f"{body.name('stage')}_{{i}}: ({turn})"])
    items = ", ".join(width(body, 1) for _ in range(body.number(1, 3)))
    text = f"chain({turn} for i, v in enumerate([{items}]))"
    return narrow(body, text, replace(x, trail=(*x.trail, text)))


def _indexed(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    known = body.known(Sort.WIDTHS)
    if not known:
        return _over_widths(body, x, depth)
    body.note("loop over numbers", "list index")
    name = body.pick(known)
    turn = body.pick([f"conv({name}[i], 3)", f"conv({name}[i], 1) -> {layer(body)}"])
    return narrow(body, f"chain({turn} for i in range(len({name})))", x)


_LOOPS: tuple[Piece, ...] = (
    _repeat, _single_weight, _single_weight, _merged, _nothing, _empty, _empty, _counted,
    _counted, _growing, _over_widths, _enumerated, _zipped, _staged, _staged, _over_rows,
    _over_rows, _over_layers, _fractions, _indexed,
)  # fmt: skip
