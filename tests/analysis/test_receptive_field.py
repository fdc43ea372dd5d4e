"""Receptive fields of graphs that are known."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archdsl.analysis.reach import MAXIMUM_READS
from archdsl.analysis.receptive_field import fields, receptive_field
from archdsl.arithmetic import Value
from archdsl.graph import Port
from archdsl.ops.base import Shape
from archdsl.shapes import Dim
from tests.helpers.nets import H, Net, W, conv, pool


def field_of(*steps: tuple[str, dict[str, Value]], size: Dim = 224) -> Shape:
    net = Net()
    net.chain(net.input(3, size, size), *steps)
    return receptive_field(net.graph)


def bottlenecks(net: Net, port: Port, count: int, stride: int, in_first: bool) -> Port:
    for step in [stride] + [1] * (count - 1):
        strides = (step, 1) if in_first else (1, step)
        body = net.chain(port, conv(4, 1, strides[0]), conv(4, 3, strides[1]), conv(4, 1))
        shortcut = net.apply("conv", port, out=4, kernel=1, stride=step)
        port = net.apply("relu", net.apply("add", body, shortcut))
    return port


@pytest.mark.parametrize(
    ("depths", "in_first", "expected"),
    [
        ((3, 4, 6, 3), True, 483),
        ((3, 4, 23, 3), True, 1027),
        ((3, 8, 36, 3), True, 1507),
        ((3, 4, 6, 3), False, 427),
    ],
)
def test_resnets(depths: tuple[int, ...], in_first: bool, expected: int) -> None:
    """The first three are in Araujo et al., "Computing Receptive Fields" (Distill, 2019)."""
    net = Net()
    port = net.chain(net.input(3, 224, 224), conv(4, 7, 2), pool(3, 2, 1))
    for stage, count in enumerate(depths):
        port = bottlenecks(net, port, count, 2 if stage else 1, in_first)
    pooled = net.chain(port, ("global_avgpool", {}), ("flatten", {}))
    assert receptive_field(net.graph) == (expected, expected)
    net.apply("linear", pooled, out=10)
    assert receptive_field(net.graph) == (expected, expected)


def test_vgg16_and_alexnet() -> None:
    stages = [[conv(4, 3)] * count + [pool(2, 2)] for count in (2, 2, 3, 3, 3)]
    vgg = [step for stage in stages for step in stage]
    assert field_of(*vgg) == (212, 212)
    alexnet = [conv(4, 11, 4, pad=2), pool(3, 2), conv(4, 5), pool(3, 2)]
    assert field_of(*alexnet, *[conv(4, 3)] * 3, pool(3, 2)) == (195, 195)


def test_features_see_what_the_last_image_sees() -> None:
    assert field_of(("flatten", {}), ("linear", {"out": 5})) == (1, 1)
    assert field_of(conv(4, 3), pool(224, 1), ("flatten", {})) == (3, 3)
    assert field_of(conv(4, (1, 3)), size=1) == (1, 3)


def test_a_mean_is_of_the_whole_input() -> None:
    assert field_of(conv(4, 3), ("global_avgpool", {}), ("upsample", {"factor": 8}), size=8) == (
        8,
        8,
    )
    assert field_of(conv(4, 3), ("groupnorm", {"groups": 2}), size=8) == (8, 8)


@pytest.mark.parametrize("squeeze", [("global_avgpool", {}), pool(8, 8), pool(8, 1)])
def test_gates_see_the_whole_input(squeeze: tuple[str, dict[str, Value]]) -> None:
    net = Net()
    image = net.chain(net.input(3, 8, 8), conv(4, 3))
    gate = net.chain(image, squeeze, conv(4, 1), ("sigmoid", {}))
    net.chain(net.apply("mul", image, gate), conv(4, 3))
    assert receptive_field(net.graph) == (8, 8)


def test_a_gate_over_columns_covers_the_height() -> None:
    net = Net()
    image = net.input(3, 8, 9)
    gate = net.apply("avgpool", image, kernel=(8, 1))
    net.apply("mul", gate, net.chain(image, conv(3, 3)))
    assert receptive_field(net.graph) == (8, 3)


def test_the_whole_of_a_symbolic_input() -> None:
    net = Net()
    image = net.chain(net.input(3, 2 * H, W), conv(4, 3))
    assert receptive_field(net.graph) == (3, 3)
    net.apply("mul", image, net.apply("global_avgpool", image))
    assert receptive_field(net.graph) == (2 * H, W)


def test_a_small_unet() -> None:
    """Every output reads 4 pixels to one side and 3 to the other."""
    net = Net()
    skip = net.chain(net.input(3, 32, 32), conv(4, 3))
    below = net.chain(
        net.graph.inputs["input"], pool(2, 2), conv(4, 3), ("upsample", {"factor": 2})
    )
    net.chain(net.apply("concat", skip, below), conv(4, 3))
    assert receptive_field(net.graph) == (8, 8)


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (conv(1, 1), (1, 1)),
        (conv(1, 3), (2, 2)),
        (conv(1, 3, 2, pad=1), (1, 1)),
        (conv(1, 1, 2, pad=1), (0, 0)),
        (conv(1, 1, 2, pad=(0, 1)), (0, 0)),
    ],
)
def test_gaps(reader: tuple[str, dict[str, Value]], expected: Shape) -> None:
    """The transposed convolution leaves every other row and column without an input."""
    spread = ("conv_transpose", {"out": 1, "kernel": 1, "stride": 2})
    assert field_of(spread, reader) == expected


def test_branches_at_different_rates_see_the_whole_input() -> None:
    net = Net()
    image = net.input(3, 7, 7)
    net.join("add", net.chain(image, conv(3, 3, 2)), net.chain(image, conv(3, 4, pad=0)))
    assert receptive_field(net.graph) == (7, 7)


@pytest.mark.parametrize(("size", "expected"), [(16, 6), (H, 6), (15, 15)])
def test_a_resized_tensor_sees_as_an_enlarged_one(size: Dim, expected: Dim) -> None:
    """By a whole factor; of the tensor with the size it reads no pixel."""
    net = Net()
    first = net.input(3, 2 * size, 2 * size) if size is H else net.input(3, size, size)
    wide = net.apply("conv", first, out=4, kernel=11)
    small = net.chain(first, conv(4, 2, 2, pad=0), conv(4, 3))
    net.apply("resize", small, wide)
    assert receptive_field(net.graph) == (expected, expected)


def test_a_tensor_that_gives_its_size_lies_nowhere() -> None:
    net = Net()
    first = net.input(3, 16, 16)
    shifted = net.apply("conv", first, out=4, kernel=5, pad=0)
    resized = net.apply("resize", net.chain(first, conv(4, 1)), shifted)
    assert receptive_field(net.graph) == (16, 16)
    assert fields(net.graph)[resized.node].apart == (0, 0)


def test_only_the_first_image_counts() -> None:
    net = Net()
    net.input(5, name="style")
    color = net.chain(net.input(3, 32, 32, name="color"), conv(3, 3))
    other = net.chain(net.input(3, 32, 32, name="depth"), conv(3, 7))
    gate = net.apply("global_avgpool", other)
    net.apply("mul", net.apply("add", color, other), gate)
    assert receptive_field(net.graph) == (3, 3)
    net.apply("relu", other)
    assert receptive_field(net.graph) == (0, 0)


def test_features_have_no_field() -> None:
    net = Net()
    net.chain(net.input(5), ("linear", {"out": 3}))
    assert receptive_field(net.graph) == ()


def test_heads_for_training_change_nothing() -> None:
    net = Net()
    image = net.chain(net.input(3, 32, 32), conv(3, 3))
    net.apply("conv", image, out=3, kernel=5, head=True)
    assert receptive_field(net.graph) == (3, 3)


def test_fields_of_deep_networks() -> None:
    assert field_of(*[conv(1, 3)] * 3000) == (6001, 6001)


def test_fields_are_followed_up_to_a_bound() -> None:
    def enlarged(factor: int, kernel: int) -> Shape:
        return field_of(("upsample", {"factor": factor}), conv(1, kernel, pad=0), size=5)

    assert enlarged(MAXIMUM_READS, 1) == (1, 1)
    assert enlarged(MAXIMUM_READS + 1, 1) == (5, 5)
    assert enlarged(MAXIMUM_READS // 2, 2) == (2, 2)
    assert enlarged(MAXIMUM_READS // 2, 3) == (5, 5)
    net = Net()
    image = net.input(1, 64 * 65, 64 * 65)
    sides = [(pool(factor, factor), ("upsample", {"factor": factor})) for factor in (64, 65)]
    net.apply("add", *[net.chain(image, *side) for side in sides])
    assert receptive_field(net.graph) == (64 * 65, 64 * 65)
    assert field_of(*[conv(1, 1, 2**30)] * 2, size=H) == (1, 1)
    assert field_of(*[conv(1, 1, 2**30)] * 3, size=H) == (H, H)


# The fields of all layers


def test_every_layer_has_a_field() -> None:
    net = Net()
    image = net.chain(net.input(3, 32, 32), conv(4, 3, 2), conv(4, 3), pool(2, 2))
    up = net.apply("upsample", image, factor=2)
    found = [*fields(net.graph).values()]
    assert [field.size for field in found] == [(1, 1), (3, 3), (7, 7), (9, 9), (9, 9)]
    assert [field.stride[0] for field in found] == [1, 2, 2, 4, 2]
    assert fields(net.graph)[up.node].whole == (None, None)


def test_the_layer_that_makes_a_field_whole_is_named() -> None:
    net = Net()
    image = net.chain(net.input(3, 8, 9), conv(4, 3))
    rows = net.apply("avgpool", image, kernel=(8, 1))
    gated = net.apply("mul", image, rows)
    squeezed = net.apply("global_avgpool", gated)
    both = net.apply("mul", gated, net.chain(squeezed, conv(4, 1), ("sigmoid", {})))
    end = net.chain(both, conv(4, 3), ("flatten", {}), ("linear", {"out": 2}))
    found = fields(net.graph)
    # The column of means is spread over the height where it is multiplied.
    assert found[gated.node].whole == (gated.node, None)
    assert found[both.node].whole == (gated.node, squeezed.node)
    assert found[end.node].whole == (gated.node, squeezed.node)
    assert found[end.node].size == (8, 9)
    assert found[end.node].stride == (0, 0)


def test_centres_of_joined_branches_are_compared() -> None:
    net = Net()
    image = net.input(3, 32, 32)
    same = net.apply("add", net.chain(image, conv(3, 1, 2)), net.chain(image, conv(3, 3, 2)))
    other = net.apply("add", net.chain(image, pool(2, 2)), net.chain(image, conv(3, 3, 2)))
    gate = net.apply("mul", other, net.apply("global_avgpool", other))
    found = fields(net.graph)
    assert found[same.node].apart == (0, 0)
    assert found[other.node].apart == (Fraction(1, 2), Fraction(1, 2))
    assert found[gate.node].apart == (0, 0)


def test_without_an_image_no_layer_has_a_field() -> None:
    net = Net()
    net.chain(net.input(5), ("linear", {"out": 3}))
    assert fields(net.graph) == {}
