"""What a check costs in a browser's Python: Pyodide in Node, beside this Python.

Needs Node and npm, which installs the package pyodide into a temporary folder, unless Node finds
it from the current folder. Where one of these is missing, nothing is measured, and a line says so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import files
from pathlib import Path

from measure import ROOT, Spread, environment

SPEC = ROOT / "specs" / "resnet.arch"
SCRIPT = Path(__file__).with_name("in_pyodide.mjs")
PACKAGE = "pyodide@314.0.7"
NEEDED = ("lark", "networkx")
"""The packages that a check imports; they are taken from this environment."""
ROUNDS = 3
WARM = 5

# The steps that Pyodide takes too, and what they print.
HERE = """
import json, sys, time
text, steps = open(sys.argv[1], encoding="utf-8").read(), []
for name in ["first check", *["warm check"] * int(sys.argv[2])]:
    elapsed, cpu = time.perf_counter(), time.process_time()
    import archdsl
    archdsl.check(text=text, name="spec.arch")
    elapsed, cpu = time.perf_counter() - elapsed, time.process_time() - cpu
    steps.append({"name": name, "elapsed": elapsed, "cpu": cpu})
print(json.dumps(steps))
"""

Step = dict[str, float]
"""The seconds of a step: `elapsed`, and the `cpu` time of all threads."""


class Missing(Exception):
    """Something that the benchmark needs is not at hand."""


def program(name: str) -> str:
    """The path of a program."""
    path = shutil.which(name)
    if path is None:
        raise Missing(f"the program `{name}` is not installed")
    return path


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """A command that has ended."""
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment())


def pyodide(folder: Path) -> Path:
    """Pyodide's module: the one that Node finds from here, or one installed into a folder."""
    found = run([program("node"), "-p", "require.resolve('pyodide/pyodide.mjs')"])
    if found.returncode == 0:
        return Path(found.stdout.strip())
    install = [program("npm"), "install", "--no-save", "--prefix", str(folder), PACKAGE]
    installed = run(install)
    if installed.returncode:
        raise Missing(f"npm cannot install {PACKAGE}:\n{installed.stderr}")
    return folder / "node_modules" / "pyodide" / "pyodide.mjs"


def archive(folder: Path) -> Path:
    """A zip file of archdsl and what it needs for a check: source text, without byte code."""
    path = folder / "packages.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packages:
        for file in sorted((ROOT / "archdsl").rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                packages.write(file, file.relative_to(ROOT))
        for file in [file for name in NEEDED for file in files(name) or ()]:
            if file.parts[0] in NEEDED and file.suffix != ".pyc":
                packages.write(str(file.locate()), str(file))
    return path


def steps(command: Sequence[str]) -> dict[str, list[Step]]:
    """What a process says of its steps, by their names."""
    ended = run(command)
    if ended.returncode:
        raise RuntimeError(f"{command[0]} exits with {ended.returncode}:\n{ended.stderr}")
    found: dict[str, list[Step]] = {}
    for step in json.loads(ended.stdout):
        found.setdefault(step.pop("name"), []).append(step)
    return found


def row(name: str, there: Sequence[Step], here: Sequence[Step]) -> str:
    """The figures of a step; the ratio is that of CPU times, to the same step in this Python."""
    elapsed = f"{Spread.of(step['elapsed'] for step in there):.2f}"
    cpu = f"{Spread.of(step['cpu'] for step in there):.2f}"
    pairs = zip(there, here, strict=True) if here else ()
    ratios = [step["cpu"] / own["cpu"] for step, own in pairs]
    ratio = f"{Spread.of(ratios):.1f}" if ratios else ""
    return f"{name:20} {elapsed:>20} {cpu:>20} {ratio:>20}"


def main() -> None:
    """Print what every step costs, or what is missing."""
    there: dict[str, list[Step]] = {}
    here: dict[str, list[Step]] = {}
    with tempfile.TemporaryDirectory() as name:
        try:
            module = str(pyodide(Path(name)))
        except Missing as missing:
            print(f"Nothing is measured in Pyodide: {missing}")
            return
        node = [program("node"), str(SCRIPT), module, str(archive(Path(name)))]
        for _ in range(ROUNDS):
            for found, command in ((there, node), (here, [sys.executable, "-c", HERE])):
                for step, each in steps([*command, str(SPEC), str(WARM)]).items():
                    found.setdefault(step, []).extend(each)
    print(f"{'median (least-most)':20} {'elapsed s':>20} {'CPU s':>20} {'CPU / CPython':>20}")
    for step, each in there.items():
        print(row(step, each, here.get(step, [])))


if __name__ == "__main__":
    main()
