"""Which modules nodes of an ONNX file were called in, and by which keys weights are known.

PyTorch's newer exporter writes both, paths and classes, into the metadata of nodes; its older one
makes names of nodes of the paths: `/layer1/layer1.0/conv1/Conv`.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from archdsl.importing.files.flat import Level, common
from archdsl.importing.files.names import kinds_of
from archdsl.importing.files.onnx.graph import Call, Fixed

MODULE_PATH = re.compile(r"[A-Za-z_]\w*(\.\w+)*\Z")
PATHS, CLASSES = "pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy"
MOST_LETTERS = 20_000


def levels_of(calls: Sequence[Call]) -> dict[Call, tuple[Level, ...]]:
    """The modules that every node was called in, from the outside in."""
    found = {call: _levels(call) for call in calls}
    if any(PATHS in call.metadata for call in calls):
        _place(calls, found)
    return _with_kinds(found)


def _place(calls: Sequence[Call], found: dict[Call, tuple[Level, ...]]) -> None:
    """Give what an optimizer has made, and said nothing of, the modules that read it.

    Where one node alone reads it, it is in what that has in common with what it reads itself.
    """
    makers = {name: call for call in calls for name in call.outputs}
    readers: dict[Call, list[Call]] = {call: [] for call in calls}
    for call in calls:
        for name in call.inputs:
            if name in makers:
                readers[makers[name]].append(call)
    for call in reversed(calls):
        if not call.metadata:
            several = [found[each] for each in readers[call]]
            before = [found[makers[name]] for name in call.inputs if name in makers]
            found[call] = common(several if len(several) > 1 else [*several, *before])


def _levels(call: Call) -> tuple[Level, ...]:
    if PATHS in call.metadata:
        paths = _listed(call.metadata[PATHS])
        kinds = _listed(call.metadata.get(CLASSES, ""))
        if len(paths) == len(kinds):
            pairs = zip(paths[:-1], kinds[:-1], strict=True)
            return _nested([Level(path, kind) for path, kind in pairs if path])
        return _nested([Level(path, "") for path in paths[:-1] if path])
    return _nested([Level(path, "") for path in _path_of(call.name)])


def _listed(text: str) -> list[str]:
    """A list of strings as Python writes it; nothing is run."""
    if len(text) > MOST_LETTERS or not text.startswith("[") or "[" in text[1:]:
        return []
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return []
    return [str(each) for each in found]


def _path_of(name: str) -> list[str]:
    """The paths of the modules in a node's name: `layer1`, `layer1.0`, `layer1.0.conv1`."""
    words = name.split("/")[1:-1] if name.startswith("/") else []
    paths: list[str] = []
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        # A child of a container repeats the container's name.
        is_repeated = bool(before) and word.startswith(f"{before}.")
        outer = paths[-1].removesuffix(before).removesuffix(".") if is_repeated else ""
        outer = outer if is_repeated else (paths[-1] if paths else "")
        paths.append(f"{outer}.{word}" if outer else word)
    return paths


def _nested(levels: list[Level]) -> tuple[Level, ...]:
    """The levels up to the first that is no path within the one before."""
    for place, level in enumerate(levels):
        before = f"{levels[place - 1].path}." if place else ""
        if not MODULE_PATH.match(level.path) or not level.path.startswith(before):
            return tuple(levels[:place])
    return tuple(levels)


def _with_kinds(found: dict[Call, tuple[Level, ...]]) -> dict[Call, tuple[Level, ...]]:
    """Levels with classes made up for those whose classes the file does not say."""
    kinds = kinds_of([tuple(levels[-1].path.split(".")) for levels in found.values() if levels])

    def named(level: Level) -> Level:
        return level if level.kind else Level(level.path, kinds[level.path])

    return {call: tuple(map(named, levels)) for call, levels in found.items()}


class Keys:
    """The keys of weights: those that a file has, and others for weights whose names are gone."""

    def __init__(self, levels: dict[Call, tuple[Level, ...]]) -> None:
        self.levels = levels
        self.taken: dict[str, tuple[str, ...]] = {}
        """The tensors of the file behind every path."""
        paths = [level.path for call in levels if call.op in LAYERS for level in levels[call]]
        self.layers = Counter(paths)
        """How many layers every module has."""

    def path(self, call: Call, parts: Mapping[str, Fixed]) -> str:
        """The path of a layer with some weights; a layer with the same ones has the same."""
        names = tuple([part.key for part in parts.values()])
        for suffix, part in parts.items():
            stem = part.key.removesuffix(f".{suffix}")
            is_path = stem != part.key and MODULE_PATH.match(stem) is not None
            if is_path and self._is_free(stem, names):
                return stem
        return self._made_up(call, names)

    def key(self, call: Call, part: Fixed) -> str:
        """The key of a tensor that is a weight by itself."""
        if MODULE_PATH.match(part.key) and self._is_free(part.key, (part.key,)):
            return part.key
        return self._made_up(call, (part.key,))

    def _is_free(self, path: str, names: tuple[str, ...]) -> bool:
        """Whether a path is free, or that of a layer with the same weights; it is taken then."""
        if path in self.taken:
            return self.taken[path] == names
        # A layer has no layers in it.
        for each in self.taken:
            if each.startswith(f"{path}.") or path.startswith(f"{each}."):
                return False
        self.taken[path] = names
        return True

    def _made_up(self, call: Call, names: tuple[str, ...]) -> str:
        levels = self.levels.get(call, ())
        outer = levels[-1].path if levels else ""
        stem = SHORT.get(call.op, call.op.rpartition(".")[2].lower())
        is_shared = call.op in FILTERS and all(names)
        mine = (call.op, *names) if is_shared else (call.op, *names, call.outputs[0])
        if self.layers[outer] == 1 and self._is_free(outer, mine):
            return outer
        # Within the path of a layer there are no layers; then the name is one of the network.
        is_within = any(f"{outer}.".startswith(f"{each}.") for each in self.taken)
        before = f"{outer.replace('.', '_')}_" if is_within else f"{outer}." if outer else ""
        number = 0
        while not self._is_free(f"{before}{stem}{number}", mine):
            number += 1
        return f"{before}{stem}{number}"


FILTERS = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
"""Layers whose weights are hardly equal by chance: with the same ones, they are one layer."""
LAYERS = FILTERS | {
    "BatchNormalization", "LayerNormalization", "InstanceNormalization", "GroupNormalization",
    "PRelu", "Gather",
}  # fmt: skip
"""Nodes that may be layers with weights."""
SHORT = {"Gemm": "linear", "MatMul": "linear", "BatchNormalization": "norm"}
