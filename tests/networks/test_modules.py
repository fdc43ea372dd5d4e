"""Tools of the field find what a generated network computes: its children, and fx's modules.

torchvision's segmentation models call the children of a ResNet one after the other; hooks,
quantisation and swaps of activations look for modules. All of them are wrong in silence where
an activation or a pool is a function.
"""

from __future__ import annotations

import ast
from collections import Counter

import pytest
import torch
from torch import Tensor, fx, nn

from archdsl.graph import Graph
from archdsl.ops.forms import TorchForm
from tests.helpers.generated import built, traced
from tests.helpers.kinds import smallest_of_each_kind
from tests.helpers.paths import GENERATED, SPECS
from tests.helpers.pipeline import graphs

FILES = sorted(path.stem for path in SPECS.glob("*.arch"))
LAYERS = ["layer1", "layer2", "layer3", "layer4"]
RESNETS = ["resnet", "resnet_cifar", "resnet_v2", "resnext", "senet"]
OTHERS = ["resnetv2", "stage_", "se_bn_inception"]
"""How networks of these files begin that are no ResNets with such layers."""
LAYERED = [
    (file, name)
    for file, name in smallest_of_each_kind()
    if file in RESNETS and not any(map(name.startswith, OTHERS))
]
SEEN = ("activation", "pooling")
"""The families of ops that tools look for."""


def stages(network: nn.Module) -> list[str]:
    """The children that are called `layer1`, `layer2` and so on."""
    return [name for name, _ in network.named_children() if name in LAYERS]


def one_after_another(network: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """What the stages give where the children of a network are called in their order."""
    found: dict[str, Tensor] = {}
    last = stages(network)[-1]
    for name, child in network.named_children():
        x = child(x)
        if name in LAYERS:
            found[name] = x.clone()
        if name == last:
            break
    return found


def in_forward(network: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """What the stages give in a network's own `forward`."""
    found: dict[str, Tensor] = {}
    hooks = [
        network.get_submodule(name).register_forward_hook(
            lambda module, given, result, name=name: found.update({name: result.clone()})
        )
        for name in stages(network)
    ]
    network(x)
    for hook in hooks:
        hook.remove()
    return found


@torch.no_grad()
def check_children(network: nn.Module, x: Tensor) -> None:
    """The children in their order are the layers up to each stage."""
    expected = in_forward(network.eval(), x.clone())
    assert [*expected] == stages(network)
    torch.testing.assert_close(one_after_another(network, x.clone()), expected, rtol=0, atol=0)


def image(graph: Graph, largest: int = 32) -> Tensor:
    """A picture, no larger than a test has time for: these networks take all sizes."""
    channels, *sides = graph.shape(graph.inputs["input"]).sizes
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, channels, *[min(side, largest) for side in sides], generator=generator)


@pytest.mark.parametrize(("file", "name"), LAYERED)
def test_children_are_the_layers(file: str, name: str) -> None:
    torch.manual_seed(0)
    network = built(file, name)
    assert stages(network) in (LAYERS, LAYERS[:3])
    check_children(network, image(graphs(SPECS / f"{file}.arch")[name]))


def forms(graph: Graph) -> list[TorchForm]:
    """Every activation and pool of a graph for which torch.nn has a module.

    fx looks into other modules.
    """
    ops = [(node.op, graph.input_shapes(node)) for node in graph if node.op is not None]
    found = [op.torch(*shapes) for op, shapes in ops if op.family in SEEN]
    return [form for form in found if not form.definition]


def called_modules(trace: fx.GraphModule) -> Counter[str]:
    """The modules that a trace calls under their paths, by class and counted by call."""
    targets = [str(node.target) for node in trace.graph.nodes if node.op == "call_module"]
    return Counter(f"nn.{type(trace.get_submodule(target)).__name__}" for target in targets)


def called_functions(trace: fx.GraphModule) -> set[str]:
    """The names of the functions and methods that a trace calls."""
    nodes = [node for node in trace.graph.nodes if node.op in ("call_function", "call_method")]
    return {str(getattr(node.target, "__name__", node.target)) for node in nodes}


@pytest.mark.parametrize(("file", "name"), smallest_of_each_kind())
def test_activations_and_pools_are_modules(file: str, name: str) -> None:
    found = forms(graphs(SPECS / f"{file}.arch")[name])
    expected = Counter(form.module.callee for form in found if form.module)
    modules = called_modules(traced(file, name))
    assert {callee: modules[callee] for callee in expected} == expected
    functions = {form.function.callee.rpartition(".")[2] for form in found if form.function}
    assert not called_functions(traced(file, name)) & functions


def derived_with_forward(text: str) -> list[str]:
    """The classes of a file that are an `nn.Sequential` and do something else when called."""
    return [
        statement.name
        for statement in ast.parse(text).body
        if isinstance(statement, ast.ClassDef)
        and "nn.Sequential" in map(ast.unparse, statement.bases)
        and any(isinstance(s, ast.FunctionDef) and s.name == "forward" for s in statement.body)
    ]


@pytest.mark.parametrize("file", FILES)
def test_sequences_are_called_as_such(file: str) -> None:
    """`checkpoint_sequential` and slices call the children of an `nn.Sequential` in their order."""
    assert derived_with_forward((GENERATED / f"{file}.py").read_text(encoding="utf-8")) == []


# --- that the checks see what they look for ---


class Network(nn.Module):
    """A network whose activation is a function, or whose children stand in another order."""

    def __init__(self, functional: bool, ordered: bool) -> None:
        super().__init__()
        self.functional = functional
        names = ["relu", "layer1"] if ordered else ["layer1", "relu"]
        for name in names:
            self.add_module(name, nn.ReLU() if name == "relu" else nn.Conv2d(3, 3, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(x) if self.functional else self.relu(x)
        return self.layer1(x)


def test_children_in_another_order_are_seen() -> None:
    x = torch.linspace(-1, 1, 12).reshape(1, 3, 2, 2)
    check_children(Network(functional=False, ordered=True), x)
    with pytest.raises(AssertionError):
        check_children(Network(functional=False, ordered=False), x)


def test_functions_are_seen() -> None:
    trace = fx.symbolic_trace(Network(functional=True, ordered=True))
    assert called_modules(trace) == {"nn.Conv2d": 1}
    assert called_functions(trace) == {"relu"}
    trace = fx.symbolic_trace(Network(functional=False, ordered=True))
    assert called_modules(trace) == {"nn.ReLU": 1, "nn.Conv2d": 1}
    assert not called_functions(trace)


def test_a_sequence_with_a_forward_is_seen() -> None:
    text = "class A(nn.Sequential):\n    def forward(self, x): return x"
    assert derived_with_forward(text) == ["A"]
