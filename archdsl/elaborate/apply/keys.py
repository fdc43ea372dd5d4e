"""What the application of a block depends on, as a value.

The body of a block sees the sizes at its entry, its parameters, and the declarations that it can
name. Numbers that come in through parameters are symbols of its own frame, so it does not see how
they were computed; in a key, that frame is `ENTRY`. Of its callers' symbols it sees only which are
the same, so in a key they are numbered. So are the places in its callers' texts of the layers that
it is given: nodes have them, and a replay puts others in their stead.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache

from archdsl.arithmetic import Value
from archdsl.elaborate.namespaces import Namespace
from archdsl.elaborate.patterns import Pattern
from archdsl.elaborate.reach import Declared
from archdsl.elaborate.scope import Body, Session
from archdsl.elaborate.tensors import Flow, Tensor, parts_of
from archdsl.elaborate.values import (
    Anything,
    Applicable,
    BlockCallee,
    Bound,
    Broken,
    Builtin,
    Callee,
    ChainLayer,
    ConditionalLayer,
    Datum,
    Features,
    Items,
    OpCallee,
    RepeatLayer,
    Spliced,
    Station,
)
from archdsl.ops.parameters import Initializer
from archdsl.provenance import Expression, Frame, Literal, Symbol, Term
from archdsl.records import record
from archdsl.source import Source, Span
from archdsl.syntax import ast

ENTRY, CALLERS = Frame("entry"), Frame("callers")


@lru_cache(maxsize=10_000)
def _standing(frame: Frame, name: str) -> Symbol:
    """The symbol that stands in keys: one object for equal ones, which are found faster."""
    return Symbol(frame, name)


class Unshared(Exception):
    """An application depends on more than its arguments, or does more than make nodes."""


@record
class ApplicationKey:
    """What an application depends on; and in order the symbols and sites of its callers."""

    content: Hashable
    foreign: tuple[Symbol, ...]
    sites: tuple[Span, ...]


def key_of(
    callee: BlockCallee, body: Body, names: Mapping[str, Datum], entry: Flow, kind: Hashable
) -> ApplicationKey | None:
    """The key of an application.

    `kind` is whether its nodes are for training alone, and whether they are there again. None for
    one that cannot be shared: if a layer among its arguments has labels or reads some, they are its
    caller's.
    """
    tensors = parts_of(entry)
    described = _Described(body.session, body.frame)
    try:
        given = tuple([(name, described.datum(datum)) for name, datum in names.items()])
    except Unshared:
        return None
    sizes = tuple([_sizes(described, each) for each in tensors.values()])
    nodes = [each.node for each in tensors.values()]
    # Inputs may be one tensor, or different ones.
    entries = tuple(parts_of(entry)), tuple(sizes), tuple([nodes.index(node) for node in nodes])
    text = described.declared(callee.declaration, callee.namespace)
    is_root = not body.instance.path
    content = text, entries, given, kind, is_root, described.places()
    return ApplicationKey(content, tuple(described.foreign), tuple(described.sites))


def call_start(callee: BlockCallee, body: Body, entry: Flow) -> Hashable:
    """What tells most calls apart at little cost; None for one that cannot be shared.

    That is one that is applied to several tensors, or to one of unknown shape.
    """
    if not body.network.shares or not isinstance(entry, Tensor) or entry.sizes is None:
        return None
    text = body.session.reach.of(callee.declaration, callee.namespace)
    return text, tuple([size.value for size in entry.sizes.parts])


def call_key(
    layer: Applicable, callee: BlockCallee, body: Body, entry: Flow, kind: Hashable
) -> ApplicationKey | None:
    """The key of a call as the `body` with it sees it: no parameter has its value yet.

    What it depends on is what it gives, and the sizes that it is applied to. None for a call whose
    arguments have labels, or read some.
    """
    assert isinstance(entry, Tensor)
    described = _Described(body.session, ENTRY)
    try:
        given = described.bounds(layer.bindings), described.bounds(layer.defaults)
    except Unshared:
        return None
    text = described.declared(callee.declaration, callee.namespace)
    content = "call", text, _sizes(described, entry), given, kind, described.places()
    return ApplicationKey(content, tuple(described.foreign), tuple(described.sites))


def _sizes(described: _Described, tensor: Tensor) -> Hashable:
    return None if tensor.sizes is None else tensor.sizes.map(described.term)


class _Described:
    """Values as parts of a key, for a body with a frame."""

    def __init__(self, session: Session, frame: Frame) -> None:
        self.session, self.frame = session, frame
        self.foreign: dict[Symbol, Symbol] = {}
        """The symbols of other frames, each with what stands for it."""
        self.sites: dict[Span, int] = {}
        """Where layers among the arguments are written, each with its number."""
        self.texts: list[tuple[Declared, Namespace]] = []
        """The declarations whose texts are read where the block is applied."""

    def datum(self, datum: Datum) -> Hashable:
        """A value; raises `Unshared`."""
        match datum:
            case Term():
                return self.term(datum)
            case Applicable():
                return self._applicable(datum)
            case Spliced(layer=layer, site=site):
                return Spliced, self.datum(layer), self.site(site)
            case ChainLayer(links=links, site=site, is_call=is_call):
                return ChainLayer, self._all(links), self.site(site), is_call
            case RepeatLayer(count=count, layer=layer, site=site):
                return RepeatLayer, self.term(count), self.datum(layer), self.site(site)
            case ConditionalLayer(taken=taken, layer=layer, site=site, hides_label=hides_label):
                inner = self.datum(layer)
                return ConditionalLayer, taken, inner, self.site(site), hides_label
            case Items(items=items, site=site):
                return Items, self._all(items), self.site(site)
            case Station(pattern=pattern, site=site):
                return Station, self._pattern(pattern), self.site(site)
            case Features(pattern=pattern, site=site):
                return Features, self._pattern(pattern), self.site(site)
            case Initializer(expressions=expressions):
                return datum, tuple([(k, self.expression(v)) for k, v in expressions.items()])
            case Builtin(name=name):
                return Builtin, name
            case Anything(is_rest=is_rest):
                return Anything, is_rest
            case Broken():
                return Broken
        raise Unshared

    def _all(self, data: tuple[Datum, ...]) -> Hashable:
        return tuple([self.datum(each) for each in data])

    def _applicable(self, layer: Applicable) -> Hashable:
        return (
            self._callee(layer.callee),
            self.bounds(layer.bindings),
            self.bounds(layer.defaults),
            self.site(layer.site),
            self._all(layer.branches),
        )

    def _callee(self, callee: Callee) -> Hashable:
        if isinstance(callee, OpCallee):
            return callee
        if isinstance(callee.declaration, ast.Binding):
            # A function of a body sees the names of that body.
            raise Unshared
        return self.declared(callee.declaration, callee.namespace)

    def bounds(self, bounds: Mapping[str, Bound]) -> Hashable:
        """Arguments; whether a call is in PyTorch's order is seen by how they are written."""
        return tuple([(k, self.datum(b.datum), _written(b.argument)) for k, b in bounds.items()])

    def _pattern(self, pattern: Pattern) -> Hashable:
        parts = pattern.parts
        seen = [self.term(part) if isinstance(part, Term) else part for part in parts]
        return pattern.is_last, pattern.is_counted, *seen

    def declared(self, declaration: Declared, space: Namespace) -> int:
        """A declaration that is reached, with all that it reaches."""
        self.texts.append((declaration, space))
        return self.session.reach.of(declaration, space)

    def site(self, site: Span) -> int:
        """The number of a place in a text."""
        return self.sites.setdefault(site, len(self.sites))

    def places(self) -> Hashable:
        """The sites, as far as they count: those in texts that are reached are as they are.

        Nodes that are written there may have them too. What is in the library gets no notes.
        """
        reach = self.session.reach
        texts = [reach.text(*each) for each in dict.fromkeys(self.texts)]
        return tuple([s if _is_inside(s, texts) else s.source.is_library for s in self.sites])

    def term(self, term: Term) -> Hashable:
        """A number with its expression."""
        return _typed(term.value), self.expression(term.expression)

    def expression(self, expression: Expression) -> Hashable:
        """An expression in terms of `ENTRY`."""
        match expression:
            case Literal():
                return expression
            case Symbol(frame, name):
                return _standing(ENTRY, name) if frame is self.frame else self._numbered(expression)
            case _:
                return expression.form, tuple(map(self.expression, expression.symbols))

    def _numbered(self, symbol: Symbol) -> Symbol:
        """What stands for a symbol of another frame; an op's own have none."""
        if symbol.frame is None:
            return symbol
        known = self.foreign.get(symbol)
        if known is None:
            known = self.foreign[symbol] = _standing(CALLERS, str(len(self.foreign)))
        return known


def _is_inside(site: Span, texts: Iterable[Mapping[Source, Sequence[Span]]]) -> bool:
    for text in texts:
        for span in text.get(site.source, ()):
            if span.start <= site.start and site.end <= span.end:
                return True
    return False


def _written(argument: ast.Argument | None) -> Hashable:
    if argument is None:
        return None
    span = argument.span
    return argument.name is None, span.text, span.source.is_library


def _typed(value: Value) -> Hashable:
    """A value that differs from others with another text: `1`, `1.0`, `true`; `0.0` and `-0.0`."""
    if isinstance(value, tuple):
        return tuple([_typed(each) for each in value])
    return type(value), str(value) if isinstance(value, float) else value
