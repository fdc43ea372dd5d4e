"""What stands in a scope of the new text: ops, and scopes of the old text that stay scopes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import TypeAlias

from archdsl.rewriting.network import SCOPE, Home, Plan

Unit: TypeAlias = "tuple[Home | None, tuple[int, ...]]"
"""What stands in a scope: an op (no home), or a scope with the nodes in it."""


class Units:
    """The scopes of a plan, each with the nodes in it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.root = next(iter(plan.nodes.values())).home.line[0]
        self.members: dict[Home, list[int]] = {self.root: []}
        self._uses: dict[str, list[Home]] = defaultdict(list)
        for number, node in plan.nodes.items():
            for home in node.home.line if node.op is not None else ():
                self.members.setdefault(home, []).append(number)
        for home in self.members:
            self._uses[home.path].append(home)
        self._closed: dict[str, bool] = {}

    def within(self, home: Home) -> Iterator[Unit]:
        """The ops and scopes in a scope; what is in a scope that is open is taken apart."""
        inner: dict[Home, None] = {}
        for number in self.members[home]:
            line = self.plan.nodes[number].home.line
            if line[-1] is home:
                yield None, (number,)
            else:
                inner[line[line.index(home) + 1]] = None
        for below in inner:
            if self._is_closed(below):
                yield below, tuple(self.members[below])
            else:
                yield from self.within(below)

    def path(self, unit: Unit) -> str:
        """The path of a unit; empty for one without weights."""
        home, numbers = unit
        found = home.path if home is not None else self.plan.nodes[numbers[0]].path
        return found if any(map(self.plan.has_path, numbers)) else ""

    def _is_closed(self, home: Home) -> bool:
        """Whether a scope stays one: all uses of a shared block are, or none of them is."""
        if home.path not in self._closed:
            uses = self._uses[home.path]
            forms = {self._form(each) for each in uses} if len(uses) > 1 else {()}
            are_closed = len(forms) == 1 and all(map(self._has_one_way, uses))
            self._closed[home.path] = are_closed
        return self._closed[home.path]

    def _has_one_way(self, home: Home) -> bool:
        """Whether one tensor comes in and one goes out; a label without weights says nothing."""
        numbers = self.members[home]
        is_bare = home.kind == SCOPE and not any(map(self.plan.has_path, numbers))
        return not is_bare and len(self.into(numbers)) == 1 == len(self.out(numbers))

    def _form(self, home: Home) -> tuple[object, ...]:
        """What all uses of a shared block have in common."""
        numbers = self.members[home]
        places = {number: place for place, number in enumerate(numbers)}
        results = tuple([places[number] for number in self.out(numbers)])
        nodes = [self.plan.nodes[number] for number in numbers]
        steps = [(node.op, tuple([places.get(source) for source in node.read])) for node in nodes]
        return (results, *steps, *[self.path((None, (number,))) for number in numbers])

    def into(self, numbers: Collection[int]) -> list[int]:
        """The tensors that come into a scope."""
        inside = {*numbers}
        sources = [s for n in numbers for s in self.plan.nodes[n].read if s not in inside]
        return [*dict.fromkeys(sources)]

    def out(self, numbers: Collection[int]) -> list[int]:
        """The tensors of a scope that are read outside."""
        inside = {*numbers}
        return [n for n in numbers if any(r not in inside for r in self.plan.readers[n])]
