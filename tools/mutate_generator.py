"""Mutates the code generator, one function at a time, and checks that the compiler refuses.

usage: python -m tools.mutate_generator [FILE…] [--table TABLE]

Every mutation of `generator_mutations.py` (of the files named) is made in a copy of the package,
which then compiles some specs. At least one of them should be refused with E0901. A mutation that
changes no text shows nothing. If texts change and none is refused, PyTorch decides whether the
module differs from the graph: then validation has a hole.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.generator_mutations import MUTATIONS, Mutation

ROOT = Path(__file__).parents[1]
BACKEND = Path("archdsl/backends/torch")
SPECS = [
    *sorted((ROOT / "tests/code").glob("*.arch")),
    *[ROOT / f"specs/{name}.arch" for name in ("lenet", "vgg", "googlenet")],
]
SMALL = {
    "signs": """
        network n(a=9, b=2, p=true, q=false): [3, 8, 8] = conv(a - (b - 1), 1)
            -> (conv(a * (b + 1), 1) if not (p and q)) -> (bn if not p or q) -> conv(a // b // 2, 1)
    """,
    "wholes": """
        block up(f): [c, h, w] = adaptive_avgpool([h / f, w / f])
        network n(w=8, f=1.5): [3, 8, 8] = conv(floor(w * f) + 1, 1) -> up(2)
            -> conv([1, 2, 3, 4, 5, 6, 7][w / 4], 1) -> conv(ceil(w * 0.3), 1)
    """,
    "guarded": """
        block b(n=2) = conv(8, 3) -> ((conv(64 // n - 1, 3) -> bn -> conv(64 // n - 1, 1)) if n > 0)
        network m(n=2): [3, 8, 8] = s1: b(n) -> s2: b(0) -> s3: b(4)
    """,
    "chance": """
        network n(a=8, b=8, deep=true): [3, 8, 8] = conv(a, 1) -> (conv(b, 1) if deep) -> bn
    """,
    "two heads": """
        block head(k) = global_avgpool -> flatten -> fc: linear(k)
        block stage(w, k) = conv: conv(w, 3) -> aux(one: head(k)) -> relu -> aux(two: head(k + 1))
        network n(k=3): [3, 8, 8] = stage: stage(8, k) -> aux(late: head(5)) -> head: head(k)
    """,
    "many branches": """
        network n(w=4): [3, 8, 8] = concat(conv(w, 3) for i in range(6)) -> conv(w, 1)
    """,
    "skipped": """
        block unit(w) = add(identity, relu -> conv(w, 3))
        network n(w=3): [3, 8, 8] = relu -> sigmoid -> relu -> a: unit(w) -> b: unit(w)
            -> leaky_relu(0.1) -> c: conv(w, 1) -> leaky_relu(0.2) -> elu -> silu
    """,
    "pieces": """
        block part(n): [c, _, _] = concat(slice(0, n), slice(n, c), slice(c - n, c))
        network n(w=8, n=2): [3, 8, 8] = conv(w, 1) -> a: part(n) -> b: part(w - n)
    """,
    "leaks": """
        block unit(w, act) = conv: conv(w, 3) -> act -> conv2: conv(w, 1)
        network n(w=4): [3, 8, 8] = a: unit(w, leaky_relu(0.1)) -> b: unit(w, leaky_relu(0.3))
            -> c: unit(w, relu)
    """,
    "positions": """
        block unit(norm) = norm: norm -> relu
        network n: [3, 8, 8] = a: unit(bn) -> conv(8, 1) -> c: unit(bn(eps=0.001)) -> flatten
            -> fc: linear(5) -> b: unit(bn)
    """,
    "sides": """
        block part(k) = ((relu -> maxpool(3, 1)) if k > 2 else (deep: conv(4, 3) -> bn2: bn))
            -> (a: conv(4, 1) if k <= 2) -> (c: conv(4, 1) if k > 5 else d: conv(4, 3))
            -> add(identity, e: conv(4, 1))
        network n(p=true): [4, 8, 8] = x: part(1) -> y: part(3) -> z: part(7)
            -> w: (conv(4, 1) -> (relu if p else silu) -> conv(4, 1))
    """,
    "alike": """
        block many(w) = concat(conv(w, 3) for i in range(6))
        block leaky(w, s, p) = add(identity, a: conv(w, 1) -> leaky_relu(0.1))
            -> (leaky_relu(s) if p) -> b: conv(w, 1) -> leaky_relu(s) -> c: conv(w, 3)
            -> leaky_relu(0.3)
        network n: [4, 8, 8] = a: many(2) -> b: conv(4, 1) -> c: leaky(4, 0.2, true)
            -> d: leaky(4, 0.4, false)
    """,
    "turns": """
        block unit(w, stride=1) = conv(w, 3, stride) -> bn
        network n(ws=[4, 8, 6]): [3, 16, 16] = a: (one: conv(4, 1) -> "b-c": bn)
            -> b: chain(unit(w, 1 if i == 0 else 2) for i, w in enumerate(ws))
            -> c: chain((conv(2 * w + 1, 3) -> (conv(2 * w, 1) if w > 4)) for w in ws)
            -> d: chain((conv(3 * w + 1, 3) -> bn -> conv(3 * w + 1, 1)) for w in ws)
            -> e: (conv(4, 1) -> chain(conv(4, 3) for i in range(7) if i % 3 == 1))
    """,
    "wired": """
        block stacked(y, out) = concat(conv: conv(out, 3), y)
        block summed(y, out) = add(conv: conv(out, 3), y)
        network n(p=true): [4, 8, 8] = a: conv(4, 3) -> b: conv(4, 1)
            -> up: (stacked(@a, 4) if p else summed(@b, 4)) -> c: conv(4, 1)
    """,
}
"""Small specs for constructs that the others lack."""

STOP = 900.0
"""Timeout of one mutation, in seconds."""


@dataclass
class Outcome:
    """The outcome of a mutation.

    `refused` is the first spec refused, with its message; `changed` are those whose text changed
    and was not refused, each with PyTorch's finding (empty: the same network).
    """

    mutation: Mutation
    refused: tuple[str, str] | None = None
    changed: dict[str, str] = field(default_factory=dict)
    crash: str = ""
    noted: bool = False
    """Whether a note (N0901) says that the code has fewer parameters, or accepts fewer lists."""

    @property
    def verdict(self) -> str:
        """One of "refused", "crash", "no change", "the same network" and "ANOTHER NETWORK"."""
        if self.refused:
            return "refused"
        if any(self.changed.values()):
            return "ANOTHER NETWORK"
        if self.crash:
            return "crash"
        return "the same network" if self.changed else "no change"

    @property
    def row(self) -> str:
        """The outcome as a row of a table."""
        spec, message = self.refused or ("", self.crash)
        if not self.refused and self.changed:
            spec = ", ".join(self.changed)
            message = next(filter(None, self.changed.values()), message)
            message = message or ("a parameter is fixed, and N0901 says so" if self.noted else "")
        cells = [f"{self.mutation.file}: {self.mutation.name}", self.verdict, spec, message]
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def texts() -> Iterator[tuple[str, str, Path]]:
    """The specs: name, text and folder; small ones first."""
    for name, text in SMALL.items():
        yield name, text, ROOT
    for path in SPECS:
        yield path.stem, path.read_text(encoding="utf-8"), path.parent


def compiled(before: Mapping[str, str]) -> dict[str, object]:
    """The output of the imported package for the specs, until one is refused.

    `before` are the texts that the unchanged generator writes.
    """
    from archdsl.driver import compile
    from archdsl.files import finder
    from archdsl.source import Source

    result: dict[str, object] = {"texts": {}, "notes": {}, "refused": None, "crash": ""}
    for name, text, folder in texts():
        try:
            code, diagnostics = compile(Source(f"{name}.arch", text), finder(folder))
        except Exception as error:
            result["crash"] = f"{name}: {type(error).__name__}: {error}".splitlines()[0]
            continue
        if not code:
            first = diagnostics[0]
            result["refused"] = name, f"{first.code} {first.message}".splitlines()[0]
            return result
        if code != before.get(name):
            result["texts"][name] = code  # type: ignore[index]
            result["notes"][name] = bool(diagnostics)  # type: ignore[index]
    return result


def judged(names: Iterable[str]) -> dict[str, str]:
    """PyTorch's finding for some specs: whether the module differs from the graph."""
    from archdsl.testing import Spec, agree

    found = {}
    for name, text, folder in texts():
        if name in names:
            try:
                agree(Spec(text, folder, externs=frozenset({"archdsl"})))
                found[name] = ""
            except Exception as error:
                lines = f"{type(error).__name__}: {error}".splitlines()
                found[name] = " ".join(lines[:3])
    return found


def child(package: Path, task: str, given: object) -> object:
    """A task of `compiled` or `judged`, run with a package in a separate process."""
    command = [sys.executable, "-W", "ignore", __file__, "--task", task]
    path = os.pathsep.join([str(package), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(  # noqa: S603 (our own script)
        command, input=json.dumps(given), env=environment, capture_output=True, text=True,
        timeout=STOP, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise RuntimeError((ran.stderr.strip().splitlines() or ["no message"])[-1])
    return json.loads(ran.stdout)


def outcome(mutation: Mutation, before: Mapping[str, str]) -> Outcome:
    """Make a mutation and run the compiler."""
    result = Outcome(mutation)
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder)
        shutil.copytree(ROOT / "archdsl", package / "archdsl")
        path = package / BACKEND / f"{mutation.file}.py"
        text = path.read_text(encoding="utf-8")
        assert text.count(mutation.old) == 1, mutation
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        try:
            found = child(package, "compiled", before)
            assert isinstance(found, dict)
            result.refused, result.crash = found["refused"], found["crash"]
            result.noted = any(found["notes"].values())
            if not result.refused and found["texts"]:
                result.changed = child(package, "judged", [*found["texts"]])  # type: ignore[assignment]
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            result.crash = str(error).splitlines()[0][:200]
    return result


def sound() -> dict[str, str]:
    """The texts that the unchanged generator writes."""
    found = child(ROOT, "compiled", {})
    assert isinstance(found, dict)
    assert found["refused"] is None, found["refused"]
    assert not found["crash"], found["crash"]
    return found["texts"]


def main() -> None:
    """Print the table, and the number of mutations per verdict."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--table", type=Path)
    parser.add_argument("--task")
    options = parser.parse_args()
    if options.task:
        task = {"compiled": compiled, "judged": judged}[options.task]
        print(json.dumps(task(json.load(sys.stdin))))
        return
    before = sound()
    chosen = [each for each in MUTATIONS if not options.files or each.file in options.files]
    rows = ["| mutation | verdict | spec | message |", "|---|---|---|---|"]
    with ThreadPoolExecutor(2) as pool:
        for result in pool.map(lambda each: outcome(each, before), chosen):
            rows.append(result.row)
            print(result.row, flush=True)
    if options.table:
        options.table.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
