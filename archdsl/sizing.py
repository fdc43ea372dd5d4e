"""`archdsl.fit` and `archdsl.largest_batch`: what `archdsl fit` does, for Python.

Heavy packages are imported where they are used, so that `import archdsl` takes no time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archdsl.errors import raise_errors
from archdsl.opening import Literal, Modules, one_or_several, only_network, opened, values_of
from archdsl.texts import MAIN

if TYPE_CHECKING:
    from archdsl.fitting import Fit, LargestBatch, Question


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

    varied = one_or_several(vary)
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

    only, source, find, diagnostics = opened(path, network, text, modules, name)
    raise_errors(diagnostics)
    only = only or only_network(path, text, modules, name)
    found, diagnostics = driver.fit(source, find, only, values_of(given, source), question)
    raise_errors(diagnostics)
    return found
