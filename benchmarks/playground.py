"""What the playground costs: bytes of the first visit, and time to a figure and to an underline.

`python benchmarks/playground.py [DIR]` measures a built folder, or builds one. It exits with 1
where a budget is exceeded. Times are of this machine, and include whatever else it does.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Thread

from measure import ROOT, Spread, environment

HERE = Path(__file__).resolve().parent
TIMES = 20
MOST_BYTES, MOST_BUNDLE = 11_500_000, 140_000
"""Of the first visit, and of the page's own script, after gzip."""
MOST_MILLISECONDS = 100
"""From a key to the underline of the mistake that it makes."""
LATER = ("specs/",)
"""What only an example loads."""


def compressed(folder: Path) -> dict[str, int]:
    """The bytes of every file of the first visit."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(LATER):
            found[name] = len(gzip.compress(path.read_bytes(), 9))
    return found


def times(folder: Path) -> dict[str, list[float]]:
    """Milliseconds in Chromium."""
    from archdsl.playground.serve import HOST, server

    node = shutil.which("node")
    if node is None:
        sys.exit("node is not installed")
    with server(folder, 0) as found:
        Thread(target=found.serve_forever, daemon=True).start()
        address = f"http://{HOST}:{found.server_port}/"
        command = [node, str(HERE / "in_playground.mjs"), address, str(TIMES)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found.shutdown()
    measured: dict[str, list[float]] = json.loads(done.stdout)
    return measured


def main(folder: Path) -> int:
    """Print all figures; 1 where one exceeds its budget."""
    sizes = compressed(folder)
    total, bundle = sum(sizes.values()), sizes["page.js"]
    for name, size in sorted(sizes.items(), key=lambda each: -each[1])[:6]:
        print(f"{name:32} {size:>12,} bytes")
    print(f"{'first visit':32} {total:>12,} bytes of {MOST_BYTES:,}")
    print(f"{'page.js':32} {bundle:>12,} bytes of {MOST_BUNDLE:,}")
    found = times(folder)
    print(f"{'first check, first figure':32} {found['checked']:.0f} ms, {found['figure']:.0f} ms")
    underlined = Spread.of(found["underlined"])
    print(f"{'key to underline':32} {underlined:.0f} ms of {MOST_MILLISECONDS}")
    within = total <= MOST_BYTES and bundle <= MOST_BUNDLE
    return 0 if within and underlined.median <= MOST_MILLISECONDS else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as made:
        built = Path(made) / "dist"
        build = [sys.executable, str(ROOT / "playground" / "build.py"), str(built)]
        subprocess.run(build, check=True, env=environment())
        sys.exit(main(built))
