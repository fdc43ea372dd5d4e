"""Edits that mend a syntax error: signs put in, taken out or exchanged, tried by reading again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from archdsl.diagnostics import nearest
from archdsl.fixes import Edit, Fix, fix_by
from archdsl.source import Span
from archdsl.syntax.explain import compared
from archdsl.syntax.failure import OPENING, ParseFailure, brackets, unclosed
from archdsl.syntax.help import FOREIGN
from archdsl.syntax.scanner import DECLARING, Lexeme

MOST_TRIED = 8
LONGEST = 2000
"""Maximum number of tokens in a declaration for which edits are tried."""
HEAD = 2
"""Where the brackets of a declaration begin: behind its word and its name."""
INSERTED = ("->", ":", ",", "=", "(", ")", "]")
"""What may be missing before the token that does not fit."""
INSTEAD = {"=": (":", "==", ""), ",": (" ->", ""), "->": ("",), ":": ("",), "+": ("",)}
"""What may be meant with a sign that does not fit."""


def repairs(failure: ParseFailure, is_right: Callable[[str], bool]) -> tuple[Fix, ...]:
    """The first edit after which the text of a declaration `is_right`.

    Where two names stand side by side, there may be two.
    """
    tokens = failure.tokens
    is_foreign = failure.found in FOREIGN or str(failure.before or "") in FOREIGN
    if len(tokens) > LONGEST or is_foreign:
        return ()
    whole = tokens[0].span.to(tokens[-1].span)
    most = 2 if _may_be_label(failure) else 1

    def mends(edit: Edit) -> bool:
        start, end = edit.span.start - whole.start, edit.span.end - whole.start
        return is_right(whole.text[:start] + edit.text + whole.text[end:])

    found = filter(mends, islice(_edits(failure), MOST_TRIED))
    return tuple(map(fix_by, islice(found, most)))


def _edits(failure: ParseFailure) -> Iterator[Edit]:
    """What may be meant, the most likely first."""
    opened, unmatched = brackets(failure.tokens)
    if unmatched is not None:
        if not opened and _may_be_call(failure, unmatched):
            return
        fitting = OPENING[failure.tokens[opened[-1]]] if opened else ""
        yield Edit(failure.tokens[unmatched].span, fitting)
    elif (opening := unclosed(failure.tokens)) is not None:
        yield from _closed(failure, opening)
    else:
        yield from _meant(failure)
        yield from _exchanged(failure)
        yield from _put_in(failure)


def _meant(failure: ParseFailure) -> Iterator[Edit]:
    """What is written otherwise here: `blok`, `1 < a < 3`, and `->` or `:` before a body."""
    token, before = failure.token, failure.before
    if token is None:
        return
    if failure.index == 0:
        near = nearest(token, DECLARING) if failure.tokens[1:2] != ["="] else ""
        yield from [Edit(token.span, near)] if near else []
    elif between := compared(failure):
        yield Edit(_behind(failure.tokens[failure.index - 1]), f" and {between.text}")
    elif before in {"->", ":"} and "[" in failure.accepted:
        assert before is not None
        is_apart = before.span.start > failure.tokens[failure.index - 2].span.end
        yield Edit(before.span, "=" if is_apart else " =")


def _may_be_call(failure: ParseFailure, closing: int) -> bool:
    """Whether a bracket may be missing in the word before another: `maxpool2)`."""
    before = failure.tokens[closing - 1]
    return before.type == "NAME" and before[-1].isdigit()


def _closed(failure: ParseFailure, opening: int) -> Iterator[Edit]:
    """A bracket closed: that of a call before a `->`, any at the end of a line."""
    tokens = failure.tokens
    mark, depth = OPENING[tokens[opening]], 0
    behind = [*tokens[1:], None]
    places: list[int] = []
    first: list[int] = []
    heads: list[int] = []
    for index in range(opening, len(tokens)):
        following = behind[index]
        depth += (tokens[index] in OPENING) - (tokens[index] in OPENING.values())
        if depth == 1 and following == "->" and _is_of_call(failure, opening):
            places.insert(0, index)
        if depth == 1 and following == "->" and _is_no_layer(tokens, index):
            first.append(index)
        if depth == 1 and following is not None and _ends_head(tokens, opening, index):
            heads.append(index)
        if following is None or following.span.line > tokens[index].span.line:
            places.append(index)
    if opening == HEAD:
        # A parameter may have no value.
        places += [i for i in range(opening, len(tokens) - 1) if tokens[i + 1] == "="][:1]
    for index in dict.fromkeys([*heads[:3], *first[:1], *places]):
        yield Edit(_behind(tokens[index]), mark)


def _ends_head(tokens: Sequence[Lexeme], opening: int, index: int) -> bool:
    """Whether what stands behind a word cannot be in the brackets, as far as that can be told.

    These are the `:` and `=` of a declaration, and the words of a comprehension or a `let`.
    """
    token, following = tokens[index], tokens[index + 1]
    is_head = opening == HEAD and tokens[0] in DECLARING
    if following == "=":
        # Behind a name it may give a value to a parameter.
        return token.type != "NAME" or tokens[opening] == "["
    if tokens[opening] == "[" and following in ("->", "<"):
        # The sizes of what comes in or goes out.
        return tokens[0] in ("block", "network") and tokens[opening - 1] in (":", "->", ",")
    return (following == ":" and is_head) or following in ("for", "in")


def _is_no_layer(tokens: Sequence[Lexeme], index: int) -> bool:
    """Whether a word ends a value that nothing can be applied after."""
    token = tokens[index - 1] if tokens[index] == "]" else tokens[index]
    return token.type in {"NUMBER", "STRING"} or token in ("true", "false")


def _is_of_call(failure: ParseFailure, opening: int) -> bool:
    """Whether arguments stand behind a bracket."""
    return opening > 0 and failure.tokens[opening - 1].type == "NAME"


def _exchanged(failure: ParseFailure) -> Iterator[Edit]:
    """The token that does not fit, or another before it, as another sign or without it."""
    token = failure.token
    if token is None:
        return
    for text in INSTEAD.get(str(token), ()):
        yield Edit(token.span, text)


def _put_in(failure: ParseFailure) -> Iterator[Edit]:
    """A sign before the token that does not fit."""
    if failure.before is None:
        if failure.tokens[1:2] == ["="]:
            yield Edit(Span(failure.span.source, failure.span.start, failure.span.start), "let ")
        return
    if _may_be_label(failure):
        signs = (":", " ->") if _is_label_elsewhere(failure.before) else (" ->", ":")
        yield from (Edit(_behind(failure.before), sign) for sign in signs)
        return
    opened, _ = brackets(failure.tokens[: failure.index])
    is_list = opened and (failure.tokens[opened[-1]] == "[" or _is_of_call(failure, opened[-1]))
    for text in sorted(INSERTED, key=lambda text: text != ",") if is_list else INSERTED:
        if text.split()[0] in failure.accepted:
            spaced = text if text in {":", ",", "(", ")", "]"} else f" {text}"
            yield Edit(_behind(failure.before), spaced)


def _may_be_label(failure: ParseFailure) -> bool:
    """Whether the sign between two names may be the `:` of a label as well as another."""
    names = (failure.before, failure.token)
    return ":" in failure.accepted and all(each and each.type == "NAME" for each in names)


def _is_label_elsewhere(name: Lexeme) -> bool:
    """Whether a name is a label in other places of the text."""
    return re.search(rf"\b{name}[ \t]*:", name.span.source.text) is not None


def _behind(token: Lexeme) -> Span:
    return Span(token.span.source, token.span.end, token.span.end)
