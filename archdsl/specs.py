"""Specs by what somebody calls them: a file, or a network that ships, and a network of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archdsl import shipped
from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic, suggestion
from archdsl.files import STDIN_NAME, Finder, listed, open_main, open_stdin, shown
from archdsl.shipped import SUFFIX
from archdsl.source import Source
from archdsl.syntax.program import Refusal

STDIN_STEM = "main"
"""The name of the output for standard input without a name."""
MAXIMUM_WALKED = 100_000
"""The most files and folders that are looked at to find the specs in a folder."""

LONGEST_NAME = 80
"""How much of the name of a file that does not exist a message shows."""


@dataclass(frozen=True)
class RequestedSpec:
    """A spec that was asked for, and which of its networks: None for all.

    `called` is what it was called by, without the network. Standard input may have a path too: it
    then stands for that file.
    """

    called: str
    path: Path | None
    network: str | None = None
    is_shipped: bool = False
    is_stdin: bool = False
    settings: tuple[tuple[str, Value], ...] = ()
    """Other defaults for parameters, which stood in parentheses behind it."""

    def given(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The defaults of a command with its own, which take precedence."""
        return {**values, **dict(self.settings)}

    @property
    def label(self) -> str:
        """Its name as given, with the network."""
        is_alone = self.network is None or self.called == self.network
        return self.called if is_alone else f"{self.called}:{self.network}"

    @property
    def file_name(self) -> str:
        """The name of the file that generated code says it was made of."""
        return STDIN_NAME if self.path is None else self.path.name

    @property
    def stem(self) -> str:
        """The name of its output file, without a suffix."""
        return self.network or (STDIN_STEM if self.path is None else self.path.stem)

    def open(self) -> tuple[Source, Finder, list[Diagnostic]]:
        """Its text, and what finds its imports."""
        if self.path is None or self.is_stdin:
            return open_stdin(self.path)
        return open_main(self.path, self.is_shipped)


def find_spec(called: str) -> RequestedSpec | Refusal:
    """The spec that is called `FILE`, `FILE:NETWORK`, `NETWORK` or `MODULE:NETWORK`.

    The last two are of networks that ship. A file comes first, also one whose name has a colon; a
    folder does not.
    """
    name, colon, network = called.rpartition(":")
    is_there, is_below = os.path.lexists(called), bool(colon) and os.path.lexists(name)
    if is_there and not is_folder(called):
        return RequestedSpec(called, Path(called))
    if is_below and not is_folder(name):
        return RequestedSpec(name, Path(name), network)
    homes = shipped.networks().get(network, ())
    if colon and name in homes:
        return RequestedSpec(name, shipped.path_of(name), network, is_shipped=True)
    if not colon and len(homes) == 1:
        return RequestedSpec(called, shipped.path_of(homes[0]), network, is_shipped=True)
    if is_there or is_below:
        file, only = (called, None) if is_there else (name, network)
        return RequestedSpec(file, Path(file), only)
    return _absent(called, () if colon else homes)


def _absent(called: str, homes: tuple[str, ...]) -> Refusal:
    """Why no spec is called so; `homes` are the shipped files that declare such a network."""
    if homes:
        listed_homes = " or ".join(f"`{home}:{called}`" for home in homes)
        message = f"{len(homes)} shipped files have a network `{called}`"
        return Refusal("E0604", message, f"say {listed_homes}")
    path = Path(called)
    name = shown(path) if path.is_absolute() else called
    message = f"there is no file `{cut(name)}`"
    if "/" in called or path.suffix == SUFFIX:
        near = suggestion(path.name, [other.name for other in listed(path.parent)])
        return Refusal("E0604", message, near)
    names = [f"{home}:{name}" for name, homes in shipped.networks().items() for home in homes]
    known = names if ":" in called else [*shipped.networks(), *map(str, listed(path.parent))]
    help = suggestion(called, known) or "`archdsl networks` lists the networks that ship"
    if called in shipped.modules():
        own = next(name for name, homes in shipped.networks().items() if called in homes)
        help = f"name a network of the shipped `{called}{SUFFIX}`, such as `{called}:{own}`"
    return Refusal("E0604", f"{message}, and no shipped network has that name", help)


def cut(name: str) -> str:
    """As much of a name as a message shows."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def is_folder(name: str) -> bool:
    """Whether there is a folder of that name, whatever the name."""
    try:
        return bool(name) and Path(name).is_dir()
    except (OSError, ValueError):
        return False


def specs_in(folder: Path) -> list[Path] | Refusal:
    """All specs in a folder and the folders in it, sorted; none of hidden folders and of links."""
    found: list[Path] = []
    walked = 0
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        walked += len(folders) + len(names)
        if walked > MAXIMUM_WALKED:
            message = f"`{shown(folder)}` holds more than {MAXIMUM_WALKED:,} files"
            return Refusal("E0702", message, "name a folder in it")
        found += [Path(place, name) for name in names if name.endswith(SUFFIX)]
    return sorted(found)
