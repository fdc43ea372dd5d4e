"""Pages to look into networks: a scene, and the programs that show it, in one file of HTML.

    tree.js      the boxes of a scene, as far as they are open
    wires.js     which tensors go straight, and the lanes of all others
    layout.js    where the boxes are; brackets.js: those of a U; route.js: lines between them
                 (all this without a browser)
    draw.js      SVG of a layout; copy.js: the same with letters as outlines
    hands.js     what people do; camera.js: what is seen; paper.js: print
    panes.js     what is shown around the figure; start.js

`python -m tools.viewer_script` joins the files and shortens their names: `viewer.min.js` is what a
page has. It loads nothing, and runs nothing but that.

A page in a frame takes another scene by a message from the page around it: `{scene}` keeps what is
open and selected, told by paths; `{scene, isOther: true}` shows another network from the beginning.
"""

from __future__ import annotations

from archdsl.viewer.pack import PageCode, empty_page, framed, page, script, shown

__all__ = ["PageCode", "empty_page", "framed", "page", "script", "shown"]
