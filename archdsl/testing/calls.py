"""Random calls of a block, and random sizes of what goes into it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from archdsl.testing.compare import diagnose
from archdsl.testing.spec import Spec


@st.composite
def shapes(
    draw: st.DrawFn, channels: Sequence[int] = (1, 3, 4, 6, 8, 12, 16), smallest: int = 1, largest: int = 40
) -> tuple[int, int, int]:
    """Random shapes `(channels, height, width)` of one image."""
    size = st.integers(smallest, largest)
    return draw(st.sampled_from(channels)), draw(size), draw(size)


@st.composite
def calls(
    draw: st.DrawFn,
    file: str | Path,
    block: str,
    input: st.SearchStrategy[tuple[int, ...]] | None = None,
    **arguments: st.SearchStrategy[object],
) -> Spec:
    """Random calls of a block of a file, as a spec whose network `probe` is the call.

    `input` draws the shape that goes in, `arguments` the values of the block's parameters:
    numbers, truth values and lists of them, or texts, which are expressions of the language
    (`"relu"`, `"bottleneck(64)"`). Calls that archdsl refuses are not drawn; hypothesis complains
    when that leaves too few.
    """
    path = Path(file)
    shape = draw(shapes() if input is None else input)
    values = {name: draw(strategy) for name, strategy in arguments.items()}
    call = ", ".join(f"{name}={written(value)}" for name, value in values.items())
    text = f"from {path.stem} import {block}\n\nnetwork probe: {list(shape)} = {block}({call})\n"
    spec = Spec(text, path.parent)
    if diagnose(spec):
        st.nothing().example  # noqa: B018
    return spec


def written(value: object) -> str:
    """A Python value in the language; a text is an expression as it stands."""
    match value:
        case bool():
            return str(value).lower()
        case list() | tuple():
            return f"[{', '.join(map(written, value))}]"
        case _:
            return str(value)
