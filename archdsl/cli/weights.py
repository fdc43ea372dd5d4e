"""The options for a checkpoint, which several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from archdsl.diagnostics import Diagnostic
    from archdsl.graph import Graph
    from archdsl.runtime import Module


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as the command line names it; without a path, nothing is loaded."""

    path: Path | None = None
    skip: tuple[str, ...] = ()
    prefix: str | None = None
    key: str | None = None

    @property
    def name(self) -> str:
        """The file, with what is left out, for people; empty where nothing is loaded."""
        left_out = f" without {', '.join(self.skip)}" if self.skip else ""
        return f"{self.path.name}{left_out}" if self.path else ""

    def load(self, module: Module, graph: Graph) -> list[Diagnostic]:
        """Load it into the module of a graph; errors, or notes."""
        from archdsl.weights.load import load_network
        from archdsl.weights.selection import Selection

        if self.path is None:
            return []
        return load_network(module, self.path, graph, Selection(self.skip, self.prefix, self.key))


def weights_options(required: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`--weights`, `--skip`, `--prefix` and `--key`; `checkpoint_of` collects them."""
    options = [
        click.option(
            "--weights",
            type=click.Path(path_type=Path),
            metavar="FILE",
            required=required,
            help="A checkpoint of PyTorch or safetensors, in place of fresh weights.",
        ),
        click.option(
            "--skip",
            multiple=True,
            metavar="PATTERN",
            help="Do not load these keys of the checkpoint, such as 'fc.*'.",
        ),
        click.option(
            "--prefix", metavar="NAME.", help="Remove this prefix from the keys, such as 'module.'."
        ),
        click.option(
            "--key", metavar="NAME", help="Load the weights from this entry of the checkpoint."
        ),
    ]

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def checkpoint_of(given: dict[str, Any]) -> Checkpoint:
    """Take the options of `weights_options` out of what a command was given."""
    found = Checkpoint(*(given.pop(name) for name in ("weights", "skip", "prefix", "key")))
    if found.path is None and found != Checkpoint():
        raise click.UsageError("--skip, --prefix and --key say how to read --weights FILE")
    return found
