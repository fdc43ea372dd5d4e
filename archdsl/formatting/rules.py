"""How every construct of the language is laid out: a function from its part to a document.

A rule of the grammar that has none here is written as a row of words (`row`), with its brackets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from archdsl.documents import (
    LINE,
    SOFT,
    Above,
    Behind,
    Document,
    Group,
    IfBroken,
    Indent,
    is_breakable,
)
from archdsl.formatting.lists import list_items
from archdsl.formatting.spacing import is_spaced
from archdsl.syntax.concrete import Part

BRACKETS = {"(": ")", "[": "]"}
SEPARATORS = {",", ";"}
ONE_INSIDE = {"parenthesized", "index", "slice"}
"""Brackets around one expression or two, behind which no comma may stand."""
HUGGED = {"list", "parenthesized"}
"""Values that begin on the line of their `=`, however long they are."""

Step: TypeAlias = "tuple[Part | None, Part]"
"""A layer of a chain with the `->` before it."""
Shift: TypeAlias = "Callable[[tuple[Document, ...]], Document]"
"""`Indent` or nothing, for all lines but the first."""


def show(part: Part, inside: Callable[[Part], Document] | None = None) -> Document:
    """A part with its comments."""
    return (*above(part), (inside or body)(part), *behind(part))


def above(part: Part) -> list[Document]:
    """The comments above a part."""
    return [Above(comment.text) for comment in part.above]


def behind(part: Part) -> list[Document]:
    """The comments behind a part."""
    return [Behind(comment.text) for comment in part.behind]


def body(part: Part) -> Document:
    """A part without the comments around it; of what is broken, all but the start is indented."""
    if not part.parts:
        return part.text
    if part.kind in OPEN:
        return Group(OPEN[part.kind](part, Indent))
    return CLOSED.get(part.kind, _row)(part)


def flush(part: Part) -> Document:
    """A part that stands alone between brackets or behind `=`: what is broken starts alike."""
    return show(part, lambda it: Group(OPEN[it.kind](it, tuple)) if it.kind in OPEN else body(it))


def row(parts: Sequence[Part], kind: str = "row") -> Document:
    """Parts one behind the other, with blanks where they belong; brackets may be broken."""
    result: list[Document] = []
    index = 0
    while index < len(parts):
        if index and is_spaced(parts[index - 1], parts[index]):
            result.append(" ")
        end = _closing(parts, index)
        if end is None:
            result.append(show(parts[index]))
            index += 1
        else:
            result.append(brackets(parts[index:end], kind))
            result += behind(parts[end - 1])
            index = end
    return tuple(result)


def _row(part: Part) -> Document:
    return row(part.parts, part.kind)


def _closing(parts: Sequence[Part], index: int) -> int | None:
    """Where the brackets end that one of the parts opens; None if it opens none."""
    closing = BRACKETS.get(parts[index].text)
    if closing is None:
        return None
    return next(i for i in range(index, len(parts)) if parts[i].text == closing) + 1


def brackets(parts: Sequence[Part], kind: str) -> Document:
    """Brackets: what is in them, on one line or one item a line."""
    opening, *inside, closing = parts
    start = (*above(opening), opening.text, *behind(opening))
    is_kept = bool(inside) and inside[-1].text == ","
    comma = behind(inside[-1]) if is_kept else []
    if not inside or kind == "sizes":
        return (*start, Indent((*_items(inside, " "), *comma, *above(closing))), closing.text)
    is_listed = kind not in ONE_INSIDE and inside[-1].kind != "comprehension"
    content = list_items(inside, body) if kind == "list" else None
    if kind == "slice":
        content = tuple(map(show, inside))
    elif content is None:
        content = _items(inside) if is_listed else (flush(inside[0]),)
    # Behind `;` stands one size.
    ends = [IfBroken(",")] if is_listed and all(part.text != ";" for part in inside) else []
    last = (SOFT, *above(closing)) if closing.above else ()
    block = Indent((SOFT, *content, *ends, *comma, *last))
    return Group((*start, block, SOFT, closing.text), is_forced=is_kept)


def _items(parts: Sequence[Part], gap: Document = LINE) -> tuple[Document, ...]:
    """Items with the separators between them; the comma behind the last is left out."""
    result: list[Document] = []
    for index, part in enumerate(parts):
        if part.text not in SEPARATORS:
            result.append(show(part))
        elif index < len(parts) - 1:
            result += [show(part), gap]
    return tuple(result)


# --- layers ---


def _chain(part: Part, shift: Shift) -> Document:
    """Layers on one line, or in the rows in which they were written, or one a line."""
    steps: list[Step] = [
        (None, part.parts[0]),
        *zip(part.parts[1::2], part.parts[2::2], strict=True),
    ]
    rows: list[list[Step]] = []
    for arrow, link in steps:
        if arrow is None or arrow.starts_line or link.starts_line:
            rows.append([])
        rows[-1].append((arrow, link))
    rest = [(LINE, _links(each, tuple)) for each in rows[1:]]
    return (_links(rows[0], shift), shift(tuple(rest)))


def _links(steps: Sequence[Step], shift: Shift) -> Document:
    """A row of layers. One that is too long is broken before every `->`.

    If the author has broken inside of a layer instead, as in `add(⏎ … ) -> relu`, it stays so.
    """
    last = steps[-1][1]
    start, *rest = (_link(arrow, link, link is last) for arrow, link in steps)
    is_open = any(link.has_lines for _, link in steps) and any(map(is_breakable, (start, *rest)))
    row, opened = ((start, shift(tuple([(gap, each) for each in rest]))) for gap in (LINE, " "))
    group = Group(row, otherwise=opened if is_open else None)
    return (*_over(*steps[0]), group, *behind(last))


def _over(arrow: Part | None, link: Part) -> list[Document]:
    """The comments around an arrow, of which only the first of a row has any."""
    comments = [*arrow.above, *arrow.behind, *link.above] if arrow else link.above
    return [Above(comment.text) for comment in comments]


def _link(arrow: Part | None, link: Part, is_last: bool) -> Document:
    """A layer and the `->` before it, without the comments around the row that they are in."""
    layer = (body(link), *(() if is_last else behind(link)))
    return layer if arrow is None else (arrow.text, " ", *layer)


def _conditional(part: Part, shift: Shift) -> Document:
    """`then if condition else otherwise`, broken before `else`, then before `if`."""
    then, word, test, *rest = part.parts
    first = Group((show(then), shift((LINE, show(word), " ", flush(test)))))
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return (first, shift(tuple([(LINE, show(word), " ", flush(each)) for word, each in pairs])))


def _operation(part: Part, shift: Shift) -> Document:
    """Operands, broken before the operators between them."""
    first, *rest = part.parts
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return (
        show(first),
        shift(tuple([(LINE, show(sign), " ", show(each)) for sign, each in pairs])),
    )


def _let_in(part: Part) -> Document:
    """`let a = 1, b = 2 in body`: the body on a line of its own, if need be."""
    word, *bindings, ending, value = part.parts
    first, *rest = _items(bindings)
    names = Group((first, Indent(tuple(rest))))
    return Group((show(word), " ", names, " ", show(ending), LINE, flush(value)))


def _comprehension(part: Part) -> Document:
    """`element for a, b in list if condition`, broken before `for` and `if`."""
    element, *rest = part.parts
    test = next((i for i, each in enumerate(rest) if each.text == "if"), len(rest))
    clauses = [row(each) for each in (rest[:test], rest[test:]) if each]
    return Group((flush(element), *[(LINE, clause) for clause in clauses]))


# --- declarations ---


def _declaration(part: Part) -> Document:
    """`head = body`: the body on a line of its own, if it does not fit behind the head."""
    *head, equals, value = part.parts
    start = (row(head), " ", *above(equals), equals.text)
    if value.kind in HUGGED and not value.above and not equals.behind:
        return (*start, " ", show(value))
    return (*start, Group(Indent((*behind(equals), LINE, flush(value)))))


def _foreign_class(part: Part) -> Document:
    """`"module.Class"(arguments), weights=count`, broken before `weights`."""
    if part.parts[-1].kind != "keyword_argument":
        return _row(part)
    *call, comma, further = part.parts
    return Group((row(call, part.kind), show(comma), LINE, show(further)))


def _imports(part: Part) -> Document:
    """`from module import names`; a comma at the end goes, but where it ends a line of comment."""
    index = next(i for i, each in enumerate(part.parts) if each.text == "import") + 1
    names = part.parts[index:]
    is_kept = names[-1].text == "," and (names[-1].above or names[-2].behind or part.behind)
    ending = show(names[-1]) if is_kept else ()
    content = (row(part.parts[:index]), Indent((LINE, *_items(names), ending)))
    return Group(content, is_forced=bool(is_kept))


def _given(part: Part) -> Document:
    """`name=value`."""
    name, *rest = part.parts
    return (show(name), *map(show, rest))


OPEN: dict[str, Callable[[Part, Shift], Document]] = {
    "chain": _chain,
    "conditional": _conditional,
    **dict.fromkeys(("disjunction", "conjunction", "sum", "product", "power"), _operation),
}
"""What is broken into lines of its own, without brackets."""
CLOSED: dict[str, Callable[[Part], Document]] = {
    "let_in": _let_in,
    "share_in": _let_in,
    "comprehension": _comprehension,
    "let": _declaration,
    "block": _declaration,
    "extern": _declaration,
    "foreign_class": _foreign_class,
    "imports": _imports,
    "keyword_argument": _given,
    "parameter": _given,
}
