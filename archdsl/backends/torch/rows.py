"""Instances of a block side by side, at the same piece of syntax.

A class is printed from all instances of its block. A *row* is one occurrence of the class, or one
iteration of a loop within one; at every node of the block's syntax each row has a value and an
expression. Before expressions of different rows can be compared, their frames are replaced by
frames common to all rows, their *roles*: "the block's own", "this loop's iteration", "after this
`if`".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TypeVar

from archdsl.arithmetic import Value
from archdsl.backends.torch.walk import inner_frames, scope_nodes, unsplice
from archdsl.graph import Graph
from archdsl.provenance import Expression, Frame, Symbol, Term
from archdsl.substitution import Undefined, evaluate, substitute
from archdsl.tree import CallNode, Instance, Iteration, Node, OpNode, SpliceNode

H = TypeVar("H")


class Split(Exception):
    """The rows cannot share one piece of code; `parts` says which differ."""

    def __init__(self, parts: dict[Row, Hashable]) -> None:
        super().__init__("occurrences differ in structure")
        self.parts = parts


class Unprintable(Exception):
    """A number varies within one occurrence for reasons that its class cannot see."""


@dataclass(eq=False)
class Occurrence:
    """One occurrence of a class: an instance of its block, and the instances that share its scope.

    A block whose body is only a call of another block shares its scope with it: `inlined` holds
    these inner instances, and `body` is the body of the innermost.
    """

    graph: Graph
    instance: Instance
    inlined: tuple[Instance, ...]
    body: Node

    @property
    def innermost(self) -> Instance:
        """The instance whose body is printed."""
        return self.inlined[-1] if self.inlined else self.instance

    @cached_property
    def brought(self) -> dict[str, str]:
        """The parameters that passed the layers of its scope, by the layers' names."""
        found: dict[str, str] = {}
        for node in scope_nodes(self.body):
            origin = node.value.origin if isinstance(node, SpliceNode) else None
            if origin is not None and origin.frame is self.instance.frame:
                found.setdefault(_label(unsplice(node)), origin.name)
        return found


def _label(node: Node) -> str:
    has_key = isinstance(node, CallNode | OpNode) and node.key is not None
    return str(node.key.value) if has_key else ""  # type: ignore[union-attr]


@dataclass(eq=False)
class Row:
    """An occurrence, or one iteration of a loop in one: then `parent` is the row of the loop."""

    occurrence: Occurrence
    parent: Row | None = None
    iteration: Iteration | None = None

    def outward(self) -> Iterator[Row]:
        """The row itself, its parent, and so on."""
        row: Row | None = self
        while row is not None:
            yield row
            row = row.parent


@dataclass(eq=False)
class Role:
    """The common meaning of the frames that all rows have at one node of the syntax.

    `frame` stands for them in comparable expressions. A role that is not `printed` has no variables
    in the generated code: its symbols are replaced by their definitions.
    """

    name: str
    printed: bool = True
    carried: bool = False
    frame: Frame = field(init=False)
    frames: dict[Row, Frame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.frame = Frame(self.name)


def _same(role: Role) -> None:
    """The rule that leaves every expression unchanged."""


class Correspondence:
    """The roles of one class, used to make expressions comparable and to evaluate them."""

    def __init__(self) -> None:
        self.own = Role("own")
        self.roles: dict[Frame, Role] = {}
        self.owner: dict[Frame, Occurrence] = {}
        """The occurrence of each frame; in a recursive class, a caller's frame is another's."""
        self.by_role_frame: dict[Frame, Role] = {self.own.frame: self.own}
        self.hidden = Role("hidden", printed=False)
        self.first: dict[Frame, Frame] = {}
        """For loops whose iterations all enter with the same channels: the first iteration."""

    def register(self, role: Role, row: Row, frame: Frame) -> None:
        """Assign a role to a row's frame."""
        role.frames[row] = frame
        self.by_role_frame[role.frame] = role
        self._assign(role, row, frame)

    def hide(self, row: Row, *frames: Frame) -> None:
        """Declare that frames have no variables in the class: definitions replace their symbols."""
        for frame in frames:
            self._assign(self.hidden, row, frame)

    def drop(self, row: Row, *frames: Frame) -> None:
        """Hide the frames of an unrolled loop, whose iterations may enter differently."""
        self.hide(row, *frames)
        for frame in frames:
            self.first.pop(frame, None)

    def _assign(self, role: Role, row: Row, frame: Frame) -> None:
        self.roles[frame] = role
        self.owner[frame] = row.occurrence

    def role_of(self, row: Row, frame: Frame | None) -> Role | None:
        """The role of a frame of a row's occurrence; None for a frame from outside."""
        is_own = frame is not None and self.owner.get(frame) is row.occurrence
        return self.roles[frame] if is_own and frame is not None else None

    def own_frames(self, occurrence: Occurrence) -> None:
        """Note whose frames are those of an occurrence, which may have no row."""
        for instance in (occurrence.instance, *occurrence.inlined):
            self.owner[instance.frame] = occurrence

    def register_occurrence(self, row: Row) -> None:
        """Register the frames of an occurrence."""
        occurrence = row.occurrence
        self.register(self.own, row, occurrence.instance.frame)
        for instance in occurrence.inlined:
            self.hide(row, instance.frame)
        for instance in (occurrence.instance, *occurrence.inlined):
            if instance.body is not occurrence.body:
                self.hide(row, *inner_frames(instance.body))

    def role(self, symbol: Symbol) -> Role | None:
        """The role of a comparable symbol; None for a symbol from outside."""
        return None if symbol.frame is None else self.by_role_frame.get(symbol.frame)

    def comparable(
        self, row: Row, expression: Expression, after: Callable[[Role], Expression | None] = _same
    ) -> Expression:
        """A row's expression in terms of roles; symbols from outside the class are kept.

        `after` may give another expression for the channels after an `if`.
        """
        return substitute(expression, partial(self._comparable, row, after))

    def _comparable(
        self, row: Row, after: Callable[[Role], Expression | None], symbol: Symbol
    ) -> Expression:
        role = self.role_of(row, symbol.frame)
        if role is None or symbol.frame is None:
            return symbol
        is_channels = symbol.name == "channels"
        if role.printed and (not is_channels or role.carried or role is self.own):
            return Symbol(role.frame, symbol.name)
        if is_channels and (known := after(role)) is not None:
            return known
        frame = self.first.get(symbol.frame, symbol.frame) if is_channels else symbol.frame
        return self.comparable(row, frame.definitions[symbol.name].expression, after)

    def outer(self, occurrence: Occurrence, expression: Expression) -> Expression:
        """The expression in terms of the occurrence's caller."""
        return substitute(expression, partial(self._outer, occurrence))

    def _outer(self, occurrence: Occurrence, symbol: Symbol) -> Expression:
        frame = symbol.frame
        if frame is None or self.owner.get(frame) is not occurrence:
            return symbol
        return self.outer(occurrence, frame.definitions[symbol.name].expression)

    def value(self, row: Row, symbol: Symbol) -> Value:
        """The value of a comparable symbol in a row."""
        role = self.role(symbol)
        frames = role.frames if role is not None else {}
        for around in row.outward():
            if frame := frames.get(around):
                return frame.definitions[symbol.name].value
        raise LookupError(symbol.name)

    def evaluate(self, row: Row, expression: Expression) -> Value:
        """The value of a comparable expression in a row; raises if it has none there."""
        return evaluate(expression, lambda symbol: self.value(row, symbol))

    def values(self, symbol: Symbol) -> list[Value]:
        """The values of a comparable symbol, row by row."""
        role = self.role(symbol)
        frames = role.frames.values() if role else ()
        return [f.definitions[symbol.name].value for f in frames if symbol.name in f.definitions]

    def local(self, symbol: Symbol) -> Expression | None:
        """The definition of a number that every occurrence computes alike, or None."""
        if self.role(symbol) is not self.own:
            return None
        found = {
            self.comparable(row, frame.definitions[symbol.name].expression)
            if symbol.name in row.occurrence.instance.locals
            else None
            for row, frame in self.own.frames.items()
            if symbol.name in frame.definitions
        }
        return found.pop() if len(found) == 1 else None

    def types(self, expression: Expression) -> Iterator[type]:
        """The types of a comparable expression's values, row by row."""
        roles = [role for symbol in expression.symbols if (role := self.role(symbol))]
        for row in dict.fromkeys(row for role in roles for row in role.frames):
            with suppress(LookupError, Undefined):
                yield type(self.evaluate(row, expression))

    def is_own(self, expression: Expression) -> bool:
        """Whether a comparable expression only uses symbols of the class itself."""
        return all(self.role(symbol) is not None for symbol in expression.symbols)


Rows = dict[Row, Node]
Terms = dict[Row, Term]


def same(values: Mapping[Row, H]) -> H:
    """The common value of all rows; raises `Split` if they differ."""
    if len(set(values.values())) > 1:
        raise Split(dict(values))
    return next(iter(values.values()))


def conflicting(parts: Mapping[Row, object]) -> bool:
    """Whether rows of one occurrence differ, so that dividing the occurrences would not help."""
    seen: dict[Occurrence, object] = {}
    return any(seen.setdefault(row.occurrence, part) != part for row, part in parts.items())


Wired = Set[tuple[Graph, int, str]]
"""The results that are read by their label: graph, node and label."""


def is_read(wired: Wired, row: Row, node: int, label: str) -> bool:
    """Whether a result of a row is read by its label."""
    return (row.occurrence.graph, node, label) in wired
