"""What a declaration means: its text, and the texts of all that it names."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl.elaborate.namespaces import Namespace
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.walk import descendants, once

Declared: TypeAlias = "ast.Named | ast.Default"


@dataclass(eq=False)
class Reach:
    """A number for every declaration, which changes with all that it reaches.

    It is made of the objects of the syntax tree: a program that has the same ones has the same
    numbers, as long as `number` gives equal contents one number. `placed` says where a span lies in
    the text as it is now: defaults hold for what stands behind them.
    """

    number: Callable[[Hashable], int]
    placed: Callable[[Span], Span]
    known: dict[Declared, int] = field(default_factory=dict)
    under_way: dict[Declared, None] = field(default_factory=dict)
    recursive: set[Declared] = field(default_factory=set)
    texts: dict[Declared, Mapping[Source, Sequence[Span]]] = field(default_factory=dict)

    def of(self, declaration: Declared, space: Namespace) -> int:
        """The number of a declaration of a file."""
        if declaration not in self.known:
            self.known[declaration] = self.number(self._content(declaration, space))
        return self.known[declaration]

    def text(self, declaration: Declared, space: Namespace) -> Mapping[Source, Sequence[Span]]:
        """Where a declaration and those that it reaches are written."""
        if declaration not in self.texts:
            found: dict[Source, list[Span]] = {}
            for each, _ in self._reached(declaration, space):
                found.setdefault(each.span.source, []).append(each.span)
            self.texts[declaration] = found
        return self.texts[declaration]

    def _content(self, declaration: Declared, space: Namespace) -> Hashable:
        self.under_way[declaration] = None
        named = [self._of_name(name, declaration, space) for name in _names(declaration)]
        del self.under_way[declaration]
        if declaration in self.recursive:
            return tuple(self._everything(declaration, space))
        return declaration, tuple(named)

    def _of_name(self, name: str, user: Declared, space: Namespace) -> Hashable:
        numbers = []
        for other, home in self._meanings(name, user, space):
            if other in self.under_way:
                way = [*self.under_way]
                self.recursive.update(way[way.index(other) :])
            else:
                numbers.append(self.of(other, home))
        return name, name in space.unread, tuple(numbers)

    def _meanings(
        self, name: str, user: Declared, space: Namespace
    ) -> Iterator[tuple[Declared, Namespace]]:
        """The declaration of a name that another one uses, and its defaults there."""
        if name in space.names:
            home, declaration = space.names[name]
            yield declaration, home
        start = self.placed(user.span).start
        for default in space.defaults.get(name, ()):
            if self.placed(default.span).end <= start:
                yield default, space

    def _everything(self, declaration: Declared, space: Namespace) -> Iterator[Hashable]:
        """All that a declaration reaches, itself included."""
        for current, home in self._reached(declaration, space):
            yield current
            for name in _names(current):
                yield name, name in home.unread
                yield from [other for other, _ in self._meanings(name, current, home)]

    def _reached(
        self, declaration: Declared, space: Namespace
    ) -> Iterator[tuple[Declared, Namespace]]:
        """A declaration and those that it reaches, each once."""
        waiting, seen = [(declaration, space)], {declaration}
        while waiting:
            current, home = waiting.pop()
            yield current, home
            for name in _names(current):
                for other, its_home in self._meanings(name, current, home):
                    if other not in seen:
                        seen.add(other)
                        waiting.append((other, its_home))


@once
def _names(declaration: Declared) -> list[str]:
    """All names that the text of a declaration uses, each once."""
    own = None if isinstance(declaration, ast.Default) else declaration.name
    nodes = descendants(declaration)
    used = [node.name for node in nodes if isinstance(node, ast.Name) and node is not own]
    return list(dict.fromkeys(used))
