"""`archdsl.features`: what `archdsl features` does, for Python.

Heavy packages are imported where they are used, so that `import archdsl` takes no time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archdsl.api import load
from archdsl.diagnostics import Diagnostic
from archdsl.errors import SpecError, log_notes, raise_errors
from archdsl.opening import Literal, Modules, one_or_several, only_network, opened, values_of
from archdsl.texts import MAIN

if TYPE_CHECKING:
    from archdsl.attribution.findings import Asked, Findings
    from archdsl.graph import Graph
    from archdsl.runtime import Module


@dataclass(frozen=True, repr=False)
class Features:
    """What a network sees in an image; in a notebook it shows the figure.

    `findings` have the tensors: maps of units, heat maps and filters.
    """

    findings: Findings

    def save(self, path: str | Path) -> None:
        """Write the figure as `.svg` or `.png`, or as a page, `.html`; raises `SpecError`."""
        from archdsl.attribution.page import FORMS, written
        from archdsl.outputs import check_plot, save_file

        raise_errors(check_plot(Path(path), FORMS))
        log_notes(save_file(Path(path), written(self.findings, Path(path))))

    def to_dict(self) -> dict[str, Any]:
        """The numbers of the figure: `features` of `archdsl features --format json`."""
        from archdsl.attribution.page import data

        return data(self.findings)

    def __repr__(self) -> str:
        found = self.findings
        layers = ", ".join(each.name for each in found.layers)
        return f"Features({found.network!r}, {found.label!r}: {found.probability:.1%}; {layers})"

    def _repr_png_(self) -> bytes:
        from archdsl.attribution.figure import figure

        return figure(self.findings, "png")


def features(
    path: str | Path | None = None,
    /,
    network: str | None = None,
    *,
    weights: str | Path,
    image: str | Path = "digits",
    layers: str | Sequence[str] = (),
    units: int | Sequence[int] = 3,
    label: str | None = None,
    methods: str | Sequence[str] = (),
    square: int | None = None,
    at: Mapping[str, int] | None = None,
    text: str | None = None,
    modules: Modules = None,
    name: str = MAIN,
    externs: Sequence[str] = (),
    **parameters: Literal,
) -> Features:
    """What a trained network looks at in an image, as `archdsl features` draws it.

    `image` is a file, or one of the digits that `archdsl train` holds out (`"digits:7"`). `layers`
    are paths of layers, or patterns; `units` is how many of the strongest ones, or which; `label`
    is the class to explain, by default the most probable; `methods` are those of the command, and
    `square` is the side of what occludes. `at` has values for open sizes. If the weights name other
    classes than the network has by default, its parameter `classes` follows them.

    Raises `SpecError`, also where a layer, unit, class or image is not there or nothing leads back
    from a layer; `ValueError` for a method that there is not; `TypeError` unless there is a path or
    a text; and `ModuleNotFoundError` where Captum is not installed.
    """
    _check_packages()
    from archdsl.training.faults import TrainingError
    from archdsl.training.preparation import stored

    asked = _asked(layers, units, label, methods, square)
    given: dict[str, Any] = {"text": text, "modules": modules, "name": name}
    try:
        told = stored(Path(weights))
        only = network or only_network(path, text, modules, name)
        graph, values = _fitted(path, only, given, parameters, len(told.classes) if told else None)
        module = load(path, only, weights=weights, externs=externs, **given, **values)
        findings, notes = _found(module, _at(graph, at), str(image), Path(weights), asked)
    except TrainingError as error:
        raise SpecError([error.diagnostic]) from error
    log_notes(notes)
    return Features(findings)


def _check_packages() -> None:
    """Raise `ModuleNotFoundError`, with the extra that has it, for a package that is missing."""
    for package in ("torch", "safetensors", "captum", "matplotlib"):
        if find_spec(package) is None:
            message = f"{package} is not installed: `pip install 'archdsl[features]'`"
            raise ModuleNotFoundError(message, name=package)


def _asked(
    layers: str | Sequence[str],
    units: int | Sequence[int],
    label: str | None,
    methods: str | Sequence[str],
    square: int | None,
) -> Asked:
    from archdsl.attribution.findings import METHODS, Asked

    names = one_or_several(methods)
    if unknown := [name for name in names if name not in METHODS]:
        raise ValueError(f"`methods` takes {', '.join(METHODS)}, not `{unknown[0]}`")
    return Asked(
        one_or_several(layers),
        units if isinstance(units, int) else tuple(units),
        label,
        names,
        square,
    )


def _fitted(
    path: str | Path | None,
    network: str,
    given: Mapping[str, Any],
    parameters: Mapping[str, Literal],
    classes: int | None,
) -> tuple[Graph, dict[str, Any]]:
    """The graph of a network, and values of parameters with as many classes as weights name."""
    from archdsl import driver
    from archdsl.training.fitting import is_sized

    only, source, find, diagnostics = opened(path, network, **given)
    raise_errors(diagnostics)
    graphs, diagnostics = driver.read(source, find, only, values_of(parameters, source))
    raise_errors(diagnostics)
    if (
        classes is not None
        and "classes" not in parameters
        and not is_sized(graphs[network], classes)
    ):
        wanted = {**parameters, "classes": classes}
        fitting, diagnostics = driver.read(source, find, only, values_of(wanted, source))
        if fitting:
            return fitting[network], wanted
    return graphs[network], {**parameters}


def _at(graph: Graph, sizes: Mapping[str, int] | None) -> Graph:
    from archdsl import driver

    graphs, diagnostics = driver.at({graph.name: graph}, sizes or {}, asked="at")
    raise_errors(diagnostics)
    return graphs[graph.name]


def _found(
    module: Module, graph: Graph, image: str, weights: Path, asked: Asked
) -> tuple[Findings, list[Diagnostic]]:
    """What a network sees, with notes; raises `TrainingError`."""
    from archdsl.attribution.findings import find
    from archdsl.attribution.picture import is_built_in, picture_of
    from archdsl.training.faults import computing
    from archdsl.training.fitting import check_channels, input_shape
    from archdsl.training.preparation import stored
    from archdsl.training.prepared import prepared

    shape = input_shape(graph)
    check_channels(graph, shape, () if is_built_in(image) else (1, 3))
    how, notes = prepared(stored(weights), graph, shape, weights.name, is_classifier=False)
    picture = picture_of(image, how, shape)
    with computing(graph.name, 1):
        found, more = find(module, graph, picture, how, asked)
    return found, [*notes, *more]
