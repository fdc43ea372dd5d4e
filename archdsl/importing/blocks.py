"""Blocks by anti-unification: calls of modules whose bodies differ in arguments alone are one block.

Scopes are taken from the inside out, so that the calls in a body are calls of known blocks, with
arguments that are columns as those of ops are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from archdsl.importing.composition import composed
from archdsl.importing.expressions import Columns, Parameter, Text
from archdsl.importing.labels import with_few_labels
from archdsl.importing.naming import parameter_name
from archdsl.importing.steps import Port, Scope
from archdsl.importing.terms import Term, filled, label, skeleton, values
from archdsl.ops import OPS


@dataclass(eq=False)
class Definition:
    """A block: its body with expressions for arguments, and the instances that it stands for."""

    kind: str
    scopes: list[Scope]
    bodies: list[Term]
    body: Term = Term("chain")
    parameters: list[Parameter] = field(default_factory=list)
    uses_channels: bool = False
    name: str = ""

    @property
    def inputs(self) -> list[str]:
        """The names of what comes in, where that is several tensors."""
        return self.scopes[0].input_names if len(self.scopes[0].inputs) > 1 else []

    @property
    def ordered(self) -> list[Parameter]:
        """The parameters, those with defaults last."""
        return sorted(self.parameters, key=lambda each: each.has_default)

    def given(self, scope: Scope) -> tuple[tuple[str, Any], ...]:
        """The arguments of the call that an instance is."""
        row = self.scopes.index(scope)
        return tuple([(each.name, each.column[row]) for each in self.ordered])


@dataclass
class Blocks:
    """All blocks of a model, the inner ones first, and the body of the model itself."""

    root: Scope
    heads: dict[str, Port]
    definitions: list[Definition] = field(default_factory=list)
    of_scope: dict[Scope, Definition] = field(default_factory=dict)
    body: Term = Term("chain")

    def find(self) -> None:
        """Find the blocks."""
        levels: dict[int, list[Scope]] = {}
        for scope in _scopes(self.root):
            if not is_inline(scope):
                levels.setdefault(_height(scope), []).append(scope)
        for height in sorted(levels):
            self._level(levels[height])
        self.body = self._written(self.root, self.heads)

    def _level(self, scopes: list[Scope]) -> None:
        """Blocks of scopes that only call what is known."""
        groups: dict[Any, Definition] = {}
        for scope in scopes:
            body = self._written(scope, {})
            key = (scope.kind, skeleton(body), len(scope.inputs), _layout(scope))
            group = groups.setdefault(key, Definition(scope.kind, [], []))
            group.scopes.append(scope)
            group.bodies.append(body)
        for definition in groups.values():
            solve(definition)
            self.definitions.append(definition)
            self.of_scope |= dict.fromkeys(definition.scopes, definition)

    def _written(self, scope: Scope, heads: dict[str, Port]) -> Term:
        body = with_few_labels(composed(scope, heads))
        return self._called(body)

    def _called(self, term: Term) -> Term:
        """A body whose calls are those of blocks; plain containers are written where they are."""
        if term.kind == "label" and term.parts[0].kind == "call" and is_inline(term.parts[0].head):
            return label(term.head, self._written(term.parts[0].head, {}))
        if term.kind == "call":
            scope: Scope = term.head
            if is_inline(scope):
                return self._written(scope, {})
            definition = self.of_scope[scope]
            return Term("call", definition, (), definition.given(scope))
        return term.with_parts(self._called)


def is_inline(scope: Scope) -> bool:
    """Whether a scope is no block: a plain container is written where it stands."""
    return scope.is_container and scope.kind == "Sequential"


def _scopes(scope: Scope) -> Iterator[Scope]:
    """The scopes in a scope, from the inside out, in the order in which they run."""
    for step in scope.steps:
        if step.scope is not None:
            yield from _scopes(step.scope)
            yield step.scope


def _height(scope: Scope) -> int:
    inner = [_height(step.scope) for step in scope.steps if step.scope is not None]
    own = 0 if is_inline(scope) else 1
    return own + max(inner, default=0)


def _layout(scope: Scope) -> tuple[bool, ...]:
    return tuple([step.port.type.is_last for step in scope.inputs])


def solve(definition: Definition) -> None:
    """Find the parameters of a block, and the expressions in its body."""
    first = definition.bodies[0]
    rows = [values(body) for body in definition.bodies]
    arguments = [each for term in first.walk() for each in _described(term)]
    columns = Columns(_channels(definition), lambda a, c: parameter_name(definition, a, c, known))
    known: list[Parameter] = columns.parameters
    expressions = [
        columns.expression(name, tuple([row[place] for row in rows]), has_default)
        for place, (name, has_default) in enumerate(arguments)
    ]
    definition.body = filled(first, iter(expressions))
    definition.parameters = columns.parameters
    definition.uses_channels = columns.uses_channels


def _channels(definition: Definition) -> tuple[Any, ...]:
    return tuple(
        [scope.inputs[0].port.type.breadth if scope.inputs else 0 for scope in definition.scopes]
    )


def _described(term: Term) -> Iterator[tuple[str, bool]]:
    """The name of every argument of a term, and whether it may be left out."""
    if term.kind == "call":
        optional = {each.name for each in term.head.parameters if each.has_default}
        yield from [(name, name in optional) for name, _ in term.arguments]
    elif term.head in OPS:
        defaults = OPS[term.head].defaults()
        yield from [(name, name in defaults) for name, _ in term.arguments]
    else:
        yield from [(name, True) for name, _ in term.arguments]


def is_expression(value: object) -> bool:
    """Whether an argument is text of the language."""
    return isinstance(value, Text)


def renamed(parameter: Parameter, name: str) -> Parameter:
    """A parameter with another name."""
    return replace(parameter, name=name)
