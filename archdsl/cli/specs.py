"""Which specs a command is given: files, folders of them, shipped networks, standard input."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archdsl.cli.complete import complete_spec
from archdsl.cli.program import NAME_KEY, STDIN, STDIN_NETWORK, STDIN_USED
from archdsl.render import path_text, printable

if TYPE_CHECKING:
    from archdsl.specs import RequestedSpec
    from archdsl.syntax.program import Refusal

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.argument(
    "file", metavar="FILE[:NETWORK][(NAME=VALUE,...)]", shell_complete=complete_spec
)
ONE_NETWORK = click.argument(
    "file", metavar="FILE:NETWORK[(NAME=VALUE,...)]", shell_complete=complete_spec
)
FILES = click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE[:NETWORK][(NAME=VALUE,...)]|FOLDER...",
    shell_complete=complete_spec,
)


def split(file: str) -> RequestedSpec:
    """The spec of `FILE[:NETWORK]`, `-[:NETWORK]`, or `[MODULE:]NETWORK` of a shipped network.

    Settings may stand behind each of them: `FILE:NETWORK(width=0.75)`.
    """
    from archdsl.cli.settings import parted
    from archdsl.specs import find_spec
    from archdsl.syntax.program import Refusal

    called, settings = parted(file)
    if is_stdin(called):
        found: RequestedSpec | Refusal = _stdin(
            called.removeprefix(STDIN_NETWORK) if called != STDIN else None
        )
    else:
        found = find_spec(called)
    if isinstance(found, Refusal):
        raise _unusable(found)
    return replace(found, settings=tuple(settings.items()))


def is_stdin(file: str) -> bool:
    """Whether an argument is `-` or `-:NETWORK`."""
    return file == STDIN or file.startswith(STDIN_NETWORK)


def several(files: Iterable[str], wants_networks: bool = False) -> list[RequestedSpec]:
    """The specs of arguments, each once; of a folder all in it and in the folders of it.

    With `wants_networks` the files of a folder that declare none are left out: others import them.
    """
    found: dict[object, RequestedSpec] = {}
    for spec in [spec for file in files for spec in _all(file, wants_networks)]:
        place = STDIN if spec.is_stdin else os.path.realpath(spec.path or "")
        found.setdefault((place, spec.network, spec.settings), spec)
    return list(found.values())


def ambiguous(spec: RequestedSpec, names: list[str], otherwise: str = "") -> str:
    """The message if a file has several networks and a command takes one."""
    shown = path_text(spec.called)
    return f"`{shown}` has {len(names)} networks: name one, as in `{shown}:{names[0]}`{otherwise}"


def networks_of(spec: RequestedSpec) -> list[str]:
    """The names of the networks that will come of a spec; none where it cannot be told yet."""
    from archdsl.files import read_text
    from archdsl.shipped import declared

    if spec.network is not None or spec.path is None or spec.is_stdin:
        return [spec.network] if spec.network else []
    text = read_text(spec.path)
    return declared(text) if isinstance(text, str) else []


def refuse_collisions(
    specs: Iterable[RequestedSpec], names: Callable[[RequestedSpec], Iterable[str]]
) -> None:
    """Refuse to write files of one name for several specs."""
    from archdsl.cli.settings import written

    owners: dict[str, RequestedSpec] = {}
    for spec in specs:
        for name in names(spec):
            other = owners.setdefault(name, spec)
            if other is not spec:
                asked = [f"{each.label}{written(dict(each.settings))}" for each in (other, spec)]
                both = " and ".join(f"`{printable(each)}`" for each in asked)
                raise click.UsageError(f"{both} would both be written as `{printable(name)}`")


def _stdin(network: str | None) -> RequestedSpec:
    from archdsl.files import STDIN_NAME
    from archdsl.specs import RequestedSpec

    given = click.get_current_context().meta
    if given.get(STDIN_USED):
        raise click.UsageError("standard input can be read once: `-` is there twice")
    given[STDIN_USED] = True
    name = given.get(NAME_KEY)
    return RequestedSpec(name or STDIN_NAME, Path(name) if name else None, network, is_stdin=True)


def _all(file: str, wants_networks: bool) -> list[RequestedSpec]:
    from archdsl.specs import RequestedSpec, find_spec, is_folder, specs_in
    from archdsl.syntax.program import Refusal

    if is_stdin(file) or not is_folder(file):
        return [split(file)]
    paths = specs_in(Path(file))
    if isinstance(paths, Refusal):
        raise _unusable(paths)
    specs = [RequestedSpec(str(path), path) for path in paths]
    if wants_networks:
        specs = [spec for spec in specs if networks_of(spec) or not _is_text(spec)]
    if not specs:
        # What commands write is called by the network, such as a folder of weights.
        found = find_spec(file)
        if not isinstance(found, Refusal) and found.is_shipped:
            return [found]
        wanted = "`.arch` file with a network" if wants_networks else "`.arch` file"
        raise click.UsageError(f"there is no {wanted} in `{printable(file)}`")
    return specs


def _is_text(spec: RequestedSpec) -> bool:
    from archdsl.files import read_text

    assert spec.path is not None
    return isinstance(read_text(spec.path), str)


def _unusable(refusal: Refusal) -> click.UsageError:
    help = f"; {refusal.help}" if refusal.help else ""
    return click.UsageError(printable(f"{refusal.message}{help}"))
