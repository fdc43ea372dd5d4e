"""ONNX files as specs: what their nodes become, with names and without, and the proof."""

from __future__ import annotations

import warnings
from contextlib import suppress

import numpy as np
import pytest
import torch

from archdsl.importing.files import import_file
from archdsl.importing.files.flat import Level
from archdsl.importing.files.onnx.graph import Call, Fixed
from archdsl.importing.files.onnx.names import CLASSES, PATHS, Keys, levels_of
from archdsl.importing.files.onnx.reading import model_of
from archdsl.importing.files.proof import Original, proved
from archdsl.importing.refusal import Refusal
from tests.helpers import small_models
from tests.helpers.onnx_files import onnx_model, save

STRIPPED = """
net (float[N,3,8,8] x, float[8,3,3,3] t1, float[8] t2, float[8] scale, float[8] shift,
  float[8] mean, float[8] var, float[8,8,3,3] a1, float[8] b1, float[8,8,3,3] a2, float[8] b2,
  float[4,8] fw, float[4] fb) => (float[N,4] y) {
  h0 = Conv<pads=[1,1,1,1], strides=[2,2]>(x, t1, t2)
  h1 = BatchNormalization<epsilon=0.001>(h0, scale, shift, mean, var)
  h2 = Relu(h1)
  h3 = Conv<pads=[1,1,1,1]>(h2, a1, b1)
  h4 = Relu(h3)
  h5 = Add(h4, h2)
  h6 = Conv<pads=[1,1,1,1]>(h5, a2, b2)
  h7 = Relu(h6)
  h8 = Add(h7, h5)
  h9 = GlobalAveragePool(h8)
  h10 = Flatten(h9)
  y = Gemm<transB=1>(h10, fw, fb)
}"""

NAMED = """
net (float[N,3,8,8] x, float[8,3,3,3] stem__conv__weight, float[8,8,3,3] blocks__0__conv__weight,
  float[8,8,3,3] blocks__1__conv__weight, float[8] blocks__1__conv__bias,
  float[8] blocks__0__conv__bias, float[4,8] head__weight, float[4] head__bias) => (float[N,4] y) {
  h0 = Conv<pads=[1,1,1,1], strides=[2,2]>(x, stem__conv__weight)
  h2 = Relu(h0)
  h3 = Conv<pads=[1,1,1,1]>(h2, blocks__0__conv__weight, blocks__0__conv__bias)
  h4 = Relu(h3)
  h5 = Add(h4, h2)
  h6 = Conv<pads=[1,1,1,1]>(h5, blocks__1__conv__weight, blocks__1__conv__bias)
  h7 = Relu(h6)
  h8 = Add(h7, h5)
  h9 = GlobalAveragePool(h8)
  h10 = Flatten(h9)
  y = Gemm<transB=1>(h10, head__weight, head__bias)
}"""


def body(text: str) -> str:
    return text.partition("\n\n")[2]


def test_a_file_without_names_has_blocks_where_regions_repeat(tmp_path):
    imported = import_file(save(onnx_model(STRIPPED), tmp_path))
    assert body(imported.text) == (
        "block residual_block = add(conv(8, 3) -> relu, identity)\n\n"
        "network net: [3, 8, 8] =\n"
        "    conv(8, 3, stride=2) -> bn(eps=0.001) -> relu\n"
        "    -> repeat(2, residual_block)\n"
        "    -> global_avgpool -> flatten\n"
        "    -> linear(4)\n"
    )


def test_modules_follow_from_keys(tmp_path):
    imported = import_file(save(onnx_model(NAMED), tmp_path))
    assert "stem: " in imported.text
    assert "blocks: repeat(2, unit)" in imported.text
    assert "head: linear(4)" in imported.text


@pytest.mark.parametrize("name", ["Optional", "Shared", "Tokens", "Heads"])
def test_modules_follow_from_the_names_of_nodes(name, tmp_path):
    """PyTorch's older exporter writes no classes, and folds batch norms into convolutions."""
    path = tmp_path / "net.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = getattr(small_models, name)().eval()
        given = {"input_names": ["x"], "dynamic_axes": {"x": {0: "n"}}}
        torch.onnx.export(model, (torch.rand(2, 3, 8, 8),), str(path), dynamo=False, **given)
    text = body(import_file(path).text)
    assert {
        "Optional": "blocks: (unit -> stem(16, stride=2) -> repeat(2, unit)) -> flatten",
        "Shared": "share body = conv(3, 3) in body -> relu -> repeat(2, body)",
        "Heads": "-> linear0: linear(24)\n    -> attend(split(3), heads=2)\n    -> out_proj",
        "Tokens": "-> qkv: linear(24)\n    -> attend(split(3), heads=2)\n    -> proj: linear(8)",
    }[name] in text


IMAGE, TOKENS = "float[N,4,8,8] x", "float[N,6,8] x, float[8,5] w"
NUMBERS = """a = Constant<value_float=1.41421356>() b = Constant<value_float=1.0>()
    c = Constant<value_float=0.5>() l = Constant<value_float=0.0>() h = Constant<value_float=6.0>()
    i = Constant<value_int=0>() n0 = Constant<value_ints=[0]>() n1 = Constant<value_ints=[1]>()
    n2 = Constant<value_ints=[2]>() m = Constant<value_ints=[-1]>()
    r = Constant<value_floats=[1.0, 1.0, 2.0, 2.0]>()"""
SAME = 'y = Conv<auto_pad="SAME_UPPER", strides=[2,2]>(x, w)'
NEAREST = 'mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"'
MARGIN = "y = MaxPool<kernel_shape=[3,3], strides=[2,2], pads=[0,0,1,1]>(x)"
NODES = {
    "Clip": (IMAGE, "y = Clip(x, l, h)", "relu6"),
    "HardSwish": (IMAGE, "y = HardSwish(x)", "hardswish"),
    "Silu": (IMAGE, "s = Sigmoid(x) y = Mul(s, x)", "silu"),
    "Gelu": (IMAGE, "d = Div(x, a) e = Erf(d) f = Add(e, b) g = Mul(x, f) y = Mul(g, c)", "gelu"),
    "MaxPool": (IMAGE, MARGIN, "maxpool(3, stride=2, ceil=true)"),
    "AveragePool": (IMAGE, "y = AveragePool<kernel_shape=[2,2], strides=[2,2]>(x)", "avgpool(2)"),
    "Same": (IMAGE + ", float[4,4,3,3] w", SAME, "pad([0, 1, 0, 1]) -> conv(4, 3, stride=2, pad=0"),
    "ConvTranspose": (
        IMAGE + ", float[4,2,2,2] w",
        "y = ConvTranspose<strides=[2,2]>(x, w)",
        "conv_transpose(2, 2, stride=2, ",
    ),
    "LRN": (IMAGE, "y = LRN<size=5>(x)", "lrn"),
    "Resize": (IMAGE, f"y = Resize<{NEAREST}>(x, , r)", "upsample(2)"),
    "Slice": (IMAGE, "y = Slice(x, n0, n2, n1)", "slice(0, 2)"),
    "Split": (
        IMAGE,
        "p, q = Split<axis=1>(x) y = Concat<axis=1>(q, p)",
        "concat(part(2, 1), part(2, 0))",
    ),
    "ReduceMean": (IMAGE, "y = ReduceMean<axes=[2,3], keepdims=0>(x)", "global_avgpool -> flatten"),
    "MatMul": (TOKENS + ", float[5] v", "z = MatMul(x, w) y = Add(v, z)", "linear(5)"),
    "LayerNormalization": (
        TOKENS + ", float[5] u, float[5] v",
        "z = MatMul(x, w) y = LayerNormalization<epsilon=0.00001>(z, u, v)",
        "-> layernorm",
    ),
    "Gather": (TOKENS, "z = MatMul(x, w) y = Gather<axis=1>(z, i)", "take(0)"),
    "Identity": (IMAGE, "y = Identity(x)", "= identity"),
    "Sizes": (
        IMAGE,
        "s = Shape(x) n = Gather(s, n0) t = Concat<axis=0>(n, m) y = Reshape(x, t)",
        "flatten",
    ),
}


@pytest.mark.parametrize("name", NODES)
def test_nodes_are_ops(name, tmp_path):
    given, nodes, expected = NODES[name]
    model = onnx_model(f"net ({given}) => (float[N,M] y) {{ {NUMBERS} {nodes} }}")
    model.graph.output[0].type.tensor_type.ClearField("shape")
    assert expected in import_file(save(model, tmp_path)).text


REFUSED = {
    "no op": ("y = Det(x)", "E0987", "node `y` (`Det`) has an operator"),
    "settings": ("y = HardSigmoid<alpha=0.3>(x)", "E0987", "another slope"),
    "number": ("c = Constant<value_float=1.5>() y = Add(x, c)", "E0987", "adds a fixed number"),
    "training": (
        """a = Constant<value_floats=[1.0,1.0,1.0,1.0]>()
        y, b, c = BatchNormalization<training_mode=1>(x, a, a, a, a)""",
        "E0987",
        "normalises by the batch, as in training",
    ),
    "bounds": (
        "l = Constant<value_float=6.0>() h = Constant<value_float=0.0>() y = Clip(x, l, h)",
        "E0987",
        "has settings that PyTorch has not",
    ),
    "samples": ("y = Transpose<perm=[1,0,2,3]>(x)", "E0987", "samples of a batch are mixed"),
    "unmade": ("y = Relu(z)", "E0991", "reads `z`, which nothing has made"),
    "hostile": (
        "n = Constant<value_ints=[1000000,1000000]>() z = ConstantOfShape(n) y = Add(x, z)",
        "E0987",
        "a tensor of 1000000 x 1000000 fixed numbers",
    ),
    "branch": (
        """c = Constant<value=bool[1] {1}>() y = If(c)<
        then_branch = a () => (float[4] p) { p = Constant<value_floats=[1.0,1.0,1.0,1.0]>() },
        else_branch = b () => (float[4] q) { q = Constant<value_floats=[1.0,1.0,1.0,1.0]>() }>""",
        "E0988",
        "has a graph of its own",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_names_the_node_its_operator_and_why(name, tmp_path):
    nodes, code, message = REFUSED[name]
    model = onnx_model(f"net ({IMAGE}) => (float[N,4,8,8] y) {{ {nodes} }}")
    with pytest.raises(Refusal) as caught:
        import_file(save(model, tmp_path))
    assert (caught.value.code, message in caught.value.message) == (code, True), caught.value


def test_what_is_open_is_asked_for(tmp_path):
    nodes = "y = Conv<pads=[1,1,1,1]>(x, w)"
    text = f"net (float[N,3,H,W] x, float[4,3,3,3] w) => (float[N,4,H,W] y) {{ {nodes} }}"
    path = save(onnx_model(text), tmp_path)
    with pytest.raises(Refusal, match=r"the input `x` is of sizes 3,\?,\?"):
        import_file(path)
    assert "[3, 6, 8]" in import_file(path, ["3,6,8"]).text


def test_what_an_optimizer_made_belongs_to_the_module_that_reads_it():
    def call(op: str, inputs: list[str], outputs: list[str], *paths: str) -> Call:
        kinds = [path.upper() for path in paths]
        metadata = {PATHS: str([*paths, "node"]), CLASSES: str([*kinds, "op"])} if paths else {}
        return Call(op, "", inputs, outputs, metadata=metadata)

    split, act = call("Split", ["a"], ["b", "c"]), call("HardSwish", ["d"], ["e"])
    conv = call("Conv", ["b"], ["d"], "two", "two.conv1")
    calls = [call("Conv", ["x"], ["a"], "one"), split, conv, act]
    calls += [call("Conv", ["e"], ["f"], "two", "two.conv2"), call("Add", ["c", "f"], ["g"], "two")]
    found = levels_of(calls)
    assert found[split] == found[act] == (Level("two", "TWO"),)


def test_layers_without_names_get_keys_within_a_module_that_has_the_key_of_a_layer():
    calls = [Call("Gemm", f"/m/n/Gemm_{i}", ["x"], [f"y{i}"]) for i in range(2)]
    keys = Keys({call: (Level("m", ""), Level("m.n", "")) for call in calls})
    keys.taken["m"] = ("weights",)
    paths = [keys.path(call, {"weight": Fixed(np.zeros(2))}) for call in calls]
    assert paths == ["m_n_linear0", "m_n_linear1"]


WRONG = [
    ("relu", "silu"),
    ("eps=0.001", "eps=0.002"),
    ("stride=2", "stride=1"),
    ("add(conv(8, 3) -> relu, identity)", "add(conv(8, 3), identity)"),
    ("add(conv(8, 3) -> relu, identity)", "conv(8, 3) -> relu"),
    ("global_avgpool", "global_maxpool"),
    ("conv(8, 3)", "conv(8, 3, bias=false)"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_the_proof_refuses_every_other_network(wrong, tmp_path, monkeypatch):
    tried = []

    def changed(text: str, network: str, original: Original) -> object:
        tried.append(text.replace(*wrong) != text)
        if len(tried) > 1:
            raise Refusal("E0989", "the first text was refused already")
        return proved(text.replace(*wrong), network, original)

    monkeypatch.setattr("archdsl.importing.files.written.proved", changed)
    with pytest.raises(Refusal) as caught:
        import_file(save(onnx_model(STRIPPED), tmp_path))
    assert (caught.value.code, tried[0]) == ("E0989", True)


def test_broken_files_are_refused_and_nothing_else(tmp_path):
    whole = onnx_model(STRIPPED).SerializeToString()
    path = tmp_path / "net.onnx"
    for cut in range(0, len(whole), len(whole) // 13):
        path.write_bytes(whole[:cut])
        with pytest.raises(Refusal):
            import_file(path)
    draw = torch.Generator().manual_seed(0)
    for _ in range(20):
        place = int(torch.randint(len(whole), (1,), generator=draw))
        changed = int(torch.randint(256, (1,), generator=draw))
        path.write_bytes(whole[:place] + bytes([changed]) + whole[place + 1 :])
        with suppress(Refusal):
            import_file(path)


def outside(tmp_path, location: str):
    model = onnx_model(STRIPPED)
    tensor = model.graph.initializer[0]
    content = tensor.raw_data
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    for key, value in {"location": location, "offset": "0", "length": str(len(content))}.items():
        tensor.external_data.add(key=key, value=value)
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(content)
    (folder / "beside").write_bytes(content)
    (folder / "link").symlink_to(tmp_path / "secret")
    return save(model, folder)


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "link", "absent", "", "."])
def test_no_file_outside_the_folder_is_read(location, tmp_path):
    with pytest.raises(Refusal) as caught:
        model_of(outside(tmp_path, location))
    assert caught.value.code == "E0991"


def test_weights_beside_the_file_are_read(tmp_path):
    assert "residual_block" in import_file(outside(tmp_path, "beside")).text
