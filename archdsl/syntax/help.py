"""Ways out of the mistakes that people make where the parser gave up."""

from __future__ import annotations

from archdsl.diagnostics import suggestion
from archdsl.syntax.failure import OPENING, ParseFailure, brackets
from archdsl.syntax.scanner import DECLARING, Lexeme

HEADS = ("block", "network")
FOREIGN = {
    "def": "`block` declares a layer, `let name(x) = …` a function",
    "class": "`block` declares a layer",
    "import": "write `from module import name`",
    "lambda": "write `let name(x) = …` and use the name",
    "return": "a block is one expression: its last link is the result",
    "while": "`repeat(n, layer)` composes copies",
    "for": "`repeat(n, layer)` composes copies, `chain(… for i in range(n))` different layers",
    "elif": "write `a if x else b if y else c`",
    "is": "to compare, write `==`",
    "if": "write `layer if condition else other`",
    "in": "`in` belongs to `for`, `let` and `share`; there is no test of membership",
    "//": "`//` divides whole numbers; comments start with `#`",
}

LAST = "a `;` stands once in a shape, before channels that are last: `[n; d]`"
EXTERN = 'write `extern name: [c, h, w] -> [c, h, w] = "package.module.Class"(c)`'
QUOTED = 'the path of a class goes in double quotes: `"package.module.Class"(…)`'
DEFAULT = (
    "`default` changes arguments, as in `default bn(eps=1e-3)`; "
    "to use another layer, give the block a parameter `norm=bn`"
)


def way_out(failure: ParseFailure) -> str:
    """A way out of the mistakes that people make: of the first rule that knows one."""
    rules = (_help_with_imports, _help_with_words, _help_with_signs)
    return next((help for rule in rules if (help := rule(failure)) is not None), "")


def _help_with_imports(failure: ParseFailure) -> str | None:
    """For declarations that name something elsewhere, and conditions without their `:`."""
    found, before = failure.found, str(failure.before or "")
    if _is_in_extern(failure):
        return QUOTED if failure.accepted == {"STRING"} else EXTERN
    if failure.accepted == {":"} and before in ("if", "for"):
        return FOREIGN[before]
    if str(failure.tokens[0]) == "from" and failure.accepted == {"NAME"}:
        if found == ".":
            return _relative_help(failure)
        if _is_word(failure.token) and before in {"from", "."}:
            return f"`{found}` is a word of the language; rename the file"
    return None


def _help_with_words(failure: ParseFailure) -> str | None:
    """For words of the language, and of others, in the place of something else."""
    found, before = failure.found, str(failure.before or "")
    if found in ("let", "share") and before in ("->", ":"):
        return f"put parentheses around it: `({found} … in …)`"
    if found == "(" and "share" in [*failure.level()] and failure.accepted == {"="}:
        return "what is shared is one layer; `let name(x) = … in` declares a function"
    if "NAME" in failure.accepted and _is_word(failure.token):
        return f"`{found}` is a reserved word: it can be a label, but not a name"
    if failure.accepted == {":"} and _is_word(failure.before):
        return f"`{before}` is a reserved word: it can be a label, but not a name"
    if str(failure.tokens[0]) == "default" and failure.accepted == {"("}:
        return DEFAULT
    if found in FOREIGN:
        return FOREIGN[found]
    if before in FOREIGN and before not in {"in", "for", "import"}:
        return FOREIGN[before]
    if _is_name(failure) and failure.index == 0:
        return _declaration_help(failure)
    return None


def _help_with_signs(failure: ParseFailure) -> str | None:
    """For brackets, commas and the like."""
    found, before = failure.found, str(failure.before or "")
    if found == "[" and ":" in failure.accepted and str(failure.tokens[0]) in HEADS:
        return "write `:` before the shape of the input"
    if found == ":" and _is_dotted(failure):
        return "a label is one name, without a dot or `self`: `conv1: layer`"
    if found == "=":
        return "a layer is named `label: layer`; to compare, write `==`"
    if found == ";" or (found == "," and ";" in [*failure.level()]):
        return LAST
    if found == ",":
        return _comma_help(failure)
    if "=" in failure.accepted or failure.accepted <= {"(", "["} or before == "(":
        return _head_help(failure)
    if "+" in failure.accepted and _starts_operand(failure):
        return "write `->` between layers, `,` between arguments, `:` after a label"
    return None


def _is_in_extern(failure: ParseFailure) -> bool:
    """Whether the form of an `extern` is wrong, and not what stands in its brackets."""
    is_extern = str(failure.tokens[0]) == "extern" and failure.index > 0
    return is_extern and brackets(failure.tokens[: failure.index]) == ([], None)


def _relative_help(failure: ParseFailure) -> str:
    """What is said of `from .blocks import cbr`."""
    rest = " ".join(failure.tokens[failure.index :]).replace(" .", ".").lstrip(". ")
    written = rest.replace(". ", ".").replace(" ,", ",")
    return f"write `from {written}`: imports start at the file's folder"


def _is_dotted(failure: ParseFailure) -> bool:
    """Whether `self.conv1` stands where a label is wanted."""
    return [*map(str, failure.tokens)][failure.index - 2 : failure.index - 1] == ["."]


def _comma_help(failure: ParseFailure) -> str:
    """The help for a comma outside of a call's parentheses."""
    opened = [*failure.tokens[: failure.index]]
    depth = sum((word in OPENING) - (word in OPENING.values()) for word in opened)
    if not depth:
        return "write `->` between layers"
    at = next(i for i in reversed(range(len(opened))) if opened[i] in OPENING)
    if opened[at] == "[" and at and opened[at - 1].type == "NAME":
        return f"arguments stand in parentheses: `{opened[at - 1]}(…)`"
    return "a list is written `[3, 3]`"


def _head_help(failure: ParseFailure) -> str:
    """The help for an error in a declaration before its body."""
    word, before = failure.token, failure.before
    if word is None:
        return ""
    if word.type == "NUMBER":
        return "sizes go in brackets: `[3, 224, 224]`"
    if word == "-":
        return "a name has no `-` in it: write `_`"
    is_body = word == ":" or word.type == "NAME"
    return "write `=` before the body" if is_body and before in ("]", ")", ":", "->") else ""


def _declaration_help(failure: ParseFailure) -> str:
    """The help for a name where a declaration should start."""
    if failure.found == "extern":
        return EXTERN
    if failure.tokens[1:2] == ["="]:
        return f"write `let {failure.found} = …`"
    return suggestion(failure.found, DECLARING) or "a declaration starts with its keyword"


def _is_word(token: Lexeme | None) -> bool:
    """Whether a token is a word of the language, and no name that somebody chose."""
    return token is not None and token.isidentifier() and token.type != "NAME"


def _is_name(failure: ParseFailure) -> bool:
    return failure.token is not None and failure.token.type == "NAME"


def _starts_operand(failure: ParseFailure) -> bool:
    token = failure.token
    if token is None:
        return False
    return token.type in {"NAME", "NUMBER", "STRING", "TEMPLATE"} or token in {"(", "[", "@"}
