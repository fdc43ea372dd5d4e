"""The tools: each is given names, numbers and texts, and gives what JSON can hold.

Nothing is written. Mistakes of a spec come back as `diagnostics`, as `archdsl check --format json`
has them: every one of their `fixes` is a list of edits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from archdsl import network
from archdsl.agents.folder import Folder, Refused

if TYPE_CHECKING:
    from archdsl.arithmetic import Value
    from archdsl.diagnostics import Diagnostic
    from archdsl.fitting import Question
    from archdsl.graph import Graph

Setting: TypeAlias = bool | int | float | str | list[Any]
Result: TypeAlias = dict[str, Any]
Tool: TypeAlias = Callable[..., Awaitable[Result]]
MOST_TRIALS = 24
"""As many trials of `fit` are listed, those around the targets."""


def tools(folder: Folder) -> list[Tool]:
    """All tools. They take turns: what two of them computed at once would take as long."""
    made = _Tools(folder)
    return [made.check, made.summary, made.compile, made.compare, made.fit, made.explain, made.ops]


class _Tools:
    """The tools on the specs of a folder. Their docstrings are what programs read about them."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    async def check(self, file: str | None = None, text: str | None = None) -> Result:
        """Check a spec: all its mistakes with fixes, and the input sizes that networks accept.

        Give `file`, the path of a spec or the name of a shipped network, or the spec as `text`.
        Each fix is a list of edits, which replace what stands from line and column up to end_line
        and end_column (from 1, in characters, ends exclusive). Without diagnostics of the severity
        "error" the spec is right; asserts are verified.
        """
        from archdsl import driver
        from archdsl.contracts import contract

        spec = self.folder.open(file, text)
        graphs: dict[str, Graph] = {}
        diagnostics = spec.diagnostics
        if not diagnostics:
            graphs, diagnostics = driver.check(spec.source, spec.find, spec.network)
        networks = [{"name": name, **contract(each).as_data()} for name, each in graphs.items()]
        return {"diagnostics": _data(diagnostics), "networks": networks}

    async def summary(
        self,
        file: str | None = None,
        text: str | None = None,
        depth: int = network.DEPTH,
        columns: Sequence[str] = network.COLUMNS,
        settings: Mapping[str, Setting] | None = None,
        at: Mapping[str, int] | None = None,
    ) -> Result:
        """The layers of all networks of a spec: shapes, parameters, multiply-adds.

        `depth` folds layers that lie deeper. `columns` are of: output, params, macs, weights,
        activations, saved, live, field, stride, centres, arguments. `settings` are other values of
        networks' parameters, and `at` has values for open sizes: {"h": 224, "w": 224}.
        """
        from archdsl.backends import table

        graphs, diagnostics = _read(self.folder, file, text, settings, at)
        chosen = _columns(columns, table.COLUMNS, table.PER_ROW)
        found = [table.summarize(each, _positive(depth), chosen, 1) for each in graphs.values()]
        return {"diagnostics": _data(diagnostics), "networks": [*map(table.as_data, found)]}

    async def compile(
        self,
        file: str | None = None,
        text: str | None = None,
        settings: Mapping[str, Setting] | None = None,
    ) -> Result:
        """The PyTorch code of a spec, which is not written to a file."""
        from archdsl import driver

        spec = self.folder.open(file, text)
        code, diagnostics = "", spec.diagnostics
        if not diagnostics:
            values = _values(settings)
            code, diagnostics = driver.compile(spec.source, spec.find, spec.network, values)
        return {"diagnostics": _data(diagnostics), "code": code}

    async def compare(
        self,
        files: Sequence[str],
        columns: Sequence[str] | None = None,
        at: Mapping[str, int] | None = None,
    ) -> Result:
        """The figures of networks side by side; of two also which layers differ.

        `files` are such as "net.arch", "net.arch:small" or a shipped "resnet50".
        """
        from archdsl.backends import table

        graphs: dict[str, Graph] = {}
        diagnostics: list[Diagnostic] = []
        for file in files:
            found, more = _read(self.folder, file, None, None, at)
            diagnostics += more
            for name, graph in found.items():
                label = name if name not in graphs else f"{file}:{name}"
                graphs[label] = replace(graph, name=label)
        chosen = None if columns is None else _columns(columns, table.COMPARED, ())
        comparison = table.NetworkComparison.of(graphs, network.DEPTH, 1, chosen)
        return {"diagnostics": _data(diagnostics), **comparison.data()}

    async def fit(
        self,
        targets: Mapping[str, int | str | list[str]],
        file: str | None = None,
        text: str | None = None,
        network: str | None = None,
        vary: Sequence[str] = (),
        steps: str | None = None,
        settings: Mapping[str, Setting] | None = None,
        at: Mapping[str, int] | None = None,
    ) -> Result:
        """The largest values of a network's parameters that meet targets, or the largest batch.

        `targets` are limits: {"params": "5M", "macs": "600M", "peak": "8GiB", "train_memory":
        "24GiB"}, one or more, and for bytes also "batch", "optimizer", "precision" and "checkpoint"
        (names of blocks). `vary` has parameters: "width", "n=1..8", "width=0.5..2/0.1", or factors
        as in "depth:1.2**k,width:1.1**k" with `steps` "k=0..4/0.5". With "batch": "max" and nothing
        to vary, the largest batch is found. `best` has the values and figures, `settings` what to
        give other tools, `above` the nearest that exceeds a target.
        """
        from archdsl import driver

        question = _question(targets, vary, steps, at)
        spec, values = self.folder.open(file, text), _values(settings)
        only = network or spec.network
        graphs: dict[str, Graph] = {}
        diagnostics = spec.diagnostics
        if not diagnostics:
            graphs, diagnostics = driver.read(spec.source, spec.find, only, values)
        if len(graphs) > 1:
            raise Refused(f"the spec has several networks, name one: {', '.join(graphs)}")
        if not graphs:
            return {"diagnostics": _data(diagnostics)}
        found, diagnostics = driver.fit(spec.source, spec.find, only, values, question)
        return {"diagnostics": _data(diagnostics), **(found.data(MOST_TRIALS) if found else {})}

    async def explain(self, name: str) -> Result:
        """What a code (E0301), word, sign, op, function or block is, with examples."""
        from archdsl.manual.explanation import Unexplained, explanation

        try:
            return {"text": explanation(name)}
        except Unexplained as unknown:
            raise Refused(str(unknown)) from None

    async def ops(self, part: str = "") -> Result:
        """All ops, joins, functions and blocks, or those with `part` in their name or summary."""
        from archdsl.manual import entries

        found = [
            {"signature": each.signature, "kind": each.kind, "summary": each.summary}
            for each in entries().values()
            if part.lower() in f"{each.name} {each.summary}".lower()
        ]
        return {"entries": found}


def _read(
    folder: Folder,
    file: str | None,
    text: str | None,
    settings: Mapping[str, Setting] | None,
    at: Mapping[str, int] | None,
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a spec by name; those of a mistake are none."""
    from archdsl import driver

    spec = folder.open(file, text)
    if spec.diagnostics:
        return {}, spec.diagnostics
    graphs, diagnostics = driver.read(spec.source, spec.find, spec.network, _values(settings))
    sizes = {name: _positive(size) for name, size in (at or {}).items()}
    graphs, more = driver.at(graphs, sizes, asked="at")
    return graphs, [*diagnostics, *more]


def _question(
    targets: Mapping[str, int | str | list[str]],
    vary: Sequence[str],
    steps: str | None,
    at: Mapping[str, int] | None,
) -> Question:
    from archdsl.fitting import TARGETS, ask

    if unknown := [name for name in targets if name not in TARGETS]:
        raise Refused(f"targets are {', '.join(TARGETS)}, not `{unknown[0]}`")
    sizes = {name: _positive(size) for name, size in (at or {}).items()}
    try:
        return ask(targets, vary, steps, sizes)
    except ValueError as wrong:
        raise Refused(str(wrong)) from None


def _data(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    from archdsl.render import as_data

    return [*map(as_data, diagnostics)]


def _columns(names: Sequence[str], known: Collection[str], always: Sequence[str]) -> list[str]:
    from archdsl.backends.table import chosen

    try:
        return chosen(names, known, always)
    except ValueError as unknown:
        raise Refused(str(unknown)) from None


def _positive(number: int) -> int:
    if number < 1:
        raise Refused(f"{number} is less than 1")
    return number


def _values(settings: Mapping[str, Setting] | None) -> dict[str, Value]:
    return {name: _value(each) for name, each in (settings or {}).items()}


def _value(given: Any) -> Value:
    if isinstance(given, list):
        return tuple([_value(each) for each in given])
    if not isinstance(given, bool | int | float | str):
        raise Refused(f"a setting cannot be {given!r}")
    return given
