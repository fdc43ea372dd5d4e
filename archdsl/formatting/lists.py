"""Lists of many items: words fill their lines, and lists of equal length form a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from archdsl.documents import LINE, Above, Behind, Document, Group, IfBroken, laid_out
from archdsl.syntax.concrete import Part

PLAIN = {"number", "string", "boolean", "name", "wildcard", "rest"}
"""Items that are one word."""
NUMERIC = {"number", "unary"}
WIDEST = 80
"""A table with wider rows is none."""

Body: TypeAlias = Callable[[Part], Document]
Row: TypeAlias = "list[tuple[str, bool]]"
"""The cells of a row of a table, each as text, and whether it is a number."""


def list_items(inside: Sequence[Part], body: Body) -> tuple[Document, ...] | None:
    """The items of a list that fill lines or form a table; None for any other list."""
    items, commas = inside[::2], inside[1::2]
    if all(item.kind in PLAIN for item in items):
        return None if any(map(_has_comment, inside)) else _filled(items)
    return _table(items, commas, body)


def _has_comment(part: Part) -> bool:
    return any(each.above or each.behind for each in (part, *part.words))


def _filled(items: Sequence[Part]) -> tuple[Document, ...]:
    """Words that fill every line."""
    first, *rest = (next(item.words).text for item in items)
    return (first, *[Group((",", LINE, text)) for text in rest])


def _table(
    items: Sequence[Part], commas: Sequence[Part], body: Body
) -> tuple[Document, ...] | None:
    """Lists of as many items each, in columns."""
    rows = [row for item in items if (row := _cells(item, body))]
    if len(rows) < max(len(items), 2) or len({*map(len, rows)}) > 1:
        return None
    texts = _aligned(rows)
    if max(map(len, texts)) > WIDEST:
        return None
    result: list[Document] = []
    for number, (item, row, text) in enumerate(zip(items, rows, texts, strict=True)):
        plain = f"[{', '.join(cell for cell, _ in row)}]"
        result += [*(Above(each.text) for each in item.above), IfBroken(text, plain)]
        result += [Behind(each.text) for each in item.behind]
        if number < len(items) - 1:
            result += [",", *(Behind(each.text) for each in commas[number].behind), LINE]
    return tuple(result)


def _cells(item: Part, body: Body) -> Row | None:
    """The cells of a list; None of what is no row of a table."""
    cells, commas = item.parts[1:-1:2], item.parts[2:-1:2]
    is_row = item.kind == "list" and cells and len(cells) == len(commas) + 1
    if not is_row or any(map(_has_comment, item.parts)):
        return None
    texts = [laid_out(body(cell), WIDEST) for cell in cells]
    if any(len(lines) > 1 for lines in texts) or any(comma.text != "," for comma in commas):
        return None
    return [(lines[0], cell.kind in NUMERIC) for lines, cell in zip(texts, cells, strict=True)]


def _aligned(rows: Sequence[Row]) -> list[str]:
    """The text of every row: numbers end in one column, others start in one."""
    columns = [*zip(*rows, strict=True)]
    widths = [max(len(text) for text, _ in column) for column in columns]
    numeric = [all(is_number for _, is_number in column) for column in columns]
    result = []
    for row in rows:
        cells = [f"{text}," for text, _ in row[:-1]] + [row[-1][0]]
        places = [width + 1 for width in widths[:-1]] + [widths[-1]]
        padded = [
            cell.rjust(place) if is_number else cell.ljust(place)
            for cell, place, is_number in zip(cells, places, numeric, strict=True)
        ]
        result.append(f"[{' '.join(padded).rstrip()}]")
    return result
