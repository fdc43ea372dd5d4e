"""The options of `archdsl train` that change the recipe: what results depend on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., None]
SHARE = click.FloatRange(0, 1, max_open=True)

OPTIONS: tuple[Callable[[Command], Command], ...] = (
    click.option(
        "--preset",
        type=click.Choice(["short", "best", "digits"]),
        help="Recipe; best is torchvision's second without TrivialAugment, erasing and CutMix.  "
        "[default: digits for the digits, else short]",
    ),
    click.option("--epochs", type=click.IntRange(1, 100_000), help="Set the number of epochs."),
    click.option("--batch", type=click.IntRange(1), help="Set the batch size, over all processes."),
    click.option(
        "--lr", type=click.FloatRange(0, min_open=True), help="Set the peak learning rate."
    ),
    click.option("--smoothing", type=SHARE, help="Label smoothing; 0: none."),
    click.option(
        "--mixup", type=click.FloatRange(0), help="Set the beta parameter of mixup; 0 disables it."
    ),
    click.option(
        "--rising",
        type=click.FloatRange(0, 1, min_open=True),
        help="Side of images in the first epoch, as a share; 1 for the whole side.",
    ),
    click.option(
        "--aux-weight", type=click.FloatRange(0), help="Set the weight of auxiliary losses."
    ),
    click.option("--flip/--no-flip", default=None, help="Mirror half of the images."),
    click.option("--shift", type=SHARE, help="Move images by up to this share of a side."),
    click.option("--no-shift", "shift", flag_value=0.0, type=float),
    click.option("--zoom", type=SHARE, help="Enlarge or shrink images by up to this share."),
    click.option("--no-zoom", "zoom", flag_value=0.0, type=float),
    click.option(
        "--crop",
        type=click.FloatRange(0, 1, min_open=True),
        help="Cut images to at least this share of their area.",
    ),
    click.option("--no-crop", "crop", flag_value=1.0, type=float),
    click.option("--color-jitter", type=SHARE, help="Vary brightness, contrast and saturation."),
    click.option("--no-color-jitter", "color_jitter", flag_value=0.0, type=float),
    click.option("--lighting", type=click.FloatRange(0), help="Deviation of noise of colours."),
    click.option("--no-lighting", "lighting", flag_value=0.0, type=float),
    click.option(
        "--seed",
        type=click.IntRange(0),
        default=0,
        show_default=True,
        help="Set the random seed.",
    ),
)
NAMES = (
    *("preset", "epochs", "batch", "lr", "smoothing", "mixup", "rising", "aux_weight", "seed"),
    *("flip", "shift", "zoom", "crop", "color_jitter", "lighting"),
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
