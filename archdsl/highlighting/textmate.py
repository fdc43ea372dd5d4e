"""The grammar for VS Code and other editors that read TextMate's grammars, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from archdsl.highlighting.words import CONSTANTS, OPERATORS, builtins, declaring, keywords

NAME = "[A-Za-z_][A-Za-z0-9_]*"


def _words(words: Iterable[str]) -> str:
    return rf"\b(?:{'|'.join(words)})\b"


def grammar() -> str:
    """The grammar of `source.arch`."""
    patterns = [
        _match(r"##.*$", "comment.line.documentation.arch"),
        _match(r"#.*$", "comment.line.number-sign.arch"),
        _match(r'"[^"\n]*"', "string.quoted.double.arch"),
        _captured(
            rf'(@)({NAME}|"[^"\n]*")', "keyword.operator.wire.arch", "variable.other.member.arch"
        ),
        _match(rf"\w*(?:\{{{NAME}\}}\w*)+", "entity.name.tag.arch"),
        _captured(rf"({NAME})\s*(:)", "entity.name.tag.arch", "punctuation.separator.arch"),
        _captured(rf"\b(block|network)\s+({NAME})", "storage.type.arch", "entity.name.type.arch"),
        _match(_words(declaring()), "storage.type.arch"),
        _match(_words(keywords()), "keyword.control.arch"),
        _match(_words(CONSTANTS), "constant.language.arch"),
        _match(_words(OPERATORS), "keyword.operator.word.arch"),
        _captured(rf"({NAME})(=)(?!=)", "variable.parameter.arch", "keyword.operator.arch"),
        _match(_words(builtins()), "support.function.arch"),
        _match(
            r"\b[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9]+)?",
            "constant.numeric.arch",
        ),
        _match(r"->|\.\.\.|==|!=|<=|>=|//|\*\*|[-+*/%<>=]", "keyword.operator.arch"),
    ]
    made = {"name": "Arch", "scopeName": "source.arch", "fileTypes": ["arch"], "patterns": patterns}
    return json.dumps(made, indent=2) + "\n"


def _match(pattern: str, name: str) -> dict[str, object]:
    return {"match": pattern, "name": name}


def _captured(pattern: str, *names: str) -> dict[str, object]:
    captures = {str(number): {"name": name} for number, name in enumerate(names, 1)}
    return {"match": pattern, "captures": captures}
