"""What the names of a text stand for: for "go to definition", "find references" and "rename"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from archdsl.resolve.labels import text
from archdsl.resolve.scopes import Globals
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.program import Module, Program
from archdsl.syntax.walk import children, descendants

Kind: TypeAlias = Literal[
    "block", "network", "function", "value", "import", "parameter", "size", "input", "label",
    "variable",
]  # fmt: skip
Own: TypeAlias = ast.Let | ast.BlockDeclaration


@dataclass(frozen=True)
class Definition:
    """What a name stands for: the name where it is declared, within the whole that declares it.

    A `value` is that of a `let`; a signature names `size` and `input`, a comprehension `variable`;
    an `import` is another name that an import gives to something.
    """

    name: str
    kind: Kind
    span: Span = field(repr=False)
    whole: Span = field(repr=False)
    doc: str = field(default="", repr=False)


@dataclass(frozen=True)
class Reference:
    """A name in use, and what it stands for, which may stand in another file."""

    span: Span = field(repr=False)
    definition: Definition


Scope: TypeAlias = "Mapping[str, Definition]"


@dataclass
class Names:
    """What a file declares, and the names in it that stand for something that a text declares."""

    definitions: list[Definition]
    references: list[Reference]


def names_of(program: Program, names: Globals) -> Names:
    """The names of the main file, in its order; `names` are those that it can use."""
    reader = _Reader(program, names)
    for declaration in program.file.declarations:
        reader.declaration(declaration)
    return Names(
        sorted(reader.definitions, key=lambda each: each.span.start),
        sorted(reader.references, key=lambda each: each.span.start),
    )


class _Reader:
    """Goes through the declarations of a file, with the names that are bound where it is."""

    def __init__(self, program: Program, names: Globals) -> None:
        self.placed, self.modules = program.placed, program.modules
        self.main: Module = program.modules[program.main]
        self.definitions: list[Definition] = []
        self.references: list[Reference] = []
        self.labels: dict[str, list[Definition]] = {}
        declared = {name: each for name, each in names.declared.items() if each is not None}
        self.globals = {name: self.of(each) for name, each in declared.items()}
        self.callees = declared

    def of(self, declaration: Own) -> Definition:
        """The definition of a declaration, of this file or of another."""
        if isinstance(declaration, ast.BlockDeclaration):
            kind: Kind = "network" if declaration.is_network else "block"
        else:
            kind = "value" if declaration.parameters is None else "function"
        return self.made(declaration.name, kind, declaration, declaration.doc)

    def made(self, name: ast.Name, kind: Kind, whole: ast.SyntaxNode, doc: str = "") -> Definition:
        return Definition(name.name, kind, self.placed(name.span), self.placed(whole.span), doc)

    def define(self, name: ast.Name, kind: Kind, whole: ast.SyntaxNode) -> Definition:
        """A name that is bound within a declaration."""
        made = self.made(name, kind, whole)
        self.definitions.append(made)
        return made

    def refer(self, span: Span, definition: Definition | None) -> None:
        if definition is not None:
            self.references.append(Reference(self.placed(span), definition))

    def declaration(self, declaration: ast.Declaration) -> None:
        match declaration:
            case ast.Import():
                self.imports(declaration)
            case ast.Default(callee=callee, arguments=arguments):
                self.refer(callee.span, self.globals.get(callee.name))
                self.keywords(callee, arguments)
                self.visit(arguments, {})
            case ast.Assert(condition=condition):
                self.visit([condition], {})
            case ast.Let() | ast.BlockDeclaration():
                self.own(declaration)

    def imports(self, declaration: ast.Import) -> None:
        """The names of an import: what they stand for is declared in the imported file."""
        key = self.main.imports.get(".".join(part.name for part in declaration.module))
        file = self.modules[key].file if key in self.modules else None
        declared = file.declarations if file is not None else ()
        known = {each.name.name: each for each in declared if isinstance(each, Own)}
        for imported in declaration.names:
            name = imported.name
            if name.name in known:
                self.refer(name.span, self.of(known[name.name]))
            if imported.alias is not None:
                alias = self.define(imported.alias, "import", imported)
                if self.globals.get(alias.name, alias).span.source is not alias.span.source:
                    self.globals[alias.name] = alias

    def own(self, declaration: Own) -> None:
        """A block, network, function or value of the file."""
        own = self.of(declaration)
        self.definitions.append(own)
        body = declaration.value if isinstance(declaration, ast.Let) else declaration.body
        parameters = declaration.parameters or ()
        scope = {each.name.name: self.define(each.name, "parameter", each) for each in parameters}
        signature = declaration.signature if isinstance(declaration, ast.BlockDeclaration) else None
        sizes = self.signature(signature, scope) if signature else {}
        scope = {**sizes, **scope}
        self.labels = self.labelled(body, signature)
        outputs = [signature.output] if signature and signature.output else []
        defaults = [each.default for each in parameters if each.default is not None]
        self.visit([*defaults, *outputs, body], scope)

    def signature(self, signature: ast.Signature, parameters: Scope) -> dict[str, Definition]:
        """The sizes that a signature names: each where it stands first."""
        sizes: dict[str, Definition] = {}
        for size in [size for each in signature.inputs for size in each.parts]:
            for node in [each for each in descendants(size) if isinstance(each, ast.Name)]:
                known = parameters.get(node.name) or sizes.get(node.name)
                known = known or self.globals.get(node.name)
                if known is not None:
                    self.refer(node.span, known)
                else:
                    sizes[node.name] = self.define(node, "size", node)
        return sizes

    def labelled(
        self, body: ast.Expression, signature: ast.Signature | None
    ) -> dict[str, list[Definition]]:
        """What the wires of a body can read: inputs, and labels, of which several may be alike."""
        found: dict[str, list[Definition]] = {}
        for each in signature.inputs if signature else ():
            if each.name is not None:
                found.setdefault(each.name.name, []).append(self.define(each.name, "input", each))
        for node in [each for each in descendants(body) if isinstance(each, ast.Labelled)]:
            label = node.label
            shown = text(label) or label.span.text.strip('"')
            span, whole = self.placed(label.span), self.placed(node.span)
            made = Definition(shown, "label", span, whole)
            self.definitions.append(made)
            found.setdefault(shown, []).append(made)
        return found

    def visit(self, nodes: Iterable[ast.SyntaxNode], scope: Scope) -> None:
        """The names below some nodes."""
        waiting = [(node, scope) for node in nodes]
        while waiting:
            node, scope = waiting.pop()
            match node:
                case ast.Name(name=name):
                    self.refer(node.span, scope.get(name) or self.globals.get(name))
                case ast.Wire(label=label):
                    shown = text(label) or label.span.text.strip('"')
                    for each in self.labels.get(shown, ()):
                        self.refer(label.span, each)
                    waiting += [(part, scope) for part in children(label)]
                case ast.LetIn():
                    waiting += self.let_in(node, scope)
                case ast.Comprehension():
                    waiting += self.comprehension(node, scope)
                case ast.Argument(value=value):
                    waiting.append((value, scope))
                case ast.Attribute(target=target):
                    waiting.append((target, scope))
                case ast.Call(callee=ast.Name() as callee, arguments=arguments):
                    if callee.name not in scope:
                        self.keywords(callee, arguments)
                    waiting += [(each, scope) for each in (callee, *arguments)]
                case _:
                    waiting += [(child, scope) for child in children(node)]

    def keywords(self, callee: ast.Name, arguments: Iterable[ast.Argument]) -> None:
        """The keywords of a call, which are parameters of the callee."""
        declaration = self.callees.get(callee.name)
        known = {each.name.name: each for each in (declaration and declaration.parameters) or ()}
        for keyword in [each.name for each in arguments if each.name is not None]:
            if keyword.name in known:
                parameter = known[keyword.name]
                self.refer(keyword.span, self.made(parameter.name, "parameter", parameter))

    def let_in(self, node: ast.LetIn, scope: Scope) -> list[tuple[ast.SyntaxNode, Scope]]:
        parts: list[tuple[ast.SyntaxNode, Scope]] = []
        for binding in node.bindings:
            parts.append((binding.value, scope))
            scope = {**scope, binding.name.name: self.define(binding.name, "value", binding)}
        return [*parts, (node.body, scope)]

    def comprehension(
        self, node: ast.Comprehension, scope: Scope
    ) -> list[tuple[ast.SyntaxNode, Scope]]:
        targets = [each for each in node.targets if each.name != "_"]
        inner = {**scope, **{each.name: self.define(each, "variable", each) for each in targets}}
        parts = [(node.element, inner), (node.condition, inner), (node.iterable, scope)]
        return [(part, where) for part, where in parts if part is not None]
