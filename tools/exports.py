"""Exports of the shipped networks: `python -m tools.exports [FILE...]` prints a row for each.

One network of every file is exported in every format, with an open height and width, and compared
with the module. It takes half an hour.
"""

from __future__ import annotations

import sys
import time

import archdsl
from archdsl.export import accepted_by
from archdsl.export.formats import FORMS
from tests.helpers.opened import KINDS, Opened, made, opened


def main() -> None:
    """Print the table."""
    print("| file | network | accepts | " + " | ".join(FORMS) + " |")
    print("|---|---|---|" + "---|" * len(FORMS))
    for kind in sys.argv[1:] or KINDS:
        network, accepts = _network(kind)
        cells = [_cell(network, form) for form in FORMS]
        print(f"| {kind} | {network.name} | {accepts} | {' | '.join(cells)} |", flush=True)


def _network(kind: str) -> tuple[Opened, str]:
    """The network of a file, and which sizes it takes, or why only one."""
    try:
        network = opened(kind)
    except archdsl.SpecError as error:
        return made(kind), error.diagnostics[0].code
    return network, accepted_by(network.graph, "onnx").text()


def _cell(network: Opened, form: str) -> str:
    """How far an export is from the module, and the seconds it took; or why it failed."""
    start = time.process_time()
    try:
        relative = f"{network.export(form).relative:.1e}"
    except AssertionError as error:
        relative = str(error)
    return f"{relative} in {time.process_time() - start:.0f} s"


if __name__ == "__main__":
    main()
