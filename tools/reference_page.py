"""The reference and the page for agents: `python -m tools.reference_page` writes both."""

from __future__ import annotations

from archdsl.manual import page
from archdsl.manual.guide import guide
from archdsl.shipped import LIBRARY

PAGE = LIBRARY / "REFERENCE.md"
GUIDE = LIBRARY.parent / "AGENTS.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    GUIDE.write_text(guide(), encoding="utf-8")
