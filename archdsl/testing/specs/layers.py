"""Random single layers, with arguments that conditions choose."""

from __future__ import annotations

from dataclasses import replace

from archdsl.testing.specs.body import HALVINGS, Sort, SpecBody, SpecTensor, wrapped
from archdsl.testing.specs.values import (
    WIDTHS,
    choice,
    flag_argument,
    kernel,
    share,
    width,
    word,
)

INITIALISERS = (
    "normal(0.1)", "kaiming_normal", 'kaiming_normal("out")', "xavier_uniform",
    "trunc_normal(0.1, limit=1)", "kaiming_uniform", '"default"',
)  # fmt: skip
ACTIVATIONS = (
    "relu relu relu6 silu gelu elu selu mish hardswish hardsigmoid sigmoid tanh prelu star_relu "
    "softmax"
).split()
ONE_SIDED = ("identity", "(identity)", "repeat(2, identity)", "repeat(0, relu)", "chain([])")


def convolution(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A convolution with some of its arguments."""
    out = width(body)
    extra = body.pick(
        [_nothing, _nothing, _groups, _bias, _dilation, _pad, _start, _standardised, _to_the_end]
    )
    return extra(body, out), replace(x, channels=wrapped(out))


def _nothing(body: SpecBody, out: str) -> str:
    return f"conv({out}, {kernel(body)})"


def _groups(body: SpecBody, out: str) -> str:
    return f"conv({out}, {kernel(body)}, groups={choice(body, 'groups', '124', 2)})"


def _bias(body: SpecBody, out: str) -> str:
    return f"conv({out}, {kernel(body)}, bias={flag_argument(body, 'bias')})"


def _dilation(body: SpecBody, out: str) -> str:
    return f"conv({out}, {kernel(body)}, dilation={choice(body, 'dilation', '12', 2)})"


def _pad(body: SpecBody, out: str) -> str:
    size = kernel(body)
    return f"conv({out}, {size}, pad={wrapped(size)} // 2)"


def _standardised(body: SpecBody, out: str) -> str:
    body.note("standardised convolution")
    gamma = choice(body, "factor", ["1.0", "1.7"])
    gain = body.pick([f", gamma={gamma}", f", gain={body.pick(['true', 'false'])}", ""])
    return f"std_conv({out}, {kernel(body)}{gain})"


def _to_the_end(body: SpecBody, out: str) -> str:
    body.note("padding to the end")
    size = body.pick([kernel(body), "2", "4"])
    return f'conv({out}, {size}, pad="same_end", dilation={choice(body, "dilation", "12", 2)})'


def _start(body: SpecBody, out: str) -> str:
    body.note("initialiser")
    scheme = body.pick(INITIALISERS)
    if body.one_in(4):
        body.note("conditional initialiser")
        std = choice(body, "initialiser", ["0.1", "0.2"], 1)
        scheme = f"normal({std})"
    bias = body.pick(["", "", ", bias_init=0.5", ", bias_init=0"])
    return f"conv({out}, {kernel(body)}, init={scheme}{bias})"


def depthwise(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """One filter for every channel, or a transposed convolution of the same size."""
    if body.one_in(3):
        out = width(body)
        stride = f"conv_transpose({out}, 3, pad=1, groups={choice(body, 'groups', '12')})"
        return stride, replace(x, channels=wrapped(out))
    return f"conv({x.channels}, {kernel(body)}, groups={x.channels})", x


def pointwise(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A layer that keeps every shape."""
    return layer(body), x


def layer(body: SpecBody) -> str:
    """Any layer that keeps the shape; it is a single link."""
    known = body.known(Sort.LAYER) + body.known(Sort.NORM)
    if known and body.one_in(2):
        name = body.pick(known)
        if name not in body.known(Sort.NORM) or body.one_in(3):
            return name
        body.note("layer bound inside")
        return f"{name}(eps={choice(body, 'eps', ['0.001', '0.01'])})"
    return body.pick([_activation, _slope, _norm, _norm, _normed, _helper, _dropped])(body)


def _activation(body: SpecBody) -> str:
    return body.pick(ACTIVATIONS)


def _slope(body: SpecBody) -> str:
    if body.one_in(2):
        return f"leaky_relu({choice(body, 'slope', ['0.2', '0.1', '0.3'])})"
    return f"elu({body.pick(['', 'alpha='])}{choice(body, 'slope', ['0.5', '1.0'])})"


def _norm(body: SpecBody) -> str:
    if not body.one_in(3):
        return "bn"
    form = body.number(1, 3)
    if form == 1:
        return f"bn(eps={choice(body, 'eps', ['0.001', '1e-5', '0.01'])})"
    if form == 2:
        return f"bn(momentum={choice(body, 'momentum', ['0.1', '0.2', '0.01'])})"
    body.note("initialiser")
    gain = choice(body, "initialiser", ["0", "1", "0.5"])
    return f"bn(gain_init={gain}{body.pick(['', ', bias_init=0.5'])})"


def _normed(body: SpecBody) -> str:
    form = body.number(1, 4)
    if form == 1:
        return f"groupnorm({choice(body, 'groups', ['4', '2', '1'])})"
    if form == 2:
        return f"layernorm(eps={choice(body, 'eps', ['0.001', '1e-5'])})"
    return body.pick(["lrn(3)" if body.spoken.axes == 2 else "bn", "layernorm", "grn"])


def _helper(body: SpecBody) -> str:
    """A layer with a helper class in the generated file."""
    body.note("helper class")
    form = body.number(1, 4)
    if form == 1:
        return "affine"
    if form == 2:
        return f"scale({choice(body, 'factor', ['0.5', '2', '1.5'])})"
    if form == 3:
        return f"drop_path({share(body)})"
    return f"drop_path(0.5, mode={word(body, 'mode', ['row', 'batch'])})"


def _dropped(body: SpecBody) -> str:
    if body.one_in(3):
        return f"channel_shuffle({choice(body, 'groups', '24')})"
    return body.pick(["dropout", f"dropout({share(body)})", "dropout2d"])


def pool(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Pooling that keeps the positions."""
    form = body.number(1, 4)
    if form == 1:
        return "maxpool(3, stride=1, pad=1)", x
    if form == 2:
        linear = "bilinear" if body.spoken.axes == 2 else "linear"
        mode = word(body, "mode", ["nearest", linear])
        return f"upsample(2, mode={mode}) -> maxpool(2)", x
    if form == 3:
        amount = choice(body, "pad", ["1", str([1, 1] * body.spoken.axes)])
        return f"pad({amount}, value={body.pick(['0', '-0.5'])}) -> maxpool(3, stride=1)", x
    counted = flag_argument(body, "count_pad")
    return f"avgpool(3, stride=1, pad=1, count_pad={counted})", x


def cut(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """Some of the channels, or additional ones."""
    form = body.number(1, 3)
    if form == 1:
        return "slice(0, 4)", replace(x, channels="4")
    if form == 2:
        out = body.pick(WIDTHS)
        start = choice(body, "bound", ["0", "1", "2"], 2)
        return f"slice({start}, 4) -> conv({out}, 1)", replace(x, channels=out)
    body.note("helper class")
    return f"pad_channels({x.channels} + 4)", replace(x, channels=f"({x.channels} + 4)")


def odd_identity(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A layer without effect."""
    form = body.number(1, 4)
    if form == 1:
        body.note("identity", "loop without layers")
        return f"repeat({body.pick('23')}, identity)", x
    if form == 2 and body.may_label and not body.loops:
        body.note("identity", "label on identity")
        return f"{body.name('t')}: identity", x
    body.note("identity")
    return body.pick(ONE_SIDED), x


def halve(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A layer that shrinks the axes."""
    if body.halvings >= HALVINGS:
        return pointwise(body, x, depth)
    body.halvings += 1
    text, channels = body.pick([_pooled, _pooled, _strided, _strided, _unpadded])(body, x)
    return text, SpecTensor(channels, (*x.trail, text))


def _pooled(body: SpecBody, x: SpecTensor) -> tuple[str, str]:
    form = body.number(0, 4)
    if form <= 1:
        return f"maxpool(2, ceil={flag_argument(body, 'ceil')})", x.channels
    if form == 2:
        return f"avgpool({choice(body, 'kernel', '23')}, stride=2, pad=1)", x.channels
    if form == 3:
        return f"maxpool(3, stride={choice(body, 'stride', '21')}, pad=1)", x.channels
    body.note("fraction", "fractions in a list")
    sizes = ["3", f"{wrapped(width(body))} / 4", "2.0"][-body.spoken.axes :]
    return f"adaptive_avgpool([{', '.join(sizes)}])", x.channels


def _strided(body: SpecBody, x: SpecTensor) -> tuple[str, str]:
    out, stride = width(body), choice(body, "stride", "21", 2)
    form = body.pick(["conv({}, 3, stride={})", "conv({}, 1, {})", "conv({}, 5, stride={})"])
    return form.format(out, stride), wrapped(out)


def _unpadded(body: SpecBody, x: SpecTensor) -> tuple[str, str]:
    out = width(body)
    return f"conv({out}, 3, pad={choice(body, 'pad', '01', 2)})", wrapped(out)


def station(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A check of the shape, in numbers if these are known."""
    if x.trail or not body.one_in(2):
        return body.pick([f"[{x.channels}, ...]", f"[{x.channels}{', _' * body.spoken.axes}]"]), x
    body.note("exact station")
    return f"[{x.channels}, {', '.join(body.sizes)}]", x
