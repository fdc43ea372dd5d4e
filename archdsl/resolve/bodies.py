"""Checks of what is in declarations: their signatures, and the names that these give a body."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from archdsl.diagnostics import note
from archdsl.resolve.calls import check_default
from archdsl.resolve.edits import without
from archdsl.resolve.expressions import ExpressionChecker
from archdsl.resolve.externs import check_extern
from archdsl.resolve.labels import check_labels
from archdsl.resolve.scopes import StaticScope, numbered
from archdsl.syntax import ast
from archdsl.syntax.walk import descendants

OWN = ast.Named


class Checker(ExpressionChecker):
    """Goes through the declarations of one file."""

    def declaration(self, declaration: ast.Declaration) -> frozenset[str]:
        """Check one declaration; the names of others that it uses."""
        self.used = set()
        self.context.enter(declaration)
        match declaration:
            case ast.Default():
                self.used.add(declaration.callee.name)
                check_default(declaration, self.names, self.report)
                self._visit([(argument.value, StaticScope()) for argument in declaration.arguments])
            case ast.Let():
                self._let(declaration)
            case ast.BlockDeclaration():
                self._block(declaration)
            case ast.Extern():
                self._extern(declaration)
            case ast.Assert():
                self._visit([(declaration.condition, StaticScope(in_assert=True))])
        return frozenset(self.used)

    def remark_on_imports(self, file: ast.File, used: Set[str]) -> None:
        """Note what is imported and never used, once all declarations have been checked."""
        imports = [each for each in file.declarations if isinstance(each, ast.Import)]
        declared = {each.name.name for each in file.declarations if isinstance(each, OWN)}
        for name in [name for each in imports for name in each.names]:
            known = (name.alias or name.name).name
            is_known = self.names.declared.get(known) is not None
            if is_known and known not in used | declared and not file.unread:
                message = f"`{known}` is imported and never used"
                self.report.add(
                    note("N0601", message, name.span, help="delete it", fixes=without(name, file))
                )

    def _let(self, let: ast.Let) -> None:
        scope = self._parameters(let.parameters or (), StaticScope())
        self._visit([(let.value, scope)])
        check_labels(let.value, (), self.report, self.names.declared)
        self._unused(let, scope)

    def _block(self, block: ast.BlockDeclaration) -> None:
        signature = block.signature
        inputs = signature.inputs if signature else ()
        given = {parameter.name.name for parameter in block.parameters}
        bound = [name for name in _bound(inputs) if name.name not in given]
        self._distinct([each.name for each in inputs if each.name], "input")
        for name in [each.name for each in inputs if each.name and each.name.name in given]:
            message = f"`{name.name}` is a parameter and an input"
            self.report.refuse("E0211", message, name.span, "rename one of them")
        scope = self._parameters(block.parameters, StaticScope(numbered(bound)))
        results = signature.results if signature else ()
        self._distinct([each.name for each in results if each.name], "result")
        self._visit([(each.shape, scope) for each in (*inputs, *results)])
        self._patterns([] if block.is_network else inputs, given)
        self._visit([(block.body, scope)])
        wires = [each.name.name for each in inputs if each.name]
        check_labels(block.body, wires, self.report, self.names.declared)
        self._unused(block, scope)

    def _extern(self, extern: ast.Extern) -> None:
        inputs = extern.signature.inputs
        given = {parameter.name.name for parameter in extern.parameters}
        bound = [name for name in _bound(inputs) if name.name not in given]
        self._distinct([each.name for each in inputs if each.name], "input")
        scope = self._parameters(extern.parameters, StaticScope(numbered(bound)))
        values = [each.value for each in extern.made.arguments]
        values += [each.value for each in (extern.made.further,) if each is not None]
        shapes = [each.shape for each in (*inputs, *extern.signature.results)]
        self._visit([(each, scope) for each in (*shapes, *values)])
        self._patterns(inputs, given)
        check_extern(extern, self.names, self.report)
        self._unused(extern, scope)

    def _patterns(self, inputs: Sequence[ast.Input], known: Set[str]) -> None:
        """Refuse sizes that cannot be solved for the name in them: only multiples can."""
        sizes = [size for each in inputs for size in each.parts]
        known = known | {size.name for size in sizes if isinstance(size, ast.Name)}
        for size in sizes:
            names = {n.name for n in descendants(size) if isinstance(n, ast.Name)}
            unknown = sorted(n for n in names - known if not self.names.knows(n))
            if unknown and not (len(unknown) == 1 and _is_product(size)):
                message = f"`{size.span.text}` does not determine `{unknown[0]}`"
                help = "name the whole size, `[c, h, w]`, and write `c // 2` in the body"
                self.report.refuse("E0310", message, size.span, help)


def _is_product(size: ast.Expression) -> bool:
    """Whether a size is a name, or a multiple of one: `16 * h`."""
    if isinstance(size, ast.Arithmetic):
        return all(operator == "*" for operator, _ in size.rest)
    return isinstance(size, ast.Name)


def _bound(inputs: Iterable[ast.Input]) -> Iterable[ast.Name]:
    """The names in the sizes at the entry, and in the bounds."""
    for each in inputs:
        for size in each.parts:
            for node in descendants(size):
                if isinstance(node, ast.Name):
                    yield node
