"""Stand-ins for PyTorch's modules, with the same behaviour where names and order matter.

Private attributes of a stand-in begin with two underscores, because labels become attributes too
and none begins like this.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import index
from typing import Any, ClassVar

from archdsl.backends.torch.validation.faults import Mismatch
from archdsl.backends.torch.validation.record import Record
from archdsl.backends.torch.validation.starts import InitCall
from archdsl.backends.torch.validation.values import CallKey, LayerWeight
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
