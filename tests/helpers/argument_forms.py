"""Networks with other parameter values: in the spec, and as arguments of the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from textwrap import dedent

import torch
from torch import nn

from archdsl import driver
from archdsl.analysis.state import state_shapes
from archdsl.arithmetic import Value
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.runtime import maker
from archdsl.source import Source
from archdsl.testing.interpret import interpret

FIND = finder(Path())


@dataclass(frozen=True)
class Form:
    """A network `n`, values for its parameters, and the parameters that its code lacks."""

    text: str
    values: Mapping[str, list[Value]]
    fixed: str = ""
    one_length: str = ""

    @property
    def source(self) -> Source:
        return Source("form.arch", dedent(self.text))

    def combinations(self) -> Iterator[dict[str, Value]]:
        """All arguments that the code can be called with; fixed parameters keep their defaults."""
        defaults = _defaults(self)
        kept = {name: values for name, values in self.values.items() if name not in self.fixed}
        for values in product(*kept.values()):
            found = dict(zip(kept, values, strict=True))
            if all(
                _length(found[name]) == _length(defaults[name]) for name in self.one_length.split()
            ):
                yield found


def _defaults(form: Form) -> dict[str, Value]:
    graphs, _ = driver.read(form.source, FIND)
    tree = graphs["n"].tree
    return {name: term.value for name, term in tree.frame.definitions.items()}


def _length(value: Value) -> int:
    return len(value) if isinstance(value, tuple) else -1


def compiled(form: Form) -> tuple[Callable[..., nn.Module], list[str]]:
    """The function that makes the network, and the notes about its code."""
    code, diagnostics = driver.compile(form.source, FIND)
    assert all(each.code == "N0901" for each in diagnostics), diagnostics
    return maker(code, "n"), [each.message for each in diagnostics]


def compare(
    graph: Graph, make: Callable[..., nn.Module], arguments: dict[str, Value], numbers: bool
) -> None:
    """Compare the code's network with a graph: keys and shapes, and optionally results."""
    with torch.device("meta"):
        module = make(**arguments)
    shapes = {key: tuple(entry.shape) for key, entry in module.state_dict().items()}
    assert shapes == state_shapes(graph), arguments
    if numbers:
        _compare_numbers(graph, make(**arguments).double().eval())


@torch.no_grad()
def _compare_numbers(graph: Graph, module: nn.Module) -> None:
    generator = torch.Generator().manual_seed(0)
    for entry in module.state_dict().values():
        entry.copy_(torch.rand(entry.shape, generator=generator) + 0.5)
    inputs = [
        torch.randn(2, *graph.shape(port).sizes, generator=generator).double()  # type: ignore[arg-type]
        for port in graph.inputs.values()
    ]
    expected = interpret(graph, module.state_dict(), [each.clone() for each in inputs])
    torch.testing.assert_close(module(*inputs), expected.outputs["output"])
