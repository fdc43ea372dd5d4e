"""The program of pages is made of the files beside it, as they are now."""

from __future__ import annotations

from archdsl.viewer.pack import FOLDER, SCRIPT
from tools.viewer_script import SCRIPTS, heading


def test_the_program_of_pages_is_up_to_date() -> None:
    """`python -m tools.viewer_script` writes it anew."""
    assert SCRIPT.read_text(encoding="utf-8").startswith(heading())
    assert {f"{name}.js" for name in SCRIPTS} == {
        each.name for each in FOLDER.glob("*.js") if each != SCRIPT
    }
