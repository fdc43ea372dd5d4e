"""Wrong forms of tokens that people write: what is said of them, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Mistake:
    """A wrong form: its pattern, what is said about it, and the terminal it stands for.

    What stands for a `COMMENT` is passed over, as one would be. `instead` makes the right form of
    it, where there is one.
    """

    pattern: str
    code: str
    message: str
    help: str = ""
    stands_for: str = ""
    instead: Callable[[str], str] | None = None


NO_OPERATOR = "`{text}` is not an operator"
# After `//` and a name or number, only these words may follow on the same line.
AFTER_OPERAND = "if|else|for|in|and|or|block|network|let|default|extern|from|assert"
# Of a string that goes on in the next lines: what may stand behind its end.
AFTER_STRING = r"(?=\s*(?:[:,)\]+]|->|[=!]=|if\b|else\b|for\b|\Z))"
SLASHES = Mistake(
    rf"//[ \t]*\w+(?:[ \t]*'|[ \t]+(?!(?:{AFTER_OPERAND})\b)[\w\"'@])[^\r\n]*",
    "E0102",
    "`//` divides; it does not start a comment",
    "comments start with `#`",
    "COMMENT",
    lambda text: f"#{text[2:]}",
)
SLASHES_AND_COLON = replace(SLASHES, pattern=r"//[ \t]*\w+[ \t]*:[^\r\n]*")
"""A mistake, but in a slice, as in `depths[n // 2:]`."""
# Tried before the words of the language, because they begin like some of them.
FIRST = (
    SLASHES_AND_COLON,
    SLASHES,
    Mistake(
        r"/\*(?:(?s:.*?)\*/|[^\r\n]*)",
        "E0102",
        "`/*` does not start a comment",
        "comments start with `#`",
        "COMMENT",
    ),
    Mistake(
        r'"""(?s:.*?)"""',
        "E0104",
        "strings go in double quotes, on one line",
        "`##` before every line above a declaration documents it",
        "COMMENT",
    ),
    Mistake(
        r"\.[0-9][\w.]*",
        "E0105",
        "`{text}` is not a number",
        "write `0{text}`",
        "NUMBER",
        lambda text: f"0{text}",
    ),
    Mistake(
        r"=>|\|>|>>|-{2,9}>|→",
        "E0102",
        NO_OPERATOR,
        "layers are joined by `->`",
        instead=lambda _: "->",
    ),
)
# Tried after them.
LAST = (
    Mistake(
        r"'[^'\n]*'",
        "E0104",
        "strings go in double quotes",
        'write `"…"`',
        "STRING",
        lambda text: f'"{text[1:-1]}"',
    ),
    Mistake(
        rf'"[^"\n]*(?:\n[^"\n]*){{1,9}}"{AFTER_STRING}',
        "E0104",
        "this string does not end on its line",
        'close it with `"` on its line',
        "STRING",
    ),
    Mistake(
        r"[\"'][^\r\n]*",
        "E0104",
        "this string is never closed",
        'close it with `"` on its line',
        "STRING",
    ),
    Mistake(
        r"[0-9][\w.]*", "E0105", "`{text}` is not a number", "`64` and `0.5` are numbers", "NUMBER"
    ),
    Mistake(r"&&?", "E0102", NO_OPERATOR, "write `and`", instead=lambda _: " and "),
    Mistake(r"\|\|", "E0102", NO_OPERATOR, "write `or`", instead=lambda _: " or "),
    Mistake(
        r"\|",
        "E0102",
        NO_OPERATOR,
        "write `->` between layers, `or` between conditions; `concat(a, b)` joins channels",
    ),
    Mistake(r"!", "E0102", NO_OPERATOR, "write `not`", instead=lambda _: "not "),
    Mistake(
        r"\{[^{}\r\n]*\}?|\}",
        "E0102",
        "braces are only allowed around a variable in a label: `layer{{i}}`",
    ),
    Mistake(r"[^\W\d]\w*", "E0102", "the name `{text}` is not ASCII", "use letters of ASCII"),
    Mistake(r"[^\x00-\x7f]+|.", "E0102", "the character `{text}` means nothing here"),
)
SEPARATOR = Mistake(
    ";",
    "E0102",
    "`;` means nothing here",
    "declarations need no separator",
    "COMMENT",
    lambda _: "",
)
"""A semicolon outside of the brackets of a shape."""
