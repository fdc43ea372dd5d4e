"""The parser's tables, made once and shipped: to make them takes longer than to check a spec.

They are JSON, which runs nothing. Where they were made by another release of Lark or from another
grammar they are not used. `python -m archdsl.syntax.tables` makes them anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import lark
from lark import Lark, Transformer
from lark.grammar import Rule
from lark.lexer import TerminalDef

from archdsl.syntax.grammar import build_grammar, grammar_text

NAME = "arch.tables.json"
UNSAVED = frozenset({"lexer", "transformer"})
"""Options that are code."""


def load(lexer: type, transformer: Transformer[Any, Any]) -> Lark | None:
    """The parser from its saved tables; None where these are of another grammar or release."""
    file = files("archdsl.syntax").joinpath(NAME)
    saved = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if saved.get("made_from") != _origin():
        return None
    data, memo = _decoded(saved["data"]), _decoded(saved["memo"])
    data["options"]["lexer"] = data["parser"]["lexer_conf"]["lexer_type"] = lexer
    # The parsers that Lark itself generates load their tables with this call.
    load_tables: Callable[..., Lark] = Lark._load_from_dict
    return load_tables(data, memo, transformer=transformer)


def dump(parser: Lark) -> str:
    """The tables of a parser as text."""
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"] = {name: o for name, o in data["options"].items() if name not in UNSAVED}
    data["parser"]["lexer_conf"]["lexer_type"] = None
    saved = {"made_from": _origin(), "data": _encoded(data), "memo": _encoded(memo)}
    return json.dumps(saved, separators=(",", ":"), sort_keys=True) + "\n"


def _origin() -> str:
    """The inputs that determine the tables."""
    return hashlib.sha256(f"{lark.__version__}\n{grammar_text()}".encode()).hexdigest()


def _encoded(value: Any) -> Any:
    """A value as JSON can have it: there the keys of an object are strings."""
    if isinstance(value, dict):
        if any(isinstance(key, int) for key in value):
            return {"#": [[key, _encoded(each)] for key, each in value.items()]}
        return {key: _encoded(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_encoded(each) for each in value]
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if "#" in value:
            return {key: _decoded(each) for key, each in value["#"]}
        return {key: _decoded(each) for key, each in value.items()}
    return [_decoded(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    Path(__file__).with_name(NAME).write_text(dump(build_grammar()), encoding="utf-8")
