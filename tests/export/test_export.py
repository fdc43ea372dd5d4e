"""`archdsl export`: what is written runs by itself and computes what the module computes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from safetensors.torch import save_file
from torch import Tensor, nn

import archdsl
from archdsl import export
from archdsl.cli import main
from archdsl.export import formats
from archdsl.ops.tensor_type import TensorType
from archdsl.outputs import SUFFIXES
from archdsl.shapes import symbol
from tests.helpers.filling import filled
from tests.helpers.paths import SPECS

SPEC = """\
block unit(width, stride=1): [c, _, _] -> [width, _, _] =
    add(
        conv1: conv(width, 3, stride) -> bn1: bn -> relu -> conv2: conv(width, 3) -> bn2: bn,
        downsample: ((conv(width, 1, stride) -> bn) if stride > 1 or c != width),
    ) -> relu
network residual(classes=10): [3, 16, 16] -> [classes] =
    conv1: conv(8, 3) -> bn1: bn -> relu -> layer1: unit(8) -> layer2: unit(16, stride=2)
    -> global_avgpool -> flatten -> fc: linear(classes)
network heads: [3, 16, 16] -> [10] =
    stem: conv(8, 3) -> relu -> aux(aux1: (global_avgpool -> flatten -> linear(10)))
    -> body: conv(8, 3) -> dropout(0.5) -> global_avgpool -> flatten -> head: linear(10)
network open: [3, 4 * h, 4 * w] =
    relu -> conv(8, 3, 2) -> upsample(2) -> concat(identity, maxpool(3, 1, pad=1))
network two: (image: [3, 8, 8], mask: [1, 8, 8]) =
    concat(@image -> conv(4, 3), @mask -> relu) -> flatten -> linear(3)
network several: [3, 8, 8] -> (score: [10], map: [8, 8, 8]) =
    conv: conv(8, 3) -> act: relu -> aux(side: (flatten -> linear(10)))
    -> (map: @act, score: (flatten -> linear(10)))
"""
SIZES = {"open": ["--at", "h=4,w=5"]}
SHAPES = {
    "lenet5_modern": [(1, 32, 32)],
    "residual": [(3, 16, 16)],
    "heads": [(3, 16, 16)],
    "open": [(3, 16, 20)],
    "two": [(3, 8, 8), (1, 8, 8)],
    "several": [(3, 8, 8)],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(SPEC)
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["export", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def files(folder: Path) -> list[str]:
    """What is in a folder beside the spec, hidden files included."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".arch"]
    return sorted(str(path.relative_to(folder)) for path in paths)


def file_of(name: str) -> Path:
    return SPECS / "lenet.arch" if name == "lenet5_modern" else Path("net.arch")


def module_of(name: str) -> nn.Module:
    """A network with weights that let every layer count, which are in `weights.safetensors`."""
    module = filled(archdsl.load(file_of(name), name)).float()
    save_file(module.state_dict(), "weights.safetensors")
    return module


def images(name: str) -> list[Tensor]:
    """Inputs for a network; nothing else has batches of five."""
    return [torch.randn(5, *shape) for shape in SHAPES[name]]


def results(path: Path, inputs: Sequence[Tensor]) -> list[Tensor]:
    """What an exported network computes, without archdsl."""
    if path.suffix == ".onnx":
        from onnxruntime import InferenceSession

        session = InferenceSession(path, providers=["CPUExecutionProvider"])
        names = [each.name for each in session.get_inputs()]
        feed = {name: x.numpy() for name, x in zip(names, inputs, strict=True)}
        return [*map(torch.from_numpy, session.run(None, feed))]
    if path.suffix == ".pt2":
        return listed(torch.export.load(path).module()(*inputs))
    return listed(torch.jit.load(path)(*inputs))


def listed(found: Any) -> list[Tensor]:
    """One result, or several in order, without heads, which are None."""
    if isinstance(found, Tensor):
        return [found]
    several = found.values() if isinstance(found, dict) else found
    return [each for each in several if each is not None]


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.filterwarnings("ignore:`torch.jit.load` is deprecated")
def test_what_is_written_computes_what_the_module_computes(
    folder: Path, name: str, form: str
) -> None:
    module, target = module_of(name), Path(f"out/net{SUFFIXES[form]}")
    options = ["--weights", "weights.safetensors", *SIZES.get(name, [])]
    result = run(f"{file_of(name)}:{name}", "--to", form, "-o", str(target), *options)
    assert (result.exit_code, result.output.splitlines()[0]) == (0, f"wrote {target}")
    assert "differs from the module by" in result.output
    assert files(folder) == [str(target), "weights.safetensors"]
    assert not any(part in target.read_bytes() for part in (b"site-packages", bytes(folder)))
    inputs = images(name)
    with torch.no_grad():
        expected = listed(module(*inputs))
        torch.testing.assert_close(results(target, inputs), expected, rtol=1e-4, atol=1e-5)


def test_onnx_names_its_inputs_and_leaves_the_batch_open(folder: Path) -> None:
    import onnx

    assert run("net.arch:two", "--to", "onnx").exit_code == 0
    graph = onnx.load("generated/two.onnx").graph
    sizes = {
        each.name: [size.dim_param or size.dim_value for size in each.type.tensor_type.shape.dim]
        for each in [*graph.input, *graph.output]
    }
    batch = "batch"
    assert sizes == {"image": [batch, 3, 8, 8], "mask": [batch, 1, 8, 8], "output": [batch, 3]}


def test_results_have_names(folder: Path) -> None:
    import onnx

    for form in ("onnx", "torch-export"):
        assert run("net.arch:several", "--to", form).exit_code == 0
    outputs = onnx.load("generated/several.onnx").graph.output
    assert [each.name for each in outputs] == ["score", "map"]
    program = torch.export.load("generated/several.pt2").module()
    assert [*program(torch.zeros(3, 3, 8, 8))] == ["score", "map"]


@pytest.mark.filterwarnings("ignore:`torch.jit.load` is deprecated")
def test_parameters_have_other_values_and_fresh_weights_are_the_same_again(folder: Path) -> None:
    for name in ("a.pt", "b.pt"):
        arguments = ["--to", "torchscript", "-o", name, "--set", "classes=7"]
        assert run("net.arch:residual", *arguments).exit_code == 0
    inputs = images("residual")
    ((first,), (second,)) = (results(Path(name), inputs) for name in ("a.pt", "b.pt"))
    assert first.shape == (5, 7)
    assert torch.equal(first, second)


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["net.arch:residual", "--at", "h=4"], 2, "error[E0915]"),
        (["net.arch:residual", "--at", "bach=4"], 2, "= help: all sizes are numbers"),
        (["net.arch:residual", "--at", "batch=4"], 2, "error[E0915]"),
        (["net.arch:residual", "-o", "net.pth"], 2, "error[E0927]: `net.pth` does not end in .pt,"),
        (["net.arch:residual", "-o", "mine.pt"], 2, "error[E0925]: `mine.pt` already exists"),
        (["net.arch:residual", "--weights", "mine.pt"], 2, "error[E0931]"),
        (["net.arch:residul"], 2, "did you mean `residual`?"),
        (["net.arch:residual", "--set", "clases=1"], 2, "did you mean `classes`?"),
        (["net.arch"], 2, "`net.arch` has 5 networks"),
    ],
)
def test_what_cannot_be_done_is_one_error(
    folder: Path, arguments: list[str], code: int, part: str
) -> None:
    (folder / "mine.pt").write_text("my notes")
    result = run(*arguments, "--to", "torchscript")
    assert (result.exit_code, part in result.output) == (code, True), result.output
    assert result.output.count("error[") <= 1
    assert (files(folder), (folder / "mine.pt").read_text()) == (["mine.pt"], "my notes")


def replace_writer(monkeypatch: pytest.MonkeyPatch, write: Any) -> None:
    monkeypatch.setitem(formats.FORMS, "torchscript", (write, formats.FORMS["torchscript"][1]))


def test_what_computes_something_else_is_not_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, _ = formats.FORMS["torchscript"]

    def wrong(module: nn.Module, inputs: export.Inputs) -> bytes:
        module.fc.weight[0, 0] += 0.1
        content = right(module, inputs)
        module.fc.weight[0, 0] -= 0.1
        return content

    replace_writer(monkeypatch, wrong)
    result = run("net.arch:residual", "--to", "torchscript")
    assert (result.exit_code, "error[E0974]: `residual`" in result.output) == (1, True)
    assert files(folder) == []


def test_results_that_are_no_numbers_are_not_taken_for_equal(folder: Path) -> None:
    state = module_of("residual").state_dict()
    torch.save({**state, "fc.bias": torch.full((10,), torch.nan)}, "weights.pth")
    result = run("net.arch:residual", "--to", "torchscript", "--weights", "weights.pth")
    assert (result.exit_code, "error[E0974]" in result.output) == (1, True)
    assert not (folder / "generated").exists()


def test_results_that_do_not_depend_on_the_image_are_said_to_show_little(folder: Path) -> None:
    (folder / "net.arch").write_text(
        "network net: [3, 8, 8] -> [4] =\n"
        "    conv(4, 3, init=normal(1e-9)) -> global_avgpool -> flatten -> linear(4)\n"
    )
    result = run("net.arch", "--to", "torchscript")
    assert (result.exit_code, "so that says little" in result.output) == (0, True), result.output
    module = filled(archdsl.load("net.arch")).float()
    torch.save(module.state_dict(), "weights.pth")
    result = run("net.arch", "--to", "torchscript", "--weights", "weights.pth")
    assert (result.exit_code, "so that says little" in result.output) == (0, False), result.output


def test_what_pytorch_refuses_is_one_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(module: nn.Module, inputs: export.Inputs) -> bytes:
        raise RuntimeError("Unsupported: this\nand much more")

    replace_writer(monkeypatch, refuse)
    level = logging.getLogger("torch.onnx").level
    result = run("net.arch:residual", "--to", "torchscript")
    message = "error[E0973]: `residual` cannot be exported as torchscript: Unsupported: this\n"
    assert (result.exit_code, message in result.output) == (1, True), result.output
    assert (files(folder), logging.getLogger("torch.onnx").level) == ([], level)


@pytest.mark.parametrize("is_training", [True, False])
def test_a_module_is_left_as_it_was(is_training: bool) -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Dropout(0.5)).train(is_training)
    exported, diagnostics = export.export(
        module, "net", export.Inputs({"x": TensorType((3, 8, 8))}), "torchscript"
    )
    assert exported is not None
    assert diagnostics == []
    assert {part.training for part in module.modules()} == {is_training}


def test_weights_that_no_onnx_file_can_hold(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archdsl.export.formats.ONNX_MOST", 1000)
    result = run("net.arch:residual", "--to", "onnx")
    assert (result.exit_code, "a file is limited to 2 GiB" in result.output) == (1, True)
    assert files(folder) == []


@pytest.mark.parametrize(
    ("form", "package"), [("onnx", "onnxruntime"), ("onnx", "onnxscript"), ("torchscript", "torch")]
)
def test_without_a_package_the_extra_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, form: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # type: ignore[arg-type]
    result = run("net.arch:residual", "--to", form)
    assert (result.exit_code, f"E0971]: not installed: {package}\n" in result.output) == (2, True)
    assert "pip install 'archdsl[export]'" in result.output
    assert files(folder) == []


OPEN = """
block unit(width, stride): [c, _, _] -> [width, _, _] =
    add(conv(width, 3, stride) -> bn -> relu -> conv(width, 3) -> bn, conv(width, 1, stride) -> bn)
    -> relu
network classify(classes=5): [3, h, w] =
    conv(8, 7, stride=2) -> bn -> relu -> maxpool(3, 2, pad=1) -> unit(8, 1) -> unit(16, 2)
    -> mul(identity, global_avgpool -> conv(4, 1) -> relu -> conv(16, 1) -> sigmoid)
    -> global_avgpool -> flatten -> linear(classes)
network segment: [3, 4 * h, 4 * w] =
    conv(8, 3, stride=2) -> relu -> skip: conv(8, 3) -> conv(8, 3, stride=2) -> relu
    -> upsample(2) -> concat(identity, @skip) -> upsample(2) -> conv(2, 1)
network rounded: [3, h, w] =
    conv(4, 3, stride=2, pad=0) -> relu -> maxpool(3, 2, ceil=true)
    -> conv(4, 3) -> maxpool(3, 2, ceil=true) -> global_avgpool -> flatten -> linear(3)
network odd: [3, 2 * h + 1, 3 * w - 1] = conv(4, 3, stride=2, pad=0) -> relu
network both: (image: [3, h, w], mask: [1, h, w]) =
    mul(@image -> conv(4, 3), @mask -> sigmoid) -> global_avgpool -> flatten -> linear(3)
network sound(classes=3): [1, l] =
    conv(8, 9, stride=4, pad=0) -> bn -> relu -> maxpool(4) -> conv(8, 3) -> relu
    -> rearrange("c l -> l; c") -> layernorm -> take(-1) -> linear(classes)
network tokens: [n; 8] =
    add(identity, layernorm -> linear(16) -> gelu -> linear(8)) -> append(linear(8), identity)
    -> rearrange("(n p); d -> n; (p d)", p=2) -> linear(4) -> softmax
network patches: [3, 8 * h, 8 * w] =
    conv(8, 4, stride=4, pad=0) -> rearrange("c (h p) (w q) -> (h w) (p q); c", p=2, q=2)
    -> linear(8) -> global_maxpool -> flatten -> linear(3)
"""
OPEN_SHAPES: dict[str, Callable[[int, int], list[tuple[int, ...]]]] = {
    "classify": lambda h, w: [(3, h + 40, w + 40)],
    "segment": lambda h, w: [(3, 4 * h, 4 * w)],
    "rounded": lambda h, w: [(3, h + 20, w + 20)],
    "odd": lambda h, w: [(3, 2 * h + 1, 3 * w - 1)],
    "both": lambda h, w: [(3, h, w), (1, h, w)],
    "sound": lambda h, w: [(1, h * w + 40)],
    "tokens": lambda h, w: [(h * w, 8)],
    "patches": lambda h, w: [(3, 8 * h, 8 * w)],
}
AXES = {
    "classify": [["batch", 3, "h", "w"]],
    "segment": [["batch", 3, "4*h", "4*w"]],
    "rounded": [["batch", 3, "h", "w"]],
    "odd": [["batch", 3, "2*h + 1", "3*w - 1"]],
    "both": [["batch", 3, "h", "w"], ["batch", 1, "h", "w"]],
    "sound": [["batch", 1, "l"]],
    "tokens": [["batch", "n", 8]],
    "patches": [["batch", 3, "8*h", "8*w"]],
}


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", OPEN_SHAPES)
@pytest.mark.filterwarnings("ignore:`torch.jit.load` is deprecated")
def test_sizes_stay_open(folder: Path, name: str, form: str) -> None:
    (folder / "net.arch").write_text(OPEN)
    module, target = filled(archdsl.load("net.arch", name)).float(), Path(f"net{SUFFIXES[form]}")
    save_file(module.state_dict(), "weights.safetensors")
    options = ["--to", form, "-o", str(target), "--weights", "weights.safetensors"]
    result = run(f"net.arch:{name}", *options)
    assert (result.exit_code, "accepts " in result.output) == (0, True), result.output
    for number, sizes in enumerate(((8, 8), (9, 8), (8, 13), (21, 10), (16, 31)), 1):
        inputs = [torch.randn(number, *shape) for shape in OPEN_SHAPES[name](*sizes)]
        with torch.no_grad():
            torch.testing.assert_close(
                results(target, inputs), listed(module(*inputs)), rtol=1e-4, atol=1e-5
            )
    if form == "onnx":
        import onnx

        found = [
            [size.dim_param or size.dim_value for size in each.type.tensor_type.shape.dim]
            for each in onnx.load(target).graph.input
        ]
        assert found == AXES[name]


def test_a_size_that_is_given_is_fixed_and_the_other_stays_open(folder: Path) -> None:
    import onnx

    (folder / "net.arch").write_text(OPEN)
    assert run("net.arch:segment", "--to", "onnx", "--at", "h=4", "-o", "a.onnx").exit_code == 0
    (image,) = onnx.load("a.onnx").graph.input
    dims = [size.dim_param or size.dim_value for size in image.type.tensor_type.shape.dim]
    assert dims == ["batch", 3, 16, "4*w"]


def test_other_sizes_are_compared_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "net.arch").write_text(OPEN)
    right, read = formats.FORMS["torchscript"]

    def fixed(content: bytes) -> formats.Call:
        call = read(content)
        # It is right at small sizes only.
        return lambda tensors: call([each[..., :3, :3] for each in tensors])

    monkeypatch.setitem(formats.FORMS, "torchscript", (right, fixed))
    result = run("net.arch:both", "--to", "torchscript")
    assert (result.exit_code, "error[E097" in result.output) == (1, True), result.output
    assert files(folder) == []


def test_sizes_that_are_no_multiples_cannot_stay_open_in_a_traced_program() -> None:
    half = symbol("h") // 2
    with pytest.raises(ValueError, match="cannot keep the size"):
        export.Inputs({"x": TensorType((3, half, half))}, {"h": 4}).dynamic()
