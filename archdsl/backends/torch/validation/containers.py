"""Stand-ins for PyTorch's containers of modules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from operator import index
from typing import Any

from archdsl.backends.torch.validation.faults import Mismatch
from archdsl.backends.torch.validation.modules import StubModule


class StubContainer(StubModule):
    """A container that numbers its submodules."""

    def __len__(self) -> int:
        return len(self.__modules__)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__modules__.values())

    def __getitem__(self, position: int | slice) -> Any:
        if isinstance(position, slice):
            return self.__part__(position)
        position = index(position)
        if not -len(self) <= position < len(self):
            raise IndexError(f"index {position} is out of range")
        return [*self.__modules__.values()][position]

    def __part__(self, position: slice) -> StubContainer:
        raise NotImplementedError

    def append(self, module: StubModule) -> Any:
        """Append a submodule."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[StubModule]) -> Any:
        """Append several submodules."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, position: int, module: StubModule) -> Any:
        """Defined because PyTorch has it, so that a submodule of this name cannot be read."""
        raise Mismatch("modules are inserted")

    def pop(self, position: int | slice) -> Any:
        """Defined because PyTorch has it, too."""
        raise Mismatch("modules are removed")


class Sequential(StubContainer):
    """`nn.Sequential`."""

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        match modules:
            case (OrderedDict() as named,):
                for name, module in named.items():
                    self.add_module(name, module)
            case _:
                self.extend(modules)

    def __part__(self, position: slice) -> StubContainer:
        return type(self)(OrderedDict([*self.__modules__.items()][position]))

    def forward(self, x: Any) -> Any:
        """Apply all submodules in order."""
        for module in self:
            x = module(x)
        return x


class ModuleList(StubContainer):
    """`nn.ModuleList`."""

    def __init__(self, modules: Iterable[StubModule] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def __iadd__(self, modules: Iterable[StubModule]) -> Any:
        return self.extend(modules)

    def __part__(self, position: slice) -> StubContainer:
        return type(self)([*self][position])


class ModuleDict(StubModule):
    """`nn.ModuleDict`."""

    def __init__(self, modules: Mapping[str, StubModule] | None = None) -> None:
        super().__init__()
        for name, module in (modules or {}).items():
            self.add_module(name, module)

    def __getitem__(self, name: str) -> Any:
        return self.__modules__[name]

    def __setitem__(self, name: str, module: StubModule) -> None:
        self.add_module(name, module)

    def __contains__(self, name: str) -> bool:
        return name in self.__modules__

    def __len__(self) -> int:
        return len(self.__modules__)

    def __iter__(self) -> Iterator[str]:
        return iter(self.__modules__)

    def keys(self) -> Iterable[str]:
        """The names."""
        return self.__modules__.keys()

    def values(self) -> Iterable[Any]:
        """The submodules."""
        return self.__modules__.values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """The names and the submodules."""
        return self.__modules__.items()
