"""What ops refuse, and which of their parameters or inputs they blame."""

from __future__ import annotations

import pytest

from archdsl.ops import OPS
from archdsl.ops.base import Op, Reject
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import symbol
from tests.helpers.op_examples import read

H = symbol("h")

REFUSED = (
    ("[8, 5, 5] | conv(4, 2)", "kernel"),
    ("[8, 5, 5] | conv(4, 3, groups=3)", "groups"),
    ("[8, 5, 5] | conv(6, 3, groups=4)", "groups"),
    ("[8, 5, 5] | conv(0, 3)", "out"),
    ("[8, 5, 5] | conv(4, 3, 0)", "stride"),
    ("[8, 5, 5] | conv(4, 3, pad=-1)", "pad"),
    ("[8, 5, 5] | conv(4, [3, 3, 3])", "kernel"),
    ('[8, 5, 5] | conv(4, 3, pad="valid")', "pad"),
    ("[8, 5, 5] | conv(4, 3, bias=1)", "bias"),
    ("[8, 5, 5] | conv(4, 3, init=0.1)", "init"),
    ("[8, 5, 5] | conv(4, 7, pad=0)", ""),
    ("[8, 5, 5] | conv(4, 3, pad=0, dilation=3)", ""),
    ("[8] | conv(4, 3)", ""),
    ("[1, 5, 5] | std_conv(4, 1)", ""),
    ("[8, 5, 5] | std_conv(8, 1, groups=8)", ""),
    ("[8, 5, 5] | conv_transpose(4, 3, output_pad=1)", "output_pad"),
    ("[8, 5, 5] | conv_transpose(4, 3, groups=3)", "groups"),
    ("[8, 1, 1] | conv_transpose(4, 2, pad=1)", ""),
    ("[8] | conv_transpose(4, 2)", ""),
    ("[8, 5, 5] | maxpool(3, pad=2)", "pad"),
    ("[8, 5, 5] | avgpool([4, 1], pad=[2, 1])", "pad"),
    ("[8, 5, 5] | maxpool(0)", "kernel"),
    ("[8, 5, 5] | maxpool(6)", ""),
    ("[8, 5, 3] | avgpool(6, 2, ceil=true)", ""),
    ("[8, 2, 5, 5] | avgpool(3, stride=1, pad=1)", ""),
    ("[8, 1, 1] | groupnorm(8)", "groups"),
    ("[8] | groupnorm(8)", "groups"),
    ("[8] | maxpool(2)", ""),
    ("[8] | adaptive_avgpool(2)", ""),
    ("[8, 5, 5] | adaptive_avgpool(0)", "size"),
    ("[8] | global_avgpool", ""),
    ("[8] | parameter(8)", "shape"),
    ("[8] | parameter([8, 0])", "shape"),
    ("[8] | parameter([2, 8, 5, 5, 5])", "shape"),
    ('[8] | parameter([8], init="default")', "init"),
    ("[8] | parameter([8], init=kaiming_normal(0.1), batch=false)", "init"),
    ("[8] | gain(init=true)", "init"),
    ("[4, 6; 8] | window_bias([4, 6], 4, 2)", "side"),
    ("[4, 6; 8] | window_bias([4, 6], 2, 2, shift=2)", "shift"),
    ("[4, 6; 8] | window_bias([4, 6, 2], 2, 2)", "size"),
    ('[4, 6; 8] | window_bias([4, 6], 2, 2, index="list")', "index"),
    ("[5; 8] | multihead(3)", "heads"),
    ("[8] | multihead(2)", ""),
    ("[8, 5] | multihead(2)", ""),
    ("[4, 5; 8] | multihead(2)", ""),
    ("[8, 5] | part(3, 0)", "parts"),
    ("[8, 5] | part(2, 2)", "index"),
    ("[5; 8], [5; 8], [5; 8] | attend(heads=3)", "heads"),
    ("[5; 8], [5; 8], [5; 8] | attend(heads=2, scale=0)", "scale"),
    ("[8] | global_maxpool", ""),
    ("[2, 8, 5, 5, 5] | bn", ""),
    ("[8, 5, 5] | bn(eps=0)", "eps"),
    ("[8, 5, 5] | bn(momentum=1.5)", "momentum"),
    ("[2, 8, 5, 5, 5] | layernorm", ""),
    ("[8, 5, 5] | layernorm(eps=-1)", "eps"),
    ("[8, 5, 5] | groupnorm(7)", "groups"),
    ("[2, 8, 5, 5, 5] | groupnorm(2)", ""),
    ("[8] | lrn", ""),
    ("[8, 5, 5] | lrn(0)", "size"),
    ("[8, 5, 5] | lrn(k=0)", "k"),
    ("[8, 5, 5] | lrn(alpha=-1)", "alpha"),
    ("[2, 8, 5, 5, 5] | affine", ""),
    ("[8, 5, 5] | scale(true)", "value"),
    ('[8, 5, 5] | scale("2")', "value"),
    ("[8, 5, 5] | linear(4)", ""),
    ("[8] | linear(0)", "out"),
    ("[8, 5, 5] | rbf(4)", ""),
    ("[3] | rbf(9)", "out"),
    ("[8, 5, 5] | dropout(-0.1)", "p"),
    ("[8, 5, 5] | dropout(1.1)", "p"),
    ("[8, 5, 5] | drop_path(1)", "p"),
    ("[8, 5, 5] | drop_path(1.0)", "p"),
    ('[8, 5, 5] | drop_path(0.1, mode="sample")', "mode"),
    ('[8, 5, 5] | pad(-1, mode="reflect")', "amount"),
    ("[8, 5, 5] | pad([1, 1])", "amount"),
    ("[8] | pad(1)", ""),
    ("[8, 5, 5] | pad_channels(7)", "out"),
    ("[8, 5, 5] | slice(4, 4)", "start"),
    ("[8, 5, 5] | slice(0, 9)", "stop"),
    ("[8, 5, 5] | slice(-2, 4)", "start"),
    ("[8, 5, 5] | channel_shuffle(3)", "groups"),
    ("[8] | channel_shuffle(2)", ""),
    ("[8, 5, 5] | upsample(0)", "factor"),
    ("[8, 5, 5] | upsample(1.5)", "factor"),
    ('[8, 5, 5] | upsample(2, mode="bicubic")', "mode"),
    ("[8] | upsample(2)", ""),
)


def refusal(text: str) -> Reject:
    """Why an op does not come about, or does not take its inputs."""
    try:
        case = read(text)
        case.op.output(*case.inputs)
    except Reject as reject:
        return reject
    pytest.fail(f"{text} is not refused")


@pytest.mark.parametrize(("text", "argument"), REFUSED)
def test_refused(text: str, argument: str) -> None:
    reject = refusal(text)
    assert reject.argument == argument
    assert reject.message
    assert reject.expected or reject.help


@pytest.mark.parametrize(
    ("layer", "side", "least"),
    [
        ("conv(4, 7, pad=0)", "height", 7),
        ("conv(4, [1, 4], pad=[0, 1], dilation=[1, 3])", "width", 8),
        ("maxpool([1, 9], 3)", "width", 9),
        ("maxpool(9, 3, ceil=true)", "height", 7),
        ("avgpool([9, 1], 2, pad=[1, 0], ceil=true)", "height", 6),
    ],
)
def test_the_least_size_for_a_window_is_named(layer: str, side: str, least: int) -> None:
    def image(size: int) -> str:
        height, width = (size, 20) if side == "height" else (20, size)
        return f"[4, {height}, {width}] | {layer}"

    assert refusal(image(least - 1)).expected == f"a {side} of {least} or more"
    case = read(image(least))
    assert case.op.output(*case.inputs)


@pytest.mark.parametrize(
    ("text", "expected", "found", "index"),
    [
        ("[8, 5, 4], [8, 5, 4], [8, 5, 3] | add", "[8, 5, 4]", "[8, 5, 3]", 2),
        ("[8, 5, 4], [1, 5, 4] | add", "[8, 5, 4]", "[1, 5, 4]", 1),
        ("[8, 5, 4], [8] | mean", "[8, 5, 4]", "[8]", 1),
        ("[8, 5, 4], [4, 1, 1] | mul", "[8, 5, 4]", "[4, 1, 1]", 1),
        ("[1, 1, 1], [8, 1, 1], [4, 1, 1] | mul", "[8, 1, 1]", "[4, 1, 1]", 2),
        ("[8, 5, 4], [8] | mul", "[8, 5, 4]", "[8]", 1),
        ("[8, 5, 4], [8, 4, 5] | concat", "[8, 5, 4]", "[8, 4, 5]", 1),
        ("[8], [8, 1, 1] | concat", "[8]", "[8, 1, 1]", 1),
    ],
)
def test_merges_want_shapes_that_fit(text: str, expected: str, found: str, index: int) -> None:
    reject = refusal(text)
    assert (reject.expected, reject.found, reject.index) == (expected, found, index)
    assert f"branch {index + 1}" in reject.message


@pytest.mark.parametrize("name", ["add", "mul", "mean", "concat"])
def test_merges_of_symbolic_sizes(name: str) -> None:
    op = OPS[name].make({})
    half, other = TensorType((8, H // 2, 7)), TensorType((8, (H + 1) // 2, 7))
    assert op.output(half, half).positions == half.positions
    with pytest.raises(Reject, match="branch 2 fits for some sizes only"):
        op.output(half, other)
    # A product stretches a half that is 1 wide.
    differs = "branch 2 fits for some sizes only" if name == "mul" else "branch 2 differs"
    with pytest.raises(Reject, match=differs):
        op.output(half, TensorType((8, H // 2 + 1, 7)))


@pytest.mark.parametrize(
    ("layer", "help"), [("flatten", "global_avgpool"), ("linear(4)", "flatten")]
)
def test_ways_out(layer: str, help: str) -> None:
    op = read(f"[8, 5, 4] | {layer}").op
    with pytest.raises(Reject) as caught:
        op.output(TensorType((8, H, 4)))
    assert help in caught.value.help


def test_features_of_unknown_number_have_no_weights() -> None:
    for layer in ("linear(4)", "rbf(4)"):
        with pytest.raises(Reject, match="must be known"):
            read(f"[8] | {layer}").op.output(TensorType((H,)))


def test_half_defined_ops_are_refused() -> None:
    names = set(OPS)
    with pytest.raises(TypeError, match="Half lacks family, examples, __doc__, rule, torch"):
        type("Half", (Op,), {"name": "half"})
    whole = {"name": "half", "family": "reshape", "examples": ("[1] | half -> [1]",)}
    methods = {"rule": staticmethod(lambda op, *inputs: inputs[0]), "torch": lambda self: None}
    for lacking in [*whole, *methods]:
        members = {key: value for key, value in {**whole, **methods}.items() if key != lacking}
        with pytest.raises(TypeError, match=f"Half lacks {lacking}$"):
            type("Half", (Op,), {**members, "__doc__": "A half."})
    with pytest.raises(TypeError, match=r"Half has the name of Relu$"):
        type("Half", (Op,), {**whole, **methods, "name": "relu", "__doc__": "A half."})
    assert set(OPS) == names


@pytest.mark.parametrize(
    ("text", "message", "index"),
    [
        ("[5; 8], [8, 5], [5; 8] | attend", "channels that are last", None),
        ("[5; 8], [8], [5; 8] | attend", "compares positions", 1),
        ("[5; 8], [7; 8], [6; 8] | attend", "the values of `attend` have other positions", 2),
        ("[3, 5; 8], [4, 5; 8], [4, 5; 8] | attend", "the keys of `attend`", 1),
        ("[3, 5; 8], [5; 8], [5; 8] | attend", "the keys of `attend`", 1),
        ("[5; 8], [5; 6], [5; 6] | attend(heads=2)", "no heads of 4 features", 1),
        ("[5; 12], [5; 4], [5; 4] | attend(heads=6)", "", None),
        ("[5; 8], [5; 6], [5; 6] | attend(heads=4)", "no heads of 2 features", 1),
        ("[5; 8], [5; 8], [5; 8], [5, 4; 2] | attend(heads=2, bias=true)", "for every query", 3),
        ("[5; 8], [5; 8], [5; 8], [5, 5; 1] | attend(heads=2, bias=true)", "for every query", 3),
        ("[5; 8], [5; 8], [5; 7] | attend(heads=2)", "do not divide the features of the values", 2),
    ],
)
def test_attention_wants_positions_and_heads_that_fit(
    text: str, message: str, index: int | None
) -> None:
    if not message:
        case = read(text)
        assert case.op.output(*case.inputs)
        return
    reject = refusal(text)
    assert message in reject.message
    assert reject.index == index
    assert reject.expected
