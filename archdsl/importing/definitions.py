"""Blocks of a text: what each is called, its parameters, and the modules that it stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archdsl.importing.expressions import Parameter
from archdsl.importing.steps import Scope
from archdsl.importing.terms import ABSENT, IDENTITY, Term


@dataclass(eq=False)
class Definition:
    """A block: its body with expressions for arguments, and the instances that it stands for."""

    kind: str
    scopes: list[Scope]
    bodies: list[Term]
    body: Term = IDENTITY
    parameters: list[Parameter] = field(default_factory=list)
    uses_channels: bool = False
    result: str | None = None
    """The channels that go out, as an expression, where that is known."""
    name: str = ""
    is_library: bool = False
    """The library has it under this name, so the text does not declare it."""

    @property
    def ordered(self) -> list[Parameter]:
        """The parameters, those with defaults last."""
        return sorted(self.parameters, key=lambda each: each.has_default)

    def given(self, scope: Scope) -> tuple[tuple[str, Any], ...]:
        """The arguments of the call that an instance is."""
        row = self.scopes.index(scope)
        values = [(each, each.column[row]) for each in self.ordered]
        # What an instance has no place for is of no matter there.
        return tuple([(p.name, p.default if value is ABSENT else value) for p, value in values])
