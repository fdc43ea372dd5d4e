"""Whole numbers, such as the numbers of words: as rows of a table, as positions, and as waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.ops.base import Op, Reject, Shape, Weight, shape_text
from archdsl.ops.expressions import Size, as_expression, given, given_float, input_bound
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import Saves
from archdsl.ops.parameters import Initialization, Initializer, Real, Start, Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import Dim, Symbolic

POSITIONS = '''\
class Positions(nn.Module):
    """The numbers 0, 1, 2, … along a dimension, for every sample."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return torch.arange(x.shape[self.dim], device=x.device).expand(x.shape[0], -1)
'''

SINUSOIDS = '''\
class Sinusoids(nn.Module):
    """Sine and cosine, in turns, of whole numbers as angles that turn ever more slowly."""

    speeds: Tensor

    def __init__(self, out_features: int, base: float = 10000.0) -> None:
        super().__init__()
        powers = torch.arange(0, out_features, 2) / out_features
        self.register_buffer("speeds", base**-powers, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        angles = x.unsqueeze(-1) * self.speeds
        return torch.stack([angles.sin(), angles.cos()], -1).flatten(-2)
'''


@dataclass(frozen=True)
class OfCounted(Op, abstract=True):
    """An op that makes `out` features of every whole number."""

    family = "linear"
    positional = 1
    takes_counted = True

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The features lie behind the positions."""
        return TensorType((*inputs[0].sizes, op.out), is_last=True)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if shape.below is None:
            message = f"`{self.name}` makes features of whole numbers"
            help = "an input of whole numbers is `[n] < 1000`; `linear` works on what is measured"
            raise Reject(message, "", "[n] < bound", shape_text(shape), help)


@dataclass(frozen=True)
class Embedding(OfCounted):
    """For every whole number its row of a table that is learned.

    The table has a row for every number below the bound of the input, or as many as `rows` says:
    with `positions -> embedding(64, rows=512)` an input has 512 positions at most.
    """

    name = "embedding"
    pytorch = ("num_embeddings", "embedding_dim")
    examples = (
        "[5] < 10 | embedding(4) -> [5; 4]",
        "[5] < 10 | embedding(4, rows=12, init=normal(0.02)) -> [5; 4]",
        "[3, 2] < 7 | embedding(4) -> [3, 2; 4]",
        "[] < 10 | embedding(4) -> [4]",
    )

    out: int = parameter(Whole(), about="number of features in a row")
    rows: int | None = parameter(
        Whole(), None, about="number of rows, where it is not the bound of the input"
    )
    init: Initializer = parameter(
        Initialization(), Initializer(), about="initialisation of the table"
    )

    def check(self, *inputs: Shape) -> None:
        super().check(*inputs)
        below = inputs[0].below
        if self.rows is None and not isinstance(below, int):
            message = f"the number of rows is not known: the input is below {below}"
            help = "write how many there are at most: `rows=1024`"
            raise Reject(message, "", "a number", shape_text(inputs[0]), help)
        for room in self.leeway(*inputs):
            if isinstance(room, int) and room < 1:
                message = "`embedding` has fewer rows than there are different numbers"
                raise Reject(message, "rows", f"{below} or more", str(self.rows))
            if not isinstance(room, int | Symbolic):
                message = f"whether {below} rows are enough depends on several sizes"
                raise Reject(message, "rows", "a bound of one size", shape_text(inputs[0]))

    def leeway(self, *inputs: Shape) -> tuple[Dim, ...]:
        below = inputs[0].below
        return () if self.rows is None or below is None else (self.rows + 1 - below,)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        rows = self.rows or inputs[0].below
        return (Weight("weight", (rows, self.out)),)  # type: ignore[arg-type]

    def starts(self) -> Start:
        return Start(self.init, None)

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        rows = given("rows") if self.rows is not None else input_bound(inputs[0])
        arguments = [*map(TorchArgument, (rows, given("out")))]
        return TorchForm(TorchCall("nn.Embedding", arguments))


@dataclass(frozen=True)
class Sinusoids(OfCounted):
    """For every whole number sine and cosine, in turns, of angles that turn ever more slowly.

    Feature 2 * i of the number p is sin(p / base ** (2 * i / out)), and the one behind it the
    cosine. From Vaswani et al. (2017), where p is a position: `positions -> sinusoids(64)`.
    """

    name = "sinusoids"
    examples = (
        "[5] < 10 | sinusoids(4) -> [5; 4]",
        "[] < 1000 | sinusoids(6, base=100) -> [6]",
    )

    out: int = parameter(Whole(), about="number of features; must be even")
    base: float = parameter(Real(1, above=True), 10000, about="how much the last turns slower")

    def __post_init__(self) -> None:
        if self.out % 2:
            message = "`out` of `sinusoids` must be even: a sine and a cosine for every angle"
            raise Reject(message, "out", "an even number", str(self.out))

    def torch(self, *inputs: Shape) -> TorchForm:
        base = TorchArgument(given_float(self, "base"), "base", 10000.0)
        arguments = [TorchArgument(given("out")), base]
        return TorchForm(TorchCall("Sinusoids", arguments), definition=SINUSOIDS)


@dataclass(frozen=True)
class Positions(Op):
    """The numbers 0, 1, 2, … along the first axis of positions of whatever comes in."""

    name = "positions"
    family = "reshape"
    takes_counted = True
    reads_shape_only = True
    is_repeated = True
    only_moves = True
    examples = (
        "[5] < 10 | positions -> [5] < 5",
        "[5; 4] | positions -> [5] < 5",
        "[8, 5, 4] | positions -> [5] < 5",
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """As many numbers as there are positions, below as many."""
        length = inputs[0].positions[0]
        return TensorType((length,), below=length)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if not shape.positions:
            raise Reject("`positions` counts positions", "", "[n; features]", shape_text(shape))

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        dim = 1 if shape.is_last or shape.below is not None else 2
        arguments = [TorchArgument(as_expression(dim), "dim", 1)]
        counted = f"torch.arange({{x}}.shape[{dim}], device={{x}}.device)"
        function = TorchCall("", (), f"{counted}.expand({{x}}.shape[0], -1)")
        return TorchForm(TorchCall("Positions", arguments), function, POSITIONS)
