"""The settings that results depend on, and presets of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal


@dataclass(frozen=True)
class Augmentation:
    """Random variations of training images.

    `flip`: mirror half of them. `shift`: move by up to this share of a side. `zoom`: enlarge by a
    factor between 1 - zoom and 1 + zoom. `crop`: cut to at least this share of the area, with an
    aspect ratio of 3/4 to 4/3, and resize (Szegedy et al., CVPR 2015, section 6). `color_jitter`:
    multiply brightness, contrast and saturation by up to 1 - color_jitter or 1 + color_jitter.
    `lighting`: the standard deviation of noise along the principal components of colours
    (Krizhevsky et al., NIPS 2012, section 4.1: 0.1). `trivial_augment`: one random operation
    (`trivial.py`). `erase`: the share of images in which a box is erased (Zhong et al., AAAI 2020).
    Zooming and cropping are the survey's multi-scale training.
    """

    flip: bool = False
    shift: float = 0.0
    zoom: float = 0.0
    crop: float = 1.0
    color_jitter: float = 0.0
    lighting: float = 0.0
    trivial_augment: bool = False
    erase: float = 0.0

    def varied(self) -> list[str]:
        """What is switched on, in words."""
        texts = {
            "mirrored": self.flip,
            f"moved by up to {self.shift:.4g} of a side": self.shift,
            f"zoomed by up to {self.zoom:.4g}": self.zoom,
            f"cropped to at least {self.crop:.4g} of the area": self.crop < 1,
            f"colours changed by up to {self.color_jitter:.4g}": self.color_jitter,
            f"lighting with a deviation of {self.lighting:.4g}": self.lighting,
            "TrivialAugment": self.trivial_augment,
            f"a box erased in {self.erase:.4g} of them": self.erase,
        }
        return [text for text, is_on in texts.items() if is_on]


@dataclass(frozen=True)
class Recipe:
    """The settings that the losses of a run depend on, besides network, data and rounding.

    `batch` counts the images of one step over all processes; `lr` is the peak learning rate,
    reached after `warmup` epochs; `nesterov` is the momentum of `sgd`. `smoothing` is label
    smoothing (Szegedy et al., CVPR 2016). `mixup` and `cutmix` are the parameters of their Beta
    distributions (Zhang et al., ICLR 2018; Yun et al., ICCV 2019), 0 to disable either; if both are
    on, each step takes one of them. `repeats`: a batch has every image this many times, differently
    augmented (Hoffer et al., CVPR 2020), and an epoch sees a part of all images. `average`: weights
    are averaged over about this share of all steps, 0 to disable it. `side`: the side of training
    images as a share of the network's (Touvron et al., NeurIPS 2019), `rising`: that of the first
    epoch as a share of the last one's. `aux_weight` weighs the losses of auxiliary heads; None uses
    the papers' weights.
    """

    epochs: int
    batch: int
    lr: float
    optimizer: Literal["sgd", "adamw"] = "sgd"
    nesterov: bool = True
    weight_decay: float = 0.0
    warmup: float = 0.0
    smoothing: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0
    repeats: int = 1
    average: float = 0.0
    side: float = 1.0
    rising: float = 1.0
    aux_weight: float | None = None
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)

    @property
    def is_sized(self) -> bool:
        """Whether training images have other sizes than the network's input."""
        return self.side < 1 or self.rising < 1

    def varied(self, is_sized: bool = True) -> list[str]:
        """How training images are varied, in words; `is_sized`: the network takes other sizes."""
        texts = self.augmentation.varied()
        texts += [f"mixed with others (mixup {self.mixup:.4g})"] * (self.mixup > 0)
        texts += [f"pasted into others (CutMix {self.cutmix:.4g})"] * (self.cutmix > 0)
        texts += [f"repeated {self.repeats} times in a batch"] * (self.repeats > 1)
        if is_sized:
            texts += [f"reduced to {self.side:.4g} of their side"] * (self.side < 1)
            texts += [f"growing from {self.rising:.4g} of their side"] * (self.rising < 1)
        return texts


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
"""A few epochs with growing images, similar to FFCV's recipe for ResNet-50."""

BEST = Recipe(
    epochs=600,
    batch=1024,
    lr=0.5,
    nesterov=False,
    weight_decay=2e-5,
    warmup=5,
    smoothing=0.1,
    mixup=0.2,
    cutmix=1.0,
    repeats=4,
    average=0.04,
    side=176 / 224,
    augmentation=Augmentation(flip=True, crop=0.08, trivial_augment=True, erase=0.1),
)
"""torchvision's second recipe, with which ResNet-50 reaches 80.86 % on ImageNet.

The settings are those of its `references/classification` for the weights `IMAGENET1K_V2`. What is
computed differently: the learning rate and the averaged weights follow steps, not epochs and every
32nd step, and validation cuts out 7/8 of the shorter side, not 224 of 232 pixels. The accuracy of
this preset has not been measured.
"""

SOURCES = {
    "digits": "for a thousand small images",
    "short": "after FFCV's recipe for ResNet-50",
    "best": "torchvision's second recipe",
}
"""Where a preset comes from."""
PRESETS = {"digits": DIGITS, "short": SHORT, "best": BEST}


AUGMENTATIONS = tuple(each.name for each in fields(Augmentation))
"""The names of everything that varies single images."""


def chosen(preset: str, given: Mapping[str, int | float | None]) -> Recipe:
    """A preset with some fields replaced, of its augmentation too; None keeps the preset's value.

    With another batch and no learning rate given, the rate scales in proportion (Goyal et al.,
    2017).
    """
    base = PRESETS[preset]
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if "batch" in values and "lr" not in values:
        values["lr"] = base.lr * values["batch"] / base.batch
    of_images = {name: values.pop(name) for name in AUGMENTATIONS if name in values}
    return replace(base, **values, augmentation=replace(base.augmentation, **of_images))
