"""The same in every run: random cases, the order in which PyTorch adds, and the tree of archdsl.

`--hypothesis-profile=explore` looks for new cases.
"""

from __future__ import annotations

import gc
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
OF_SURROUNDINGS = """
    COLUMNS LINES FORCE_COLOR NO_COLOR TTY_COMPATIBLE TTY_INTERACTIVE PYTHONIOENCODING
    RANK WORLD_SIZE LOCAL_RANK LOCAL_WORLD_SIZE
""".split()
"""Of the terminal and the launcher around the tests. The library readline sets some of them itself
in the processes of pytest-xdist.
"""
for variable in OF_SURROUNDINGS:
    os.environ.pop(variable, None)

# Ten thousand tests, PyTorch and the graphs of all networks stay until the end. By default, the
# collector looks at them so often that it takes a fifth of the time.
gc.set_threshold(50_000, 20, 10)

# No case fails because the machine is busy: without a deadline and this check, no time counts.
TIMELESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", TIMELESS)
settings.register_profile("same", TIMELESS, derandomize=True)
settings.load_profile("same")


def pytest_sessionfinish() -> None:
    """Look for what nobody closed once; pytest would look at all networks five times."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def one_thread() -> Iterator[None]:
    """PyTorch computes with one thread."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
