"""`--watch`: a command runs again whenever a spec that it reads has changed, imports included."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from archdsl.cli.report import finish, say, show
from archdsl.cli.specs import is_stdin
from archdsl.diagnostics import Diagnostic

if TYPE_CHECKING:
    from archdsl.files import Finder, Stamp
    from archdsl.findings import History
    from archdsl.source import Source
    from archdsl.specs import RequestedSpec

WATCH = click.option(
    "--watch",
    "is_watching",
    is_flag=True,
    help="Run again whenever a spec, or a file that it imports, has changed; Ctrl-C ends.",
)
POLL = 1000
"""Milliseconds after which files are looked at although the system told of no change: it does not
tell of those that links lead to, nor on all network drives."""


@dataclass
class Round:
    """What came of a spec when it was last looked at, and the files that this depends on."""

    files: dict[Path, Stamp]
    finder: Finder
    diagnostics: list[Diagnostic] = field(default_factory=list)
    is_old: bool = False

    @property
    def looked_for(self) -> dict[Path, Stamp]:
        """All these files, as they were then."""
        return {**self.files, **self.finder.looked_for}

    @property
    def is_current(self) -> bool:
        """Whether no file has changed since then."""
        from archdsl.files import stamp

        return all(stamp(path) == before for path, before in self.looked_for.items())

    def retire(self) -> None:
        """Wait for another change, without what came of it."""
        from archdsl.files import stamp

        self.files, self.is_old = {path: stamp(path) for path in self.looked_for}, True
        self.finder.looked_for.clear()


@dataclass
class Watch:
    """The specs of a command, which may look at them again and again."""

    history: History | None = None
    """Of the specs; None if they are looked at once."""
    rounds: dict[RequestedSpec, Round] = field(default_factory=dict)
    visited: set[RequestedSpec] = field(default_factory=set)
    finished: dict[Path, object] = field(default_factory=dict)
    """What each output was last made of."""

    def open(self, spec: RequestedSpec) -> tuple[Source, Finder, list[Diagnostic]]:
        """The text of a spec, and what finds its imports; remembers what is read."""
        from archdsl.files import stamp

        path = None if spec.is_stdin else spec.path
        files = {} if path is None else {path: stamp(path)}
        opened = spec.open()
        self.rounds[spec] = Round(files, opened[1])
        self.visited.add(spec)
        return opened

    def changed(
        self, spec: RequestedSpec, run: Callable[[RequestedSpec], list[Diagnostic]]
    ) -> list[Diagnostic]:
        """What a command says of a spec, which is run only if a file of it has changed."""
        known = self.rounds.get(spec)
        self.visited.add(spec)
        if known is not None and known.is_current and not known.is_old:
            show(known.diagnostics, sys.stderr)
            return known.diagnostics
        diagnostics = run(spec)
        self.rounds[spec].diagnostics = diagnostics
        return diagnostics

    def run(self, command: Callable[[Watch], list[list[Diagnostic]]]) -> None:
        """Run a command once more, and forget the specs that it has not asked for."""
        self.visited.clear()
        try:
            command(self)
            self.rounds = {spec: self.rounds[spec] for spec in self.visited}
        except click.UsageError as error:
            # What was there when it began may come back.
            click.echo(f"Error: {error.format_message()}", err=True)
            for each in self.rounds.values():
                each.retire()


def repeat(
    is_watching: bool, files: Iterable[str], run: Callable[[Watch], list[list[Diagnostic]]]
) -> NoReturn:
    """Run a command, which ends the program; or again and again, until somebody ends it."""
    from archdsl.findings import History

    if not is_watching:
        finish(*run(Watch()))
    if any(map(is_stdin, files)):
        raise click.UsageError("--watch is for files, and standard input is read once")
    wait, watch = _waiter(), Watch(History())
    folders = [Path(each) for each in files if Path(each).is_dir()]
    click.clear()
    before = _specs_below(folders)
    run(watch)
    while True:
        _tell(watch)
        wait(watch, folders, before)
        click.clear()
        before = _specs_below(folders)
        watch.run(run)


def _tell(watch: Watch) -> None:
    """Say what is waited for."""
    count = sum(before is not None for before in _looked_for(watch).values())
    told = f"{count} file{'s' if count > 1 else ''}"
    say(f"{time.strftime('%H:%M:%S')}  watching {told}; Ctrl-C ends", err=True)
    sys.stdout.flush()


def _waiter() -> Callable[[Watch, list[Path], dict[Path, Stamp]], None]:
    """What waits until a file of the specs is another, or a spec in folders than before."""
    try:
        from watchfiles import watch as changes_in
    except ModuleNotFoundError as missing:
        if missing.name != "watchfiles":
            raise
        help = "pip install -c constraints.txt '.[watch]'"
        raise click.UsageError(f"--watch needs the extra `watch`: {help}") from None

    def wait(watch: Watch, folders: list[Path], before: dict[Path, Stamp]) -> None:
        places = {_existing(path) for path in _looked_for(watch)} | {*_folders_in(folders)}
        waiting = changes_in(
            *places, watch_filter=None, recursive=False, rust_timeout=POLL, yield_on_timeout=True
        )
        # What has changed before it waited is found when it looks for the first time.
        is_first = True
        for changes in waiting:
            if not all(each.is_current for each in watch.rounds.values()):
                return
            if (changes or is_first) and _specs_below(folders) != before:
                return
            is_first = False

    return wait


def _looked_for(watch: Watch) -> dict[Path, Stamp]:
    """The files that all specs depend on, without those that come with archdsl."""
    from archdsl.shipped import LIBRARY

    found = [each for one in watch.rounds.values() for each in one.looked_for.items()]
    return {Path(os.path.abspath(path)): at for path, at in found if path.parent != LIBRARY}  # noqa: PTH100


def _existing(path: Path) -> Path:
    """The folder of a file, or the nearest one above it that there is."""
    return next(each for each in path.parents if each.is_dir())


def _folders_in(folders: Iterable[Path]) -> Iterator[Path]:
    """Folders and those in them in which specs are looked for."""
    for place, names, _ in chain.from_iterable(map(os.walk, folders)):
        names[:] = [name for name in names if not name.startswith(".")]
        yield Path(os.path.abspath(place))  # noqa: PTH100


def _specs_below(folders: Iterable[Path]) -> dict[Path, Stamp]:
    """The specs in folders as they are now, those without networks too."""
    from archdsl.files import stamp
    from archdsl.specs import specs_in

    found = map(specs_in, folders)
    return {path: stamp(path) for each in found if isinstance(each, list) for path in each}
