"""A syntax error in the words of the language: what was found, what was expected, a way out."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.diagnostics import Diagnostic, error
from archdsl.source import Span
from archdsl.syntax.failure import OPENING, ParseFailure, brackets, unclosed
from archdsl.syntax.help import way_out
from archdsl.syntax.scanner import Lexeme

COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}


def explain(failure: ParseFailure) -> Diagnostic:
    """The diagnostic for a declaration that the parser gave up on."""
    return (
        _bracket(failure.tokens)
        or _conditional_beside_chain(failure)
        or _chained_comparison(failure)
        or _unexpected(failure)
    )


def _bracket(tokens: Sequence[Lexeme]) -> Diagnostic | None:
    """The mistake of a bracket that stands alone."""
    opened, unmatched = brackets(tokens)
    closing = None if unmatched is None else tokens[unmatched]
    if not opened:
        return None if closing is None else error("E0107", f"unmatched `{closing}`", closing.span)
    if (lonely := unclosed(tokens)) is not None:
        return _unclosed(tokens[lonely], f"write `{OPENING[tokens[lonely]]}`")
    opening = tokens[opened[-1]]
    assert closing is not None
    return _unclosed(opening, f"the `{closing}` at {_at(closing)} does not fit it")


def _unclosed(opening: Lexeme, help: str) -> Diagnostic:
    return error("E0107", f"this `{opening}` is never closed", opening.span, help=help)


def _at(token: Lexeme) -> str:
    return f"{token.span.line}:{token.span.column}"


def _conditional_beside_chain(failure: ParseFailure) -> Diagnostic | None:
    chain_first = failure.found == "if" and "->" in failure.accepted
    if not chain_first and not (
        failure.found == "->" and any(word == "if" for word in failure.level())
    ):
        return None
    return error(
        "E0108",
        "`if` next to `->` is ambiguous",
        failure.span,
        help="put parentheses around the conditional layers, or around the `if`",
    )


def _chained_comparison(failure: ParseFailure) -> Diagnostic | None:
    if compared(failure) is None:
        return None
    help = "write `a < b and b < c`"
    return error("E0109", "comparisons do not chain", failure.span, help=help)


def compared(failure: ParseFailure) -> Span | None:
    """What stands between two comparisons, of which the second does not fit; None elsewhere."""
    if failure.found not in COMPARISONS or failure.before is None:
        return None
    first = failure.before
    for token in failure.level():
        if token in COMPARISONS:
            return first.span.to(failure.before.span)
        if token in {"and", "or", "not", "->", "if", "else", "="}:
            return None
        first = token
    return None


def _unexpected(failure: ParseFailure) -> Diagnostic:
    message = f"expected {_expected(failure)}, found {_found(failure)}"
    return error("E0101", message, failure.span, help=way_out(failure))


def _expected(failure: ParseFailure) -> str:
    """The expected tokens, in a few words."""
    accepted = failure.accepted
    if "network" in accepted and "NUMBER" not in accepted and "" not in accepted:
        return "a declaration"
    if "NUMBER" in accepted:
        words = ["an expression"]
        accepted = accepted & {")", "]"}
    elif "+" in accepted:
        words = ["an operator"]
        accepted = accepted & {"->", ",", ")", "]", "else", "in", "for", ""}
    else:
        kinds = {"NAME": "a name", "STRING": "a string"}
        words = [text for kind, text in kinds.items() if kind in accepted][:1]
        accepted = accepted - {"NAME", "STRING", "TEMPLATE"}
    marks = [f"`{text}`" for text in sorted(accepted) if text]
    # After a whole declaration nothing more is needed, so the end is only named by itself.
    words += marks or (["the end of the declaration"] if "" in accepted and not words else [])
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _found(failure: ParseFailure) -> str:
    token = failure.token
    if token is None:
        return "the end of the declaration"
    text = token.span.text if len(token.span.text) <= 40 else token.span.text[:40] + "…"
    kinds = {"NUMBER": "the number ", "STRING": "the string "}
    return f"{kinds.get(token.type, '')}`{text}`"
