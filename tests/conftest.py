"""The same in every run: random cases, the order in which PyTorch adds, and the tree of archdsl.

`--hypothesis-profile=explore` looks for new cases.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

pytest.register_assert_rewrite("tests.helpers")
# The processes that tests start have the archdsl of this tree too, whichever is installed.
os.environ["PYTHONPATH"] = os.pathsep.join(
    dict.fromkeys([str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
)
# The library readline tells the processes of pytest-xdist that there is a terminal, and how wide.
os.environ.pop("COLUMNS", None)

# No case fails because the machine is busy: without a deadline and this check, no time counts.
TIMELESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", TIMELESS)
settings.register_profile("same", TIMELESS, derandomize=True)
settings.load_profile("same")


@pytest.fixture
def one_thread() -> Iterator[None]:
    """PyTorch computes with one thread."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
