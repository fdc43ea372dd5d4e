"""The functions of the language itself by name, and the ops whose arguments are layers."""

from __future__ import annotations

from archdsl.ops import OPS
from archdsl.ops.initializers import SCHEMES

NUMBERS = "min max abs round floor ceil len range zip enumerate sum divisible".split()
JOINS = [name for name, op in OPS.items() if op.arity != 1]
"""The ops of several inputs, whose branches are layers."""
COMPOSERS = ("repeat", "chain", "aux", *JOINS)
BUILTINS = frozenset([*NUMBERS, *SCHEMES, *COMPOSERS])

FORMS = {
    "repeat": "write `repeat(n, layer)`: the number of copies, then what is copied",
    "chain": "write `chain([a, b])`: a list of layers",
    "aux": "write `aux(name: layer)`: a head with a label",
}
"""How to call what composes layers."""
