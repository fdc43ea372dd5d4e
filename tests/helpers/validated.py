"""Generated code with a change, and the result of validating it."""

from __future__ import annotations

from pathlib import Path

from archdsl.backends.torch.validation import Validator
from archdsl.backends.torch.verify import verify
from archdsl.diagnostics import has_errors
from archdsl.driver import compile, load_program
from archdsl.files import finder
from archdsl.generalize import Variant, with_variants
from archdsl.graph import Graph
from archdsl.render import as_text
from archdsl.source import Source

SKIPPED = "network n: [3, 8, 8] = a: conv(4, 3) -> add(identity, relu -> b: conv(4, 3))"


def compiled(text: str, folder: Path = Path()) -> tuple[str, list[Graph], list[Variant]]:
    """The code of a spec, its networks, and these with other values."""
    source, find = Source("spec.arch", text), finder(folder)
    code, diagnostics = compile(source, find)
    assert not has_errors(diagnostics), as_text(diagnostics)
    program, _ = load_program(source, find)
    graphs, variants, _ = with_variants(program)
    return code, [*graphs.values()], variants


def fault(spec: str, old: str, new: str) -> str | None:
    """The difference found by validation in a spec's code after replacing a text."""
    code, graphs, _ = compiled(spec)
    assert old in code, code
    changed = code.replace(old, new, 1)
    assert not verify(changed, graphs)
    return Validator(changed, graphs).fault(graphs[0])
