"""Random specs that are right: chains, merges, wires, blocks, loops, conditions, symbolic sizes.

Sizes stay undecided while a spec is written, so all of its channels are multiples of four: then 2
and 4 divide whatever there is, and two tensors fit where the same text gave them their channels
and the same layers their height and width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st

from archdsl.testing.spec import Spec

T = TypeVar("T")
DEEPEST = 2
"""So many merges, groups and conditions may lie in each other."""
HALVINGS = 3
"""So often a network halves its resolution; the inputs are large enough for it."""

POINTWISE = (
    "bn relu relu6 leaky_relu(0.2) prelu elu silu gelu hardswish sigmoid tanh softmax layernorm "
    "groupnorm(4) lrn(3) affine scale(0.5) dropout drop_path(0.1) channel_shuffle(2) identity"
).split()
SAME_SIZE = ("maxpool(3, stride=1, pad=1)", "avgpool(3, stride=1, pad=1, count_pad=false)")
HALVING = ("maxpool(2)", "avgpool(2)", "maxpool(3, stride=2, pad=1)", "avgpool(2, ceil=true)")

HEADS = ("", " -> global_avgpool -> flatten -> linear(10)", " -> adaptive_avgpool(2) -> flatten")


@dataclass(frozen=True)
class _Tensor:
    """Channels as an expression, and the layers that changed the height and width so far."""

    channels: str
    trail: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Block:
    """A block of the spec: `channels` of its result in terms of `c` and `width`."""

    name: str
    text: str
    channels: str
    halvings: int

    def result(self, x: _Tensor, width: str, call: str) -> _Tensor:
        values = {"c": f"({x.channels})", "width": f"({width})"}
        channels = re.sub(r"\b(c|width)\b", lambda name: values[name[0]], self.channels)
        return _Tensor(channels, x.trail + (call,) * self.halvings)


@dataclass
class _Body:
    """The body under way: what its layers may name, and how much they may still shrink."""

    draw: Callable[[st.SearchStrategy[T]], T] | Callable[..., object]
    widths: Sequence[str]
    conditions: Sequence[str]
    blocks: Sequence[_Block] = ()
    halvings: int = 0
    labels: dict[str, _Tensor] = field(default_factory=dict)
    names: int = 0

    def pick(self, values: Sequence[T]) -> T:
        return self.draw(st.sampled_from(values))  # type: ignore[return-value]

    def number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))  # type: ignore[return-value]

    def name(self, stem: str) -> str:
        self.names += 1
        return f"{stem}{self.names}"


_Piece: TypeAlias = Callable[[_Body, _Tensor, int], tuple[str, _Tensor]]


def _chain(body: _Body, x: _Tensor, depth: int, most: int = 3) -> tuple[str, _Tensor]:
    """Some layers one after another; the height and width change only at depth 0."""
    links = []
    for _ in range(body.number(1, most)):
        text, x = _link(body, x, depth)
        links.append(text)
    return " -> ".join(links), x


def _link(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    pieces = _PLAIN + (_NESTED if depth < DEEPEST else ()) + (_OUTERMOST if depth == 0 else ())
    return body.pick(pieces)(body, x, depth)


def _convolution(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    out, kernel = body.pick(body.widths), body.pick([1, 3, 5])
    extra = body.pick(["", ", groups=2", ", groups=4", ", bias=false", ", dilation=2"])
    return f"conv({out}, {kernel}{extra})", replace(x, channels=out)


def _depthwise(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    return f"conv({x.channels}, 3, groups={x.channels})", x


def _pointwise(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    return body.pick(POINTWISE), x


def _pool(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    return body.pick(SAME_SIZE), x


def _slice(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    return "slice(0, 4)", replace(x, channels="4")


def _closed(body: _Body, x: _Tensor, depth: int) -> str:
    """A chain that ends with the shape it began with."""
    text, result = _chain(body, x, depth + 1, 2)
    return text if result == x else f"{text} -> conv({x.channels}, 1)"


def _sum(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    branches = [_closed(body, x, depth) for _ in range(body.number(1, 2))]
    return f"{body.pick(['add', 'mean'])}(identity, {', '.join(branches)})", x


def _concatenation(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    branches = [_chain(body, x, depth + 1, 2) for _ in range(body.number(2, 3))]
    channels = " + ".join(result.channels for _, result in branches)
    return f"concat({', '.join(text for text, _ in branches)})", replace(x, channels=channels)


def _gate(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    return f"mul(identity, global_avgpool -> conv({x.channels}, 1) -> sigmoid)", x


def _repeat(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    return f"repeat({body.number(0, 3)}, conv({x.channels}, 3) -> {body.pick(POINTWISE)})", x


def _loop(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    label, count = body.name("layer"), body.number(1, 3)
    return f"chain({label}_{{i}}: conv({x.channels}, 3) for i in range({count}))", x


def _dense(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    growth, count = body.pick(body.widths), body.number(1, 3)
    text = f"chain(concat(identity, conv({growth}, 3)) for i in range({count}))"
    return text, replace(x, channels=f"{x.channels} + {count} * ({growth})")


def _condition(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    condition = body.pick([*body.conditions, f"{x.channels} > 8"])
    # Behind the condition nothing may read what was labelled on one side of it.
    known = dict(body.labels)
    then = f"({_closed(body, x, depth)})"
    body.labels = dict(known)
    otherwise = body.pick(["", f" else ({_closed(body, x, depth)})"])
    body.labels = known
    return f"({then} if {condition}{otherwise})", x


def _group(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    text, result = _chain(body, x, depth + 1, 2)
    label = body.name("group")
    body.labels[label] = result
    return f"{label}: ({text})", result


def _label(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    text, result = _convolution(body, x, depth)
    label = body.name("conv")
    body.labels[label] = result
    return f"{label}: {text}", result


def _wire(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    fitting = [label for label, other in body.labels.items() if other.trail == x.trail]
    if not fitting:
        return _label(body, x, depth)
    label = body.pick(fitting)
    if body.number(0, 1):
        return f"add(identity, @{label} -> conv({x.channels}, 1))", x
    channels = f"{body.labels[label].channels} + {x.channels}"
    return f"concat(@{label}, identity)", replace(x, channels=channels)


def _let(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    width = body.pick(body.widths)
    return f"(let mid = {width} in conv(mid, 1) -> relu -> conv(2 * mid, 3))", replace(
        x, channels=f"2 * ({width})"
    )


def _halve(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    if body.halvings >= HALVINGS:
        return _pointwise(body, x, depth)
    body.halvings += 1
    out = body.pick(body.widths)
    text = body.pick([*HALVING, f"conv({out}, 3, stride=2)"])
    channels = out if text.startswith("conv") else x.channels
    return text, _Tensor(channels, (*x.trail, text))


def _call(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    blocks = [b for b in body.blocks if body.halvings + b.halvings <= HALVINGS]
    if not blocks:
        return _convolution(body, x, depth)
    block, width = body.pick(blocks), body.pick(body.widths)
    body.halvings += block.halvings
    extra = body.pick(["", ", deep=true", ", kernel=5", ", activation=silu"])
    used = extra if extra[2:].partition("=")[0] in block.text else ""
    call = f"{block.name}({width}{used})"
    label = body.pick(["", f"{body.name('block')}: "])
    return label + call, block.result(x, width, call)


def _station(body: _Body, x: _Tensor, depth: int) -> tuple[str, _Tensor]:
    return f"[{x.channels}, _, _]", x


_PLAIN: tuple[_Piece, ...] = (_convolution, _convolution, _pointwise, _pointwise, _depthwise, _pool)
_PLAIN += (_slice, _gate, _repeat, _let)
_NESTED: tuple[_Piece, ...] = (_sum, _concatenation, _condition, _dense)
# A label inside a loop or a merge may be made twice or too late; these stand outside.
_OUTERMOST: tuple[_Piece, ...] = (_group, _label, _wire, _wire, _loop, _halve, _call, _call)
_OUTERMOST += (_station,)


def _block(draw: Callable[..., object], name: str, blocks: Sequence[_Block]) -> _Block:
    body = _Body(draw, ("width", "2 * width", "8"), ("deep", "width > 8", "c == width"), blocks, 1)
    first = body.pick(["conv(width, kernel)", "conv(width, 3) -> activation", "conv(width, 1)"])
    text, result = _chain(body, _Tensor("width"), 0)
    text = f"{first} -> {text}"
    optional = {"deep": "false", "kernel": "3", "activation": "relu"}
    used = [
        f"{key}={value}" for key, value in optional.items() if re.search(rf"\b{key}\b(?!=)", text)
    ]
    claimed = body.pick(["", f" -> [{result.channels}, _, _]"])
    head = f"block {name}({', '.join(['width', *used])}): [c, h, w]{claimed}"
    return _Block(name, f"{head} =\n    {text}\n", result.channels, body.halvings - 1)


def _network(draw: Callable[..., object], name: str, blocks: Sequence[_Block]) -> str:
    body = _Body(draw, ("4", "8", "width"), ("width > 4", "true"), blocks)
    channels = body.number(1, 4)
    sizes = body.pick(["h, w", "h, h", "8 * h, w", "40, 40", "33, 47"])
    text, _ = _chain(body, _Tensor("width"), 0, 5)
    text = f"conv(width, 3) -> {text}{body.pick(HEADS)}"
    return f"network {name}(width=8): [{channels}, {sizes}] =\n    {text}\n"


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Random specs without mistakes: up to two blocks, and one or two networks that use them."""
    blocks: list[_Block] = []
    for name in ("first", "second")[: draw(st.integers(0, 2))]:
        blocks.append(_block(draw, name, blocks))
    names = ("small", "large")[: draw(st.integers(1, 2))]
    networks = [_network(draw, name, blocks) for name in names]
    return Spec("\n".join([*(block.text for block in blocks), *networks]))
