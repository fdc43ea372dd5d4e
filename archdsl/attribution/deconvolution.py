"""Deconvolution: from a unit back to the pixels (Zeiler and Fergus, ECCV 2014, section 2.1).

On the way back every convolution is transposed, every maximum goes to where it came from, and every
rectifier keeps what is positive of what comes back, whatever it did on the way up. Captum has that
for rectifiers that are modules. The paper does not say how a normalisation over channels (`lrn`) is
undone: here its divisors are held, as the places of maxima are.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool3d, pad

from archdsl.attribution.layers import Layer
from archdsl.graph import Graph, Node, Port, needed_for

PASSED = frozenset(
    "conv std_conv conv_transpose bn lrn relu maxpool avgpool adaptive_avgpool global_avgpool "
    "global_maxpool add mean concat dropout dropout2d drop_path".split()
)
"""Ops that lead back to the image, beside those that only move numbers."""


@dataclass(frozen=True)
class Unit:
    """A place in a layer's maps, and its activation."""

    channel: int
    row: int
    column: int
    value: float


def in_the_way(graph: Graph, node: Node) -> Node | None:
    """The first node on the way from a layer to the image that has no way back; None for none."""
    needed = needed_for(graph, [Port(node.id)])
    for each in reversed(graph.order):
        op = each.op if each.id in needed else None
        if op is not None and op.name not in PASSED and not op.only_moves:
            return each
    return None


def deconvolved(
    module: nn.Module, graph: Graph, layer: Layer, image: Tensor, units: Sequence[Unit]
) -> Tensor:
    """What units of a layer lead back to: [units, channels, height, width].

    Each unit starts from its own activation, while all others are 0. `image` is [1, channels,
    height, width]; the module is not changed.
    """
    from captum.attr import NeuronDeconvolution

    network = _held(module)
    _check_rectifiers(network, graph, image)
    method = NeuronDeconvolution(network, network.get_submodule(layer.name))
    found = []
    for unit in units:
        with warnings.catch_warnings():
            # Captum says that it hooks rectifiers.
            warnings.simplefilter("ignore", UserWarning)
            back = method.attribute(image.clone().requires_grad_(), partial(_value, layer, unit))
        found.append(back[0].detach() * max(unit.value, 0.0))
    return torch.stack(found)


def _value(layer: Layer, unit: Unit, result: Tensor) -> Tensor:
    """The activation [1] of a unit in a result."""
    return layer.maps(result)[unit.channel, unit.row, unit.column].reshape(1)


def _check_rectifiers(network: nn.Module, graph: Graph, image: Tensor) -> None:
    """Assert that code calls a module for every rectifier: Captum would pass over a function."""
    calls: list[nn.Module] = []
    rectifiers = [each for each in network.modules() if isinstance(each, nn.ReLU)]
    hooks = [each.register_forward_hook(lambda each, *_: calls.append(each)) for each in rectifiers]
    with torch.no_grad():
        network(image)
    for hook in hooks:
        hook.remove()
    ops = [node.op for node in graph if not node.training_only]
    wanted = sum(op is not None and op.name == "relu" for op in ops)
    assert len(calls) >= wanted, "a rectifier is no module"


def _held(module: nn.Module) -> nn.Module:
    """A copy that shares all weights, in which normalisations over channels hold their divisors."""
    shared = {id(each): each for each in (*module.parameters(), *module.buffers())}
    network = copy.deepcopy(module, shared).eval()
    for parent in [*network.modules()]:
        for name, child in [*parent._modules.items()]:
            if isinstance(child, nn.LocalResponseNorm):
                setattr(parent, name, HeldNorm(child))
    return network


class HeldNorm(nn.Module):
    """Normalisation over channels whose divisors are constants on the way back."""

    def __init__(self, norm: nn.LocalResponseNorm) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, values: Tensor) -> Tensor:
        """`nn.LocalResponseNorm` of [images, channels, height, width]."""
        norm = self.norm
        size = norm.size
        squares = pad(
            values.detach().square().unsqueeze(1), (0, 0, 0, 0, size // 2, (size - 1) // 2)
        )
        means = avg_pool3d(squares, (size, 1, 1), stride=1).squeeze(1)
        return values / (norm.k + norm.alpha * means) ** norm.beta
