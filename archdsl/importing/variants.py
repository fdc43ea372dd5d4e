"""Variants: blocks of one class whose bodies differ in a place or two become one block.

What only some instances have stands under an `if`, a loop that some lack turns no times, and a sum
around what others compute alone is a shortcut that is there or not.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from archdsl.importing.loops import growing
from archdsl.importing.rates import Rate
from archdsl.importing.terms import ABSENT, IDENTITY, LOOPS, Layer, Term, Text, chain, links, values

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
    inner = tuple(map(_key, term.parts)) if term.kind in LOOPS else ()
    return (term.kind, term.head, inner)


Links = tuple[Term, ...]


def _chains(one: Links, other: Links) -> Result:
    """Two chains side by side; what only one has is conditional."""
    one, other = _unrolled(one, other), _unrolled(other, one)
    first: list[Term] = []
    second: list[Term] = []
    differences = alike = 0
    for left, right in _aligned(one, other):
        is_pair = len(left) == len(right) == 1 and _score(left[0], right[0]) > 0
        result = _alike(left[0], right[0]) if is_pair else _only(chain([*left]), chain([*right]))
        first.append(result[0])
        second.append(result[1])
        differences += result[2]
        alike += result[3]
    return _whole(first), _whole(second), differences, alike


def _unrolled(one: Links, other: Links) -> Links:
    """A chain whose loops begin as the other's do: with a layer before the loop of its kind."""
    starts = {_key(b.parts[0]) for a, b in pairwise(other) if _is_loop_of(b, a)}
    found: list[Term] = []
    for place, link in enumerate(one):
        before = one[place - 1] if place else None
        is_bare = link.kind == "repeat" and not (before and _is_loop_of(link, before))
        if is_bare and _key(link.parts[0]) in starts:
            count = link.arguments[0][1]
            found += [link.parts[0], replace(link, arguments=(("n", count - 1),))]
        else:
            found.append(link)
    return tuple(found)


def _is_loop_of(loop: Term, layer: Term) -> bool:
    return loop.kind == "repeat" and _key(loop.parts[0]) == _key(layer)


def _aligned(one: Links, other: Links) -> list[tuple[Links, Links]]:
    """Links side by side as they are most alike (Needleman and Wunsch, 1970).

    Links that have no partner stand together, opposite of those that the other side has there.
    """
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for i in range(len(one), -1, -1):
        for j in range(len(other), -1, -1):
            ways = [(0.0, 0)]
            if i < len(one):
                ways.append((best[i + 1, j][0], 1))
            if j < len(other):
                ways.append((best[i, j + 1][0], 2))
            if i < len(one) and j < len(other) and (score := _score(one[i], other[j])):
                ways.append((best[i + 1, j + 1][0] + score, 3))
            best[i, j] = max(ways)
    return _read_back(one, other, best)


def _read_back(
    one: Links, other: Links, best: dict[tuple[int, int], tuple[float, int]]
) -> list[tuple[Links, Links]]:
    found: list[tuple[Links, Links]] = []
    left: list[Term] = []
    right: list[Term] = []
    i = j = 0
    while i < len(one) or j < len(other):
        way = best[i, j][1]
        if way == 3 or not way:
            found += [(tuple(left), tuple(right))] if left or right else []
            left, right = [], []
        if way == 3:
            found.append(((one[i],), (other[j],)))
            i, j = i + 1, j + 1
        elif way == 1 or (not way and i < len(one)):
            left.append(one[i])
            i += 1
        else:
            right.append(other[j])
            j += 1
    return [*found, (tuple(left), tuple(right))] if left or right else found


def _score(one: Term, other: Term) -> float:
    """How much two links are alike, by their arguments; 0 for what cannot be one link."""
    if _key(one) != _key(other):
        return 0
    pairs = [*zip(one.arguments, other.arguments, strict=False)]
    alike = [_likeness(a, b) for (_, a), (_, b) in pairs]
    return 1 + (sum(alike) / len(alike) if alike else 1)


def _likeness(one: Any, other: Any) -> float:
    if one == other:
        return 1
    is_number = type(one) is int and type(other) is int
    if not is_number:
        return 0
    # A stride or a number of groups is 1 where there is none.
    return 0.5 if one > 1 and other > 1 else -0.5


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
        if left.kind == "loop" and isinstance(left.head, Rate) and right.kind == "call":
            inner = values(left.parts[0])
            turn = growing(right, left.head, [isinstance(value, Text) for value in inner])
            if turn is not None and _key(left.parts[0]) == _key(right):
                return _alike(left, turn) if left is one else _alike(turn, left)
    raise Different


def _is_activation(term: Term) -> bool:
    return term.kind == "op" and not term.head


def _never(term: Term) -> Term:
    """A loop that turns no times."""
    start = ABSENT if term.head else dict(term.arguments).get("start")
    given = {"n": 0, "start": start}
    arguments = tuple([(name, given[name]) for name, _ in term.arguments])
    return replace(term, parts=tuple(map(_without, term.parts)), arguments=arguments)


def _without(term: Term) -> Term:
    """A term in an instance that lacks it; what a loop computes there stays."""
    arguments = tuple([(n, v if isinstance(v, Text) else ABSENT) for n, v in term.arguments])
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
