"""Deconvolution: from a unit back to the pixels (Zeiler and Fergus, ECCV 2014, section 2.1).

On the way back every convolution is transposed, every maximum goes to where it came from, and every
rectifier keeps what is positive of what comes back, whatever it did on the way up. Everything but
the rectifiers is what PyTorch's gradient does, so the network runs with rectifiers that have this
gradient. Captum's `NeuronDeconvolution` changes gradients by hooks on modules: these remember one
gradient for each module, and a module may be called from several branches.

The paper does not say how a normalisation over channels (`lrn`) is undone. Here its divisors are
held, as the places of maxima are.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool3d, pad

from archdsl.features.layers import Layer
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
    # The copy shares all weights.
    shared = {id(each): each for each in (*module.parameters(), *module.buffers())}
    network = copy.deepcopy(module, shared).eval()
    counts = _prepare(network)
    kept: list[Tensor] = []
    hook = network.get_submodule(layer.name).register_forward_hook(
        lambda _module, _inputs, result: kept.append(result)
    )
    image = image.clone().requires_grad_()
    network(image)
    hook.remove()
    wanted = sum(node.op is not None and node.op.name == "relu" for node in _used(graph))
    assert sum(count.calls for count in counts) == wanted, "a rectifier is no module"
    maps = layer.maps(kept[0])
    found = []
    for unit in units:
        start = maps[unit.channel, unit.row, unit.column] * max(unit.value, 0.0)
        (back,) = torch.autograd.grad(start, image, retain_graph=True)
        found.append(back[0])
    return torch.stack(found)


def _used(graph: Graph) -> list[Node]:
    return [node for node in graph if not node.training_only]


class _Backwards(torch.autograd.Function):
    """A rectifier that rectifies on the way back, too."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        """The positive part."""
        return values.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, *back: Tensor) -> Tensor:
        """The positive part of what comes back."""
        return back[0].clamp(min=0)


class Rectifier(nn.Module):
    """A rectifier of a deconvolution, which counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, values: Tensor) -> Tensor:
        """The positive part."""
        self.calls += 1
        found: Tensor = _Backwards.apply(values)  # type: ignore[no-untyped-call]
        return found


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


def _prepare(network: nn.Module) -> list[Rectifier]:
    """Exchange the rectifiers and normalisations of a copy; its new rectifiers."""
    exchanged: dict[nn.Module, nn.Module] = {}
    for module in network.modules():
        if isinstance(module, nn.ReLU):
            exchanged[module] = Rectifier()
        elif isinstance(module, nn.LocalResponseNorm):
            exchanged[module] = HeldNorm(module)
    for parent in [*network.modules()]:
        # A module may have several names.
        for name, child in [*parent._modules.items()]:
            if child in exchanged:
                setattr(parent, name, exchanged[child])
    return [module for module in exchanged.values() if isinstance(module, Rectifier)]
