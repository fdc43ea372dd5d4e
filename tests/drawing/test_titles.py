"""What an SVG says beside what it shows."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from archdsl.drawing import render

SVG = "{http://www.w3.org/2000/svg}"
GRAPH = """digraph "net (net.arch)" { tooltip="From in to out.";
  subgraph cluster_0 { tooltip="a frame"; internal_a [tooltip="conv1&#10;3 < 4 & 5"]; }
  subgraph cluster_1 { tooltip=""; internal_b }
  internal_a -> internal_b [tooltip="[3, 8]", label=<[3, 8]>]; internal_b -> internal_b }
"""


def drawn(graph: str) -> ElementTree.Element:
    picture, diagnostics = render(graph, "svg")
    assert not diagnostics
    return ElementTree.fromstring(picture)


def parts(root: ElementTree.Element) -> list[tuple[str, list[str]]]:
    """The parts of a picture and the titles right within each."""
    groups = [group for group in root.iter(f"{SVG}g") if group.get("class")]
    return [
        (str(group.get("class")), [str(title.text) for title in group.findall(f"{SVG}title")])
        for group in groups
    ]


def test_every_part_says_its_tooltip_and_no_name_of_graphviz() -> None:
    root = drawn(GRAPH)
    assert sorted(parts(root)) == [
        ("cluster", []),
        ("cluster", ["a frame"]),
        ("edge", []),
        ("edge", ["[3, 8]"]),
        ("graph", []),
        ("node", []),
        ("node", ["conv1\n3 < 4 & 5"]),
    ]
    assert root.findall(f".//{SVG}a") == []
    ids = {str(each.get("id")) for each in root.iter() if each.get("id")}
    assert not [name for name in ids if name.startswith(("a_", "node", "edge", "clust", "graph"))]


def test_a_title_comes_first_as_svg_wants() -> None:
    for group in drawn(GRAPH).iter(f"{SVG}g"):
        assert f"{SVG}title" not in [child.tag for child in group][1:]


def test_the_whole_is_an_image_with_a_name_and_a_description() -> None:
    root = drawn(GRAPH)
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert (title.tag, title.text) == (f"{SVG}title", "net (net.arch)")
    assert (description.tag, description.text) == (f"{SVG}desc", "From in to out.")
    assert root.get("aria-labelledby") == title.get("id")
    assert root.get("aria-describedby") == description.get("id")


def test_two_pictures_in_a_page_have_names_of_their_own() -> None:
    names = {drawn(GRAPH.replace("From", word)).get("aria-labelledby") for word in ("A", "B", "B")}
    assert len(names) == 2


def test_a_line_is_wide_enough_to_be_pointed_at() -> None:
    root = drawn('digraph { a -> b [tooltip="[3, 8]"] }')
    (edge,) = [group for group in root.iter(f"{SVG}g") if group.get("class") == "edge"]
    wide, line = edge.findall(f"{SVG}path")
    assert wide.get("d") == line.get("d")
    assert (wide.get("stroke"), wide.get("fill")) == ("none", "none")
    assert (wide.get("pointer-events"), wide.get("stroke-width")) == ("stroke", "4")


def test_a_link_of_an_author_stays() -> None:
    root = drawn('digraph { a [href="x.html", tooltip="there"] }')
    (link,) = root.iter(f"{SVG}a")
    assert link.get("{http://www.w3.org/1999/xlink}href") == "x.html"
