"""What Python users see: `archdsl.read`, `check`, `compile` and `load`.

Heavy packages are imported where they are used, so that `import archdsl` takes no time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from archdsl.arithmetic import Value
    from archdsl.contracts import Contract
    from archdsl.diagnostics import Diagnostic
    from archdsl.graph import Graph
    from archdsl.ops.base import Shape
    from archdsl.runtime import Module
    from archdsl.shapes import Count
    from archdsl.source import Source

Literal: TypeAlias = "bool | int | float | str | Sequence[Literal]"
"""A value for a parameter of a network."""


class SpecError(Exception):
    """A spec, or what was asked of it, is wrong; `diagnostics` say where and why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.diagnostics = tuple(diagnostics)

    def __str__(self) -> str:
        from archdsl.render import as_text

        return "\n" + as_text(self.diagnostics)


@dataclass(frozen=True)
class Network:
    """A network of a spec, with sizes that are exact."""

    name: str
    graph: Graph

    @property
    def output(self) -> Shape:
        """The shape of the result, without the batch."""
        return self.graph.shape(self.graph.outputs["output"])

    @property
    def contract(self) -> Contract:
        """What the sizes of the inputs must be: `str` of it is `h >= 36, w >= 36`."""
        from archdsl.contracts import contract

        return contract(self.graph)

    @property
    def params(self) -> int:
        """Trainable numbers, heads that exist only in training included."""
        from archdsl.analysis.cost import params

        return params(self.graph)

    @property
    def inference_params(self) -> int:
        """Trainable numbers, without heads that exist only in training."""
        from archdsl.analysis.cost import inference_params

        return inference_params(self.graph)

    @property
    def macs(self) -> Count:
        """Multiply-adds for one image of convolutions, linear layers and matrix products."""
        from archdsl.analysis.cost import macs

        return macs(self.graph)

    def _repr_svg_(self) -> str | None:
        """The folded picture, which notebooks show; None where there is no Graphviz to draw it."""
        from archdsl.backends.diagram import Choice, Look
        from archdsl.pictures import picture

        content, _ = picture(self.graph, "svg", Choice(), Look())
        return content.decode() or None


def read(path: str | Path, /, **parameters: Literal) -> dict[str, Network]:
    """The networks of a spec by name; `parameters` are other defaults for theirs.

    Raises `SpecError`.
    """
    from archdsl import driver
    from archdsl.files import open_main

    source, find, diagnostics = open_main(Path(path))
    _raise(diagnostics)
    values = _values(parameters, source)
    graphs, diagnostics = driver.read(source, find, values=values)
    _raise(diagnostics)
    return {name: Network(name, graph) for name, graph in graphs.items()}


def check(path: str | Path, /) -> list[Diagnostic]:
    """All that there is to say about a spec, its asserts verified; errors are not raised."""
    from archdsl import driver
    from archdsl.files import open_main

    source, find, diagnostics = open_main(Path(path))
    return diagnostics or driver.check(source, find)[1]


def compile(path: str | Path, network: str | None = None, /, **parameters: Literal) -> str:
    """The PyTorch code for a spec, or for one of its networks; nothing is written.

    Raises `SpecError`.
    """
    from archdsl import driver
    from archdsl.files import open_main

    source, find, diagnostics = open_main(Path(path))
    _raise(diagnostics)
    values = _values(parameters, source)
    text, diagnostics = driver.compile(source, find, network, values)
    _raise(diagnostics)
    return text


def load(
    path: str | Path,
    network: str,
    /,
    *,
    weights: str | Path | None = None,
    skip: str | Sequence[str] = (),
    prefix: str | None = None,
    key: str | None = None,
    **parameters: Literal,
) -> Module:
    """A network of a spec as a PyTorch module, made by executing the code of `compile`.

    `weights` is a file of PyTorch or safetensors. Every entry of its state dict must fit, except
    those that match `skip`: a pattern such as `fc.*`, or several. Skipped entries keep their
    initial values, and so do heads used only in training that the file lacks. `prefix` is what all
    keys begin with, such as `module.`, and `key` the entry that holds the state dict; by default,
    the only reading that fits is taken. Notes on this go to the logger `archdsl`. Parameters of
    the network with one of these names keep their default.

    Raises `SpecError`; nothing is loaded unless all of it is.
    Raises `ModuleNotFoundError` where PyTorch is not installed.
    """
    try:
        from archdsl.runtime import instantiate
        from archdsl.weights.load import load_weights
        from archdsl.weights.selection import Selection
    except ModuleNotFoundError as error:
        message = f"{error}: a network is loaded with PyTorch (`pip install 'archdsl[torch]'`)"
        raise ModuleNotFoundError(message, name=error.name) from error

    module = instantiate(compile(path, network, **parameters), network)
    if weights is not None:
        from archdsl.analysis.state import head_keys

        heads = head_keys(read(path, **parameters)[network].graph)
        skipped = (skip,) if isinstance(skip, str) else tuple(skip)
        selection = Selection(skipped, prefix, key)
        _note(load_weights(module, Path(weights), network, selection, heads))
    return module


def _values(parameters: Mapping[str, object], source: Source) -> dict[str, Value]:
    """The values of parameters as the language has them; raises `SpecError`."""
    from archdsl.diagnostics import error
    from archdsl.source import whole_of

    values: dict[str, Value] = {}
    refused: list[Diagnostic] = []
    for name, given in parameters.items():
        try:
            values[name] = _value(given)
        except TypeError as unknown:
            message = f"`{name}` cannot be {unknown}"
            help = "give it a number, a truth value, a string or a list of such"
            refused.append(error("E0913", message, whole_of(source.name), help=help))
    _raise(refused)
    return values


def _value(given: object) -> Value:
    """A value of the language; raises `TypeError` with the name of what is none."""
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


def _note(diagnostics: Sequence[Diagnostic]) -> None:
    """Raise errors, and log notes."""
    import logging

    from archdsl.render import as_text

    _raise(diagnostics)
    for each in diagnostics:
        logging.getLogger("archdsl").warning("%s", as_text([each]).rstrip())


def _raise(diagnostics: Sequence[Diagnostic]) -> None:
    from archdsl.diagnostics import has_errors

    if has_errors(diagnostics):
        raise SpecError(diagnostics)
