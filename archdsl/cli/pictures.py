"""Where `archdsl draw` writes to, and in which form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from archdsl.cli.program import STDIN
from archdsl.cli.specs import networks_of, refuse_collisions
from archdsl.diagnostics import Diagnostic
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.outputs import Form
    from archdsl.specs import RequestedSpec

FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["svg", "png", "pdf", "dot", "html", "json"]),
    help="Set the format in a folder or on standard output.  [default: svg]",
)


@dataclass(frozen=True)
class PictureTarget:
    """A folder, a file, or standard output, which has no path."""

    path: Path | None
    form: Form
    is_folder: bool

    def of(self, network: str) -> Path | None:
        """The file for a network."""
        if self.path is None or not self.is_folder:
            return self.path
        return self.path / f"{network}.{self.form}"


def targets(
    specs: Sequence[RequestedSpec], output: str, form: str | None
) -> tuple[PictureTarget, list[Diagnostic]]:
    """Where the networks of specs go to; an error where a file has no form."""
    from archdsl.outputs import picture_form
    from archdsl.specs import is_folder

    path = Path(output)
    chosen = cast("Form", form or "svg")
    if output != STDIN and (output.endswith("/") or not path.suffix or is_folder(output)):
        if len(specs) > 1:
            refuse_collisions(specs, lambda spec: [f"{n}.{chosen}" for n in networks_of(spec)])
        return PictureTarget(path, chosen, is_folder=True), []
    if len(specs) > 1:
        raise click.UsageError(f"-o {printable(output)} takes one network of one spec")
    if output == STDIN:
        return PictureTarget(None, chosen, is_folder=False), []
    found, diagnostics = picture_form(path)
    if found and form not in (None, found):
        raise click.UsageError(f"`{printable(output)}` is not of the form {form}")
    return PictureTarget(path, found or chosen, is_folder=False), diagnostics
