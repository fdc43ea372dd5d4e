"""What it costs to compare two symbolic sizes, in microseconds."""

from __future__ import annotations

import gc
from collections.abc import Callable
from timeit import Timer

from archdsl.shapes import Dim, Undecided, same, symbol
from archdsl.shapes.counterexamples import explained

H, W = symbol("h"), symbol("w")
REPEATS = 5


def strided(size: Dim, times: int) -> Dim:
    """The size behind some convolutions with stride 2."""
    for _ in range(times):
        size = (size + 1) // 2
    return size


def enlarged(size: Dim, period: int) -> Dim:
    """A size that is no single floor, and repeats after so many."""
    return 3 * (size // period) // 2


def decided(first: Dim, second: Dim) -> Callable[[], object]:
    """The comparison of two sizes."""

    def compare() -> object:
        try:
            return same(first, second)
        except Undecided:
            return None

    return compare


CASES: dict[str, Callable[[], object]] = {
    "floors, equal": decided(strided(H, 5), (H + 31) // 32),
    "floors, never equal": decided(strided(H, 5), strided(H, 5) + 1),
    "floors, equal for some": decided((H + 1) // 2, H // 2),
    "floors with strides of 10**9": decided((H + 1) // 10**9, (H + 1) // 10**9),
    "tables of 8, equal": decided(enlarged(H, 4), enlarged(H, 4)),
    "tables of 8, equal for some": decided(enlarged(H, 4), enlarged(H + 1, 4)),
    "tables of 1,024, equal": decided(enlarged(H, 512), enlarged(H, 512)),
    "tables of 16,384, equal": decided(enlarged(H, 8192), enlarged(H, 8192)),
    "tables of 16,384, equal for some": decided(enlarged(H, 8192), enlarged(H + 1, 8192)),
    "products of two symbols": decided(H // 2 * W + W, (H // 2 + 1) * W),
    "a floor made": lambda: (H + 3) // 2 + 1,
    "a table of 8 made": lambda: 3 * (H // 4) // 2,
    "condition and counterexample": lambda: explained([(2 * (H // 2), H)], {"h": 4}),
}


def main() -> None:
    """Print the least time of several for each."""
    for name, call in CASES.items():
        timer = Timer(call, setup=gc.disable)
        number, _ = timer.autorange()
        number = max(1, number // 4)
        least = min(timer.repeat(REPEATS, number)) / number
        print(f"{name:34} {least * 1e6:10.2f} us")


if __name__ == "__main__":
    main()
