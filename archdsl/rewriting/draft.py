"""A plan while a rewrite changes it, and what all rewrites have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count

from archdsl.ops.base import Op
from archdsl.rewriting.formulas import Formula
from archdsl.rewriting.network import Home, Node, Plan


class Draft:
    """The nodes and weights of a plan, to be changed; `plan()` makes a plan of them.

    Nodes that others were put in the place of are `gone`: whoever still knows them by the plan
    waits for the next round.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.nodes = dict(plan.nodes)
        self.weights = dict(plan.weights)
        self.results = dict(plan.results)
        self.heads = dict(plan.heads)
        self.gone: set[int] = set()

    def plan(self) -> Plan:
        """The plan as it is now, without nodes that nothing reads.

        What only heads need exists in training only.
        """
        needed = self._before([*self._plan.inputs.values(), *self.results.values()])
        nodes = {
            number: replace(node, training_only=number not in needed)
            for number, node in _sorted(
                self.nodes, needed | self._before(self.heads.values())
            ).items()
        }
        made = Plan(nodes, self._plan.inputs, self.results, self.heads, self.weights)
        return made.changed(weights={key: self.weights[key] for key in made.sizes()})

    def _before(self, ends: Iterable[int]) -> set[int]:
        """Some nodes, with all that they are computed from."""
        found = {*ends}
        waiting = [*found]
        while waiting:
            before = {*self.nodes[waiting.pop()].inputs} - found
            found |= before
            waiting += before
        return found

    def add(self, node: Node, weights: Mapping[str, Formula] | None = None) -> int:
        """Append a node, with its weights by their names below its path."""
        number = next(each for each in count(len(self.nodes)) if each not in self.nodes)
        self.nodes[number] = node
        for name, formula in (weights or {}).items():
            self.weights[f"{node.path}.{name}"] = formula
        return number

    def apply(self, op: Op, inputs: Sequence[int], home: Home, path: str = "") -> int:
        """Append an op on the results of some nodes; its shape follows."""
        shape = op.output(*[self.nodes[number].shape for number in inputs])
        return self.add(Node(op, tuple(inputs), shape, path, home))

    def change(self, number: int, **parts: object) -> None:
        """Change parts of a node."""
        self.nodes[number] = replace(self.nodes[number], **parts)  # type: ignore[arg-type]

    def instead(self, old: int, new: int) -> None:
        """Let whatever reads a node read another."""
        self.gone.add(old)
        for number, node in self.nodes.items():
            if old in node.inputs:
                inputs = tuple([new if source == old else source for source in node.inputs])
                self.nodes[number] = replace(node, inputs=inputs)
        self.results = {name: new if n == old else n for name, n in self.results.items()}
        self.heads = {name: new if n == old else n for name, n in self.heads.items()}

    def weight(self, number: int, name: str) -> Formula:
        """What a weight of a node is now."""
        return self.weights[f"{self.nodes[number].path}.{name}"]

    def free_path(self, home: Home, name: str, without: Collection[int] = ()) -> str:
        """A path in a scope that no node has but those that will be gone."""
        taken = {node.path for number, node in self.nodes.items() if number not in without}
        stem = name.rstrip("0123456789") or f"{name}_"
        for called in chain([name], (f"{stem}{number}" for number in count(2))):
            path = f"{home.path}.{called}" if home.path else called
            if not any(each == path or each.startswith(f"{path}.") for each in taken):
                return path
        raise AssertionError("numbers that end")


def _sorted(nodes: Mapping[int, Node], wanted: Collection[int]) -> dict[int, Node]:
    """The nodes that are wanted, numbered as they were, in an order of evaluation."""
    found: dict[int, Node] = {}
    for start in sorted(wanted):
        waiting = [start]
        while waiting:
            number = waiting[-1]
            missing = [each for each in nodes[number].inputs if each not in found]
            if missing:
                waiting += reversed(missing)
            else:
                found.setdefault(number, nodes[waiting.pop()])
    return found


def common_home(homes: Iterable[Home]) -> Home:
    """The innermost scope around all of some scopes."""
    first, *others = [home.line for home in homes]
    shared = [
        each for place, each in enumerate(first) if all(_at(o, place) is each for o in others)
    ]
    return shared[-1]


def _at(line: Sequence[Home], place: int) -> Home | None:
    return line[place] if place < len(line) else None


def common_name(paths: Sequence[str], home: Home, otherwise: str) -> str:
    """What layers that become one are called in a scope: what all their names end with."""
    within = [path[len(home.path) + 1 if home.path else 0 :].split(".") for path in paths]
    ends = {".".join(words[1:]) for words in within}
    if len(set(paths)) == 1:
        return ".".join(within[0])
    end = ends.pop() if len(ends) == 1 else ""
    # A number alone says only which layer of its old scope it was.
    return otherwise if not end or end.isdigit() else end
