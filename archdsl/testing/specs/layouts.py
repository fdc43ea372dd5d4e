"""Random layers on tensors whose channels are last, between two that turn a tensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from archdsl.testing.specs.body import SpecBody, SpecTensor, wrapped
from archdsl.testing.specs.values import choice, flag_argument, share, width

AXES = {1: "l", 2: "h w", 3: "t h w"}
"""The axes of positions in a pattern, by their number."""


def turned(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Layers on the features of every position; the channels are first before and behind them."""
    body.note("channels last")
    axes, out = AXES[body.spoken.axes], width(body)
    links = [f'rearrange("c {axes} -> {axes}; c")', _linear(body, out)]
    links += [body.pick(_FORMS)(body, wrapped(out)) for _ in range(body.number(0, 2))]
    links.append(f'rearrange("{axes}; c -> c {axes}")')
    return " -> ".join(links), replace(x, channels=wrapped(out))


def tokens(body: SpecBody) -> str:
    """A head that reads all positions as one sequence."""
    body.note("sequence")
    parts = ['rearrange("c {} -> ({}); c")'.format(*[AXES[body.spoken.axes]] * 2)]
    if body.spoken.axes == 1:
        parts = ['rearrange("c l -> l; c")']
    longer = "linear(8) -> append(identity, layernorm) -> take(-1)"
    parts.append(body.pick([longer, "lstm(3, bidirectional=true) -> rmsnorm -> take(0)"]))
    return f" -> {' -> '.join(parts)} -> linear(10)"


def _linear(body: SpecBody, out: str) -> str:
    return (
        f"linear({out}, bias={flag_argument(body, 'bias')})" if body.one_in(4) else f"linear({out})"
    )


def _plain(body: SpecBody, out: str) -> str:
    norms = ["layernorm", "layernorm(eps=0.001)", f"layernorm(bias={flag_argument(body, 'bias')})"]
    return body.pick([*norms, "gelu", "relu", "softmax", "affine"])


def _dropped(body: SpecBody, out: str) -> str:
    return f"dropout({share(body)})"


def _moved(body: SpecBody, out: str) -> str:
    return f"roll({body.pick(['1', '-2', str([1] * body.spoken.axes)])})"


def _summed(body: SpecBody, out: str) -> str:
    return f"add(identity, layernorm -> linear({out}))"


def _widened(body: SpecBody, out: str) -> str:
    between = body.pick(["linear(4)", "slice(0, 4)", f"pad_channels({out} + 4)"])
    return f"concat(identity, {between}) -> linear({out})"


def _gated(body: SpecBody, out: str) -> str:
    return f"mul(identity, global_avgpool -> linear({out}) -> sigmoid)"


def _attended(body: SpecBody, out: str) -> str:
    """Attention along the last axis, or over all positions in PyTorch's own layer."""
    body.note("attention")
    if body.spoken.axes == 1 and body.one_in(3):
        memory = f", memory=linear({body.pick(['4', out])}) -> layernorm"
        bias = f", bias={flag_argument(body, 'bias')}"
        more = body.pick(["", bias, ", causal=true", ", dropout=0.1", memory, memory])
        return f"multihead({body.pick('124')}{more})"
    heads = choice(body, "heads", ["1", "2", "4"])
    more = body.pick(["", ", causal=true", ", scale=0.3", ", dropout=0.1"])
    if body.one_in(2):
        return f"linear(3 * {out}) -> attend(split(3), heads={heads}{more})"
    keys = f"linear({out}), layernorm -> linear(2 * {out})"
    return f"attend(identity, {keys}, heads={heads}{more}) -> linear({out})"


def _multiplied(body: SpecBody, out: str) -> str:
    """Attention along the last axis as products of matrices."""
    body.note("product of matrices")
    *others, last = ("t", "h", "w")[-body.spoken.axes :]
    turn = f"{' '.join([*others, last])}; d -> {' '.join([*others, 'd'])}; {last}"
    keys = f'linear(4) -> rearrange("{turn}")'
    return f"matmul(matmul(linear(4), {keys}) -> softmax, linear({out}))"


def _tied(body: SpecBody, out: str) -> str:
    """A matrix, and the same one transposed behind it."""
    if not body.may_label or body.loops:
        return _plain(body, out)
    body.note("share", "tied")
    name = body.name("shared")
    between = body.pick(["gelu", "layernorm -> relu", f"{name} -> relu"])
    inner = out if between.startswith(name) else width(body, 1)
    return f"(share {name} = linear({inner}) in {name} -> {between} -> tied({name}))"


_FORMS: tuple[Callable[[SpecBody, str], str], ...] = (
    _plain, _plain, _dropped, _moved, _summed, _widened, _gated, _attended, _attended, _tied,
    _multiplied,
)  # fmt: skip
