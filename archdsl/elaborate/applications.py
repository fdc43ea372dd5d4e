"""Applications of blocks that were made already, so that equal ones need not be made again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from archdsl.elaborate.tensors import Flow, Tensor
from archdsl.elaborate.values import Applicable
from archdsl.graph import Cases, Node
from archdsl.provenance import Expression, Frame, Symbol, Term
from archdsl.records import record
from archdsl.source import Span
from archdsl.substitution import Without, substitute
from archdsl.tree import Binding, Likeness, Sizes

MOST_NODES = 200_000
"""Maximum number of nodes that are remembered: up to 50 MiB, if their graphs are gone."""
MOST_VERSIONS = 32
"""Maximum number of versions of a program for which something is remembered that none asks for."""


@record
class Spent:
    """What counts towards the limits of a network; see `NetworkBuild`."""

    layers: int
    turns: int
    steps: int
    entries: int

    def since(self, before: Spent) -> Spent:
        """What was spent after something else."""
        return Spent(
            self.layers - before.layers,
            self.turns - before.turns,
            self.steps - before.steps,
            self.entries - before.entries,
        )


@record
class Applied:
    """What the application of a block has made.

    `nodes` are those appended to the graph, the first with the number `first`; they read each other
    and the `entries`. `path` was the block's. `heads` are the outputs for training, by their nodes.
    `result` is in terms of `frame`, the block's own, of `inner`, the loops and conditions of its
    body, and of `foreign` symbols, its callers'. `sites` are the places in the callers' texts that
    nodes may have. `height` is the number of calls within each other. All instances that come of it
    and have the same sites have the same `likeness`. `failed`: what came in was not known, and what
    depends on it is left out.
    """

    nodes: tuple[Node, ...]
    first: int
    entries: tuple[int, ...]
    path: str
    heads: Mapping[str, int]
    result: Flow
    frame: Frame
    inner: Set[Frame]
    foreign: tuple[Symbol, ...]
    spent: Spent
    height: int
    likeness: Likeness
    sites: tuple[Span, ...]
    failed: bool


@record
class Replayed:
    """The last application of a block in a body, for a loop that repeats it.

    The channels of what was `given` are `channels`, a symbol of the turn; the layer was evaluated
    before there was one, so its arguments do not depend on it. `spent` has what the arguments cost
    too, and `result` is in the terms of the caller, where `sites` are.
    """

    layer: Applicable
    given: Tensor
    channels: Symbol
    kind: tuple[bool, bool]
    is_root: bool
    arguments: dict[str, Binding]
    applied: Applied
    spent: Spent
    sites: tuple[Span, ...]
    result: Tensor

    def is_of(self, layer: Applicable, given: Flow, path: str, kind: tuple[bool, bool]) -> bool:
        """Whether another application differs in the turn of the loop alone."""
        is_same = layer is self.layer and kind == self.kind and self.is_root is not bool(path)
        return is_same and is_alike(given, self.given)

    def followed_by(self, given: Flow, channels: Symbol, made: Flow) -> Replayed:
        """The application in the next turn, whose nodes give the tensor `made`."""
        assert isinstance(given, Tensor)
        assert isinstance(made, Tensor)
        assert self.result.sizes is not None
        seen = self.result.sizes.map(partial(renamed, self.channels, channels))
        result = Tensor(made.node, seen)
        return replace(self, given=given, channels=channels, result=result)


@record
class Called:
    """A call that was replayed, as its caller sees it.

    Its result has the `sizes`, in terms of `foreign`, symbols of the caller. A replay puts a layer
    at each of `sites`: one of the call's own, by its number, or one that the block itself writes.
    `spent` has what the arguments cost too.
    """

    applied: Applied
    spent: Spent
    sizes: Sizes
    foreign: tuple[Symbol, ...]
    sites: tuple[int | Span, ...]

    def sites_for(self, sites: tuple[Span, ...]) -> tuple[Span, ...]:
        """Where the layers are written for another call, whose own are `sites`."""
        return tuple([sites[each] if isinstance(each, int) else each for each in self.sites])

    def sizes_for(self, foreign: tuple[Symbol, ...]) -> Sizes:
        """The sizes of the result for another call, whose caller has other symbols."""
        others = {a: b for a, b in zip(self.foreign, foreign, strict=True) if a != b}
        if not others:
            return self.sizes
        seen = Without(frozenset(), renamed=others)
        return self.sizes.map(lambda size: Term(size.value, seen(size.expression)))


Kept: TypeAlias = "Applied | Called"


def is_alike(given: Flow, last: Tensor) -> bool:
    """Whether tensors have equal sizes, but for the symbol of their channels."""
    if not isinstance(given, Tensor) or given.sizes is None or last.sizes is None:
        return False
    if not given.sizes.has_layout_of(last.sizes):
        return False
    pairs = zip(given.sizes.parts, last.sizes.parts, strict=True)
    return all(
        a.value == b.value and (place == last.sizes.breadth_place or a.expression == b.expression)
        for place, (a, b) in enumerate(pairs)
    )


def renamed(old: Symbol, new: Symbol, size: Term) -> Term:
    """A size with another name for the channels of a turn."""
    if old not in size.expression.symbols:
        return size

    def seen(symbol: Symbol) -> Expression:
        return new if symbol == old else symbol

    return Term(size.value, substitute(size.expression, seen))


@dataclass(eq=False)
class Applications:
    """Applications and calls by what they depend on; old ones that nobody asks for are forgotten.

    A key holds all that a result depends on, so they may serve several versions of a program. Of
    each version that something was read in, the whole text stays in memory as long as that does.
    """

    recent: dict[Hashable, Kept] = field(default_factory=dict)
    old: dict[Hashable, Kept] = field(default_factory=dict)
    called: set[Hashable] = field(default_factory=set)
    old_called: set[Hashable] = field(default_factory=set)
    """What calls begin with that are remembered: their keys are made for no others."""
    nodes: int = 0
    versions: int = 0
    numbers: dict[Hashable, int] = field(default_factory=dict)
    old_numbers: dict[Hashable, int] = field(default_factory=dict)
    given: int = 0
    cases: Cases = field(default_factory=Cases)
    """What was verified of their nodes, which replays share."""
    alike: dict[tuple[Applied, tuple[Span, ...]], Likeness] = field(default_factory=dict)
    """The likeness of instances whose layers were written elsewhere, in this version."""

    def likeness(self, applied: Applied, sites: tuple[Span, ...]) -> Likeness:
        """What all instances of an application with these sites have in common."""
        if sites == applied.sites:
            return applied.likeness
        found = self.alike.get((applied, sites))
        if found is None:
            moved = {a: b for a, b in zip(applied.sites, sites, strict=True) if a != b}
            found = self.alike[applied, sites] = Likeness(applied.likeness, moved)
        return found

    def find(self, key: Hashable) -> Kept | None:
        """An application or call with this key, if one was made."""
        found = self.recent.get(key)
        if found is None and (found := self.old.pop(key, None)) is not None:
            self.keep(key, found)
        return found

    def keep(self, key: Hashable, kept: Kept) -> None:
        """Remember an application or call, and forget old ones if there is no room."""
        # One without nodes takes room too.
        nodes = 1 + (len(kept.nodes) if isinstance(kept, Applied) else 0)
        if nodes > MOST_NODES // 2:
            return
        if self.nodes + nodes > MOST_NODES // 2:
            self._forget()
        self.nodes += nodes
        self.recent[key] = kept

    def keep_call(self, start: Hashable, key: Hashable, called: Called) -> None:
        """Remember a call; `start` is what it is found by, before its key is made."""
        self.called.add(start)
        self.keep(key, called)

    def has_call(self, start: Hashable) -> bool:
        """Whether calls are known that begin so."""
        return start in self.called or start in self.old_called

    def number(self, content: Hashable) -> int:
        """A number for a long part of keys, the same for equal ones; no number is given twice."""
        if content not in self.numbers:
            known = self.old_numbers.pop(content, None)
            self.given += known is None
            self.numbers[content] = self.given if known is None else known
        return self.numbers[content]

    def next_version(self) -> None:
        """Another version of the program follows; what only older ones used is forgotten."""
        self.versions += 1
        self.alike.clear()
        if self.versions >= MOST_VERSIONS // 2:
            self._forget()

    def _forget(self) -> None:
        """Make room: what is recent becomes old, and what is old is gone."""
        self.old, self.recent, self.nodes, self.versions = self.recent, {}, 0, 0
        self.old_numbers, self.numbers = self.numbers, {}
        self.old_called, self.called = self.called, set()
