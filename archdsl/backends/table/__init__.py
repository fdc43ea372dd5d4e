"""Tables of networks: the summary, layer by layer, and the comparison, network by network.

`rows.py` folds a network into rows, `columns.py` says what there is to say of one, `summary.py`
and `comparison.py` lay both out, and `grid.py` writes that for people and for programs.
"""

from archdsl.backends.table.columns import COLUMNS, PER_ROW, Column
from archdsl.backends.table.comparison import NetworkComparison
from archdsl.backends.table.grid import Grid, written
from archdsl.backends.table.summary import Summary, as_data, descriptions, meanings, summarize

__all__ = [
    "COLUMNS",
    "PER_ROW",
    "Column",
    "Grid",
    "NetworkComparison",
    "Summary",
    "as_data",
    "descriptions",
    "meanings",
    "summarize",
    "written",
]
