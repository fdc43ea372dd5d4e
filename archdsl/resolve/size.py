"""How many layers a network has at least, so that a bomb is refused before it goes off."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.resolve.scopes import Globals
from archdsl.resolve.words import COMPOSERS
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.walk import body_of, descendants, once

JOINING = frozenset(COMPOSERS) - {"repeat"}


@dataclass
class LeastLayers:
    """Counts the layers that the declarations of one file make, whatever their parameters are.

    What is not sure counts as nothing: the smaller side of an `if`, turns of a loop that is not
    written as a number, layers that come as arguments, what other files declare.
    """

    names: Globals
    source: Source
    known: dict[ast.Named, int] = field(default_factory=dict)

    def of(self, declaration: ast.Named) -> int:
        """The least number of layers in a declaration; one that contains itself counts once."""
        if declaration not in self.known:
            self.known[declaration] = 0
            bound = _bound(declaration)
            is_foreign = isinstance(declaration, ast.Extern)
            least = 1 if is_foreign else self._least(body_of(declaration), bound)
            self.known[declaration] = least
        return self.known[declaration]

    def _least(self, node: ast.SyntaxNode, bound: set[str]) -> int:
        match node:
            case ast.Name(name=name):
                return self._named(name, bound)
            case ast.Chain(links=layers) | ast.Bundle(branches=layers):
                return sum([self._least(layer, bound) for layer in layers])
            case ast.Labelled(layer=inner) | ast.LetIn(body=inner):
                return self._least(inner, bound)
            case ast.Conditional(then=then, otherwise=otherwise):
                sides = [then, otherwise] if otherwise is not None else []
                return min([self._least(side, bound) for side in sides], default=0)
            case ast.Call(callee=ast.Name(name=name), arguments=arguments):
                return self._call(name, [argument.value for argument in arguments], bound)
        return 0

    def _named(self, name: str, bound: set[str]) -> int:
        if name in bound:
            return 0
        if name not in self.names.declared:
            return int(name in self.names.ops)
        declared = self.names.declared[name]
        is_own = declared is not None and declared.span.source.name == self.source.name
        return self.of(declared) if declared is not None and is_own else 0

    def _call(self, name: str, values: list[ast.Expression], bound: set[str]) -> int:
        if name in JOINING and name not in self.names.declared:
            return sum([self._least(value, bound) for value in values])
        match name, values:
            case "repeat", [ast.Number(value=int(count)), layer]:
                return count * self._least(layer, bound)
        return self._named(name, bound)


@once
def _bound(declaration: ast.Named) -> set[str]:
    """All names that stand for something of the declaration itself, somewhere in it."""
    names: set[str] = set()
    for node in descendants(declaration):
        if isinstance(node, ast.Binding | ast.ParameterDeclaration):
            names.add(node.name.name)
        elif isinstance(node, ast.Comprehension):
            names |= {variable.name for variable in node.variables}
    return names
