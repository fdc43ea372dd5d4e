"""Exact sizes: numbers, or functions of symbols that support the same arithmetic.

A network may leave the size of its input open: `[3, h, w]`. Its shapes are then functions of `h`
and `w`, and every check must hold for all their values, not only for samples. This package gives
such functions the operators of numbers, and decides whether two of them are equal for all values,
for none, or for which.

The idea: ops compute sizes with `+ - * //` and constants only, so every size is a *quasi-linear*
function of its symbol. There is a period M after which it has grown by the same number a, wherever
the period starts: `f(M * q + r) == a * q + b[r]`. The numbers M, a and b[0] ... b[M - 1] determine
the function. In a canonical form (the shortest period) two functions are equal for every value
exactly if these numbers are equal, so equality of functions is equality of Python values.

    block half = conv(8, 3, stride=2)
    network n: [3, h, w] = a: half -> add(identity, maxpool(2) -> upsample(2))

    after a           (h + 2 - 3) // 2 + 1       is (h + 1) // 2
    maxpool(2)        ((h + 1) // 2) // 2        is (h + 1) // 4: floors compose
    upsample(2)       2 * ((h + 1) // 4)

    h % 4                        0  1  2  3      and in the next period
    (h + 1) // 2                 0  1  1  2      2 more
    2 * ((h + 1) // 4)           0  0  0  2      2 more

So `add` fits exactly if h % 4 is 0 or 3; the message says so, with h = 5 as the smallest
counterexample. With the input `[3, 4 * h, 4 * w]` both sizes are `2 * h`, and `add` always fits.

There are three forms, since no single one is both fast and general:

- `floors.py`: a single floor, `scale * ((factor * s + offset) // divisor) + shift`. Convolution and
  pooling keep this form. Its five numbers take microseconds to compare, however long the period is.
- `residues.py`: the table of one period, for functions with several floors, such as `(h + 1) // 2 +
  (h + 1) // 4`. `functions.py` calculates with both forms, and returns to a floor whenever a result
  is one.
- `sizes.py`: a polynomial of such functions, for numbers that depend on several symbols or on
  products: multiply-adds, bytes. Within one class of residues of every symbol all floors disappear,
  so two polynomials are compared class by class (`classes.py`).

`fits.py` finds the values for which two sizes are equal, and `counterexamples.py` the smallest for
which they are not.

Unsupported operations raise `Undecided`: dividing by a size, `//` of a polynomial whose
coefficients are not multiples of the divisor, and tables longer than `MOST_RESIDUES`. A size is
never guessed from examples.
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
    shortened,
    symbol,
)
from archdsl.shapes.unknown import UNKNOWN, Unknown

__all__ = [
    "MOST_RESIDUES",
    "UNKNOWN",
    "Count",
    "Dim",
    "Polynomial",
    "Symbolic",
    "Undecided",
    "Unknown",
    "evaluate",
    "greatest",
    "least",
    "product",
    "same",
    "shortened",
    "symbol",
]
