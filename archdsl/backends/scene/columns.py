"""Figures that differ between the copies of a scope: a column for each, with a value by op."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archdsl.analysis.layer_costs import Costs
from archdsl.analysis.memory import live, saved
from archdsl.analysis.receptive_field import Field, fields
from archdsl.backends.scene.tables import Table, Tables

MOST_OPS = 20_000
"""Of more ops no column is written: it would be larger than all the rest."""


def columns(costs: Costs) -> dict[str, Any]:
    """The columns: their distinct values, and for every op in order the number of its value.

    `field` is the part of the input that one position depends on. `saved` are the bytes kept for
    the gradient of one sample, and `live` the bytes of all results in memory during inference.
    """
    if len(costs.graph) > MOST_OPS:
        return {}
    return {
        "field": _column(costs, fields(costs), _field_text),
        "saved": _column(costs, saved(costs), Tables.count),
        "live": _column(costs, live(costs), Tables.count),
    }


def _column(costs: Costs, by_node: Mapping[int, Any], shown: Callable[[Any], Any]) -> list[Any]:
    table: Table[Any] = Table()
    ops = [node.id for node in costs.graph if node.op is not None]
    values = [shown(by_node[node]) if node in by_node else "" for node in ops]
    numbers = [table.number((type(value), value)) for value in values]
    return [[value for _, value in table.rows], numbers]


def _field_text(field: Field) -> str:
    """`11×11, stride 4`: the size along every axis, and how far apart neighbours see."""
    size = "×".join(map(str, field.size))
    strides = dict.fromkeys(map(str, field.stride))
    return f"{size}, stride {'×'.join(strides)}" if any(field.stride) else size
