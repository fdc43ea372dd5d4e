"""The table of a graph: every op in all the forms in which code may call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from types import SimpleNamespace

from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.validation.bounds import most_modules
from archdsl.backends.torch.validation.forms import Form
from archdsl.backends.torch.validation.record import LAYER, Record
from archdsl.backends.torch.validation.signatures import MODE
from archdsl.backends.torch.validation.table import Table, TableEntry
from archdsl.backends.torch.validation.tensors import Storage, StubTensor
from archdsl.backends.torch.validation.values import TENSOR, CallKey, LayerWeight
from archdsl.graph import Graph, Node


def fill(record: Record, graph: Graph) -> None:
    """Fill the record's table with the calls of a graph."""
    table = record.table = Table()
    record.begin(training=True)
    record.reads_mode = False
    record.filled = True
    numbers: dict[int, int] = {}
    for node in graph:
        if node.op is None:
            numbers[node.id] = table.fresh()
        else:
            read = [numbers[port.node] for port in node.inputs]
            numbers[node.id] = _add(record, node, record.forms.of(graph, node), read)
    record.filled = False
    record.modules_left = most_modules(len(graph))
    table.inputs = [numbers[port.node] for port in graph.inputs.values()]
    results = graph.results if len(graph.results) > 1 else {"output": graph.result}
    ports = {variable_name(name): port for name, port in {**results, **graph.heads}.items()}
    table.outputs = {name: numbers[port.node] for name, port in ports.items()}
    table.heads = frozenset(map(variable_name, graph.heads))


def _add(record: Record, node: Node, form: Form, read: list[int]) -> int:
    """The number of a node's result."""
    table = record.table
    if form.torch.join is not None and form.torch.join.operator and len(read) == 1:
        # The sum of one tensor is that tensor, in every form.
        for key in _spelled(record, form, read):
            table.results[key] = (read[0], None)
        return read[0]
    record.added = []
    keys = [*_called(record, node, form, read), *_spelled(record, form, read)]
    number = next((table.results[key][0] for key in keys if key in table.results), 0)
    number = number or table.fresh()
    entry = table.entries.setdefault(number, TableEntry(node, form, read, number))
    for key in record.added:
        if table.results[key][1] is None:
            table.results[key] = (table.results[key][0], entry)
    table.results |= dict.fromkeys(keys, (number, entry))
    if form.op.reads_batch_only:
        table.bare[number] = record.bare(node.path).number
    _count(table, entry, node)
    return number


def _count(table: Table, entry: TableEntry, node: Node) -> None:
    if entry.form.several:
        table.paths |= {f"{node.path}{suffix}": entry for suffix in entry.form.several}
    elif entry.form.has_weights and not entry.form.op.is_tied:
        table.paths[node.path] = entry
    if entry.is_counted:
        table.times[True][entry.number] += 1
        if not node.training_only:
            table.times[False][entry.number] += 1


def _called(record: Record, node: Node, form: Form, read: Sequence[int]) -> Iterator[CallKey]:
    """The calls of a node as a module and as a function."""
    own = [record.bare(f"{node.path}{suffix}").number for suffix in form.several]
    tensors = tuple([(TENSOR, number) for number in (*read, *own)])
    if form.applied is not None:
        yield _applied(record, node, form.applied, read)
    elif form.has_weights and not own:
        yield (LAYER, (node.path, *tensors), ())
    elif form.layer is not None:
        yield (form.layer, tensors, ())
    if form.function is not None:
        callee, positional, keywords = form.function
        assert form.torch.function is not None
        names = form.torch.function.keywords(len(tensors))
        before = [tensor for tensor, name in zip(tensors, names, strict=True) if not name]
        named = {name: tensor for tensor, name in zip(tensors, names, strict=True) if name}
        given = [*before, *positional]
        modes = [{}, {"training": MODE}] if form.torch.ignores_training else [{}]
        for mode in modes:
            yield record.forms.signatures.key(callee, [*given], {**keywords, **named, **mode})


def _applied(
    record: Record, node: Node, applied: Callable[..., object], read: Sequence[int]
) -> CallKey:
    """The last call of a module that is not just called with its tensors."""
    assert node.op is not None

    def module(*tensors: StubTensor, **keywords: object) -> StubTensor:
        return record.apply(None, node.path, tensors, keywords=keywords)

    tensors = [record.tensor(number, Storage()) for number in read]
    if node.op.is_bare:
        applied(record.bare(node.path), *tensors)
    elif node.op.is_tied:
        applied(SimpleNamespace(weight=LayerWeight(node.path, "weight")), *tensors)
    else:
        applied(module, *tensors)
    return record.added[-1]


def _spelled(record: Record, form: Form, read: Sequence[int]) -> Iterator[CallKey]:
    """The last calls of a node's other spellings."""
    tensors = [record.tensor(number, Storage()) for number in read]
    if form.spelled is not None:
        form.spelled(*tensors)
        yield record.added[-1]
    if (join := form.torch.join) is not None:
        if join.function:
            record.forms.function("xs", body=join.of_list("xs"))(tensors)
            yield record.added[-1]
        if join.operator and len(tensors) > 1:
            together = record.forms.function("a", "b", body=join.of(["a", "b"]))
            reduce(together, tensors)
            yield record.added[-1]
            known = record.table.bare
            bare = [record.tensor(known.get(number, number), Storage()) for number in read]
            if known.keys() & {*read} and {*read} - known.keys():
                # A sum or product repeats weights for the batch itself.
                reduce(together, bare)
                yield record.added[-1]
