"""ONNX files as protocol buffers. What a file names outside its folder is never opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archdsl.diagnostics import first_line
from archdsl.importing.refusal import Refusal

MOST_BYTES = 2**31 - 2**24
"""The largest file with its weights: protocol buffers are limited to 2 GiB."""
MOST_NODES = 100_000
OPSETS = range(9, 27)
"""The versions of ONNX's own operators whose meaning is known here."""


def model_of(path: Path) -> Any:
    """The model in a file, with all of its weights in it; raises `Refusal`."""
    import onnx

    model = onnx.ModelProto()
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _broken(path, "it is larger than 2 GiB")
        model.ParseFromString(path.read_bytes())
    except OSError as fault:
        raise _broken(path, first_line(fault)) from fault
    except Exception as fault:
        # What protocol buffers raise for broken bytes has no common class.
        raise _broken(path, first_line(fault)) from fault
    if not model.graph.node or not model.graph.output:
        raise _broken(path, "it has no nodes and results")
    _require_known(model, path)
    _load_outside(model, path)
    return _inlined(model, path)


def _broken(path: Path, why: str) -> Refusal:
    return Refusal("E0991", f"`{path.name}` cannot be read as an ONNX file: {why}")


def _require_known(model: Any, path: Path) -> None:
    versions = {each.domain: each.version for each in model.opset_import}
    version = versions.get("", versions.get("ai.onnx", 0))
    if version not in OPSETS:
        message = f"`{path.name}` is of opset {version}, and known are {OPSETS[0]} to {OPSETS[-1]}"
        help = "`onnx.version_converter` converts files between opsets"
        raise Refusal("E0987", message, help)
    if len(model.graph.node) > MOST_NODES:
        raise _broken(path, f"it has more than {MOST_NODES:,} nodes")
    if model.graph.sparse_initializer:
        raise Refusal("E0987", f"`{path.name}` has sparse weights, which no op of the language has")


def _load_outside(model: Any, path: Path) -> None:
    """Read weights that lie in files beside the model."""
    import onnx

    waiting = [each for each in model.graph.initializer if each.data_location]
    total = path.stat().st_size
    for tensor in waiting:
        said = {each.key: each.value for each in tensor.external_data}
        size = _bytes_of(tensor)
        total += size
        if total > MOST_BYTES:
            raise _broken(path, "with its weights it is larger than 2 GiB")
        tensor.raw_data = _read(path, tensor.name, said, size)
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]
    for each in _constants(model.graph):
        if each.data_location:
            raise _broken(path, f"the constant `{each.name}` lies in another file")


def _bytes_of(tensor: Any) -> int:
    from onnx.helper import tensor_dtype_to_np_dtype

    size: int = tensor_dtype_to_np_dtype(tensor.data_type).itemsize
    for each in tensor.dims:
        size *= max(0, each)
    return size


def _read(path: Path, name: str, said: dict[str, str], size: int) -> bytes:
    """Some bytes of a file beside the model."""
    location = said.get("location", "")
    folder = path.resolve().parent
    beside = (folder / location).resolve()
    is_inside = location not in ("", ".") and beside.is_relative_to(folder)
    if not is_inside or not beside.is_file():
        why = "which is no file" if is_inside else "which is not beside it"
        raise _broken(path, f"its weight `{name}` lies in `{location}`, {why}")
    try:
        offset, length = int(said.get("offset", 0)), int(said.get("length", size))
    except ValueError as fault:
        raise _broken(path, f"its weight `{name}` lies at no place of `{location}`") from fault
    if length != size or offset < 0 or offset + size > beside.stat().st_size:
        raise _broken(path, f"its weight `{name}` does not fit into `{location}`")
    with beside.open("rb") as file:
        file.seek(offset)
        return file.read(size)


def _constants(graph: Any) -> Iterator[Any]:
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t


def _inlined(model: Any, path: Path) -> Any:
    """The model without functions of its own."""
    if not model.functions:
        return model
    from onnx import inliner

    try:
        return inliner.inline_local_functions(model)
    except Exception as fault:
        raise _broken(path, first_line(fault)) from fault
