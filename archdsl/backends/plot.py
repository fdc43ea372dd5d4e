"""Plots: networks as bubbles, parameters against multiply-adds; and training curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from archdsl.diagnostics import Diagnostic, error
from archdsl.source import whole_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NAMES, MOST_LINES = 8, 25
"""Maximum number of names written on bubbles, and of lines per legend column."""
PLACE = whole_of("--plot")
DPI = 200
"""Dots per inch of a PNG, and of pictures within a figure."""
LARGEST = 1500.0
"""The area of the largest bubble, in square points."""


@dataclass(frozen=True)
class Bubble:
    """A network: trainable numbers, multiply-adds for one image, and the bytes shown as area."""

    name: str
    params: int
    macs: int
    size: int


def plot(
    params: Mapping[str, object], macs: Mapping[str, object], sizes: Mapping[str, object]
) -> tuple[bytes, list[Diagnostic]]:
    """Networks by name as an SVG; `sizes`, the bytes saved in training, set the bubbles' areas."""
    bubbles = []
    for name in params:
        figures = params[name], macs[name], sizes[name]
        if not all(isinstance(figure, int) for figure in figures):
            message = f"`{name}` has no numbers to plot, since its sizes are open"
            return b"", [error("E0951", message, PLACE, help="`--at h=224,w=224` gives them")]
        bubbles.append(Bubble(name, *figures))  # type: ignore[arg-type]
    return if_installed(lambda: as_svg(bubbles))


def plot_epochs(
    epochs: Sequence[Mapping[str, float]],
) -> tuple[bytes, list[Diagnostic]]:
    """Training and validation losses and errors per epoch, as an SVG.

    An epoch has its number, `loss` and `val_loss`, and the accuracies `accuracy` and `val_accuracy`
    from 0 to 1.
    """
    return if_installed(lambda: drawn((6.4, 2.8), lambda figure: _draw_epochs(figure, epochs)))


def if_installed(make: Callable[[], bytes]) -> tuple[bytes, list[Diagnostic]]:
    """What is drawn, or an error where matplotlib is not installed."""
    try:
        return make(), []
    except ModuleNotFoundError as missing:
        if missing.name != "matplotlib":
            raise
        help = "`pip install 'archdsl[plot]'` installs it"
        message = "matplotlib, which draws plots, is not installed"
        return b"", [error("E0952", message, PLACE, help=help)]


def as_svg(bubbles: Sequence[Bubble]) -> bytes:
    """The plot as SVG, the same bytes for the same networks.

    Raises `ModuleNotFoundError` if matplotlib is not installed.
    """
    return drawn((6.4, 4.4), lambda figure: _draw(figure.add_subplot(), bubbles))


def drawn(
    size: tuple[float, float],
    draw: Callable[[Figure], None],
    form: Literal["svg", "png"] = "svg",
    layout: Literal["constrained"] | None = "constrained",
) -> bytes:
    """A figure as a file, the same bytes for the same figure; its size is in inches."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    out = BytesIO()
    # Settings from the machine's files or environment must not affect the plot.
    with mpl.rc_context():
        mpl.rcdefaults()
        # matplotlib derives names within the file from this salt, which is random by default.
        mpl.rc("svg", hashsalt="archdsl")
        mpl.rc("font", size=8)
        figure = Figure(figsize=size, layout=layout)
        draw(figure)
        metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        figure.savefig(out, format=form, dpi=DPI, metadata=metadata)
    return out.getvalue()


def _draw(axes: Axes, bubbles: Sequence[Bubble]) -> None:
    most = max(bubble.size for bubble in bubbles) or 1
    for bubble in sorted(bubbles, key=lambda bubble: -bubble.size):
        area = max(4.0, LARGEST * bubble.size / most)
        axes.scatter(
            bubble.macs, bubble.params, s=area, alpha=0.5, linewidths=0.5, edgecolors="black"
        )
    _name(axes, bubbles)
    if all(bubble.macs > 0 and bubble.params > 0 for bubble in bubbles):
        axes.set_xscale("log")
        axes.set_yscale("log")
    axes.margins(0.2)
    axes.set_xlabel("multiply-adds for one image")
    axes.set_ylabel("parameters")
    axes.set_title("area: bytes saved for the gradient in training", loc="left", fontsize=8)
    axes.grid(visible=True, which="major", linewidth=0.3)


def _draw_epochs(figure: Figure, epochs: Sequence[Mapping[str, float]]) -> None:
    numbers = [epoch["epoch"] for epoch in epochs]
    left, right = figure.subplots(1, 2)
    for prefix, name in ("", "training"), ("val_", "validation"):
        left.plot(numbers, [epoch[f"{prefix}loss"] for epoch in epochs], ".-", label=name)
        wrong = [100 * (1 - epoch[f"{prefix}accuracy"]) for epoch in epochs]
        right.plot(numbers, wrong, ".-", label=name)
    for axes, title in (left, "loss"), (right, "wrong answers, %"):
        axes.set_title(title, loc="left", fontsize=8)
        axes.set_xlabel("epoch")
        axes.set_ylim(bottom=0)
        axes.grid(visible=True, linewidth=0.3)
        axes.legend()


def _name(axes: Axes, bubbles: Sequence[Bubble]) -> None:
    """Write names on few bubbles; on many, numbers, with a legend of names next to the plot."""
    from matplotlib.lines import Line2D

    names = [bubble.name for bubble in bubbles]
    if len(bubbles) > MOST_NAMES:
        names = [str(number) for number, _ in enumerate(bubbles, 1)]
        listed = [f"{number} {bubble.name}" for number, bubble in enumerate(bubbles, 1)]
        lines = [Line2D([], [], linestyle="none", label=text) for text in listed]
        columns = 1 + len(bubbles) // MOST_LINES
        axes.legend(
            handles=lines, loc="upper left", bbox_to_anchor=(1, 1), handlelength=0, ncols=columns
        )
    for name, bubble in zip(names, bubbles, strict=True):
        position = (bubble.macs, bubble.params)
        axes.annotate(name, position, ha="center", va="center", parse_math=False)
