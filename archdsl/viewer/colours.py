"""Colours of specs and code in pages: lengths and kinds by turns, from the lexers for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pygments.lexer import Lexer

MOST_LETTERS = 200_000
"""Longer texts have no colours."""


def marks(file: dict[str, Any]) -> list[int | str]:
    """The kinds of words in a text, as `[5, "k", 1, ""]`: five letters of a keyword."""
    text = file["text"]
    if len(text) > MOST_LETTERS:
        return []
    found: list[int | str] = []
    for _, token, word in _lexer(file["name"]).get_tokens_unprocessed(text):
        kind = _kind(str(token))
        if found and found[-1] == kind:
            found[-2] = int(found[-2]) + len(word)
        else:
            found += [len(word), kind]
    return found


def _lexer(name: str) -> Lexer:
    # Only pages with texts need it.
    if name.endswith(".py"):
        from pygments.lexers import PythonLexer

        return PythonLexer()
    from archdsl.highlighting.pygments import ArchLexer

    return ArchLexer()


KINDS = {
    "Token.Literal.String.Doc": "c",
    "Token.Literal.String": "s",
    "Token.Comment": "c",
    "Token.Keyword": "k",
    "Token.Operator.Word": "k",
    "Token.Literal.Number": "m",
    "Token.Name.Builtin": "f",
    "Token.Name.Class": "f",
    "Token.Name.Function": "f",
    "Token.Name.Label": "l",
}
"""The kinds of tokens that have a colour, by the beginnings of their names."""


def _kind(token: str) -> str:
    return next((kind for start, kind in KINDS.items() if token.startswith(start)), "")
