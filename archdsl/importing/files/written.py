"""From a flat list of functions to a proved text: what all kinds of files have in common."""

from __future__ import annotations

from archdsl.importing.files.flat import Flat, weights_of
from archdsl.importing.files.names import with_common_kinds
from archdsl.importing.files.numbering import renamed
from archdsl.importing.files.proof import Original, proved
from archdsl.importing.files.regions import with_regions
from archdsl.importing.files.scopes import framed
from archdsl.importing.inlining import with_inlined_calls
from archdsl.importing.lists import with_joined_lists
from archdsl.importing.model import Imported
from archdsl.importing.naming import is_free, snake
from archdsl.importing.refusal import Refusal
from archdsl.importing.regions import nested
from archdsl.importing.resolve import resolved
from archdsl.importing.specs import spec_of, written
from archdsl.importing.steps import Scope
from archdsl.ops.base import Shape
from archdsl.ops.tensor_type import TensorType


def imported(flat: Flat, file: str, original: Original) -> Imported:
    """The text of a network of a file, whose name it gets; raises `Refusal`."""
    if any(flat.levels.values()):
        with_common_kinds(flat)
        return _imported(flat, scope_of(flat), file, original)
    if any("." in path for node in flat.nodes for path in weights_of(node)):
        scope = scope_of(flat)
        nested(scope)
        return _imported(flat, scope, file, original)
    original = original.renamed(with_regions(flat))
    try:
        return _numbered(flat, file, original, is_numbered=True)
    except Refusal as refusal:
        if refusal.code != "E0989":
            raise
    return _numbered(flat, file, original, is_numbered=False)


def _numbered(flat: Flat, file: str, original: Original, is_numbered: bool) -> Imported:
    """The text of a network whose names are gone, with numbers or other names for its layers."""
    scope = scope_of(flat)
    paths = renamed(scope, is_numbered)
    return _imported(flat, scope, file, original.renamed(paths))


def _imported(flat: Flat, scope: Scope, file: str, original: Original) -> Imported:
    name = snake(file.rpartition(".")[0] or file)
    docs = [
        f"Imported from `{file}` and proved equal to it: keys, shapes, and results in evaluation."
    ]
    if flat.unread:
        few = ", ".join(f"`{key}`" for key in flat.unread[:2])
        docs.append(
            f"Left out are weights that the file does not use, {len(flat.unread)} such as {few}."
        )
    spec = spec_of(scope, {}, name if is_free(name) else f"{name}_network", docs)
    text = written(spec)
    return Imported(text, spec.name, proved(text, spec.name, original))


def scope_of(flat: Flat) -> Scope:
    """The scopes of ops that a network is; raises `Refusal`."""
    types: list[Shape] = [TensorType(value.shape[1:]) for value in flat.inputs]
    frame = framed(flat)
    with_joined_lists(frame)
    scope = resolved(frame, types)
    scope.input_names = flat.input_names
    scope.names = flat.result_names
    with_inlined_calls(scope)
    return scope
