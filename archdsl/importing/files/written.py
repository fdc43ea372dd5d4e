"""From a flat list of functions to a proved text: what all kinds of files have in common."""

from __future__ import annotations

from archdsl.importing.files.flat import Flat
from archdsl.importing.files.proof import Original, proved
from archdsl.importing.files.scopes import framed
from archdsl.importing.model import Imported, spec_of, written
from archdsl.importing.naming import is_free, snake
from archdsl.importing.resolve import resolved
from archdsl.importing.steps import Scope
from archdsl.ops.tensor_type import TensorType


def imported(flat: Flat, file: str, original: Original) -> Imported:
    """The text of a network of a file, whose name it gets; raises `Refusal`."""
    scope = scope_of(flat)
    name = snake(file.rpartition(".")[0] or file)
    docs = [f"Imported from `{file}` and proved equal to it: keys, shapes, and results in evaluation."]
    spec = spec_of(scope, {}, name if is_free(name) else f"{name}_network", docs)
    text = written(spec)
    return Imported(text, spec.name, proved(text, spec.name, original))


def scope_of(flat: Flat) -> Scope:
    """The scopes of ops that a network is; raises `Refusal`."""
    types = [TensorType(value.shape[1:]) for value in flat.inputs]
    scope = resolved(framed(flat), types)
    scope.input_names = flat.input_names
    scope.names = flat.result_names
    return scope
