"""The program of pages to look into, without spaces and with short names.

`python -m tools.viewer_script` makes `archdsl/viewer/viewer.min.js` of the files beside it with
terser, which `npm ci --prefix tests/viewer` installs. Its first line is the hash of what it is made
of, so a test sees without Node whether it is up to date.
"""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

from archdsl.viewer.pack import FOLDER, SCRIPT
from tests.helpers.paths import ROOT

SCRIPTS = (
    "tree", "wires", "layout", "brackets", "route", "draw", "camera", "hands", "panes", "paper",
    "copy", "start",
)  # fmt: skip
"""The files of the viewer, in the order in which they are joined."""
TERSER = ROOT / "tests" / "viewer" / "node_modules" / "terser" / "bin" / "terser"
PROPERTIES = (
    "address", "aside", "before", "bh", "bits", "bw", "chain", "contentX", "contentY", "elements",
    "els", "endX", "enter", "exit", "floor", "fork", "fromPort", "isAsked", "isDirect", "isFed",
    "isFromBottom", "isFromTop", "isGathered", "isOpen", "isPassed", "isSkip", "isStraight",
    "isTaken", "isTop", "isTraining", "isTurned", "isUnfit", "isWired", "joinY", "kids",
    "labelWidth", "lane", "lanes", "laneX", "link", "links", "others", "over", "pairs", "passes",
    "points", "portsIn", "portsOut", "rowsIn", "rowsOut", "skips", "skipX", "toPort", "turn",
    "wires",
)  # fmt: skip
"""Properties of boxes and lines, which nothing but this program knows: they get short names."""
OPTIONS = (
    "--ecma", "2022", "-c", "passes=3,unsafe_arrows,unsafe_math,pure_getters", "-m",
    "--mangle-props", f"regex=/^({'|'.join(PROPERTIES)})$/",
)  # fmt: skip


def source(folder: Path = FOLDER) -> str:
    """All files as one program."""
    joined = "\n".join([(folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS])
    return f'"use strict";(() => {{\n{joined}\n}})();\n'


def heading() -> str:
    """The first line of the program: what it is made of."""
    return f"// {sha256(source().encode()).hexdigest()}\n"


def minified() -> str:
    """The program as pages have it."""
    command = ["node", str(TERSER), *OPTIONS]
    done = subprocess.run(command, input=source(), capture_output=True, text=True, check=True)  # noqa: S603 (our own script)
    return heading() + done.stdout


if __name__ == "__main__":
    SCRIPT.write_text(minified(), encoding="utf-8")
