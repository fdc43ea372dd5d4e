"""One form for all specs: `archdsl fmt`, and formatting in editors."""

from archdsl.formatting.format import LINE_LENGTH, formatted

__all__ = ["LINE_LENGTH", "formatted"]
