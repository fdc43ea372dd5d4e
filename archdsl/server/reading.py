"""What is shown of a text: hints, lenses, hover and signatures."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from archdsl.analysis.layer_costs import Costs
from archdsl.analysis.receptive_field import Field, fields
from archdsl.editor.calls import Call, keyword_at, parameters_of, typed, word_at
from archdsl.editor.definitions import LANGUAGE, Definition
from archdsl.editor.hints import by_line
from archdsl.figures import number_in_words
from archdsl.graph import Graph, Node
from archdsl.manual import Entry, entries, notation_of
from archdsl.ops.base import shape_text
from archdsl.server.documents import Document

MOST_SHOWN = 4
"""Maximum number of shapes, and of applications, that a hover shows."""
MOST_VALUES = 8


def hints(document: Document, place: types.Range) -> list[types.InlayHint]:
    """The shape behind the last layer of every line."""
    return [
        types.InlayHint(
            document.positions.position(document.source, hint.span.end),
            hint.text,
            padding_left=True,
        )
        for line, hint in by_line(document.analysis.hints).items()
        if place.start.line <= line <= place.end.line
    ]


def lenses(document: Document) -> list[types.CodeLens]:
    """Parameters, multiply-adds and depth above every network.

    One with a mistake has a lens too, so that its lines stay where they are while it is edited.
    """
    shown = [each for each in document.analysis.definitions if each.kind == "network"]
    return [
        types.CodeLens(document.range(each.span), types.Command(_lens(document, each.name), ""))
        for each in shown
    ]


def _lens(document: Document, name: str) -> str:
    network = document.analysis.networks.get(name)
    if network is None:
        return "has mistakes"
    macs = number_in_words(network.macs)
    return f"{network.params:,} parameters, {macs} multiply-adds, depth {network.depth}"


def hover(document: Document, offset: int) -> types.Hover | None:
    """What the name at an offset is, and the shapes there."""
    definition = document.named(offset)
    word = word_at(document.source, offset)
    if definition is not None and definition.span.source is not LANGUAGE.source:
        parts = [*_declared(definition), *_values(document, definition)]
    elif (call := keyword_at(document.source, offset)) is not None:
        parts = [*_argument(document, call, offset)]
    else:
        parts = [*_of_language(word)]
    parts += _here(document, offset)
    if not parts:
        return None
    text = "\n\n".join(parts)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))


def _code(text: str) -> str:
    return f"```arch\n{text}\n```"


def _declared(definition: Definition) -> Iterator[str]:
    """A declaration without its body; of a value all of it, in its first line."""
    text = definition.whole.text
    if definition.kind in ("block", "network"):
        head, equals, _ = text.partition(" =\n") if " =\n" in text else text.partition(" = ")
        text = head if equals else text
    yield _code(text.split("\n")[0] if definition.kind in ("value", "label") else text)
    yield f"{definition.kind} `{definition.name}`"
    if definition.doc:
        yield definition.doc


def _values(document: Document, definition: Definition) -> Iterator[str]:
    """What a name stands for in numbers, in all applications of its block."""
    values = document.analysis.values(definition)
    more = [f"… {len(values) - MOST_VALUES} more …"] if len(values) > MOST_VALUES else []
    if values:
        yield f"is `{' | '.join([*values[:MOST_VALUES], *more])}`"


def _of_language(word: str) -> Iterator[str]:
    """What the language says of a word or sign of its own."""
    entry, notation = entries().get(word), notation_of(word)
    if entry is not None:
        yield from _described(entry)
    elif notation is not None:
        yield _code(notation.form)
        yield notation.about


def _argument(document: Document, call: Call, offset: int) -> Iterator[str]:
    """What an argument means that is given by its name."""
    for text, about in parameters_of(document.analysis, call.name, offset):
        if text.split("=")[0].strip() == call.keyword:
            yield _code(text)
            yield f"parameter of `{call.name}`"
            if about:
                yield about


def _described(entry: Entry) -> Iterator[str]:
    yield _code(entry.signature)
    yield entry.about
    if entry.examples:
        yield _code("\n".join(entry.examples))


def _here(document: Document, offset: int) -> list[str]:
    """The shapes that go into the innermost layer at an offset and come out, and its costs."""
    around = [h for h in document.analysis.hints if h.span.start <= offset <= h.span.end]
    if not around:
        return []
    hint = min(around, key=lambda h: h.span.end - h.span.start)
    rows: dict[str, None] = {}
    for name, numbers in document.analysis.nodes(hint).items():
        graph = document.analysis.graphs[name]
        costs = Costs(graph)
        seen = fields(costs)
        for node in [graph[number] for number in numbers]:
            if node.op is not None and node.span == hint.span:
                rows[_row(graph, node, costs, seen.get(node.id))] = None
    shown = [*rows][:MOST_SHOWN]
    more = [f"and {len(rows) - MOST_SHOWN} more"] if len(rows) > MOST_SHOWN else []
    return ["  \n".join([*shown, *more])] if rows else [f"gives `{hint.text}`"]


def _row(graph: Graph, node: Node, costs: Costs, field: Field | None) -> str:
    shapes, cost = ", ".join(map(shape_text, graph.input_shapes(node))), costs.of(node)
    figures = f"{cost.params:,} parameters, {number_in_words(cost.macs)} multiply-adds"
    if field is not None and field.size:
        figures += f", receptive field [{', '.join(map(str, field.size))}]"
    return f"`{shapes}` to `{shape_text(node.shape)}`: {figures}"


def signature(document: Document, offset: int) -> types.SignatureHelp | None:
    """The parameters of the call that is typed, and which of them is next."""
    call = typed(document.source, offset).call
    parameters = parameters_of(document.analysis, call.name, offset) if call else []
    if call is None or not parameters:
        return None
    texts = [text for text, _ in parameters]
    names = [text.split("=")[0].strip() for text in texts]
    active = names.index(call.keyword) if call.keyword in names else call.index
    shown = [
        types.ParameterInformation(text, types.MarkupContent(types.MarkupKind.PlainText, about))
        for text, about in parameters
    ]
    label = f"{call.name}({', '.join(texts)})"
    information = types.SignatureInformation(label, parameters=shown)
    return types.SignatureHelp([information], 0, min(active, len(texts) - 1))
