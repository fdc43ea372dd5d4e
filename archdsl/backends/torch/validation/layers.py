"""Stand-ins for the modules that are ops, and for their weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from archdsl.backends.torch.validation.faults import Mismatch
from archdsl.backends.torch.validation.modules import StubModule
from archdsl.backends.torch.validation.starts import InitCall
from archdsl.backends.torch.validation.values import CallKey, LayerWeight
from archdsl.backends.torch.validation.weights import StubData


class StubLayer(StubModule):
    """A PyTorch module that is an op, or an op's own module: its constructor call and its path.

    The path is known when the network has been created.
    """

    __callee__: ClassVar[str]
    __key__: CallKey
    __inplace__: bool
    __path__: str
    __starts__: dict[str, InitCall]

    def __init__(self, *positional: object, **keywords: object) -> None:
        self.__record__.module()
        own = self.__dict__
        own["__modules__"] = {}
        own["__parameters__"] = {}
        own["__inplace__"] = keywords.pop("inplace", False) is True
        own["__key__"] = self.__record__.made(self.__callee__, positional, keywords)
        own["__path__"] = ""
        own["__starts__"] = {}

    def __getattr__(self, name: str) -> Any:
        if name in ("weight", "bias"):
            names = self.__record__.forms.weights.get(self.__key__, frozenset())
            return StubWeight(self, name) if name in names else None
        return super().__getattr__(name)

    def forward(self, *inputs: Any, **keywords: object) -> Any:
        """The layer applied to tensors."""
        record = self.__record__
        return record.apply(self.__key__, self.__path__, inputs, self.__inplace__, keywords)


class StubForeign(StubLayer):
    """Somebody else's class, which nobody reaches into."""

    def apply(self, function: Callable[[StubModule], object]) -> StubModule:
        """Refused: the function would start weights that the class has started."""
        raise Mismatch(f"a function is applied to what is in {self.__callee__}")


class StubWeight(LayerWeight):
    """A weight of a layer, with its initialisation."""

    def __init__(self, layer: StubLayer, name: str) -> None:
        super().__init__(layer.__path__, name)
        self.layer = layer

    def start(self, start: InitCall) -> None:
        """Set the initialisation, replacing an earlier one."""
        self.layer.__starts__[self.name] = start


# Error messages show the name of the type it stands for.
StubWeight.__name__ = "Weight"


def start(weight: object, found: InitCall) -> None:
    """Set the initialisation of a weight; raises `Mismatch` if there is no such weight."""
    if not isinstance(weight, StubWeight | StubData):
        raise Mismatch("a missing weight is initialised")
    weight.start(found)
