"""Ways out of mistakes: as text for people, and as edits for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.source import Span


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

    `calls` are what the whole call may be instead, where an argument is blamed.
    """

    __slots__ = ("calls", "instead")
    instead: str | None
    calls: tuple[str, ...]

    def __new__(cls, text: str, instead: str | None = None, calls: Sequence[str] = ()) -> Help:
        made = super().__new__(cls, text)
        made.instead, made.calls = instead, tuple(calls)
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
    return tuple(map(fix_by, edits))


def fix_by(edit: Edit) -> Fix:
    """The fix that is a single edit."""
    if edit.text == "\n":
        return Fix("write a line feed", (edit,))
    title = f"write `{edit.text.strip()}`" if edit.text else f"delete `{edit.span.text}`"
    return Fix(title, (edit,))
