"""PyTorch's layer of attention, with its projections."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.attention import DROPOUT, HEADS, require_heads, require_positions
from archdsl.ops.axes import Window
from archdsl.ops.base import Reject, SameShape, Shape, Weight, shape_text
from archdsl.ops.expressions import channels_size, given, given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Real, Truth, Whole, parameter
from archdsl.provenance import Literal
from archdsl.shapes import Count, product


@dataclass(frozen=True)
class MultiHead(SameShape):
    """Attention of a sequence to itself, with its four projections in one layer.

    It is `nn.MultiheadAttention` with PyTorch's keys, for checkpoints that have it; `attend` leaves
    the projections to other layers.
    """

    name = "multihead"
    positional = 1
    pytorch = ("embed_dim", "num_heads", "dropout", "bias")
    family = "attention"
    part = "layer"
    is_link = False
    is_random = True
    examples = (
        "[5; 8] | multihead(2) -> [5; 8]",
        "[5; 8] | multihead(4, bias=false) -> [5; 8]",
        "[5; 8] | multihead(2, dropout=0.1) -> [5; 8]",
    )

    heads: int = parameter(Whole(), about=HEADS)
    bias: bool = parameter(Truth(), True, about="whether the projections add a learned bias")
    dropout: float = parameter(Real(0, 1), 0, about=DROPOUT)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_positions(self.name, shape)
        if len(shape.positions) > 1:
            message = f"`{self.name}` works on one axis of positions"
            help = '`rearrange("h w; c -> (h w); c")` makes one of two'
            raise Reject(message, "", "[positions; features]", shape_text(shape), help)
        require_heads(self, self.heads, shape.channels)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        features = inputs[0].channels
        assert isinstance(features, int)
        weights = [
            Weight("in_proj_weight", (3 * features, features)),
            Weight("in_proj_bias", (3 * features,)),
            Weight("out_proj.weight", (features, features)),
            Weight("out_proj.bias", (features,)),
        ]
        return tuple([each for each in weights if self.bias or "bias" not in each.name])

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def macs(self, *inputs: Shape) -> Count:
        (shape,) = inputs
        (length,) = shape.positions
        projections = product(4, length, shape.channels, shape.channels)
        return projections + product(2, length, length, shape.channels)

    def saves(self, *inputs: Shape) -> Saves:
        # The sequence is copied with its batch behind; then the projections, three in one, and the
        # sum. With dropout queries and keys are scaled, and the weights kept, before and after it.
        (shape,) = inputs
        (length,) = shape.positions
        copies = (SavedTensor(shape.sizes),) * (7 if self.dropout else 5)
        if not self.dropout:
            return Saves(own=(*copies, SavedTensor((self.heads, length))))
        return Saves(own=(*copies, *[SavedTensor((self.heads, length, length))] * 3))

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            TorchArgument(channels_size(inputs[0])),
            TorchArgument(given("heads")),
            TorchArgument(given_float(self, "dropout"), "dropout", 0.0),
            TorchArgument(given("bias"), "bias", True),
            TorchArgument(Literal(True), "batch_first", False),
        ]
        return TorchForm(
            TorchCall("nn.MultiheadAttention", arguments),
            call="{m}({x}, {x}, {x}, need_weights=False)[0]",
        )
