"""Batch norms as part of the convolution or linear layer beside them, for inference."""

from __future__ import annotations

from typing import Any

from archdsl.ops.conv import Conv
from archdsl.ops.norm import BatchNorm
from archdsl.rewriting.formulas import Binary, Formula, Shaped, Total
from archdsl.rewriting.layers import (
    affine_of,
    bias_of,
    dims_of,
    freed,
    is_layer,
    is_unpadded,
    scaled,
    takes_norm,
    total,
)
from archdsl.rewriting.network import Plan
from archdsl.rewriting.rewrite import SHARED, Rewritten
from archdsl.rewriting.sweep import Sweep

NAME = "fold"


def fold(plan: Plan) -> Rewritten:
    """Fold every batch norm into the layer before it, else into that behind it."""
    return _Folding(plan).rewritten()


class _Folding(Sweep):
    name = NAME
    op = BatchNorm

    def take(self, norm: int) -> None:
        """Fold a norm, or say why it stays."""
        path = self.plan.nodes[norm].path
        if path in self.plan.shared:
            self._take_shared(path)
            return
        (before,) = self.plan.nodes[norm].inputs
        behind = self.plan.only_reader(norm)
        why, why_behind = self._fault_before(before), self._fault_behind(behind)
        if not why:
            self._into_before(norm, before)
        elif behind is not None and not why_behind:
            self._into_behind(norm, behind)
        else:
            self.leave(path, f"{why}; {why_behind}")

    def _take_shared(self, path: str) -> None:
        """Fold a norm that is used more than once, if each use follows one of a single layer."""
        norms = self._uses(path)
        layers = [self.plan.nodes[norm].inputs[0] for norm in norms]
        if norms[0] in self.draft.gone:
            return
        if not self._are_pairs(norms, layers):
            self.leave(path, SHARED)
            return
        weight, bias = self._weights_before(norms[0], layers[0])
        for norm, layer in zip(norms, layers, strict=True):
            self._store(layer, weight, bias)
            self.draft.instead(norm, layer)
        where = self.plan.nodes[layers[0]].path
        self.change(where, f"has `{path}` in it, wherever it is used")

    def _uses(self, path: str) -> list[int]:
        return [number for number, node in self.plan.nodes.items() if node.path == path]

    def _are_pairs(self, norms: list[int], layers: list[int]) -> bool:
        """Whether some layers are all uses of one, and nothing but its norm reads each of them."""
        first = self.plan.nodes[layers[0]]
        return (
            takes_norm(first.op)
            and sorted(layers) == sorted(self._uses(first.path))
            and [self.plan.only_reader(layer) for layer in layers] == norms
            and not any(self.plan.nodes[number].training_only for number in norms)
        )

    def _fault_before(self, layer: int) -> str:
        """Why no norm behind a layer can be folded into it."""
        node = self.plan.nodes[layer]
        if not takes_norm(node.op):
            return f"it follows {_named(node.name)}"
        if node.path in self.plan.shared:
            return "the weights before it are used more than once"
        if self.plan.only_reader(layer) is None:
            return f"`{node.path}` is read elsewhere too"
        return ""

    def _fault_behind(self, layer: int | None) -> str:
        """Why no norm can be folded into the layer behind it."""
        if layer is None:
            return "several layers read it, or it is a result"
        node = self.plan.nodes[layer]
        if not is_layer(node.op):
            return f"{_named(node.name)} follows"
        if node.path in self.plan.shared:
            return "the weights behind it are used more than once"
        if isinstance(node.op, Conv) and node.op.groups > 1:
            return f"`{node.path}` has groups"
        return "" if is_unpadded(node.op) else f"`{node.path}` pads what the norm gives with zeros"

    def _into_before(self, norm: int, layer: int) -> None:
        self._store(layer, *self._weights_before(norm, layer))
        self._remove(norm, layer)

    def _weights_before(self, norm: int, layer: int) -> tuple[Formula, Formula | None]:
        """The weight and the bias of a layer with the norm behind it."""
        factor, shift = affine_of(self.draft, norm)
        bias = bias_of(self.draft, layer)
        scaled_bias = Binary("*", bias, factor) if bias is not None else None
        weight = scaled(self.plan, layer, self.draft.weight(layer, "weight"), factor)
        return weight, total([scaled_bias, shift])

    def _into_behind(self, norm: int, layer: int) -> None:
        """W (f x + s) + b = (W f) x + (W s + b), where W f scales the columns of W."""
        factor, shift = affine_of(self.draft, norm)
        weight, dims = self.draft.weight(layer, "weight"), dims_of(self.plan, layer)
        row = Shaped(factor, (1, -1, *(1,) * (dims - 2)))
        out, channels = self.plan.entries(layer)[0].shape[:2]
        matrix = Total(Shaped(weight, (out, channels, -1)))
        added = Binary("@", matrix, shift)
        self._store(layer, Binary("*", weight, row), total([bias_of(self.draft, layer), added]))
        self._remove(norm, layer)

    def _store(self, layer: int, weight: Formula, bias: Formula | None) -> None:
        op: Any = self.draft.nodes[layer].op
        path = self.draft.nodes[layer].path
        assert bias is not None
        self.draft.change(layer, op=freed(op, bias=True))
        self.draft.weights |= {f"{path}.weight": weight, f"{path}.bias": bias}

    def _remove(self, norm: int, layer: int) -> None:
        node = self.draft.nodes[norm]
        self.draft.instead(norm, node.inputs[0])
        self.change(self.draft.nodes[layer].path, f"has `{node.path}` in it")


def _named(op: str) -> str:
    return f"`{op}`" if op else "the input"
