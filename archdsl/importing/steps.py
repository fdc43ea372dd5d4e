"""A model as scopes of ops: what a trace means in the language, before it is text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from archdsl.importing.foreign import Extern
from archdsl.importing.refusal import Line
from archdsl.ops.base import Op, Shape


@dataclass(frozen=True, eq=False)
class Port:
    """A tensor: result `index` of a step."""

    step: Step
    index: int = 0

    @property
    def type(self) -> Shape:
        """Its sizes, without the batch."""
        return self.step.types[self.index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Port) and self.step is other.step and self.index == other.index

    def __hash__(self) -> int:
        return hash((id(self.step), self.index))


@dataclass(eq=False)
class Step:
    """An op, a call of a module, or a tensor that comes into a scope.

    A class of somebody else is an op that only its declaration, the `extern`, describes.

    `path` is where its weights are, from the root of the model; empty for a step without weights.
    """

    kind: Literal["input", "op", "call"]
    types: list[Shape]
    inputs: list[Port] = field(default_factory=list)
    op: Op | None = None
    scope: Scope | None = None
    extern: Extern | None = None
    path: str = ""
    line: Line = field(default_factory=Line)

    @property
    def has_weights(self) -> bool:
        """Whether keys of the state dict depend on where it stands."""
        if self.extern is not None:
            return True
        if self.scope is not None:
            return any(step.has_weights for step in self.scope.steps)
        return self.op is not None and bool(self.path) and _weights(self)

    @property
    def port(self) -> Port:
        """Its only result."""
        return Port(self)


def _weights(step: Step) -> bool:
    assert step.op is not None
    return bool(step.op.weights(*[port.type for port in step.inputs] or step.types))


@dataclass(eq=False)
class Scope:
    """A call of a module: its steps in the order of the run, and the tensors that it gives."""

    path: str
    kind: str
    is_container: bool
    """It calls its children one after another, as `nn.Sequential`."""
    inputs: list[Step] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    results: list[Port] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """What its results are called, where there are several."""
    input_names: list[str] = field(default_factory=list)
    """What the tensors that come in are called."""
    settings: dict[str, object] = field(default_factory=dict)
    """The parameters of the class's constructor, with the attributes of those names."""

    @property
    def labels_of_inputs(self) -> list[str]:
        """What the text calls the tensors that come in."""
        return self.input_names or [f"x{index}" for index in range(len(self.inputs))]

    @property
    def labels_of_results(self) -> list[str]:
        """What the text calls its results, where there are several."""
        return self.names or [f"out{index}" for index in range(len(self.results))]

    def relative(self, path: str) -> str:
        """A path of the model as seen from the module."""
        return path[len(self.path) + 1 :] if self.path else path

    def all_steps(self) -> Iterator[Step]:
        """All steps, those of the scopes in it included."""
        for step in self.steps:
            yield step
            if step.scope is not None:
                yield from step.scope.all_steps()
