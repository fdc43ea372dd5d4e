"""What PyTorch makes of the generated files, network by network."""

from __future__ import annotations

import ast
import copy
import io
import re
import tokenize

import pytest
import torch
from torch import Tensor, nn

from archdsl.analysis.given import at_sizes
from archdsl.analysis.memory import saved
from archdsl.analysis.state import state_shapes
from archdsl.arithmetic import Value
from archdsl.contracts import contract
from archdsl.examples import empty_inputs
from archdsl.examples import sized as of_numbers
from archdsl.export.formats import quiet
from archdsl.export.recurrence import Looped
from archdsl.graph import Graph
from tests.helpers.commands import run
from tests.helpers.generated import built, on_meta, shared, traced
from tests.helpers.kinds import NETWORKS, smallest_of_each_kind
from tests.helpers.paths import GENERATED, SPECS
from tests.helpers.pipeline import elaborated, generated_text, graphs
from tests.helpers.saving import seen_by_hooks
from tests.helpers.shortened import shortened

FILES = sorted(path.stem for path in SPECS.glob("*.arch"))
SMALL = {"lenet": "lenet5_modern", "resnet": "resnet18", "densenet": "densenet_bc_cifar"}
OPEN = 24
"""A number for every size that a network leaves open."""
HEADS = {
    ("googlenet", "googlenet"): ("aux1", "aux2"),
    ("googlenet", "googlenet_paper"): ("aux1", "aux2"),
    ("inception_v2", "inception_v2"): ("AuxLogits",),
    ("inception_v3", "inception_v3"): ("AuxLogits",),
}
LINES = {"resnet": 165, "densenet": 145, "vgg": 60, "resnext": 184, "resnet_v2": 142}
LINES |= {
    "resnet_cifar": 150,
    "mobilenet_v2": 80,
    "mobilenet_v3": 170,
    "shufflenet_v2": 102,
    "senet": 370,
}
# As many as torchvision's and timm's files have, for the networks that they hold.
LINES |= {"googlenet": 225, "inception_v3": 322, "squeezenet": 112}
LINES |= {"inception_v4": 365, "inception_resnet": 369, "xception": 291}
LINES |= {"efficientnet": 465, "mnasnet": 169, "regnet": 379, "wide_resnet": 287, "fcn": 115}

UNROLLED = ("deeplab", "lraspp")
"""They call some layers of a list; TorchScript compiles no loop over its part."""

every_file = pytest.mark.parametrize("file", FILES)
every_network = pytest.mark.parametrize(("file", "name"), NETWORKS)
every_kind = pytest.mark.parametrize(("file", "name"), smallest_of_each_kind())


def graph_of(file: str, name: str) -> Graph:
    return graphs(SPECS / f"{file}.arch")[name]


def sized(file: str, name: str) -> Graph:
    """The network with numbers for the sizes that it leaves open."""
    graph = graph_of(file, name)
    sizes = {name: max(OPEN, least) for name, least in contract(graph).least.items()}
    return at_sizes(graph, sizes)[0] or graph


def meta_images(file: str, name: str) -> list[Tensor]:
    """A batch of two for every input."""
    graph = sized(file, name)
    return [*empty_inputs([of_numbers(graph.shape(port), {}) for port in graph.inputs.values()], 2)]


def results(output: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """What a network gives: in training there may be several, with names."""
    return (output,) if isinstance(output, Tensor) else output


def shapes_of(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {key: tuple(entry.shape) for key, entry in module.state_dict().items()}


# --- the files ---


def test_every_spec_is_generated() -> None:
    assert sorted(path.stem for path in GENERATED.glob("*.py")) == FILES


@every_file
def test_generated_anew_it_is_the_same(file: str) -> None:
    """As the command says, and without a note: a parameter of a shipped network would be fixed."""
    result = run("compile", SPECS / f"{file}.arch", "--output", GENERATED, "--check")
    assert (result.exit_code, result.stderr) == (0, "")


def code_lines(text: str) -> int:
    """Lines that hold code: no blank lines, comments or docstrings, and no list of names."""
    text = re.sub(r"^__all__ = \[.*?\]$", "", text, flags=re.DOTALL | re.MULTILINE)
    code: set[int] = set()
    statement_starts = True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
            statement_starts = statement_starts or token.type == tokenize.NEWLINE
        elif token.type == tokenize.STRING and statement_starts:
            continue
        elif token.type not in (tokenize.COMMENT, tokenize.ENDMARKER):
            code.update(range(token.start[0], token.end[0] + 1))
            statement_starts = False
    return len(code)


def test_code_lines_are_counted() -> None:
    text = (
        '"""Text\n\nof two lines."""\n\n__all__ = [\n    "A",\n]\n\n# comment\nx = """a\nb"""'
        "  # comment\n\nif x:\n    y = 1\n"
    )
    assert code_lines(text) == 4


@pytest.mark.parametrize("file", LINES)
def test_files_are_short(file: str) -> None:
    assert code_lines((GENERATED / f"{file}.py").read_text(encoding="utf-8")) <= LINES[file]


def test_alexnet_is_short() -> None:
    """torchvision's file has one of the networks of ours."""
    path = SPECS / "alexnet.arch"
    assert code_lines(generated_text(path, "alexnet")) <= 55


@every_file
def test_lines_are_short(file: str) -> None:
    text = (GENERATED / f"{file}.py").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("file", [file for file in FILES if file not in UNROLLED])
def test_no_statement_is_unrolled(file: str) -> None:
    """No three statements in a row that differ in their numbers alone."""
    tree = ast.parse((GENERATED / f"{file}.py").read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            forms = [_without_numbers(statement) for statement in function.body]
            rows = zip(forms, forms[1:], forms[2:], strict=False)
            assert not [form for form, *rest in rows if rest == [form, form]], function.name


def _without_numbers(statement: ast.stmt) -> str:
    statement = copy.deepcopy(statement)
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            node.value = 0
    return ast.dump(statement)


# --- the modules ---


@every_network
def test_keys_and_shapes(file: str, name: str) -> None:
    assert shapes_of(shared(file, name)) == state_shapes(graph_of(file, name))


def other(value: Value) -> Value:
    """A value of the same kind that is not the default."""
    if isinstance(value, bool):
        return not value
    assert isinstance(value, int | float)
    return value + 3 if isinstance(value, int) else value * 1.5


@every_network
def test_no_parameter_is_frozen(file: str, name: str) -> None:
    """A network's parameters, moved off their defaults, do in Python what they do in the spec."""
    tree = graph_of(file, name).tree
    for parameter in tree.block.parameters:
        assert parameter.default is not None
        changed = {parameter.name: other(parameter.default.value)}
        again = elaborated(SPECS / f"{file}.arch", {name: changed}, name)[name]
        assert shapes_of(on_meta(file, name, **changed)) == state_shapes(again)


@every_kind
def test_traced(file: str, name: str) -> None:
    network, images = on_meta(file, name), meta_images(file, name)
    found = results(traced(file, name)(*images))
    assert [y.shape for y in found] == [y.shape for y in results(network(*images))]


@every_kind
def test_exported(file: str, name: str) -> None:
    network = shortened(on_meta(file, name).eval())
    images = meta_images(file, name)
    with quiet(), torch.no_grad(), Looped():
        exported = torch.export.export(network, tuple(images))
        found, wanted = (results(made(*images)) for made in (exported.module(), network))
    assert [each.shape for each in found] == [each.shape for each in wanted]


@every_kind
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")
def test_copied_and_scripted(file: str, name: str) -> None:
    network = shortened(on_meta(file, name))
    assert shapes_of(torch.jit.script(network)) == shapes_of(network)


@every_kind
def test_a_step_of_training(file: str, name: str) -> None:
    """Every parameter has a gradient, for which so much was saved as is said."""
    network, graph = on_meta(file, name).train(), sized(file, name)
    output, found = seen_by_hooks(network, *meta_images(file, name))
    sum(y.sum() for y in results(output)).backward()
    assert [key for key, weight in network.named_parameters() if weight.grad is None] == []
    # On this device alone a shuffle of one group is the same tensor, both directions of a
    # recurrent layer share one copy of its input, and attention keeps its matrices.
    has_attention = any(node.op and node.op.family == "attention" for node in graph)
    if name not in ("shufflenet_g1", "text_lstm") and not has_attention:
        assert found == sum(saved(graph, batch=2).values())


@pytest.mark.parametrize(("file", "name"), [("vit", "deit_tiny_patch16_224"), ("swin", "swin_t")])
def test_what_attention_saves(file: str, name: str) -> None:
    network, graph = built(file, name).train(), sized(file, name)
    _, found = seen_by_hooks(network, torch.zeros(2, 3, 224, 224))
    assert found == sum(saved(graph, batch=2).values())


@pytest.mark.parametrize(("file", "name"), HEADS)
def test_heads_exist_in_training_only(file: str, name: str) -> None:
    network = on_meta(file, name)
    (x,) = meta_images(file, name)
    trained = network.train()(x)
    assert trained._fields == ("output", *HEADS[file, name])
    assert [tuple(y.shape) for y in trained] == [(2, 1000)] * len(trained)
    assert network.eval()(x).shape == (2, 1000)


@pytest.mark.parametrize(("file", "name"), SMALL.items())
def test_gradients_are_those_of_the_function(file: str, name: str) -> None:
    """The derivative along a random direction, by autograd and by a difference quotient."""
    torch.manual_seed(0)
    network = built(file, name).double().eval()
    shape = graph_of(file, name).shape(graph_of(file, name).inputs["input"])
    x = torch.randn(1, *shape.sizes, dtype=torch.float64, requires_grad=True)
    direction = torch.randn_like(x)
    network(x).square().sum().backward()
    assert x.grad is not None
    with torch.no_grad():
        step = 1e-7 * direction
        quotient = (network(x + step).square().sum() - network(x - step).square().sum()) / 2e-7
    assert torch.dot(x.grad.flatten(), direction.flatten()).item() == pytest.approx(
        quotient.item(), rel=1e-4
    )


@pytest.mark.parametrize(("file", "name"), [("lenet", "lenet5"), ("lenet", "lenet5_modern")])
def test_compiled_whole(file: str, name: str) -> None:
    torch.manual_seed(0)
    network = built(file, name).eval()
    x = torch.randn(2, 1, 32, 32)
    compiled = torch.compile(network, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), network(x))
