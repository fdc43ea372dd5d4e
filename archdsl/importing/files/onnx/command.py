"""The steps from an ONNX file to a flat list of functions, and what runs it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archdsl.importing.files.flat import Flat, without_unread
from archdsl.importing.files.onnx import arithmetic, layers, patterns, singles, tensors
from archdsl.importing.files.onnx.graph import graph_of
from archdsl.importing.files.onnx.inputs import example, other_batch
from archdsl.importing.files.onnx.reading import model_of
from archdsl.importing.files.onnx.session import Session
from archdsl.importing.files.onnx.sizes import sizes_of
from archdsl.importing.files.onnx.translation import Translation
from archdsl.importing.files.proof import Original


def read_onnx(path: Path, shapes: Sequence[str]) -> tuple[Flat, Original]:
    """The network of an ONNX file; raises `Refusal`. `shapes` are the sizes of its inputs."""
    model = model_of(path)
    graph = graph_of(model)
    inputs = example(graph, shapes)
    rules = {**layers.RULES, **singles.RULES, **tensors.RULES, **arithmetic.RULES}
    patterns.with_sizes(graph, sizes_of(graph, inputs, rules))
    patterns.fold(graph)
    patterns.joined(graph)
    translation = Translation(graph, inputs)
    flat = translation.run(rules)
    without_unread(flat)
    parts = {key: translation.parts[key] for key in flat.weights}
    session = Session(model, [*inputs], parts)
    batches = [inputs, other_batch(inputs, graph)]
    tried = [[*each.values()] for each in batches if each is not None]
    return flat, Original(flat.weights, tried, session.results, False, translation.leaders())
