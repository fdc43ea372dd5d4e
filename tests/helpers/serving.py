"""A folder served as `archdsl playground` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from archdsl.playground.serve import HOST, server


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder, for as long as it is served."""
    with server(folder, 0) as found:
        thread = Thread(target=found.serve_forever)
        thread.start()
        yield f"http://{HOST}:{found.server_port}"
        found.shutdown()
        thread.join()
