"""Random calls of a block, and random input sizes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import assume
from hypothesis import strategies as st

from archdsl.diagnostics import has_errors
from archdsl.testing.compare import networks
from archdsl.testing.spec import Spec

CHANNELS = (1, 3, 4, 6, 8, 12, 16)


@st.composite
def shapes(
    draw: st.DrawFn, channels: Sequence[int] = CHANNELS, smallest: int = 1, largest: int = 40
) -> tuple[int, int, int]:
    """Random shapes `(channels, height, width)` of one image."""
    size = st.integers(smallest, largest)
    return draw(st.sampled_from(channels)), draw(size), draw(size)


@st.composite
def calls(
    draw: st.DrawFn,
    /,
    file: str | Path,
    block: str,
    input: st.SearchStrategy[tuple[int, ...]] | None = None,
    **arguments: st.SearchStrategy[object],
) -> Spec:
    """Random calls of a block of a file: specs whose network `probe` is the call.

    `input` draws the input shape, `arguments` the values of the block's parameters: numbers,
    booleans, lists of them, and strings of source text (`"relu"`, `"bottleneck(64)"`). Calls that
    archdsl rejects are not drawn; hypothesis complains if too few are left.
    """
    path = Path(file)
    shape = draw(shapes() if input is None else input)
    values = {name: draw(strategy) for name, strategy in arguments.items()}
    call = ", ".join(f"{name}={written(value)}" for name, value in values.items())
    text = f"from {path.stem} import {block}\n\nnetwork probe: {list(shape)} = {block}({call})\n"
    spec = Spec(text, path.parent)
    assume(not has_errors(networks(spec)[1]))
    return spec


def written(value: object) -> str:
    """A Python value in the language's syntax; a string is taken as source text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    return str(value)
