"""Blocks by anti-unification: modules whose bodies differ in arguments alone are one block.

Scopes are taken from the inside out, so that the calls in a body are calls of known blocks, with
arguments that are columns as those of ops are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import networkx as nx

from archdsl.importing.composition import composed
from archdsl.importing.definitions import Definition
from archdsl.importing.expressions import SIZES, Columns, Parameter, Place, agree
from archdsl.importing.labels import has_labels, with_few_labels
from archdsl.importing.library import known
from archdsl.importing.loops import with_loops
from archdsl.importing.naming import parameter_name, snake
from archdsl.importing.prefixes import with_prefixes
from archdsl.importing.rates import rate_of
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.terms import IDENTITY, PREFIX, Term, filled, label, skeleton, values
from archdsl.importing.variants import merged
from archdsl.ops import OPS

PRELUDE_NAMES = {"residual"}
"""Blocks of the library that printed bodies may call."""
STACK = "Stack"
"""The class of blocks that are plain containers."""


Merging: TypeAlias = Literal["variants", "arguments", "copies"]
"""What becomes one block: variants too, what differs in arguments alone, or only what is equal."""


@dataclass
class Blocks:
    """All blocks of a model, the inner ones first, and the body of the model itself."""

    root: Scope
    heads: dict[str, Port]
    merging: Merging = "variants"
    definitions: list[Definition] = field(default_factory=list)
    of_scope: dict[Scope, Definition] = field(default_factory=dict)
    body: Term = IDENTITY

    def find(self) -> None:
        """Find the blocks."""
        self.stacks = {*_stacks(self.root)}
        self.rate = rate_of([step.op.p for step in self.root.all_steps() if _drops(step)])  # type: ignore[union-attr]
        levels: dict[int, list[Scope]] = {}
        scopes = [scope for scope in _scopes(self.root) if not self.is_inline(scope)]
        heights = _heights(self, scopes)
        for scope in scopes:
            levels.setdefault(heights[scope], []).append(scope)
        for height in sorted(levels):
            self._level(levels[height])
        self.body = self._written(self.root, self.heads)
        self.definitions = _called_by(self.body, self.definitions)

    def is_inline(self, scope: Scope) -> bool:
        """Whether a scope is no block: a plain container is written where it stands.

        In a container that numbers its children it has no label there, so it is a block.
        """
        return scope.is_container and scope.kind == "Sequential" and scope not in self.stacks

    def kind(self, scope: Scope) -> str:
        """The class of the block that a scope is one of."""
        return STACK if scope in self.stacks else scope.kind

    def _level(self, scopes: list[Scope]) -> None:
        """Blocks of scopes that only call what is known."""
        groups: dict[Any, Definition] = {}
        for scope, body in self._bodies(scopes):
            form: Any = skeleton(body) if self.merging != "copies" else body
            key = (self.kind(scope), form, len(scope.inputs), _layout(scope))
            group = groups.setdefault(key, Definition(self.kind(scope), [], []))
            group.scopes.append(scope)
            group.bodies.append(body)
        names = {snake(self.kind(each)) for each in _scopes(self.root)} | PRELUDE_NAMES
        several = [*groups.values()]
        for each in with_variants(several) if self.merging == "variants" else several:
            solve(each, names)
            definition = known(each, self._call) or each
            self.definitions.append(definition)
            self.of_scope |= dict.fromkeys(definition.scopes, definition)

    def _bodies(self, scopes: list[Scope]) -> Iterator[tuple[Scope, Term]]:
        """The bodies of scopes, those of a class together."""
        of_kind: dict[str, list[Scope]] = {}
        for scope in scopes:
            of_kind.setdefault(self.kind(scope), []).append(scope)
        for several in of_kind.values():
            bodies = [self._written(scope, {}) for scope in several]
            yield from zip(several, with_prefixes(bodies), strict=True)

    def _call(self, scope: Scope) -> Term:
        definition = self.of_scope[scope]
        return Term("call", definition, (), definition.given(scope))

    def _written(self, scope: Scope, heads: dict[str, Port]) -> Term:
        body = with_few_labels(composed(scope, heads))
        if scope in self.stacks and body.kind == "label":
            # Beside stacks of several layers it is one of them, which has no label there.
            body = body.parts[0]
        return with_loops(self._called(body), self.rate)

    def _shared(self, layer: Term) -> Term:
        """A layer that is shared; a plain container is written where it gets its name."""
        if layer.kind == "call" and self.is_inline(layer.head):
            return self._written(layer.head, {})
        return self._called(layer)

    def _called(self, term: Term) -> Term:
        """A body whose calls are those of blocks; plain containers are written where they are."""
        if term.kind == "label" and term.parts[0].kind == "call":
            scope: Scope = term.parts[0].head
            if self.is_inline(scope):
                return label(term.head, self._written(scope, {}))
        if term.kind == "share":
            *layers, body = term.parts
            parts = [self._shared(layer) for layer in layers]
            return Term("share", term.head, (*parts, self._called(body)))
        if term.kind == "call" and self.is_inline(term.head):
            # Without weights it needs no label, and is written where it stands.
            return self._written(term.head, {})
        if term.kind == "call":
            return self._call(term.head)
        return term.with_parts(self._called)


def _stacks(scope: Scope) -> Iterator[Scope]:
    """Plain containers among the children of a container, which have numbers for labels."""
    for step in scope.steps:
        inner = step.scope
        if inner is None:
            continue
        yield from _stacks(inner)
        is_numbered = step.path.rpartition(".")[2].isdigit()
        if inner.is_container and inner.kind == "Sequential" and is_numbered:
            yield inner


def _scopes(scope: Scope) -> Iterator[Scope]:
    """The scopes in a scope, from the inside out, in the order in which they run."""
    for step in scope.steps:
        if step.scope is not None:
            yield from _scopes(step.scope)
            yield step.scope


def _heights(blocks: Blocks, scopes: list[Scope]) -> dict[Scope, int]:
    """How deep calls are nested in every scope, the same for all of a class where that can be.

    So variants of a class are found together, one of which may call what another does not.
    """
    calls: nx.DiGraph[str] = nx.DiGraph()
    for scope in scopes:
        calls.add_node(blocks.kind(scope))
        for inner in _scopes(scope):
            if not blocks.is_inline(inner):
                calls.add_edge(blocks.kind(inner), blocks.kind(scope))
    if nx.is_directed_acyclic_graph(calls):
        generations = enumerate(nx.topological_generations(calls))
        of_kind = {kind: height for height, kinds in generations for kind in kinds}
        return {scope: of_kind[blocks.kind(scope)] for scope in scopes}
    return {scope: _height(scope) for scope in scopes}


def _height(scope: Scope) -> int:
    inner = [_height(step.scope) for step in scope.steps if step.scope is not None]
    return 1 + max(inner, default=0)


def _layout(scope: Scope) -> tuple[bool, ...]:
    return tuple([step.port.type.is_last for step in scope.inputs])


def _called_by(body: Term, definitions: list[Definition]) -> list[Definition]:
    """The blocks that are called, in the order in which they were found."""
    wanted: set[int] = set()
    waiting = [body]
    while waiting:
        for term in waiting.pop().walk():
            if term.kind == "call" and id(term.head) not in wanted:
                wanted.add(id(term.head))
                waiting.append(term.head.body)
    return [each for each in definitions if id(each) in wanted]


def with_variants(definitions: list[Definition]) -> list[Definition]:
    """Definitions of one class as one, where they have a common form."""
    found: list[Definition] = []
    for definition in sorted(definitions, key=lambda each: -len(each.scopes)):
        for place, other in enumerate(found):
            joined = _joined(other, definition)
            if joined is not None:
                found[place] = joined
                break
        else:
            found.append(definition)
    return [*sorted(found, key=lambda each: definitions.index(each) if each in definitions else 0)]


def _joined(one: Definition, other: Definition) -> Definition | None:
    """One definition for the instances of two."""
    if one.kind != other.kind or _form_of(one) != _form_of(other):
        return None
    if {*map(has_labels, (*one.bodies, *other.bodies))} >= {True, False}:
        # A label anywhere in a scope changes the names of all layers without one.
        return None
    first = [merged(body, other.bodies[0]) for body in one.bodies]
    second = [merged(one.bodies[0], body) for body in other.bodies]
    if None in first or None in second:
        return None
    bodies = [pair[0] for pair in first if pair] + [pair[1] for pair in second if pair]
    if len({skeleton(body) for body in bodies}) != 1:
        return None
    return Definition(one.kind, [*one.scopes, *other.scopes], bodies)


def _form_of(definition: Definition) -> Any:
    scope = definition.scopes[0]
    return len(scope.inputs), len(scope.results), _layout(scope)


def solve(definition: Definition, blocks: set[str]) -> None:
    """Find the parameters of a block, and the expressions in its body.

    No parameter may have the name of one of the `blocks`.
    """
    first = definition.bodies[0]
    rows = [values(body) for body in definition.bodies]
    known: list[Parameter] = []

    def taken() -> set[str]:
        return {each.name for each in known} | blocks

    settings = [scope.settings for scope in definition.scopes]
    results = _channels([scope.results for scope in definition.scopes])
    columns = Columns(
        _channels([[step.port for step in scope.inputs] for scope in definition.scopes]),
        results,
        lambda name, column: parameter_name(
            settings, name, column, taken(), agree(column, results)
        ),
        known,
    )
    places = [place for term in first.walk() for place in _places(term)]
    found = columns.expressions(places, [*zip(*rows, strict=True)])
    definition.body = filled(first, iter(found))
    if definition.kind == STACK and definition.body.kind in ("op", "call"):
        definition.body = label("0", definition.body)
    definition.parameters = columns.parameters
    definition.uses_channels = columns.uses_channels
    definition.result = columns.result() if columns.uses_channels else None


def _drops(step: Step) -> bool:
    return step.op is not None and step.op.name == "drop_path"


def _hint(term: Term) -> str:
    """What a condition is called that says whether a layer is there."""
    if term.kind == "call":
        return f"has_{snake(term.head.kind)}"
    return str(term.head) if term.kind == "label" and str(term.head).isidentifier() else ""


def _channels(ports: list[list[Port]]) -> tuple[Any, ...]:
    """The channels of the first of some tensors, in every instance."""
    return tuple([several[0].type.breadth if several else 0 for several in ports])


def _places(term: Term) -> Iterator[Place]:
    """What is known of the arguments of a term."""
    if term.kind == "call":
        known = {each.name: each for each in term.head.parameters}
        for name, _ in term.arguments:
            yield Place(name, known[name].has_default, known[name].is_size)
    elif term.head in OPS and term.kind in ("op", "join"):
        defaults = OPS[term.head].defaults()
        for name, _ in term.arguments:
            yield Place(name, name in defaults, name in SIZES)
    else:
        hint = next((_hint(each) for each in term.walk() if _hint(each)), "")
        for name, _ in term.arguments:
            yield Place(name, name not in ("n", "rows", PREFIX), hint=hint)
