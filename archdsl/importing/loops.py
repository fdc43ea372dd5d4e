"""Loops: layers of one form one after another become `repeat`, `chain(… for …)`, or a table.

How often a loop turns is an argument as others are, so blocks of several depths are one block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archdsl.importing.alternating import alternating
from archdsl.importing.printing import Printer
from archdsl.importing.rates import Rate
from archdsl.importing.repeats import with_periods
from archdsl.importing.terms import (
    Layer,
    Read,
    Term,
    Text,
    chain,
    filled,
    read_labels,
    skeleton,
    values,
)
from archdsl.ops import OPS

NUMBERED = re.compile(r"(.*?)(\d+)(\D*)\Z")
LEAST_BRANCHES = 3
"""A list of fewer branches is longer than the branches."""
LEAST_ROWS = 4
"""A table of so few rows, or fewer, is harder to read than the layers."""
WORDS = re.compile(r"\w+|[^\w\s]")


def with_loops(term: Term, rate: Rate | None = None) -> Term:
    """A body with loops in place of layers that repeat; `rate` is the law of rates that grow."""
    return _with_loops(term, rate, read_labels(term))


def _with_loops(term: Term, rate: Rate | None, read: set[str]) -> Term:
    """Layers that wires `read` by their labels stay as they are."""
    term = term.with_parts(lambda part: _with_loops(part, rate, read))
    if term.kind == "join" and not OPS[term.head].keyword_branches:
        return replace(term, parts=tuple(_branches(term.parts, read)))
    if term.kind != "chain":
        return term
    made: list[Term] = []
    for run in _runs(with_periods(term.parts)):
        made += run if _is_read(run, read) else _looped(run, rate)
    return made[0] if len(made) == 1 and made[0].kind != "chain" else chain(made)


def _branches(parts: Sequence[Term], read: set[str]) -> Iterator[Term]:
    """The branches of a join; those of one form, whose labels count up, as a list."""
    for run in _runs(parts):
        form = _form(run[0])
        columns = zip(*map(values, run), strict=True)
        is_one = all(len({*map(_key, column)}) == 1 for column in columns)
        is_list = len(run) >= LEAST_BRANCHES and is_one and _is_worth(run[0])
        if form is None or not is_list or _is_read(run, read):
            yield from run
        else:
            bounds = (("start", form.number or 0), ("n", len(run)))
            yield Term("branches", form.number is not None, (form.term,), bounds)


def _is_read(run: Sequence[Term], read: set[str]) -> bool:
    """Whether wires read what some links have labels for."""
    labels = [each.head for link in run for each in _labels(link) if each.kind == "label"]
    return not read.isdisjoint(map(str, labels))


def _runs(parts: Sequence[Term]) -> Iterator[list[Term]]:
    """The links in groups of one form, whose labels count up."""
    run: list[Term] = []
    for link in parts:
        if run and not _follows(run, link):
            yield run
            run = []
        run.append(link)
    if run:
        yield run


def _follows(run: Sequence[Term], link: Term) -> bool:
    form = _form(link)
    if form is None or form.key != _form_of(run[0]).key:
        return False
    first = _form_of(run[0]).number
    return form.number is None or form.number == (first or 0) + len(run)


@dataclass(frozen=True)
class _Form:
    """A link without the number in its labels, which is kept apart."""

    key: Any
    number: int | None
    term: Term


def _form(link: Term) -> _Form | None:
    """The form of a link; None where its labels have several numbers."""
    several = [*_labels(link)]
    if all(each.kind == "wire" for each in several):
        return _Form(skeleton(link), None, link)
    numbers = {_number(each.head) for each in several}
    if len(numbers) > 1 or None in numbers:
        return None
    (number,) = numbers
    term = _with_variable(link)
    return _Form(skeleton(term), number, term)


def _form_of(link: Term) -> _Form:
    return _form(link) or _Form(link, None, link)


def _labels(term: Term) -> Iterator[Term]:
    """The labels of a link in its own scope."""
    if term.kind in ("label", "wire"):
        yield term
    else:
        for part in term.parts:
            yield from _labels(part)


def _number(head: Any) -> int | None:
    if isinstance(head, Read):
        return None
    match = NUMBERED.match(str(head))
    is_whole = match is not None and (match[2] == "0" or not match[2].startswith("0"))
    return int(match[2]) if match is not None and is_whole else None


def _with_variable(term: Term) -> Term:
    """A term whose labels have a variable instead of their number."""
    if term.kind in ("label", "wire"):
        match = NUMBERED.match(str(term.head))
        assert match is not None
        return replace(term, head=_template(match[1], match[3]))
    return term.with_parts(_with_variable)


def _template(before: str, behind: str) -> Text:
    text = f"{before}{{i}}{behind}"
    is_plain = re.match(r"[A-Za-z_]", text) and re.fullmatch(r"[A-Za-z0-9_{}]*", text)
    return Text(text if is_plain else f'"{text}"')


def _looped(run: list[Term], rate: Rate | None) -> list[Term]:
    """The links of one form as a loop, where that is shorter."""
    form = _form(run[0])
    if len(run) == 1 or form is None or not _is_worth(run[0]):
        return run
    rows = [values(link) for link in run]
    if form.number is not None:
        return _counted(run, form, rows)
    found: list[Term] = []
    start = 0
    while start < len(run):
        end = _end(rows, start, rate)
        found.append(_turns(run[start:end], rate))
        start = end
    turning = alternating(run, rate) if rate is not None else None
    if turning is not None and _words(turning) < _words(chain(found)):
        return [turning]
    table = _tabled(run, rows)
    return table if table != run and _words(chain(table)) < _words(chain(found)) else found


def _end(rows: list[list[Any]], start: int, rate: Rate | None) -> int:
    """Where a loop ends that begins with a row: the next differs in more than growing rates."""
    end = start + 1
    while end < len(rows) and _is_next(rows[start], rows[end], end - start, rate):
        end += 1
    return end


def _is_next(first: list[Any], row: list[Any], turn: int, rate: Rate | None) -> bool:
    for before, after in zip(first, row, strict=True):
        if _key(before) == _key(after):
            continue
        step = rate.step(before) if rate is not None else None
        if step is None or rate is None or rate.step(after) != step + turn:
            return False
    return True


def _turns(run: list[Term], rate: Rate | None) -> Term:
    """Links that differ in growing rates alone."""
    if len(run) == 1:
        return run[0]
    if values(run[0]) == values(run[1]) or rate is None:
        return Term("repeat", "", (run[0],), (("n", len(run)),))
    found = growing(run[0], rate, [a != b for a, b in zip(*map(values, run[:2]), strict=True)])
    assert found is not None
    return replace(found, arguments=(found.arguments[0], ("n", len(run))))


def growing(link: Term, rate: Rate, grows: list[bool]) -> Term | None:
    """A loop of one turn, some of whose arguments grow; None where they follow no one step."""
    given = values(link)
    steps = {rate.step(value) for value, is_growing in zip(given, grows, strict=True) if is_growing}
    if len(steps) != 1 or None in steps:
        return None
    body = [Text(rate.text("i")) if g else v for v, g in zip(given, grows, strict=True)]
    return Term("loop", rate, (filled(link, iter(body)),), (("start", steps.pop()), ("n", 1)))


def _is_worth(link: Term) -> bool:
    """Whether a link is more than a single op without weights."""
    return link.kind in ("call", "label", "join", "use") or any(
        each.kind in ("call", "label") for each in link.walk()
    )


def _counted(run: list[Term], form: _Form, rows: list[list[Any]]) -> list[Term]:
    """Layers whose labels count up: `chain(layer{i}: … for i in range(1, n + 1))`."""
    assert form.number is not None
    columns = [*zip(*rows, strict=True)]
    if not all(len({*map(_key, column)}) == 1 for column in columns):
        return _counted_table(run, form, columns)
    bounds = (("start", form.number), ("n", len(run)))
    return [Term("loop", "", (form.term,), bounds)]


def _counted_table(run: list[Term], form: _Form, columns: list[tuple[Any, ...]]) -> list[Term]:
    """Such layers with arguments that differ: the rows of a table are counted."""
    table = _table(columns, form.term)
    if table is None:
        return run
    body, names, rows = table
    assert form.number is not None
    if len(names) == 1:
        head = tuple(names), form.number
        return _shorter(_table_term(head, body, [row[0] for row in rows]), run)
    numbered = [(form.number + place, *row) for place, row in enumerate(rows)]
    return _shorter(_table_term((("i", *names), None), body, numbered), run)


def _shorter(table: Term, run: list[Term]) -> list[Term]:
    """A table, or the layers themselves where they are few, or no more words."""
    is_worth = len(run) > LEAST_ROWS and _words(table) < _words(chain(run))
    return [table] if is_worth else run


def _words(term: Term) -> int:
    return len(WORDS.findall(Printer().layer(term)))


def _tabled(run: list[Term], rows: list[list[Any]]) -> list[Term]:
    table = _table([*zip(*rows, strict=True)], run[0])
    if table is None:
        return run
    body, names, found = table
    flat = [row[0] for row in found] if len(names) == 1 else [*found]
    return _shorter(_table_term((tuple(names), None), body, flat), run)


def _table_term(head: Any, body: Term, rows: list[Any]) -> Term:
    return Term("table", head, (body,), (("rows", tuple(rows)),))


def _table(
    columns: list[tuple[Any, ...]], term: Term
) -> tuple[Term, list[str], tuple[tuple[Any, ...], ...]] | None:
    """The columns that differ as a table, and the term with a variable for each of them."""
    names: dict[tuple[Any, ...], str] = {}
    given: list[Any] = []
    arguments = [name for each in term.walk() for name, _ in each.arguments]
    for name, column in zip(arguments, columns, strict=True):
        if len({*map(_key, column)}) == 1:
            given.append(column[0])
            continue
        if any(isinstance(value, Layer) for value in column):
            return None
        key = tuple(map(_key, column))
        if key not in names:
            taken = {*names.values(), "i"}
            names[key] = _free(name, taken)
        given.append(Text(names[key]))
    body = filled(term, iter(given))
    rows = tuple(zip(*[[value for _, value in key] for key in names], strict=True))
    return body, [*names.values()], rows


def _free(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found in taken:
        found, number = f"{name}{number}", number + 1
    return found


def _key(value: Any) -> tuple[type, Any]:
    return type(value), value
