"""Comparison of a module with the graph: its layers, then its computation."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.backends.torch.validation.faults import Mismatch
from archdsl.backends.torch.validation.layers import StubLayer
from archdsl.backends.torch.validation.modules import StubModule
from archdsl.backends.torch.validation.record import Record
from archdsl.backends.torch.validation.starts import start_text
from archdsl.backends.torch.validation.table import TableEntry
from archdsl.backends.torch.validation.tensors import Storage, StubTensor
from archdsl.backends.torch.validation.values import key_text
from archdsl.backends.torch.validation.weights import StubParameter


def compare(record: Record, module: object) -> None:
    """Raise `Mismatch` if a new module differs from the graph in the record's table."""
    if not isinstance(module, StubModule):
        raise Mismatch("the result is not a module")
    _compare_layers(record, module)
    _compare_run(record, module, training=True)
    if record.reads_mode or record.table.is_random:
        _compare_run(record, module, training=False)


def _compare_layers(record: Record, module: StubModule) -> None:
    """Every layer with weights has the graph's key and arguments."""
    missing = dict(record.table.paths)
    for path, layer in layers(module, ""):
        text = key_text(layer.__key__)
        if layer.__path__:
            raise Mismatch(f"{text} has two keys, {layer.__path__} and {path}")
        entry = missing.pop(path, None)
        if entry is not None:
            _compare_layer(layer, path, entry)
            layer.__dict__["__path__"] = path
        elif layer.__callee__ not in record.forms.weightless:
            raise Mismatch(f"{path}, {text}, is not a layer of the network")
    for path, entry in missing.items():
        raise Mismatch(f"{path}, {_constructor(entry)}, is missing")


def layers(module: StubModule, prefix: str) -> Iterator[tuple[str, StubLayer | StubParameter]]:
    """The layers below a module, and its bare weights, by their paths."""
    if isinstance(module, StubLayer):
        yield prefix, module
    for name, weight in module.__parameters__.items():
        yield f"{prefix}.{name}" if prefix else name, weight
    for name, part in module.__modules__.items():
        if part is not None:
            yield from layers(part, f"{prefix}.{name}" if prefix else name)


def _compare_layer(layer: StubLayer | StubParameter, path: str, entry: TableEntry) -> None:
    suffix = path.removeprefix(entry.node.path)
    if layer.__key__ != entry.form.several.get(suffix, entry.form.layer):
        raise Mismatch(f"{path} is {key_text(layer.__key__)}, not {_constructor(entry)}")
    found = {**entry.form.initial, **layer.__starts__}
    for name in dict.fromkeys([*entry.form.starts, *found]):
        is_, should = found.get(name), entry.form.starts.get(name)
        if is_ != should:
            text = f"{start_text(is_)}, not {start_text(should)}"
            raise Mismatch(f"the {name} of {path} is initialised {text}")


def _constructor(entry: TableEntry) -> str:
    return key_text(entry.form.layer) if entry.form.layer else str(entry)


def _compare_run(record: Record, module: StubModule, training: bool) -> None:
    """The outputs are the graph's, and calls that are counted occur as often as in the graph."""
    table = record.table
    record.begin(training)
    inputs = [record.tensor(number, Storage(is_input=True)) for number in table.inputs]
    result = module(*inputs)
    is_single = len(table.outputs) - len(table.heads) == 1
    if is_single and not training and not isinstance(result, StubTensor):
        raise Mismatch("the result is not a tensor in evaluation")
    _compare_outputs(record, _outputs(result))
    for number, entry in table.entries.items():
        times, wanted = record.counts[number], table.times[training][number]
        if entry.is_counted and times != wanted:
            raise Mismatch(f"{entry} is applied {times} times, not {wanted}{_mode(training)}")


def _compare_outputs(record: Record, found: dict[str, object]) -> None:
    outputs = record.table.outputs
    wanted = [name for name in outputs if record.training or name not in record.table.heads]
    if [*found] != wanted:
        given, named = ", ".join(found), ", ".join(wanted)
        raise Mismatch(f"the results are {given}, not {named}{_mode(record.training)}")
    for name, tensor in found.items():
        if not isinstance(tensor, StubTensor) or tensor.number != outputs[name]:
            entry = record.table.entries.get(outputs[name])
            raise Mismatch(f"{name} is not the result of {entry}{_mode(record.training)}")
        record.require_fresh(tensor)


def _outputs(result: object) -> dict[str, object]:
    """The outputs by name, without those that are None."""
    if isinstance(result, tuple):
        names: tuple[str, ...] = getattr(result, "_fields", ())
        named = dict(zip(names, result, strict=bool(names)))
        return {name: tensor for name, tensor in named.items() if tensor is not None}
    return {"output": result}


def _mode(training: bool) -> str:
    return " in training" if training else " in evaluation"
