"""Completion: what may stand where somebody types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from archdsl.manual import Entry, entries
from archdsl.server.calls import Typed, parameters_of, typed
from archdsl.server.documents import Document
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse, words

Item = types.CompletionItem
Kind = types.CompletionItemKind
KINDS = {
    "block": Kind.Class,
    "network": Kind.Module,
    "extern": Kind.Interface,
    "function": Kind.Function,
    "value": Kind.Constant,
    "import": Kind.Reference,
    "op": Kind.Function,
    "join": Kind.Function,
    "initialisation": Kind.EnumMember,
}
INPUT = re.compile(r"\[([^\]|]*)\] \|")
PARAMETERS, FITS, OWN, REST, WORDS = "0", "1", "2", "3", "4"
"""What comes first: parameters in their order, what fits the shape that comes in, names of the
file, all else, keywords."""


def completion(document: Document, offset: int) -> list[Item]:
    """What may stand at an offset."""
    here = typed(document, offset)
    if here.before == "@":
        known = [d.name for d in document.analysis.names_at(offset) if d.kind in ("label", "input")]
        return [Item(n, kind=Kind.Field) for n in dict.fromkeys([*here.labels, *known])]
    if here.words and here.words[0] == "from":
        return [*_imported(document, here)]
    return [*_keywords(document, here, offset), *_values(document, here, offset)]


def _imported(document: Document, here: Typed) -> Iterator[Item]:
    """Modules, and behind `import` the names that one declares."""
    if "import" not in here.words:
        for name in document.find.modules(document.source.name):
            yield Item(name, kind=Kind.Module)
        return
    module = [str(w) for w in here.words[1 : here.words.index("import")] if w != "."]
    found = document.find(document.source.name, tuple(module))
    if isinstance(found, Source):
        for each in parse(found)[0].declarations:
            if isinstance(each, ast.Named):
                yield Item(each.name.name, kind=Kind.Class, documentation=each.doc or None)


def _keywords(document: Document, here: Typed, offset: int) -> Iterator[Item]:
    """The parameters of the call that is typed, where an argument begins."""
    if here.call is not None and here.before in ("(", ","):
        for number, (text, about) in enumerate(parameters_of(document, here.call.name, offset)):
            yield Item(
                f"{text.split('=')[0].strip()}=",
                kind=Kind.Property,
                detail=text,
                documentation=about,
                sort_text=f"{PARAMETERS}{number:03}",
            )


def _values(document: Document, here: Typed, offset: int) -> Iterator[Item]:
    rank = _rank(document, offset) if here.before in ("->", "(", ",", ":", "=") else None
    language = entries()
    for each in document.analysis.names_at(offset):
        if each.kind not in ("label", "input", "module") and each.name not in language:
            kind = KINDS.get(each.kind, Kind.Variable)
            yield Item(each.name, kind=kind, documentation=each.doc or None, sort_text=OWN)
    for entry in language.values():
        order = FITS if rank is not None and rank in _ranks(entry) else REST
        yield Item(
            entry.name,
            kind=KINDS.get(entry.kind, Kind.Function),
            detail=entry.signature,
            documentation=entry.summary,
            sort_text=order,
        )
    for word in sorted(words()):
        yield Item(word, kind=Kind.Keyword, sort_text=WORDS)


def _rank(document: Document, offset: int) -> int | None:
    """How many sizes what comes in has, as far as the last layer before the place says it."""
    before = [hint for hint in document.analysis.hints if hint.span.end <= offset]
    if not before or not before[-1].shapes:
        return None
    return len(before[-1].shapes[0].sizes)


def _ranks(entry: Entry) -> set[int]:
    """How many sizes what goes into an op or block may have, by its examples."""
    found = [INPUT.match(example) for example in entry.examples]
    return {len(re.split("[,;]", match[1])) for match in found if match}
