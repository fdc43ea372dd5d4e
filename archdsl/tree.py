"""The tree of block instances: the spec as written, with the nodes it created.

The flat graph (`graph.py`) defines shapes, costs and checks. This tree keeps the view of a reader
of the spec: blocks and their arguments, sequences, merges, loops and conditions, each with the
nodes of the flat graph that it created. Instances of one block come from one syntax, so their trees
can be compared node by node; `site` identifies the piece of syntax of a node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from archdsl.ops.base import Op, Shape
from archdsl.ops.parameters import Initializer
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression, Frame, Symbol, Term
from archdsl.records import record, value
from archdsl.shapes import Dim
from archdsl.source import Span

Sizes: TypeAlias = TensorType[Term]
"""The type of one tensor, each size with its expression."""


def shape_of(sizes: Sizes) -> Shape:
    """The shape given by sizes with expressions."""
    return sizes.map(_value)


def _value(size: Term) -> Dim:
    return size.value  # type: ignore[return-value]


@value
class Parameter:
    """A parameter of a block. `default` is its literal default, if it has one."""

    name: str
    default: Term | None = None


@dataclass(eq=False)
class Block:
    """A declaration of a block or network; one object for all its instances."""

    name: str
    doc: str
    parameters: tuple[Parameter, ...]
    is_network: bool
    span: Span
    order: tuple[int, int]
    """(file, declaration): imported files come before the files that import them."""


@value
class LayerValue:
    """A layer as a value: an argument of a block.

    `callee` is an op's name or a block; None for anything else (a chain, a merge, a wire, a list of
    layers), whose `site` identifies its syntax. `identity` is the empty composition. `bindings` are
    the arguments bound so far. `origin` is the parameter (a symbol of the frame that received it)
    that passed the layer to the place where it is used, None if it is written there.
    """

    callee: str | Block | None
    site: Span
    bindings: Mapping[str, Binding] = field(default_factory=dict)
    origin: Symbol | None = None
    is_identity: bool = False


Binding: TypeAlias = "Term | LayerValue | Initializer"

Results: TypeAlias = tuple[tuple[str, int], ...]
"""Several results by name, each with its node of the flat graph; empty where there is one."""


INSIDE = ("frame", "locals", "body", "unrolled")
"""The attributes that may be made later."""


class Likeness:
    """What instances have in common that come of equal applications of a block.

    Their bodies are of the same syntax and have the same shapes at the same sites, so whatever
    follows from these alone is found out once for all of them. One is like an `original` but for
    the sites that are `moved`.
    """

    __slots__ = ("__weakref__", "moved", "original")

    def __init__(
        self, original: Likeness | None = None, moved: Mapping[Span, Span] | None = None
    ) -> None:
        self.original, self.moved = original, moved or {}


@dataclass(eq=False)
class Instance:
    """One application of a block to one tensor, or to several if its inputs have names.

    `frame` holds its parameters, the sizes at its entry and its `let` numbers. At the entry, the
    first size is the symbol `in_channels` (`in_features` if it is the only size), unless the
    signature fixes it; the others are symbols if the signature names them.

    `frame.definitions` are in the caller's terms, except those of `locals` (`let` numbers, and
    parameters with a default that is not a literal), which are in the frame's own terms.
    `arguments` are those given by the call, in the caller's terms. `wires` are the tensors of
    another body that this one reads by name, its inputs if they have names and those given through
    a parameter: name -> node of the flat graph; the first size of each is the symbol
    `NAME_channels`.
    """

    block: Block
    path: str
    frame: Frame
    arguments: dict[str, Binding]
    layers: dict[str, LayerValue] = field(default_factory=dict)
    """The value of every parameter that is a layer, given or default, as seen in the body."""
    locals: list[str] = field(default_factory=list)
    wires: dict[str, int] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    """The outputs that exist only in training: its own, and those of the blocks it calls."""
    body: Node = field(default_factory=lambda: SequenceNode(None, ()))
    unrolled: list[tuple[Span, Term]] = field(default_factory=list)
    """Decisions of its body that no node records.

    They are lists and filters of comprehensions of values, and conditions whose other branch has no
    value.
    """
    input_names: tuple[str, ...] = ()
    """The names of its inputs, in order; empty for a single input without a name."""
    results: Results = ()
    """Its results by name, in the order of its signature; empty for a single result."""
    likeness: Likeness = field(default_factory=Likeness, repr=False)
    """The same object for equal applications of a block; see `elaborate/applications.py`."""

    def defer(self, finish: Callable[[Instance], None], others: Sequence[str] = ()) -> None:
        """Let `finish`, which should not hold the instance, make the inside when first read.

        It makes the attributes named by `others` too.
        """
        inside = {name: self.__dict__.pop(name) for name in (*INSIDE, *others)}
        self._unfinished = inside, finish

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            # Only attributes that are missing come here.
            inside, finish = self.__dict__.get("_unfinished", ((), None))
            if name not in inside:
                raise AttributeError(name)
            del self._unfinished
            self.__dict__ |= inside
            self.heads = []
            finish(self)
            return getattr(self, name)

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        """The parameters of its block that are numbers, strings or lists of them, not layers."""
        return tuple(
            [each for each in self.block.parameters if each.name in self.frame.definitions]
        )


@record
class OpNode:
    """An op applied. `key` is its name in its scope, with its expression; `node` is in the graph.

    Without a `key`, the op is the entire body of a block and has that block's name (see
    `elaborate/naming.py`), or it joins `branches`, which read the same tensor, and has no weights.
    `arguments` hold every parameter of the op, defaults included.
    """

    site: Span | None
    key: Term | None
    node: int
    op: Op
    arguments: Mapping[str, Term | Initializer]
    inputs: tuple[Sizes, ...]
    output: Sizes
    branches: tuple[Node, ...] = ()


@record
class CallNode:
    """A block applied. Without a `key`, the instance shares the scope of its caller."""

    site: Span | None
    key: Term | None
    instance: Instance
    node: int
    """The node of the flat graph that holds this call's result, -1 for several."""
    results: Results = ()


@record
class GroupNode:
    """A label on anything but an op or a block's call: a separate scope (a submodule).

    `node` is -1 for several results.
    """

    site: Span | None
    key: Term
    child: Node
    node: int
    results: Results = ()


@record
class BundleNode:
    """A bundle: branches that read the same tensor, and their results by name.

    Without names, they are the branches of a join that are behind an `if`, of which there may be
    none.
    """

    site: Span | None
    branches: tuple[Node, ...]
    results: Results


@record
class LabelNode:
    """A label on existing tensors: on the identity, a wire, a station or a shared layer.

    `node` is -1 for several results.
    """

    site: Span | None
    label: str
    node: int
    results: Results = ()


@record
class SequenceNode:
    """Layers one after another; the empty sequence is `identity`."""

    site: Span | None
    children: tuple[Node, ...]


@record
class AuxNode:
    """A head whose result is an additional output in training; the tensor itself passes through."""

    site: Span | None
    name: Term
    child: Node
    node: int


@record
class WireNode:
    """A tensor read by its label, a block's parameter, or the name of an input.

    `name` is its name in the body, `label` the label of the tensor where it was created, empty for
    an input, and `node` its node.
    """

    site: Span | None
    name: str
    label: str
    node: int


@record
class ConditionNode:
    """An `if`: its condition, the branch taken, and the nodes of that branch.

    `entry` and `exit` define `channels`, the first size before and after the `if`; within the `if`
    the size at its entry is `Symbol(entry, "channels")`, after it `Symbol(exit, "channels")`.
    """

    site: Span | None
    condition: Term
    taken: bool
    child: Node
    entry: Frame
    exit: Frame


@record
class Iteration:
    """One iteration of a loop: `frame` defines the loop's variables and `channels`, its entry.

    The variables' definitions are index expressions into the loop's list if it has one
    (`depths[0]`), else literals.
    """

    frame: Frame
    child: Node
    output: Sizes


Variables: TypeAlias = "tuple[str | Variables, ...]"
"""The variables of a loop; those that are in one unpack an item."""


@record
class LoopNode:
    """`repeat`, or a comprehension of layers: `for names in header`.

    `header` is the iterable with its expression; `condition` the filter of the comprehension as an
    expression of the first iteration's variables, None without one; `exit` defines `channels`, the
    first size after the loop, in the last iteration's terms. `entry` are the tensors that come in
    if there are several.
    """

    site: Span | None
    names: Variables
    header: Term
    condition: Expression | None
    iterations: tuple[Iteration, ...]
    exit: Frame
    entry: Results = ()


@record
class SpliceNode:
    """The use of a layer passed as an argument: `value.origin` is its parameter."""

    site: Span | None
    value: LayerValue
    child: Node


@record
class ShareNode:
    """`share`: the layers that it makes are used in `child`, by the names that are their keys.

    `layers` are by name what the first uses are: the nodes with the weights.
    """

    site: Span | None
    layers: Mapping[str, Node]
    child: Node


@record
class UseNode:
    """A use of a shared layer, by its name; `node` is in the graph, -1 for several results."""

    site: Span | None
    name: str
    child: Node
    node: int
    results: Results = ()


Node: TypeAlias = (
    "OpNode | CallNode | GroupNode | BundleNode | LabelNode | SequenceNode | AuxNode | WireNode"
    " | ConditionNode | LoopNode | SpliceNode | ShareNode | UseNode"
)


def children(node: Node) -> Iterable[Node]:
    """The children of a node, in the same scope or in a labelled one."""
    match node:
        case SequenceNode(children=below) | OpNode(branches=below) | BundleNode(branches=below):
            return below
        case LoopNode(iterations=iterations):
            return [iteration.child for iteration in iterations]
        case CallNode() | LabelNode() | WireNode():
            return ()
        case _:
            return (node.child,)
