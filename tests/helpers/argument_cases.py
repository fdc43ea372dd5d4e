"""Networks whose parameters decide widths, lists, conditions, loops and labels."""

from __future__ import annotations

from archdsl.arithmetic import Value
from tests.helpers.argument_forms import Form

WIDTHS = [4, 6, 8]
FLAGS = [False, True]
AB: dict[str, list[Value]] = {"a": [*WIDTHS], "b": [*WIDTHS]}
ABC: dict[str, list[Value]] = {**AB, "c": [6, 8]}
P: dict[str, list[Value]] = {"p": [*FLAGS]}
PQ: dict[str, list[Value]] = {**P, "q": [*FLAGS]}
PAIRS: list[Value] = [(8, 8), (4, 8), (8, 4), (6, 4), (4,), (4, 6, 8), (8, 4, 6)]

FORMS = {
    "then": Form(
        "network n(a=8, b=8, p=true): [3, 8, 8] = conv(a, 1) -> (conv(b, 1) if p) -> bn", AB | P
    ),
    "else": Form(
        "network n(a=8, b=8, p=false): [3, 8, 8] = conv(a, 1) -> (relu if p else conv(b, 3)) -> bn",
        AB | P,
    ),
    "list": Form(
        "network n(ws=[8, 8], p=true): [3, 8, 8] ="
        " conv(max(ws), 1) -> (conv(ws[-1], 1) if p) -> bn",
        {"ws": PAIRS, **P},
    ),
    "compared by the caller": Form(
        "block first(width, items, deep=false): [c, h, w] ="
        " (conv(width, 1) if deep) -> chain(items) -> bn\n"
        "network n(a=8, b=12, m=1, p=0.5): [3, 8, 8] = conv(a, 1)"
        " -> first(b, [repeat(m, conv(10, 3)), repeat(1, conv(a, 3))], p > 0)",
        {**AB, "m": [0, 1, 2], "p": [0.0, 0.25]},
    ),
    "one after another": Form(
        "network n(a=8, b=8, c=8, p=true, q=true): [3, 8, 8] ="
        " conv(a, 1) -> (conv(b, 1) if p) -> (conv(c, 1) if q) -> bn",
        ABC | PQ,
    ),
    "one in another": Form(
        "network n(a=8, b=8, c=8, p=true, q=false): [3, 8, 8] ="
        " conv(a, 1) -> ((conv(b, 1) -> (conv(c, 1) if q)) if p) -> bn",
        ABC | PQ,
    ),
    "norm in a branch": Form(
        "network n(a=8, b=8, c=8, p=true, q=true, r=true): [3, 8, 8] ="
        " conv(a, 1) -> (conv(b, 1) if p) -> ((bn -> conv(c, 1) -> bn) if q) -> (bn if r)",
        {**ABC, **PQ, "r": [*FLAGS]},
    ),
    "compared": Form(
        "network n(a=8, b=8, c=8, k=8): [3, 8, 8] ="
        " conv(a, 1) -> (conv(b, 1) if k > 6) -> (conv(c, 1) if k > 4) -> bn",
        {**ABC, "k": [*WIDTHS]},
    ),
    "both flags": Form(
        "network n(a=8, b=8, p=true, q=true, r=true): [3, 8, 8] ="
        " conv(a, 1) -> (conv(b, 1) if p and q) -> (bn if r) -> conv(b if p else a, 1) -> bn",
        {**AB, **PQ, "r": [*FLAGS]},
    ),
    "behind a call": Form(
        """
        block u(w, deep) = conv(5, 1) -> (conv(w, 1) if deep)
        network n(a=8, b=8, p=true): [3, 8, 8] = conv(a, 1) -> u(b, p) -> u(a, not p) -> bn
        """,
        AB | P,
        fixed="p",
    ),
    "in a call": Form(
        """
        block u(w, deep) = conv(w, 1) -> ((conv(w, 1) -> bn) if deep)
        network n(a=8, b=8, p=true, q=true): [3, 8, 8] = u(a, p) -> u(b, q) -> bn
        """,
        AB | PQ,
    ),
    "no turn": Form(
        "network n(a=8, b=8, n=2): [3, 8, 8] = conv(a, 1) -> repeat(n, conv(b, 3)) -> bn",
        {**AB, "n": [0, 1, 2, 3]},
    ),
    "channels of a scope before a loop": Form(
        "network n(a=8, n=1): [3, 8, 8] ="
        " conv(a, 1) -> s: (b: repeat(n, conv(4, 1)) -> conv(a, 1) -> add(identity))",
        {"a": [*WIDTHS], "n": [0, 1, 2, 3]},
    ),
    "no turn in a call": Form(
        """
        block body(v, n) = repeat(n, conv(v, 3) -> bn -> relu)
        network n(a=8, b=8, n=2): [3, 8, 8] =
            stem: conv(a, 1) -> body: body(b, n) -> bn: bn -> head: conv(2, 1)
        """,
        {**AB, "n": [0, 1, 2, 3]},
        fixed="n",
    ),
    "loop in a branch": Form(
        "network n(a=8, b=8, n=2, p=true): [3, 8, 8] ="
        " conv(a, 1) -> (repeat(n, conv(b, 1)) if p) -> bn",
        {**AB, "n": [0, 1, 2, 3], **P},
    ),
    "two lists": Form(
        """
        network n(ws=[8, 8], vs=[8, 8]): [3, 8, 8] =
            chain(conv(w, 1) for w in ws) -> chain(conv(v, 1) -> bn for v in vs) -> conv(ws[-1], 1)
            -> bn
        """,
        {"ws": PAIRS, "vs": PAIRS},
    ),
    "groups": Form(
        "network n(a=8, g=2, p=true): [3, 8, 8] ="
        " conv(a, 1) -> conv(a, 1, groups=g) -> (conv(2 * a, 1) if p) -> bn",
        {"a": [*WIDTHS], "g": [1, 2, 4], **P},
    ),
    "labels": Form(
        "network n(a=8, b=8, p=true, q=true): [3, 8, 8] ="
        " x: (conv(a, 1) if q else conv(4, 1)) -> y: ((conv(b, 1) -> bn) if p else bn)"
        " -> conv(2, 1)",
        AB | PQ,
    ),
    "equal by chance": Form(
        """
        network n(a=8, b=16, p=true): [3, 8, 8] =
            conv(a, 1) -> (conv(b, 1) if p else conv(2 * a, 1)) -> bn -> conv(b, 1)
        """,
        {"a": [*WIDTHS], "b": [8, 12, 16], **P},
    ),
    "strides": Form(
        "network n(p=true, q=1, r=1): [3, 32, 32] ="
        " conv(4, 3, stride=q) -> (conv(4, 3, stride=r) if p) -> flatten -> linear(3)",
        {**P, "q": [1, 2, 3], "r": [1, 2, 3]},
        fixed="p",
    ),
    "least": Form(
        "network n(w=12): [3, 8, 8] = conv(min(w, 4), 1) -> bn -> conv(12, 1, groups=min(w, 4))",
        {"w": [1, 2, 4, 5, 12]},
    ),
    "rounded": Form(
        "network n(w=16): [3, 8, 8] ="
        " conv(divisible(w * 0.75, 8), 1) -> bn -> conv(w // 2, 1) -> bn -> conv(1 + w % 5, 1)",
        {"w": [2, 3, 8, 9, 12, 17, 31, 64]},
    ),
    "list taken twice": Form(
        "network n(ks=[3, 3]): [3, 9, 9] = chain(conv(4, k) -> bn for k in ks + ks) -> conv(2, 1)",
        {"ks": [(3, 3), (1, 3), (3, 1), (3,), (1, 3, 5)]},
    ),
    "turns decide apart": Form(
        "network n(ws=[8, 8, 8]): [3, 8, 8] ="
        " chain(conv(4, 1) -> ((conv(w, 1) -> bn) if w >= 6) for w in ws) -> conv(2, 1)",
        {"ws": [(8, 8, 8), (4, 8, 8), (8, 4, 8), (8, 8, 4), (4, 4, 4), (8, 4, 4), (8,), (4, 8)]},
    ),
    "turns without weights decide apart": Form(
        """
        network n(ws=[8, 8]): [3, 8, 8] =
            a: conv(4, 1)
            -> chain(
                l{i}: conv(4, 1) -> (relu if w >= 6 else sigmoid) -> m{i}: conv(w, 1)
                for i, w in enumerate(ws)
            )
            -> b: conv(2, 1)
        """,
        {"ws": [(8, 8), (4, 8), (8, 4), (4, 4), (5, 6), (8,), (4, 8, 8)]},
        one_length="ws",
    ),
    "filtered": Form(
        """
        block s(ds) = chain(conv(d, 3) for d in ds)
        network n(ws=[8, 16], lo=4): [3, 8, 8] = s([2 * w for w in ws if w > lo]) -> conv(2, 1)
        """,
        {"ws": PAIRS, "lo": [2, 4, 7]},
        fixed="lo ws",
    ),
    "labels and no turn": Form(
        "network n(w=8, n=2): [3, 8, 8] ="
        " conv(w, 1) -> chain((l{i}: conv(w, 1)) for i in range(n)) -> bn",
        {"w": [*WIDTHS], "n": [0, 1, 2, 3]},
    ),
    "strided list": Form(
        "network n(k=8, s=[1, 1]): [3, 16, 16] ="
        " chain(conv(k, 3, stride=t) -> bn for t in s) -> flatten -> linear(2)",
        {"k": [4, 8], "s": [(1, 1), (2, 1), (1, 2), (2,), (1, 2, 1)]},
        one_length="s",
    ),
    "words": Form(
        """
        network n(act="relu", a=8, b=8): [3, 8, 8] =
            conv(a, 1) -> (relu if act == "relu" else (gelu if act == "gelu" else conv(b, 1))) -> bn
        """,
        {"act": ["relu", "gelu", "none"], **AB},
    ),
    "fractions": Form(
        """
        network n(width=1.0, p=0.5, k=16): [3, 8, 8] =
            conv(divisible(k * width, 8), 1) -> (dropout(p) if p > 0 else relu)
            -> conv(max(4, floor(8 * width)), 1) -> bn
        """,
        {"width": [0.25, 0.5, 1.0, 1.4, 2.0], "p": [0.0, 0.2, 0.5], "k": [8, 16, 24]},
    ),
    "recursion": Form(
        """
        block r(n, w) = conv(w, 3) -> (r(n - 1, w) if n > 1)
        network n(d=2, w=8): [3, 8, 8] = conv(4, 1) -> r(d, w) -> bn
        """,
        {"d": [1, 2, 3], "w": [*WIDTHS]},
    ),
    "zipped": Form(
        "network n(ws=[8, 8], ks=[3, 3]): [3, 8, 8] ="
        " chain(conv(w, k) -> bn for w, k in zip(ws, ks)) -> conv(2, 1)",
        {"ws": PAIRS, "ks": [(3, 3), (1, 3), (3, 1), (1,), (1, 3, 1)]},
    ),
    "count of a list": Form(
        "network n(e=12, ws=[8, 8]): [3, 8, 8] ="
        " conv(8, 1) -> repeat(len(ws) if e <= 8 else 3, conv(e, 1)) -> bn",
        {"e": [4, 8, 12], "ws": PAIRS},
    ),
    "one choice in another": Form(
        "network n(e=8, m=4, d=3): [3, 8, 8] ="
        " conv(e, 1) -> conv(m if 2 * e != m else (m // d * 4 if d > 0 else 12), 3) -> bn",
        {"e": [4, 6, 8], "m": [4, 8, 12, 16], "d": [0, 1, 2, 3]},
    ),
    "guarded by another": Form(
        "network n(d=2, w=8, k=3): [3, 8, 8] ="
        " conv(w, 1) -> (conv(w, k) if d == 0 or w // d > 3) -> conv(4, 1)",
        {"d": [0, 1, 2, 4], "w": [4, 8, 12], "k": [1, 3]},
    ),
    "greatest behind a loop": Form(
        """
        network n(a=8, n=2, ws=[8, 8]): [3, 8, 8] =
            conv(max(a, 10), 1) -> (conv(a, 1) if len(ws) > 1) -> (conv(a, 3) if ws[0] >= 6)
            -> repeat(n, conv(a, 1) -> (conv(max(ws), 3) if ws[0] >= 8) -> conv(max(a, 8), 1))
            -> bn
        """,
        {"a": [4, 8, 12], "n": [0, 1, 2], "ws": PAIRS},
    ),
    "must agree": Form(
        """
        network n(a=8, b=8, ws=[8, 8, 8]): [3, 6, 6] =
            conv(min(b, 4), 1) -> conv(divisible(b * 0.75, 4), 1)
            -> ((add(identity, (conv(a, 3) -> conv(b, 1) -> conv(a, 1)) -> conv(b, 1))
                -> ((conv(a, 3)) if a < b else (conv(a, 1))) -> ((conv(a, 1)) if ws[0] >= 8))
                if a < b)
            -> bn -> relu
        """,
        {"a": [4, 8], "b": [4, 6, 8, 12], "ws": [(8, 8, 8), (4, 8, 8)]},
        fixed="a b ws",
    ),
    "list added to itself": Form(
        """
        network n(c=8, ws=[8, 4]): [3, 8, 8] =
            conv(c, 1) -> chain((conv(w, 1) -> conv(w, 1)) for w in ws + ws)
            -> add(identity, conv(ws[-1], 1)) -> conv(c, 1)
        """,
        {"c": [*WIDTHS], "ws": PAIRS},
        one_length="ws",
    ),
    "computed default": Form(
        "network n(a=8, b=2 * a, p=true): [3, 8, 8] = conv(a, 1) -> (conv(b, 1) if p) -> bn",
        {**AB, **P},
        fixed="b",
    ),
    "computed default of a function": Form(
        """
        block u(w, v) = conv(w, 1) -> conv(v, 1) -> bn
        network n(a=8, b=2 * a): [3, 8, 8] = u(a, b)
        """,
        AB,
        fixed="b",
    ),
    "a number or a list": Form(
        """
        block u(w, p) = first: conv(w, 1) -> add(identity, pad([1, 1] if not p > 0 else 1) ->
            second: conv(w, 3, pad=0))
        network n(a=8, p=0.1): [3, 8] = u(a, p)
        """,
        {"a": [*WIDTHS], "p": [0.1, 0.0, -0.5, 0.3]},
    ),
    "layer of an argument bound inside": Form(
        """
        block cell(f, act=relu) = a: f(8) -> act -> b: f(4, stride=1)
        block pair(g) = x: g(act=leaky_relu(0.2)) -> y: g
        network n(k=3, s=0.1): [3, 8, 8] =
            pair(cell(conv(kernel=k)))
            -> pair(cell(conv(kernel=1, groups=2), act=leaky_relu(s))) -> bn
        """,
        {"k": [1, 3, 5], "s": [0.1, 0.3]},
    ),
    "several classes of an argument": Form(
        """
        block cell(out, f=conv(kernel=3), act=relu) = f(out) -> act -> f(out)
        block pair(g, w) = x: g(4) -> y: g(w, act=identity)
        network n(s=0.1): [3, 8, 8] =
            pair(cell, 8) -> pair(cell(act=bn), 8)
            -> pair(cell(f=conv(kernel=3), act=leaky_relu(s)), 8)
        """,
        {"s": [0.1, 0.3]},
    ),
    "a form in a branch that the defaults leave out": Form(
        """
        network n(a=8, e=12): [4, 9] =
            conv(a, 3)
            -> (relu if not a > e else mean(identity, t: parameter([a, 9], batch=(a > 4))))
            -> conv(e, 3)
        """,
        {"a": [4, 13], "e": [3, 12]},
        fixed="e",
    ),
    "a width that equals another at the first value behind a condition": Form(
        """
        block first(w, items, is_deep=false) = (conv(w, 1) if is_deep) -> chain(items)
        network n(a=12): [3, 8, 8] =
            conv(4 * a, 3 if a < 20 else 1)
            -> first(12, [conv(8, 3), relu, conv(6 if a < 30 else 7, 1 if a > 8 else 3)],
                is_deep=a < 4)
            -> first(12, [conv(8, 3)])
        """,
        {"a": [1, 2, 3, 12, 13, 20, 30]},
        fixed="a",
    ),
    "a layer of an argument bound in a list": Form(
        """
        block first(w, items) = conv(w, 3) -> chain(items)
        block second(norm, e=0.2) =
            first(4, [norm(eps=e) for i in [1, 2]]) -> first(8, [norm])
        network n(e=0.3): [3, 8, 8] = second(bn(eps=0.1)) -> second(bn(momentum=0.3), e)
        """,
        {"e": [0.1, 0.2, 0.3]},
    ),
    "tensors of a list read in a scope that one use lacks": Form(
        """
        block first(w, others, p=true) =
            conv(w, 3) -> add([group: (concat(identity, others) -> conv(w, 1))] if p, identity)
        network n(p=false): [3, 8, 8] =
            a: conv(5, 3) -> b: conv(6, 3) -> first(4, [@a, @b]) -> first(8, [@a], p)
        """,
        {**P},
        fixed="p",
    ),
    "a scope with modules for some values and only branches for others": Form(
        """
        network n(p=false): [3, 8, 8] =
            conv(4, 3) -> group: (relu -> (mul(identity, sigmoid) if p else bn)) -> conv(2, 1)
        """,
        {**P},
        fixed="p",
    ),
    "a whole number for a fraction": Form(
        """
        network n(s=0.5): [2, 8, 8] =
            g: gain(init=s) -> star_relu(bias=s) -> std_conv(4, 3, gain_init=s)
            -> rearrange("c h w -> h w; c")
            -> add(identity, t: parameter([8, 8; 4], init=constant(s)))
        """,
        {"s": [0.5, 1, 2]},
    ),
    "a shared layer that some values leave out, one use of which is read": Form(
        """
        network n(d=1): [4, 8, 8] =
            share s = (identity if d <= 1 else conv(4, 3)) in
                s -> add(identity, @s) -> relu -> s
        """,
        {"d": [1, 2]},
    ),
    "a width that has no value for the defaults": Form(
        """
        network n(b=8, wide=false, d=0): [4, 9] =
            conv(b // d * 4 if d > 0 else 8, 3)
            -> ((conv1: std_conv(b if wide else 12, 1 if d % 2 == 1 else 3) -> add(@conv1, identity)
                -> conv(b // d * 4 if d > 0 else 8, 1)) if d % 2 == 1)
            -> global_maxpool -> flatten -> fc: linear(4)
        """,
        {"b": [4, 8], "wide": [*FLAGS], "d": [0, 1, 2, 3, 4]},
    ),
    "an item of a list that is too short for the defaults": Form(
        """
        network n(ws=[8, 8], d=2): [4, 9] =
            conv(ws[d] if len(ws) > d and ws[d] > 3 else ws[0], 3)
            -> (bn if len(ws) > d) -> conv(max(ws[-1], 2 + ws[d]) if len(ws) > d else 4, 1)
        """,
        {"ws": [(8, 8), (4, 8, 2), (6, 4, 5, 3)], "d": [0, 2, 3]},
    ),
    "a module of both branches with a condition of one": Form(
        """
        network n(a=8, deep=true, k=1, d=2): [4, 9] =
            conv(a, 3)
            -> ((conv(8, k if d % 2 == 1 else 1) -> conv(a, 1)) if deep else conv(a, 1))
            -> global_maxpool -> flatten -> fc: linear(4)
        """,
        {"a": [4, 8], "deep": [*FLAGS], "k": [1, 3], "d": [1, 2, 3]},
    ),
    "a layer of an argument that works in place under a condition": Form(
        """
        block first(width, act=relu): [c, h, w] =
            add(one: act, (conv(8, 3) -> act -> conv(c, 1)) if c <= 8 else [])
            -> two: conv(width, 1)
        network n(a=8, w=12): [3, 8, 8] = conv(w, 1) -> first(a, act=residual(relu)) -> first(a)
        """,
        {"a": [4, 8], "w": [10, 12]},
        fixed="w",
    ),
    "a layer without weights beside the only child of a loop": Form(
        """
        network n(a=4, k=3): [3, 8, 8] =
            conv(a, k)
            -> body: chain(add(identity, (l{i}: conv(a, 3)) -> drop_path(0.1)) for i in range(1))
        """,
        {"a": [4, 8], "k": [1, 3]},
    ),
    "lists that are doubled, chosen and compared": Form(
        """
        network n(ws=[8, 8], vs=[4, 8], p=true, k=3): [4, 9] =
            conv((ws + ws + [k])[2], 3) -> conv(((ws if p else vs) + [k])[-1], 3)
            -> conv(3 if (ws if p else vs) == [8, 8] else 4, 1)
            -> (bn if ws + ws == [8, 8, 8, 8]) -> global_maxpool -> flatten -> fc: linear(4)
        """,
        {"ws": [(8, 8), (4, 6)], "vs": [(4, 8), (8, 8)], "p": [*FLAGS], "k": [3, 5]},
    ),
}
