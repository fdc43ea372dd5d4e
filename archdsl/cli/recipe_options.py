"""The options of `archdsl train` that change the recipe: what results depend on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., None]
SHARE = click.FloatRange(0, 1, max_open=True)
PART = click.FloatRange(0, 1, min_open=True)


def _off(name: str, value: float) -> Callable[[Command], Command]:
    """The switch `--no-NAME` beside an option `--NAME`, whose help mentions it."""
    field = name.replace("-", "_")
    return click.option(f"--no-{name}", field, flag_value=value, type=float, hidden=True)


OPTIONS: tuple[Callable[[Command], Command], ...] = (
    click.option(
        "--preset",
        type=click.Choice(["short", "best", "digits"]),
        help="Start from this recipe.  [default: digits for the digits, else short]",
    ),
    click.option("--epochs", type=click.IntRange(1, 100_000), help="Number of epochs."),
    click.option("--batch", type=click.IntRange(1), help="Images per step, over all processes."),
    click.option(
        "--lr",
        type=click.FloatRange(0, min_open=True),
        help="Peak learning rate.  [default: in proportion to --batch]",
    ),
    click.option("--smoothing", type=SHARE, help="Label smoothing; 0: none."),
    click.option("--flip/--no-flip", default=None, help="Mirror half of the images."),
    click.option(
        "--crop",
        type=PART,
        help="Cut images to at least this share of their area; --no-crop: keep them whole.",
    ),
    _off("crop", 1.0),
    click.option(
        "--shift", type=SHARE, help="Move images by up to this share of a side; --no-shift: never."
    ),
    _off("shift", 0.0),
    click.option(
        "--zoom", type=SHARE, help="Enlarge or shrink images by up to this share; --no-zoom: never."
    ),
    _off("zoom", 0.0),
    click.option(
        "--color-jitter",
        type=SHARE,
        help="Vary brightness, contrast and saturation by up to this share; "
        "--no-color-jitter: never.",
    ),
    _off("color-jitter", 0.0),
    click.option(
        "--lighting",
        type=click.FloatRange(0),
        help="Standard deviation of colour noise; --no-lighting: none.",
    ),
    _off("lighting", 0.0),
    click.option(
        "--trivial-augment/--no-trivial-augment",
        default=None,
        help="Change each image by one random operation (TrivialAugment).",
    ),
    click.option(
        "--erase",
        type=click.FloatRange(0, 1),
        help="Erase a box in this share of the images; --no-erase: in none.",
    ),
    _off("erase", 0.0),
    click.option(
        "--mixup", type=click.FloatRange(0), help="Blend images: alpha of mixup; 0: never."
    ),
    click.option(
        "--cutmix",
        type=click.FloatRange(0),
        help="Paste parts of images into others: alpha of CutMix; 0: never.",
    ),
    click.option(
        "--repeats",
        type=click.IntRange(1, 64),
        help="Have each image this many times in a batch, each time augmented differently.",
    ),
    click.option("--side", type=PART, help="Side of training images, as a share of the network's."),
    click.option(
        "--rising", type=PART, help="Side in the first epoch, as a share of the last; 1: constant."
    ),
    click.option(
        "--aux-weight",
        type=click.FloatRange(0),
        help="Weight of auxiliary losses.  [default: 0.4 for one head, 0.3 for several]",
    ),
    click.option(
        "--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed."
    ),
)
NAMES = (
    *("preset", "epochs", "batch", "lr", "smoothing", "mixup", "cutmix", "repeats", "side"),
    *("rising", "aux_weight", "seed", "flip", "shift", "zoom", "crop", "color_jitter", "lighting"),
    *("trivial_augment", "erase"),
)
"""What these options are called in Python."""


def recipe_options(command: Command) -> Command:
    """Add the options; `settings_of_recipe` collects them."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def settings_of_recipe(given: dict[str, Any]) -> dict[str, Any]:
    """Take what these options say out of what a command was given; None where they say nothing."""
    return {name: given.pop(name) for name in NAMES}
