"""All tables that need no GPU, one after another: `python -m benchmarks [NAME ...]`."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent
NO_TABLE = {"__main__", "claims", "measure", "training", "training_steps", "workers"}
"""Scripts that print no table, or need a GPU or half an hour."""
ALL = sorted({path.stem for path in FOLDER.glob("*.py")} - NO_TABLE)


def table(name: str) -> bool:
    """Print the table of a script, which runs alone; whether it could."""
    print(f"\n## {name}\n", flush=True)
    start = time.monotonic()
    paths = [str(FOLDER.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    ended = subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py")],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    print(f"\n({name}: {time.monotonic() - start:.0f} s)", flush=True)
    return ended.returncode == 0


def main() -> None:
    """Print all tables, or those that are named; exit with 1 if one could not be made."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}")
    names = parser.parse_args().names or ALL
    if unknown := [name for name in names if name not in ALL]:
        parser.error(f"there is no table {unknown[0]}")
    load = os.getloadavg()[0]
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, ", end="")
    print(f"{os.cpu_count()} cores, of which {load:.1f} were busy before.")
    failed = [name for name in names if not table(name)]
    if failed:
        sys.exit(f"could not be made: {', '.join(failed)}")


if __name__ == "__main__":
    main()
