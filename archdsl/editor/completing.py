"""Completion: what may stand where somebody types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archdsl.analysis.facts import MEASURES
from archdsl.editor.analysis import Analysis
from archdsl.editor.calls import DECLARING, Typed, parameters_of, typed
from archdsl.manual import Entry, entries
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse, words

INPUT = re.compile(r"\[([^\]|]*)\] \|")
PARAMETERS, FITS, OWN, REST, WORDS = "0", "1", "2", "3", "4"
"""What comes first: parameters in their order, what fits the shape that comes in, names of the
file, all else, keywords."""
NAMING = ("block", "network", "let", "share", "extern", "as", "for")
"""Behind these somebody makes up a name."""
STARTING = ("->", "=", ":", "@", ".", "from", "import")
"""Behind these something begins."""
ONLY_FIRST = DECLARING - {"let"} | {"import", "as"}
"""Words that stand within no declaration but an import."""


@dataclass(frozen=True)
class Proposal:
    """A word that may stand at a place, in the order of `order` and then of the words.

    `kind` is that of a definition, of an entry of the language, or `keyword`; `detail` is how it is
    written, and `about` what it is. It is known only after it is imported from a `module`.
    """

    word: str
    kind: str
    detail: str = ""
    about: str = ""
    order: str = ""
    module: str = ""


def proposals(analysis: Analysis, offset: int) -> list[Proposal]:
    """What may stand at an offset, in code points; nothing where somebody makes up a name."""
    here = typed(analysis.source, offset)
    if here.is_quiet or here.before in NAMING:
        return []
    if here.opens_line and not here.is_open:
        return [Proposal(word, "keyword") for word in sorted(DECLARING)]
    if here.is_any("from"):
        return [*_imported(analysis, here)]
    if here.before == "@":
        known = [d.name for d in analysis.names_at(offset) if d.kind in ("label", "input")]
        return [Proposal(name, "label") for name in dict.fromkeys([*here.labels, *known])]
    if here.before == ".":
        return [*_parts(analysis, here, offset)]
    if here.is_any("assert"):
        return [*_figures(analysis, offset)]
    return [*_keywords(analysis, here, offset), *_values(analysis, here, offset)]


def is_expected(analysis: Analysis, offset: int) -> bool:
    """Whether something begins at an offset, so that proposals help though no letter is typed."""
    here = typed(analysis.source, offset)
    return here.before in STARTING or (here.before in ("(", ",") and here.call is not None)


def _imported(analysis: Analysis, here: Typed) -> Iterator[Proposal]:
    """Modules, and behind `import` the names that one declares."""
    if "import" not in here.words:
        begun = "".join(here.words[1:])
        if here.before not in ("from", "."):
            yield Proposal("import", "keyword")
            return
        # Of a name with dots the editor replaces the last part alone.
        for name in analysis.find.modules(analysis.source.name):
            if name.startswith(begun):
                yield Proposal(name.removeprefix(begun), "module")
        return
    if here.before not in ("import", ","):
        yield Proposal("as", "keyword")
        return
    written = here.words[1 : here.words.index("import")]
    module = tuple([str(word) for word in written if word.type == "NAME"])
    found = analysis.find(analysis.source.name, module) if module else None
    if isinstance(found, Source):
        for each in parse(found)[0].declarations:
            if isinstance(each, ast.Named):
                yield Proposal(each.name.name, "block", about=each.doc or "")


def _parts(analysis: Analysis, here: Typed, offset: int) -> Iterator[Proposal]:
    """What has a name behind a dot: a figure of a network, or one of several results of a layer."""
    if here.is_any("assert"):
        yield from (Proposal(name, "value") for name in MEASURES)
    elif len(here.words) > 2 and here.words[-3] == "@":
        known = [each for each in analysis.names_at(offset) if each.kind == "label"]
        label = next((each.whole for each in known if each.name == here.words[-2]), None)
        for hint in analysis.hints:
            if label is not None and hint.span.end == label.end:
                names = dict.fromkeys(name for given in hint.given for name, _ in given if name)
                yield from (Proposal(name, "label") for name in names)


def _figures(analysis: Analysis, offset: int) -> Iterator[Proposal]:
    """What an assert may name."""
    for each in analysis.names_at(offset):
        if each.kind in ("network", "value", "function"):
            yield Proposal(each.name, each.kind, about=each.doc, order=OWN)
    for entry in entries().values():
        if entry.kind == "function":
            yield Proposal(entry.name, entry.kind, entry.signature, entry.summary, REST)
    yield from (Proposal(word, "keyword", order=WORDS) for word in sorted(words() - DECLARING))


def _keywords(analysis: Analysis, here: Typed, offset: int) -> Iterator[Proposal]:
    """The parameters of the call that is typed, where an argument begins."""
    if here.call is not None and here.before in ("(", ","):
        for number, (text, about) in enumerate(parameters_of(analysis, here.call.name, offset)):
            word = f"{text.split('=')[0].strip()}="
            yield Proposal(word, "parameter", text, about, f"{PARAMETERS}{number:03}")


def _values(analysis: Analysis, here: Typed, offset: int) -> Iterator[Proposal]:
    rank = _rank(analysis, offset) if here.before in ("->", "(", ",", ":", "=") else None
    language = entries()
    known = [d for d in analysis.names_at(offset) if d.kind not in ("label", "input", "module")]
    for each in known:
        if each.name not in language:
            yield Proposal(each.name, each.kind, about=each.doc, order=OWN)
    names = {each.name for each in known}
    for entry in language.values():
        fits = rank is not None and rank in _ranks(entry)
        if here.call is not None and here.before == "=" and "init" in (here.call.keyword or ""):
            fits = entry.kind == "initialisation"
        order = FITS if fits else REST
        module = entry.group if entry.kind == "block" and entry.name not in names else ""
        yield Proposal(entry.name, entry.kind, entry.signature, entry.summary, order, module)
    for word in sorted(words() - ONLY_FIRST):
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
