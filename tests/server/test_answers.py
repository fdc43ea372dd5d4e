"""What the server answers is right: fixes fix, renames keep networks, figures are the summary's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from lsprotocol.types import CodeActionKind, Position, Range, TextEdit, WorkspaceEdit
from pygls.uris import to_fs_path

import archdsl
from archdsl.backends import table
from archdsl.formatting import formatted
from archdsl.server import changing, names, reading, refactoring
from archdsl.server.documents import Document, Documents
from archdsl.server.positions import Positions
from archdsl.source import Source, Span
from tests.helpers.paths import ROOT, SPECS

ERRORS = sorted((ROOT / "tests/errors").rglob("*.arch"))
RENAMED = [
    """\
let widths = [4, 8]
let wide(n) = n * 2
block unit(width, stride=1): [c, _, _] -> [width, _, _] =
    add(first: conv(width, 3, stride) -> relu, @first -> bn, shortcut: conv(width, 1, stride))
network small(n=2): [3, h, w] = stem: conv(wide(n), 3)
    -> layers: chain(unit(width, 1) for width in widths) -> last: unit(width=wide(n))
""",
    """\
block two: (one: [c, ...], other: [c, ...]) = add(@one, @other -> tail: relu)
network n: (one: [3, 8, 8], other: [3, 8, 8]) = two(@one, @other) -> out: conv(2, 1)
""",
]
ENCODINGS = ["utf-8", "utf-16", "utf-32"]


def opened(path: Path, encoding: str = "utf-16") -> tuple[Documents, Document]:
    documents = Documents(Positions(encoding))
    documents.put(path.as_uri(), path.read_bytes().decode(errors="replace"))
    document = documents.get(path.as_uri())
    assert document is not None
    return documents, document


def applied(document: Document, edits: list[TextEdit]) -> str:
    text = document.source.text
    places = [(document.offset(e.range.start), document.offset(e.range.end), e) for e in edits]
    for start, end, edit in sorted(places, key=lambda place: -place[0]):
        text = text[:start] + edit.new_text + text[end:]
    return text


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_every_fix_removes_its_mistake(path: Path) -> None:
    encoding = ENCODINGS[len(path.name) % 3]
    documents, document = opened(path, encoding)
    for diagnostic in changing.diagnostics(document):
        for action in changing.actions(document, diagnostic.range):
            assert action.kind == CodeActionKind.QuickFix
            assert action.diagnostics
            assert action.edit
            assert action.edit.changes
            (solved,) = action.diagnostics
            ((uri, edits),) = action.edit.changes.items()
            changed = documents.get(uri) or opened(Path(to_fs_path(uri) or ""), encoding)[1]
            texts = {document.uri: document.source.text, uri: applied(changed, [*edits])}
            after = documents.with_texts(texts)[document.uri]
            before = [_said(each) for each in changing.diagnostics(document)]
            now = [_said(each) for each in changing.diagnostics(after)]
            assert now.count(_said(solved)) < before.count(_said(solved)), action.title


def _said(diagnostic: object) -> tuple[object, str]:
    """A mistake wherever it is; how often it is made is no part of it."""
    message = re.sub(r" \(and \d+ more like it\)", "", diagnostic.message)  # type: ignore[attr-defined]
    return diagnostic.code, message  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", RENAMED)
def test_every_rename_keeps_the_networks(text: str, tmp_path: Path) -> None:
    path = tmp_path / "net.arch"
    path.write_text(text)
    documents, document = opened(path)
    before = _layers(document)
    renamed = 0
    for definition in document.analysis.definitions:
        if "{" in definition.span.text:
            continue
        try:
            edit = names.renamed(documents, document, definition.span.start, "entirely_new")
        except names.Refused:
            continue
        for uri, edits in _edits(edit):
            if uri == document.uri:
                after = documents.changed(document, applied(document, edits))
                is_name_shown = definition.kind in ("network", "size")
                assert _layers(after) == before or is_name_shown
                renamed += 1
    assert renamed


def _layers(document: Document) -> dict[str, list[object]]:
    return {
        name: [(node.op, node.inputs, node.shape) for node in graph]
        for name, graph in document.analysis.graphs.items()
    }


def _edits(edit: WorkspaceEdit) -> Iterator[tuple[str, list[TextEdit]]]:
    yield from (edit.changes or {}).items()
    for each in edit.document_changes or ():
        yield each.text_document.uri, [*each.edits]  # type: ignore[union-attr]


def _whole(document: Document) -> Range:
    return document.range(Span(document.source, 0, len(document.source.text)))


@pytest.mark.parametrize("name", ["alexnet", "mobilenet_v2"])
def test_hints_and_hovers_are_those_of_the_summary(name: str) -> None:
    path = SPECS / f"{name}.arch"
    _, document = opened(path)
    networks = archdsl.read(path)
    layers = [each for network in networks.values() for each in network.layers]
    shapes = {str(each.output_type) for each in layers}
    for hint in reading.hints(document, _whole(document)):
        assert {*str(hint.label).split(" | ")} - {f"… {n} more …" for n in range(99)} <= shapes
    graphs = [network.graph for network in networks.values()]
    columns = ["output", "params", "macs", "field"]
    summaries = [table.as_data(table.summarize(each, 99, columns, 1)) for each in graphs]
    rows = [row for summary in summaries for row in summary["layers"]]
    told = {
        f"`{', '.join(map(str, each.input_types))}` to `{each.output_type}`: "
        f"{each.params:,} parameters, {each.macs:,} multiply-adds, "
        f"receptive field {row['field']['size']}"
        for each, row in zip(layers, rows, strict=True)
    }
    seen = 0
    for hint in document.analysis.hints:
        hover = reading.hover(document, hint.span.start)
        assert hover is not None
        for row in re.findall(r"`\[.*` to `.*", hover.contents.value):  # type: ignore[union-attr]
            assert row.rstrip() in told
            seen += 1
    assert seen > 5


def test_lenses_are_totals_of_the_summary() -> None:
    _, document = opened(SPECS / "resnet.arch")
    found = {each.command.title for each in reading.lenses(document) if each.command}
    for network in archdsl.read(SPECS / "resnet.arch").values():
        macs = f"{network.macs:,}"
        title = f"{network.params:,} parameters, {macs} multiply-adds, depth {network.depth}"
        assert title in found


UNUSED = """\
block inner(w) = let w2 = w * 2 in conv(w2, 3)

block outer(w2) = inner(w2) -> relu
"""


def test_inlining_where_no_network_looks_is_not_offered(tmp_path: Path) -> None:
    """Nothing would show that the name of the block's own value is not that of the argument."""
    path = tmp_path / "net.arch"
    path.write_text(UNUSED)
    documents, document = opened(path)
    at = UNUSED.index("inner(w2)") + 2
    place = document.range(Span(document.source, at, at))
    assert [*refactoring.rearrangements(documents, document, place)] == []


def test_a_mistake_in_an_import_is_shown_where_the_text_leads_there(tmp_path: Path) -> None:
    """Also if the other text is right by itself, where an editor would show nothing."""
    (tmp_path / "inner.arch").write_text("block head = linear(10)\n")
    (tmp_path / "blocks.arch").write_text("from inner import head\nblock tail = head\n")
    main = "from blocks import tail\nnetwork n: [3, 8, 8] = relu -> tail\n"
    (tmp_path / "net.arch").write_text(main)
    documents, document = opened(tmp_path / "net.arch")
    (found,) = changing.diagnostics(document)
    assert (found.code, main[document.offset(found.range.start) :]) == ("E0312", "tail\n")
    assert found.message.startswith("in inner.arch:1:14: `linear` works on features")
    assert found.related_information
    assert found.related_information[0].location.uri == (tmp_path / "inner.arch").as_uri()
    (tmp_path / "inner.arch").write_text("block head = reluu\nblock two = (\n")
    documents.files_changed()
    (found,) = changing.diagnostics(documents.get(document.uri) or document)
    assert (found.range.start.line, found.range.start.character) == (0, 5)
    assert found.message.endswith("and 1 more")


LABELLED = """\
block tail(out) = "a.0": conv(out, 3) -> relu
block pair: [c, ...] -> (fine: [c, ...], coarse: [c, ...]) =
    fine: relu -> coarse: relu -> (@fine, @coarse)
"""


def test_a_rename_is_tried_in_texts_that_are_closed(tmp_path: Path) -> None:
    """They may have the networks whose keys change, or which break; imports lie in folders too."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/blocks.arch").write_text(LABELLED)
    uses = "from sub.blocks import tail\nnetwork n: [3, 8, 8] = tail(4)\n"
    (tmp_path / "net.arch").write_text(uses)
    documents, document = opened(tmp_path / "net.arch")
    edit = names.renamed(documents, document, uses.index("tail"), "end")
    counts = {Path(uri).name: len(edits) for uri, edits in _edits(edit)}
    assert counts == {"net.arch": 2, "blocks.arch": 1}

    (tmp_path / "net.arch").rename(tmp_path / "sub/net.arch")
    uses = "from blocks import tail, pair\n"
    uses += "network n: [3, 8, 8] = tail(4) -> both: pair -> add(@both.fine, @both.coarse)\n"
    (tmp_path / "sub/net.arch").write_text(uses)
    documents, document = opened(tmp_path / "sub/blocks.arch")
    place = LABELLED.index("a.0")
    assert names.renamable(document, place).text == "a.0"
    edit = names.renamed(documents, document, place, "b.1")
    assert edit.change_annotations
    assert edit.change_annotations["keys"].description == "tail.a.0 becomes tail.b.1"
    ((_, edits),) = _edits(edit)
    assert '"b.1": conv' in applied(document, edits)
    with pytest.raises(names.Refused, match="`pair` does not give the results"):
        names.renamed(documents, document, LABELLED.index("fine: relu"), "other")
    found = names.references(documents, document, LABELLED.index("tail"))
    assert [Path(each.uri).name for each in found] == ["blocks.arch", "net.arch", "net.arch"]

    (item,) = refactoring.callable_at(document, LABELLED.index("tail"))
    (call,) = refactoring.incoming(documents, item)
    assert (call.from_.name, len(call.from_ranges)) == ("n", 1)
    (tmp_path / "sub/net.arch").write_text("from blocks import tail\nlet end = tail\n")
    (call,) = refactoring.incoming(documents, item)
    assert call.from_.name == "end"
    assert [each.to.name for each in refactoring.outgoing(documents, call.from_)] == ["tail"]


VALUES = """\
let base = [4, 2 * 8]
let scaled(x) = x * 2
block unit(n, norm=bn): [c, h, w] = let wide = n * 2 in conv(wide, 3) -> norm -> maxpool(2)
block twice(k) = (let k = 3 in conv(k, k)) -> conv(k, 1)
network net(first=8): [3, 16, 16] =
    unit(first) -> unit(base[1]) -> unit(first) -> twice(5) -> conv(scaled(base[0]), 1)
"""


def test_hover_shows_the_values_of_names(tmp_path: Path) -> None:
    path = tmp_path / "net.arch"
    path.write_text(VALUES)
    _, document = opened(path)
    shown = {}
    for each in document.analysis.definitions:
        hover = reading.hover(document, each.span.start)
        assert hover is not None
        text = hover.contents.value  # type: ignore[union-attr]
        if found := re.search("^is `(.*)`$", text, re.MULTILINE):
            shown[each.name] = found[1]
    # What a block binds twice has values that depend on the place.
    expected = {"base": "[4, 16]", "n": "8 | 16", "wide": "16 | 32", "h": "16 | 8 | 4"}
    assert shown == {**expected, "w": "16 | 8 | 4", "first": "8"}


SCATTERED = """\
block one(
out) = conv(out,
 1)
network a: [3,
 8, 8] = one(1)
# Another one.
network b: [3, 8,
 8] = one(2) let c = [1,
 2]
"""


def test_formatting_a_part_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "net.arch"
    path.write_text(SCATTERED)
    _, document = opened(path)
    expected = applied(document, changing.formatting(document))
    last = SCATTERED.count("\n")
    for first, behind in combinations(range(0, last + 1, 2), 2):
        place = Range(Position(first, 0), Position(behind - 1, 1))
        text = applied(document, changing.formatting(document, place))
        assert formatted(Source("net.arch", text))[0] == expected
    (edit,) = changing.formatting(document, Range(Position(4, 0), Position(4, 1)))
    assert edit.new_text == "network a: [3, 8, 8] = one(1)\n# Another one.\n"
