"""Numbers as people write them: 5M, 600M, 8GiB, 0.5..2/0.05."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

COUNTS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12}
"""Prefixes of numbers and multiply-adds; a billion is `G` or `B`."""
BYTES = {
    **{f"{prefix}b": 1000**power for power, prefix in enumerate(("", "k", "m", "g", "t"))},
    **{f"{prefix}ib": 1024**power for power, prefix in enumerate(("k", "m", "g", "t"), 1)},
}
"""Units of bytes: GB are powers of 1000, GiB of 1024."""
LONGEST = 20
"""Numbers have at most as many digits."""
QUANTITY = re.compile(
    r"((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9][0-9_]*)(?:\.[0-9]+)?) ?([A-Za-z]*)", re.ASCII
)
"""Commas stand between groups of three digits: `1,5M` is no number."""
NUMBER = re.compile(r"-?[0-9][0-9_]*(?:\.[0-9]+)?", re.ASCII)


def count_of(text: str) -> int:
    """A number such as `5M`, `1.5G` or `5_000_000`; raises `ValueError` for anything else."""
    return _scaled(text, COUNTS, "a number such as 5M, 600k or 1.5G")


def bytes_of(text: str) -> int:
    """Bytes such as `8GiB` or `24GB`; without a unit bytes. Raises `ValueError`."""
    return _scaled(text, {"": 1, **BYTES}, "bytes such as 8GiB (1024**3) or 24GB (1000**3)")


def number_of(text: str) -> Fraction:
    """A number such as `0.5`, exactly; raises `ValueError` for anything else."""
    if not NUMBER.fullmatch(text) or len(text) > LONGEST:
        raise ValueError(f"a number is wanted, not `{text}`")
    return Fraction(Decimal(text.replace("_", "")))


def _scaled(text: str, units: dict[str, int], wanted: str) -> int:
    found = QUANTITY.fullmatch(text.strip())
    unit = units.get(found[2].lower()) if found else None
    if found is None or unit is None or len(found[1]) > LONGEST:
        raise ValueError(f"{wanted} is wanted, not `{text}`")
    amount = int(Decimal(re.sub("[_,]", "", found[1])) * unit)
    if amount < 1:
        raise ValueError(f"{wanted} is wanted, not `{text}`")
    return amount
