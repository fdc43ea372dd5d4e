"""`archdsl.optimize`: what `archdsl optimize` does, for Python.

Heavy packages are imported where they are used, so that `import archdsl` takes no time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archdsl.api import SpecError, compile, made_of, read
from archdsl.errors import log_notes, raise_errors
from archdsl.opening import Literal, Modules, one_or_several, only_network
from archdsl.texts import MAIN

if TYPE_CHECKING:
    from torch import Tensor

    from archdsl.graph import Graph
    from archdsl.rewriting.optimization import Optimization
    from archdsl.rewriting.optimize import Optimized
    from archdsl.rewriting.table import Outcome
    from archdsl.runtime import Module


def optimize(
    path: str | Path | None = None,
    /,
    network: str | None = None,
    *,
    text: str | None = None,
    modules: Modules = None,
    name: str = MAIN,
    weights: str | Path | Mapping[str, Tensor] | None = None,
    only: str | Sequence[str] = (),
    training: bool = False,
    externs: str | Sequence[str] = (),
    **parameters: Literal,
) -> Optimization:
    """A network that computes the same with less, with its weights, as `archdsl optimize` has it.

    `weights` is a checkpoint or a state dict; without them the network has fresh ones. `only` names
    rewrites, and with `training` those alone are applied that keep training as it is. The result is
    compiled and compared with the network in double precision. `externs` are the packages whose
    classes the spec may use as layers.

    Raises `SpecError`, also where results differ; `ValueError` for a rewrite that there is not, and
    `TypeError` unless there is a path or a text.
    """
    from archdsl.rewriting.optimization import Optimization
    from archdsl.rewriting.table import Outcome

    names, origin = _rewrites(only), name if path is None else Path(path).name
    chosen = network or only_network(path, text, modules, name)
    networks = read(path, text=text, modules=modules, name=name, **parameters)
    code = compile(path, chosen, text=text, modules=modules, name=name, **parameters)
    packages = one_or_several(externs)
    graph = networks[chosen].graph
    module = made_of(code, graph, packages)
    if weights is not None:
        _load(module, graph, weights)
    state = {key: value.clone() for key, value in module.state_dict().items()}
    made = _made(graph, module, origin, names, training, packages)
    if isinstance(made, Outcome):
        return Optimization(graph.name, text or _text(path), code, state, made, packages)
    return Optimization(made.name, made.text, made.code, made.weights, made, packages)


def _made(
    graph: Graph,
    module: Module,
    origin: str,
    names: Sequence[str],
    training: bool,
    externs: Sequence[str],
) -> Optimized | Outcome:
    from archdsl.importing.refusal import Refusal
    from archdsl.rewriting.optimize import optimized

    try:
        return optimized(graph, module, origin, names, training, externs)
    except Refusal as refusal:
        raise SpecError([refusal.diagnostic(origin)]) from refusal


def _rewrites(only: str | Sequence[str]) -> tuple[str, ...]:
    from archdsl.rewriting.table import NAMES

    names = one_or_several(only)
    for name in names:
        if name not in NAMES:
            raise ValueError(f"`only` takes {', '.join(NAMES)}, not `{name}`")
    return names


def _load(module: Module, graph: Graph, weights: str | Path | Mapping[str, Tensor]) -> None:
    from archdsl.analysis.state import head_keys
    from archdsl.weights.load import load_content, load_network

    if isinstance(weights, Mapping):
        heads = head_keys(graph)
        diagnostics = load_content(module, {**weights}, "weights", graph.name, heads=heads)
    else:
        diagnostics = load_network(module, Path(weights), graph)
    raise_errors(diagnostics)
    log_notes(diagnostics)


def _text(path: str | Path | None) -> str:
    """The text of a spec that was read already."""
    from archdsl.specs import RequestedSpec, find_spec

    found = find_spec(str(path))
    assert isinstance(found, RequestedSpec)
    return found.open()[0].text
