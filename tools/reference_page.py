"""The reference, `archdsl/library/REFERENCE.md`: `python -m tools.reference_page` writes it."""

from __future__ import annotations

from archdsl.manual import page
from archdsl.shipped import LIBRARY

PAGE = LIBRARY / "REFERENCE.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
