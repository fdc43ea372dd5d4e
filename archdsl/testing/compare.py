"""Comparison of a spec's inferred properties with its generated code in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from zlib import crc32

import torch
from torch import nn

from archdsl import driver
from archdsl.analysis.cost import params
from archdsl.analysis.state import foreign_paths, state_shapes
from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic, errors, has_errors
from archdsl.elaborate import elaborate
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.render import as_text
from archdsl.runtime import maker
from archdsl.shapes import UNKNOWN
from archdsl.source import Source
from archdsl.syntax.program import Program
from archdsl.testing.arguments import as_arguments, joint_values, movables
from archdsl.testing.disagreement import Difference, Disagreement
from archdsl.testing.figures import compare_figures
from archdsl.testing.meta import compare_runs
from archdsl.testing.spec import Spec
from archdsl.testing.starts import compare_starts, repeatable_starts

NAME = "random.arch"
SETS = 5
"""The number of argument sets compared for every network."""
TRIED_FOR_ONE = 4
"""Attempts per argument set, because the spec may reject some."""


@dataclass
class Agreement:
    """The networks of a spec, and the numbers of argument sets compared and rejected."""

    graphs: dict[str, Graph] = field(default_factory=dict)
    compared: int = 0
    refused: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        graphs = {**self.graphs, **other.graphs}
        compared, refused = self.compared + other.compared, self.refused + other.refused
        return Agreement(graphs, compared, refused)


def agree(spec: Spec) -> dict[str, Graph]:
    """The networks of a spec, after PyTorch confirmed what archdsl inferred; raises `Disagreement`.

    Compared are the state-dict keys with their shapes, and the number of parameters; for two
    choices of symbolic sizes, the shapes of all outputs, the output shape of every submodule with
    weights, and the multiply-adds; with the graph run op by op, the numbers in evaluation and
    training, including statistics of normalisations and gradients; and the weight initialisation.
    Then keys, parameters, initialisation and numbers are compared for other arguments of every
    network, all changed at once.
    """
    return held(spec).graphs


def held(spec: Spec, sets: int = SETS) -> Agreement:
    """Like `agree`, but returns how much was compared; `sets` is the number of argument sets."""
    source, find = Source(NAME, spec.text), finder(spec.folder)
    text, diagnostics = driver.compile(source, find)
    if found := errors(diagnostics):
        raise Disagreement(found[0].code, as_text(found), spec)
    return confirmed(spec, text, sets)


def confirmed(spec: Spec, text: str, sets: int = SETS) -> Agreement:
    """Like `held`, for the text of code that was generated before."""
    program, _ = driver.load_program(Source(NAME, spec.text), finder(spec.folder))
    result = Agreement(elaborate(program)[0])
    for name, graph in result.graphs.items():
        with _reported(spec, name):
            _compare(graph, maker(text, name, spec.externs))
        result += _compare_arguments(spec, program, text, graph, sets)
    return result


def networks(spec: Spec) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a spec, and its diagnostics."""
    return driver.check(Source(NAME, spec.text), finder(spec.folder))


def _compare(graph: Graph, make: Callable[..., nn.Module]) -> None:
    with torch.device("meta"):
        module = make()
    _compare_state(graph, module)
    compare_runs(graph, module)
    with repeatable_starts():
        module = make()
    _compare_numbers(graph, module)


def _compare_state(graph: Graph, module: nn.Module) -> None:
    found = {key: tuple(entry.shape) for key, entry in module.state_dict().items()}
    wanted, foreign = state_shapes(graph), tuple(f"{path}." for path in foreign_paths(graph))
    # What is in somebody else's class is what that says.
    found = {key: shape for key, shape in found.items() if not key.startswith(foreign)}
    if found != wanted:
        differ = sorted(found.items() ^ wanted.items())[:6]
        raise Difference("keys", f"module and graph differ, first in {differ}")
    count = sum(parameter.numel() for parameter in module.parameters())
    if params(graph) not in (count, UNKNOWN):
        raise Difference("counts", f"{count} parameters, not {params(graph)}")


def _compare_arguments(
    spec: Spec, program: Program, text: str, graph: Graph, sets: int
) -> Agreement:
    """Compare a network for sets of other arguments that the spec accepts."""
    make, name, result = maker(text, graph.name, spec.externs), graph.name, Agreement()
    parameters = movables(graph, make)
    # White space around a text changes nothing.
    tried = joint_values(parameters, crc32(spec.text.strip().encode())) if parameters else iter(())
    for values in _distinct(islice(tried, TRIED_FOR_ONE * sets)):
        graphs, diagnostics = elaborate(program, {name: values}, name)
        if has_errors(diagnostics) or name not in graphs:
            result.refused += 1
            continue
        with _reported(spec, f"{name} with {values}", "arguments"):
            _compare_other(graphs[name], make, values)
        result.compared += 1
        if result.compared == sets:
            break
    return result


def _distinct(sets: Iterator[dict[str, Value]]) -> Iterator[dict[str, Value]]:
    seen = set()
    for values in sets:
        if repr(values) not in seen:
            seen.add(repr(values))
            yield values


def _compare_other(
    graph: Graph, make: Callable[..., nn.Module], values: Mapping[str, Value]
) -> None:
    with repeatable_starts():
        module = make(**as_arguments(values))
    _compare_state(graph, module)
    _compare_numbers(graph, module)


def _compare_numbers(graph: Graph, module: nn.Module) -> None:
    """Compare a module made in `repeatable_starts`."""
    compare_starts(graph, module)
    compare_figures(graph, module)


@contextmanager
def _reported(spec: Spec, about: str, kind: str = "") -> Iterator[None]:
    """Raise differences, and any exception of generated code, as a `Disagreement`."""
    try:
        yield
    except Difference as difference:
        message = f"{about}: {difference.kind}: {difference.message}"
        raise Disagreement(kind or difference.kind, message, spec) from None
    except Exception as error:
        message = f"{about}: {type(error).__name__}: {error}"
        raise Disagreement(kind or "crash", message, spec) from error
