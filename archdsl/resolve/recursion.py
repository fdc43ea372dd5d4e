"""Blocks and functions that contain themselves whatever their arguments are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias

from archdsl.resolve.foreign import instead_of
from archdsl.resolve.report import Report
from archdsl.resolve.scopes import Declaration, Globals
from archdsl.resolve.words import JOINS, takes
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.walk import body_of, children

ENDLESS = "end the recursion with `if`"


@dataclass(frozen=True)
class Use:
    """A declaration applied or called without a condition, and where."""

    target: Declaration
    span: Span


Uses: TypeAlias = Mapping[Declaration, Sequence[Use]]
Neighbours: TypeAlias = Mapping[Declaration, Set[Declaration]]


def check_recursion(uses: Uses, names: Globals, report: Report) -> None:
    """Refuse every circle of declarations that nothing ends, at its first call in the text.

    `uses` are what those of a file apply, by declaration.
    """
    circles: set[frozenset[Declaration]] = set()
    uses = _between_circles(uses)
    for declaration in uses:
        circle = _circle(declaration, uses)
        members = frozenset(use.target for use in circle)
        if circle and members not in circles:
            circles.add(members)
            first = min(circle, key=lambda use: report.placed(use.span).start)
            name = first.target.name.name
            message = f"`{name}` always contains itself"
            report.refuse("E0711", message, first.span, _help(circle, names))


def _between_circles(uses: Uses) -> Uses:
    """Without the declarations that lead to no circle, or that none leads to: usually all."""
    targets = {user: {each.target for each in several} for user, several in uses.items()}
    users: dict[Declaration, set[Declaration]] = {each: set() for each in uses}
    for user, used in targets.items():
        for each in used & uses.keys():
            users[each].add(user)
    left = _without_ends(_without_ends(uses.keys(), targets, users), users, targets)
    return {user: several for user, several in uses.items() if user in left}


def _without_ends(
    declarations: Set[Declaration], after: Neighbours, before: Neighbours
) -> set[Declaration]:
    """Those from which a way through them goes on without an end."""
    left = {*declarations}
    ahead = {each: len(after[each] & left) for each in left}
    waiting = [each for each, number in ahead.items() if not number]
    while waiting:
        end = waiting.pop()
        left.remove(end)
        for each in before[end] & left:
            ahead[each] -= 1
            if not ahead[each]:
                waiting.append(each)
    return left


def _circle(start: Declaration, uses: Uses) -> list[Use]:
    """The shortest way from a declaration back to itself; empty without one."""
    # Every use that is reached, with the number of the one before it.
    reached = [(use, -1) for use in uses[start]]
    seen: set[Declaration] = set()
    for number, (use, before) in enumerate(reached):
        if use.target is start:
            return _way(use, before, reached)
        if use.target not in seen:
            seen.add(use.target)
            reached += [(each, number) for each in uses.get(use.target, ())]
    return []


def _way(last: Use, before: int, reached: Sequence[tuple[Use, int]]) -> list[Use]:
    """The uses that lead to one, in their order, the last included."""
    way = [last]
    while before >= 0:
        use, before = reached[before]
        way.append(use)
    return way[::-1]


def _help(circle: list[Use], names: Globals) -> str:
    """The help for a network that calls itself: most likely another name was meant."""
    declaration = circle[0].target
    if len(circle) > 1 or not isinstance(declaration, ast.BlockDeclaration):
        return ENDLESS
    if not declaration.is_network:
        return ENDLESS
    name = declaration.name.name
    itself = f"inside `network {name}`, `{name}` is the network itself; if another is meant"
    others = [each for each in names.visible() if each != name]
    foreign = instead_of(name, others)
    return f"{itself}, rename the network" if not foreign else f"{itself}: {foreign}"


def uses_of(declaration: Declaration, names: Globals) -> Iterator[Use]:
    """The declarations of the same file that one certainly applies."""
    if isinstance(declaration, ast.Let) and declaration.parameters is None:
        # That a value is part of itself is another mistake.
        return
    bound = {parameter.name.name for parameter in declaration.parameters or ()}
    is_block = isinstance(declaration, ast.BlockDeclaration)
    waiting: list[tuple[ast.SyntaxNode, bool]] = [(body_of(declaration), is_block)]
    while waiting:
        node, applied = waiting.pop()
        used = _used(node, applied, bound, names)
        if used is not None:
            yield used
        waiting += _certain(node, applied, bound, names)


def _used(node: ast.SyntaxNode, applied: bool, bound: set[str], names: Globals) -> Use | None:
    """The declaration that a node applies, as an `applied` layer or a called function."""
    callee = node.callee if isinstance(node, ast.Call) else node
    if not isinstance(callee, ast.Name) or callee.name in bound:
        return None
    target = names.declared.get(callee.name)
    if isinstance(target, ast.BlockDeclaration):
        return Use(target, node.span) if applied else None
    is_function = isinstance(target, ast.Let) and target.parameters is not None
    is_call = isinstance(node, ast.Call) or applied
    return Use(target, node.span) if is_function and is_call and target is not None else None


def _certain(
    node: ast.SyntaxNode, applied: bool, bound: set[str], names: Globals
) -> list[tuple[ast.SyntaxNode, bool]]:
    """The parts of a node that are evaluated in any case; layers among them that are applied."""
    match node:
        case ast.Conditional(condition=condition):
            return [(condition, False)]
        case ast.Logical(operands=operands):
            return [(operands[0], False)]
        case ast.Comprehension(iterable=iterable):
            return [(iterable, False)]
        case ast.LetIn(bindings=bindings, body=body):
            bound |= {binding.name.name for binding in bindings}
            # What is shared is used; a function may never be called.
            is_shared = applied and isinstance(node, ast.ShareIn)
            values = [each.value for each in bindings if each.parameters is None]
            return [*[(value, is_shared) for value in values], (body, applied)]
        case ast.Chain(links=layers) | ast.Bundle(branches=layers):
            return [(layer, applied) for layer in layers]
        case ast.Labelled(layer=layer):
            return [(layer, applied)]
        case ast.Call(callee=ast.Name(name=name), arguments=arguments) if name not in bound:
            values = [argument.value for argument in arguments]
            applied = applied and name not in names.declared
            return [
                (value, applied and _applies(name, values, i)) for i, value in enumerate(values)
            ]
    return [(child, False) for child in children(node)]


def _applies(name: str, values: list[ast.Expression], index: int) -> bool:
    """Whether a function of the language applies the layer that is its argument."""
    if name in JOINS:
        return True
    roles = takes(name)
    counts = [value for value, role in zip(values, roles, strict=False) if role == "number"]
    is_repeated = all(isinstance(count, ast.Number) and count.value > 0 for count in counts)
    return roles[index : index + 1] == ("layer",) and is_repeated
