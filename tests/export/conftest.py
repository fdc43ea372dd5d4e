"""What all exports of a process can share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

import pytest
from torch.onnx._internal.exporter._registration import ONNXRegistry


@pytest.fixture(scope="package", autouse=True)
def _one_registry() -> Iterator[None]:
    """PyTorch makes its table of ONNX functions anew for each export: half of what they take."""
    once = staticmethod(cache(ONNXRegistry.from_torchlib))
    with patch.object(ONNXRegistry, "from_torchlib", once):
        yield
