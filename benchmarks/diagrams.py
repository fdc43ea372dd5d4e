"""CPU time of `archdsl draw` beyond reading the spec: shipped networks, and huge ones."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import archdsl
from archdsl.backends.diagram import Choice, Look
from archdsl.pictures import picture

SPECS = Path(__file__).parents[1] / "specs"
FOLDED, FULL = Choice(), Choice(full=True)

CHAIN = "network n: [8, 32, 32] = {layers}\n"
NESTED = """
block unit(width) = add(identity, conv(width, 3) -> bn -> relu -> conv(width, 3) -> bn) -> relu
block down(width) = conv(width, 3) -> bn -> relu -> conv(width, 3) -> bn -> relu
network n: [8, 32, 32] = chain(down(8 + i % 3) -> repeat(3, unit(8 + i % 3)) for i in range(370))
"""
HUGE = {
    "a chain of 10,000 layers": CHAIN.format(layers=" -> ".join(["conv(8, 3)", "relu"] * 5_000)),
    "a repeat of 10,000 layers": CHAIN.format(layers="repeat(5_000, conv(8, 3) -> relu)"),
    "blocks of 9,990 layers": NESTED,
}


@dataclass(frozen=True)
class Time:
    """CPU seconds, user and system, Graphviz included, and what is said of the picture."""

    seconds: float
    codes: tuple[str, ...]


def draw(network: archdsl.Network, choice: Choice) -> Time:
    """Draw a network once, from its graph to an SVG."""
    start = sum(os.times()[:4])
    _, diagnostics = picture(network.graph, "svg", choice, Look())
    seconds = sum(os.times()[:4]) - start
    return Time(seconds, tuple([found.code for found in diagnostics]))


def shipped() -> dict[str, Time]:
    """Every network of `specs/`, folded."""
    times: dict[str, Time] = {}
    for path in sorted(SPECS.glob("*.arch")):
        times |= {name: draw(each, FOLDED) for name, each in archdsl.read(path).items()}
    return times


def huge() -> dict[str, archdsl.Network]:
    """Networks of about 10,000 layers."""
    networks: dict[str, archdsl.Network] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "huge.arch"
        for name, text in HUGE.items():
            path.write_text(text, encoding="utf-8")
            networks[name] = archdsl.read(path)["n"]
    return networks


def row(name: str, time: Time, most: float) -> None:
    """Print one line; `most` are the seconds that are aimed at."""
    over = "  more than the aim" if time.seconds > most else ""
    print(f"{name:42} {time.seconds:7.2f} {most:5.1f}  {' '.join(time.codes)}{over}", flush=True)


def main() -> None:
    """Print the shipped networks in short, then what is large."""
    print(f"{'picture':42} {'s':>7} {'aim':>5}  said of it")
    times = shipped()
    dearest = max(times, key=lambda name: times[name].seconds)
    middle = median(time.seconds for time in times.values())
    row(f"{len(times)} networks, folded: the median", Time(middle, ()), 0.5)
    row(f"the dearest, {dearest}", times[dearest], 0.5)
    densenet = archdsl.read(SPECS / "densenet.arch")["densenet201"]
    row("densenet201, --full", draw(densenet, FULL), 5.0)
    for name, network in huge().items():
        row(f"{name}, folded", draw(network, FOLDED), 3.0)
        # A layout that takes too long is ended after 20 s, and the folded picture drawn.
        row(f"{name}, --full", draw(network, FULL), 30.0)


if __name__ == "__main__":
    main()
