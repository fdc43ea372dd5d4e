"""A process of several that train together: it runs the command for one job after the other.

`torchrun` would do the same, but start Python, and PyTorch, once more for every job. Jobs are a
JSON list of arguments, the step at which a job is interrupted, if it is, and a port.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from typing import Any

from archdsl.cli import main
from archdsl.training import loop


class Interrupted(Exception):
    """Stands for what ends a run in the middle."""


def run(arguments: list[str], step: int | None) -> None:
    learn, count = loop.learn, 0

    def counted(*given: Any) -> Any:
        nonlocal count
        count += 1
        if count == step:
            raise Interrupted
        return learn(*given)

    loop.learn = counted
    try:
        main(["train", *arguments], standalone_mode=False)
    except Interrupted:
        import torch.distributed as dist

        # PyTorch's own thread lets go of its tensors meanwhile; else it may wait for itself.
        time.sleep(0.5)
        dist.destroy_process_group()
    except SystemExit as end:
        if end.code:
            raise
    finally:
        loop.learn = learn


if __name__ == "__main__":
    warnings.simplefilter("error")
    loop.SAVED_EVERY = 10
    for arguments, step, port in json.loads(sys.argv[1]):
        # Each job meets at a port of its own.
        os.environ["MASTER_PORT"] = str(port)
        run(arguments, step)
    sys.stdout.flush()
    # Groups that were left in the middle of a run may crash as Python ends: PyTorch's own matter.
    os._exit(0)
