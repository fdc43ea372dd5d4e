"""The values of expressions during elaboration: numbers, lists and layers.

A layer is a value that nothing has been applied to yet; `apply` turns it into nodes of a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import TypeAlias

from archdsl import tree
from archdsl.elaborate.namespaces import Namespace
from archdsl.elaborate.patterns import Pattern
from archdsl.elaborate.report import Given, Trace
from archdsl.elaborate.tensors import Labels
from archdsl.ops.base import Op
from archdsl.ops.parameters import Initializer
from archdsl.provenance import Expression, Frame, Symbol, Term
from archdsl.records import record
from archdsl.source import Span
from archdsl.syntax import ast


@record
class Broken:
    """A value that could not be computed; the reason has been reported."""


@record
class Anything:
    """`_`, which matches any size of a station; as `is_rest` `...`, which matches any number."""

    is_rest: bool = False


@record
class Features:
    """A shape whose channels are last, `[n; d]`: a station, or an argument."""

    pattern: Pattern
    site: Span


@record
class Builtin:
    """A function of the language itself: `min`, `repeat`, `concat`, `kaiming_normal`."""

    name: str


@record
class Items:
    """A list that holds more than numbers: layers, wires, or lists of such.

    `origin` is the parameter through which it came, if it came through one.
    """

    items: tuple[Datum, ...]
    site: Span
    origin: Symbol | None = None


@record
class Bound(Given):
    """An argument bound to a parameter: its value, its span, and the way there.

    `argument` is as a call has it; that of a `default` has none.
    """

    datum: Datum
    argument: ast.Argument | None = None

    @property
    def by_position(self) -> bool:
        """Whether it was given in a call without its name."""
        return self.argument is not None and self.argument.name is None


class Bindings(dict[str, Bound]):
    """Arguments by parameter."""

    __slots__ = ("_kept",)
    _kept: dict[str, tree.Binding]

    @property
    def kept(self) -> dict[str, tree.Binding]:
        """What the tree keeps of them, made once for all uses of what they are bound to."""
        try:
            return self._kept
        except AttributeError:
            kept = {name: binding(bound.datum) for name, bound in self.items()}
            self._kept = {name: value for name, value in kept.items() if value is not None}
        return self._kept


@record
class OpCallee:
    """An operator of the language."""

    name: str
    op: type[Op]
    parameters: tuple[str, ...]
    required: frozenset[str]


@record
class BlockCallee:
    """A declared block or network."""

    name: str
    declaration: ast.BlockDeclaration
    namespace: Namespace
    block: tree.Block
    parameters: tuple[str, ...]
    required: frozenset[str]


@record
class FunctionCallee:
    """`let name(parameters) = value`, of a file or `in` a body.

    One of a body has the `labels` of that body, and the names that are `known` where it stands.
    """

    name: str
    declaration: ast.Let | ast.Binding
    namespace: Namespace
    parameters: tuple[str, ...]
    required: frozenset[str]
    labels: Labels | None = None
    known: Mapping[str, Datum] = field(default_factory=dict)


Callee: TypeAlias = "OpCallee | BlockCallee | FunctionCallee"


@record
class Applicable:
    """Something with parameters, and the arguments bound so far.

    `defaults` are those that `default` declarations of the file gave where the name was written;
    `trace` is the way from the network to that place. `branches` are the layers that give an op of
    several inputs its tensors: each reads the tensor that comes in.
    """

    callee: Callee
    bindings: Bindings
    defaults: Mapping[str, Bound]
    site: Span
    trace: Trace | None
    branches: tuple[Layer, ...] = ()

    @property
    def given(self) -> Mapping[str, Bound]:
        """The arguments that there are, from calls and from `default` declarations."""
        return {**self.defaults, **self.bindings} if self.defaults else self.bindings

    @property
    def lacks_branches(self) -> bool:
        """Whether it is an op of several inputs, and nothing has given it those."""
        is_join = isinstance(self.callee, OpCallee) and self.callee.op.arity != 1
        return is_join and not self.branches

    def missing(self) -> list[str]:
        """The parameters that still need a value."""
        given, required = self.given, self.callee.required
        if required <= given.keys():
            return []
        return [each for each in self.callee.parameters if each in required and each not in given]


@record
class ChainLayer:
    """Layers one after another; without links it is `identity`.

    `is_call` says that `chain(...)` made it, and not `->`. Of one that begins with one of several
    inputs, `lets` are the links that are written as the name of a `let`, by their numbers.
    """

    links: tuple[Layer, ...]
    site: Span
    is_call: bool = False
    lets: Mapping[int, ast.Name] = field(default_factory=dict)


@record
class BundleLayer:
    """Layers that read one tensor, each of which gives a result by one of the `names`.

    Those behind the `if` of a branch of a join have none.
    """

    branches: tuple[Layer, ...]
    names: tuple[str, ...]
    site: Span


@record
class LabelledLayer:
    """A layer with a name of its own, by which the body that it was written in can read it."""

    label: Term
    layer: Layer
    labels: Labels
    label_site: Span
    site: Span


@record
class RepeatLayer:
    """`repeat(count, layer)`."""

    count: Term
    layer: Layer
    site: Span


@record
class LoopLayer:
    """A comprehension of layers that is chained.

    Every turn has the frame of its variables; `again` evaluates the comprehension anew, for a
    frame can serve only one application. `hides_label` says that it has labels, and no turns.
    """

    names: tree.Variables
    header: Term
    condition: Expression | None
    turns: tuple[tuple[Frame, Layer], ...]
    again: Callable[[], LoopLayer]
    site: Span
    hides_label: bool = False


@record
class ConditionalLayer:
    """A layer chosen by an `if`; `hides_label` says that the other side has labels."""

    condition: Term
    taken: bool
    layer: Layer
    site: Span
    hides_label: bool = False


@record
class WireLayer:
    """`@label`, or `@label.part`, bound to the labels of the body that it was written in."""

    label: Term
    labels: Labels
    site: Span
    part: str = ""


@record
class Station:
    """A check of the shape."""

    pattern: Pattern
    site: Span


@record
class AuxLayer:
    """A training-only head."""

    head: LabelledLayer
    site: Span


@record
class Spliced:
    """A layer or function that came through a parameter, where it is used."""

    layer: Layer
    origin: Symbol
    site: Span


@record
class SharedWeights:
    """A layer with one set of weights for all its uses: one object for each name of a `share`.

    It is `labelled` by that name, so a wire can read the result of its last use.
    """

    labelled: LabelledLayer

    @property
    def name(self) -> str:
        """The name, which is a key of the scope that it stands in."""
        return str(self.labelled.label.value)


@record
class SharedLayer:
    """A use of a layer that is shared."""

    weights: SharedWeights
    site: Span


@record
class TiedLayer:
    """The matrix of a shared layer, transposed."""

    weights: SharedWeights
    site: Span


@record
class SharingLayer:
    """`share … in layer`: wherever it is applied, it makes the weights of what is `shared`."""

    shared: tuple[SharedWeights, ...]
    layer: Layer
    site: Span


Layer: TypeAlias = (
    "Applicable | ChainLayer | BundleLayer | LabelledLayer | RepeatLayer | LoopLayer"
    " | ConditionalLayer | WireLayer | Station | AuxLayer | Spliced | SharedLayer | SharingLayer"
    " | TiedLayer | Broken"
)
Datum: TypeAlias = "Term | Items | Features | Initializer | Builtin | Anything | Layer"

LAYERS = (
    Applicable,
    ChainLayer,
    BundleLayer,
    LabelledLayer,
    RepeatLayer,
    LoopLayer,
    ConditionalLayer,
    WireLayer,
    Station,
    AuxLayer,
    Spliced,
    SharedLayer,
    SharingLayer,
    TiedLayer,
    Broken,
)
BROKEN = Broken()


def layer_value(datum: Datum, origin: Symbol | None = None) -> tree.LayerValue | None:
    """A layer, or a list with layers, as the tree keeps it; None for anything else."""
    while isinstance(datum, Spliced):
        origin, datum = origin or datum.origin, datum.layer
    match datum:
        case Applicable():
            return _applicable_value(datum, origin)
        case Term() | Features() | Initializer() | Builtin() | Anything() | Broken():
            return None
        case ChainLayer(links=(), site=site):
            return tree.LayerValue(None, site, origin=origin, is_identity=True)
        case Items():
            return tree.LayerValue(None, datum.site, origin=origin or datum.origin)
        case _:
            return tree.LayerValue(None, datum.site, origin=origin)


def _applicable_value(layer: Applicable, origin: Symbol | None) -> tree.LayerValue:
    callee = layer.callee
    is_foreign = isinstance(callee, OpCallee) and callee.op.is_foreign
    if is_foreign or isinstance(callee, FunctionCallee) or layer.branches:
        # A class of somebody else is written out where it is used.
        return tree.LayerValue(None, layer.site, origin=origin)
    name = callee.block if isinstance(callee, BlockCallee) else callee.name
    return tree.LayerValue(name, layer.site, layer.bindings.kept, origin)


def binding(datum: Datum) -> tree.Binding | None:
    """An argument as the tree keeps it."""
    return datum if isinstance(datum, Term | Initializer) else layer_value(datum)


def rooted(datum: Datum, origin: Symbol) -> Datum:
    """A layer or list as a body sees it that received it through a parameter.

    A default that is another parameter of the same body, as `last=norm`, is that parameter's layer.
    """
    if isinstance(datum, Spliced):
        if datum.origin.frame is origin.frame:
            return datum
        return Spliced(datum.layer, origin, datum.site)
    if isinstance(datum, Items):
        return replace(datum, origin=origin)
    if isinstance(datum, LAYERS) and not isinstance(datum, Broken):
        return Spliced(datum, origin, datum.site)
    return datum
