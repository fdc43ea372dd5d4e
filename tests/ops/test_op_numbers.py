"""What some ops compute, by other means."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from archdsl.ops.parameters import shown
from tests.helpers.op_examples import BATCH, EXAMPLES, read
from tests.helpers.op_forms import module_of, modules_of


def module(text: str) -> nn.Module:
    """The module form of an op."""
    return module_of(read(text)).eval()


FORMULAS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": lambda x: x.clamp(min=0),
    "relu6": lambda x: x.clamp(0, 6),
    "leaky_relu(0.2)": lambda x: torch.where(x > 0, x, 0.2 * x),
    "prelu": lambda x: torch.where(x > 0, x, 0.25 * x),
    "elu(2)": lambda x: torch.where(x > 0, x, 2 * (x.exp() - 1)),
    "selu": lambda x: torch.where(x > 0, 1.0507 * x, 1.7581 * (x.exp() - 1)),
    "gelu": lambda x: x * (1 + torch.erf(x / math.sqrt(2))) / 2,
    'gelu(approximate="tanh")': lambda x: (
        x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    ),
    "exp": lambda x: math.e**x,
    "noise": lambda x: 0 * x,
    "silu": lambda x: x / (1 + (-x).exp()),
    "hardswish": lambda x: x * (x + 3).clamp(0, 6) / 6,
    "hardsigmoid": lambda x: (x + 3).clamp(0, 6) / 6,
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "tanh": lambda x: 1 - 2 / (1 + (2 * x).exp()),
    "softmax": lambda x: x.exp() / x.exp().sum(1, keepdim=True),
    "scale(-2)": lambda x: -2 * x,
    "affine": lambda x: x,
    "layernorm(eps=0.1)": lambda x: (
        (x - x.mean(1, True)) / (x.var(1, unbiased=False, keepdim=True) + 0.1).sqrt()
    ),
    "global_avgpool": lambda x: x.sum((2, 3), keepdim=True) / (x.shape[2] * x.shape[3]),
    "global_maxpool": lambda x: x.flatten(2).sort(2).values[:, :, -1:, None],
    "flatten": lambda x: torch.stack(
        [x[:, c, h, w] for c, h, w in product(*map(range, x.shape[1:]))], 1
    ),
    "pad([1, 0, 2, 3], value=0.5)": lambda x: torch.cat(
        [
            torch.full_like(x[:, :, :1, :1], 0.5).expand(-1, -1, x.shape[2] + 1, 2),
            torch.cat([torch.full_like(x[:, :, :1], 0.5), x], 2),
            torch.full_like(x[:, :, :1, :1], 0.5).expand(-1, -1, x.shape[2] + 1, 3),
        ],
        3,
    ),
    'pad([1, 0, 2, 1], mode="reflect")': lambda x: x[:, :, [1, 0, 1, 2, 3, 4]][
        :, :, :, [2, 1, 0, 1, 2, 3, 2]
    ],
    'pad([0, 2, 1, 0], mode="replicate")': lambda x: x[:, :, [0, 1, 2, 3, 4, 4, 4]][
        :, :, :, [0, 0, 1, 2, 3]
    ],
    "pad_channels(9)": lambda x: torch.cat([x, torch.zeros_like(x[:, :3])], 1),
    "slice(1, 5)": lambda x: torch.stack([x[:, channel] for channel in (1, 2, 3, 4)], 1),
    "channel_shuffle(2)": lambda x: x[:, [0, 3, 1, 4, 2, 5]],
    "channel_shuffle(3)": lambda x: x[:, [0, 2, 4, 1, 3, 5]],
    "upsample([2, 3])": lambda x: x.repeat_interleave(2, 2).repeat_interleave(3, 3),
    "dropout": lambda x: x,
    "drop_path(0.5)": lambda x: x,
}
"""What ops make of an image of 6 channels, 5 x 4, in evaluation."""


@pytest.mark.parametrize("layer", FORMULAS)
def test_formula(layer: str) -> None:
    x = 3 * torch.randn(BATCH, 6, 5, 4)
    result = module(f"[6, 5, 4] | {layer}")(x)
    torch.testing.assert_close(result, FORMULAS[layer](x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", [(3,), (3, 5, 4)])
def test_affine_has_a_gain_and_a_bias_per_channel(shape: tuple[int, ...]) -> None:
    affine = module(f"{list(shape)} | affine")
    gain, bias = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([5.0, 0.0, -5.0])
    affine.load_state_dict({"weight": gain, "bias": bias})
    x = torch.randn(BATCH, *shape)
    expected = torch.stack([gain[c] * x[:, c] + bias[c] for c in range(3)], 1)
    torch.testing.assert_close(affine(x), expected)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("size", [(7, 1), (1, 7), (5, 4)])
def test_affine_keeps_the_layout(size: tuple[int, int], layout: torch.memory_format) -> None:
    """Batch norms of the CPU have given wrong gradients where one dimension is 1 and lies askew.

    So nothing is turned round on the way, though it would be turned back.
    """
    x = torch.randn(BATCH, 8, *size).contiguous(memory_format=layout).requires_grad_()
    result = module(f"[8, {size[0]}, {size[1]}] | affine")(x)
    assert result.stride() == x.stride()
    assert not any("Transpose" in name or "Permute" in name for name in steps(result.grad_fn))
    result.backward(torch.randn_like(result))
    assert x.grad is not None
    assert x.grad.stride() == x.stride()


def steps(last: Any) -> list[str]:
    """The names of what autograd goes back through."""
    found, waiting = [], [last]
    while waiting:
        step = waiting.pop()
        if step is not None:
            found.append(step.name())
            waiting += [each for each, _ in step.next_functions]
    return found


def test_lrn() -> None:
    x = torch.randn(BATCH, 8, 3, 3)
    sums = [x[:, max(0, c - 1) : c + 2].square().sum(1) for c in range(8)]
    expected = x / (2 + 0.5 / 3 * torch.stack(sums, 1)) ** 0.6
    result = module("[8, 3, 3] | lrn(3, alpha=0.5, beta=0.6, k=2)")(x)
    torch.testing.assert_close(result, expected)


def test_bn_follows_the_batch() -> None:
    bn = module("[3, 4, 4] | bn(eps=0.5, momentum=0.2)").train()
    x = 2 * torch.randn(BATCH, 3, 4, 4) + 1
    mean = x.mean((0, 2, 3), keepdim=True)
    variance = (x - mean).square().mean((0, 2, 3), keepdim=True)
    torch.testing.assert_close(bn(x), (x - mean) / (variance + 0.5).sqrt())
    torch.testing.assert_close(bn.running_mean, 0.2 * mean.flatten())


def test_groupnorm() -> None:
    x = torch.randn(BATCH, 6, 4, 4)
    groups = x.view(BATCH, 2, -1)
    centered = groups - groups.mean(2, keepdim=True)
    expected = centered / (centered.square().mean(2, keepdim=True) + 0.5).sqrt()
    result = module("[6, 4, 4] | groupnorm(2, eps=0.5)")(x)
    torch.testing.assert_close(result, expected.view_as(x))


@pytest.mark.parametrize(("out", "features"), [(10, 84), (1, 1), (2, 1), (8, 3), (100, 7)])
def test_rbf_measures_distances_to_different_codes(out: int, features: int) -> None:
    rbf = module(f"[{features}] | rbf({out})")
    codes = rbf.state_dict()["codes"]
    assert len(codes.unique(dim=0)) == out
    assert codes.abs().unique().tolist() == [1]
    x = torch.randn(3, features)
    distances = [[(row - code).square().sum() for code in codes] for row in x]
    torch.testing.assert_close(rbf(x), torch.tensor(distances))


@pytest.mark.parametrize(("mode", "dropped"), [("row", (1, 2, 3)), ("batch", (0, 1, 2, 3))])
def test_drop_path_drops_and_keeps_the_mean(mode: str, dropped: tuple[int, ...]) -> None:
    drop_path = module(f'[2, 1, 2] | drop_path(0.2, mode="{mode}")').train()
    torch.manual_seed(0)
    results = torch.stack([drop_path(torch.ones(2, 2, 1, 2)) for _ in range(2000)])
    factors = results.mean([place + 1 for place in dropped])
    assert factors.unique().tolist() == [0, 1.25]
    torch.testing.assert_close(results.mean(), torch.tensor(1.0), rtol=0, atol=0.03)


@pytest.mark.parametrize("count_pad", [True, False])
@pytest.mark.parametrize("ceil", [True, False])
def test_avgpool_on_one_line(count_pad: bool, ceil: bool) -> None:
    flags = f"ceil={shown(ceil)}, count_pad={shown(count_pad)}"
    pooled = module(f"[1, 1, 6] | avgpool([1, 3], 2, pad=[0, 1], {flags})")
    # The windows are [_ 1 2], [2 3 4] and [4 5 6]; rounded up, also [6 _].
    means = [3 / 3 if count_pad else 3 / 2, 9 / 3, 15 / 3]
    means += [6 / 2 if count_pad else 6 / 1] if ceil else []
    line = torch.tensor([[[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]]])
    torch.testing.assert_close(pooled(line), torch.tensor([[[means]]]))


def test_maxpool_rounded_up_keeps_what_is_left() -> None:
    line = torch.tensor([[[[1.0, 2.0, 3.0, 4.0, 5.0]]]])
    assert module("[1, 1, 5] | maxpool([1, 2], ceil=true)")(line).flatten().tolist() == [2, 4, 5]


def test_bilinear_takes_pixels_as_squares() -> None:
    line = torch.tensor([[[[0.0, 4.0, 8.0]]]])
    wide = module('[1, 1, 3] | upsample([1, 2], mode="bilinear")')(line)
    assert wide.flatten().tolist() == [0, 1, 3, 5, 7, 8]


@pytest.mark.parametrize("interleaved", [True, False])
def test_rope_turns_pairs_as_complex_numbers(interleaved: bool) -> None:
    flag = f", interleaved={shown(interleaved)}"
    x = torch.randn(2, 7, 12)
    result = module(f"[7; 12] | rope(2, base=100{flag})")(x)
    pairs = x.view(2, 7, 2, 3, 2) if interleaved else x.view(2, 7, 2, 2, 3).transpose(-1, -2)
    speeds = torch.tensor([100 ** -(i / 3) for i in range(3)])
    turns = torch.polar(torch.ones(7, 1, 3), torch.arange(7.0).view(7, 1, 1) * speeds)
    turned = torch.view_as_real(torch.view_as_complex(pairs.contiguous()) * turns)
    expected = turned if interleaved else turned.transpose(-1, -2)
    torch.testing.assert_close(result, expected.reshape(2, 7, 12))


def test_products_of_turned_features_depend_on_distances() -> None:
    x = torch.randn(8).expand(1, 20, 8)
    turned = module("[20; 8] | rope(1)")(x)[0]
    products = turned @ turned.T
    for apart in range(5):
        along = products.diagonal(apart)
        torch.testing.assert_close(along, along[:1].expand_as(along))


def test_sinusoids() -> None:
    waves = module("[3] < 9 | sinusoids(4, base=100)")(torch.tensor([[0, 1, 5]]))
    wanted = [[math.sin(p), math.cos(p), math.sin(p / 10), math.cos(p / 10)] for p in (0, 1, 5)]
    torch.testing.assert_close(waves, torch.tensor([wanted]))


@pytest.mark.parametrize("text", ["[5] < 9", "[5; 4]", "[8, 5, 4]"])
def test_positions(text: str) -> None:
    case = read(f"{text} | positions")
    assert module(f"{text} | positions")(*case.tensors()).tolist() == [[0, 1, 2, 3, 4]] * BATCH


def test_rmsnorm() -> None:
    x = torch.randn(2, 3, 6)
    expected = x / (x.square().mean(2, True) + 0.1).sqrt()
    torch.testing.assert_close(module("[3; 6] | rmsnorm(eps=0.1)")(x), expected)
    first = module("[6, 3] | rmsnorm(eps=0.1)")(x.transpose(1, 2))
    torch.testing.assert_close(first, expected.transpose(1, 2))


def test_pixel_shuffle_lays_the_channels_of_a_position_side_by_side() -> None:
    x = torch.arange(8.0).view(1, 8, 1, 1)
    assert module("[8, 1, 1] | depth_to_space(2)")(x).tolist() == [
        [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]
    ]


def test_the_channels_of_a_sub_pixel_lie_side_by_side_in_the_order_of_tensorflow() -> None:
    x = torch.arange(8.0).view(1, 8, 1, 1)
    made = module('[8, 1, 1] | depth_to_space(2, order="tensorflow")')(x)
    assert made.tolist() == [[[[0, 2], [4, 6]], [[1, 3], [5, 7]]]]
    back = module('[2, 2, 2] | space_to_depth(2, order="tensorflow")')(made)
    assert torch.equal(back, x)
    assert torch.equal(
        module("[2, 2, 2] | space_to_depth(2)")(module("[8, 1, 1] | depth_to_space(2)")(x)), x
    )


def test_grn_compares_the_strength_of_channels() -> None:
    grn = module("[3, 2, 2] | grn(eps=1e-9)")
    grn.weight.data[:], grn.bias.data[:] = 2, 0.5
    x = torch.zeros(1, 3, 2, 2)
    x[0, 0], x[0, 1] = 3, 1
    # The channels are 6, 2 and 0 strong, 8 / 3 in the mean.
    expected = x + 0.5 + 2 * x * torch.tensor([18 / 8, 6 / 8, 0]).view(1, 3, 1, 1)
    torch.testing.assert_close(grn(x), expected)


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_end_pads_as_tensorflow_does(kernel: int, stride: int) -> None:
    for size in (5, 6, 7, 8):
        conv = module(f'[1, {size}] | conv(1, {kernel}, {stride}, pad="same_end", bias=false)')
        x = torch.randn(1, 1, size)
        steps = -(-size // stride)
        total = max((steps - 1) * stride + kernel - size, 0)
        padded = torch.nn.functional.pad(x, (total // 2, total - total // 2))
        expected = torch.nn.functional.conv1d(padded, conv.weight, stride=stride)
        assert expected.shape[-1] == steps
        torch.testing.assert_close(conv(x), expected)


def test_standardised_filters_have_mean_0_and_the_variance_of_the_gain() -> None:
    conv = module("[4, 8, 8] | std_conv(6, 3, pad=0, bias=false, gamma=2.0, eps=1e-9)")
    identity = torch.eye(4 * 9).view(-1, 4, 3, 3)
    filters = conv(identity).view(4 * 9, 6)
    torch.testing.assert_close(filters.mean(0), torch.zeros(6))
    torch.testing.assert_close(filters.var(0, unbiased=False), torch.full((6,), 4 / 36))


def test_noise_is_normal_while_training() -> None:
    torch.manual_seed(0)
    drawn = module("[100, 30, 30] | noise").train()(torch.zeros(2, 100, 30, 30))
    torch.testing.assert_close(drawn.mean(), torch.tensor(0.0), rtol=0, atol=0.01)
    torch.testing.assert_close(drawn.std(), torch.tensor(1.0), rtol=0, atol=0.01)


@pytest.mark.parametrize("name", ["add", "mean", "mul", "concat"])
def test_merge(name: str) -> None:
    case = next(c for c in EXAMPLES if c.op.name == name and len(c.inputs) == 2)
    first, second = case.tensors()
    result = {
        "add": lambda: torch.stack([first, second]).sum(0),
        "mean": lambda: first / 2 + second / 2,
        "mul": lambda: torch.einsum("nchw,nc->nchw", first, second.flatten(1)),
        "concat": lambda: torch.stack([*first.unbind(1), *second.unbind(1)], 1),
    }
    (module,) = modules_of(case)
    torch.testing.assert_close(module(first, second), result[name]())
