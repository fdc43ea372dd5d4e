"""The Python interface: `archdsl.read`, `check`, `analyse`, `compile`, `fit`, `load` and others.

Each is given what commands are given, the path of a spec, `FILE:NETWORK`, or the name of a network
that ships; or as `text=` the spec itself. `modules=` are then the texts of what it imports, by the
names that imports call them by, and messages call it `name`. A parameter of a network that has the
name of one of these arguments keeps its default.

Heavy packages are imported where they are used, so that `import archdsl` takes no time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from archdsl.errors import SpecError, log_notes, raise_errors
from archdsl.network import Network
from archdsl.source import Source, whole_of
from archdsl.texts import MAIN, open_any_text, open_text

if TYPE_CHECKING:
    from torch import Tensor

    from archdsl.arithmetic import Value
    from archdsl.diagnostics import Diagnostic
    from archdsl.editor.analysis import Analysis
    from archdsl.fitting import Fit, LargestBatch, Question
    from archdsl.runtime import Module
    from archdsl.specs import RequestedSpec
    from archdsl.syntax.program import Find

__all__ = [
    "Literal",
    "Network",
    "SpecError",
    "analyse",
    "check",
    "compile",
    "fit",
    "import_module",
    "largest_batch",
    "load",
    "read",
]

Literal: TypeAlias = "bool | int | float | str | Sequence[Literal]"
"""A value for a parameter of a network."""
Modules: TypeAlias = "Mapping[str, str] | None"
"""The texts of imports, by the names that imports call them by."""


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

    only, source, find, diagnostics = _opened(path, None, text, modules, name)
    raise_errors(diagnostics)
    values = _values(parameters, source)
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

    only, source, find, diagnostics = _opened(path, None, text, modules, name)
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

    only, source, find, diagnostics = _opened(path, network, text, modules, name)
    raise_errors(diagnostics)
    values = _values(parameters, source)
    code, diagnostics = driver.compile(source, find, only, values)
    raise_errors(diagnostics)
    return code


def fit(
    path: str | Path | None = None,
    /,
    network: str | None = None,
    *,
    vary: str | Sequence[str],
    steps: str | None = None,
    at: Mapping[str, int] | None = None,
    text: str | None = None,
    modules: Modules = None,
    name: str = MAIN,
    given: Mapping[str, Literal] | None = None,
    **targets: int | str | Sequence[str] | None,
) -> Fit:
    """The largest values of a network's parameters that meet targets, as `archdsl fit` finds them.

    `targets` are `params`, `macs`, `peak` and `train_memory`, as numbers or as text (`"5M"`,
    `"8GiB"`), and what bytes are for: `batch`, `optimizer`, `precision`, `checkpoint`. `vary` and
    `steps` are written as behind the options of the command; `given` are other defaults, and `at`
    has values for open sizes. Raises `SpecError` where nothing meets the targets or a parameter
    cannot be varied, and `ValueError` for what is no question.
    """
    from archdsl.fitting import Fit, ask

    varied = (vary,) if isinstance(vary, str) else tuple(vary)
    question = ask(targets, varied, steps, at)
    found = _answer(path, network, text, modules, name, given or {}, question)
    assert isinstance(found, Fit)
    return found


def largest_batch(
    path: str | Path | None = None,
    /,
    network: str | None = None,
    *,
    at: Mapping[str, int] | None = None,
    text: str | None = None,
    modules: Modules = None,
    name: str = MAIN,
    given: Mapping[str, Literal] | None = None,
    **targets: int | str | Sequence[str] | None,
) -> LargestBatch:
    """The largest batch within `train_memory` or `peak`, as `archdsl fit --batch max` finds it.

    The other arguments are those of `fit`. Raises what that raises.
    """
    from archdsl.fitting import LargestBatch, ask

    question = ask({**targets, "batch": "max"}, sizes=at)
    found = _answer(path, network, text, modules, name, given or {}, question)
    assert isinstance(found, LargestBatch)
    return found


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
    try:
        from archdsl.backends.torch.verify import foreign_imports
        from archdsl.externs.signatures import differences, made
        from archdsl.runtime import instantiate
        from archdsl.weights.load import load_network
        from archdsl.weights.selection import Selection
    except ModuleNotFoundError as error:
        message = f"{error}: loading a network needs PyTorch (`pip install 'archdsl[torch]'`)"
        raise ModuleNotFoundError(message, name=error.name) from error

    if network is None:
        network = _only(path, text, modules, name)
    code = compile(path, network, text=text, modules=modules, name=name, **parameters)
    packages = (externs,) if isinstance(externs, str) else tuple(externs)
    if weights is None and not foreign_imports(code):
        return instantiate(code, network)
    found = read(path, text=text, modules=modules, name=name, **parameters)
    graph = found[network].graph
    raise_errors(differences([graph], packages))
    module, diagnostics = made(lambda: instantiate(code, network, packages), graph)
    raise_errors(diagnostics)
    assert module is not None
    if weights is not None:
        skipped = (skip,) if isinstance(skip, str) else tuple(skip)
        log_notes(load_network(module, Path(weights), graph, Selection(skipped, prefix, key)))
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


def _answer(
    path: str | Path | None,
    network: str | None,
    text: str | None,
    modules: Modules,
    name: str,
    given: Mapping[str, Literal],
    question: Question,
) -> Fit | LargestBatch | None:
    """The answer to a question about the only network of a spec, or the one that is named."""
    from archdsl import driver

    only, source, find, diagnostics = _opened(path, network, text, modules, name)
    raise_errors(diagnostics)
    only = only or _only(path, text, modules, name)
    found, diagnostics = driver.fit(source, find, only, _values(given, source), question)
    raise_errors(diagnostics)
    return found


def _opened(
    path: str | Path | None, network: str | None, text: str | None, modules: Modules, name: str
) -> tuple[str | None, Source, Find, list[Diagnostic]]:
    """A spec, which of its networks is asked for, and what finds its imports.

    Raises `TypeError` unless it is a path or a text, and `SpecError` where there is no such path.
    """
    from archdsl.files import LIBRARY_NAME, finder
    from archdsl.shipped import LIBRARY

    if path is None and text is None:
        raise TypeError("give the path of a spec, or the spec itself as `text=`")
    if text is not None:
        if path is not None:
            raise TypeError("give either a path or `text=`; a network is named with `network=`")
        source, find = open_text(text, modules or {}, name, finder(LIBRARY, LIBRARY_NAME))
        return network, source, find, []
    if modules is not None or name != MAIN:
        raise TypeError("`modules` and `name` are for `text=`; a file has a name and a folder")
    spec = _found(os.fspath(path or ""))
    if network is not None and spec.network not in (network, None):
        raise TypeError(f"`{spec.network}` and `network={network!r}` are two networks")
    return network or spec.network, *spec.open()


def _found(called: str) -> RequestedSpec:
    from archdsl.diagnostics import error
    from archdsl.shipped import SUFFIX
    from archdsl.specs import cut, find_spec
    from archdsl.syntax.program import Refusal

    found = find_spec(called)
    is_text = "\n" in called or ("=" in called and SUFFIX not in called)
    if isinstance(found, Refusal) and is_text:
        raise TypeError("this is a spec, not the name of a file: write `archdsl.read(text=…)`")
    if isinstance(found, Refusal):
        label = whole_of(cut(Path(called).name))
        raise SpecError([error(found.code, found.message, label, help=found.help)])
    return found


def _only(path: str | Path | None, text: str | None, modules: Modules, name: str) -> str:
    """The name of the only network of a spec; raises `SpecError` where there are several."""
    from archdsl.diagnostics import error

    names = list(read(path, text=text, modules=modules, name=name))
    if len(names) != 1:
        label = name if path is None else Path(path).name
        message = f"the spec has {len(names)} networks; choose one"
        help = f"name it: `network={names[0]!r}`" if names else "declare a `network`"
        raise SpecError([error("E0911", message, whole_of(label), help=help)])
    return names[0]


def _values(parameters: Mapping[str, object], source: Source) -> dict[str, Value]:
    """The values of parameters as the language has them; raises `SpecError`."""
    from archdsl.diagnostics import error

    values: dict[str, Value] = {}
    refused: list[Diagnostic] = []
    for name, given in parameters.items():
        try:
            values[name] = _value(given)
        except TypeError as unknown:
            message = f"`{name}` cannot be {unknown}"
            help = "give it a number, a truth value, a string or a list of such"
            refused.append(error("E0913", message, whole_of(source.name), help=help))
    raise_errors(refused)
    return values


def _value(given: object) -> Value:
    """A value of the language; raises `TypeError` naming the type of any other value."""
    # Scalars and arrays of NumPy and PyTorch say so what they are in Python.
    given = given.tolist() if hasattr(given, "tolist") else given
    match given:
        case bool() | str():
            return given
        case Integral():
            return int(given)
        case Real():
            return float(given)
        case list() | tuple() | range():
            return tuple([_value(item) for item in given])
    raise TypeError("None" if given is None else f"of the type `{type(given).__name__}`")
