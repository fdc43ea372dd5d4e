"""Diagnostics as a person reads them, and as a program does."""

from __future__ import annotations

from archdsl.diagnostics import Diagnostic, Expansion, Severity
from archdsl.render import as_data, as_text, printable
from archdsl.source import Source, Span


def shown(text: str, start: int, end: int, **fields: str) -> str:
    return as_text([Diagnostic("E0301", "no", Span(Source("a.arch", text), start, end), **fields)])


def test_a_mistake_shows_its_line_what_was_wanted_and_how_it_came_about() -> None:
    source = Source("a.arch", "block a = relu\nnetwork n = a -> b\n")
    other = Source("b.arch", "a")
    mistake = Diagnostic(
        "E0301",
        "the shapes do not fit",
        Span(source, 27, 28),
        expected="[3, 4, 4]",
        found="[5, 4, 4]",
        help="change one",
        expansion=(Expansion("a", Span(source, 10, 14)), Expansion("n", Span(other, 0, 1))),
    )
    assert (
        as_text([mistake])
        == """\
a.arch:2:13: error[E0301]: the shapes do not fit
 2 | network n = a -> b
   |             ^
   = expected [3, 4, 4]
   = found    [5, 4, 4]
   = in `a`, called at 1:11
   = in `n`, called at b.arch:1:1
   = help: change one
"""
    )


def test_a_mistake_that_was_met_in_the_library_says_where() -> None:
    library = Source("<library>/a.arch", "n - 1")
    steps = (Expansion("n - 1", Span(library, 0, 5), is_call=False),)
    mistake = Diagnostic("E0502", "no", Span(Source("a.arch", "a"), 0, 1), expansion=steps)
    assert "   = in `n - 1`, at <library>/a.arch:1:1\n" in as_text([mistake])


def test_a_long_way_is_folded_in_the_text_alone() -> None:
    source = Source("a.arch", "block a = a")
    for length, lines in (11, 11), (12, 11), (200, 11):
        steps = tuple(Expansion(f"a{i}", Span(source, 10, 11)) for i in range(length))
        mistake = Diagnostic("E0711", "no", Span(source, 10, 11), expansion=steps)
        text = as_text([mistake]).splitlines()[3:]
        assert len(text) == lines
        assert text[0] == "   = in `a0`, called at 1:11"
        assert text[-1] == f"   = in `a{length - 1}`, called at 1:11"
        assert len(as_data(mistake)["expansion"]) == length  # type: ignore[arg-type]
    assert text[5] == "   = … 190 more …"


def test_marks_stand_under_the_span_behind_tabs_and_wide_characters() -> None:
    assert shown("\tab", 1, 3).splitlines()[1:] == [" 1 |     ab", "   |     ^^"]
    assert shown("# 日本 x", 5, 6).splitlines()[1:] == [" 1 | # 日本 x", "   |        ^"]
    assert shown("e\u0301 x", 3, 4).splitlines()[2] == "   |   ^"


def test_a_span_over_lines_is_marked_to_the_end_of_its_first() -> None:
    assert shown("add(a,\n    b)", 0, 13).splitlines()[1:] == [" 1 | add(a,", "   | ^^^^^^…"]


def test_an_empty_span_and_one_at_the_end_of_the_text_have_a_mark() -> None:
    assert shown("abc", 1, 1).splitlines()[2] == "   |  ^"
    assert shown("abc", 3, 3).splitlines()[2] == "   |    ^"
    assert shown("abc\n", 4, 4).splitlines()[1:] == [" 2 |", "   | ^"]


def test_of_a_long_line_only_the_part_around_the_span_is_shown() -> None:
    lines = shown("x" * 1_000_000 + "!" + "y" * 1_000_000, 1_000_000, 1_000_001).splitlines()
    assert max(map(len, lines)) < 130
    assert lines[1].index("!") == lines[2].index("^")


def test_a_file_as_a_whole_has_no_line() -> None:
    assert shown("", 0, 0) == "a.arch: error[E0301]: no\n"


def test_nothing_in_a_text_steers_the_terminal() -> None:
    mistake = Diagnostic("E1", "\x1b[2J", Span(Source("\x1b]0;a\x07.arch", "\x1b[31m\u202e"), 0, 1))
    text = as_text([mistake])
    assert text.isascii()
    assert "\x1b" not in text
    assert "\\x1b[31m\\u{202e}" in text
    assert printable("a\udcff") == "a\\u{dcff}"


def test_colors_only_add_escapes() -> None:
    source = Source("a.arch", "block a")
    mistake = Diagnostic("N0101", "hm", Span(source, 0, 5), severity=Severity.NOTE, help="so")
    colored = as_text([mistake], color=True)
    for style in ("\033[1m", "\033[1;31m", "\033[1;34m", "\033[36m", "\033[0m"):
        colored = colored.replace(style, "")
    assert colored == as_text([mistake])


def test_data_has_both_ends_of_the_span() -> None:
    source = Source("a.arch", "add(a,\n  b)")
    data = as_data(Diagnostic("E0301", "no", Span(source, 0, 11), found="[3]"))
    place = [data[k] for k in ("file", "line", "column", "end_line", "end_column", "found")]
    assert place == ["a.arch", 1, 1, 2, 5, "[3]"]
