"""Tables of networks: the summary, layer by layer, and the comparison, network by network.

`rows.py` folds a network into rows, `columns.py` says what there is to say of one, and `summary.py`
and `comparison.py` lay both out as a grid, which `terminal.py` and `markup.py` write.
"""

from archdsl.backends.table.columns import COLUMNS, PER_ROW, Column, chosen
from archdsl.backends.table.comparison import COMPARED, NetworkComparison
from archdsl.backends.table.grid import Grid
from archdsl.backends.table.summary import Summary, as_data, descriptions, meanings, summarize
from archdsl.backends.table.written import TableForm, written

__all__ = [
    "COLUMNS",
    "COMPARED",
    "PER_ROW",
    "Column",
    "Grid",
    "NetworkComparison",
    "Summary",
    "TableForm",
    "as_data",
    "chosen",
    "descriptions",
    "meanings",
    "summarize",
    "written",
]
