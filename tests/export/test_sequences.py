"""Networks of sequences: captured with an open length, and run at others than the example's."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
import torch
from torch import Tensor, nn

import archdsl
from archdsl.examples import random_inputs, sized
from archdsl.export import accepted_by, export, inputs_of
from archdsl.export.formats import FORMS, quiet

LENGTHS = (1, 2, 17, 64)
TEXTS = {
    "language": """
network language(vocab=50): [n] < vocab -> [n; 5] =
    add(wte: embedding(8), positions -> wpe: embedding(8, rows=64)) -> layernorm -> linear(5)
""",
    "recurrent": """
network recurrent(vocab=30): [n] < vocab -> [4] =
    embedding(6) -> lstm(5, layers=2, bidirectional=true) -> gru(4, bidirectional=true) -> rnn(4)
    -> take(-1)
""",
    "waves": """
network waves: (words: [n] < 20, kinds: [n] < 2) -> [n; 6] =
    add(@words -> embedding(6), @kinds -> embedding(6), @words -> positions -> sinusoids(6))
""",
}


@pytest.fixture(params=TEXTS)
def network(request: pytest.FixtureRequest) -> tuple[archdsl.Network, nn.Module]:
    torch.manual_seed(0)
    text, name = TEXTS[request.param], request.param
    return archdsl.read(text=text)[name], archdsl.load(text=text, network=name).eval()


def inputs_at(network: archdsl.Network, length: int, batch: int) -> tuple[Tensor, ...]:
    graph = network.graph
    shapes = [sized(graph.shape(port), {"n": length}) for port in graph.inputs.values()]
    return random_inputs(shapes, batch, torch.Generator().manual_seed(length))


def test_a_module_runs_at_every_length(network: tuple[archdsl.Network, nn.Module]) -> None:
    known, module = network
    for length in LENGTHS:
        at = known.at(n=length)
        result = module(*inputs_at(known, length, 3))
        assert tuple(result.shape) == (3, *at.output)


@pytest.mark.parametrize("form", FORMS)
def test_an_export_runs_at_other_lengths(
    network: tuple[archdsl.Network, nn.Module], form: str
) -> None:
    known, module = network
    exported, refused = export(module, known.name, inputs_of(known.graph, form), form)
    assert not refused
    assert exported is not None
    if form == "onnx":
        check_open(exported.content, [*known.graph.inputs])
    _, read = FORMS[form]
    with quiet():
        call = read(exported.content)
    least = accepted_by(known.graph, form).least["n"]
    for length in [each for each in LENGTHS if each >= least]:
        inputs = inputs_at(known, length, 3)
        with quiet():
            (found,) = call(inputs)
        torch.testing.assert_close(found, module(*inputs), rtol=1e-4, atol=1e-5)


def check_open(content: bytes, inputs: Sequence[str]) -> None:
    """An ONNX file says how long its inputs are, and that they are whole numbers."""
    import onnx

    graph = onnx.load(BytesIO(content)).graph
    for each in graph.input:
        kind = each.type.tensor_type
        assert kind.elem_type == onnx.TensorProto.INT64
        assert [size.dim_param for size in kind.shape.dim] == ["batch", "n"]
    assert [each.name for each in graph.input] == [*inputs]
