"""Loops as `for` statements, and the variable that carries the channels through them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.merged import MergedLoop
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.python import (
    PyAssign,
    PyBlock,
    PyCall,
    PyCode,
    PyExpression,
    PyFor,
    PyIf,
    PyName,
    Targets,
)
from archdsl.backends.torch.rows import Row
from archdsl.backends.torch.writer import Writer
from archdsl.provenance import Operation, Symbol, Term
from archdsl.tree import LoopNode, Variables

INDEX = PyName("turn")
"""Placeholder for a loop counter until it has a name."""


@dataclass
class Loops:
    """Writes the loops of a class."""

    writer: Writer

    def statement(self, node: MergedLoop, write: Callable[[], PyBlock]) -> PyBlock:
        """A `for` statement that carries its channels if its iterations change them."""
        before: PyBlock = ()
        if node.turn.carried:
            before = self.rebind({row: _before(loop) for row, loop in node.rows.items()})
        header = self.header(node)
        if node.turn.carried:
            self.writer.version = node.turn
        with self.turn(node):
            body = write()
            if node.turn.carried:
                body = (*body, *self.rebind(self._after_turn(node)))
                self.writer.version = node.exit
            if test := self.filter(node):
                body = (PyIf(test, body),)
        return (*before, PyFor(self.targets(node, *body), header, body)) if body else before

    def _after_turn(self, node: MergedLoop) -> dict[Row, Term]:
        turns = node.turn.frames
        return {row: row.iteration.output.breadth for row in turns if row.iteration is not None}

    def rebind(self, terms: Mapping[Row, Term]) -> PyBlock:
        """The statement that updates the variable `channels`; none if it is up to date."""
        writer = self.writer
        expression = writer.numbers.anti_unify(dict(terms), "in_channels", is_size=True)
        current = Symbol(writer.version.frame, "channels") if writer.version else None
        if expression == current:
            return ()
        operator, channels = "", PyName(writer.channels)
        match expression:
            case Operation("+" | "-" | "*" | "//" as sign, (first, *rest)) if first == current:
                expression = rest[0] if len(rest) == 1 else Operation(sign, tuple(rest))
                operator = sign
        return (PyAssign(channels, writer.translated(expression), operator=operator),)

    def header(self, node: MergedLoop) -> PyExpression:
        """The iterable of a loop."""
        return self.writer.iterable({row: loop.header for row, loop in node.rows.items()})

    def filter(self, node: MergedLoop) -> PyExpression | None:
        """The condition of a loop's iterations; None without one."""
        terms = {
            row: Term(True, loop.condition)
            for row, frame in node.turn.frames.items()
            if row.parent
            and (loop := node.rows[row.parent]).condition
            and loop.iterations[0].frame is frame
        }
        return self.writer.value(terms, "when") if terms else None

    def turn(self, node: MergedLoop) -> AbstractContextManager[None]:
        """Name the variables of a loop, for its body."""
        return self.writer.loop(node.turn, next(iter(node.rows.values())).names)

    def targets(self, node: MergedLoop, *body: PyCode) -> Targets:
        """The variables of a loop, `_` for those that its body does not read."""
        read = traversal.names_read(*body)

        def target(name: str | Variables) -> str | Targets:
            if not isinstance(name, str):
                parts = tuple(map(target, name))
                return "_" if {*parts} == {"_"} else parts
            variable = self.writer.loop_names[node.turn, name]
            return variable if variable in read else "_"

        names = next(iter(node.rows.values())).names
        return tuple(map(target, names)) or ("_",)


def _before(loop: LoopNode) -> Term:
    """The channels before a loop; after one without iterations they are the same."""
    first = loop.iterations[0].frame if loop.iterations else loop.exit
    channels = first.definitions["channels"]
    assert isinstance(channels, Term)
    return channels


def numbered(loop: PyFor, taken: set[str], is_named: bool) -> PyFor:
    """A loop over modules with a name for its counter; unless they are named, it must count."""
    counter = _counter(loop)
    index = counter or unused("i", taken | set(traversal.names_bound(loop.targets)))

    def with_name(code: PyCode) -> PyCode:
        return PyName(index) if code == INDEX else code

    loop = traversal.changed(loop, with_name)
    if is_named or counter:
        return loop
    match loop:
        case PyFor(("_",), PyCall(PyName("range"), (_,))):
            return replace(loop, targets=(index,))
    targets = (index, loop.targets if len(loop.targets) > 1 else loop.targets[0])
    return replace(loop, targets=targets, iterable=python.call("enumerate", loop.iterable))


def _counter(loop: PyFor) -> str:
    """The variable of a loop that counts its turns from 0, if it has one."""
    match loop:
        case PyFor((str(name),), PyCall(PyName("range"), (_,))) if name != "_":
            return name
    return ""
