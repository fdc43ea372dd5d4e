"""Stand-ins for tensors: a number that identifies the tensor, and its memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from archdsl.backends.torch.validation.faults import Mismatch

Use: TypeAlias = Literal["output", "input", "in place"]
"""The use of some memory by a call: it created, read, or overwrote the tensor there."""


class Storage:
    """The memory of a tensor, which in-place calls write to.

    `users` are the calls that have used its content, each with its use.
    """

    __slots__ = ("is_input", "users", "version")

    def __init__(self, is_input: bool = False) -> None:
        self.is_input = is_input
        self.version = 0
        self.users: list[tuple[Any, Use]] = []


class CallHandler(Protocol):
    """Receives every call on a tensor, and returns its result."""

    def __call__(
        self, callee: str, positional: Sequence[object], keywords: dict[str, object]
    ) -> StubTensor:
        """The result of a call."""


class Batch:
    """The number of samples, which is the first size of every tensor."""


BATCH = Batch()


class Positions:
    """The sizes of a tensor behind its channels; the tensor is identified by its number."""

    def __init__(self, number: int) -> None:
        self.number = number


class OneSize:
    """A single size of a tensor, which is identified by its number."""

    def __init__(self, number: int, dimension: int) -> None:
        self.number = number
        self.dimension = dimension


class Device:
    """Where the tensors are, all of them together."""


DEVICE = Device()


class Sizes:
    """The sizes of a tensor, of which code reads one, or all behind the channels."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __getitem__(self, index: object) -> Batch | OneSize | Positions:
        if index == 0 and type(index) is int:
            return BATCH
        if type(index) is int and index > 0:
            return OneSize(self.number, index)
        if index == slice(2, None):
            return Positions(self.number)
        raise Mismatch("a size is read that no layer of the network reads")


class StubTensor:
    """A tensor in running code. Its methods and operators are recorded like other calls."""

    __slots__ = ("call", "number", "storage", "version")

    def __init__(self, number: int, storage: Storage, call: CallHandler) -> None:
        self.number = number
        self.storage = storage
        self.version = storage.version
        self.call = call

    @property
    def shape(self) -> Sizes:
        """The sizes."""
        return Sizes(self.number)

    @property
    def device(self) -> Device:
        """Where it is."""
        return DEVICE

    def chunk(self, parts: int, dim: int = 0) -> StubParts:
        """Equal parts, each an item of the call."""
        return StubParts(self.call(".chunk", (self, parts, dim), {}), parts)

    def __getattr__(self, name: str) -> Callable[..., StubTensor]:
        def method(*positional: object, **keywords: object) -> StubTensor:
            return self.call(f".{name}", (self, *positional), keywords)

        return method

    def __bool__(self) -> bool:
        raise Mismatch("a tensor is used as a condition")

    def __iter__(self) -> Any:
        raise Mismatch("a tensor is unpacked")


class StubParts:
    """The parts of a tensor; an item is recorded when it is read."""

    def __init__(self, whole: StubTensor, count: int) -> None:
        self.whole, self.count = whole, count

    def __getitem__(self, index: int) -> StubTensor:
        if not 0 <= index < self.count:
            raise IndexError(index)
        part: StubTensor = self.whole.call("[]", (self.whole, index), {})
        return part


class StubBare(StubTensor):
    """A learned tensor of a module, which is not repeated for the batch."""

    __slots__ = ()

    @property
    def shape(self) -> Sizes:
        """Its first size is not that of the batch."""
        raise Mismatch("the sizes of a weight are read")


# Error messages show the name of the type it stands for.
StubTensor.__name__ = StubBare.__name__ = "Tensor"

Operator: TypeAlias = Callable[[StubTensor, object], StubTensor]


def _operator(sign: str) -> Operator:
    return lambda self, other: self.call(sign, (self, other), {})


def _reflected(sign: str) -> Operator:
    return lambda self, other: self.call(sign, (other, self), {})


def _in_place(sign: str) -> Operator:
    return lambda self, other: self.call(sign, (self, other), {"inplace": True})


OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "matmul": "@",
}  # fmt: skip
"""Operations on tensors, by the name of their Python method."""

for _name, _sign in OPERATORS.items():
    setattr(StubTensor, f"__{_name}__", _operator(_sign))
    setattr(StubTensor, f"__r{_name}__", _reflected(_sign))
    setattr(StubTensor, f"__i{_name}__", _in_place(_sign))
for _name, _sign in {"getitem": "[]", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(StubTensor, f"__{_name}__", _operator(_sign))
setattr(StubTensor, "__neg__", lambda self: self.call("neg", (self,), {}))  # noqa: B010
