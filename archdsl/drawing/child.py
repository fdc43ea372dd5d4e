"""The program that lays out one graph with pygraphviz: DOT on stdin, the picture on stdout.

It runs in a Python of its own (see `engines.py`), which has no packages but those of the folder
that it is given: whatever becomes of it, the compiler lives on.
"""

from __future__ import annotations

import signal
import sys

MEMORY = 3_000_000_000
"""Maximum memory of a layout in bytes; layouts that need more have never ended in time."""


def main(folder: str, form: str, resolution: str, seconds: str) -> None:
    """Write the picture, or exit with a code that is not 0 behind what Graphviz itself says."""
    _limit(int(seconds))
    sys.path.append(folder)
    from pygraphviz import graphviz

    try:
        # As the program `dot` does: without it most nodes lose their names where one has a label.
        graphviz.agattr(None, graphviz.AGNODE, b"label", b"\\N")
        graph = graphviz.agread(sys.stdin, None)
        _set_default(graph, b"dpi", resolution.encode())
        context = graphviz.gvContextWithBuiltins()
        if graphviz.gvLayout(context, graph, b"dot"):
            sys.exit("Error: there is no layout")
        # Where it fails there is no pair.
        _, picture = graphviz.gvRenderData(context, graph, form.encode())
    except (KeyError, TypeError, ValueError) as error:
        sys.exit(f"Error: {error}")
    sys.stdout.buffer.write(picture)


def _set_default(graph: object, name: bytes, value: bytes) -> None:
    """Give the graph an attribute that its text does not set; nothing where `value` is empty."""
    from pygraphviz import graphviz

    try:
        graphviz.agattr(graph, graphviz.AGRAPH, name, None)
    except KeyError:
        if value:
            graphviz.agattr(graph, graphviz.AGRAPH, name, value)


def _limit(seconds: int) -> None:
    """End by itself where whoever started this is gone, or where memory runs out."""
    if sys.platform != "win32":
        import resource

        signal.alarm(seconds)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main(*sys.argv[1:])
