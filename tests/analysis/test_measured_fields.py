"""Receptive fields of random graphs, where PyTorch has gradients that are not zero."""

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
from torch import Tensor

from archdsl.analysis.receptive_field import fields, receptive_field
from archdsl.arithmetic import Value
from archdsl.graph import Graph
from archdsl.ops.axes import each
from archdsl.ops.conv import padding_of
from archdsl.ops.pool import stride_of
from tests.helpers.nets import Net, conv

SIZE = 96
"""Height and width of the images on which fields are measured."""
RATES = [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]
"""By how much random layers reduce and enlarge."""


def ones(*shape: int) -> Tensor:
    return torch.ones(shape, dtype=torch.float64) / shape[-1] / shape[-2]


def run_conv(op: Any, x: Tensor) -> Tensor:
    weight = ones(op.out, x.shape[1], *each(op.kernel, 2))
    return F.conv2d(x, weight, None, op.stride, padding_of(op), op.dilation)


def run_conv_transpose(op: Any, x: Tensor) -> Tensor:
    weight = ones(x.shape[1], op.out, *each(op.kernel, 2))
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
        height, width = node.shape.positions
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
    kernels[axis], dilations[axis] = each(kernel, 2)[axis], each(dilation, 2)[axis]
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
