"""What the names of a text stand for: for "go to definition", "find references" and "rename"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import TypeAlias

from archdsl.editor.definitions import (
    LANGUAGE,
    Definition,
    Kind,
    Names,
    Reference,
    Scope,
    Visible,
)
from archdsl.ops import OPS
from archdsl.resolve.labels import text
from archdsl.resolve.scopes import Globals
from archdsl.resolve.words import BUILTINS
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.program import Module, Program
from archdsl.syntax.walk import body_of, children, descendants

Own: TypeAlias = ast.Named


def names_of(program: Program, names: Globals) -> Names:
    """The names of the main file, in its order; `names` are those that it can use."""
    reader = _Reader(program, names)
    for declaration in (*program.file.declarations, *reader.main.partial):
        reader.declaration(declaration)
    return Names(
        sorted(reader.definitions, key=lambda each: each.span.start),
        sorted(reader.references, key=lambda each: each.span.start),
        reader.scopes,
        {**reader.globals, **_language()},
    )


def enclosing(program: Program, offset: int) -> tuple[Span, ...]:
    """The parts of the main file around an offset that mean something, the innermost first."""
    around: list[ast.SyntaxNode] = []
    main, placed = program.modules[program.main], program.placed
    below: Iterable[ast.SyntaxNode] = (*program.file.declarations, *main.partial)
    while inner := next((each for each in below if _holds(placed(each.span), offset)), None):
        around.append(inner)
        below = children(inner)
    return tuple(dict.fromkeys([placed(each.span) for each in reversed(around)]))


def _holds(span: Span, offset: int) -> bool:
    return span.start <= offset <= span.end


@cache
def _language() -> Scope:
    """The words of the language that are names."""
    ops = {name: tuple(op.parameters()) for name, op in OPS.items()}
    words = {**dict.fromkeys(sorted({*BUILTINS, "identity"}), ()), **ops}
    return {
        name: Definition(name, "op" if name in OPS else "builtin", LANGUAGE, LANGUAGE, "", own)
        for name, own in words.items()
    }


class _Reader:
    """Goes through the declarations of a file, with the names that are bound where it is."""

    def __init__(self, program: Program, names: Globals) -> None:
        self.placed, self.modules = program.placed, program.modules
        self.main: Module = program.modules[program.main]
        self.definitions: list[Definition] = []
        self.references: list[Reference] = []
        self.scopes: list[Visible] = []
        self.labels: dict[str, list[Definition]] = {}
        self.parameters: dict[Span, Scope] = {}
        """Those of the functions of a body, by where these are named."""
        known = {each.name.name: each for each in reversed(self.main.partial)}
        declared = known | {name: each for name, each in names.declared.items() if each}
        self.globals = {name: self.of(each) for name, each in declared.items()}
        self.callees = declared

    def of(self, declaration: Own) -> Definition:
        """The definition of a declaration, of this file or of another."""
        if isinstance(declaration, ast.BlockDeclaration):
            kind: Kind = "network" if declaration.is_network else "block"
        elif isinstance(declaration, ast.Extern):
            kind = "extern"
        else:
            kind = "value" if declaration.parameters is None else "function"
        made = self.made(declaration.name, kind, declaration)
        written = tuple([each.span.text for each in declaration.parameters or ()])
        return replace(made, doc=declaration.doc, parameters=written)

    def made(self, name: ast.Name, kind: Kind, whole: ast.SyntaxNode) -> Definition:
        return Definition(name.name, kind, self.placed(name.span), self.placed(whole.span))

    def define(self, name: ast.Name, kind: Kind, whole: ast.SyntaxNode) -> Definition:
        """A name that is bound within a declaration."""
        made = self.made(name, kind, whole)
        if isinstance(whole, ast.Binding) and whole.parameters is not None:
            made = replace(made, parameters=tuple([each.span.text for each in whole.parameters]))
        self.definitions.append(made)
        return made

    def refer(self, span: Span, definition: Definition | None) -> None:
        if definition is not None:
            self.references.append(Reference(self.placed(span), definition))

    def bind(self, part: ast.SyntaxNode, scope: Scope) -> None:
        """Names are bound in a part of the text."""
        self.scopes.append(Visible(self.placed(part.span), scope, self.labels))

    def bind_from(self, declaration: ast.Declaration, scope: Scope) -> None:
        """Names are bound from where a declaration starts."""
        start, source = self.placed(declaration.span).start, self.main.file.source
        self.scopes.append(Visible(Span(source, start, len(source.text)), scope, self.labels))

    def meaning(self, name: str, scope: Scope) -> Definition | None:
        """What a name stands for, where others are bound."""
        return scope.get(name) or self.globals.get(name) or _language().get(name)

    def declaration(self, declaration: ast.Declaration) -> None:
        self.labels = {}
        if not isinstance(declaration, Own):
            self.bind_from(declaration, {})
        match declaration:
            case ast.Import():
                self.imports(declaration)
            case ast.Default(callee=callee, arguments=arguments):
                self.refer(callee.span, self.meaning(callee.name, {}))
                self.keywords(callee, arguments, {})
                self.visit(arguments, {})
            case ast.Assert(condition=condition):
                self.visit([condition], {})
            case ast.Let() | ast.BlockDeclaration() | ast.Extern():
                self.own(declaration)

    def imports(self, declaration: ast.Import) -> None:
        """The names of an import: what they stand for is declared in the imported file."""
        key = self.main.imports.get(".".join(part.name for part in declaration.module))
        module = self.modules.get(key) if key is not None else None
        declared = (*module.partial, *module.file.declarations) if module is not None else ()
        if module is not None:
            dotted = declaration.module[0].span.to(declaration.module[-1].span)
            whole = Span(module.file.source, 0, len(module.file.source.text))
            start = Span(module.file.source, 0, 0)
            self.refer(dotted, Definition(dotted.text, "module", start, whole, module.file.doc))
        known = {each.name.name: each for each in declared if isinstance(each, Own)}
        for imported in declaration.names:
            name = imported.name
            if name.name in known:
                self.refer(name.span, self.of(known[name.name]))
            if imported.alias is not None:
                alias = self.define(imported.alias, "import", imported)
                meant = self.globals.get(alias.name)
                if meant is None or meant.span.source is not alias.span.source:
                    self.globals[alias.name] = alias

    def own(self, declaration: Own) -> None:
        """A block, network, function or value of the file."""
        own = self.of(declaration)
        self.definitions.append(own)
        body = body_of(declaration)
        parameters = declaration.parameters or ()
        scope = {each.name.name: self.define(each.name, "parameter", each) for each in parameters}
        signature = None if isinstance(declaration, ast.Let) else declaration.signature
        sizes = self.signature(signature, scope) if signature else {}
        scope = {**sizes, **scope}
        self.labels = self.labelled(body, signature)
        self.bind_from(declaration, scope)
        results = [each.shape for each in signature.results] if signature else []
        defaults = [each.default for each in parameters if each.default is not None]
        self.visit([*defaults, *results, body], scope)

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
        self, body: ast.SyntaxNode, signature: ast.Signature | None
    ) -> dict[str, list[Definition]]:
        """What the wires of a body can read: inputs, and labels, of which several may be alike."""
        found: dict[str, list[Definition]] = {}
        for each in signature.inputs if signature else ():
            if each.name is not None:
                found.setdefault(each.name.name, []).append(self.define(each.name, "input", each))
        nodes = [*descendants(body)]
        shared = [each for node in nodes if isinstance(node, ast.ShareIn) for each in node.bindings]
        for binding in shared:
            # A wire reads it by the name that `let_in` defines.
            name = binding.name
            found.setdefault(name.name, []).append(self.made(name, "value", binding))
        for node in [each for each in nodes if isinstance(each, ast.Labelled)]:
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
                    self.refer(node.span, self.meaning(name, scope))
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
                    self.keywords(callee, arguments, scope)
                    waiting += [(each, scope) for each in (callee, *arguments)]
                case _:
                    waiting += [(child, scope) for child in children(node)]

    def keywords(self, callee: ast.Name, arguments: Iterable[ast.Argument], scope: Scope) -> None:
        """The keywords of a call, which are parameters of the callee."""
        if callee.name in scope:
            known = self.parameters.get(scope[callee.name].span, {})
        else:
            declared = self.callees.get(callee.name)
            parameters = declared.parameters if declared is not None else None
            known = {
                each.name.name: self.made(each.name, "parameter", each) for each in parameters or ()
            }
        for keyword in [each.name for each in arguments if each.name is not None]:
            self.refer(keyword.span, known.get(keyword.name))

    def let_in(self, node: ast.LetIn, scope: Scope) -> list[tuple[ast.SyntaxNode, Scope]]:
        parts: list[tuple[ast.SyntaxNode, Scope]] = []
        for binding in node.bindings:
            inner = scope if binding.parameters is None else self.function(binding, scope)
            parts += [(each.default, inner) for each in binding.parameters or () if each.default]
            parts.append((binding.value, inner))
            self.bind(binding.value, inner)
            kind: Kind = "value" if binding.parameters is None else "function"
            scope = {**scope, binding.name.name: self.define(binding.name, kind, binding)}
        self.bind(node.body, scope)
        return [*parts, (node.body, scope)]

    def function(self, binding: ast.Binding, scope: Scope) -> Scope:
        """The names that the body of a function sees."""
        parameters = binding.parameters or ()
        own = {each.name.name: self.define(each.name, "parameter", each) for each in parameters}
        self.parameters[self.placed(binding.name.span)] = own
        return {**scope, **own}

    def comprehension(
        self, node: ast.Comprehension, scope: Scope
    ) -> list[tuple[ast.SyntaxNode, Scope]]:
        targets = [each for each in node.variables if each.name != "_"]
        inner = {**scope, **{each.name: self.define(each, "variable", each) for each in targets}}
        parts = [(node.element, inner), (node.condition, inner), (node.iterable, scope)]
        found: list[tuple[ast.SyntaxNode, Scope]] = []
        found += [(part, where) for part, where in parts if part is not None]
        for part, where in found:
            self.bind(part, where)
        return found
