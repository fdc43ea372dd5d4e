"""Translation validation: generated code is run, without PyTorch, and must be its graph.

The text is executed once, on stand-ins that record what they are told: modules keep the arguments
of their constructor under their path, tensors are numbers, and a call is looked up in a table of
all calls that the graph consists of, made from the ops' own forms. So keys, arguments, wiring and
initialisations are compared, for all sizes of the input at once. An op's own class is one op
here: its text must be the op's, and is not run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from archdsl.arithmetic import Value
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.validation.bounds import bounded_depth
from archdsl.backends.torch.validation.compare import compare
from archdsl.backends.torch.validation.execute import execute, maker, parameters
from archdsl.backends.torch.validation.faults import reason
from archdsl.backends.torch.validation.fill import fill
from archdsl.backends.torch.validation.forms import Forms
from archdsl.backends.torch.validation.namespace import pytorch
from archdsl.backends.torch.validation.record import Record
from archdsl.backends.torch.validation.signatures import Signatures
from archdsl.graph import Graph
from archdsl.work import long_work

__all__ = ["Validator"]

Values = Mapping[str, Value]
"""Values for the parameters of a network, by the names of the language."""


class Validator:
    """Generated code, to be held against graphs.

    `graphs` are all that the code was made for, those of variants too. The text is executed here:
    `verify` must have passed it.
    """

    def __init__(self, text: str, graphs: Sequence[Graph]) -> None:
        names: dict[str, Any] = {}
        self._forms = Forms(Signatures(), names)
        self._record = Record(self._forms)
        names |= pytorch(self._record)
        for graph in graphs:
            self._forms.read(graph)
        self._globals: dict[str, Any] = {}
        self._refused: str | None = None
        try:
            self._globals = execute(text, self._record, names, self._forms.definitions)
        except Exception as error:
            self._refused = reason(error)

    def takes(self, network: str) -> dict[str, int | None]:
        """The parameters that the code of a network has, by the names of Python.

        With each goes the length of the lists that it takes, None for any and for no list. Empty
        where the text could not be executed, or has no such network.
        """
        try:
            return parameters(maker(self._globals, network))
        except KeyError:
            return {}

    def accepts(self, network: str, values: Values) -> bool:
        """Whether the code of a network has these parameters, for lists of these lengths."""
        known = self.takes(network)
        given = {variable_name(name): value for name, value in values.items()}
        return given.keys() <= known.keys() and all(
            known[name] in (None, len(value))
            for name, value in given.items()
            if isinstance(value, tuple)
        )

    @long_work()
    @bounded_depth()
    def fault(self, graph: Graph, values: Values = MappingProxyType({})) -> str | None:
        """What differs where the network of the code, made with some values, is not a graph.

        The code must have a parameter for each of the values.
        """
        if self._refused is not None:
            return self._refused
        given = {variable_name(name): value for name, value in values.items()}
        try:
            self._forms.read(graph)
            fill(self._record, graph)
            compare(self._record, maker(self._globals, graph.name)(**given))
        except Exception as error:
            # Code that is wrong may raise anything.
            return reason(error)
        return None
