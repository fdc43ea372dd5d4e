"""Attention as mathematics: queries, keys and values are layers around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archdsl.ops.attend_source import AXES, GROUPS, OPTIONS, attend_helper
from archdsl.ops.attention import DROPOUT, is_alike, require_heads, require_positions
from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.expressions import Size, given, given_float, input_size
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Real, Truth, Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression
from archdsl.shapes import Count, product


@dataclass(frozen=True)
class Attend(Op):
    """Attention: at every position of the queries, a mean of values, weighted by query and key.

    The weights are softmax(scale * query · key) over the positions of the keys, for each head apart
    (Vaswani et al., NeurIPS 2017). Queries, keys and values are three branches; only the last axis
    of positions looks around, those before it are apart. Keys and values may have fewer heads than
    queries, which share them in groups (grouped queries). A branch `bias=` is added before softmax:
    a number for every query, key and head, `[n, m; heads]`. A branch `mask=`, `[m] < 2`, says which
    keys are read: those with a 1. Of a query that reads none the result is 0.
    """

    name = "attend"
    family = "attention"
    arity = 3
    input_names = ("q", "k", "v")
    keyword_branches = ("bias", "mask")
    is_random = True
    examples = (
        "[5; 8], [5; 8], [5; 8] | attend(heads=2) -> [5; 8]",
        "[5; 8], [7; 8], [7; 6] | attend(heads=2, scale=0.3) -> [5; 6]",
        "[5; 8], [5; 4], [5; 4] | attend(heads=4, causal=true) -> [5; 8]",
        "[3, 5; 8], [3, 4; 8], [3, 4; 8] | attend -> [3, 5; 8]",
        "[5; 8], [5; 8], [5; 8] | attend(heads=2, dropout=0.1) -> [5; 8]",
        "[5; 8], [7; 8], [7; 8], [5, 7; 2] | attend(heads=2, bias=true) -> [5; 8]",
        "[3, 5; 8], [3, 4; 8], [3, 4; 8], [5, 4; 1] | attend(bias=true) -> [3, 5; 8]",
        "[5; 8], [7; 8], [7; 6], [7] < 2 | attend(heads=2, mask=true) -> [5; 6]",
        "[5; 8], [5; 4], [5; 4], [5] < 2 | attend(heads=4, mask=true, causal=true) -> [5; 8]",
        "[3, 5; 8], [3, 4; 8], [3, 4; 8], [4] < 2 | attend(heads=2, mask=true) -> [3, 5; 8]",
        "[3; 8], [4; 8], [4; 8], [3, 4; 1], [4] < 2 | attend(bias=true, mask=true) -> [3; 8]",
    )

    heads: int = parameter(Whole(), 1, about="number of heads; must divide the queries' features")
    bias: bool = parameter(Truth(), False, about="a branch that is added to the products")
    mask: bool = parameter(Truth(), False, about="a branch that says which keys are read")
    causal: bool = parameter(Truth(), False, about="whether no position reads those behind it")
    dropout: float = parameter(Real(0, 1), 0, about=DROPOUT)
    scale: float | None = parameter(
        Real(0, above=True), None, about="factor; without it 1 / sqrt of a head's features"
    )

    def may_count(self, index: int) -> bool:
        return self.mask and index == 3 + self.bias

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
        query, key, value, *others = inputs
        for index, shape in enumerate(inputs[:3]):
            require_positions(self.name, shape, index)
        branches = [name for name in self.keyword_branches if getattr(self, name)]
        for name in branches[len(others) :]:
            raise Reject(f"`{name}` of `attend` is a branch", name, "a layer", "true")
        require_heads(self, self.heads, query.channels)
        self._require_lengths(query, key, value)
        self._require_groups(query, key, value)
        checks = {"bias": self._require_bias, "mask": self._require_mask}
        for index, name in enumerate(branches):
            checks[name](query, key, others[index], 3 + index)

    def _require_bias(self, query: Shape, key: Shape, bias: Shape, index: int) -> None:
        """The bias has a number for every query, key and head; the axes before may be there too."""
        *before, length = query.positions
        pairs = (length, key.positions[-1], self.heads)
        wanted = [TensorType(pairs, is_last=True), TensorType((*before, *pairs), is_last=True)]
        require_positions(self.name, bias, index)
        if self.causal:
            message = "`bias` of `attend` says who reads whom, and so does `causal`"
            raise Reject(message, "causal", "one of both", "true")
        if not any(is_alike(bias, each) for each in wanted):
            message = "the bias of `attend` has a number for every query, key and head"
            raise Reject(message, "", str(wanted[0]), shape_text(bias), "", index)

    def _require_mask(self, query: Shape, key: Shape, mask: Shape, index: int) -> None:
        """The mask has a 0 or 1 for every key; the axes before may be there too."""
        *before, length = key.positions
        wanted = [TensorType((length,), below=2), TensorType((*before, length), below=2)]
        if mask.below != 2 or not any(is_alike(mask, each) for each in wanted):
            message = "the mask of `attend` has a 1 for every key that is read, and a 0 for others"
            raise Reject(message, "", str(wanted[0]), shape_text(mask), "", index)

    def _require_lengths(self, query: Shape, key: Shape, value: Shape) -> None:
        """The axes before the last are those of all three; keys and values are as many."""
        before = query.positions[:-1]
        for index, shape, wanted in ((1, key, key.positions[-1]), (2, value, key.positions[-1])):
            expected = query.with_sizes([*before, wanted, shape.channels])
            if not is_alike(shape, expected):
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
        query, key, value, *_ = inputs
        result = self.rule(self, query, key, value)
        *before, length = query.positions
        if not (self.dropout or self.bias) and query.channels == result.channels:
            # PyTorch computes it in one pass, and keeps the sums of the weights.
            sums = SavedTensor((*before, self.heads, length))
            kept = [SavedTensor(result.sizes)] * self.mask
            own = (sums, *kept, *self._masks(query, key, in_one_pass=True))
            return Saves(inputs=True, output=not self.mask, own=own, first=3)
        weights = SavedTensor((*before, self.heads, length, key.positions[-1]))
        repeated = [key.with_channels(query.channels), value.with_channels(result.channels)]
        tensors = [SavedTensor(each.sizes) for each in (query, *repeated)]
        several = [weights] * (3 if self.dropout else 1)
        return Saves(own=(*tensors, *several, *self._masks(query, key, in_one_pass=False)))

    def _masks(self, query: Shape, key: Shape, in_one_pass: bool) -> Sequence[SavedTensor]:
        # Which keys are read, as numbers, or where a bias has taken them as truth values; and which
        # queries read none.
        if not self.mask:
            return ()
        *before, length = query.positions
        rows = (*before, *[length] * self.causal)
        pairs, none = (*rows, key.positions[-1]), SavedTensor(rows, number_bytes=1)
        if self.bias:
            return SavedTensor(pairs, number_bytes=1), none
        return (SavedTensor(pairs), none) if in_one_pass else (none,)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            TorchArgument(given("heads"), "heads", 1),
            TorchArgument(given("causal"), "causal", False),
            TorchArgument(given_float(self, "dropout"), "dropout", 0.0),
        ]
        if self.scale is not None:
            arguments.append(TorchArgument(given_float(self, "scale"), "scale"))
        named = [name for name in self.keyword_branches if getattr(self, name)]
        function = TorchCall("attend", arguments, named=named)
        helper = attend_helper(self._options(*inputs))
        drops = self.dropout > 0
        return TorchForm(
            function=function, definition=helper, training=drops, ignores_training=not drops
        )

    def _options(self, *inputs: Shape) -> frozenset[str]:
        """What its function needs beside queries, keys, values and heads."""
        query, key, *_ = inputs
        given = {name: getattr(self, name) for name in OPTIONS if name != "training"}
        found = {
            "training": self.dropout,
            GROUPS: key.channels != query.channels,
            AXES: len(query.positions) > 1,
            **given,
        }
        return frozenset([name for name, is_needed in found.items() if is_needed])

    def label(self, *inputs: Shape) -> str:
        return f"attend {self.heads} heads" if self.heads > 1 else self.title
