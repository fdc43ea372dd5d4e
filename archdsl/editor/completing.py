"""Completion: what may stand where somebody types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archdsl.editor.analysis import Analysis
from archdsl.editor.calls import Typed, parameters_of, typed
from archdsl.manual import Entry, entries
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse, words

INPUT = re.compile(r"\[([^\]|]*)\] \|")
PARAMETERS, FITS, OWN, REST, WORDS = "0", "1", "2", "3", "4"
"""What comes first: parameters in their order, what fits the shape that comes in, names of the
file, all else, keywords."""


@dataclass(frozen=True)
class Proposal:
    """A word that may stand at a place, in the order of `order` and then of the words.

    `kind` is that of a definition, of an entry of the language, or `keyword`; `detail` is how it is
    written, and `about` what it is.
    """

    word: str
    kind: str
    detail: str = ""
    about: str = ""
    order: str = ""


def proposals(analysis: Analysis, offset: int) -> list[Proposal]:
    """What may stand at an offset, in code points."""
    here = typed(analysis.source, offset)
    if here.before == "@":
        known = [d.name for d in analysis.names_at(offset) if d.kind in ("label", "input")]
        return [Proposal(name, "label") for name in dict.fromkeys([*here.labels, *known])]
    if here.words and here.words[0] == "from":
        return [*_imported(analysis, here)]
    return [*_keywords(analysis, here, offset), *_values(analysis, here, offset)]


def _imported(analysis: Analysis, here: Typed) -> Iterator[Proposal]:
    """Modules, and behind `import` the names that one declares."""
    if "import" not in here.words:
        for name in analysis.find.modules(analysis.source.name):
            yield Proposal(name, "module")
        return
    written = here.words[1 : here.words.index("import")]
    module = tuple([str(word) for word in written if word.type == "NAME"])
    found = analysis.find(analysis.source.name, module) if module else None
    if isinstance(found, Source):
        for each in parse(found)[0].declarations:
            if isinstance(each, ast.Named):
                yield Proposal(each.name.name, "block", about=each.doc or "")


def _keywords(analysis: Analysis, here: Typed, offset: int) -> Iterator[Proposal]:
    """The parameters of the call that is typed, where an argument begins."""
    if here.call is not None and here.before in ("(", ","):
        for number, (text, about) in enumerate(parameters_of(analysis, here.call.name, offset)):
            word = f"{text.split('=')[0].strip()}="
            yield Proposal(word, "parameter", text, about, f"{PARAMETERS}{number:03}")


def _values(analysis: Analysis, here: Typed, offset: int) -> Iterator[Proposal]:
    rank = _rank(analysis, offset) if here.before in ("->", "(", ",", ":", "=") else None
    language = entries()
    for each in analysis.names_at(offset):
        if each.kind not in ("label", "input", "module") and each.name not in language:
            yield Proposal(each.name, each.kind, about=each.doc, order=OWN)
    for entry in language.values():
        order = FITS if rank is not None and rank in _ranks(entry) else REST
        yield Proposal(entry.name, entry.kind, entry.signature, entry.summary, order)
    for word in sorted(words()):
        yield Proposal(word, "keyword", order=WORDS)


def _rank(analysis: Analysis, offset: int) -> int | None:
    """How many sizes what comes in has, as far as the last layer before the place says it."""
    before = [hint for hint in analysis.hints if hint.span.end <= offset]
    if not before or not before[-1].shapes:
        return None
    return len(before[-1].shapes[0].sizes)


def _ranks(entry: Entry) -> set[int]:
    """How many sizes what goes into an op or block may have, by its examples."""
    found = [INPUT.match(example) for example in entry.examples]
    return {len(re.split("[,;]", match[1])) for match in found if match}
