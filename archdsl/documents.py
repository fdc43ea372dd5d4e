"""Documents: text with the places at which its lines may be broken, laid out within a width.

The algebra is Wadler's ("A prettier printer", 1998). A *group* is written on one line where it
fits, else all of its own lines are broken. A document is a text, a tuple of documents in sequence,
or one of the classes below. To lay a document out takes time linear in its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

INDENT = 4


@dataclass(frozen=True, slots=True)
class Line:
    """The end of a line, or in a group on one line `flat`."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class Indent:
    """What is written further to the right, where it begins a line."""

    content: Document


@dataclass(frozen=True, slots=True)
class IfBroken:
    """A text that is written in a broken group; in one on one line it is `flat`."""

    text: str
    flat: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """A comment behind what was written, at the end of its line: a comma may still go before it."""

    text: str


@dataclass(frozen=True, slots=True)
class Above:
    """A comment on a line of its own."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """What is written on one line where it fits; never, if `is_forced` or with a comment in it.

    Else its lines are broken, or `otherwise` is written in its place. What stands before a group
    never depends on which of these it is, so that a text can choose between them and stay stable.
    """

    content: Document
    is_forced: bool = field(default=False)
    otherwise: Document | None = None

    def __post_init__(self) -> None:
        if not self.is_forced and any(map(_forces, parts(self.content))):
            object.__setattr__(self, "is_forced", True)


Document: TypeAlias = (
    "str | tuple[Document, ...] | Line | Indent | IfBroken | Behind | Above | Group"
)
SOFT, LINE = Line(""), Line()


def parts(document: Document) -> Iterator[Document]:
    """The documents in a document, without those in its groups."""
    waiting = [document]
    while waiting:
        match waiting.pop():
            case tuple() as several:
                waiting += reversed(several)
            case Indent(content=content):
                waiting.append(content)
            case one:
                yield one


def is_breakable(document: Document) -> bool:
    """Whether there is a line in a document that may be broken."""
    waiting = [document]
    while waiting:
        for part in parts(waiting.pop()):
            if isinstance(part, Line):
                return True
            if isinstance(part, Group):
                waiting.append(part.content)
    return False


def _forces(document: Document) -> bool:
    return isinstance(document, Above | Behind) or (
        isinstance(document, Group) and document.is_forced
    )


def laid_out(document: Document, width: int) -> list[str]:
    """The lines of a document, each within a width where it can be, without blanks at their end."""
    return _Layout(width).lines_of(document)


@dataclass(frozen=True, slots=True)
class _Task:
    """A document that is to be written, with how far to the right, and whether on one line."""

    indent: int
    is_flat: bool
    document: Document


class _Layout:
    """The lines so far, and the one that is being written."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []
        self.line: list[str] = []
        self.indent = 0
        self.column = 0
        self.comment = ""
        """The comment that the line will end in."""
        self.is_ended = False
        """Whether the line is a comment, behind which nothing can be written."""

    def lines_of(self, document: Document) -> list[str]:
        tasks = [_Task(0, False, document)]
        while tasks:
            task = tasks.pop()
            self.take(task, tasks)
        self.end(0)
        return self.lines

    def take(self, task: _Task, tasks: list[_Task]) -> None:
        """Write a document, or hand on what it consists of."""
        indent, is_flat = task.indent, task.is_flat
        match task.document:
            case str() as text:
                self.write(text, indent)
            case tuple() as several:
                tasks += [_Task(indent, is_flat, each) for each in reversed(several)]
            case Indent(content=content):
                tasks.append(_Task(indent + INDENT, is_flat, content))
            case Group(content=content, is_forced=is_forced, otherwise=otherwise):
                flat = _Task(indent, True, content)
                is_flat = not is_forced and (is_flat or self.fits(flat, tasks))
                broken = content if otherwise is None else otherwise
                tasks.append(flat if is_flat else _Task(indent, False, broken))
            case Line(flat=text):
                if is_flat:
                    self.write(text, indent)
                else:
                    self.end(indent)
            case IfBroken(text=text, flat=flat_text):
                self.write(flat_text if is_flat else text, indent)
            case Above(text=text):
                self.above(text, indent)
            case Behind(text=text):
                self.behind(text, indent)

    def write(self, text: str, indent: int) -> None:
        is_over = self.is_ended or (self.comment and text != ",")
        if not text or (text.isspace() and (is_over or not self.line)):
            return
        if is_over:
            self.end(self.start(indent))
        self.line.append(text)
        self.column += len(text)

    def end(self, indent: int) -> None:
        """End the line, unless nothing stands in it."""
        if self.line:
            text = "".join(self.line).rstrip()
            comment = f"  {self.comment}" if self.comment else ""
            self.lines.append(f"{' ' * self.indent}{text}{comment}")
        self.line, self.comment, self.is_ended = [], "", False
        self.indent = self.column = indent

    def above(self, comment: str, indent: int) -> None:
        if self.line:
            self.end(self.indent if self.is_ended else indent + INDENT)
        self.write(comment, self.indent)
        self.is_ended = True

    def start(self, indent: int) -> int:
        """The column of what is written next: behind a comment it goes to the next line."""
        if self.is_ended:
            return self.indent
        return indent + INDENT if self.comment else self.column

    def behind(self, comment: str, indent: int) -> None:
        if self.line and not self.comment and not self.is_ended:
            self.comment = comment
        else:
            self.end(indent)
            self.above(comment, indent)

    def fits(self, task: _Task, after: Sequence[_Task]) -> bool:
        """Whether a document fits into the line, up to where a line may end behind it."""
        room = self.width - self.start(task.indent)
        tasks, index = [task], len(after)
        while room >= 0:
            if not tasks:
                if not index:
                    return True
                index -= 1
                tasks.append(after[index])
            task = tasks.pop()
            indent, is_flat = task.indent, task.is_flat
            match task.document:
                case str() as text:
                    room -= len(text)
                case tuple() as several:
                    tasks += [_Task(indent, is_flat, each) for each in reversed(several)]
                case Indent(content=content):
                    tasks.append(_Task(indent, is_flat, content))
                case Group(content=content, is_forced=is_forced):
                    tasks.append(_Task(indent, is_flat and not is_forced, content))
                case Line(flat=text):
                    if not is_flat:
                        return True
                    room -= len(text)
                case IfBroken(text=text, flat=flat_text):
                    room -= len(flat_text if is_flat else text)
                case Above():
                    return True
                case Behind():
                    pass
        return False
