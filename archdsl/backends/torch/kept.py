"""What a constructor keeps for `forward` besides modules: conditions as flags, and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.access import Access
from archdsl.backends.torch.calls import named_arguments
from archdsl.backends.torch.merged import (
    Merged,
    MergedCall,
    MergedCondition,
    MergedOp,
    MergedSequence,
    links,
)
from archdsl.backends.torch.names import attribute_name, unused, variable_name
from archdsl.backends.torch.python import (
    PyArgument,
    PyAssign,
    PyAttribute,
    PyCall,
    PyChoice,
    PyCode,
    PyConstant,
    PyDisplay,
    PyExpression,
    PyName,
    PyOperation,
    PyStatement,
)
from archdsl.backends.torch.rows import Row, Unprintable
from archdsl.backends.torch.writer import Writer
from archdsl.ops.forms import TorchCall

Tests: TypeAlias = tuple[PyExpression, ...]
"""Conditions that are all met."""


@dataclass
class Kept:
    """The attributes of a class that hold conditions and numbers.

    `flags` maps every kept condition to its attribute, `numbers` every number.
    """

    writer: Writer
    access: Access
    flags: dict[tuple[Tests, PyExpression], PyAttribute] = field(default_factory=dict)
    numbers: dict[PyExpression, PyAttribute] = field(default_factory=dict)
    statements: list[PyStatement] = field(default_factory=list)
    tests: Tests = ()
    """The conditions around the code being written; kept values are assigned outside them."""

    @contextmanager
    def under(self, test: PyExpression) -> Iterator[None]:
        """Write code that is under a condition."""
        outer, self.tests = self.tests, (*self.tests, test)
        yield
        self.tests = outer

    def flag(self, node: MergedCondition, test: PyExpression) -> PyExpression:
        """The condition of an `if` as read in `forward`: an attribute, or its negation.

        The attribute is named after a submodule that exists only under this condition. Raises
        `Unprintable` for a condition on the turn of a loop, which a class has no attribute for.
        """
        if traversal.names_read(test) & {*self.writer.loop_names.values()}:
            raise Unprintable("a condition on the turn of a loop over children")
        around = self.tests if traversal.can_fail(test) else ()
        contrary = python.negated(test)
        if (around, test) in self.flags:
            return self.flags[around, test]
        if (around, contrary) in self.flags:
            return python.negated(self.flags[around, contrary])
        then, otherwise = (self.access.labels(side) for side in (node.then, node.otherwise))
        labels = [label for label in then if label not in otherwise]
        others = [label for label in otherwise if label not in then]
        is_negated = not labels and bool(others)
        name = next(iter([*labels, *others]), "")
        wanted = f"has_{name}" if name.isidentifier() else purpose(node, test)
        condition = contrary if is_negated else test
        # A condition that may fail is false unless its guard is true.
        attribute = self._keep(wanted, python.conjunction([*around, condition]))
        self.flags[around, condition] = attribute
        return python.negated(attribute) if is_negated else attribute

    def arguments(self, node: MergedOp, calls: Mapping[Row, TorchCall]) -> Sequence[PyArgument]:
        """The arguments of an op in `forward`; computed ones are kept in attributes."""
        writer = self.writer
        before, writer.used = writer.used, {}
        found = named_arguments(writer, node, calls)
        names = [*writer.used, *[fresh.name for fresh in writer.numbers.fresh.all]]
        writer.used = before | writer.used
        return [self._kept(name, argument, names) for name, argument in found]

    def turns(self, iterable: PyExpression) -> PyExpression:
        """The iterable of a loop in `forward`; what it reads of the constructor is kept."""
        names = [*self.writer.used, *[fresh.name for fresh in self.writer.numbers.fresh.all]]
        match iterable:
            case PyCall(callee=PyName("range"), arguments=(count,)):
                return PyCall(iterable.callee, (self._kept("count", count, names),))
        return self._kept("items", PyArgument(iterable), names).value

    def _kept(self, name: str, argument: PyArgument, names: Iterable[str]) -> PyArgument:
        """An argument whose numbers are read from attributes instead of the constructor's names."""
        value = argument.value
        variables = set(map(variable_name, names))
        if not variables & traversal.names_read(value):
            return argument
        if (one := _only_name(value)) and one in variables:
            kept = self._kept(one, PyArgument(PyName(one)), names).value
            return replace(argument, value=traversal.changed(value, _renamed(one, kept)))
        if self.tests and traversal.can_fail(value):
            value = PyChoice(python.conjunction(self.tests), value, _nothing(value))
        if value not in self.numbers:
            own = value.id if isinstance(value, PyName) else ""
            wanted = own if own in variables else name
            self.numbers[value] = self._keep(attribute_name(wanted), value)
        return replace(argument, value=self.numbers[value])

    def _keep(self, wanted: str, value: PyExpression) -> PyAttribute:
        name = unused(wanted, self.access.taken)
        self.access.taken.add(name)
        attribute = PyAttribute(python.SELF, name)
        self.statements.append(PyAssign(attribute, value))
        return attribute


def _only_name(value: PyExpression) -> str:
    """The name of which a tuple has nothing but copies: `shift` of `(-shift, -shift)`."""
    if not isinstance(value, PyDisplay):
        return ""
    items = [
        item.operands[0] if isinstance(item, PyOperation) and item.operator == "neg" else item
        for item in value.items
    ]
    names = {item.id if isinstance(item, PyName) else "" for item in items}
    return names.pop() if len(names) == 1 else ""


def _renamed(name: str, code: PyExpression) -> Callable[[PyCode], PyCode]:
    return lambda each: code if each == PyName(name) else each


def _nothing(value: PyExpression) -> PyExpression:
    """A stand-in for a number or numbers that no code reads."""
    match value:
        case PyDisplay(kind=kind, items=items):
            return PyDisplay(kind, tuple(map(_nothing, items)))
        case PyCall(callee=PyName("float")):
            return PyConstant(0.0)
    return PyConstant(0)


def purpose(node: MergedCondition, test: PyExpression) -> str:
    """The purpose of a condition: the parameter it is, a residual, or an op in one branch only."""
    if isinstance(test, PyName):
        return attribute_name(test.id)
    sides = [list(links(side)) if side is not None else [] for side in (node.then, node.otherwise)]
    then, otherwise = ([*dict.fromkeys(map(_deed, side))] for side in sides)
    alone = [deed for deed in then if deed not in otherwise] or [
        deed for deed in otherwise if deed not in then
    ]
    return f"use_{alone[0]}" if alone and alone[0] else "condition"


def _deed(node: Merged) -> str:
    match node:
        case MergedOp(rows=rows, branches=[_, *_]) if next(iter(rows.values())).op.name == "add":
            return "residual"
        case MergedOp(rows=ops):
            return next(iter(ops.values())).op.name
        case MergedCall(family=family):
            return family.block.name
        case MergedCondition(then=then, otherwise=otherwise):
            return next((_deed(side) for side in (then, otherwise) if side is not None), "")
        case MergedSequence(children=[first, *_]):
            return _deed(first)
    return ""
