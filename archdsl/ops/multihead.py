"""PyTorch's layer of attention, with its projections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archdsl.ops.attention import DROPOUT, HEADS, require_heads, require_positions
from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape, Weight, shape_text
from archdsl.ops.expressions import Size, channels_size, given, given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Real, Truth, Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Literal
from archdsl.shapes import Count, Dim, product

CAUSAL_MASK = '''\
def causal_mask(x: Tensor) -> Tensor:
    """Whether a position, along the first dimension, must not read another: those behind it."""
    return x.new_ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
'''


@dataclass(frozen=True)
class MultiHead(Op):
    """Attention of a sequence to itself, with its four projections in one layer.

    With a branch `memory=` it reads another sequence instead: the encoder's. If that has other
    features, its projections are apart. It is `nn.MultiheadAttention` with PyTorch's keys, for
    checkpoints that have it; `attend` leaves the projections to other layers.
    """

    name = "multihead"
    positional = 1
    pytorch = ("embed_dim", "num_heads", "dropout", "bias")
    keyword_branches = ("memory",)
    family = "attention"
    part = "layer"
    is_link = False
    is_random = True
    examples = (
        "[5; 8] | multihead(2) -> [5; 8]",
        "[5; 8] | multihead(4, bias=false) -> [5; 8]",
        "[5; 8] | multihead(2, dropout=0.1) -> [5; 8]",
        "[5; 8] | multihead(2, causal=true) -> [5; 8]",
        "[5; 8], [7; 8] | multihead(2, memory=true) -> [5; 8]",
        "[5; 8], [7; 8] | multihead(2, dropout=0.1, memory=true) -> [5; 8]",
        "[5; 8], [7; 6] | multihead(4, memory=true) -> [5; 8]",
        "[5; 8], [7; 6] | multihead(2, bias=false, dropout=0.1, memory=true) -> [5; 8]",
    )

    heads: int = parameter(Whole(), about=HEADS)
    bias: bool = parameter(Truth(), True, about="whether the projections add a learned bias")
    dropout: float = parameter(Real(0, 1), 0, about=DROPOUT)
    causal: bool = parameter(Truth(), False, about="whether no position reads those behind it")
    memory: bool = parameter(Truth(), False, about="a branch that is read instead of itself")

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The shape stays."""
        return inputs[0]

    def check(self, *inputs: Shape) -> None:
        if self.memory and len(inputs) == 1:
            raise Reject("`memory` of `multihead` is a branch", "memory", "a layer", "true")
        if self.memory and self.causal:
            message = "`causal` of `multihead` is for a sequence that reads itself"
            raise Reject(message, "causal", "one of `causal` and `memory`", "true")
        for index, shape in enumerate(inputs):
            require_positions(self.name, shape, index)
            if len(shape.positions) > 1:
                message = f"`{self.name}` works on one axis of positions"
                help = '`rearrange("h w; c -> (h w); c")` makes one of two'
                expected = "[positions; features]"
                raise Reject(message, "", expected, shape_text(shape), help, index)
        require_heads(self, self.heads, inputs[0].channels)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        features, others = inputs[0].channels, inputs[-1].channels
        assert isinstance(features, int)
        assert isinstance(others, int)
        projections = [Weight("in_proj_weight", (3 * features, features))]
        if others != features:
            widths = {"q": features, "k": others, "v": others}
            projections = [
                Weight(f"{name}_proj_weight", (features, width)) for name, width in widths.items()
            ]
        weights = [
            *projections,
            Weight("in_proj_bias", (3 * features,)),
            Weight("out_proj.weight", (features, features)),
            Weight("out_proj.bias", (features,)),
        ]
        return tuple([each for each in weights if self.bias or "bias" not in each.name])

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def macs(self, *inputs: Shape) -> Count:
        query, memory = inputs[0], inputs[-1]
        (length,), (others,) = query.positions, memory.positions
        own = product(2, length, query.channels, query.channels)
        read = product(2, others, memory.channels, query.channels)
        return own + read + product(2, length, others, query.channels)

    def saves(self, *inputs: Shape) -> Saves:
        query, memory = inputs[0], inputs[-1]
        (length,), (others,) = query.positions, memory.positions
        copies = self._copies_with_memory(query, memory) if self.memory else self._copies(query)
        pairs = SavedTensor((self.heads, length, others))
        weights = [pairs] * 3 if self.dropout else [SavedTensor((self.heads, length))]
        return Saves(own=(*map(SavedTensor, copies), *weights))

    def _copies(self, shape: Shape) -> Sequence[tuple[Dim, ...]]:
        # The sequence is copied with its batch behind; then the projections, three in one, and the
        # sum. With dropout queries and keys are scaled, and the weights kept, before and after it.
        return [shape.sizes] * (7 if self.dropout else 5)

    def _copies_with_memory(self, query: Shape, memory: Shape) -> Sequence[tuple[Dim, ...]]:
        # Queries and the sum, keys and values, and what they come from. These are two in one, and
        # then scaled in a copy, unless each has a projection of its own.
        projected = memory.with_channels(query.channels).sizes
        own = [query.sizes] * 3
        if memory.channels != query.channels:
            return [*own, *[memory.sizes] * 2, *[projected] * 2]
        return [*own, *[projected] * (4 if self.dropout else 3)]

    def torch(self, *inputs: Shape) -> TorchForm:
        others = inputs[-1]
        is_wider = others.channels != inputs[0].channels
        width = [TorchArgument(channels_size(others, 1), name) for name in ("kdim", "vdim")]
        arguments = [
            TorchArgument(channels_size(inputs[0])),
            TorchArgument(given("heads")),
            TorchArgument(given_float(self, "dropout"), "dropout", 0.0),
            TorchArgument(given("bias"), "bias", True),
            *width * is_wider,
            TorchArgument(Literal(True), "batch_first", False),
        ]
        module = TorchCall("nn.MultiheadAttention", arguments)
        if self.memory:
            return TorchForm(module, call="{m}({x}, {y}, {y}, need_weights=False)[0]")
        if not self.causal:
            return TorchForm(module, call="{m}({x}, {x}, {x}, need_weights=False)[0]")
        hidden = "attn_mask=causal_mask({x}), is_causal=True"
        call = f"{{m}}({{x}}, {{x}}, {{x}}, need_weights=False, {hidden})[0]"
        return TorchForm(module, call=call, helpers={"causal_mask": CAUSAL_MASK})
