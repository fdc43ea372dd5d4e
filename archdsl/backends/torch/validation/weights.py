"""Stand-ins for learned tensors that are no layer's, and for what they are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archdsl.backends.torch.validation.faults import Mismatch
from archdsl.backends.torch.validation.starts import InitCall, start
from archdsl.backends.torch.validation.tensors import StubTensor
from archdsl.backends.torch.validation.values import CallKey, plain

PARAMETER = "nn.Parameter"
BUFFER = "register_buffer"


@dataclass
class StubData:
    """A new tensor: its sizes, and how it was filled; None if it was not."""

    sizes: tuple[object, ...]
    filled: InitCall | None = None

    def start(self, found: InitCall) -> None:
        """Fill it, in place of what it was filled with."""
        self.filled = found


def zeros(*sizes: object) -> StubData:
    """`torch.zeros`."""
    return StubData(sizes, start("zeros_"))


def ones(*sizes: object) -> StubData:
    """`torch.ones`."""
    return StubData(sizes, start("ones_"))


def empty(*sizes: object) -> StubData:
    """`torch.empty`."""
    return StubData(sizes)


def full(sizes: tuple[object, ...], value: object) -> StubData:
    """`torch.full`, of a float: of a whole number PyTorch makes whole numbers."""
    if type(value) is not float:
        raise Mismatch("torch.full makes no floats here")
    return StubData(tuple(sizes), start("constant_", value))


class StubParameter:
    """`nn.Parameter`: a learned tensor, its path once the network is made, and its layer's key."""

    __starts__: dict[str, InitCall]

    def __init__(self, data: StubData) -> None:
        if not isinstance(data, StubData) or data.filled is None:
            raise Mismatch("a learned tensor is made of numbers that nobody set")
        sizes = tuple([plain(size) for size in data.sizes])
        self.__key__: CallKey = (PARAMETER, (sizes, data.filled), ())
        self.__callee__ = PARAMETER
        self.__path__ = ""
        self.__starts__ = {}

    def tensor(self, read: Callable[[str], StubTensor]) -> StubTensor:
        """Its value in `forward`."""
        if not self.__path__:
            raise Mismatch("a learned tensor is read before the network is made")
        return read(self.__path__)


class StubBuffer(StubParameter):
    """A tensor that is not learned, made by a function of an op."""

    def __init__(self, data: StubData) -> None:
        super().__init__(data)
        self.__key__ = (BUFFER, *self.__key__[1:])
        self.__callee__ = BUFFER


def maker(name: str) -> Callable[..., StubData]:
    """An op's own function that makes a tensor of whole numbers."""

    def call(*positional: object, **keywords: object) -> StubData:
        return StubData((name, *positional, *sorted(keywords.items())), ("made", ()))

    return call


FUNCTIONS: dict[str, Any] = {"zeros": zeros, "ones": ones, "empty": empty, "full": full}
"""The functions of `torch` that make a tensor."""
