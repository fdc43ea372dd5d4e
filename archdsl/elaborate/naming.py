"""State-dict keys: what every layer is called in its scope.

A scope without labels numbers its layers; in a scope with labels a layer without one is named
after its op or block. A body that is nothing but one call shares that call's scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl.elaborate.values import (
    Applicable,
    AuxLayer,
    BundleLayer,
    ChainLayer,
    ConditionalLayer,
    Datum,
    Items,
    LabelledLayer,
    Layer,
    LoopLayer,
    OpCallee,
    RepeatLayer,
    SharedLayer,
    SharedWeights,
    SharingLayer,
    Spliced,
    Station,
    TiedLayer,
)
from archdsl.ops.base import Op
from archdsl.provenance import Term, literal
from archdsl.records import value
from archdsl.resolve.reserved import fault_of


@value
class Key:
    """A layer's name in its scope, and its path from the root.

    Without a `name` the layer shares the scope that it stands in. `by_default` says that the
    author gave no label where others of the scope are named for their weights.
    """

    name: Term | None
    path: str
    by_default: bool = False


class Taken(Exception):
    """A label stands twice in one scope, or is that of a layer and of a scope; `name` is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(eq=False, slots=True)
class Keys:
    """The names of one scope: given out in the order in which layers appear.

    `labels` are all those that its layers have; `is_labelled` is also true where the labels stand
    in the side of an `if` that is not taken, or in a loop without turns. `names_weights` says that
    one of them is there for weights, and not for a wire alone.
    """

    path: str
    labels: frozenset[str] = frozenset()
    is_labelled: bool = False
    names_weights: bool = False
    given: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    """The scopes that labels with dots fill: `convs` for `"convs.0": conv(4, 3)`."""
    counts: dict[str, int] = field(default_factory=dict)

    def label(self, name: Term) -> Key:
        """The key of a labelled layer; raises `Taken`."""
        text = str(name.value)
        around = scopes_of(text)
        taken = [scope for scope in around if scope in self.given]
        if taken or text in self.given or text in self.opened:
            raise Taken(taken[0] if taken else text)
        self.given.add(text)
        self.opened |= {*around}
        return Key(name, self._below(text))

    def unlabelled(self, kind: str, is_op: bool) -> Key:
        """The key of a layer without a label; `kind` is its op or block."""
        number = self.counts.get(kind, 0) + 1
        self.counts[kind] = number
        if not self.is_labelled:
            name = str(len(self.given))
        else:
            name = kind if number == 1 else f"{kind}{number}"
            while name in self.labels or name in self.given or fault_of(name):
                name += "_"
        self.given.add(name)
        return Key(literal(name), self._below(name), by_default=self.names_weights)

    def _below(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


@dataclass(eq=False)
class Shared(Keys):
    """The scope of a body that is nothing but one call: that call's own."""

    def unlabelled(self, kind: str, is_op: bool) -> Key:
        """The scope itself; but a network's root is always a scope around its ops."""
        if is_op and not self.path:
            return super().unlabelled(kind, is_op)
        return Key(None, self.path)


def scopes_of(label: str) -> list[str]:
    """The scopes that a label with dots puts its layer into: `a` and `a.0` of `a.0.conv`."""
    names = label.split(".")
    return [".".join(names[:end]) for end in range(1, len(names))]


def keys_for(layer: Layer, path: str) -> Keys:
    """The names of the scope that a layer fills."""
    found = [*_labelled(layer)]
    labels = {str(each.label.value) for each in found if isinstance(each, LabelledLayer)}
    labels |= {scope for label in labels for scope in scopes_of(label)}
    shares = [each for each in found if isinstance(each, SharingLayer)]
    labels |= {shared.name for each in shares for shared in each.shared}
    names_weights = any(_names_weights(each) for each in found)
    return Keys(path, frozenset(labels), bool(found), names_weights)


Labelling: TypeAlias = LabelledLayer | ConditionalLayer | LoopLayer | SharingLayer
"""What gives a scope labels, or hides some."""


def _names_weights(found: Labelling) -> bool:
    """Whether a label is the key of weights that no wire asks for; hidden labels may be."""
    if not isinstance(found, LabelledLayer):
        return True
    layer = found.layer
    while isinstance(layer, Spliced | ConditionalLayer):
        layer = layer.layer
    if isinstance(layer, SharedLayer | TiedLayer):
        return False
    is_op = isinstance(layer, Applicable) and isinstance(layer.callee, OpCallee)
    has_weights = not is_op or layer.callee.op.weights is not Op.weights  # type: ignore[union-attr]
    return has_weights and not found.labels.is_read(str(found.label.value))


def has_labels(layer: Layer) -> bool:
    """Whether the scope that a layer stands in has labels through it."""
    return any(True for _ in _labelled(layer))


def body_keys(layer: Layer, path: str) -> Keys:
    """The names of the scope of a block with this body."""
    return keys_for(layer, path) if only_call(layer) is None else Shared(path)


def only_call(layer: Layer) -> Applicable | None:
    """The one call without a label that a body consists of, if so."""
    while True:
        match layer:
            case Applicable(branches=()):
                return layer
            case Spliced(layer=inner) | ConditionalLayer(layer=inner):
                layer = inner
            case ChainLayer(links=links, is_call=False):
                parts = [link for link in links if not _is_nothing(link)]
                if len(parts) != 1:
                    return None
                layer = parts[0]
            case _:
                return None


def _is_nothing(link: Layer) -> bool:
    """Whether a link is a station, or the word `identity`."""
    return isinstance(link, Station) or (isinstance(link, ChainLayer) and not link.links)


def shared_in(datum: Datum) -> list[SharedWeights]:
    """The shared layers that a value uses, and does not make itself."""
    used: dict[SharedWeights, None] = {}
    made: set[SharedWeights] = set()
    waiting: list[Datum] = [datum]
    while waiting:
        match waiting.pop():
            case SharedLayer(weights=weights) | TiedLayer(weights=weights):
                used.setdefault(weights)
            case SharingLayer(shared=shared, layer=inner):
                made |= {*shared}
                waiting += [inner, *[each.labelled for each in shared]]
            case ChainLayer(links=below) | Items(items=below) | BundleLayer(branches=below):
                waiting += below
            case Applicable(bindings=bindings, branches=below):
                waiting += [*below, *[bound.datum for bound in bindings.values()]]
            case LoopLayer(turns=turns):
                waiting += [inner for _, inner in turns]
            case (
                LabelledLayer(layer=inner)
                | RepeatLayer(layer=inner)
                | ConditionalLayer(layer=inner)
                | Spliced(layer=inner)
                | AuxLayer(head=inner)
            ):
                waiting.append(inner)
    return [each for each in used if each not in made]


def _labelled(layer: Layer) -> Iterator[Labelling]:
    """The labelled and shared layers of a scope, and the conditions and loops that hide some."""
    stack: list[Layer] = [layer]
    seen: set[Layer] = set()
    while stack:
        current = stack.pop()
        # A layer that a `let` names may stand in very many places.
        if current in seen:
            continue
        seen.add(current)
        match current:
            case LabelledLayer():
                yield current
            case ChainLayer(links=below) | Applicable(branches=below) | BundleLayer(branches=below):
                stack += below
            case SharingLayer(layer=inner):
                yield current
                stack.append(inner)
            case RepeatLayer(layer=inner) | Spliced(layer=inner) | AuxLayer(head=inner):
                stack.append(inner)
            case LoopLayer(turns=turns, hides_label=hides_label):
                stack += [inner for _, inner in turns]
                if hides_label:
                    yield current
            case ConditionalLayer(layer=inner, hides_label=hides_label):
                stack.append(inner)
                if hides_label:
                    yield current
