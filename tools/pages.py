"""All shipped networks as pages to look into: `python -m tools.pages FOLDER` writes them.

`index.html` lists them beside the one that is looked at. The pages are not part of the repository.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from archdsl.network import Network
from archdsl.outline.labels import number_text
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs

STYLE = """
:root{color-scheme:light dark}
html,body{height:100%;margin:0}
body{display:grid;grid-template-columns:16rem 1fr;font:13px/1.5 system-ui,sans-serif}
nav{overflow:auto;padding:8px 12px;border-right:1px solid #8886}
h1{font-size:16px;margin:4px 0}h2{font-size:12px;margin:10px 0 2px;opacity:.7;font-weight:600}
a{display:flex;justify-content:space-between;gap:8px;color:LinkText;text-decoration:none}
small{opacity:.7;white-space:nowrap}
iframe{width:100%;height:100%;border:0}
"""


def index(files: dict[str, list[tuple[str, str]]]) -> str:
    """The page that lists all others, by file."""
    first = next(iter(files.values()))[0][0]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>archdsl</title>'
        f"<style>{STYLE}</style></head><body><nav><h1>Networks</h1>{''.join(_links(files))}</nav>"
        f'<iframe name="figure" title="the network" src="{escape(first)}.html"></iframe>'
        "</body></html>\n"
    )


def _links(files: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    for file, networks in files.items():
        yield f"<h2>{escape(file)}</h2>"
        for name, figure in networks:
            yield (
                f'<a target="figure" href="{escape(name)}.html">{escape(name)}'
                f"<small>{escape(figure)}</small></a>"
            )


def write(folder: Path) -> int:
    """Write all pages; the number of networks."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[tuple[str, str]]] = {}
    for file in sorted(SPECS.glob("*.arch")):
        for name, graph in graphs(file).items():
            network = Network(name, graph)
            (folder / f"{name}.html").write_text(network.page(), encoding="utf-8")
            files.setdefault(file.name, []).append((name, number_text(network.params)))
    (folder / "index.html").write_text(index(files), encoding="utf-8")
    return sum(map(len, files.values()))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tools.pages FOLDER")
    print(f"wrote {write(Path(sys.argv[1]))} pages")
