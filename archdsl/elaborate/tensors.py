"""Tensors in a network that is being built, and those that a body can read by label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl.ops.base import Shape
from archdsl.provenance import Frame
from archdsl.records import record, value
from archdsl.tree import Results, Sizes, shape_of


@record
class Tensor:
    """A tensor: the node that made it, and its sizes; without sizes its shape is unknown."""

    node: int
    sizes: Sizes | None

    @property
    def shape(self) -> Shape:
        """The values of the sizes, which must be known."""
        assert self.sizes is not None
        return shape_of(self.sizes)


UNKNOWN = Tensor(-1, None)
"""The result of a layer with a mistake: nothing more is said about what is made of it."""


@record
class Several:
    """Several tensors by name: the results of a bundle, or the inputs of a body that has several.

    `are_inputs` says that they are the inputs, which a body reads by name.
    """

    parts: Mapping[str, Tensor]
    are_inputs: bool = False

    @property
    def nodes(self) -> Results:
        """The nodes that made them, by name."""
        return tuple([(name, tensor.node) for name, tensor in self.parts.items()])


Flow: TypeAlias = Tensor | Several
"""What goes from one layer to the next."""


def parts_of(flow: Flow) -> Mapping[str, Tensor]:
    """The tensors of a flow by name; a single one has none."""
    return flow.parts if isinstance(flow, Several) else {"": flow}


def made_by(flow: Flow) -> tuple[int, Results]:
    """The node of a single tensor, -1 for several; and the nodes of several by name."""
    return (-1, flow.nodes) if isinstance(flow, Several) else (flow.node, ())


def each_of(flow: Flow, change: Callable[[Tensor], Tensor]) -> Flow:
    """A flow with every tensor changed."""
    if isinstance(flow, Tensor):
        return change(flow)
    return Several({name: change(each) for name, each in flow.parts.items()}, flow.are_inputs)


@record
class Written:
    """A labelled result of a body, or one of its inputs.

    `scope` is the path of the keys' scope that it stands in, and `shared` that of the shared layer
    that it is a part of: every use has one of its own.
    """

    tensor: Flow
    scope: str
    training_only: bool
    shared: str = ""
    is_input: bool = False


@value
class Wires:
    """The labels that a text reads: whole ones, and what those with variables begin with."""

    whole: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()


NO_WIRES = Wires()


@dataclass(eq=False, slots=True)
class Labels:
    """The labelled tensors of a body, by label, and the frames whose symbols are in their sizes.

    `frames` are those of the loops and conditions in the body, none of which a caller may see;
    `open` are those whose symbols may be read where the application is now. `wires` are the
    beginnings of what the body's text reads by `@`, whole where no variable follows.
    """

    written: dict[str, list[Written]] = field(default_factory=dict)
    frames: set[Frame] = field(default_factory=set)
    open: set[Frame] = field(default_factory=set)
    wires: Wires = NO_WIRES

    def is_read(self, label: str) -> bool:
        """Whether a wire of the body reads a label, or may read it."""
        return label in self.wires.whole or label.startswith(self.wires.starts)

    def enter(self, name: str) -> Frame:
        """A new frame of the body, which may be read from now on."""
        frame = Frame(name)
        self.frames.add(frame)
        self.open.add(frame)
        return frame
