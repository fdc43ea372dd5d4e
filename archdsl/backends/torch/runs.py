"""Modules of one list that are called one after another, in `forward`, as a loop over its part.

Of `x = self.layers[1](x)`, `x = self.layers[2](x)` and `x = self.layers[3](x)` it makes
`for layer in self.layers[1:4]:` with `x = layer(x)`.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.python import (
    PyArgument,
    PyAssign,
    PyBlock,
    PyCall,
    PyConstant,
    PyExpression,
    PyFor,
    PyName,
    PySlice,
    PyStatement,
    PySubscript,
)

LEAST = 3
"""The calls that are shorter as a loop."""


@dataclass(frozen=True)
class _Step:
    """`tensor = modules[index](tensor)`."""

    tensor: PyName
    modules: PyExpression
    index: int

    @property
    def next(self) -> _Step:
        """The call of the module behind."""
        return replace(self, index=self.index + 1)


def with_runs_as_loops(block: PyBlock, taken: Set[str]) -> PyBlock:
    """The statements with a loop for every run of calls; `taken` are other variables."""
    name = unused("layer", {*taken, *traversal.names_read(*block)})
    result: list[PyStatement] = []
    waiting = [*block]
    while waiting:
        run = _run(waiting)
        result += [_loop(run, name)] if len(run) >= LEAST else waiting[: len(run) or 1]
        del waiting[: len(run) or 1]
    return tuple(result)


def _run(statements: Sequence[PyStatement]) -> list[_Step]:
    """The steps that the statements begin with, each of the module behind the one before."""
    result: list[_Step] = []
    for step in map(_step, statements):
        if step is None or (result and step != result[-1].next):
            break
        result.append(step)
    return result


def _step(statement: PyStatement) -> _Step | None:
    match statement:
        case PyAssign(
            PyName() as target,
            PyCall(PySubscript(modules, PyConstant(int(index))), (PyArgument(value, ""),)),
            None,
            "",
        ) if value == target:
            return _Step(target, modules, index)
    return None


def _loop(run: Sequence[_Step], name: str) -> PyFor:
    first = run[0]
    start = PyConstant(first.index) if first.index else None
    part = PySlice(start, PyConstant(run[-1].index + 1))
    called = python.assign(first.tensor.id, PyCall(PyName(name), (PyArgument(first.tensor),)))
    return PyFor((name,), PySubscript(first.modules, part), (called,))
