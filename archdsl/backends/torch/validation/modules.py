"""Stand-ins for PyTorch's modules, with the same behaviour where names and order matter.

Private attributes of a stand-in begin with two underscores, because labels become attributes too
and none begins like this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from archdsl.backends.torch.validation.record import Record
from archdsl.backends.torch.validation.weights import StubBuffer, StubData, StubParameter


class StubModule:
    """`nn.Module`."""

    __record__: ClassVar[Record]
    __modules__: dict[str, StubModule | None]
    __parameters__: dict[str, StubParameter]

    def __init__(self) -> None:
        self.__record__.module()
        object.__setattr__(self, "__modules__", {})
        object.__setattr__(self, "__parameters__", {})

    def __call__(self, *inputs: object, **keywords: object) -> Any:
        return self.forward(*inputs, **keywords)

    def __setattr__(self, name: str, value: object) -> None:
        modules = self.__dict__.get("__modules__")
        if isinstance(value, StubParameter):
            if modules is None or name in modules or name in self.__dict__:
                raise AttributeError(f"cannot assign a parameter as {name!r}")
            self.__parameters__[name] = value
        elif isinstance(value, StubModule):
            if modules is None:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self.__dict__.pop(name, None)
            self.__parameters__.pop(name, None)
            modules[name] = value
        elif modules and name in modules:
            if value is not None:
                raise TypeError(f"cannot assign a value as child module {name!r}")
            modules[name] = None
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        modules = self.__dict__.get("__modules__", {})
        if name in modules:
            return modules[name]
        parameters = self.__dict__.get("__parameters__", {})
        if name in parameters:
            return parameters[name].tensor(self.__record__.bare)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def training(self) -> bool:
        """Whether the module is in training mode; the access is recorded."""
        self.__record__.reads_mode = True
        return self.__record__.training

    def add_module(self, name: str, module: StubModule | None) -> None:
        """Register a submodule by its name."""
        if not isinstance(module, StubModule) and module is not None:
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        if not isinstance(name, str):
            raise TypeError("module name should be a string")
        if hasattr(self, name) and name not in self.__modules__:
            raise KeyError(f"attribute {name!r} already exists")
        if "." in name or not name:
            raise KeyError(f"module name can't be {name!r}")
        self.__modules__[name] = module

    register_module = add_module

    def register_buffer(self, name: str, data: StubData) -> None:
        """Add a tensor that is not learned."""
        if hasattr(self, name):
            raise KeyError(f"attribute {name!r} already exists")
        self.__parameters__[name] = StubBuffer(data)

    def named_children(self) -> Iterator[tuple[str, StubModule]]:
        """The submodules, each once."""
        seen = set()
        for name, module in self.__modules__.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[StubModule]:
        """The submodules without their names."""
        return (module for _, module in self.named_children())

    def modules(self, _seen: set[int] | None = None) -> Iterator[StubModule]:
        """The module and all modules below it, each once."""
        seen = set() if _seen is None else _seen
        if id(self) not in seen:
            seen.add(id(self))
            yield self
            for module in self.__modules__.values():
                if module is not None:
                    yield from module.modules(seen)

    def apply(self, function: Callable[[StubModule], object]) -> StubModule:
        """Call a function on every module below this one, then on the module itself."""
        for module in self.children():
            module.apply(function)
        function(self)
        return self


class Identity(StubModule):
    """`nn.Identity`."""

    def __init__(self, *ignored: object, **also: object) -> None:
        super().__init__()

    def forward(self, x: object) -> object:
        """The input."""
        return x
