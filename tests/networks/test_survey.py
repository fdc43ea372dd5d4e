"""The page of all networks says what the specs give now."""

from tools.survey import PAGE, page


def test_the_page_is_what_the_specs_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
