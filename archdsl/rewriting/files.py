"""The files of a rewritten network: its text or code, its weights, and the weight map."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from archdsl import outputs
from archdsl.diagnostics import Diagnostic, error, has_errors
from archdsl.integrity import CHECKSUM, METADATA, checksum_of
from archdsl.source import whole_of

WEIGHTS = ".safetensors"
FORMS = (".arch", ".py", WEIGHTS)
"""The suffixes of what `-o` may name; weights alone get a spec of the same name."""


def text_path(output: Path) -> Path:
    """The file of the text or the code."""
    return output.with_suffix(".arch") if output.suffix in ("", WEIGHTS) else output


def weights_path(output: Path) -> Path:
    """The file of the weights, beside the text."""
    return output.with_suffix(WEIGHTS)


def misnamed(output: Path) -> list[Diagnostic]:
    """Errors where a file of that name can be neither a spec nor code nor weights."""
    if output.suffix == ".py":
        return outputs.check_name(output.stem)
    if output.suffix in ("", *FORMS):
        return []
    message = f"`{output.name}` does not end in {', '.join(FORMS[:-1])} or {FORMS[-1]}"
    help = f"call it `{output.stem}.arch`, or `{output.stem}.py` for code"
    return [error("E0927", message, whole_of(output.name), help=help)]


def refused(wanted: Sequence[Path], force: bool) -> list[Diagnostic]:
    """Errors where two files have one name, or one is there and nobody wants it replaced."""
    places = [path.resolve() for path in wanted]
    if twice := [path for path in wanted if places.count(path.resolve()) > 1]:
        message, help = f"two files are to be called `{twice[0].name}`", "give --map another name"
        return [error("E0927", message, whole_of(twice[0].name), help=help)]
    if irregular := [path for path in wanted if path.exists() and not path.is_file()]:
        return outputs.replace(irregular[0], b"")
    taken = [path for path in wanted if path.exists() and not force]
    help = "write to another file, or overwrite it with --force"
    return [
        error("E0990", f"`{path.name}` already exists", whole_of(path.name), help=help)
        for path in taken[:1]
    ]


def save(
    output: Path, text: str, code: str, source: str, contents: Mapping[Path, bytes]
) -> list[Diagnostic]:
    """Write the text, or the code where its suffix asks for that, after all other files."""
    diagnostics = save_all(contents)
    if has_errors(diagnostics):
        return diagnostics
    path = text_path(output)
    if path.suffix == ".py":
        return outputs.save(path, code, source, force=True)
    return outputs.save_spec(path, text, force=True)


def save_all(contents: Mapping[Path, bytes]) -> list[Diagnostic]:
    """Write files, each whole or not at all, up to the first that cannot be written."""
    for path, content in contents.items():
        diagnostics = outputs.replace(path, content)
        if has_errors(diagnostics):
            return diagnostics
    return []


def packed(weights: Mapping[str, Tensor], about: Mapping[str, object]) -> bytes:
    """The bytes of a file of weights, with what is said `about` them and its checksum."""
    from safetensors.torch import save as written

    tensors = {**weights}
    told = {**about, CHECKSUM: checksum_of(written(tensors))}
    content: bytes = written(tensors, {METADATA: json.dumps(told)})
    return content


def about(path: Path | None) -> dict[str, object]:
    """What a file of weights says about itself, such as how images were prepared for it."""
    from safetensors import SafetensorError, safe_open

    if path is None:
        return {}
    try:
        with safe_open(path, "pt") as file:
            found = json.loads((file.metadata() or {}).get(METADATA, "{}"))
    except (OSError, ValueError, SafetensorError):
        return {}
    return found if isinstance(found, dict) else {}
