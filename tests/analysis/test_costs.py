"""Costs of graphs, held against PyTorch's counter under training."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from archdsl.analysis.cost import buffers, depth, families, inference_params, macs, params
from archdsl.analysis.facts import MEASURES, Measures
from archdsl.analysis.layer_costs import Costs
from archdsl.analysis.memory import saved
from archdsl.analysis.receptive_field import receptive_field
from archdsl.graph import Graph
from archdsl.ops.conv import Conv
from archdsl.resolve.asserts import FACTS
from archdsl.shapes import Dim, Polynomial, evaluate
from tests.helpers.counting import calls_of
from tests.helpers.generated import on_meta
from tests.helpers.nets import H, Net, W, conv
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs


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
    assert Measures()(graph, "saved") == sum(saved(graph).values())


def test_an_empty_network_costs_nothing() -> None:
    net = Net()
    net.input(3, 32, 32)
    measures = (params, inference_params, buffers, macs, depth)
    assert [measure(net.graph) for measure in measures] == [0] * 5


def test_layers_are_counted_by_family_without_heads_for_training() -> None:
    assert families(classifier(32, 16)) == {
        "activation": 1,
        "convolution": 1,
        "linear": 1,
        "normalization": 1,
        "pooling": 1,
        "reshape": 1,
    }


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("lenet", "lenet5_modern"),
        ("googlenet", "googlenet"),
    ],
)
def test_multiply_adds_are_those_that_a_training_network_takes(file: str, name: str) -> None:
    """The counter sees heads that exist only in training too."""
    graph = graphs(SPECS / f"{file}.arch")[name]
    network = on_meta(file, name).train()
    with torch.device("meta"):
        image = torch.empty(2, *graph.shape(graph.inputs["input"]).sizes, requires_grad=True)
    with FlopCounterMode(display=False) as counter:
        network(image)
    nodes = [node for node in graph if node.op is not None]
    heads = [node.op.macs(*graph.input_shapes(node)) for node in nodes if node.training_only]
    assert counter.get_total_flops() == 2 * 2 * (macs(graph) + sum(heads))
    assert params(graph) == sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("method", ["macs", "weights", "saves", "window"])
def test_equal_layers_are_asked_once(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()
    original = getattr(Conv, method)

    def counted(self: Conv, *inputs: object) -> object:
        asked[method] += 1
        return original(self, *inputs)

    def asked_for(layers: int) -> int:
        net = Net()
        net.chain(net.input(3, 32, 32), *[conv(8, 3)] * layers)
        asked.clear()
        costs = Costs(net.graph)
        for measured in (params, macs, depth, saved, receptive_field):
            measured(costs)
        return asked[method]

    monkeypatch.setattr(Conv, method, counted)
    assert 2 <= asked_for(20) == asked_for(40)


def test_equal_layers_of_several_networks_are_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Conv] = []
    original, measures = Conv.macs, Measures()
    monkeypatch.setattr(Conv, "macs", lambda op, *inputs: asked.append(op) or original(op, *inputs))
    found = [measures(classifier(width, 16), "macs") for width in (32, 32, 8, 32)]
    assert found[0] == found[1] == found[3] > found[2]
    once = len(asked)
    asked.clear()
    assert [macs(classifier(width, 16)) for width in (32, 8)] == [found[0], found[2]]
    assert len(asked) >= once > 0


def test_a_figure_is_counted_once_for_all_asserts() -> None:
    graph, measures = classifier(32, 16), Measures()
    for name in MEASURES:
        first = measures(graph, name)
        found = []
        # Two calls of a table, and no look at the layers.
        assert calls_of(lambda name=name, found=found: found.append(measures(graph, name))) < 10
        assert found == [first]
