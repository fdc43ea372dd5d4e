"""More syntax errors of a declaration than the first: what is broken is passed over.

The layer or argument with the token that does not fit, up to the `->`, `,` or bracket around it, is
taken for one that is right, and the rest is read again. That is only done in a body, and believed
where the next mistake stands behind such a mark: a false error is worse than a missing one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from archdsl.diagnostics import Diagnostic
from archdsl.syntax.explain import explain
from archdsl.syntax.failure import OPENING, ParseFailure, brackets
from archdsl.syntax.scanner import Lexeme

MOST_IN_ONE = 10
"""Maximum number of mistakes reported in one declaration."""
MARKS = {"->", ",", "="}
CLOSING = {*OPENING.values()}
STARTING, ENDING = {*MARKS, *OPENING}, {*MARKS, *CLOSING}
"""What a layer or an argument stands behind, and before."""
HEADLESS, SHORTEST = {"assert", "default", "from"}, 4
"""What has no head of a block's kind, and how many words it has at least: `from a import b`."""
UNCERTAIN = {"for", "in", "let", "share"}
"""Words whose commas are no ends of an argument."""
PLACEHOLDER = "identity"


def further(
    failure: ParseFailure, next_failure: Callable[[list[Lexeme]], ParseFailure | None]
) -> Iterator[Diagnostic]:
    """The mistakes behind the first; `next_failure` reads tokens again, to where they fail."""
    tokens = [*failure.tokens]
    if brackets(tokens) != ([], None):
        # What belongs together is open.
        return
    for _ in range(MOST_IN_ONE - 1):
        start, end = _broken([*map(str, tokens)], failure.index)
        is_certain = UNCERTAIN.isdisjoint(map(str, tokens[start : end + 1]))
        if not is_certain or failure.span.column == 1 or not has_body(tokens[:start]):
            return
        span = tokens[min(start, len(tokens) - 1)].span
        tokens[start:end] = [Lexeme.at("NAME", span, PLACEHOLDER)]
        following = next_failure(tokens)
        if following is None or following.index <= start + 1 or following.found in {"in", "="}:
            return
        failure = following
        yield explain(failure)


def _broken(words: Sequence[str], index: int) -> tuple[int, int]:
    """From where to where a layer or argument goes that has a word in it, or ends before it."""
    start, depth = index, 0
    while start and (depth or words[start - 1] not in STARTING):
        start -= 1
        depth += (words[start] in CLOSING) - (words[start] in OPENING)
    # A mark that does not fit belongs to what is broken, with what stands behind it.
    is_mark = index < len(words) and words[index] in MARKS
    end, depth = index + is_mark, 0
    while end < len(words) and (depth or words[end] not in ENDING):
        depth += (words[end] in OPENING) - (words[end] in CLOSING)
        end += 1
    return start, end


def has_body(before: Sequence[str]) -> bool:
    """Whether the head of a declaration ends among some words."""
    depth = 0
    for word in map(str, before):
        depth += (word in OPENING) - (word in CLOSING)
        if word == "=" and not depth:
            return True
    return len(before) >= SHORTEST and str(before[0]) in HEADLESS
