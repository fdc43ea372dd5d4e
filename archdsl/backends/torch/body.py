"""The statements of one `forward`, under construction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeGuard

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.python import (
    PyAssign,
    PyAttribute,
    PyBlock,
    PyCall,
    PyCode,
    PyExpression,
    PyName,
    PyOperation,
    PyStatement,
)
from archdsl.backends.torch.variables import Target, TensorExpression, Variables, held


@dataclass
class ForwardBody:
    """Statements, and the variables they assign.

    `target` is the variable of the current tensor, `heads` those of the results of heads; `merging`
    and `nesting` count the enclosing joins and indented blocks.
    """

    statements: list[PyStatement] = field(default_factory=list)
    target: Target = field(default_factory=lambda: Target("x"))
    variables: Variables = field(default_factory=Variables)
    heads: dict[str, str] = field(default_factory=dict)
    merging: int = 0
    nesting: int = 0
    declarations: list[PyStatement] = field(default_factory=list)
    """Variables of heads under a condition, to be declared before it."""

    def assign(self, value: TensorExpression) -> TensorExpression:
        """Assign a value to the target, and return the variable."""
        if value.nesting == 0:
            return value
        self.name_target()
        self.statements.append(self.assignment(value))
        if self.target.is_main and not self.merging:
            self.variables.release()
        return held(self.target.name)

    def name_target(self) -> None:
        """Give a branch a variable, once it needs one."""
        if not self.target.name:
            self.target.name = self.variables.for_branch()

    def called_once(
        self, then: PyExpression, otherwise: PyExpression
    ) -> tuple[PyExpression, PyExpression]:
        """The branches of a choice, with a variable for the longest expression that both have."""
        calls = [code for code in traversal.walk(then) if _calls_modules(code)]
        common = next((call for call in calls if call in traversal.walk(otherwise)), None)
        if common is None:
            return then, otherwise
        name = self.variables.for_branch()
        self.statements.append(python.assign(name, common))

        def named(code: PyCode) -> PyCode:
            return PyName(name) if code == common else code

        return traversal.changed(then, named), traversal.changed(otherwise, named)

    def head(self, label: str) -> str:
        """The variable of a head's result, declared if only a condition creates it."""
        if label not in self.heads:
            self.heads[label] = self.variables.new(variable_name(label))
            if self.nesting:
                self.declarations.append(declared_head(self.heads[label]))
        return self.heads[label]

    @contextmanager
    def nested(self) -> Iterator[list[PyStatement]]:
        """Collect the following statements in a separate block."""
        outer, self.statements = self.statements, []
        self.nesting += 1
        yield self.statements
        self.nesting -= 1
        self.statements = outer

    def assignment(self, value: TensorExpression) -> PyStatement:
        """The statement that stores a value in the target's variable."""
        return python.assign(self.target.name, value.code)

    def holds(self, value: TensorExpression) -> bool:
        """Whether the target's variable holds a value."""
        return value.code == PyName(self.target.name)

    def declare(self) -> None:
        """Declare the variables that a condition may leave unassigned."""
        if not self.nesting:
            self.statements += self.declarations
            self.declarations.clear()

    def ended(self, side: tuple[PyBlock, TensorExpression]) -> PyBlock:
        """The statements of a branch that store its result in the target's variable."""
        block, result = side
        self.name_target()
        return block if self.holds(result) else (*block, self.assignment(result))

    def choose(
        self, test: PyExpression, then: PyBlock, otherwise: PyBlock, value: TensorExpression
    ) -> None:
        """An `if` statement; `value` is its input."""
        unchanged = (self.assignment(value),)
        if unchanged in (then, otherwise):
            # A value that one branch does not change is assigned before the statement.
            self.statements += unchanged
            then = () if then == unchanged else then
            otherwise = () if otherwise == unchanged else otherwise
        self.statements += python.if_else(test, then, otherwise)


def _calls_modules(code: PyCode) -> TypeGuard[PyCall | PyOperation]:
    """Whether an expression is a call of a module, or an operation on the results of some."""
    match code:
        case PyCall(callee=PyAttribute(value=of)):
            return of == python.SELF
        case PyOperation(operands=operands):
            return any(map(_calls_modules, operands))
    return False


def declared_head(variable: str) -> PyStatement:
    """A head's result, which is `None` in evaluation."""
    kind = python.union([PyName("Tensor"), python.NONE])
    return PyAssign(PyName(variable), python.NONE, kind)
