"""The parts of a block that is applied again: those of an equal application, moved.

To read the body of every copy anew would mean to elaborate it, since trees of replayed applications
are made when they are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from archdsl.outline.pieces import Aside, DiagramScope, Fork, Part, Step, in_order, scopes
from archdsl.tree import CallNode, Likeness


@dataclass(frozen=True)
class Original:
    """The parts of a block's body, the path that they lie in, and the node of its result."""

    parts: tuple[Part, ...]
    path: str
    node: int

    @property
    def can_be_moved(self) -> bool:
        """Whether all that it holds moves with its nodes: it names no others, nor lies elsewhere.

        Only its last node may be read from outside: others would be boxes of their own in some
        copies alone.
        """
        pieces = [*in_order(self.parts)]
        inside = [scope for piece in pieces for scope in scopes(piece)]
        is_closed = not any(
            scope.results or (scope.call and (scope.call.wires or scope.call.input_names))
            for scope in inside
        )
        all_pieces = [*pieces, *[piece for scope in inside for piece in scope.pieces]]
        is_within = all(_is_within(piece.path, self.path) for piece in all_pieces)
        return bool(pieces) and is_closed and is_within and self.node == pieces[-1].nodes[-1]

    def moved(self, path: str, node: int) -> tuple[Part, ...]:
        """The same parts in another place of the network."""
        return _Move(node - self.node, len(self.path), path).parts(self.parts)


@dataclass(frozen=True)
class Copies:
    """The applications of a network that were read so far."""

    known: dict[tuple[Likeness, bool], Original] = field(default_factory=dict)

    def parts(
        self, call: CallNode, path: str, read: Callable[[], tuple[Part, ...]]
    ) -> tuple[Part, ...]:
        """The parts of an application; only those of the first of equal ones are read."""
        key = call.instance.likeness, path == ""
        original = self.known.get(key)
        if original is not None and not call.results:
            return original.moved(path, call.node)
        found = read()
        made = Original(found, path, call.node)
        if not call.results and made.can_be_moved:
            self.known[key] = made
        return found


@dataclass(frozen=True)
class _Move:
    """To nodes whose numbers are larger `by` some, and from a path of some length to another."""

    by: int
    length: int
    path: str

    def parts(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(map(self.part, parts))

    def part(self, part: Part) -> Part:
        match part:
            case Step():
                return self.step(part)
            case DiagramScope():
                return self.scope(part)
            case Aside():
                return Aside(self.parts(part.parts))
        join = part.join
        moved = self.scope(join) if isinstance(join, DiagramScope) else join and self.step(join)
        return Fork(tuple(map(self.parts, part.branches)), moved)

    def step(self, step: Step) -> Step:
        return Step(
            tuple([node + self.by for node in step.nodes]), self._path(step.path), step.loop
        )

    def scope(self, scope: DiagramScope) -> DiagramScope:
        path, parts = self._path(scope.path), self.parts(scope.parts)
        return DiagramScope(
            scope.kind, scope.name, path, parts, scope.call, scope.loop, scope.results, scope.site
        )

    def _path(self, path: str) -> str:
        return self.path + path[self.length :]


def _is_within(path: str, around: str) -> bool:
    return not around or path == around or path.startswith(f"{around}.")
