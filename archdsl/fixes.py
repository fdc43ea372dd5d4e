"""Ways out of mistakes: as text for people, and as edits for programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.source import Span

LABELS = re.compile(r"(?<![\w{}])(?:[\w{}]+[ \t]*:\s*)+\Z")
LONGEST_LABELS = 200
IF = re.compile(r"\s*if\b")


@dataclass(frozen=True)
class Edit:
    """A change of a text: the span to replace, and its new text; an empty span is an insertion."""

    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """A way out that a program can take: its edits, and what it does in a few words."""

    title: str
    edits: tuple[Edit, ...]


class Help(str):
    """A way out; `instead` replaces the blamed text, if that is all there is to do.

    `calls` are what the whole call may be instead, where an argument is blamed. Where a layer is
    blamed, `before` are layers that may be put before it.
    """

    __slots__ = ("before", "calls", "instead")
    instead: str | None
    calls: tuple[str, ...]
    before: tuple[str, ...]

    def __new__(
        cls,
        text: str,
        instead: str | None = None,
        calls: Sequence[str] = (),
        before: Sequence[str] = (),
    ) -> Help:
        made = super().__new__(cls, text)
        made.instead, made.calls, made.before = instead, tuple(calls), tuple(before)
        return made


def write(text: str, instead: str | None = None) -> Help:
    """The help to write something instead of the blamed text; it may show more than `instead`."""
    return Help(f"write `{text}`", text if instead is None else instead)


def fixes_of(help: str, span: Span, call: Span | None = None) -> tuple[Fix, ...]:
    """The edits that a help for a mistake stands for."""
    # What is quoted from several lines may have a comment in it.
    if not isinstance(help, Help) or not span.source.text or "#" in f"{help.calls}":
        return ()
    edits = [Edit(call, text) for text in help.calls] if call is not None else []
    if help.instead is not None:
        edits.append(Edit(span, help.instead))
    if help.before and not _is_conditional(span):
        edits += [Edit(_start_of_link(span), f"{layers} -> ") for layers in help.before]
    return tuple(map(fix_by, edits))


def _is_conditional(layer: Span) -> bool:
    """Whether a layer is one of a conditional, in which a chain needs parentheses."""
    text = layer.source.text
    return bool(IF.match(text, layer.end) or text[: layer.start].rstrip().endswith("else"))


def _start_of_link(layer: Span) -> Span:
    """The place before a layer and its labels."""
    text = layer.source.text[: layer.start]
    labels = LABELS.search(text, max(0, len(text) - LONGEST_LABELS))
    start = labels.start() if labels else layer.start
    return Span(layer.source, start, start)


def fix_by(edit: Edit) -> Fix:
    """The fix that is a single edit."""
    if edit.text == "\n":
        return Fix("write a line feed", (edit,))
    title = f"write `{edit.text.strip()}`" if edit.text else f"delete `{edit.span.text}`"
    return Fix(title, (edit,))
