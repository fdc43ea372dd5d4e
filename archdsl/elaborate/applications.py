"""Applications of blocks that were made already, so that equal ones need not be made again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass, field

from archdsl.elaborate.tensors import Tensor
from archdsl.graph import Node
from archdsl.provenance import Frame
from archdsl.records import record

MOST_NODES = 200_000
"""Maximum number of nodes that are remembered: up to 50 MiB, if their graphs are gone."""


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
    and `entry`. `path` was the block's. `heads` are the outputs for training, with their nodes.
    `result` is in terms of `frame`, the block's own, and of `inner`, the loops and conditions of
    its body. `height` is the number of calls within each other.
    """

    nodes: tuple[Node, ...]
    first: int
    entry: int
    path: str
    heads: Mapping[str, int]
    result: Tensor
    frame: Frame
    inner: Set[Frame]
    spent: Spent
    height: int


@dataclass(eq=False)
class Applications:
    """Applications by what they depend on; those that nobody has asked for lately are forgotten.

    A key holds all that a result depends on, so they may serve several versions of a program.
    """

    recent: dict[Hashable, Applied] = field(default_factory=dict)
    old: dict[Hashable, Applied] = field(default_factory=dict)
    nodes: int = 0
    numbers: dict[Hashable, int] = field(default_factory=dict)
    given: int = 0

    def find(self, key: Hashable) -> Applied | None:
        """An application with this key, if one was made."""
        found = self.recent.get(key)
        if found is None and (found := self.old.pop(key, None)) is not None:
            self.keep(key, found)
        return found

    def keep(self, key: Hashable, applied: Applied) -> None:
        """Remember an application, and forget old ones if there is no room."""
        if len(applied.nodes) > MOST_NODES // 2:
            return
        if self.nodes + len(applied.nodes) > MOST_NODES // 2:
            self.old, self.recent, self.numbers, self.nodes = self.recent, {}, {}, 0
        self.nodes += len(applied.nodes)
        self.recent[key] = applied

    def number(self, content: Hashable) -> int:
        """A number for a long part of keys, the same for equal ones; no number is given twice."""
        if content not in self.numbers:
            self.given += 1
            self.numbers[content] = self.given
        return self.numbers[content]
