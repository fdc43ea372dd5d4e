"""Networks that have learned: their accuracy on a folder, and their answers for single images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from archdsl.diagnostics import error, several, suggestion
from archdsl.source import whole_of
from archdsl.training.data import Batch, BatchRequest, Contents, Data, Shape3, Split
from archdsl.training.decode import check_pillow
from archdsl.training.digits import Digits
from archdsl.training.engine import Engine, World
from archdsl.training.faults import TrainingError, computing
from archdsl.training.folder import class_folders, labelled
from archdsl.training.image_files import ImageFiles
from archdsl.training.listing import listed
from archdsl.training.preparation import Preparation
from archdsl.training.recipe import DIGITS
from archdsl.training.step import EVALUATED, Setting, answers

MOST_CLASSES = 5
"""Maximum number of classes that a message names."""


@dataclass(frozen=True)
class ClassScore:
    """How many images of a class there are, and how many were answered correctly."""

    name: str
    images: int
    right: int


@dataclass(frozen=True)
class Evaluation:
    """Mean loss, and correct answers by class; unreadable images do not count."""

    loss: float
    scores: tuple[ClassScore, ...]
    skipped: frozenset[str]

    @property
    def images(self) -> int:
        """How many images count."""
        return sum(each.images for each in self.scores)

    @property
    def accuracy(self) -> float:
        """The share of images that were answered correctly."""
        return sum(each.right for each in self.scores) / max(1, self.images)


@dataclass(frozen=True)
class Answer:
    """The probabilities of all classes for an image; None if it cannot be read."""

    image: str
    probabilities: Tensor | None


class Images:
    """Images to judge: data without a training split, prepared as the weights were trained."""

    channels: tuple[int, ...] = (1, 3)

    def __init__(
        self, folder: Path, files: Sequence[tuple[str, int]], how: Preparation, contents: Contents
    ) -> None:
        check_pillow()
        self.name, self.classes = folder.name, how.classes
        self.mean, self.deviation, self.centre = how.mean, how.deviation, how.crop
        self.skipped: set[str] = set()
        self._files, self._contents = ImageFiles(folder, files, self.skipped), contents

    def count(self, split: Split) -> int:
        return len(self._files.files) if split == "val" else 0

    def contents(self, split: Split) -> Contents:
        return self._contents if split == "val" else Contents({})

    def listing(self) -> dict[str, str]:
        return {}

    def fetch(self, split: Split, indices: Tensor, request: BatchRequest) -> Batch:
        return self._files.fetch(indices, request)


def folder_of(path: Path, how: Preparation, is_named: bool) -> Images:
    """The images of `path/val/CLASS` or `path/CLASS`, with the classes of the weights.

    Without names of classes in the weights (`is_named`), the folders stand for them in the order
    of their names.
    """
    below = "val" if _is_split(path) else ""
    names = class_folders(path, below)
    if not is_named and len(names) != len(how.classes):
        message = f"it has {len(names)} folders of classes, and the network {len(how.classes)}"
        raise TrainingError(error("E0962", message, whole_of(path.name)))
    classes = how.classes if is_named else tuple(names)
    numbers = {name: number for number, name in enumerate(classes)}
    for name in names:
        if name not in numbers:
            message = f"the weights know no class `{name}`"
            help = suggestion(name, classes) or f"they know {several(classes, MOST_CLASSES)}"
            raise TrainingError(error("E0962", message, whole_of(path.name), help=help))
    files, contents = labelled(path, below, numbers)
    images = Images(path, files, how, contents)
    images.classes = classes
    return images


def _is_split(path: Path) -> bool:
    """Whether a folder has `train/CLASS` and `val/CLASS`, and not classes of its own."""
    try:
        return (path / "train").is_dir() and (path / "val").is_dir()
    except OSError:
        return False


def digits_of(how: Preparation) -> Digits:
    """The embedded digits, if the weights have their classes."""
    data = Digits()
    if how.classes != data.classes:
        message = f"the weights know {several(how.classes, MOST_CLASSES)}, and not the ten digits"
        raise TrainingError(error("E0962", message, whole_of("digits")))
    data.mean, data.deviation = how.mean, how.deviation
    return data


def evaluated(
    module: nn.Module, network: str, data: Data, how: Preparation, shape: Shape3
) -> Evaluation:
    """The loss and accuracy on the validation images of some data."""
    total = 0.0
    counts = torch.zeros(2, len(how.classes), dtype=torch.float64)
    for scores, labels, weights in _answers(module, network, data, how, shape):
        total += (cross_entropy(scores, labels, reduction="none") * weights).double().sum().item()
        right = (scores.argmax(1) == labels) * weights
        for row, values in enumerate((weights, right)):
            counts[row].index_add_(0, labels.cpu(), values.double().cpu())
    images, rights = counts.long().tolist()
    if not sum(images):
        raise TrainingError(error("E0961", "none of the images can be read", whole_of(data.name)))
    found = (ClassScore(*each) for each in zip(data.classes, images, rights, strict=True))
    by_class = tuple(each for each in found if each.images)
    return Evaluation(total / sum(images), by_class, frozenset(data.skipped))


def predicted(
    module: nn.Module, network: str, paths: Sequence[Path], how: Preparation, shape: Shape3
) -> Iterator[Answer]:
    """The answers for image files, in their order; of a folder, for all images below it."""
    for path in paths:
        names = listed(path).images if path.is_dir() else [path.name]
        folder = path if path.is_dir() else path.parent
        if not names:
            raise TrainingError(error("E0961", "there are no images in it", whole_of(path.name)))
        images = Images(folder, [(name, 0) for name in names], how, Contents({}))
        found = _answers(module, network, images, how, shape)
        rows = (row for scores, _, _ in found for row in scores.softmax(1).cpu())
        for name, row in zip(names, rows, strict=True):
            shown = str(path / name) if path.is_dir() else str(path)
            yield Answer(shown, None if name in images.skipped else row)


def _answers(
    module: nn.Module, network: str, data: Data, how: Preparation, shape: Shape3
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    world = World(device=device)
    setting = Setting(data, DIGITS, Engine(), world, 1, how.answer == "smallest")
    with computing(network, EVALUATED):
        yield from answers(module.to(device), setting, shape, EVALUATED)
