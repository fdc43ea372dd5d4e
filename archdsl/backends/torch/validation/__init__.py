"""Translation validation: generated code is run, without PyTorch, and must be its graph.

The text is executed once, on stand-ins that record what they are told: modules keep their
constructor's arguments under their path, tensors are numbers, and a call is looked up in a table of
all calls that the graph consists of, made from the ops' own forms. So keys, arguments, wiring and
initialisations are compared, for all sizes of the input at once. An op's own class is one op
here: its text must be the op's, and is not run.
"""

from __future__ import annotations

import __future__

import ast
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from archdsl.arithmetic import Value
from archdsl.backends.torch.names import class_name, variable_name
from archdsl.backends.torch.validation.compare import compare
from archdsl.backends.torch.validation.faults import FILE, Mismatch, reason
from archdsl.backends.torch.validation.fill import fill
from archdsl.backends.torch.validation.forms import Forms
from archdsl.backends.torch.validation.namespace import (
    function,
    layer_class,
    namespace,
    pytorch,
)
from archdsl.backends.torch.validation.record import Record
from archdsl.backends.torch.validation.signatures import Signatures
from archdsl.graph import Graph
from archdsl.work import long_work

__all__ = ["Checker"]


class Checker:
    """Generated code, to be held against graphs.

    `graphs` are all that the code was made for, those of variants too. The text is executed here;
    it must have passed `verify`.
    """

    def __init__(self, text: str, graphs: Sequence[Graph]) -> None:
        self._record = Record(Signatures())
        names = pytorch(self._record)
        self._forms = Forms(self._record.signatures, names)
        for graph in graphs:
            self._forms.read(graph)
        self._record.weights = self._forms.weights
        self._record.weightless = self._forms.weightless
        self._namespace = namespace(names)
        self._refused = self._execute(text, names)

    def _execute(self, text: str, names: Mapping[str, Any]) -> str | None:
        """Run the text, but for the ops' own definitions; the fault, if there is one."""
        try:
            module = ast.parse(text)
            module.body = [each for each in module.body if not self._is_own(each, names)]
            flags = __future__.annotations.compiler_flag
            code = compile(module, FILE, "exec", flags, dont_inherit=True)
            exec(code, self._namespace)  # noqa: S102 (our own text, which has passed `verify`)
        except Exception as error:
            return reason(error)
        return None

    def _is_own(self, statement: ast.stmt, names: Mapping[str, Any]) -> bool:
        """Whether a statement is an op's own definition, for which there is a stand-in then."""
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                definition = self._forms.definitions.get(name)
            case _:
                return False
        if definition is None:
            return False
        if ast.dump(statement) != _dump(definition):
            raise Mismatch(f"{name} is not defined as its op says")
        self._namespace[name] = self._stand_in(statement, names)
        return True

    def _stand_in(
        self, definition: ast.ClassDef | ast.FunctionDef, names: Mapping[str, Any]
    ) -> Any:
        if isinstance(definition, ast.FunctionDef):
            return function(self._record, definition.name)
        match definition.bases:
            case [ast.Attribute(attr=base)] if base != "Module":
                return layer_class(names["nn"], definition.name, getattr(names["nn"], base))
        return layer_class(names["nn"], definition.name)

    def takes(self, network: str) -> dict[str, int | None]:
        """The parameters of a network in Python, by the names of Python.

        A list that is annotated as a tuple has the length that it must have.
        """
        make = self._maker(network)
        code = (make.__init__ if isinstance(make, type) else make).__code__
        annotations = (make.__init__ if isinstance(make, type) else make).__annotations__
        names = code.co_varnames[: code.co_argcount]
        return {name: _length(annotations.get(name, "")) for name in names if name != "self"}

    def accepts(self, network: str, values: Mapping[str, Value]) -> bool:
        """Whether a network's code has these parameters, by the names of the language."""
        known = self.takes(network)
        given = {variable_name(name): value for name, value in values.items()}
        return given.keys() <= known.keys() and all(
            known[name] is None or (isinstance(value, tuple) and len(value) == known[name])
            for name, value in given.items()
        )

    @long_work()
    def fault(self, graph: Graph, values: Mapping[str, Value] = MappingProxyType({})) -> str | None:
        """What differs where the network of the code, made with some values, is not a graph.

        `values` are those of parameters, by the names of the language; the code must have all of
        them.
        """
        if self._refused is not None:
            return self._refused
        try:
            self._compare(graph, {variable_name(name): value for name, value in values.items()})
        except Exception as error:
            return reason(error)
        return None

    def _compare(self, graph: Graph, values: Mapping[str, Value]) -> None:
        self._forms.read(graph)
        fill(self._record, self._forms, graph)
        compare(self._record, self._maker(graph.name)(**values))

    def _maker(self, network: str) -> Any:
        names = self._namespace
        return names.get(variable_name(network)) or names[class_name(network)]


@lru_cache
def _dump(definition: str) -> str:
    return ast.dump(ast.parse(definition).body[0])


def _length(annotation: str) -> int | None:
    """The length of a tuple of fixed length."""
    match ast.parse(annotation or "None", mode="eval").body:
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=items)):
            return (
                None
                if any(isinstance(i, ast.Constant) and i.value is ... for i in items)
                else len(items)
            )
        case ast.Subscript(value=ast.Name(id="tuple")):
            return 1
    return None
