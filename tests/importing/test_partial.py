"""With `--partial` a module that cannot be imported is left to its class."""

from __future__ import annotations

import pytest
import torch
from click.testing import CliRunner

from archdsl.cli import main
from archdsl.importing import import_model
from archdsl.importing.refusal import Refusal
from tests.helpers import small_models

TARGET = "tests.helpers.small_models:Mixed"
ARGUMENTS = ("import", TARGET, "--input", "3,8,8", "-o", "-")


def test_a_module_without_ops_is_an_extern():
    result = CliRunner().invoke(main, [*ARGUMENTS, "--partial"])
    assert result.exit_code == 0, result.output
    assert (
        '"tests.helpers.small_models.Ordered"(width=4, descending=true), weights=20'
        in result.output
    )
    assert "repeat(2, add(identity, ordered))" in result.output


def test_without_it_the_module_is_refused():
    result = CliRunner().invoke(main, [*ARGUMENTS])
    assert result.exit_code == 2
    assert "`blocks.0` (`Ordered`) calls `sort`" in result.output


def test_arguments_that_nobody_knows_are_no_extern():
    with pytest.raises(Refusal) as caught:
        import_model(small_models.Mixed(), [torch.rand(2, 3, 8, 8)], is_partial=True)
    assert "how it was made is not known" in caught.value.help
