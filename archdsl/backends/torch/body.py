"""The statements of one `forward` while they come about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from archdsl.backends.torch.layout import Block, else_
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.variables import Target, Value, Variables


@dataclass
class Body:
    """Statements, and the variables that they assign to.

    `target` is the variable of the tensor on its way, `heads` those of the results of heads;
    `merging` and `nesting` count the joins and the indented blocks around what is written.
    """

    statements: list[str | Block] = field(default_factory=list)
    target: Target = field(default_factory=lambda: Target("x"))
    variables: Variables = field(default_factory=Variables)
    heads: dict[str, str] = field(default_factory=dict)
    merging: int = 0
    nesting: int = 0
    declarations: list[str] = field(default_factory=list)
    """Variables of heads under a condition, to be declared before it."""

    def assign(self, value: Value) -> Value:
        """The value in a variable."""
        if value.nesting == 0:
            return value
        self.name_target()
        self.statements.append(f"{self.target.name} = {value.text}")
        if self.target.is_main and not self.merging:
            self.variables.release()
        return Value(self.target.name, makers=value.makers)

    def name_target(self) -> None:
        """Give a branch the variable that it needs now."""
        if not self.target.name:
            self.target.name = self.variables.for_branch("out")

    def head(self, label: str) -> str:
        """The variable of a head's result, declared where only a condition makes it."""
        if label not in self.heads:
            self.heads[label] = self.variables.new(variable_name(label))
            if self.nesting:
                self.declarations.append(f"{self.heads[label]}: Tensor | None = None")
        return self.heads[label]

    @contextmanager
    def nested(self) -> Iterator[list[str | Block]]:
        """A block of its own for the statements to come."""
        outer, self.statements = self.statements, []
        self.nesting += 1
        yield self.statements
        self.nesting -= 1
        self.statements = outer

    def assignment(self, value: Value) -> str:
        """The statement that leaves a value in the target's variable."""
        return f"{self.target.name} = {value.text}"

    def declare(self) -> None:
        """Declare what a condition may leave without a value."""
        if not self.nesting:
            self.statements += self.declarations
            self.declarations.clear()

    def ended(self, side: tuple[list[str | Block], Value]) -> list[str | Block]:
        """The statements of a side that leave its result in the target's variable."""
        block, result = side
        self.name_target()
        return block if result.text == self.target.name else [*block, self.assignment(result)]

    def choose(
        self, test: str, then: list[str | Block], otherwise: list[str | Block], value: Value
    ) -> None:
        """An `if` statement; `value` is what comes in."""
        unchanged = [self.assignment(value)]
        if unchanged in (then, otherwise):
            # What one side leaves as it is stands before the statement.
            self.statements += unchanged
            then = [] if then == unchanged else then
            otherwise = [] if otherwise == unchanged else otherwise
        if not then:
            test, then, otherwise = f"not {test}", otherwise, []
        self.statements += [f"if {test}:", then, *else_(otherwise)]
