"""Attention: every position of a sequence reads all others, by how well they match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, SameShape, Shape, Weight, shape_text
from archdsl.ops.checks import require_last
from archdsl.ops.expressions import Size, channels_size, given, given_float, input_size
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Real, Truth, Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression, Literal
from archdsl.shapes import Count, Dim, Undecided, product, same

HEADS = "number of heads; must divide the features"
DROPOUT = "probability with which a weight of the attention is dropped while training"


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


def _is_alike(shape: Shape, expected: Shape) -> bool:
    """Whether two types have the same sizes, whatever their symbols are."""
    try:
        return shape.rank == expected.rank and all(map(same, shape.sizes, expected.sizes))
    except Undecided:
        return False


def require_positions(name: str, shape: Shape, index: int | None = None) -> None:
    """Raise `Reject` for an input that is no sequence or map whose channels are last."""
    require_last(name, shape)
    if not shape.positions:
        message = f"`{name}` compares positions, and features alone have none"
        expected = "[positions; features]"
        raise Reject(message, "", expected, shape_text(shape), "`flatten` was too early", index)


def require_heads(op: Op, heads: int, features: Dim) -> None:
    """Raise `Reject` where heads do not divide the features."""
    if not isinstance(features, int) or features % heads:
        message = f"`heads` of `{op.name}` must divide the features of its input"
        raise Reject(message, "heads", f"a divisor of {features}", str(heads))


ATTEND = '''\
def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int = 1,
    bias: Tensor | None = None,
    causal: bool = False,
    dropout: float = 0.0,
    scale: float | None = None,
    training: bool = True,
) -> Tensor:
    """Attention along the last axis of positions; every head has an equal part of the features."""
    apart, groups = query.shape[:-2], heads * key.shape[-1] // query.shape[-1]
    query = query.unflatten(-1, (heads, -1)).transpose(-3, -2).flatten(0, -4)
    key = key.unflatten(-1, (groups, -1)).transpose(-3, -2).flatten(0, -4)
    value = value.unflatten(-1, (groups, -1)).transpose(-3, -2).flatten(0, -4)
    if bias is not None:
        bias = bias.movedim(-1, -3).flatten(0, -4)
        bias = bias.repeat_interleave(query.shape[0] // bias.shape[0], 0)
    x = F.scaled_dot_product_attention(
        query,
        key,
        value,
        bias,
        dropout_p=dropout if training else 0.0,
        is_causal=causal,
        scale=scale,
        enable_gqa=groups < heads,
    )
    return x.transpose(-3, -2).flatten(-2).unflatten(0, apart)
'''


@dataclass(frozen=True)
class Attend(Op):
    """Attention: at every position of the queries, a mean of values, weighted by query and key.

    The weights are softmax(scale * query · key) over the positions of the keys, for each head apart
    (Vaswani et al., NeurIPS 2017). Queries, keys and values are three branches; only the last axis
    of positions looks around, those before it are apart. Keys and values may have fewer heads than
    queries, which share them in groups (grouped queries). A branch `bias=` is added before softmax:
    a number for every query, key and head, `[n, m; heads]`.
    """

    name = "attend"
    family = "attention"
    arity = 3
    input_names = ("q", "k", "v")
    keyword_branches = ("bias",)
    is_random = True
    examples = (
        "[5; 8], [5; 8], [5; 8] | attend(heads=2) -> [5; 8]",
        "[5; 8], [7; 8], [7; 6] | attend(heads=2, scale=0.3) -> [5; 6]",
        "[5; 8], [5; 4], [5; 4] | attend(heads=4, causal=true) -> [5; 8]",
        "[3, 5; 8], [3, 4; 8], [3, 4; 8] | attend -> [3, 5; 8]",
        "[5; 8], [5; 8], [5; 8] | attend(heads=2, dropout=0.1) -> [5; 8]",
        "[5; 8], [7; 8], [7; 8], [5, 7; 2] | attend(heads=2, bias=true) -> [5; 8]",
        "[3, 5; 8], [3, 4; 8], [3, 4; 8], [5, 4; 1] | attend(bias=true) -> [3, 5; 8]",
    )

    heads: int = parameter(Whole(), 1, about="number of heads; must divide the queries' features")
    bias: bool = parameter(Truth(), False, about="a branch that is added to the products")
    causal: bool = parameter(Truth(), False, about="whether no position reads those behind it")
    dropout: float = parameter(Real(0, 1), 0, about=DROPOUT)
    scale: float | None = parameter(
        Real(0, above=True), None, about="factor; without it 1 / sqrt of a head's features"
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The positions of the queries, with the values' features, once for each group's heads."""
        query, key, value, *_ = inputs
        return query.with_channels(value.channels * query.channels // key.channels)

    def sources(self, *inputs: Shape) -> TensorType[Expression]:
        query, key, *_ = inputs
        if query.channels != key.channels:
            return super().sources(*inputs)
        places = range(query.rank - 1)
        features = input_size(query.rank - 1, 2)
        return query.with_sizes([*[input_size(place) for place in places], features])

    def check(self, *inputs: Shape) -> None:
        for index, shape in enumerate(inputs):
            require_positions(self.name, shape, index)
        query, key, value, *others = inputs
        if self.bias != bool(others):
            found = str(self.bias).lower()
            raise Reject("`bias` of `attend` is a branch", "bias", "a layer", found)
        require_heads(self, self.heads, query.channels)
        self._require_lengths(query, key, value)
        self._require_groups(query, key, value)
        for bias in others:
            self._require_bias(query, key, bias)

    def _require_bias(self, query: Shape, key: Shape, bias: Shape) -> None:
        """The bias has a number for every query, key and head; the axes before may be there too."""
        *before, length = query.positions
        pairs = (length, key.positions[-1], self.heads)
        wanted = [TensorType(pairs, is_last=True), TensorType((*before, *pairs), is_last=True)]
        if self.causal:
            message = "`bias` of `attend` says who reads whom, and so does `causal`"
            raise Reject(message, "causal", "one of both", "true")
        if not any(_is_alike(bias, each) for each in wanted):
            message = "the bias of `attend` has a number for every query, key and head"
            raise Reject(message, "", str(wanted[0]), shape_text(bias), "", 3)

    def _require_lengths(self, query: Shape, key: Shape, value: Shape) -> None:
        """The axes before the last are those of all three; keys and values are as many."""
        before = query.positions[:-1]
        for index, shape, wanted in ((1, key, key.positions[-1]), (2, value, key.positions[-1])):
            expected = query.with_sizes([*before, wanted, shape.channels])
            if not _is_alike(shape, expected):
                message = f"the {('', 'keys', 'values')[index]} of `attend` have other positions"
                raise Reject(message, "", str(expected), shape_text(shape), "", index)

    def _require_groups(self, query: Shape, key: Shape, value: Shape) -> None:
        """Keys have whole heads, of which every one serves as many of the queries'."""
        assert isinstance(query.channels, int)
        size = query.channels // self.heads
        groups, rest = divmod(key.channels, size)  # type: ignore[operator]
        if rest or not groups or self.heads % groups:
            message = f"the keys of `attend` are no heads of {size} features for {self.heads}"
            expected = f"{size} features for each of some heads, a divisor of {self.heads}"
            raise Reject(message, "", expected, shape_text(key), "", 1)
        if value.channels % groups:
            message = f"the {groups} heads of `attend` do not divide the features of the values"
            raise Reject(message, "", f"a multiple of {groups}", shape_text(value), "", 2)

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def macs(self, *inputs: Shape) -> Count:
        query, key, value, *_ = inputs
        result = self.rule(self, query, key, value)
        pairs = (*query.positions, key.positions[-1])
        return product(*pairs, query.channels) + product(*pairs, result.channels)

    def saves(self, *inputs: Shape) -> Saves:
        query, key, value, *others = inputs
        result = self.rule(self, query, key, value)
        *before, length = query.positions
        if not (self.dropout or others) and query.channels == result.channels:
            # PyTorch computes it in one pass, and keeps the sums of the weights.
            sums = SavedTensor((*before, self.heads, length))
            return Saves(inputs=True, output=True, own=(sums,))
        weights = SavedTensor((*before, self.heads, length, key.positions[-1]))
        repeated = [key.with_channels(query.channels), value.with_channels(result.channels)]
        tensors = [SavedTensor(each.sizes) for each in (query, *repeated)]
        return Saves(own=(*tensors, *[weights] * (3 if self.dropout else 1)))

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            TorchArgument(given("heads"), "heads", 1),
            TorchArgument(given("causal"), "causal", False),
            TorchArgument(given_float(self, "dropout"), "dropout", 0.0),
        ]
        if self.scale is not None:
            arguments.append(TorchArgument(given_float(self, "scale"), "scale"))
        function = TorchCall("attend", arguments, named=("bias",) if self.bias else ())
        return TorchForm(function=function, definition=ATTEND, training=self.dropout > 0)

    def label(self, *inputs: Shape) -> str:
        return f"attend {self.heads} heads" if self.heads > 1 else self.title
