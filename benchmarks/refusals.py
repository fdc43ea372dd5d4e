"""What it costs to refuse texts that want to break the compiler; the aim is 2 s and 512 MiB."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import Cost, measure

ROOT = Path(__file__).parents[1]
MOST = Cost(2.0, 512.0)


def main() -> None:
    """Print the dearest texts of the tests first."""
    sys.path.insert(0, str(ROOT))
    from tests.helpers.hostile import CASES

    costs: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hostile.arch"
        for name, (_, text) in CASES.items():
            path.write_text(text, encoding="utf-8")
            costs[name] = measure(["-m", "archdsl", "check", str(path)], times=1, exit_code=1)
    for name, cost in sorted(costs.items(), key=lambda item: -item[1].seconds):
        is_over = cost.seconds > MOST.seconds or cost.mebibytes > MOST.mebibytes
        print(f"{name:40} {cost.seconds:6.2f} s {cost.mebibytes:5.0f} MiB", end="")
        print("  more than the aim" if is_over else "")


if __name__ == "__main__":
    main()
