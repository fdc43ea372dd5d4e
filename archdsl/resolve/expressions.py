"""Checks of expressions: every name is known, every parameter used, every call possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from typing import Any, TypeAlias

from archdsl.diagnostics import suggestion
from archdsl.resolve.asserts import check_attribute
from archdsl.resolve.calls import check_call, check_default
from archdsl.resolve.labels import check_labels
from archdsl.resolve.report import Report
from archdsl.resolve.scopes import Globals, StaticScope, numbered
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.walk import children, descendants

Visits: TypeAlias = "Sequence[tuple[ast.SyntaxNode, StaticScope]]"

# Names of Python and of other libraries, without case and underscores.
FOREIGN = {
    "true": "true",
    "false": "false",
    "none": "identity",
    "conv2d": "conv",
    "convtranspose2d": "conv_transpose",
    "batchnorm": "bn",
    "batchnorm2d": "bn",
    "dense": "linear",
    "maxpool2d": "maxpool",
    "avgpool2d": "avgpool",
    "adaptiveavgpool2d": "adaptive_avgpool",
    "globalavgpool2d": "global_avgpool",
    "cat": "concat",
    "swish": "silu",
    "sequential": "chain",
    "identity": "identity",
    "lrelu": "leaky_relu",
    "leakyrelu": "leaky_relu",
    "localresponsenorm": "lrn",
    "zeropad2d": "pad",
}

COMMENT = "`//` divides; a comment begins with `#`"


class Checker:
    """Goes through the declarations of one file."""

    def __init__(self, names: Globals, report: Report) -> None:
        self.names = names
        self.report = report

    def declaration(self, declaration: ast.Declaration) -> None:
        """Check one declaration."""
        match declaration:
            case ast.Default():
                check_default(declaration, self.names, self.report)
                self._visit([(argument.value, StaticScope()) for argument in declaration.arguments])
            case ast.Let():
                self._let(declaration)
            case ast.BlockDeclaration():
                self._block(declaration)
            case ast.Assert():
                self._visit([(declaration.condition, StaticScope(in_assert=True))])

    def _let(self, let: ast.Let) -> None:
        scope = self._parameters(let.parameters or (), {})
        self._visit([(let.value, scope)])
        check_labels(let.value, (), self.report)
        self._unused(let, scope)

    def _block(self, block: ast.BlockDeclaration) -> None:
        signature = block.signature
        inputs = signature.inputs if signature else ()
        given = {parameter.name.name for parameter in block.parameters}
        bound = [name for name in _bound(inputs) if name.name not in given]
        self._distinct([each.name for each in inputs if each.name], "inputs")
        scope = self._parameters(block.parameters, numbered(bound))
        sizes = [size for each in inputs for size in each.sizes]
        sizes += signature.output or () if signature else ()
        self._visit([(size, scope) for size in sizes if not isinstance(size, ast.Wildcard)])
        for each in [] if block.is_network else inputs:
            self._patterns(each, given)
        self._visit([(block.body, scope)])
        check_labels(block.body, [each.name.name for each in inputs if each.name], self.report)
        self._unused(block, scope)

    def _patterns(self, pattern: ast.Input, known: Set[str]) -> None:
        """Refuse sizes that cannot be solved for the name in them: only multiples can."""
        known = known | {size.name for size in pattern.sizes if isinstance(size, ast.Name)}
        for size in pattern.sizes:
            names = {n.name for n in descendants(size) if isinstance(n, ast.Name)}
            unknown = sorted(n for n in names - known if not self.names.knows(n))
            if unknown and not (len(unknown) == 1 and _is_product(size)):
                message = f"`{size.span.text}` does not say what `{unknown[0]}` is"
                help = "name the size itself, `[c, h, w]`, and write `c // 2` where it is used"
                self.report.refuse("E0310", message, size.span, help)

    def _parameters(
        self, parameters: Sequence[ast.ParameterDeclaration], bound: dict[str, int]
    ) -> StaticScope:
        """The scope of a body; a default sees earlier parameters and the signature's names."""
        outer = StaticScope(bound)
        numbers = numbered([parameter.name for parameter in parameters])
        scope = StaticScope(numbers, None, outer)
        for number, parameter in enumerate(parameters):
            if parameter.default is not None:
                self._visit([(parameter.default, StaticScope(numbers, number, outer, scope.used))])
        return scope

    def _unused(self, declaration: ast.Let | ast.BlockDeclaration, scope: StaticScope) -> None:
        for parameter in declaration.parameters or ():
            name = parameter.name
            if name.name not in scope.used:
                message = f"`{declaration.name.name}` never uses its parameter `{name.name}`"
                self.report.refuse("E0209", message, name.span, "use it, or delete it")
                scope.used.add(name.name)

    def _distinct(self, names: Sequence[ast.Name], what: str) -> None:
        """Refuse a name that stands twice in one list of names."""
        seen: set[str] = set()
        for name in names:
            if name.name in seen:
                message = f"there are two {what} `{name.name}` here"
                self.report.refuse("E0211", message, name.span, "rename one of them")
            seen.add(name.name)

    def _visit(self, visits: Visits) -> None:
        stack = [*visits]
        while stack:
            node, scope = stack.pop()
            handler = HANDLERS.get(type(node), Checker.other)
            # In the order of the text, for there may be more mistakes than are reported.
            stack += reversed(handler(self, node, scope))

    def other(self, node: ast.SyntaxNode, scope: StaticScope) -> Visits:
        """What only its parts can be wrong about."""
        return [(child, scope) for child in children(node)]

    def name(self, node: ast.Name, scope: StaticScope) -> Visits:
        """A name in use."""
        found = scope.find(node.name)
        if found is not None:
            found.used.add(node.name)
        elif not self.names.knows(node.name):
            help = COMMENT if _follows_slashes(node.span) else self._instead(node.name, scope)
            self.report.refuse("E0201", f"there is no `{node.name}` here", node.span, help)
        return ()

    def _instead(self, name: str, scope: StaticScope) -> str:
        """The name that was probably meant."""
        foreign = FOREIGN.get(name.lower().replace("_", ""))
        known = [*scope.visible(), *self.names.visible()]
        return f"write `{foreign}`" if foreign else suggestion(name, known)

    def call(self, node: ast.Call, scope: StaticScope) -> Visits:
        """A call; the names of its arguments are the callee's."""
        is_global = isinstance(node.callee, ast.Name) and scope.find(node.callee.name) is None
        check_call(node, self.names if is_global else None, self.report)
        return [(node.callee, scope), *((argument.value, scope) for argument in node.arguments)]

    def let_in(self, node: ast.LetIn, scope: StaticScope) -> Visits:
        """`let … in`: a binding sees those before it."""
        self._distinct([binding.name for binding in node.bindings], "values")
        numbers = numbered([binding.name for binding in node.bindings])
        values = [
            (binding.value, scope.inner(numbers, number))
            for number, binding in enumerate(node.bindings)
        ]
        return [*values, (node.body, scope.inner(numbers))]

    def comprehension(self, node: ast.Comprehension, scope: StaticScope) -> Visits:
        """A comprehension: only its iterable stands outside of its variables."""
        self._distinct([name for name in node.targets if name.name != "_"], "variables")
        inner = scope.inner(numbered([*node.targets]))
        parts = [(node.element, inner), (node.condition, inner), (node.iterable, scope)]
        return [(part, where) for part, where in parts if part is not None]

    def list(self, node: ast.List, scope: StaticScope) -> Visits:
        """A list, which may be a station with wildcards."""
        return [(item, scope) for item in node.items if not isinstance(item, ast.Wildcard)]

    def wildcard(self, node: ast.Wildcard, scope: StaticScope) -> Visits:
        """A wildcard outside of a list."""
        help = "`_` only stands for a size in a signature or station: `[64, _, _]`"
        self.report.refuse("E0502", "`_` is no value", node.span, help)
        return ()

    def attribute(self, node: ast.Attribute, scope: StaticScope) -> Visits:
        """A fact about a network, for which only an assert can ask."""
        root = _root(node)
        if isinstance(root, ast.Name) and self._is_unread(root, scope):
            return ()
        if isinstance(root, ast.Name) and not self._is_known(root, scope):
            help = self._without_module(root.name, node.name.name, scope)
            self.report.refuse("E0201", f"there is no `{node.span.text}` here", node.span, help)
            return ()
        if not scope.in_assert:
            message = f"only an `assert` can ask for `.{node.name.name}` of a network"
            self.report.refuse("E0506", message, node.span)
            return [(node.target, scope)]
        return [(node.target, scope)] if check_attribute(node, self.names, self.report) else ()

    def _is_unread(self, name: ast.Name, scope: StaticScope) -> bool:
        """Whether a name stands for a declaration with a mistake that has been reported."""
        declared = self.names.declared
        is_global = scope.find(name.name) is None
        return is_global and name.name in declared and declared[name.name] is None

    def _is_known(self, name: ast.Name, scope: StaticScope) -> bool:
        """Whether a name stands for anything; in an assert another check says what it lacks."""
        return scope.in_assert or scope.find(name.name) is not None or self.names.knows(name.name)

    def _without_module(self, root: str, name: str, scope: StaticScope) -> str:
        """What to write for `nn.Conv2d` or `self.conv1`."""
        if root == "self":
            return "`label: layer` names a layer, and `@label` is its result"
        return f"write `{name}`" if self.names.knows(name) else self._instead(name, scope)


def _root(node: ast.Attribute) -> ast.Expression:
    """What the first dot stands behind."""
    root: ast.Expression = node.target
    while isinstance(root, ast.Attribute):
        root = root.target
    return root


def _follows_slashes(span: Span) -> bool:
    """Whether a name stands right behind `//`, where other languages have comments."""
    before = span.source.line(span.line)[: span.column - 1]
    return before.rstrip().endswith("//")


def _is_product(size: ast.Expression) -> bool:
    """Whether a size is a name, or a multiple of one: `16 * h`."""
    if isinstance(size, ast.Arithmetic):
        return all(operator == "*" for operator, _ in size.rest)
    return isinstance(size, ast.Name)


def _bound(inputs: Iterable[ast.Input]) -> Iterable[ast.Name]:
    """The names in the sizes at the entry."""
    for each in inputs:
        for size in each.sizes:
            for node in descendants(size):
                if isinstance(node, ast.Name):
                    yield node


HANDLERS: dict[type[ast.SyntaxNode], Callable[[Checker, Any, StaticScope], Visits]] = {
    ast.Name: Checker.name,
    ast.Call: Checker.call,
    ast.LetIn: Checker.let_in,
    ast.Comprehension: Checker.comprehension,
    ast.List: Checker.list,
    ast.Wildcard: Checker.wildcard,
    ast.Attribute: Checker.attribute,
}
