"""Loops of `forward` that pass on several tensors, each in a variable of its own.

    a, b = self.mix(a, b)

is a turn; the variables begin as copies, which `copies.py` removes where nobody needs the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from archdsl.backends.torch import traversal
from archdsl.backends.torch.body import ForwardBody
from archdsl.backends.torch.merged import MergedLoop
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.python import PyAssign, PyDisplay, PyExpression, PyName, PyStatement
from archdsl.backends.torch.rows import Row, same
from archdsl.backends.torch.variables import NamedTensor, SeveralTensors, held, several
from archdsl.backends.torch.walk import several_results

Named = dict[Row, dict[str, int]]
"""By row the nodes of several tensors, by name."""


@dataclass
class SeveralLoop:
    """The variables of a loop, by the names of the tensors that they hold."""

    node: MergedLoop
    body: ForwardBody
    targets: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Give the variables what comes in, for the layers of every turn to find it there."""
        variables = self.body.variables
        entries = {row: dict(loop.entry) for row, loop in self.node.rows.items()}
        for name in same({row: tuple(entry) for row, entry in entries.items()}):
            self.sources[name] = variables.tensor(name, _of(name, entries))
            self.targets[name] = variables.new(variable_name(name))
        first = PyDisplay("bare", tuple(map(PyName, self.sources.values())))
        self.body.statements.append(_assigned(self.targets.values(), first))
        self._hold(self.targets, self._turns(before=True))

    def end_turn(self, result: SeveralTensors) -> None:
        """Keep what a turn gives for the next, at once where its last call gives just that."""
        made = {part.value.code: self.targets[part.name] for part in result.parts}
        match self.body.statements[-1:]:
            case [PyAssign(target=PyDisplay(items=items), value=value)] if (
                value is not None and {*items} == {*made} and len(items) == len(result.parts)
            ):
                self.body.variables.taken -= traversal.names_read(*items)
                self.body.statements[-1] = _assigned([made[item] for item in items], value)
                return
        given = PyDisplay("bare", tuple([part.value.code for part in result.parts]))
        targets = [self.targets[part.name] for part in result.parts]
        self.body.statements.append(_assigned(targets, given))

    def result(self) -> SeveralTensors:
        """What the last turn gives; the variables of what came in hold that again."""
        self._hold(self.targets, self._turns(before=False))
        self._hold(self.sources, {row: dict(loop.entry) for row, loop in self.node.rows.items()})
        last = {row: dict(several_results(loop)) for row, loop in self.node.rows.items()}
        parts = [
            NamedTensor(name, _of(name, last), held(target))
            for name, target in self.targets.items()
        ]
        return several(parts)

    def _hold(self, names: Mapping[str, str], nodes: Named) -> None:
        for name, variable in names.items():
            self.body.variables.hold(variable, _of(name, nodes))

    def _turns(self, *, before: bool) -> Named:
        """The tensors that come into every turn, or out of it."""
        found: Named = {}
        for row in self.node.turn.frames:
            assert row.parent is not None
            assert row.iteration is not None
            loop = self.node.rows[row.parent]
            given = [loop.entry, *[several_results(turn.child) for turn in loop.iterations]]
            turns = [id(turn) for turn in loop.iterations]
            found[row] = dict(given[turns.index(id(row.iteration)) + (not before)])
        return found


def _of(name: str, nodes: Named) -> dict[Row, int]:
    return {row: each[name] for row, each in nodes.items()}


def _assigned(names: Iterable[str], value: PyExpression) -> PyStatement:
    """The statement that gives several variables their values."""
    return PyAssign(PyDisplay("bare", tuple(map(PyName, names))), value)
