"""Tables in languages for documents and sheets: Markdown, LaTeX, HTML and CSV.

Whatever stands in a cell comes out as it is read, and is no markup of that language.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Callable, Mapping, Sequence
from io import StringIO

from archdsl.backends.table.cells import plain
from archdsl.backends.table.grid import Grid
from archdsl.source import printable

MARKDOWN = re.compile(r"[\\|*_<`&$~]|^>|(?<=\])\(")
"""Markup inside a cell; brackets alone are not."""
BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Characters that start a formula in spreadsheets."""
TEX = {
    "\\": r"\textbackslash{}",
    **{character: rf"\{character}" for character in "{}$&#%_"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "`": r"\char96{}",
}
BOOKTABS = r"% needs \usepackage{booktabs}"


def as_markdown(grids: Mapping[str, Grid], notes: Sequence[str], units: bool) -> str:
    """Tables of Markdown, with the notes as a list below them."""
    tables = "\n".join(_markdown_table(grid, units) for grid in grids.values())
    return "\n".join([tables, *[f"- {_for_markdown(note)}" for note in notes], ""])


def _markdown_table(grid: Grid, units: bool) -> str:
    rules = ["--:" if heading.is_number else "---" for heading in grid.headings]
    rows = [list(map(_for_markdown, row)) for row in grid.texts(units)]
    total = [f"**{_for_markdown(text)}**" if text else "" for text in grid.total_texts(units)]
    heads = [_for_markdown(heading.text) for heading in grid.headings]
    lines = [heads, rules, *rows, *filter(None, [total])]
    title = [f"**{_for_markdown(grid.title)}**", ""] if grid.title else []
    notes = ["", *[f"- {_for_markdown(note)}" for note in grid.notes]] if grid.notes else []
    return "\n".join([*title, *[f"| {' | '.join(line)} |" for line in lines], *notes]) + "\n"


def _for_markdown(text: str) -> str:
    return MARKDOWN.sub(r"\\\g<0>", _one_line(text))


def as_tex(grids: Mapping[str, Grid], notes: Sequence[str], units: bool) -> str:
    """Tables of LaTeX with the rules of booktabs; titles and notes are comments."""
    tables = "\n".join(_tex_table(grid, units) for grid in grids.values())
    return "\n".join([BOOKTABS, tables, *[f"% {_one_line(note)}" for note in notes], ""])


def _tex_table(grid: Grid, units: bool) -> str:
    columns = "".join("r" if heading.is_number else "l" for heading in grid.headings)
    total = grid.total_texts(units)
    lines = [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _tex_row([heading.text for heading in grid.headings]),
        r"\midrule",
        *map(_tex_row, grid.texts(units)),
        *([r"\midrule", _tex_row(total)] if total else []),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    title = [f"% {_one_line(grid.title)}"] if grid.title else []
    return "\n".join([*title, *lines, *[f"% {_one_line(note)}" for note in grid.notes]]) + "\n"


def _tex_row(cells: Sequence[str]) -> str:
    row = " & ".join(map(_for_tex, cells))
    # What follows the end of a row in brackets would be the space below it, as would a star.
    return rf"{'{}' if row.startswith(('[', '*')) else ''}{row} \\"


def _for_tex(text: str) -> str:
    escaped = "".join(TEX.get(character, character) for character in _one_line(text))
    # Two hyphens would be a dash.
    return escaped.replace("--", "-{}-")


def as_html(grids: Mapping[str, Grid], notes: Sequence[str], units: bool) -> str:
    """Tables of HTML without scripts and classes, for notebooks."""
    tables = [_html_table(grid, units) for grid in grids.values()]
    return "".join([*tables, *[f"<p>{_for_html(note)}</p>" for note in notes]])


def _html_table(grid: Grid, units: bool) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        sides = ["right" if heading.is_number else "left" for heading in grid.headings]
        marked = [
            f'<{tag} style="text-align: {side}">{_for_html(cell)}</{tag}>'
            for side, cell in zip(sides, cells, strict=True)
        ]
        return f"<tr>{''.join(marked)}</tr>"

    parts = [
        f"<caption>{_for_html(grid.title)}</caption>" if grid.title else "",
        f"<thead>{line([heading.text for heading in grid.headings], 'th')}</thead>",
        f"<tbody>{''.join(line(row, 'td') for row in grid.texts(units))}</tbody>",
    ]
    if grid.total:
        parts.append(f"<tfoot>{line(grid.total_texts(units), 'th')}</tfoot>")
    notes = "".join(f"<p>{_for_html(note)}</p>" for note in grid.notes)
    return f"<table>{''.join(parts)}</table>{notes}"


def _for_html(text: str) -> str:
    return html.escape(_one_line(text))


def as_csv(grids: Mapping[str, Grid], notes: Sequence[str], units: bool) -> str:
    """Tables with the same columns as one, whose first column is the network; without totals."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, (name, grid) in enumerate(grids.items()):
        if number == 0:
            writer.writerow(["network", *[heading.key for heading in grid.headings]])
        rows = grid.texts(True) if units else [list(map(plain, row)) for row in grid.rows]
        for cells, texts in zip(grid.rows, rows, strict=True):
            guarded = [
                text if isinstance(cell, int) else _no_formula(text)
                for cell, text in zip(cells, texts, strict=True)
            ]
            writer.writerow([_no_formula(name), *guarded])
    return out.getvalue()


def _no_formula(text: str) -> str:
    guarded = f"'{text}" if text.startswith(FORMULA) else text
    # The writer quotes a line feed, but no carriage return.
    return guarded.replace("\r\n", "\n").replace("\r", "\n")


def _one_line(text: str) -> str:
    """A text without breaks of lines, and with other control characters as their escapes."""
    return printable(BREAKS.sub(" ", text))


WRITERS: dict[str, Callable[[Mapping[str, Grid], Sequence[str], bool], str]] = {
    "md": as_markdown,
    "tex": as_tex,
    "html": as_html,
    "csv": as_csv,
}
"""The writers of tables, by format."""
