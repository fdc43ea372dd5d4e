"""How time and memory grow with the layers of a network: linear in nodes and edges is the aim.

Every row is a network of another shape; its ratio is the CPU time for a layer beside that of the
row before, which has a tenth of the layers: 1.0 is linear.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import Cost, measure

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.helpers.large_specs import LARGE

COLUMNS = "output,params,macs,weights,activations,saved,live,field,stride,centres,arguments"
SIZES = (100, 1_000, 10_000)
LARGEST = 100_000
COMMANDS = {
    "check": ["check"],
    "summary": ["summary", "--format", "json", "--columns", COLUMNS],
    "draw": ["draw"],
    "compile": ["compile"],
}


def repeat(layers: int) -> str:
    """The same layers from one line."""
    return f"network n: [8, 32, 32] = repeat({layers // 2}, conv(8, 3) -> relu)\n"


def networks(layers: int) -> str:
    """A file of many networks."""
    return "".join(
        f"network n{index}: [8, 32, 32] = conv(8, 3) -> relu -> conv(8, 3) -> relu\n"
        for index in range(layers // 4)
    )


def asserts(layers: int) -> str:
    """An assert for every ten layers."""
    claims = [f"assert n.params > {index}\n" for index in range(layers // 10)]
    return LARGE["chain"](layers) + "".join(claims)


def comments(layers: int) -> str:
    """A comment for every layer."""
    return "".join(f"# line {index}\n" for index in range(layers)) + LARGE["chain"](layers)


def numbers(layers: int) -> str:
    """A list that is as long as the network."""
    widths = ", ".join(str(8 + index % 5) for index in range(layers // 2))
    body = "chain(conv(w, 3) -> relu for w in widths)"
    return f"let widths = [{widths}]\nnetwork n: [8, 32, 32] = {body}\n"


SPECS: dict[str, Callable[[int], str]] = {
    **LARGE,
    **{each.__name__: each for each in (repeat, networks, asserts, comments, numbers)},
}


def cost(command: str, spec: Path, folder: str) -> Cost:
    """The cost of a command as a process of its own."""
    output = {"draw": ["-o", f"{folder}/n.dot"], "compile": ["-o", folder]}.get(command, [])
    file = f"{spec}:n0" if command == "draw" and spec.stem == "networks" else str(spec)
    return measure(["-m", "archdsl", *COMMANDS[command], file, *output], times=1)


def main() -> None:
    """Print a row for every command, kind and size; `growth.py check` is about one command.

    With `--largest` chains and repeats have 100,000 layers too.
    """
    asked = [each for each in sys.argv[1:] if each in COMMANDS] or list(COMMANDS)
    print(f"{'command':8} {'network':16} {'layers':>7} {'CPU s':>7} ", end="")
    print(f"{'us/layer':>8} {'ratio':>6} {'MiB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for command in asked:
            empty = Path(folder) / "empty.arch"
            empty.write_text("network n: [8, 32, 32] = relu\n", encoding="utf-8")
            start = cost(command, empty, folder)
            for kind, spec in SPECS.items():
                sizes = SIZES
                if "--largest" in sys.argv and kind in ("chain", "repeat"):
                    sizes = (*SIZES, LARGEST)
                before = 0.0
                for layers in sizes:
                    path = Path(folder) / f"{kind}.arch"
                    path.write_text(spec(layers), encoding="utf-8")
                    found = cost(command, path, folder)
                    each = max(0.0, found.seconds - start.seconds) / layers * 1e6
                    ratio = f"{each / before:6.2f}" if before else f"{'':6}"
                    print(
                        f"{command:8} {kind:16} {layers:7,} {found.seconds:7.2f} "
                        f"{each:8.0f} {ratio} {found.mebibytes:6.0f}",
                        flush=True,
                    )
                    before = each


if __name__ == "__main__":
    main()
