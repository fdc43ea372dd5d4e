"""What is said of memory, held against the storages of PyTorch."""

from __future__ import annotations

from math import prod

import pytest
import torch
from torch import Tensor

from archdsl.analysis.cost import weight_bytes
from archdsl.analysis.given import symbols
from archdsl.analysis.memory import (
    Largest,
    activations,
    largest,
    live,
    saved,
    saved_bytes,
)
from archdsl.analysis.storage import may_work_in_place
from archdsl.graph import Graph, Node, Port
from archdsl.shapes import evaluate
from tests.helpers.generated import built, on_meta
from tests.helpers.nets import H, Net, W, conv
from tests.helpers.op_examples import CASES, Example
from tests.helpers.op_forms import module_of, modules_of
from tests.helpers.paths import CODE, SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.saving import seen_by_hooks

BATCH = 2

# --- what is saved for the gradient ---


def storage(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_op_saves_what_it_says(case: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    # On some CPUs an LSTM has a kernel that keeps more than PyTorch's own code.
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", case.op.family != "recurrent")
    for module in modules_of(case):
        inputs = case.reached()
        result, found = seen_by_hooks(module.train(), *inputs)
        is_shared = storage(result) in map(storage, inputs)
        is_view = case.op.is_view(*case.inputs, training=True)
        # A dropout in place overwrites too; no generated code has one.
        in_place = is_shared and not is_view
        assert is_view <= is_shared
        assert found == expected(case, in_place), (module, in_place)


def expected(case: Example, in_place: bool) -> int:
    """The bytes that an op says it saves, where all of its inputs need a gradient."""
    saves = case.op.saves(*case.inputs)
    output, *inputs = [
        (4 if shape.below is None else 8) * BATCH * prod(shape.sizes)
        for shape in (case.output, *case.inputs)
    ]
    own = sum(int(str(kept.size(BATCH))) for kept in saves.own)
    if in_place:
        return own + output * (saves.inputs or saves.output)
    are_read = saves.inputs and not (saves.crosswise and len(case.inputs) == 1)
    return own + output * saves.output + are_read * sum(inputs[: saves.first])


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("lenet", "lenet5"),
        ("resnet_cifar", "resnet20"),
        ("shufflenet", "shufflenet_g1"),
    ],
)
def test_networks_on_the_cpu_save_what_is_said(file: str, name: str) -> None:
    graph = graphs(SPECS / f"{file}.arch")[name]
    network = built(file, name)
    image = torch.randn(BATCH, *graph.shape(graph.inputs["input"]).sizes)
    _, found = seen_by_hooks(network.train(), image)
    assert found == sum(saved(graph, BATCH).values())


def test_an_image_has_no_gradient() -> None:
    """So nothing is saved before the first weight, and of a product only the other factor."""
    net = Net()
    image = net.apply("relu", net.input(3, 8, 8))
    gate = net.chain(image, ("maxpool", {"kernel": 8}), conv(3, 1))
    product = net.apply("mul", image, gate)
    found = saved(net.graph)
    # The convolution keeps what the pooling made, and the product the image.
    assert [found[port.node] for port in (image, gate, product)] == [0, 4 * 3, 4 * 3 * 64]
    assert sum(found.values()) == 4 * (3 + 3 * 64)


def test_what_two_layers_read_is_saved_once() -> None:
    net = Net()
    image = net.input(3, 8, 8)
    net.apply("add", net.chain(image, conv(4, 1)), net.chain(image, conv(4, 3)))
    assert sum(saved(net.graph, 5).values()) == 5 * 4 * 3 * 64


# --- what is alive in inference ---


def run(graph: Graph, node: Node, read: list[Tensor]) -> Tensor:
    assert node.op is not None
    case = Example("", node.op, graph.input_shapes(node), node.shape)  # type: ignore[arg-type]
    join = case.form.join
    if join is not None:
        names = {f"x{place}": tensor for place, tensor in enumerate(read)}
        return eval(join.of([*names]), {"torch": torch}, names)
    flags = ["inplace=True"] if may_work_in_place(graph, node) else []
    return module_of(case, *flags).eval()(*read)


def alive(graph: Graph) -> dict[int, int]:
    """The bytes of all storages that somebody still holds, while every node runs."""
    nodes = [node for node in graph if not node.training_only]
    readers = {port: node.id for node in nodes for port in node.inputs}
    held: dict[Port, Tensor] = {}
    found: dict[int, int] = {}
    for node in nodes:
        if node.op is None:
            held[Port(node.id)] = torch.empty(BATCH, *node.shape.sizes)
        else:
            held[Port(node.id)] = run(graph, node, [held[port] for port in node.inputs])
        found[node.id] = sum(
            {storage(t): t.untyped_storage().nbytes() for t in held.values()}.values()
        )
        for port in [port for port in held if readers.get(port, node.id) <= node.id]:
            if port != graph.outputs["output"]:
                del held[port]
    return found


@pytest.mark.parametrize("file", ["branches", "conditions", "heads", "loops", "ops", "wires"])
def test_so_much_is_alive_as_an_interpreter_holds(file: str) -> None:
    for graph in graphs(CODE / f"{file}.arch").values():
        if not symbols(graph):
            with torch.device("meta"), torch.no_grad():
                assert live(graph, BATCH) == alive(graph), graph.name


def test_a_whole_network_is_alive_as_an_interpreter_holds_it() -> None:
    graph = graphs(SPECS / "shufflenet_v2.arch")["shufflenet_v2_x0_5"]
    with torch.device("meta"), torch.no_grad():
        assert live(graph, BATCH) == alive(graph)


def test_views_and_what_works_in_place_take_no_memory() -> None:
    net = Net()
    image = net.chain(net.input(3, 8, 8), conv(4, 1), ("bn", {}), ("relu", {}))
    half = net.apply("slice", image, start=0, stop=2)
    net.chain(half, ("relu", {}), ("flatten", {}), ("dropout", {}), ("linear", {"out": 5}))
    made = [number // 4 for number in activations(net.graph).values()]
    assert made == [0, 256, 256, 0, 0, 128, 0, 0, 5]
    # The slice keeps the whole image alive.
    assert [number // 4 for number in live(net.graph).values()] == [
        *(192, 448, 512, 256),
        *(256, 384, 128, 128, 133),
    ]


# --- symbolic sizes ---


def stem(height: int, width: int) -> Graph:
    net = Net()
    image = net.chain(net.input(3, height, width), conv(8, 3, 2), ("bn", {}), ("relu", {}))
    net.chain(image, conv(16, 3, 2), ("sigmoid", {}))
    return net.graph


@pytest.mark.parametrize("count", [activations, saved, live])
def test_symbolic_bytes_are_those_of_all_sizes(count) -> None:
    for height, width in [(1, 1), (32, 16), (7, 101)]:
        sizes = {"h": height, "w": width}
        found = [evaluate(number, sizes) for number in count(stem(H, W), 3).values()]
        assert found == [*count(stem(height, width), 3).values()]


def test_the_largest_is_decided_where_it_is_one_for_all_sizes() -> None:
    numbers = live(stem(H, H), 1)
    assert largest([3, 8, 8, 5]) == 8
    assert largest([]) == 0
    assert largest([numbers[0], numbers[1]]) == numbers[1]
    several = largest(numbers.values())
    assert isinstance(several, Largest)
    assert str(several).startswith("max(")
    for size in (1, 2, 5, 64):
        best = max(evaluate(count, {"h": size}) for count in several.counts)
        assert best == max(live(stem(size, size), 1).values())


def test_many_different_sizes_take_no_long_time() -> None:
    """No two layers have the same size, and none is the largest for sure."""
    net = Net()
    net.chain(net.input(1, H, 9), *[conv(1, (3, 1), pad=0)] * 600)
    numbers = live(net.graph)
    assert str(largest([*numbers.values()][1:])) == "max(...)"
    assert evaluate(saved_bytes(net.graph), {"h": 2000}) == 4 * 9 * sum(range(802, 2002, 2))


# --- state ---


def test_state_is_counted_in_the_bytes_that_it_has() -> None:
    for name, graph in graphs(SPECS / "googlenet.arch").items():
        module = on_meta("googlenet", name)
        state = [*module.parameters(), *module.buffers()]
        assert weight_bytes(graph) == sum(each.nbytes for each in state)
