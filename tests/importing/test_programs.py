"""Exported programs as specs: the text is that of the model which they were made of."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archdsl.importing import import_model
from archdsl.importing.files import import_file
from archdsl.importing.refusal import Refusal
from tests.helpers import small_models


def program(model: nn.Module, path, **options):
    given = (torch.rand(2, 3, 8, 8),)
    torch.export.save(torch.export.export(model, given, **options), path)
    return path


@pytest.mark.parametrize("name", ["Optional", "Several", "Pyramid", "Shared", "Tokens"])
def test_a_program_reads_as_its_model(name, tmp_path):
    model = getattr(small_models, name)().eval()
    imported = import_file(program(model, tmp_path / f"{name}.pt2"))
    expected = import_model(model, [torch.rand(2, 3, 8, 8)]).text
    assert imported.text.partition("\n\n")[2] == expected.partition("\n\n")[2]
    assert imported.proof.difference <= 1e-9


def test_a_container_without_weights_is_written_where_it_stands(tmp_path):
    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.side = nn.Conv2d(3, 4, 1), nn.Sequential(nn.MaxPool2d(2), nn.ReLU())

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.side(self.conv(x))

    text = import_file(program(Pooled().eval(), tmp_path / "net.pt2")).text
    assert "= conv: conv(4, 1) -> maxpool(2) -> relu" in text


def test_a_batch_may_be_open(tmp_path):
    shapes = ({0: torch.export.Dim("batch")},)
    path = program(small_models.Nested().eval(), tmp_path / "net.pt2", dynamic_shapes=shapes)
    assert "network net: [3, 8, 8]" in import_file(path).text


def test_weights_that_nothing_reads_are_left_out_and_named(tmp_path):
    text = import_file(program(small_models.Unused().eval(), tmp_path / "net.pt2")).text
    assert "weights that the file does not use, 2 such as `spare.weight`, `spare.bias`" in text


def test_a_program_in_training_is_refused(tmp_path):
    path = program(small_models.Nested().train(), tmp_path / "net.pt2")
    with pytest.raises(Refusal) as caught:
        import_file(path)
    assert caught.value.code == "E0988"
    assert "model.eval()" in caught.value.help


def test_a_function_without_an_op_is_named(tmp_path):
    with pytest.raises(Refusal, match=r"node `sort` \(`sort`\)"):
        import_file(program(small_models.Sorting().eval(), tmp_path / "net.pt2"))


def test_another_file_is_refused(tmp_path):
    (tmp_path / "net.pt2").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(Refusal) as caught:
        import_file(tmp_path / "net.pt2")
    assert caught.value.code == "E0991"
