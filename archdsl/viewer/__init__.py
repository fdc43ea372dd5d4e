"""Pages to look into networks: a scene, and the programs that show it, in one file of HTML.

    tree.js    the boxes of a scene, as far as they are open
    wires.js   which tensors go straight, and the lanes of all others
    layout.js  where the boxes are; route.js: lines between them (all this without a browser)
    draw.js    SVG of a layout; copy.js: the same with letters as outlines
    hands.js   what people do; panes.js: what is shown around the figure; start.js

The files are joined as they are. The page loads nothing and runs nothing but them.
"""

from __future__ import annotations

from archdsl.viewer.pack import PageCode, empty_page, framed, page, script, shown

__all__ = ["PageCode", "empty_page", "framed", "page", "script", "shown"]
