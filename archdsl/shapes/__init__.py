"""Sizes that are exact: numbers, or functions of symbols, calculated with as with numbers.

A size of one symbol is a function in one canonical form, a single floor or a table of residues, so
that two are equal for every value of the symbol exactly where their forms are. What depends on
several symbols is a polynomial of such functions, and compared class by class of residues.
"""

from archdsl.shapes.comparison import greatest, least, same
from archdsl.shapes.exact import Undecided
from archdsl.shapes.residues import MOST_RESIDUES
from archdsl.shapes.sizes import (
    Count,
    Dim,
    Polynomial,
    Symbolic,
    evaluate,
    product,
    symbol,
)

__all__ = [
    "MOST_RESIDUES",
    "Count",
    "Dim",
    "Polynomial",
    "Symbolic",
    "Undecided",
    "evaluate",
    "greatest",
    "least",
    "product",
    "same",
    "symbol",
]
