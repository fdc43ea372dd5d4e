"""Checks of labels and wires, as far as they are written out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from itertools import pairwise

from archdsl.diagnostics import both, nearest, several
from archdsl.fixes import Help
from archdsl.ops.initializers import SCHEMES
from archdsl.resolve.report import Report
from archdsl.resolve.reserved import fault_of
from archdsl.resolve.words import BUILTINS
from archdsl.syntax import ast
from archdsl.syntax.walk import children, descendants

LONGEST_START = 100


def check_labels(
    body: ast.Expression, inputs: Sequence[str], report: Report, declared: Container[str]
) -> None:
    """Check the labels and wires of one body; `inputs` are the names of a network's inputs.

    What the file has `declared` is no function of the language.
    """
    nodes = [*descendants(body)]
    labels = [label for node in nodes for label in labels_of(node)]
    for label in labels:
        _check_label(label, report)
    _check_twice(body, report, declared)
    _check_wires(nodes, labels, inputs, report)


def labels_of(node: ast.SyntaxNode) -> list[ast.Label]:
    """The labels that a node itself gives: its own, or the names of what is shared."""
    if isinstance(node, ast.Labelled):
        return [node.label]
    if isinstance(node, ast.ShareIn):
        names = [binding.name for binding in node.bindings]
        return [ast.Label(name.span, (name.name,)) for name in names]
    return []


def text(label: ast.Label) -> str | None:
    """The text of a label without variables."""
    if any(isinstance(part, ast.Name) for part in label.parts):
        return None
    return "".join(part for part in label.parts if isinstance(part, str))


def _check_label(label: ast.Label, report: Report) -> None:
    written = "".join(part for part in label.parts if isinstance(part, str))
    if "{" in written or "}" in written:
        help = "braces take one variable: `layer{i}`"
        report.refuse("E0401", "the braces in this label contain no name", label.span, help)
        return
    whole = text(label)
    fault = fault_of(whole) if whole is not None else ""
    if fault:
        shown = label.span.text.strip('"')
        report.refuse(
            "E0401",
            f"`{shown}` cannot be a label: {fault}",
            label.span,
            "choose another name",
        )


def _check_twice(body: ast.Expression, report: Report, declared: Container[str]) -> None:
    """Labels that stand twice in one scope; the sides of an `if` never meet."""
    scopes: list[ast.SyntaxNode] = [body]
    while scopes:
        seen: dict[str, ast.Label] = {}
        stack = [scopes.pop()]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Conditional):
                scopes += [side for side in (node.then, node.otherwise) if side is not None]
            elif isinstance(node, ast.Labelled):
                _once(node.label, seen, report, node.layer)
                scopes.append(node.layer)
            elif isinstance(node, ast.ShareIn):
                for label in labels_of(node):
                    _once(label, seen, report)
                scopes += [binding.value for binding in node.bindings]
                stack.append(node.body)
            elif _is_transparent(node, declared):
                stack += reversed(children(node))
            else:
                scopes += children(node)


def _once(
    label: ast.Label,
    seen: dict[str, ast.Label],
    report: Report,
    layer: ast.Expression | None = None,
) -> None:
    whole = text(label)
    if whole is None:
        return
    if whole in seen:
        first = report.placed(seen[whole].span)
        message = f"the label `{whole}` is used twice here, first at {first.line}:{first.column}"
        help = "two layers of one block cannot share a label"
        if isinstance(layer, ast.Wire) and text(layer.label) == whole:
            help = f"in a bundle, `@{whole}` alone has that name"
        report.refuse("E0402", message, label.span, help)
    seen.setdefault(whole, label)


def _is_transparent(node: ast.SyntaxNode, declared: Container[str]) -> bool:
    """Whether the labels within belong to the same scope as the node itself."""
    if isinstance(node, ast.Call):
        name = node.callee.name if isinstance(node.callee, ast.Name) else ""
        return name in BUILTINS and name not in SCHEMES and name not in declared
    return isinstance(node, ast.Chain | ast.Bundle | ast.List | ast.Argument)


def _check_wires(
    nodes: Iterable[ast.SyntaxNode],
    labels: Sequence[ast.Label],
    inputs: Sequence[str],
    report: Report,
) -> None:
    known = {*filter(None, map(text, labels)), *inputs}
    starts = {_start(label) for label in labels if text(label) is None}
    for node in nodes:
        if isinstance(node, ast.Chain):
            links = [link for link in node.links if not _is_identity(link)]
            for before, link in pairwise(links):
                if not isinstance(before, ast.Bundle):
                    _check_place(link, report)
        elif isinstance(node, ast.Wire):
            name = text(node.label)
            # Labels and wires with variables are left to the evaluation.
            if name is None or name in known or _may_start(name, starts):
                continue
            help = "a wire reads the label of an earlier layer in this body"
            if known:
                near, listed = nearest(name, known), several(sorted(known))
                meant = Help(f"did you mean `{near}`?", f"@{near}") if near else ""
                is_all = bool(near) and len(known) == 1
                help = meant if is_all else both(meant, f"the labels are {listed}")
            report.refuse("E0404", f"unknown label `{name}`", node.span, help)


def _start(label: ast.Label) -> str:
    """The text of a label before its first variable."""
    first = label.parts[0]
    return first[:LONGEST_START] if isinstance(first, str) else ""


def _may_start(name: str, starts: set[str]) -> bool:
    return any(name[:end] in starts for end in range(min(len(name), LONGEST_START) + 1))


def _is_identity(link: ast.Expression) -> bool:
    return isinstance(link, ast.Name) and link.name == "identity"


def _check_place(link: ast.Expression, report: Report) -> None:
    """A link behind another must not begin with a wire, but for one of several tensors.

    Whether it is one of those that come in is left to the evaluation.
    """
    stack: list[ast.Expression] = [link]
    while stack:
        node = stack.pop()
        match node:
            case ast.Wire():
                message = "a wire here discards the result of the layers before it"
                help = "a wire must come first in a chain, or in a branch of `add`, `concat`, …"
                report.refuse("E0403", message, node.span, help)
            case ast.Labelled(layer=layer):
                stack.append(layer)
            case ast.Chain(links=links):
                stack.append(links[0])
            case ast.Conditional(then=then, otherwise=otherwise):
                stack += [side for side in (otherwise, then) if side is not None]
