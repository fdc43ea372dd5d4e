"""Stand-ins for tensors: a number that says which tensor it is, and the memory it lies in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from archdsl.backends.torch.validation.faults import Mismatch

Use: TypeAlias = Literal["output", "input", "in place"]
"""What a call did with the tensor in some memory: made it, read it, or overwrote it."""


class Storage:
    """The memory of a tensor, which is written to in place.

    `users` are the calls that have used what is in it, each with its use.
    """

    __slots__ = ("is_input", "users", "version")

    def __init__(self, is_input: bool = False) -> None:
        self.is_input = is_input
        self.version = 0
        self.users: list[tuple[Any, Use]] = []


class CallHandler(Protocol):
    """What is told of every call on a tensor, and gives its result."""

    def __call__(
        self, callee: str, positional: Sequence[object], keywords: dict[str, object]
    ) -> StubTensor:
        """The result of a call."""


class StubTensor:
    """A tensor in code that runs. Its methods and operators are calls like any others."""

    __slots__ = ("call", "number", "storage", "version")

    def __init__(self, number: int, storage: Storage, call: CallHandler) -> None:
        self.number = number
        self.storage = storage
        self.version = storage.version
        self.call = call

    def __getattr__(self, name: str) -> Callable[..., StubTensor]:
        def method(*positional: object, **keywords: object) -> StubTensor:
            return self.call(f".{name}", (self, *positional), keywords)

        return method

    def __bool__(self) -> bool:
        raise Mismatch("a tensor is taken for a condition")

    def __iter__(self) -> Any:
        raise Mismatch("a tensor is taken apart")


# Errors call it what it stands for.
StubTensor.__name__ = "Tensor"

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
"""What can be said of tensors, by the name of its method in Python."""

for _name, _sign in OPERATORS.items():
    setattr(StubTensor, f"__{_name}__", _operator(_sign))
    setattr(StubTensor, f"__r{_name}__", _reflected(_sign))
    setattr(StubTensor, f"__i{_name}__", _in_place(_sign))
for _name, _sign in {"getitem": "[]", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(StubTensor, f"__{_name}__", _operator(_sign))
setattr(StubTensor, "__neg__", lambda self: self.call("neg", (self,), {}))  # noqa: B010
