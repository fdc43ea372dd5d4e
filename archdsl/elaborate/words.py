"""The functions of the language itself, by name."""

from __future__ import annotations

from archdsl.ops.initializers import SCHEMES

NUMBERS = "min max abs round floor ceil len range zip enumerate sum divisible".split()
MERGES = ("add", "mul", "mean", "concat")
COMPOSERS = ("repeat", "chain", "aux", *MERGES)
BUILTINS = frozenset([*NUMBERS, *SCHEMES, *COMPOSERS])
