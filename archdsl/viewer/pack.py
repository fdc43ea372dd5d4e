"""One file of a scene and the viewer."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from archdsl.backends.scene import Scene
from archdsl.fonts import FAMILY, outline, text_width
from archdsl.fonts.subset import subset
from archdsl.outline.theme import FAMILIES, THEMES, Theme
from archdsl.viewer.colours import marks

FOLDER = Path(__file__).resolve().parent
SCRIPT = FOLDER / "viewer.min.js"
"""The program: the other files of JavaScript, which `tools.viewer_script` joins and shortens."""
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + "×·…"
"""Letters that are in every page, whatever its texts are."""
FRAME_HEIGHT = 520
"""How high a page is in a notebook, in pixels."""


@dataclass(frozen=True)
class PageCode:
    """The Python file of a network: its name and text, and the classes of blocks.

    `classes` are by where a block is declared: the name of its file, and the offset in that.
    """

    name: str
    text: str
    classes: Mapping[tuple[str, int], Sequence[str]]


def page(scene: Scene, code: PageCode | None = None) -> str:
    """The page of a scene, which needs no other file and no internet."""
    text = shown(scene, code)
    return _written(text, _style({*text, *ALWAYS}), scene.data["name"], _glyphs(scene.data))


def shown(scene: Scene, code: PageCode | None = None) -> str:
    """What a page shows, as JSON: a scene with the colours of its texts, and code."""
    files = [file | {"marks": marks(file)} for file in scene.data["files"]]
    data = scene.data | {"files": files} | ({"code": _code(scene, code)} if code else {})
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def empty_page() -> str:
    """A page with all letters that waits for a scene from the page around it."""
    letters = "".join(map(chr, range(0x20, 0x3000)))
    return _written("null", _style({*letters}), "archdsl", _glyphs({"name": letters}))


def _written(text: str, style: str, title: str, glyphs: str) -> str:
    program = script()
    policy = (
        f"default-src 'none'; script-src '{_hash(program)}'; style-src '{_hash(style)}';"
        " font-src data:; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": policy,
        "title": escape(title),
        "style": style,
        "scene": _in_script(text),
        "glyphs": _in_script(glyphs),
        "script": program,
    }
    return Template(_text("page.html")).substitute(parts)


def _code(scene: Scene, code: PageCode) -> dict[str, Any]:
    """The code, and for every block the line of its class, 0 where there is not just one."""
    file: dict[str, Any] = {"name": code.name, "text": code.text}
    lines = [_class_line(scene, span, code) for _, _, span in scene.data["blocks"]]
    return file | {"marks": marks(file), "lines": lines}


def _class_line(scene: Scene, span: int, code: PageCode) -> int:
    number, line, column, _ = scene.data["spans"][span]
    file = scene.data["files"][number]
    before = file["text"].split("\n")[: line - 1]
    offset = sum([len(each) + 1 for each in before]) + column - 1
    names = code.classes.get((file["name"], offset), ())
    found = re.search(rf"^class {names[0]}\b", code.text, re.MULTILINE) if len(names) == 1 else None
    return code.text.count("\n", 0, found.start()) + 1 if found else 0


def framed(text: str) -> str:
    """A page as a frame within another, from which it can do nothing to that one."""
    return (
        f'<iframe srcdoc="{escape(text)}" sandbox="allow-scripts" loading="lazy"'
        f' style="width:100%;height:{FRAME_HEIGHT}px;border:1px solid #8888"></iframe>'
    )


@cache
def script() -> str:
    """The program of the viewer."""
    _, program = _text(SCRIPT.name).split("\n", 1)
    return program


def _style(letters: set[str]) -> str:
    """The style of a page: a font with some letters, colours, then the rules."""
    faces = "".join([_face(letters, bold) for bold in (False, True)])
    light, dark = _colours(THEMES["light"]), _colours(THEMES["dark"])
    fills = "".join([_fill(name) for name in FAMILIES])
    colours = f":root{{{light}}}:root[data-theme=dark]{{color-scheme:dark;{dark}}}"
    return f"{faces}{colours}\n{_text('look.css')}{fills}\n"


def _fill(family: str) -> str:
    """The colour of boxes of a family, in the figure and in the legend."""
    fill = f"var(--{family})"
    return f".f-{family}>.face{{fill:{fill}}}.legend .f-{family}{{background:{fill}}}"


FIGURE = ("name", "sides", "defs", "shapes", "inputs", "results", "heads")
"""What a figure shows of a scene."""


def _glyphs(data: Mapping[str, Any]) -> str:
    """The widths and outlines of the letters of a figure, regular and bold, for copies of it."""
    shown = [data.get(key, "") for key in FIGURE]
    letters = sorted({*json.dumps(shown, ensure_ascii=False), *"0123456789"})
    tables = [
        {
            letter: [round(text_width(letter, 1, bold), 3), drawn]
            for letter in letters
            if (drawn := outline(letter, bold)) is not None
        }
        for bold in (False, True)
    ]
    return json.dumps(tables, ensure_ascii=False, separators=(",", ":"))


def _face(letters: set[str], bold: bool) -> str:
    data = b64encode(subset(letters, bold)).decode()
    return (
        f'@font-face{{font-family:"{FAMILY}";font-weight:{700 if bold else 400};'
        f'src:url("data:font/ttf;base64,{data}")}}\n'
    )


def _colours(theme: Theme) -> str:
    named = {
        "paper": theme.paper, "ink": theme.ink, "faint": theme.faint, "line": theme.line,
        "skip": theme.skip, "block": theme.block, **theme.fills,
    }  # fmt: skip
    return "".join([f"--{name}:{colour};" for name, colour in named.items()])


def _in_script(text: str) -> str:
    """JSON that ends no element around it, whatever is written in a spec."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return FOLDER.joinpath(name).read_text(encoding="utf-8")
