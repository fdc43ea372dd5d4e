"""The Python interface: `archdsl.read`, `check`, `analyse`, `compile`, `load` and `import_module`.

Each is given what commands are given, the path of a spec, `FILE:NETWORK`, or the name of a network
that ships; or as `text=` the spec itself. `modules=` are then the texts of what it imports, by the
names that imports call them by, and messages call it `name`. A parameter of a network that has the
name of one of these arguments keeps its default.

Heavy packages are imported where they are used, so that `import archdsl` takes no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archdsl.errors import SpecError, log_notes, raise_errors
from archdsl.network import Network
from archdsl.opening import Literal, Modules, one_or_several, only_network, opened, values_of
from archdsl.texts import MAIN, open_any_text

if TYPE_CHECKING:
    from torch import Tensor

    from archdsl.diagnostics import Diagnostic
    from archdsl.editor.analysis import Analysis
    from archdsl.graph import Graph
    from archdsl.runtime import Module

__all__ = [
    "Literal",
    "Network",
    "SpecError",
    "analyse",
    "check",
    "compile",
    "import_module",
    "load",
    "read",
]


def read(
    path: str | Path | None = None,
    /,
    *,
    text: str | None = None,
    modules: Modules = None,
    name: str = MAIN,
    **parameters: Literal,
) -> dict[str, Network]:
    """The networks of a spec by name; `parameters` are other defaults for theirs.

    Raises `SpecError`, and `TypeError` unless there is a path or a text.
    """
    from archdsl import driver

    only, source, find, diagnostics = opened(path, None, text, modules, name)
    raise_errors(diagnostics)
    values = values_of(parameters, source)
    graphs, diagnostics = driver.read(source, find, only, values)
    raise_errors(diagnostics)
    return {name: Network(name, graph) for name, graph in graphs.items()}


def check(
    path: str | Path | None = None,
    /,
    *,
    text: str | None = None,
    modules: Modules = None,
    name: str = MAIN,
) -> list[Diagnostic]:
    """All diagnostics of a spec, failed asserts included; errors are returned, not raised.

    Raises `TypeError` unless there is a path or a text.
    """
    from archdsl import driver

    only, source, find, diagnostics = opened(path, None, text, modules, name)
    return diagnostics or driver.check(source, find, only)[1]


def analyse(
    text: str,
    *,
    name: str = MAIN,
    modules: Modules = None,
    previous: Analysis | None = None,
    most_layers: int | None = None,
) -> Analysis:
    """Everything that can be said of a spec that is given as text; mistakes in it raise nothing.

    `modules` are the texts of what it imports, and messages call it `name`. `previous` is the
    analysis of an earlier version: what did not change since is not computed again, and the result
    is the same as without it. `most_layers` is another bound on the layers of a network: where
    nobody can interrupt the work, it should be lower. The bounds on loops and on steps follow it.

    A name that nothing can have is noted (N0602), and its module left out.

    Raises `TypeError` for texts that are not strings and for a `previous` that is no analysis.
    """
    from archdsl.editor.analysis import Analysis
    from archdsl.elaborate import Limits
    from archdsl.files import LIBRARY_NAME, finder
    from archdsl.shipped import LIBRARY

    if not isinstance(previous, Analysis | None):
        given = type(previous).__name__
        raise TypeError(f"`previous` must be what `analyse` gave, not {given}")
    beyond = finder(LIBRARY, LIBRARY_NAME)
    source, find, notes = open_any_text(text, modules or {}, name, beyond)
    limits = None if most_layers is None else Limits.of(most_layers)
    return Analysis(source, find, previous, notes, limits)


def compile(
    path: str | Path | None = None,
    /,
    network: str | None = None,
    *,
    text: str | None = None,
    modules: Modules = None,
    name: str = MAIN,
    **parameters: Literal,
) -> str:
    """The PyTorch code for a spec, or for one of its networks; nothing is written.

    Raises `SpecError`, and `TypeError` unless there is a path or a text.
    """
    from archdsl import driver

    only, source, find, diagnostics = opened(path, network, text, modules, name)
    raise_errors(diagnostics)
    values = values_of(parameters, source)
    code, diagnostics = driver.compile(source, find, only, values)
    raise_errors(diagnostics)
    return code


def load(
    path: str | Path | None = None,
    /,
    network: str | None = None,
    *,
    text: str | None = None,
    modules: Modules = None,
    name: str = MAIN,
    weights: str | Path | None = None,
    skip: str | Sequence[str] = (),
    prefix: str | None = None,
    key: str | None = None,
    externs: Sequence[str] = (),
    **parameters: Literal,
) -> Module:
    """A network of a spec as a PyTorch module, made by executing the code of `compile`.

    Where the spec has one network, it need not be named. `weights` is a file of PyTorch or
    safetensors. Every entry of its state dict must fit, except those that match `skip`: a pattern
    such as `fc.*`, or several. Skipped entries keep their initial values, and so do heads used only
    in training that the file lacks. `prefix` is what all keys begin with, such as `module.`, and
    `key` the entry that holds the state dict; by default, the only reading that fits is taken.
    Notes on this go to the logger `archdsl`.

    `externs` are the packages whose classes the spec may use as layers (`extern`): their code runs.

    Raises `SpecError`; nothing is loaded unless all of it is. Raises `TypeError` unless there is a
    path or a text, and `ModuleNotFoundError` where PyTorch is not installed.

    The module can be copied, pickled as a whole (`torch.save(model)`) and sent to other processes:
    its code travels with it. They need archdsl, but not the spec.
    """
    _check_torch()
    from archdsl.backends.torch.verify import foreign_imports
    from archdsl.runtime import instantiate
    from archdsl.weights.load import load_network
    from archdsl.weights.selection import Selection

    if network is None:
        network = only_network(path, text, modules, name)
    code = compile(path, network, text=text, modules=modules, name=name, **parameters)
    if weights is None and not foreign_imports(code):
        return instantiate(code, network)
    found = read(path, text=text, modules=modules, name=name, **parameters)
    module = made_of(code, found[network].graph, externs)
    if weights is not None:
        skipped = one_or_several(skip)
        chosen = Selection(skipped, prefix, key)
        log_notes(load_network(module, Path(weights), found[network].graph, chosen))
    return module


def _check_torch() -> None:
    """Raise `ModuleNotFoundError`, with the extra that has it, where PyTorch is not installed."""
    try:
        import archdsl.runtime
        import archdsl.weights.load  # noqa: F401 - what it imports may be missing
    except ModuleNotFoundError as error:
        message = f"{error}: loading a network needs PyTorch (`pip install 'archdsl[torch]'`)"
        raise ModuleNotFoundError(message, name=error.name) from error


def made_of(code: str, graph: Graph, externs: str | Sequence[str]) -> Module:
    """The module of a network that may have classes of others, from these packages."""
    from archdsl.externs.signatures import differences, made
    from archdsl.runtime import instantiate

    packages = one_or_several(externs)
    raise_errors(differences([graph], packages))
    module, diagnostics = made(lambda: instantiate(code, graph.name, packages), graph)
    raise_errors(diagnostics)
    assert module is not None
    return module


def import_module(
    model: Module,
    example_inputs: Tensor | Sequence[Tensor],
    name: str = "",
    partial: bool = False,
) -> str:
    """The spec of a PyTorch module, proved equal to it.

    It is run on batches of the sizes of `example_inputs`, a tensor or several, and stays as it is.
    The spec is compiled and compared with it: keys, shapes and numbers of weights, results in
    evaluation and in training without dropout, and gradients, in float64 to 1e-9. `name` is that of
    the network, by default that of the class. Where it is `partial`, a module that the language has
    no ops for becomes an `extern` of its class.

    Raises `SpecError` with the first part that the language has nothing for, or with the first
    difference; and `ModuleNotFoundError` where PyTorch is not installed.
    """
    from torch import Tensor

    from archdsl.importing import import_model
    from archdsl.importing.refusal import Refusal

    inputs = [example_inputs] if isinstance(example_inputs, Tensor) else [*example_inputs]
    try:
        return import_model(model, inputs, name, is_partial=partial).text
    except Refusal as refusal:
        raise SpecError([refusal.diagnostic(type(model).__name__)]) from refusal
