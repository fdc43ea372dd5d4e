"""Build the playground: `python playground/build.py [DIR]` writes a folder for any static server.

It needs Node, npm and pip, which fetch the packages that `package-lock.json` and `wheels.txt` pin,
and archdsl's own dependencies. Nothing is written unless all of it could be built.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MODULES = HERE / "node_modules"
WHEELS = HERE / "build" / "wheels"
ONE_PLATFORM = "--implementation cp --python-version 3.11 --platform manylinux2014_x86_64"
"""Any would do: `wheels.txt` has the hashes for one, whichever machine this is."""
PYTHON = "pyodide.mjs pyodide.asm.mjs pyodide.asm.wasm python_stdlib.zip pyodide-lock.json"
PAGE = "index.html look.css worker.js"

LEFT_OUT = tuple(
    """
    archdsl/agents/ archdsl/bench/ archdsl/cli/ archdsl/drawing/ archdsl/export/ archdsl/externs/
    archdsl/attribution/ archdsl/importing/ archdsl/rewriting/ archdsl/server/ archdsl/testing/
    archdsl/training/ archdsl/weights/ archdsl/backends/diagram/ archdsl/backends/plot.py
    archdsl/__main__.py archdsl/markdown.py archdsl/notebook.py archdsl/pictures.py
    archdsl/ARCHITECTURE.md archdsl/CHANGES.md archdsl/JSON.md archdsl/AGENTS.md
    pygments/formatters/ pygments/styles/
    """.split()
)
"""What only runs networks, draws figures for paper, or serves other programs."""
LEXERS = ("/__init__.py", "/_mapping.py", "/python.py")
"""Of Pygments, the languages that the page shows; archdsl brings its own."""


def main(folder: Path) -> None:
    """Build everything beside the folder, then put it in its place."""
    sys.path.insert(0, str(ROOT))
    require_replaceable(folder)
    install()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".playground-") as made:
        target = Path(made) / "dist"
        target.mkdir()
        write_page(target)
        write_packages(target, Path(made))
        write_examples(target)
        shutil.rmtree(folder, ignore_errors=True)
        target.rename(folder)
    print(f"built {folder}: `archdsl playground {folder}` shows it")


def require_replaceable(folder: Path) -> None:
    """End where the folder holds anything but a playground: what it holds would be lost."""
    from archdsl.playground.serve import is_built

    is_taken = not folder.is_dir() if folder.exists() else folder.is_symlink()
    if is_taken or (folder.is_dir() and any(folder.iterdir()) and not is_built(folder)):
        sys.exit(f"`{folder}` holds something else; choose a new folder, or an empty one")


def install() -> None:
    """Fetch the pinned packages, unless they are there."""
    done = MODULES / ".package-lock.json"
    if not done.is_file() or done.stat().st_mtime < (HERE / "package-lock.json").stat().st_mtime:
        quiet = "--ignore-scripts --no-audit --no-fund --silent".split()
        run("npm", "ci", "--prefix", HERE, *quiet)
    if not WHEELS.is_dir() or WHEELS.stat().st_mtime < (HERE / "wheels.txt").stat().st_mtime:
        shutil.rmtree(WHEELS, ignore_errors=True)
        quiet = "-q --no-deps --require-hashes --only-binary :all:".split()
        wanted = [*ONE_PLATFORM.split(), "-d", WHEELS, "-r", HERE / "wheels.txt"]
        run(sys.executable, "-m", "pip", "download", *quiet, *wanted)


def write_page(target: Path) -> None:
    """The page with its editor, the viewer, and Python."""
    from archdsl.viewer import empty_page

    options = "--bundle --minify --format=esm --log-level=warning --loader:.arch=text".split()
    given = [f"--define:WORDS={json.dumps(words())}", f"--outfile={target / 'page.js'}"]
    run(MODULES / ".bin" / "esbuild", HERE / "src" / "page.js", *options, *given)
    for name in PAGE.split():
        shutil.copyfile(HERE / "src" / name, target / name)
    (target / "viewer.html").write_text(empty_page(), encoding="utf-8")
    (target / "pyodide").mkdir()
    for name in PYTHON.split():
        shutil.copyfile(MODULES / "pyodide" / name, target / "pyodide" / name)


def words() -> dict[str, Sequence[str]]:
    """The words that the editor colours, by their kinds."""
    from archdsl.highlighting import words

    return {
        "declaring": words.declaring(),
        "keywords": words.keywords(),
        "builtins": words.builtins(),
        "constants": words.CONSTANTS,
        "operators": words.OPERATORS,
    }


def write_packages(target: Path, work: Path) -> None:
    """Archdsl and what it needs as one archive of byte code; the same bytes from the same files."""
    sources, packages = work / "sources.tar", work / "packages.tar"
    with tarfile.open(sources, "w") as archive:
        for name, content in sorted([*own_files(), *files_of_wheels()]):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    run("node", HERE / "bake.mjs", sources, packages)
    (target / "packages.bin").write_bytes(gzip.compress(packages.read_bytes(), 9, mtime=0))


def own_files() -> Iterator[tuple[str, bytes]]:
    """The files of archdsl, with the networks that ship where a wheel has them."""
    for path in (ROOT / "archdsl").rglob("*"):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and path.suffix != ".pyc" and not name.startswith(LEFT_OUT):
            yield name, path.read_bytes()
    for path in (ROOT / "specs").iterdir():
        if path.suffix in (".arch", ".json"):
            yield f"archdsl/networks/{path.name}", path.read_bytes()


def files_of_wheels() -> Iterator[tuple[str, bytes]]:
    """The Python files of the packages."""
    for wheel in WHEELS.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if is_needed(name):
                    yield name, archive.read(name)


def is_needed(name: str) -> bool:
    """Whether a file of a package can be of use in the page."""
    if name.startswith("pygments/lexers/"):
        return name.endswith(LEXERS)
    is_about = "/tests/" in name or ".dist-info/" in name
    return not (is_about or name.startswith(LEFT_OUT)) and name.endswith((".py", ".lark"))


def write_examples(target: Path) -> None:
    """The specs that ship, and what is said of their networks."""
    from archdsl.listing import listed

    examples = json.dumps([asdict(each) for each in listed()], ensure_ascii=False)
    (target / "examples.json").write_text(examples, encoding="utf-8")
    (target / "specs").mkdir()
    for path in (ROOT / "specs").glob("*.arch"):
        shutil.copyfile(path, target / "specs" / path.name)


def run(program: str | Path, *arguments: str | Path) -> None:
    """Run a program to its end; this one ends with it where it fails."""
    command = [str(program), *map(str, arguments)]
    if shutil.which(command[0]) is None:
        sys.exit(f"`{command[0]}` is not installed, and the playground cannot be built without it")
    done = subprocess.run(command, check=False)
    if done.returncode:
        sys.exit(f"`{' '.join(command[:3])} …` ended with {done.returncode}; nothing is built")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "dist")
