"""Checks of expressions: every name is known, every parameter used, every call possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from archdsl.fixes import Help
from archdsl.resolve.asserts import FACTS, check_attribute
from archdsl.resolve.calls import check_call, kinds_of
from archdsl.resolve.edits import chained
from archdsl.resolve.report import Report
from archdsl.resolve.scopes import Globals, StaticScope, numbered
from archdsl.resolve.unknown import Context
from archdsl.syntax import ast
from archdsl.syntax.walk import children, descendants

VALUES = (
    ast.Number
    | ast.String
    | ast.Boolean
    | ast.Arithmetic
    | ast.Negation
    | ast.Comparison
    | ast.Logical
    | ast.Not
)
"""Expressions that give no layer, wherever they stand."""
Visits: TypeAlias = "Sequence[tuple[ast.SyntaxNode, StaticScope]]"


class ExpressionChecker:
    """Goes through the expressions of one file."""

    def __init__(self, names: Globals, report: Report) -> None:
        self.names = names
        self.report = report
        self.context = Context(names)
        self.used: set[str] = set()

    def _parameters(
        self, parameters: Sequence[ast.ParameterDeclaration], outer: StaticScope
    ) -> StaticScope:
        """The scope of a body; a default sees earlier parameters, and the names around them."""
        numbers = numbered([parameter.name for parameter in parameters])
        scope = StaticScope(numbers, None, outer)
        for number, parameter in enumerate(parameters):
            if parameter.default is not None:
                self._visit([(parameter.default, StaticScope(numbers, number, outer, scope.used))])
        return scope

    def _unused(self, declaration: ast.Named | ast.Binding, scope: StaticScope) -> None:
        for parameter in declaration.parameters or ():
            name = parameter.name
            # A network's parameter without a default is reported for that.
            is_network = isinstance(declaration, ast.BlockDeclaration) and declaration.is_network
            is_whole = parameter.default is not None or not is_network
            if name.name not in scope.used and is_whole:
                message = f"`{declaration.name.name}` never uses its parameter `{name.name}`"
                self.report.refuse("E0209", message, name.span, "use it, or delete it")
                scope.used.add(name.name)

    def _distinct(self, names: Sequence[ast.Name], what: str) -> None:
        """Refuse a name that stands twice in one list of names."""
        seen: set[str] = set()
        for name in names:
            if name.name in seen:
                message = f"duplicate {what} `{name.name}`"
                self.report.refuse("E0211", message, name.span, "rename one of them")
            seen.add(name.name)

    def _visit(self, visits: Visits) -> None:
        stack = [*visits]
        while stack:
            node, scope = stack.pop()
            handler = HANDLERS.get(type(node), ExpressionChecker.other)
            # In the order of the text, for there may be more mistakes than are reported.
            stack += reversed(handler(self, node, scope))

    def other(self, node: ast.SyntaxNode, scope: StaticScope) -> Visits:
        """A node whose parts are checked, but not the node itself."""
        return [(child, scope) for child in children(node)]

    def name(self, node: ast.Name, scope: StaticScope) -> Visits:
        """A name in use."""
        found = scope.find(node.name)
        if found is not None:
            found.used.add(node.name)
            return ()
        self.used.add(node.name)
        if not self.names.knows(node.name):
            help = self.context.instead(node, scope)
            self.report.refuse("E0201", f"unknown name `{node.name}`", node.span, help)
        return ()

    def call(self, node: ast.Call, scope: StaticScope) -> Visits:
        """A call; the names of its arguments are the callee's."""
        arguments = [(argument.value, scope) for argument in node.arguments]
        if isinstance(node.callee, ast.Name):
            self.context.called[node.callee] = sum(each.name is None for each in node.arguments)
        if isinstance(node.callee, ast.Attribute) and self._is_method(node.callee, scope):
            self._method(node.callee, node, scope)
            return [(node.callee.target, scope), *arguments]
        is_global = isinstance(node.callee, ast.Name) and scope.find(node.callee.name) is None
        names = self.names if is_global else None
        if is_global and node.callee.name == "tied":  # type: ignore[union-attr]
            self.context.note_tied([value for value, _ in arguments])
        if any(self._is_unknown(value, scope) for value, _ in arguments):
            for value, parameter, kind, has_default in kinds_of(node, names):
                if isinstance(value, ast.Name) and self._is_unknown(value, scope):
                    self.context.argument(value, parameter, kind, has_default)
        if not (is_global and self._is_own_network(node.callee)):
            check_call(node, names, self.report, self.context.arguments)
        return [(node.callee, scope), *arguments]

    def _is_own_network(self, callee: ast.Expression) -> bool:
        """Whether a network calls itself, where another thing of its name was meant."""
        match self.context.declaration, callee:
            case ast.BlockDeclaration(name=own, is_network=True), ast.Name(name=name):
                return name == own.name
        return False

    def _is_unknown(self, node: ast.Expression, scope: StaticScope) -> bool:
        """Whether an expression is a name that stands for nothing."""
        if not isinstance(node, ast.Name):
            return False
        return scope.find(node.name) is None and not self.names.knows(node.name)

    def _is_method(self, node: ast.Attribute, scope: StaticScope) -> bool:
        """Whether a dot stands behind a layer, and no fact of a network behind that dot."""
        root = _root(node)
        is_name = isinstance(root, ast.Name)
        is_unknown = isinstance(root, ast.Name) and not self._is_known(root, scope)
        is_fact = node.name.name in FACTS or (scope.in_assert and is_name)
        is_unread = isinstance(root, ast.Name) and self._is_unread(root, scope)
        return not (is_fact or is_unknown or is_unread)

    def _method(self, node: ast.Attribute, whole: ast.Expression, scope: StaticScope) -> None:
        """Refuse `conv(8, 3).relu()`."""
        # In a chain a layer needs no parentheses.
        is_bare = isinstance(whole, ast.Call) and not whole.arguments
        layer = node.name.span if is_bare else node.name.span.to(whole.span)
        help = self.context.method(node, layer.text, scope)
        message = f"unknown name `.{node.name.name}`"
        fixes = chained(node, layer, whole) if self.names.knows(node.name.name) else None
        self.report.refuse("E0201", message, node.name.span, help, fixes)

    def let_in(self, node: ast.LetIn, scope: StaticScope) -> Visits:
        """`let … in`: a binding sees those before it."""
        self._distinct([binding.name for binding in node.bindings], "value")
        numbers = numbered([binding.name for binding in node.bindings])
        values = [
            (binding.value, scope.inner(numbers, number))
            for number, binding in enumerate(node.bindings)
            if binding.parameters is None
        ]
        for number, binding in enumerate(node.bindings):
            self._function(binding, scope.inner(numbers, number))
        return [*values, (node.body, scope.inner(numbers))]

    def _function(self, binding: ast.Binding, scope: StaticScope) -> None:
        """`let f(x) = … in`, if a binding is one."""
        if binding.parameters is not None:
            self._distinct([each.name for each in binding.parameters], "parameter")
            inner = self._parameters(binding.parameters, scope)
            self._visit([(binding.value, inner)])
            self._unused(binding, inner)

    def share_in(self, node: ast.ShareIn, scope: StaticScope) -> Visits:
        """`share … in`: a `let` whose names must be used."""
        written = [each.name for each in descendants(node) if isinstance(each, ast.Name)]
        for name in [binding.name for binding in node.bindings]:
            if written.count(name.name) == 1:
                message = f"`{name.name}` is shared and never used"
                self.report.refuse("E0415", message, name.span, "use it, or delete it")
        return self.let_in(node, scope)

    def comprehension(self, node: ast.Comprehension, scope: StaticScope) -> Visits:
        """A comprehension: only its iterable stands outside of its variables."""
        self._distinct([name for name in node.variables if name.name != "_"], "variable")
        inner = scope.inner(numbered([*node.variables]))
        parts = [(node.element, inner), (node.condition, inner), (node.iterable, scope)]
        return [(part, where) for part, where in parts if part is not None]

    def list(self, node: ast.List, scope: StaticScope) -> Visits:
        """A list, which may be a station with wildcards."""
        return self._sizes(node.items, scope)

    def shape(self, node: ast.Shape, scope: StaticScope) -> Visits:
        """The sizes of a signature and its bound, or a shape whose channels are last."""
        visits = self._sizes(node.sizes, scope)
        if node.below is None or type(node.below) is ast.Wildcard:
            return visits
        return [*visits, (node.below, scope)]

    def _sizes(self, sizes: Sequence[ast.Expression], scope: StaticScope) -> Visits:
        self._one_rest(sizes)
        return [(size, scope) for size in sizes if not isinstance(size, ast.Wildcard)]

    def bundle(self, node: ast.Bundle, scope: StaticScope) -> Visits:
        """A bundle, which others take for a list."""
        if any(isinstance(each, VALUES) for each in node.branches):
            message, help = not_a_list(node)
            self.report.refuse("E0502", message, node.span, help)
        return self.other(node, scope)

    def wildcard(self, node: ast.Wildcard, scope: StaticScope) -> Visits:
        """A wildcard outside of a list."""
        sign, example = node.span.text, "[64, ...]" if isinstance(node, ast.Rest) else "[64, _, _]"
        help = f"`{sign}` is only allowed as a size in a signature or station: `{example}`"
        self.report.refuse("E0502", f"`{sign}` is not a value", node.span, help)
        return ()

    def _one_rest(self, sizes: Sequence[ast.Expression]) -> None:
        """Refuse a second `...` among some sizes."""
        for size in [size for size in sizes if isinstance(size, ast.Rest)][1:]:
            help = "it stands for any number of sizes, so only one of them can be told"
            self.report.refuse("E0310", "`...` stands twice in this shape", size.span, help)

    def attribute(self, node: ast.Attribute, scope: StaticScope) -> Visits:
        """A fact about a network, for which only an assert can ask; or one of several results."""
        if isinstance(node.target, ast.Wire):
            return [(node.target, scope)]
        root = _root(node)
        if isinstance(root, ast.Name) and self._is_unread(root, scope):
            return ()
        if isinstance(root, ast.Name) and not self._is_known(root, scope):
            help = self.context.attribute(node, root.name, scope)
            self.report.refuse("E0201", f"unknown name `{node.span.text}`", node.span, help)
            return ()
        if self._is_method(node, scope):
            self._method(node, node, scope)
            return [(node.target, scope)]
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


def not_a_list(node: ast.Bundle) -> tuple[str, Help]:
    """What to say of numbers in parentheses: the message and the help."""
    written = f"[{', '.join(each.span.text for each in node.branches)}]"
    message = f"`{node.span.text}` is a bundle of layers, not a list"
    return message, Help(f"a list is written `{written}`", written)


def _root(node: ast.Attribute) -> ast.Expression:
    """The expression before the first dot."""
    root: ast.Expression = node.target
    while isinstance(root, ast.Attribute):
        root = root.target
    return root


HANDLERS: dict[type[ast.SyntaxNode], Callable[[ExpressionChecker, Any, StaticScope], Visits]] = {
    ast.Name: ExpressionChecker.name,
    ast.Call: ExpressionChecker.call,
    ast.LetIn: ExpressionChecker.let_in,
    ast.ShareIn: ExpressionChecker.share_in,
    ast.Comprehension: ExpressionChecker.comprehension,
    ast.List: ExpressionChecker.list,
    ast.Shape: ExpressionChecker.shape,
    ast.Bundle: ExpressionChecker.bundle,
    ast.Wildcard: ExpressionChecker.wildcard,
    ast.Rest: ExpressionChecker.wildcard,
    ast.Attribute: ExpressionChecker.attribute,
}
