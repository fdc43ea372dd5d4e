"""Names of the language as Python names."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile

from archdsl.graph import Graph
from archdsl.resolve.reserved import fault_of

WORDS = {
    "alexnet": "AlexNet", "bn": "BN", "convnext": "ConvNeXt", "deit": "DeiT",
    "densenet": "DenseNet", "fcn": "FCN",
    "googlenet": "GoogLeNet", "lenet": "LeNet", "mlp": "MLP", "mobilenet": "MobileNet",
    "mobilenetv": "MobileNetV", "rbf": "RBF", "resnet": "ResNet", "resnetv": "ResNetV",
    "resnext": "ResNeXt", "se": "SE", "senet": "SENet", "shufflenet": "ShuffleNet",
    "squeezenet": "SqueezeNet", "unet": "UNet", "vgg": "VGG", "vit": "ViT", "zfnet": "ZFNet",
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
    """The helper classes and functions in a file, for ops that PyTorch lacks."""
    nodes = {
        (type(node.op), node.op.switches, node.shape.rank, node.shape.is_last): (node, graph)
        for graph in graphs
        for node in graph
        if node.op is not None
    }
    forms = [n.op.torch(*g.input_shapes(n)) for n, g in nodes.values() if n.op is not None]
    return {name for form in forms for name in form.definitions}


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


def placeholder(name: str) -> str:
    """A placeholder for a name chosen later; it is not a valid Python name."""
    return f"<{name}>"
