"""A lexer for Pygments, which finds it by the entry point of the package: `pygmentize -l arch`."""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.lexer import words as any_of
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from archdsl.highlighting.words import CONSTANTS, OPERATORS, builtins, declaring, keywords

NAME = r"[A-Za-z_][A-Za-z0-9_]*"


class ArchLexer(RegexLexer):  # type: ignore[misc]
    """Lexer for `.arch` files."""

    name = "Arch"
    aliases: ClassVar[list[str]] = ["arch", "archdsl"]
    filenames: ClassVar[list[str]] = ["*.arch"]
    mimetypes: ClassVar[list[str]] = ["text/x-arch"]
    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"\s+", Whitespace),
            (r"##.*", String.Doc),
            (r"#.*", Comment.Single),
            (r'"[^"\n]*"', String.Double),
            (rf'(@)({NAME}|"[^"\n]*")', bygroups(Operator, Name.Label)),
            (rf"(\w*(?:\{{{NAME}\}}\w*)+)", Name.Label),
            (rf"({NAME})(\s*)(:)", bygroups(Name.Label, Whitespace, Punctuation)),
            (
                rf"(block|network)(\s+)({NAME})",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (any_of(declaring(), r"\b", r"\b"), Keyword.Declaration),
            (any_of(keywords(), r"\b", r"\b"), Keyword),
            (any_of(CONSTANTS, r"\b", r"\b"), Keyword.Constant),
            (any_of(OPERATORS, r"\b", r"\b"), Operator.Word),
            (rf"({NAME})(=)(?!=)", bygroups(Name.Attribute, Operator)),
            (any_of(builtins(), r"\b", r"\b"), Name.Builtin),
            (r"[0-9](_?[0-9])*(\.[0-9](_?[0-9])*)?([eE][+-]?[0-9]+)?", Number),
            (r"->|\.\.\.|==|!=|<=|>=|//|\*\*|[-+*/%<>=]", Operator),
            (NAME, Name),
            (r"[\[\](),.:;]", Punctuation),
        ]
    }
