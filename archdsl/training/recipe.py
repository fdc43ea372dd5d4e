"""What decides what a network learns: the recipe, and the presets for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True)
class Augmentation:
    """How training images are varied, each by chance.

    `flip`: half of them are mirrored. `shift`: moved by up to this share of a side. `zoom`:
    enlarged by a factor between 1 - zoom and 1 + zoom. `crop`: cut to at least this share of the
    area, with sides in a ratio of 3/4 to 4/3, and resized (Szegedy et al., CVPR 2015, section 6).
    `color`: brightness, contrast and saturation multiplied by 1 - color to 1 + color. `lighting`:
    the deviation of the noise along the principal components of colours (Krizhevsky et al., NIPS
    2012, section 4.1: 0.1). Zooming and cropping are the survey's multi-scale training.
    """

    flip: bool = False
    shift: float = 0.0
    zoom: float = 0.0
    crop: float = 1.0
    color: float = 0.0
    lighting: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """All that the losses of a run depend on, beside the network, the data and rounding.

    `batch` counts the images of one step, of all processes together; `lr` is the highest rate of
    learning, reached after `warmup` epochs. `smoothing` is that of labels (Szegedy et al., CVPR
    2016); `mixup` the parameter of its Beta distribution (Zhang et al., ICLR 2018), 0 for none.
    `average`: weights are averaged over about this share of all steps, 0 for none. `rising`: the
    first epoch's side of images as a share of the network's. `aux_weight` weighs the losses of
    auxiliary heads; None takes what the papers do.
    """

    epochs: int
    batch: int
    lr: float
    optimizer: Literal["sgd", "adamw"] = "sgd"
    weight_decay: float = 0.0
    warmup: float = 0.0
    smoothing: float = 0.0
    mixup: float = 0.0
    average: float = 0.0
    rising: float = 1.0
    aux_weight: float | None = None
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)


DIGITS = Recipe(
    epochs=12,
    batch=64,
    lr=5e-3,
    optimizer="adamw",
    weight_decay=0.01,
    warmup=2,
    augmentation=Augmentation(shift=0.06, zoom=0.08),
)
"""For a thousand small images: seconds."""

SHORT = Recipe(
    epochs=16,
    batch=1024,
    lr=1.7,
    weight_decay=5e-5,
    warmup=2,
    smoothing=0.1,
    rising=0.7,
    augmentation=Augmentation(flip=True, crop=0.25),
)
"""A few epochs with images that grow, in the manner of FFCV's recipe for ResNet-50."""

BEST = Recipe(
    epochs=600,
    batch=1024,
    lr=0.5,
    weight_decay=2e-5,
    warmup=5,
    smoothing=0.1,
    mixup=0.2,
    average=0.04,
    augmentation=Augmentation(flip=True, crop=0.08, color=0.4, lighting=0.1),
)
"""After torchvision's second recipe, with which ResNet-50 reaches 80.86 % on ImageNet.

Changes of colour and lighting stand for its TrivialAugment, random erasing and CutMix, so that what
this one reaches is not known.
"""

PRESETS = {"digits": DIGITS, "short": SHORT, "best": BEST}


def chosen(preset: str, given: dict[str, int | float | None]) -> Recipe:
    """A preset with other values for some fields; None keeps the preset's.

    With another batch and no rate, the rate changes in proportion (Goyal et al., 2017).
    """
    base = PRESETS[preset]
    values = {name: value for name, value in given.items() if value is not None}
    if "batch" in values and "lr" not in values:
        values["lr"] = base.lr * values["batch"] / base.batch
    return replace(base, **values)  # type: ignore[arg-type]
