"""Comments that silence notes of their line: what they silence must not change with the form.

Which notes there are is not known here, so such a comment has to stay behind the same words.
"""

from __future__ import annotations

from archdsl.source import Source
from archdsl.syntax.comments import SILENCE, is_silence
from archdsl.syntax.parser import scanner

BETWEEN = frozenset((",", "->", ")", "]", "=", ":", ";"))
"""What no note blames; commas may come and go."""


def is_moved(before: str, after: str) -> bool:
    """Whether a declaration has a silence that stands behind other words in its other form."""
    return bool(SILENCE.search(before)) and _silenced(before) != _silenced(after)


def _silenced(text: str) -> list[tuple[str, frozenset[int]]]:
    """The silences of a text, in order, each with the numbers of the words on its line."""
    scan = scanner().scan(Source("", text))
    lines = [each.span.line for each in scan.tokens if each.span.text not in BETWEEN]
    return [
        (each.text.rstrip(), frozenset(n for n, line in enumerate(lines) if line == each.line))
        for each in scan.comments
        if is_silence(each)
    ]
