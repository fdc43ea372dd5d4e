"""Scopes for a flat list of steps, found by their keys: `layer1.0.conv1` is in `layer1` and in `0`.

Keys say which module a layer with weights is in; a layer without weights is where its neighbours
are. What follows the last weight of a module belongs to it where all modules of its kind have that,
and where fewer tensors leave the module so: the sum at the end of a residual block does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archdsl.importing.steps import Port, Scope, Step
from archdsl.ops.base import Op

DIGITS = re.compile(r"\d+")
CONTAINER = "Sequential"


@dataclass(eq=False)
class Region:
    """Neighbouring steps of one module: those from `start` up to `end`."""

    path: str
    start: int
    end: int
    children: list[Region] = field(default_factory=list)

    @property
    def form(self) -> str:
        """The path without its numbers, which modules of one kind have in common."""
        return DIGITS.sub("#", self.path)


def nested(scope: Scope) -> None:
    """Put the steps of a scope into scopes of their own."""
    root = Region(scope.path, 0, len(scope.steps))
    _Finder(scope).find(root)
    counts: dict[str, int] = defaultdict(int)
    for region in _all(root):
        counts[region.form] += 1
    _Builder(counts, [*scope.steps], [scope]).build(root, scope)


def _all(region: Region) -> Iterator[Region]:
    yield region
    for child in region.children:
        yield from _all(child)


@dataclass(eq=False)
class _Finder:
    """Finds the regions of a scope, the outer ones first."""

    scope: Scope

    def __post_init__(self) -> None:
        self.steps = self.scope.steps
        self.place = {step: place for place, step in enumerate(self.steps)}
        self.weighty = [place for place, step in enumerate(self.steps) if step.has_weights]
        self.readers: dict[Step, list[int]] = defaultdict(list)
        for place, step in enumerate(self.steps):
            for port in step.inputs:
                self.readers[port.step].append(place)
        for port in self.scope.results:
            self.readers[port.step].append(len(self.steps))

    def find(self, root: Region) -> None:
        """Give a region its children, and those theirs."""
        waiting = [(root, root.path)]
        while waiting:
            found = [(parent, each) for parent, path in waiting for each in self._in(parent, path)]
            waiting = []
            by_form: dict[str, list[tuple[Region, Region]]] = defaultdict(list)
            for parent, child in found:
                by_form[child.form].append((parent, child))
            for several in by_form.values():
                self._extend(several)
                for parent, child in several:
                    is_closed = self._leaving(child.start, child.end) == 1
                    if is_closed and len(self._entering(child)) == 1:
                        parent.children.append(child)
                        waiting.append((child, child.path))
                    else:
                        waiting.append((parent, child.path))

    def _in(self, parent: Region, path: str) -> Iterator[Region]:
        """The modules of a path with weights below their own, as far as they lie together."""
        runs: dict[str, list[list[int]]] = defaultdict(list)
        for place in self.weighty:
            if parent.start <= place < parent.end:
                inside = self._child(self.steps[place].path, path)
                if inside:
                    self._append(runs[inside], place)
        for child, several in runs.items():
            for run in several:
                between = [w for w in self.weighty if run[0] <= w <= run[-1]]
                if between == run:
                    yield Region(child, run[0], run[-1] + 1)

    def _append(self, runs: list[list[int]], place: int) -> None:
        """A layer that is used again begins another use of its module."""
        used = {self.steps[each].path for each in runs[-1]} if runs else set()
        if not runs or self.steps[place].path in used:
            runs.append([])
        runs[-1].append(place)

    def _child(self, path: str, parent: str) -> str:
        before = f"{parent}." if parent else ""
        inner = path[len(before) :] if path.startswith(before) else ""
        name, dot, _ = inner.partition(".")
        return before + name if dot else ""

    def _extend(self, several: Sequence[tuple[Region, Region]]) -> None:
        """Add what follows modules of one kind to them."""
        is_only = len(several) == 1
        tails = [self._tail(parent, child, is_only) for parent, child in several]
        most = 0
        while all(len(tail) > most for tail in tails) and len({t[most] for t in tails}) == 1:
            most += 1
        child = several[0][1]
        counts = [self._leaving(child.start, child.end + more) for more in range(most + 1)]
        best = max(more for more, count in enumerate(counts) if count == min(counts))
        for _, each in several:
            each.end += best
        leads = [self._lead(parent, child) for parent, child in several]
        before = 0
        while all(len(lead) > before for lead in leads) and len({x[before] for x in leads}) == 1:
            before += 1
        while before and not all(self._is_fork(each.start - before) for _, each in several):
            before -= 1
        for _, each in several:
            each.start -= before

    def _lead(self, parent: Region, child: Region) -> list[str]:
        """The ops without weights that only a module reads, the last first."""
        found = []
        # A module that is all of another is that one.
        first = parent.start if child.end < parent.end else parent.start + 1
        for place in range(child.start - 1, first - 1, -1):
            step = self.steps[place]
            if step.has_weights or step.op is None or len(step.inputs) != 1:
                break
            if self.readers[step] != [place + 1]:
                break
            found.append(step.op.name)
        return found

    def _is_fork(self, place: int) -> bool:
        """Whether others read what a step reads too, so that a branch begins with it."""
        (port,) = self.steps[place].inputs
        return len(self.readers[port.step]) > 1

    def _tail(self, parent: Region, child: Region, is_only: bool) -> list[str]:
        """The ops without weights that follow a module.

        Of a module that is the only one of its kind these are activations and joins.
        """
        found = []
        for place in range(child.end, parent.end):
            step = self.steps[place]
            if step.has_weights or step.op is None or (is_only and not _ends(step.op)):
                break
            found.append(step.op.name)
        return found

    def _leaving(self, start: int, end: int) -> int:
        """How many steps of a region are read behind it."""
        return sum(max(self.readers[each], default=0) >= end for each in self.steps[start:end])

    def _entering(self, region: Region) -> set[Port]:
        inside = range(region.start, region.end)
        read = {port for place in inside for port in self.steps[place].inputs}
        return {port for port in read if self.place.get(port.step, -1) not in inside}


@dataclass(eq=False)
class _Builder:
    """Makes scopes of regions; `counts` says how many regions of a form there are."""

    counts: dict[str, int]
    steps: list[Step]
    made: list[Scope]

    def build(self, region: Region, scope: Scope) -> None:
        """Give a scope the steps of a region, its children as calls."""
        steps = self.steps
        inner: list[Step] = []
        place = region.start
        for child in sorted(region.children, key=lambda each: each.start):
            inner += steps[place : child.start]
            inner.append(self._call(child))
            place = child.end
        scope.steps = inner + steps[place : region.end]

    def _call(self, region: Region) -> Step:
        """The call of a module, whose steps read what comes in, and not what is outside."""
        steps, outside = self.steps[region.start : region.end], self.steps[region.end :]
        inside = {*steps}
        (entry,) = {port for s in steps for port in s.inputs if port.step not in inside}
        read = [port for s in outside for port in s.inputs]
        read += [port for scope in self.made for port in scope.results]
        result = next(port for port in read if port.step in inside)
        begin, made = Step("input", [entry.type]), self._scope(region)
        call = Step("call", [result.type], [entry], scope=made, path=region.path)
        for step in steps:
            step.inputs = [begin.port if port == entry else port for port in step.inputs]
        for step in outside:
            step.inputs = [call.port if port == result else port for port in step.inputs]
        for scope in self.made:
            scope.results = [call.port if port == result else port for port in scope.results]
        made.inputs, made.results, made.input_names = [begin], [result], ["x"]
        self.made.append(made)
        self.build(region, made)
        return call

    def _scope(self, region: Region) -> Scope:
        """A module is a block where there are several of its kind, else written where it is."""
        name = region.path.rpartition(".")[2]
        children = [each.path.rpartition(".")[2] for each in region.children]
        is_list = bool(children) and all(each.isdigit() for each in children)
        is_plain = not name.isdigit() and (is_list or self.counts[region.form] == 1)
        kind = CONTAINER if is_plain else kind_of(region.path.split("."))
        return Scope(region.path, kind, is_container=is_plain)


def _ends(op: Op) -> bool:
    """Whether an op belongs to the layer before it, or to the branches that it joins."""
    return op.is_activation or op.is_join


UNNAMED = {"": "unit", "block": "unit", "blocks": "unit"}
"""Words that are no names of blocks."""


def kind_of(path: Sequence[str]) -> str:
    """A name for the class of a module, after its own: `layer` for `layer1.0`."""
    words = [word for word in path if not word.isdecimal()]
    stem = re.match(r"\D*", words[-1]) if words else None
    name = stem[0].strip("_") if stem is not None else ""
    return UNNAMED.get(name, name)
