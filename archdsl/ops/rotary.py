"""Rotary positions: features turned by where they stand, so that products tell distances."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.base import Reject, SameShape, Shape, shape_text
from archdsl.ops.checks import require_last
from archdsl.ops.expressions import given, given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Real, Truth, Whole, parameter

ROTARY = '''\
class RotaryEmbedding(nn.Module):
    """Turns pairs of the features of every head, by angles that grow with the position."""

    def __init__(self, heads: int, base: float = 10000.0, interleaved: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.base = base
        self.interleaved = interleaved

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[-1] // self.heads
        speeds = self.base ** -(torch.arange(0, size, 2, device=x.device) / size)
        angles = torch.arange(x.shape[-2], device=x.device)[:, None, None] * speeds
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        x = x.unflatten(-1, (self.heads, -1))
        if self.interleaved:
            first, second = x[..., ::2], x[..., 1::2]
        else:
            first, second = x.chunk(2, -1)
        turned = [first * cos - second * sin, second * cos + first * sin]
        x = torch.stack(turned, -1).flatten(-2) if self.interleaved else torch.cat(turned, -1)
        return x.flatten(-2)
'''


@dataclass(frozen=True)
class Rope(SameShape):
    """Every pair of features of a head, turned by its position times a speed (Su et al., 2021).

    Between queries and keys that are turned, products depend on how far apart they are. A pair is
    feature i of both halves of a head, as in LLaMA, or `interleaved` two neighbours. Pair i of n
    turns by 1 / base ** (i / n) for every position along the last axis.
    """

    name = "rope"
    family = "attention"
    positional = 1
    examples = (
        "[5; 8] | rope(2) -> [5; 8]",
        "[3, 5; 8] | rope(2, base=100, interleaved=true) -> [3, 5; 8]",
    )

    heads: int = parameter(Whole(), about="number of heads; each has an even number of features")
    base: float = parameter(Real(1, above=True), 10000, about="how much the last pair turns slower")
    interleaved: bool = parameter(
        Truth(), False, about="whether a pair is two neighbours, and not one of each half"
    )

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_last(self.name, shape)
        if not shape.positions:
            message = "`rope` turns features by their position, and here are no positions"
            raise Reject(message, "", "[n; features]", shape_text(shape))
        if shape.channels % (2 * self.heads):
            message = "`heads` of `rope` must divide the features into heads of an even number"
            raise Reject(message, "heads", f"a divisor of {shape.channels} // 2", str(self.heads))

    def saves(self, *inputs: Shape) -> Saves:
        # Cosine and sine of every angle, which are the same for all samples.
        (shape,) = inputs
        half = shape.channels // (2 * self.heads)
        return Saves(own=(SavedTensor((shape.positions[-1], half), each=False),) * 2)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            TorchArgument(given("heads")),
            TorchArgument(given_float(self, "base"), "base", 10000.0),
            TorchArgument(given("interleaved"), "interleaved", False),
        ]
        return TorchForm(TorchCall("RotaryEmbedding", arguments), definition=ROTARY)
