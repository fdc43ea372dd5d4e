"""One of several training processes: it runs the command for one job after the other.

`torchrun` would do the same, but start Python and PyTorch again for every job. Jobs are a JSON list
of: arguments, the step at which the job is interrupted (if it is), and a port.
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
    """Simulates an interruption in the middle of a run."""


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

        # This lets PyTorch's own thread release its tensors; otherwise it may deadlock.
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
        # Each job uses a separate port.
        os.environ["MASTER_PORT"] = str(port)
        run(arguments, step)
    sys.stdout.flush()
    # Process groups abandoned in the middle of a run may crash at Python's exit, inside PyTorch.
    os._exit(0)
