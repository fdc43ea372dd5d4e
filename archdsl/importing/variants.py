"""Variants: blocks of one class whose bodies differ in a place or two become one block.

What only some instances have stands under an `if`, a loop that some lack turns no times, and a sum
around what others compute alone is a shortcut that is there or not.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from archdsl.importing.terms import IDENTITY, Layer, Term, chain, links


class _Absent:
    """The value of an argument in an instance that lacks its place."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
MOST_DIFFERENCES = 4
LEAST_ALIKE = 0.4
"""How much of the larger body two variants must have in common."""


class Different(Exception):
    """Two bodies that have no common form."""


def merged(first: Term, second: Term) -> tuple[Term, Term] | None:
    """Two bodies in their common form; None if they have too little in common."""
    try:
        one, other, differences, alike = _merge(first, second)
    except Different:
        return None
    size = max(_size(first), _size(second))
    if differences > MOST_DIFFERENCES or alike < LEAST_ALIKE * size:
        return None
    return one, other


def _size(term: Term) -> int:
    return sum(each.kind in ("op", "call") for each in term.walk())


Result = tuple[Term, Term, int, int]
"""Both terms in the common form, how many places differ, and how many layers are alike."""


def _merge(one: Term, other: Term) -> Result:
    if one.kind == "skip" or other.kind == "skip":
        return _skips(one, other)
    if _is_skip(one) != _is_skip(other):
        return _with_skip(one, other)
    if one.kind == "chain" or other.kind == "chain":
        return _chains(links(one), links(other))
    return _alike(one, other)


def _alike(one: Term, other: Term) -> Result:
    """Two terms that are no chains."""
    if one.kind == "if" or other.kind == "if":
        return _conditions(one, other)
    if _key(one) != _key(other) or len(one.parts) != len(other.parts):
        raise Different
    if one.kind in ("op", "call") and [n for n, _ in one.arguments] != [
        n for n, _ in other.arguments
    ]:
        raise Different
    pairs = [_merge(a, b) for a, b in zip(one.parts, other.parts, strict=True)]
    first = replace(one, parts=tuple([pair[0] for pair in pairs]))
    second = replace(other, parts=tuple([pair[1] for pair in pairs]))
    alike = sum(pair[3] for pair in pairs) + (one.kind in ("op", "call"))
    return first, second, sum(pair[2] for pair in pairs), alike


def _key(term: Term) -> Any:
    """What two links must have in common to be one."""
    if term.kind == "if":
        return _key(links(term.parts[0])[0]) if not term.parts[0].is_identity else term
    inner = tuple(map(_key, term.parts)) if term.kind in ("repeat", "loop", "table") else ()
    return (term.kind, term.head, inner)


def _chains(one: tuple[Term, ...], other: tuple[Term, ...]) -> Result:
    """Two chains side by side; what only one has is conditional."""
    matcher = SequenceMatcher(None, [*map(_key, one)], [*map(_key, other)], autojunk=False)
    first: list[Term] = []
    second: list[Term] = []
    differences = alike = 0
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            results = [_alike(x, y) for x, y in zip(one[a:b], other[c:d], strict=True)]
        else:
            results = [_only(chain([*one[a:b]]), chain([*other[c:d]]))]
        for result in results:
            first.append(result[0])
            second.append(result[1])
            differences += result[2]
            alike += result[3]
    return _whole(first), _whole(second), differences, alike


def _whole(parts: list[Term]) -> Term:
    return parts[0] if len(parts) == 1 else Term("chain", "", tuple(parts))


def _only(one: Term, other: Term) -> Result:
    """Layers of which each side has others, or none."""
    if one.is_identity and other.kind == "if":
        return _absent(other), other, 0, 0
    if other.is_identity and one.kind == "if":
        return one, _absent(one), 0, 0
    for left, right in ((one, other), (other, one)):
        if right.is_identity and _is_activation(left):
            none = replace(left, arguments=((left.arguments[0][0], Layer(IDENTITY)),))
            return (left, none, 1, 0) if left is one else (none, left, 1, 0)
        if right.is_identity and left.kind in ("repeat", "loop"):
            never = _never(left)
            return (left, never, 1, 0) if left is one else (never, left, 1, 0)
    try:
        return _merge_once(one, other)
    except Different:
        pass
    then, otherwise = (one, other) if not one.is_identity else (other, one)
    first = Term("if", "", (then, _without(otherwise)), (("condition", True),))
    second = Term("if", "", (_without(then), otherwise), (("condition", False),))
    return (first, second, 1, 0) if then is one else (second, first, 1, 0)


def _merge_once(one: Term, other: Term) -> Result:
    """Single links that differ in kind: a layer and a loop of it."""
    for left, right in ((one, other), (other, one)):
        if left.kind == "repeat" and right.kind in ("call", "op", "label"):
            once = Term("repeat", "", (right,), (("n", 1),))
            return _alike(left, once) if left is one else _alike(once, left)
    raise Different


def _is_activation(term: Term) -> bool:
    return term.kind == "op" and not term.head


def _never(term: Term) -> Term:
    """A loop that turns no times."""
    given = {"n": 0, "start": dict(term.arguments).get("start")}
    arguments = tuple([(name, given[name]) for name, _ in term.arguments])
    return replace(term, parts=tuple(map(_without, term.parts)), arguments=arguments)


def _without(term: Term) -> Term:
    """A term in an instance that lacks it."""
    arguments = tuple([(name, ABSENT) for name, _ in term.arguments])
    return replace(term, parts=tuple(map(_without, term.parts)), arguments=arguments)


def _absent(term: Term) -> Term:
    """A condition that is not met: it has the other side, which is nothing."""
    if not term.parts[1].is_identity:
        raise Different
    return replace(_without(term), arguments=(("condition", False),))


def _conditions(one: Term, other: Term) -> Result:
    """A place that is conditional already, and another instance of it."""
    if one.kind != "if":
        second, first, differences, alike = _conditions(other, one)
        return first, second, differences, alike
    if other.kind == "if":
        pairs = [_merge(a, b) for a, b in zip(one.parts, other.parts, strict=True)]
        first = replace(one, parts=tuple([pair[0] for pair in pairs]))
        second = replace(other, parts=tuple([pair[1] for pair in pairs]))
        return first, second, sum(p[2] for p in pairs), sum(p[3] for p in pairs)
    then, otherwise, differences, alike = _merge(one.parts[0], other)
    first = replace(one, parts=(then, one.parts[1]))
    second = Term("if", "", (otherwise, _without(one.parts[1])), (("condition", True),))
    return first, second, differences, alike


# --- shortcuts ---


def _is_skip(term: Term) -> bool:
    """Whether a term adds what comes in to what it computes."""
    branches = term.parts if term.kind == "join" and term.head == "add" else ()
    return len(branches) == 2 and sum(branch.is_identity for branch in branches) == 1


def _body(term: Term) -> Term:
    return next(branch for branch in term.parts if not branch.is_identity)


def _with_skip(one: Term, other: Term) -> Result:
    """A sum with what comes in, and the same without it."""
    if not _is_skip(one):
        second, first, differences, alike = _with_skip(other, one)
        return first, second, differences, alike
    body, plain, differences, alike = _merge(_body(one), other)
    first = Term("skip", one.parts[0].is_identity, (body,), (("condition", True),))
    second = Term("skip", one.parts[0].is_identity, (plain,), (("condition", False),))
    return first, second, differences + 1, alike


def _skips(one: Term, other: Term) -> Result:
    """A shortcut that is there or not, and another instance of it."""
    if one.kind != "skip":
        second, first, differences, alike = _skips(other, one)
        return first, second, differences, alike
    if other.kind != "skip":
        is_there = _is_skip(other)
        inner = _body(other) if is_there else other
        other = Term("skip", one.head, (inner,), (("condition", is_there),))
    body, plain, differences, alike = _merge(one.parts[0], other.parts[0])
    first = replace(one, parts=(body,))
    second = replace(other, parts=(plain,), head=one.head)
    return first, second, differences, alike
