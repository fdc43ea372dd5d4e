"""Names of the language as Python names."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile

from archdsl.graph import Graph
from archdsl.ops.foreign import Foreign
from archdsl.ops.foreign_class import ForeignClass
from archdsl.resolve.reserved import fault_of
from archdsl.tree import Block

WORDS = {
    "alexnet": "AlexNet", "aspp": "ASPP", "bn": "BN", "convnext": "ConvNeXt",
    "deeplab": "DeepLab", "deeplabv": "DeepLabV", "deit": "DeiT", "densenet": "DenseNet",
    "efficientnet": "EfficientNet", "fcn": "FCN", "googlenet": "GoogLeNet", "lenet": "LeNet",
    "lraspp": "LRASPP", "maxvit": "MaxViT", "mbconv": "MBConv", "mlp": "MLP",
    "mnasnet": "MNASNet", "mobilenet": "MobileNet", "mobilenetv": "MobileNetV",
    "mobileone": "MobileOne", "rbf": "RBF", "regnet": "RegNet", "repvgg": "RepVGG",
    "resnet": "ResNet", "resnetv": "ResNetV", "resnext": "ResNeXt", "se": "SE",
    "senet": "SENet", "shufflenet": "ShuffleNet", "squeezenet": "SqueezeNet", "unet": "UNet",
    "vgg": "VGG", "vit": "ViT", "zfnet": "ZFNet",
}  # fmt: skip
"""Customary spelling of words that are more than capitalised."""

USED_BY_THE_FILE = frozenset(
    (
        "self torch nn F Tensor Callable NamedTuple OrderedDict Sequence Final partial math "
        "divisible accumulate"
    ).split()
)


def class_name(name: str) -> str:
    """The class of a block or network: `dense_layer` is `DenseLayer`, `resnet50` is `ResNet50`.

    The class of a labelled scope is named after its label, which may be any text.
    """
    words = [_word(word) for word in re.split(r"[\W_]+", name, flags=re.ASCII) if word]
    joined = "".join(words[:1])
    for before, word in pairwise(words):
        # Two adjacent numbers stay separate.
        joined += f"_{word}" if before[-1].isdigit() and word[0].isdigit() else word
    if not joined.isidentifier():
        joined = f"Block{joined}"
    return f"{joined}_" if keyword.iskeyword(joined) or joined in USED_BY_THE_FILE else joined


def _word(word: str) -> str:
    match = re.fullmatch(r"([^\W\d]+)(\d.*)?", word)
    if match is None:
        return word
    letters, digits = match[1], match[2] or ""
    return WORDS.get(letters.lower(), letters[0].upper() + letters[1:]) + digits


def helper_classes(graphs: Iterable[Graph]) -> set[str]:
    """The classes and functions in a file that are no blocks, for ops that PyTorch lacks."""
    known = [*graphs]
    return own_classes(known) | {each.class_name for each in foreign_classes(known)}


def own_classes(graphs: Iterable[Graph]) -> set[str]:
    """The classes and functions that ops bring with them."""
    uses = {(node.op, graph.input_shapes(node)) for graph in graphs for node in graph if node.op}
    forms = [op.torch(*shapes) for op, shapes in uses]
    return {name for form in forms for name in form.definitions}


def foreign_classes(graphs: Iterable[Graph]) -> dict[ForeignClass, Block]:
    """The classes of others that a file imports, each with the first network that uses it."""
    found: dict[ForeignClass, Block] = {}
    for graph in graphs:
        for op in {type(node.op): node.op for node in graph}.values():
            if isinstance(op, Foreign):
                found.setdefault(op.declared, graph.tree.block)
    return found


def foreign_imports_of(graphs: Iterable[Graph]) -> dict[str, str]:
    """The modules that classes of others are imported from, by the names of the classes."""
    return {each.class_name: each.module for each in foreign_classes(graphs)}


def variable_name(name: str) -> str:
    """The name if Python and the generated file leave it free, else with `_` appended."""
    word = re.sub(r"\W", "_", name, flags=re.ASCII)
    word = word if word[:1].isidentifier() else f"x{word}"
    if word.startswith("_"):
        # The file's helpers have such names, and Python gives two underscores a meaning.
        return variable_name(f"{word.strip('_') or 'unnamed'}_")
    reserved = keyword.iskeyword(word) or word in USED_BY_THE_FILE
    return f"{word}_" if reserved or word in BUILTINS else word


BUILTINS = frozenset(
    "super len range zip enumerate min max sum abs round int float bool str list dict tuple "
    "isinstance property".split()
)
"""Builtins that generated code may read, so that no variable may shadow them."""

assert all(hasattr(builtins, name) for name in BUILTINS)


def attribute_name(name: str) -> str:
    """The name as an attribute of a module, with `_` appended if every module has it."""
    word = variable_name(name) if name.isidentifier() else "value"
    return f"{word}_" if fault_of(word) else word


def common_start(names: Sequence[str]) -> str:
    """The common prefix of names: `branch1` for `branch1_1a` and `branch1_1b`."""
    letters = zip(*names, strict=False)
    alike = takewhile(lambda each: len(set(each)) == 1, letters)
    return "".join(each[0] for each in alike).rstrip("_")


def unused(name: str, taken: set[str]) -> str:
    """The name, with a number appended if it is taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}{number}"


def tensor_name(taken: set[str]) -> str:
    """The name of a tensor without a label: `out`, or else `y`."""
    return "out" if "out" not in taken else unused("y", taken)


def placeholder(name: str) -> str:
    """A placeholder for a name chosen later; it is not a valid Python name."""
    return f"<{name}>"
