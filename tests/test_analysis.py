"""Costs and receptive fields of graphs; for fields, the gradients of PyTorch are the oracle."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from nets import H, Net, W, conv, pool
from torch import Tensor

from archdsl.analysis.cost import buffers, depth, inference_params, macs, params
from archdsl.analysis.memory import saved
from archdsl.analysis.receptive_field import MAXIMUM_READS, fields, receptive_field
from archdsl.arithmetic import Value
from archdsl.driver import MEASURES, measure
from archdsl.elaborate.static.asserts import FACTS
from archdsl.graph import Graph, Port
from archdsl.ops.base import Shape, pair
from archdsl.ops.conv import padding_of
from archdsl.ops.pool import stride_of
from archdsl.shapes import Dim, Polynomial, evaluate

SIZE = 96
"""Height and width of the images on which fields are measured."""
RATES = [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]
"""By how much random layers reduce and enlarge."""


# Costs


def classifier(height: Dim, width: Dim) -> Graph:
    """A convolution of 224 parameters, a linear layer of 90, and a head of 36 in training."""
    net = Net()
    image = net.apply("conv", net.input(3, height, width), out=8, kernel=3)
    image = net.apply("relu", net.apply("bn", image))
    auxiliary = net.apply("conv", image, out=4, kernel=1, head=True)
    net.apply("bn", auxiliary, head=True)
    features = net.apply("flatten", net.apply("global_avgpool", image))
    net.apply("linear", features, out=10)
    return net.graph


def test_parameters_and_buffers() -> None:
    graph = classifier(32, 16)
    assert inference_params(graph) == 224 + 16 + 90
    assert params(graph) == 224 + 16 + 90 + 36 + 8
    assert buffers(graph) == (8 + 8 + 1) + (4 + 4 + 1)


def test_multiply_adds() -> None:
    assert macs(classifier(32, 16)) == 216 * 32 * 16 + 80


def test_multiply_adds_of_symbolic_sizes() -> None:
    count = macs(classifier(H, W))
    assert isinstance(count, Polynomial)
    for height, width in [(1, 1), (32, 16), (7, 100)]:
        assert evaluate(count, {"h": height, "w": width}) == macs(classifier(height, width))


def test_multiply_adds_of_many_symbolic_layers() -> None:
    """No two of them have the same size, so the polynomial is long."""

    def valid(size: Dim, count: int) -> Graph:
        net = Net()
        net.chain(net.input(1, size, 9), *[conv(1, (3, 1), pad=0)] * count)
        return net.graph

    assert evaluate(macs(valid(H, 500)), {"h": 2000}) == macs(valid(2000, 500))


def test_depth_is_that_of_the_longest_path() -> None:
    net = Net()
    image = net.input(3, 32, 32)
    long = net.chain(image, conv(8, 1), ("bn", {}), ("relu", {}), conv(8, 3), conv(8, 1))
    short = net.chain(image, conv(8, 1))
    joined = net.apply("add", long, short)
    assert depth(net.graph) == 3
    up = net.apply("conv_transpose", joined, out=1, kernel=2, stride=2)
    net.chain(up, ("flatten", {}), ("linear", {"out": 5}), ("rbf", {"out": 4}))
    assert depth(net.graph) == 5


def test_depth_leaves_out_heads_for_training() -> None:
    net = Net()
    image = net.chain(net.input(3, 32, 32), conv(8, 3))
    head = net.apply("conv", image, out=8, kernel=3, head=True)
    net.apply("conv", head, out=8, kernel=3, head=True)
    assert depth(net.graph) == 1


def test_every_fact_that_an_assert_may_ask_for_is_measured() -> None:
    assert [*MEASURES] == [*FACTS]
    graph = classifier(32, 16)
    assert measure(graph, "saved") == sum(saved(graph).values())


def test_an_empty_network_costs_nothing() -> None:
    net = Net()
    net.input(3, 32, 32)
    measures = (params, inference_params, buffers, macs, depth)
    assert [measure(net.graph) for measure in measures] == [0] * 5


# Receptive fields that are known


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


# Receptive fields that PyTorch measures


def ones(*shape: int) -> Tensor:
    return torch.ones(shape, dtype=torch.float64) / shape[-1] / shape[-2]


def run_conv(op: Any, x: Tensor) -> Tensor:
    weight = ones(op.out, x.shape[1], *pair(op.kernel))
    return F.conv2d(x, weight, None, op.stride, padding_of(op), op.dilation)


def run_conv_transpose(op: Any, x: Tensor) -> Tensor:
    weight = ones(x.shape[1], op.out, *pair(op.kernel))
    windows = {"stride": op.stride, "padding": op.pad, "dilation": op.dilation}
    return F.conv_transpose2d(x, weight, **windows)


def run_pool(op: Any, x: Tensor) -> Tensor:
    """Any pooling as a mean, so that there is a gradient for everything in the window."""
    return F.avg_pool2d(x, op.kernel, stride_of(op), op.pad)


def run_upsample(op: Any, x: Tensor) -> Tensor:
    if op.mode == "nearest":
        return F.interpolate(x, scale_factor=op.factor)
    return F.interpolate(x, scale_factor=op.factor, mode=op.mode, align_corners=False)


RUN: dict[str, Callable[..., Tensor]] = {
    "conv": run_conv,
    "conv_transpose": run_conv_transpose,
    "maxpool": run_pool,
    "avgpool": run_pool,
    "upsample": run_upsample,
    "add": lambda op, *several: sum(several),
    "concat": lambda op, *several: torch.cat(several, 1),
}


def run(graph: Graph, image: Tensor) -> dict[int, Tensor]:
    """The results of all nodes of a graph whose weights are all positive."""
    results: dict[int, Tensor] = {}
    for node in graph:
        height, width = node.shapes[0][1:]
        if node.op is None:
            results[node.id] = image
            continue
        operands = [results[port.node] for port in node.inputs]
        if len(operands) > 1:
            operands = [operand[..., :height, :width] for operand in operands]
        results[node.id] = RUN[node.op.name](node.op, *operands)
    return results


class Measured:
    """Fields of a random network along one axis, by gradients in the middle of the image."""

    def __init__(self, graph: Graph, axis: int, phases: int) -> None:
        self.axis, self.phases = axis, phases
        self.image = torch.ones((1, 1, SIZE, SIZE), dtype=torch.float64, requires_grad=True)
        self.results = run(graph, self.image)

    def middle(self, id: int, count: int) -> range:
        """Some rows (or columns, in axis 1) of a result, far from both ends."""
        start = (self.results[id].shape[2 + self.axis] - count) // 2
        assume(start > 0)
        return range(start, start + count)

    def ends(self, id: int, place: int) -> tuple[int, int] | None:
        """The first and last pixels that count for one row or column."""
        row = self.results[id].select(2 + self.axis, place).sum()
        (gradient,) = torch.autograd.grad(row, self.image, retain_graph=True)
        return ends(gradient.sum(dim=3 - self.axis).flatten())

    def size(self, id: int) -> int:
        """The largest field of a result."""
        places = self.middle(id, self.phases)
        found = [self.ends(id, place) for place in places]
        return max([last - first + 1 for first, last in filter(None, found)], default=0)

    def moves(self, id: int) -> set[int]:
        """By how many pixels the field has moved on after all phases."""
        places = self.middle(id, 2 * self.phases)
        found = [self.ends(id, place) for place in places]
        pairs = zip(found, found[self.phases :], strict=False)
        return {then[0] - now[0] for now, then in pairs if now and then}

    def apart(self, ids: list[int]) -> Fraction:
        """How far the centres of several results differ at the same position."""
        most = Fraction(0)
        for place in self.middle(ids[0], self.phases):
            found = [ends for ends in [self.ends(id, place) for id in ids] if ends]
            centres = [Fraction(sum(ends), 2) for ends in found]
            most = max(most, max(centres, default=most) - min(centres, default=most))
        return most


def ends(gradient: Tensor) -> tuple[int, int] | None:
    """The first and the last pixel that count; interpolation makes crumbs in between."""
    places = (gradient > 1e-12 * gradient.max()).nonzero()
    if not len(places):
        return None
    first, last = int(places[0]), int(places[-1])
    assume(first > 4)
    assume(last < SIZE - 5)
    return first, last


def two(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Value]:
    return numbers | st.tuples(numbers, numbers)


@st.composite
def layers(draw: st.DrawFn, down: int, up: int, axis: int) -> tuple[str, dict[str, Value]]:
    """A layer with these strides; one that enlarges, where `up` is not 1, leaves gaps in `axis`."""
    kernel, dilation = draw(two(st.integers(1, 4))), draw(two(st.integers(1, 3)))
    if up == 1 and draw(st.booleans()):
        return draw(st.sampled_from(["maxpool", "avgpool"])), {"kernel": kernel, "stride": down}
    if up == 1:
        pad = draw(two(st.integers(0, 2)))
        return conv(1, kernel, down, pad=pad, dilation=dilation)
    if draw(st.booleans()):
        return "upsample", {"factor": up, "mode": draw(st.sampled_from(["nearest", "bilinear"]))}
    kernels, dilations = [up, up], [1, 1]
    kernels[axis], dilations[axis] = pair(kernel)[axis], pair(dilation)[axis]
    window = {"kernel": tuple(kernels), "stride": up, "dilation": tuple(dilations)}
    return "conv_transpose", {"out": 1, **window}


@st.composite
def nets(draw: st.DrawFn, axis: int) -> tuple[Graph, int]:
    """A random network, and after how many outputs its fields repeat."""
    net, phases, shrunk = Net(), 1, 1
    port = net.input(1, SIZE, SIZE)
    for _ in range(draw(st.integers(1, 3))):
        rates = draw(st.lists(st.sampled_from(RATES), min_size=1, max_size=3))
        phases *= prod(up for _, up in rates)
        shrunk *= prod(down for down, _ in rates)
        assume(max(phases, shrunk) <= 6)
        # The same strides in another order: so branches fit together.
        orders = draw(st.lists(st.permutations(rates), min_size=1, max_size=2))
        branches = [
            net.chain(port, *[draw(layers(*rate, axis)) for rate in order]) for order in orders
        ]
        port = net.join(draw(st.sampled_from(["add", "concat"])), *branches)
    return net.graph, phases


on_both_axes = pytest.mark.parametrize("axis", [0, 1])
on_random_networks = settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@on_both_axes
@on_random_networks
@given(data=st.data())
def test_fields_are_where_gradients_are(axis: int, data: st.DataObject) -> None:
    graph, phases = data.draw(nets(axis))
    measured = Measured(graph, axis, phases)
    last = graph.outputs["output"].node
    assert receptive_field(graph)[axis] == measured.size(last)
    one = data.draw(st.integers(1, last))
    found = fields(graph)
    assert found[one].size[axis] == measured.size(one)
    assert measured.moves(one) <= {found[one].stride[axis] * phases}


@on_both_axes
@on_random_networks
@given(data=st.data())
def test_centres_are_where_gradients_are(axis: int, data: st.DataObject) -> None:
    graph, phases = data.draw(nets(axis))
    measured, found = Measured(graph, axis, phases), fields(graph)
    for node in graph:
        if len(node.inputs) > 1:
            branches = [port.node for port in node.inputs]
            assert found[node.id].apart[axis] == measured.apart(branches)
