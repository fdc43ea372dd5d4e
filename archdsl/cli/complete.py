"""Shell completion of files and networks, parameters after `--set`, sizes after `--at`, codes.

click knows commands and options. What it has not is here, and the scripts for Bash and Zsh, which
would stop at the colon of `FILE:NETWORK` and leave a space behind a folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

if TYPE_CHECKING:
    from archdsl.syntax import ast

Items = list[CompletionItem[str]]

BASH = """\
%(complete_func)s() {
    local value
    COMPREPLY=()
    while IFS= read -r value; do
        [[ -n $value ]] && COMPREPLY+=("$value")
        # There is more to type behind these.
        [[ $value == *[/:=] ]] && compopt -o nospace 2>/dev/null
    done < <(
        env ARCHDSL_LINE="${COMP_LINE:0:COMP_POINT}" ARCHDSL_BREAKS="$COMP_WORDBREAKS" \\
            %(complete_var)s=bash_complete "$1"
    )
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Shell(ShellComplete):
    """Completion that tells every parameter which words there are before the cursor.

    click forgets the files of a line that ends in an option without its value.
    """

    def get_completions(self, args: list[str], incomplete: str) -> Items:
        """The possible completions."""
        self.ctx_args = {**self.ctx_args, "obj": args.copy()}
        return super().get_completions(args, incomplete)


class Fish(Shell, FishComplete):
    """Completion for Fish."""


class Bash(Shell, BashComplete):
    """Completion for Bash, which takes `:` and `=` for the ends of words."""

    source_template = BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the one at it."""
        line = os.environ.get("ARCHDSL_LINE", "")
        words = split_arg_string(line)[1:]
        self.incomplete = "" if line[-1:].isspace() or not words else words.pop()
        return words, self.incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """The text with which Bash replaces the last part of the word."""
        breaks = set(os.environ.get("ARCHDSL_BREAKS", ":=")) & {":", "="}
        kept = max((self.incomplete.rfind(each) + 1 for each in breaks), default=0)
        value = str(item.value)
        if value.startswith(self.incomplete[:kept]):
            value = value[kept:]
        return re.sub(r"([^\w./:=,@%+-])", r"\\\1", value)


class Zsh(Shell, ZshComplete):
    """Completion for Zsh, which completes files better than we could."""

    def get_completions(self, args: list[str], incomplete: str) -> Items:
        """The possible completions; one item represents all files."""
        found = super().get_completions(args, incomplete)
        files = [CompletionItem(incomplete, type="file")]
        is_file = any(item.is_file for item in found)
        return [item for item in found if not item.is_file] + (files if is_file else [])


for shell in (Bash, Fish, Zsh):
    add_completion_class(shell)


def complete_spec(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """`FILE`, `FILE:NETWORK`, `MODULE:NETWORK`, or a network that ships."""
    from archdsl.shipped import networks

    name, colon, _part = incomplete.rpartition(":")
    if colon:
        known = [f"{name}:{network}" for network in _declared(name)]
        return [CompletionItem(each) for each in known if each.startswith(incomplete)]
    # Nobody who has typed nothing wants to read a hundred names.
    shipped = networks() if incomplete else {}
    names = [CompletionItem(each) for each in shipped if each.startswith(incomplete)]
    return [*(CompletionItem(path, is_file=True) for path in _files(incomplete)), *names]


def complete_setting(context: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """`NAME=` of a parameter, also behind a comma."""
    names = [each.name.name for network in _networks(context) for each in network.parameters]
    return _named(names, incomplete)


def complete_size(context: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """`NAME=` of a size that a network leaves open, also behind a comma."""
    from archdsl.syntax import ast
    from archdsl.syntax.walk import descendants

    names = ["batch"]
    for network in _networks(context):
        inputs = network.signature.inputs if network.signature else ()
        parameters = {each.name.name for each in network.parameters}
        nodes = [node for each in inputs for size in each.parts for node in descendants(size)]
        found = [node.name for node in nodes if isinstance(node, ast.Name)]
        names += [name for name in found if name not in parameters]
    return _named(names, incomplete)


def complete_code(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """A code of a diagnostic, with its title."""
    from archdsl.diagnostics import codes

    return [
        CompletionItem(code, help=meaning.title)
        for code, meaning in codes().items()
        if code.startswith(incomplete.upper())
    ]


def _named(names: Iterable[str], incomplete: str) -> Items:
    before, comma, part = incomplete.rpartition(",")
    if "[" in part or "=" in part or before.count("[") > before.count("]"):
        return []
    known = sorted({name for name in names if name.startswith(part)})
    return [CompletionItem(f"{before}{comma}{name}=") for name in known]


def _files(incomplete: str) -> Iterator[str]:
    """The specs and folders that a name may become; folders end in a slash."""
    from archdsl.shipped import SUFFIX
    from archdsl.specs import is_folder

    folder, slash, part = incomplete.rpartition("/")
    try:
        entries = sorted(os.scandir(Path(folder or slash or ".")), key=lambda entry: entry.name)
    except (OSError, ValueError):
        return
    for entry in entries:
        is_hidden = entry.name.startswith(".") and not part.startswith(".")
        if entry.name.startswith(part) and not is_hidden and entry.name.isprintable():
            if is_folder(entry.path):
                yield f"{folder}{slash}{entry.name}/"
            elif entry.name.endswith(SUFFIX):
                yield f"{folder}{slash}{entry.name}"


def _declared(called: str) -> list[str]:
    """The names of the networks of a file or of a shipped module."""
    from archdsl.files import read_text
    from archdsl.shipped import declared, modules, path_of

    is_shipped = called in modules() and not os.path.lexists(called)
    text = read_text(path_of(called) if is_shipped else Path(called))
    return declared(text) if isinstance(text, str) else []


def _networks(context: click.Context) -> Iterator[ast.BlockDeclaration]:
    """The networks of the specs that stand before the cursor, among other words."""
    from archdsl.specs import RequestedSpec, find_spec
    from archdsl.syntax import ast
    from archdsl.syntax.parser import parse

    words = [word for word in (context.obj or ())[1:] if not word.startswith("-")]
    for spec in [found for word in words if isinstance(found := find_spec(word), RequestedSpec)]:
        source, _, _ = spec.open()
        for each in parse(source)[0].declarations:
            if not isinstance(each, ast.BlockDeclaration) or not each.is_network:
                continue
            if spec.network in (None, each.name.name):
                yield each
