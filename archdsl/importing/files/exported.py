"""Exported programs (`.pt2`) as flat lists of functions, with the modules that they came from.

`torch.export.load` may run code that the file carries.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, fx
from torch.export.graph_signature import InputKind, OutputKind
from torch.utils import _pytree as pytree

from archdsl.diagnostics import first_line
from archdsl.importing.files.calls import CALLS, EVALUATION
from archdsl.importing.files.flat import Flat, Level, values_in, weight, without_unread
from archdsl.importing.files.proof import Original
from archdsl.importing.refusal import Refusal
from archdsl.importing.trace import Node, Value

SILENT = frozenset({"_assert_tensor_metadata", "_assert_async", "_assert_scalar", "sym_size"})
"""Functions that check or measure, and compute nothing."""


def program_of(path: Path) -> torch.export.ExportedProgram:
    """The program in a file; raises `Refusal`. This runs code that is in the file."""
    try:
        return torch.export.load(str(path))
    except Exception as fault:
        raise Refusal(
            "E0991", f"`{path.name}` is no exported program: {first_line(fault)}"
        ) from fault


def flat_of(program: torch.export.ExportedProgram) -> Flat:
    """The functions of a program; raises `Refusal` for one that is no network in evaluation."""
    reader = _Reader(program)
    for node in program.graph.nodes:
        reader.take(node)
    without_unread(reader.flat)
    return reader.flat


class _Reader:
    """What every node of a program is, one after another."""

    def __init__(self, program: torch.export.ExportedProgram) -> None:
        self.flat = Flat()
        self.known: dict[fx.Node, Any] = {}
        self.program = program
        signature = program.graph_signature
        self.inputs = {spec.arg.name: spec for spec in signature.input_specs}
        for output in signature.output_specs:
            if output.kind is not OutputKind.USER_OUTPUT:
                name = output.kind.name.lower().replace("_", " ")
                raise Refusal("E0988", f"the program has a result that is a {name}", EVALUATION)

    def take(self, node: fx.Node) -> None:
        """Append a node."""
        if node.op == "placeholder":
            self.known[node] = self._placeholder(node)
        elif node.op == "output":
            results = pytree.tree_leaves(self._given(node.args[0]))
            self.flat.results = [each for each in results if isinstance(each, Value)]
            self._name_results()
        elif node.op == "call_function":
            self._function(node)
        else:
            raise Refusal("E0987", f"node `{node.name}` is a `{node.op}`, which is no function")

    def _placeholder(self, node: fx.Node) -> Any:
        spec = self.inputs[node.name]
        found = node.meta.get("val")
        if not isinstance(found, Tensor):
            return found
        if spec.kind is InputKind.USER_INPUT:
            made = Node("input", node.name)
            made.results = [Value(made, 0, _shape(found), not found.is_floating_point())]
            self.flat.inputs += made.results
            self.flat.input_names.append(node.name)
            return made.results[0]
        key = str(spec.target)
        tensor = self.program.state_dict.get(key, self.program.constants.get(key))
        if isinstance(tensor, Tensor):
            self.flat.weights[key] = tensor.detach()
        return weight(key, _shape(found))

    def _name_results(self) -> None:
        spec = self.program.call_spec.out_spec
        if spec is not None and spec.type is dict:
            self.flat.result_names = [str(name) for name in spec.context]

    def _function(self, node: fx.Node) -> None:
        if node.target is operator.getitem:
            several, index = self._given(node.args)
            if isinstance(several, list | tuple):
                self.known[node] = several[index]
                return
        found = node.meta.get("val")
        if not _tensors(found):
            self.known[node] = found
            return
        self._append(node, found)

    def _append(self, node: fx.Node, found: Any) -> None:
        name = self._name(node)
        if name in SILENT:
            return
        args, kwargs = self._given(node.args), self._given(dict(node.kwargs))
        first = next(iter(node.all_input_nodes), None)
        kind, called = "function", CALLS.get(name)
        made = Node(kind, name, args=tuple(args), kwargs=kwargs)  # type: ignore[arg-type]
        made.origin = f"node `{node.name}` (`{name}`)"
        if called is not None:
            called(made)
        made.inputs = [*values_in((made.args, made.kwargs))]
        for place, each in enumerate(_tensors(found)):
            made.results.append(Value(made, place, _shape(each), not each.is_floating_point()))
        self.flat.nodes.append(made)
        self.flat.levels[made] = self._levels(node)
        self.known[node] = made.results if isinstance(found, list | tuple) else made.results[0]
        if name.endswith("_") and not name.endswith("__") and first is not None:
            # It writes to its input, which all that follows reads so.
            self.known[first] = self.known[node]

    def _name(self, node: fx.Node) -> str:
        target = node.target
        if not isinstance(target, torch._ops.OpOverload) or target.namespace != "aten":
            raise Refusal(
                "E0987", f"node `{node.name}` calls `{target}`, which is no op of PyTorch"
            )
        return target._schema.name.partition("::")[2]

    def _given(self, nested: Any) -> Any:
        def replaced(each: Any) -> Any:
            if isinstance(each, fx.Node):
                each = self.known.get(each)
            return _number(each) if isinstance(each, torch.SymInt) else each

        return pytree.tree_map(replaced, nested, is_leaf=lambda each: isinstance(each, fx.Node))

    def _levels(self, node: fx.Node) -> tuple[Level, ...]:
        stack = node.meta.get("nn_module_stack") or {}
        several = [(key, *each) for key, each in stack.items()]
        if several and several[0][1] == "":
            self.flat.kind = str(several[0][2])
        return tuple([Level(path, str(kind), key) for key, path, kind in several if path])


def _tensors(found: Any) -> list[Tensor]:
    return [each for each in pytree.tree_leaves(found) if isinstance(each, Tensor)]


def _shape(tensor: Tensor) -> tuple[int, ...]:
    return tuple([_number(size) for size in tensor.shape])


def _number(size: Any) -> int:
    """A size; one that is open has the value of the example that the program was made with."""
    if isinstance(size, torch.SymInt):
        hint = size.node.hint
        if hint is None:
            raise Refusal("E0988", f"nothing says what the size `{size}` was in the example")
        return int(hint)
    return int(size)


class Run(fx.Interpreter):
    """Runs the functions of a program in double precision."""

    def __init__(self, program: torch.export.ExportedProgram) -> None:
        super().__init__(program.graph_module)
        self.program = program

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        """Call a function; what only checks the types of tensors is left out."""
        name = getattr(getattr(target, "_schema", None), "name", "").partition("::")[2]
        if name in SILENT - {"sym_size"}:
            return None
        if name in ("to", "_to_copy") and isinstance(args[0], Tensor):
            is_number = args[0].is_floating_point()
            return args[0] if is_number else target(*args, **kwargs)
        return target(*args, **kwargs)

    def results(self, inputs: Sequence[Tensor], weights: Mapping[str, Tensor]) -> list[Tensor]:
        """What the program gives for some inputs, with other weights."""
        waiting = iter(inputs)
        given = []
        for spec in self.program.graph_signature.input_specs:
            if spec.kind is InputKind.USER_INPUT:
                # A program may write to its input.
                given.append(_double(next(waiting)).clone())
            else:
                given.append(self._held(str(spec.target), weights))
        return [each for each in pytree.tree_leaves(self.run(*given)) if isinstance(each, Tensor)]

    def _held(self, key: str, weights: Mapping[str, Tensor]) -> Any:
        if key in weights:
            return _double(weights[key])
        found = self.program.state_dict.get(key, self.program.constants.get(key))
        return _double(found.detach()) if isinstance(found, Tensor) else found


def _double(tensor: Tensor) -> Tensor:
    return tensor.double() if tensor.is_floating_point() else tensor


def original_of(program: torch.export.ExportedProgram, flat: Flat) -> Original:
    """A program to hold a text against."""
    generator = torch.Generator().manual_seed(0)
    batch = [_drawn(value, generator) for value in flat.inputs]
    return Original(flat.weights, [batch], Run(program).results, is_double=True)


def _drawn(value: Value, generator: torch.Generator) -> Tensor:
    """A random input. Of whole numbers little is known but that every table has a row 0 and 1."""
    if value.is_counted:
        return torch.randint(2, value.shape, generator=generator)
    return torch.randn(value.shape, generator=generator, dtype=torch.float64)
