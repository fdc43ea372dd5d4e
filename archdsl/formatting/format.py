"""A text in the form that all specs have. It means the same, and has the same comments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from archdsl.diagnostics import Diagnostic, fault
from archdsl.documents import laid_out
from archdsl.formatting.rules import behind, body
from archdsl.formatting.silences import is_moved
from archdsl.source import Source, whole_of
from archdsl.syntax.concrete import Comment, Concrete, Part, concrete
from archdsl.work import long_work

LINE_LENGTH = 100
SHORT = 2
"""Declarations of so many lines may stand without a blank line between them."""
END = ""
CLOSING = {")", "]", END}


def formatted(source: Source) -> tuple[str | None, list[Diagnostic]]:
    """The text formatted; None if it has syntax errors, which are the second.

    Lines end as the first one does. What would mean something else is not given out (E0907).
    """
    tree, diagnostics = concrete(source)
    if tree is None:
        return None, diagnostics
    text = _text(tree)
    if not _is_same(tree, text):
        message = "the formatter would change more than the form of this text"
        return None, [fault("E0907", message, whole_of(source.name))]
    return text.replace("\n", "\r\n") if _has_returns(source.text) else text, []


def _has_returns(text: str) -> bool:
    return text[: text.find("\n")].endswith("\r") if "\n" in text else False


@long_work()
def _text(tree: Concrete) -> str:
    lines: list[str] = []
    before: list[str] = []
    for part in tree.declarations:
        written = _written(tree.source, part)
        lines += _entry(part, written, before)
        before = written
    lines += _comments(tree.ending, bool(lines))
    return "".join(f"{line}\n" for line in lines)


def _written(source: Source, part: Part) -> list[str]:
    """The lines of a declaration; as they are, where else a silence would come to other words."""
    written = laid_out((body(part), *behind(part)), LINE_LENGTH)
    before = source.text[part.start : _end(source, part)].replace("\r", "")
    if not is_moved(before, "\n".join(written)):
        return written
    return [line.rstrip() for line in before.split("\n")]


def _end(source: Source, part: Part) -> int:
    """Where a declaration ends, with the comments behind it."""
    if not part.behind:
        return part.end
    end = source.text.find("\n", part.end)
    return len(source.text) if end < 0 else end


def _entry(part: Part, written: list[str], before: list[str]) -> Iterator[str]:
    """The lines of a declaration with those before it: comments, and at most one blank line.

    One stands between declarations of which one has more than a head and a body on its own line.
    """
    apart = [*[comment.is_apart for comment in part.above], part.is_apart]
    texts = [*[[comment.text] for comment in part.above], written]
    is_long = max(len(before), len(written)) > SHORT and not any(apart)
    # A comment at the end of a declaration is none above the next.
    if before and (is_long or before[-1].lstrip().startswith("#")):
        apart[0] = True
    for number, (is_apart, text) in enumerate(zip(apart, texts, strict=True)):
        if is_apart and (before or number):
            yield ""
        yield from text


def _comments(comments: Sequence[Comment], is_behind: bool) -> Iterator[str]:
    for number, comment in enumerate(comments):
        if comment.is_apart and (is_behind or number):
            yield ""
        yield comment.text


def _is_same(tree: Concrete, text: str) -> bool:
    """Whether a text has the words, comments and documentation of another."""
    other, _ = concrete(Source(tree.source.name, text))
    if other is None or len(other.declarations) != len(tree.declarations):
        return False
    pairs = zip(tree.declarations, other.declarations, strict=True)
    is_same = all(_words(one) == _words(two) for one, two in pairs)
    return is_same and tree.docs == other.docs and _all_comments(tree) == _all_comments(other)


def _words(part: Part) -> list[str]:
    """The words of a declaration, without commas that stand before a closing bracket or the end."""
    words = [*[word.text for word in part.words], END]
    return [word for word, following in pairwise(words) if word != "," or following not in CLOSING]


def _all_comments(tree: Concrete) -> Counter[str]:
    found = Counter(comment.text for comment in tree.ending)
    for each in tree.declarations:
        waiting = [each]
        while waiting:
            part = waiting.pop()
            found.update(comment.text for comment in (*part.above, *part.behind))
            waiting += part.parts
    return found
