"""Translation validation: every generated file is run, without PyTorch, and must match its graph.

The generator is not proved correct; each of its outputs is checked instead (Pnueli, Siegel and
Singerman, 1998). The check is a separate and smaller program, which does not know how the code was
made. It takes the text and a graph, and returns the first difference as a message, or nothing.

The idea is value numbering. A tensor is only a number, and two tensors have the same number exactly
if they are the same computation. The graph runs first and fills a table from calls to numbers, with
every way in which code may write a call: the forms of its op (`Op.torch`). Then the code runs on
stand-ins for PyTorch, and each of its calls is looked up.

    network n: [8, 32, 32] = conv1: conv(8, 3) -> relu -> add(identity, conv2: conv(8, 3))

    the table                                   number
    the input                                   1
    conv1 on 1                                  2
    nn.ReLU() on 2, F.relu(2)                   3
    conv2 on 3                                  4
    3 + 4, torch.stack([3, 4]).sum(0)           6           (the stack alone is 5)

    x = self.relu(self.conv1(x))                conv1 on 1 is 2, nn.ReLU() on 2 is 3
    return x + self.conv2(x)                    conv2 on 3 is 4, 3 + 4 is 6: the graph's output

If the code said `x * self.conv2(x)`, then `3 * 4` would not be in the table, and E0901 would say "x
* x is not a layer of the network; expected add". Tensors have no shapes, so one run holds for all
sizes of the input. Nothing is rounded, so there is no tolerance.

A table of calls alone would miss some mistakes. So these are compared as well:

- Layers with weights have the graph's keys, arguments and initialisations; no key is missing or
  new, and no module has two keys.
- Code runs in training mode, and also in evaluation mode if it reads `self.training` or the graph
  has nodes that exist or differ only in training.
- Equal calls have one number, but an op with weights or with random results must be applied as
  often as in the graph: a second dropout, or a shared layer, is another network.
- A tensor has a memory, and calls with `inplace=True` write to it. Overwritten memory must not be
  read, nor be needed by a gradient, and the input is never overwritten.

It trusts that the forms of an op are equivalent to the op (the tests run the op's examples in
PyTorch), and that a helper class of an op is correct; its text must be the op's own, and is not
run. `verify` must have accepted the text, because it is executed.

It cannot see code that the given parameters do not reach (`completion.py` tries other values), nor
accept equal mathematics in other calls, such as `self.conv2(x) + x`.
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
from archdsl.backends.torch.validation.namespace import function, pytorch
from archdsl.backends.torch.validation.record import Record
from archdsl.backends.torch.validation.signatures import Signatures
from archdsl.graph import Graph
from archdsl.work import long_work

__all__ = ["Validator"]

Values = Mapping[str, Value]
"""Values for the parameters of a network, by their names in the language."""


class Validator:
    """Generated code, to be compared with graphs.

    `graphs` are all graphs that the code was made for, including variants. The text is executed
    here: `verify` must have accepted it.
    """

    def __init__(self, text: str, graphs: Sequence[Graph]) -> None:
        names: dict[str, Any] = {}
        self._forms = Forms(Signatures(), names, lambda name: function(self._record, name))
        self._record = Record(self._forms)
        names |= pytorch(self._record)
        for graph in graphs:
            self._forms.read(graph)
        self._globals: dict[str, Any] = {}
        self._refused: str | None = None
        try:
            self._globals = execute(text, self._record, names, self._forms)
        except Exception as error:
            self._refused = reason(error)

    def takes(self, network: str) -> dict[str, int | None]:
        """The parameters of a network's code, by their names in Python.

        Each has the length of the lists that it accepts, None for any length and for other values.
        Empty if the text could not be executed, or has no such network.
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
        """The first difference between a graph and the code's network; None if they are equal.

        The code must have a parameter for each of the `values`.
        """
        if self._refused is not None:
            return self._refused
        given = {variable_name(name): value for name, value in values.items()}
        try:
            self._forms.read(graph)
            fill(self._record, graph)
            compare(self._record, maker(self._globals, graph.name)(**given))
        except Exception as error:
            # Wrong code may raise anything.
            return reason(error)
        return None
