"""The functions of the language itself, by name."""

from __future__ import annotations

from archdsl.ops import OPS
from archdsl.ops.initializers import SCHEMES
from archdsl.ops.merge import Merge

NUMBERS = "min max abs round floor ceil len range zip enumerate sum divisible".split()
MERGES = [name for name, op in OPS.items() if issubclass(op, Merge)]
COMPOSERS = ("repeat", "chain", "aux", *MERGES)
BUILTINS = frozenset([*NUMBERS, *SCHEMES, *COMPOSERS])
