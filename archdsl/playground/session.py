"""The spec in the page, and everything that the page asks of it.

The page runs this in a browser's Python. Requests and answers are JSON, and every place is an
offset in units of UTF-16, as in JavaScript.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from archdsl.api import analyse
from archdsl.diagnostics import Diagnostic, errors
from archdsl.editor.analysis import Analysis
from archdsl.editor.completing import proposals
from archdsl.editor.hints import by_line
from archdsl.elaborate import Limits
from archdsl.files import LIBRARY_NAME, finder
from archdsl.findings import Findings
from archdsl.formatting import formatted
from archdsl.graph import Graph
from archdsl.network import COLUMNS, DEPTH
from archdsl.shipped import LIBRARY, SUFFIX
from archdsl.source import LAST_OF_ONE_UNIT, Source, Span
from archdsl.texts import open_any_text

MOST_LAYERS = 10_000
"""Maximum number of layers of a network: here nobody can press Ctrl-C."""
Answer: TypeAlias = "dict[str, Any]"

if TYPE_CHECKING:
    from archdsl.backends.scene import Scene
    from archdsl.viewer import PageCode


class Session:
    """The last version of the spec in the page."""

    def __init__(self) -> None:
        self._analysis: Analysis = analyse("", most_layers=MOST_LAYERS)

    def answer(self, request: str) -> str:
        """The answer to a request: a `kind`, and what goes with it."""
        asked = json.loads(request)
        kinds: Mapping[str, Callable[..., Answer]] = {
            "check": self.check, "glance": self.glance, "scene": self.scene,
            "table": self.table, "code": self.code, "page": self.page,
            "complete": self.complete, "format": self.format,
        }  # fmt: skip
        found = kinds[asked.pop("kind")](**asked)
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

    def check(self, text: str, name: str) -> Answer:
        """What is wrong with another version, the shapes in it, and its networks."""
        self._analysis = found = analyse(
            text, name=name, previous=self._analysis, most_layers=MOST_LAYERS
        )
        own = Places(found.source)
        return {
            "diagnostics": [answered(each, own) for each in found.diagnostics],
            "hints": [
                {"at": own.unit(each.span.end), "text": each.text}
                for each in by_line(found.hints).values()
            ],
            "networks": [
                {"name": each, "isWhole": each in found.networks} for each in found.graphs
            ],
        }

    def glance(self, text: str, name: str, network: str) -> Answer:
        """What the viewer shows of one network of another text, of which nothing else is checked.

        The version that is checked stays the last one.
        """
        given, find, _ = open_any_text(text, {}, name, finder(LIBRARY, LIBRARY_NAME))
        found = Findings(given, find, network, limits=Limits.of(MOST_LAYERS))
        return _shown(_scene(found.begun.get(network), network in found.graphs))

    def scene(self, network: str) -> Answer:
        """What the viewer shows of a network, up to its first mistake; None without any layer."""
        return _shown(self._scene(network))

    def table(self, network: str) -> Answer:
        """The summary of a network, by cells as they are read."""
        from archdsl.backends.table import chosen, meanings, summarize

        graph = self._graph(network)
        if graph is None or not len(graph):
            return {"rows": []}
        columns = chosen([*COLUMNS, "field"])
        grid = summarize(graph, DEPTH, columns).grid()
        return {
            "title": grid.title,
            "headings": [[each.text, each.is_number] for each in grid.headings],
            "rows": grid.texts(units=False),
            "total": grid.total_texts(units=False) if self._is_whole(network) else [],
            "notes": [*grid.notes, *meanings(columns, 1)],
        }

    def code(self, network: str) -> Answer:
        """The Python file of a network, with its colours; or why there is none."""
        from archdsl.viewer.colours import marks

        code, refused = self._code(network)
        if code is None:
            return {"refused": [str(each) for each in refused]}
        return {"name": code.name, "text": code.text, "marks": marks(asdict(code))}

    def page(self, network: str) -> Answer:
        """One file with a network and its code, to look into without the playground."""
        from archdsl.viewer import page

        found = self._scene(network)
        return {"text": page(found, self._code(network)[0]) if found is not None else ""}

    def complete(self, at: int) -> Answer:
        """What may stand at a place."""
        found = proposals(self._analysis, Places(self._analysis.source).offset(at))
        known = [each for each in found if not each.module]
        items = [[each.word, each.kind, each.detail, each.about, each.order] for each in known]
        return {"items": items}

    def format(self, text: str) -> Answer:
        """A spec in its one form; None of one that does not parse."""
        return {"text": formatted(Source(self._analysis.source.name, text))[0]}

    def _code(self, network: str) -> tuple[PageCode | None, list[Diagnostic]]:
        """The file that `archdsl compile` writes for a network."""
        from archdsl import driver
        from archdsl.outputs import seal
        from archdsl.viewer import PageCode

        source = self._analysis.source
        code, found = driver.generated(source, self._analysis.find, network)
        if code is None or not code.text:
            return None, errors(found)
        text = seal(code.text, source.name)
        return PageCode(f"{source.name.removesuffix(SUFFIX)}.py", text, code.classes), found

    def _graph(self, network: str) -> Graph | None:
        return self._analysis.graphs.get(network)

    def _scene(self, network: str) -> Scene | None:
        return _scene(self._graph(network), self._is_whole(network))

    def _is_whole(self, network: str) -> bool:
        return network in self._analysis.networks


def _scene(graph: Graph | None, is_whole: bool) -> Scene | None:
    """What there is of a network. One with a mistake has no totals.

    Layers before the mistake that lead nowhere yet, as in a branch, would count and not be seen.
    """
    from archdsl.backends.scene import scene

    found = scene(graph)[0] if graph is not None and len(graph) else None
    return found if found is None or is_whole else replace(found, data=found.data | {"costs": ""})


def _shown(found: Scene | None) -> Answer:
    from archdsl.viewer import shown

    return {"scene": json.loads(shown(found)) if found is not None else None}


class Places:
    """Offsets in a text, in code points and in units of UTF-16."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._pairs = [i for i, each in enumerate(source.text) if each > LAST_OF_ONE_UNIT]

    def unit(self, offset: int) -> int:
        """The units before an offset in code points."""
        return offset + bisect_left(self._pairs, offset)

    def offset(self, unit: int) -> int:
        """The code points before an offset in units."""
        return unit - bisect_left([each + i + 1 for i, each in enumerate(self._pairs)], unit)

    def range(self, span: Span) -> dict[str, int] | None:
        """Where a span starts and ends; None of one in another text."""
        if span.source.name != self.source.name or not span.source.text:
            return None
        return {"from": self.unit(span.start), "to": self.unit(span.end)}


def answered(found: Diagnostic, own: Places) -> Answer:
    """A diagnostic at its place; one in another text at the call that leads there."""
    calls = [step.called_at for step in found.expansion]
    places = [place for span in (found.span, *calls) if (place := own.range(span))]
    elsewhere = "" if own.range(found.span) else f" ({found.span})"
    return {
        **(places[0] if places else {"from": 0, "to": 0}),
        "code": found.code,
        "severity": found.severity,
        "message": found.message + elsewhere,
        "expected": found.expected,
        "found": found.found,
        "help": found.help,
        "fixes": _fixes(found, own),
    }


def _fixes(found: Diagnostic, own: Places) -> list[Answer]:
    """The ways out that are edits of the text."""
    fixes = [
        {
            "title": fix.title,
            "edits": [(own.range(edit.span), edit.text) for edit in fix.edits],
        }
        for fix in found.fixes
    ]
    return [each for each in fixes if all(place for place, _ in each["edits"])]
