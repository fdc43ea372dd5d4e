"""Findings as a page, and as data."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from archdsl.attribution.figure import figure
from archdsl.attribution.findings import Findings, LayerFinding, UnitFinding

FORMS = ("svg", "png", "html")
"""What figures are written as: pictures, or a page."""
MOST_CLASSES = 5
"""How many of the most probable classes are listed."""
# `save_file` knows a page of ours by its first lines.
PAGE = Template("""\
<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>$title</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; max-width: 75rem }
body { margin: 1.5rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem } svg { width: 100%; height: auto }
table { border-collapse: collapse; margin: 1rem 0 } caption { text-align: left; font-weight: bold }
th, td { padding: .15rem .8rem .15rem 0; text-align: right; border-bottom: 1px solid #ddd }
th:first-child, td:first-child { text-align: left }
</style>
</head>
<body>
<h1>$title</h1>
$figure
$tables
</body>
</html>
""")


def written(findings: Findings, path: Path) -> bytes:
    """The figure, or the page, in the form of a file that ends in one of `FORMS`."""
    match path.suffix.lower():
        case ".html":
            return page(findings)
        case ".png":
            return figure(findings, "png")
        case _:
            return figure(findings, "svg")


def page(findings: Findings) -> bytes:
    """The figure and its numbers as a page in one file."""
    picture = figure(findings, "svg").decode()
    classes = [(each["name"], f"{each['probability']:.2%}") for each in _best(findings)]
    units = [
        (layer.name, str(unit["channel"]), f"{unit['activation']:.4g}", _range(unit["field"]))
        for layer in findings.layers
        for unit in map(_unit, layer.units)
    ]
    tables = [_table("Most probable", ("class", "probability"), classes)]
    if units:
        head = ("layer", "unit", "activation", "field in the image: rows, columns")
        tables.append(_table("Strongest units", head, units))
    title = escape(f"{findings.network}: what it sees in {findings.picture.name}")
    # The declaration and the type of an SVG stand in files of their own only.
    drawing = picture[picture.index("<svg") :]
    return PAGE.substitute(title=title, figure=drawing, tables="\n".join(tables)).encode()


def data(findings: Findings) -> dict[str, Any]:
    """The numbers of the figure, for JSON."""
    return {
        "network": findings.network,
        "image": findings.picture.name,
        "class": findings.label,
        "probability": findings.probability,
        "classes": _best(findings),
        "layers": [_layer(layer) for layer in findings.layers],
        "maps": {
            heat.method: {"detail": heat.detail, "values": heat.values.tolist()}
            for heat in findings.heats
        },
    }


def _best(findings: Findings) -> list[dict[str, Any]]:
    count = min(MOST_CLASSES, len(findings.classes))
    values, numbers = findings.probabilities.topk(count)
    pairs = zip(values.tolist(), numbers.tolist(), strict=True)
    return [{"name": findings.classes[number], "probability": value} for value, number in pairs]


def _layer(layer: LayerFinding) -> dict[str, Any]:
    units = [_unit(unit) for unit in layer.units]
    about = {"name": layer.name, "channels": layer.channels, "grid": [*layer.grid]}
    return {**about, "field": layer.size and [*layer.size], "units": units}


def _unit(found: UnitFinding) -> dict[str, Any]:
    unit = found.unit
    place = {"channel": unit.channel, "row": unit.row, "column": unit.column}
    return {**place, "activation": unit.value, "field": [*found.box]}


def _range(box: list[int]) -> str:
    top, left, bottom, right = box
    return f"{top}–{bottom - 1}, {left}–{right - 1}"


def _table(caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"<table><caption>{caption}</caption>", _row("th", head)]
    return "\n".join([*lines, *(_row("td", row) for row in rows), "</table>"])


def _row(kind: str, cells: tuple[str, ...]) -> str:
    return "<tr>" + "".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in cells) + "</tr>"
