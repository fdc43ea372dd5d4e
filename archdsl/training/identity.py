"""What a run trains, on what, and how: a run is continued only if all of it is the same."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from archdsl.diagnostics import several
from archdsl.training.image_files import SAMPLED
from archdsl.training.recipe import Recipe

MOST_NAMES = 3
"""Maximum number of classes or images that a message names; all are counted."""
LARGEST = 2**30
"""Maximum number of bytes of the list of images."""


@dataclass(frozen=True)
class RunIdentity:
    """The network, its layers as text, the classes, the images with their marks, and the recipe."""

    network: str
    layers: tuple[str, ...]
    classes: tuple[str, ...]
    images: Mapping[str, str]
    preset: str
    recipe: Recipe

    def as_data(self) -> dict[str, Any]:
        """In the types of a checkpoint."""
        return {
            "network": self.network,
            "layers": [*self.layers],
            "classes": [*self.classes],
            "images": _packed(self.images),
            "preset": self.preset,
            "recipe": asdict(self.recipe),
        }


def _packed(images: Mapping[str, str]) -> Tensor:
    """A list of images, compressed: that of ImageNet has a million."""
    content = zlib.compress(json.dumps(dict(images)).encode(), 1)
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)


def unpacked(content: Tensor) -> dict[str, str]:
    """The list of images; raises `ValueError` if it is damaged."""
    try:
        text = zlib.decompressobj().decompress(bytes(content.tolist()), LARGEST)
    except zlib.error as fault:
        raise ValueError("damaged") from fault
    found = json.loads(text)
    if not isinstance(found, dict) or not all(isinstance(mark, str) for mark in found.values()):
        raise ValueError("no list of images")
    return found


def differences(before: Mapping[str, Any], now: RunIdentity) -> list[str]:
    """What differs between the run that was saved and this one, in words, and by name."""
    found = [f"it trained `{before['network']}`"] * (before["network"] != now.network)
    found += _layers(before["layers"], now.layers)
    classes = [*_classes(before["classes"], now.classes)]
    # With other classes, all images would be other ones too.
    found += classes or [*_images(unpacked(before["images"]), now.images)]
    if before["preset"] != now.preset:
        found.append(f"it had the preset {before['preset']}, not {now.preset}")
    return [*found, *_settings(_complete(before["recipe"]), asdict(now.recipe))]


def _complete(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a run; those that did not exist when it began were off."""
    off = asdict(Recipe(epochs=0, batch=0, lr=0.0))
    augmentation = {**off["augmentation"], **recipe["augmentation"]}
    return {**off, **recipe, "augmentation": augmentation}


def _layers(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    for old, new in zip(before, now, strict=False):
        if old != new:
            yield f"the network has `{new}`, where it had `{old}`"
            return
    if len(before) != len(now):
        yield f"the network had {len(before)} layers and has {len(now)}"


def _classes(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    if gone:
        yield f"{_named('class', 'classes', gone)} gone"
    if new:
        yield f"{_named('class', 'classes', new)} new"
    if not gone and not new and [*before] != [*now]:
        yield "the classes have another order"


def _images(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    changed = [name for name in now if name in before and _differ(before[name], now[name])]
    for names, what in (gone, "gone"), (new, "new"), (changed, "changed"):
        if names:
            yield f"{_named('image', 'images', names)} {what}"


def _differ(before: str, now: str) -> bool:
    """Whether the marks of an image tell that it changed: its size, or digests of one kind.

    Older runs may have a size only, and data that grew have samples where they had whole files.
    """
    (old_size, _, old), (new_size, _, new) = before.partition(" "), now.partition(" ")
    is_one_kind = bool(old and new) and old.startswith(SAMPLED) == new.startswith(SAMPLED)
    return old_size != new_size or (is_one_kind and old != new)


def _settings(before: Mapping[str, Any], now: Mapping[str, Any], of: str = "") -> Iterator[str]:
    for name in before.keys() - now.keys():
        yield f"it had {of}{name} = {before[name]}, which this version of archdsl does not know"
    for name, value in now.items():
        old = before[name]
        if isinstance(value, dict) and isinstance(old, dict):
            yield from _settings(old, value, f"{name}.")
        elif name == "epochs" and isinstance(old, int) and old <= value:
            # More epochs may be asked for: `schedule.py` says what becomes of the rate.
            continue
        elif old != value:
            yield f"it had {of}{name} = {old}, not {value}"


def _named(one: str, many: str, names: Sequence[str]) -> str:
    listed = several(names, MOST_NAMES)
    return f"{len(names):,} {many} ({listed}) are" if len(names) > 1 else f"{one} {listed} is"
