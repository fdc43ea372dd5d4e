"""Checkpoints of every kind: each loads as PyTorch would, or is a few lines with a code."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import archdsl
from archdsl.render import as_text
from archdsl.weights.load import load_weights
from archdsl.weights.selection import Selection

SPEC = """
network small(classes=3): [3, 8, 8] -> [classes] =
    conv1: conv(4, 3, bias=false) -> bn1: bn -> relu
    -> aux(aux1: (global_avgpool -> flatten -> fc: linear(classes)))
    -> layer: (conv(8, 3, stride=2) -> bn -> relu)
    -> global_avgpool -> flatten -> fc: linear(classes)
"""
State = dict[str, Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("small.arch").write_text(SPEC)
    return tmp_path


def state() -> State:
    """The state dict of the network, full of twos."""
    found = archdsl.load("small.arch", "small").state_dict()
    return {key: torch.full_like(value, 2) for key, value in found.items()}


def loaded(caplog: pytest.LogCaptureFixture, name: str = "w.pth", **given: Any) -> list[str]:
    """Load a file; the keys that were not in it, with every note in the log."""
    with caplog.at_level(logging.WARNING, "archdsl"):
        module = archdsl.load("small.arch", "small", weights=name, **given)
    return [key for key, value in module.state_dict().items() if not (value == 2).all()]


def prefixed(prefix: str, weights: State) -> State:
    return {prefix + key: value for key, value in weights.items()}


def without(part: str, weights: State) -> State:
    return {key: value for key, value in weights.items() if part not in key}


def as_type(kind: torch.dtype, weights: State, part: str = "") -> State:
    return {k: v.to(kind) if part in k and v.dim() else v for k, v in weights.items()}


def changed(weights: State, **entries: Any) -> State:
    """Some entries, whose keys have `_` for `.`, in place of others or beside them."""
    return weights | {key.replace("__", "."): value for key, value in entries.items()}


GOOD: dict[str, tuple[Callable[[State], Any], str]] = {
    "as it is": (lambda s: s, ""),
    "parameters": (lambda s: {k: nn.Parameter(v, False) for k, v in s.items()}, ""),
    "before 0.4.1": (lambda s: without("num_batches", s), ""),
    "before 0.4": (lambda s: changed(s, bn1__num_batches_tracked=torch.tensor([2])), ""),
    "DataParallel": (lambda s: prefixed("module.", s), "`module.`"),
    "compiled": (lambda s: prefixed("_orig_mod.", s), "`_orig_mod.`"),
    "Lightning": (
        lambda s: {"state_dict": prefixed("model.", s), "hyper_parameters": {"lr": 0.1}},
        "entry `state_dict`, keys without the prefix `model.`",
    ),
    "several prefixes": (lambda s: prefixed("module._orig_mod.model.", s), "`module._orig_mod.mo"),
    "unheard-of prefix": (lambda s: prefixed("encoder_q.", s), "`encoder_q.`"),
    "timm": (lambda s: {"state_dict": s, "arch": "x", "epoch": 3}, "entry `state_dict`"),
    "torchvision": (
        lambda s: {"model": s, "optimizer": {"state": {0: {"exp_avg": torch.ones(1)}}}, "epoch": 1},
        "entry `model`",
    ),
    "twice nested": (lambda s: {"net": {"weights": s}}, "entry `net.weights`"),
    "old, nested and prefixed": (
        lambda s: {"weights": prefixed("module.", without("num_batches", s))},
        "entry `weights`, keys without the prefix `module.`",
    ),
    "headless": (lambda s: without("aux1", s), "no weights for head `aux1`"),
    "headless and prefixed": (lambda s: prefixed("module.", without("aux1", s)), "head `aux1`"),
    "double": (lambda s: as_type(torch.float64, s), ""),
    "half": (lambda s: as_type(torch.float16, s), ""),
    "bfloat16": (lambda s: as_type(torch.bfloat16, s), ""),
    "counters in half": (lambda s: {k: v.half() for k, v in s.items()}, ""),
    "channels last": (
        lambda s: {
            k: v.contiguous(memory_format=torch.channels_last) if v.dim() == 4 else v
            for k, v in s.items()
        },
        "",
    ),
}


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("legacy", [False, True])
def test_what_pytorch_takes_is_loaded(
    kind: str, legacy: bool, caplog: pytest.LogCaptureFixture
) -> None:
    make, said = GOOD[kind]
    torch.save(make(state()), "w.pth", _use_new_zipfile_serialization=not legacy)
    kept = loaded(caplog)
    absent = {"bn1.num_batches_tracked", "layer.1.num_batches_tracked"} if "0.4.1" in kind else ()
    absent = {key for key in kept if "num_batches" in key} if "old" in kind else set(absent)
    absent |= {"aux1.fc.weight", "aux1.fc.bias"} if "headless" in kind else set()
    assert set(kept) == absent
    assert said in caplog.text
    assert bool(caplog.text) == bool(said)


STRANGE: dict[str, tuple[Callable[[State], Any], str, str]] = {
    "keys that are no text": (lambda s: {3: torch.ones(1)}, "E0931", "`3` is a key in it"),
    "a list": (lambda s: [s], "E0931", "holds a `list`"),
    "a tensor": (lambda s: torch.ones(3), "E0931", "holds a `Tensor`"),
    "nothing": (lambda s: {}, "E0932", "it has no weights, and small needs 17"),
    "settings": (lambda s: {"epoch": 3, "lr": 0.1}, "E0931", "but `epoch`, `lr`"),
    "sparse": (lambda s: changed(s, fc__weight=torch.eye(3, 8).to_sparse()), "E0932", "sparse"),
    "quantized": (
        lambda s: changed(
            s, fc__weight=torch.quantize_per_tensor(s["fc.weight"], 0.1, 0, torch.qint8)
        ),
        "E0932",
        "quantized",
    ),
    "meta": (lambda s: {k: v.to("meta") for k, v in s.items()}, "E0932", "has no numbers"),
    "complex": (lambda s: as_type(torch.complex64, s), "E0932", "complex64 instead of float32"),
    "bool": (lambda s: as_type(torch.bool, s, "fc."), "E0932", "bool instead of float32"),
    "int8": (lambda s: as_type(torch.int8, s, "fc."), "E0932", "codes of quantized weights"),
    "a nested tensor": (
        lambda s: changed(s, fc__weight=torch.nested.nested_tensor([torch.ones(2)])),
        "E093",
        "",
    ),
    "overflow": (
        lambda s: changed(s, fc__bias=torch.full((3,), 1e300, dtype=torch.float64)),
        "E0932",
        "too large for float32",
    ),
    "no tensor": (lambda s: changed(s, epoch=3), "E0932", "`epoch` is not in the network"),
    "a number as a weight": (lambda s: changed(s, fc__bias=0.5), "E0932", "is a `float`"),
    "a broken count": (
        lambda s: changed(s, bn1__num_batches_tracked=torch.tensor(float("inf"))),
        "E0932",
        "not whole",
    ),
    "another shape": (
        lambda s: changed(s, fc__weight=torch.ones(5, 8), fc__bias=torch.ones(5)),
        "E0932",
        "layer `fc` of small: `weight` is [5, 8] instead of [3, 8], `bias` is [5]",
    ),
    "half a head": (lambda s: without("aux1.fc.bias", s), "E0932", "layer `aux1.fc` of small: `b"),
    "another network": (lambda s: {"a.b": torch.ones(1)}, "E0932", "none of its keys is in small"),
    "a huge network": (
        lambda s: s | {f"l{i}.w": torch.ones(1) for i in range(5000)},
        "E0932",
        "4992 further layers",
    ),
    "long keys": (lambda s: changed(s, **{"x" * 100_000: torch.ones(1)}), "E0932", "xxx…"),
    "deep keys": (lambda s: prefixed("a." * 50_000, s), "E0932", "none of its keys"),
    "two that fit": (lambda s: {"model": s, "ema": s}, "E0932", "state dicts in it fit: `model`, "),
    "two that nearly fit": (
        lambda s: {"model": without("conv1", s), "ema": without("conv1", s)},
        "E0932",
        "could be meant: `model`, `ema`",
    ),
    "a loss beside the network": (
        lambda s: {"state_dict": prefixed("model.", s) | {"loss.weight": torch.ones(2)}},
        "E0932",
        "`--prefix model.` takes only",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", STRANGE)
def test_what_does_not_fit_is_a_few_lines_and_nothing_is_loaded(kind: str) -> None:
    make, code, said = STRANGE[kind]
    torch.save(make(state()), "w.pth")
    module = archdsl.load("small.arch", "small")
    before = {key: value.clone() for key, value in module.state_dict().items()}
    found = load_weights(module, Path("w.pth"), "small")
    text = as_text(found)
    assert all(each.code.startswith(code) for each in found), text
    assert said in text
    assert 0 < len(text) < 3000
    assert all(value.equal(before[key]) for key, value in module.state_dict().items())


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("open('ran', 'w')",)


def damage(how: str) -> str:
    """A file that is not a checkpoint, at `w.pth` unless its name must be another."""
    torch.save(state(), "w.pth")
    path = Path("w.pth")
    content = path.read_bytes()
    path.unlink()
    match how:
        case "a folder":
            path.mkdir()
        case "a pipe":
            os.mkfifo(path)
        case "a device":
            path.symlink_to("/dev/zero")
        case "hostile":
            torch.save({"conv1.weight": Evil()}, path)
        case "hostile, legacy":
            torch.save({"a": Evil()}, path, _use_new_zipfile_serialization=False)
        case "a module":
            torch.save(nn.Linear(2, 2), path)
        case "a program":
            torch.jit.save(torch.jit.script(nn.Linear(2, 2)), path)
        case "nowhere":
            pass
        case _:
            path.write_bytes(FILES[how](content))
    return path.name


FILES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "nearly whole": lambda content: content[:-1],
    "text": lambda content: b"my notes\nare here\n",
    "HTML": lambda content: b"<!DOCTYPE html>\n<p>Not found\n",
    "Git LFS": lambda content: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "noise": lambda content: b"\xff\xfe\x00" * 400,
    "a zip's head": lambda content: b"PK\x03\x04",
    "a pickle's head": lambda content: b"\x80\x02}",
    "a header alone": lambda content: b"\x10" + b"\0" * 7 + b'{"a": 3}        ',
    "a header without end": lambda content: b"\xff" * 8 + b"{" * 600,
    "a path": lambda content: b"\x80\x02cos\nsystem\n.",
}
WAYS_ON = {
    "a folder": "name the file in it",
    "Git LFS": "git lfs pull",
    "half": "copy or download it again",
    "hostile": "it holds `exec`, and only tensors are read",
    "a module": "save `model.state_dict()`",
    "a program": "TorchScript",
    "HTML": "it is text that begins with `<!DOCTYPE html>`",
    "a pipe": "not a regular file",
}
OTHERS = ["a folder", "a pipe", "a device", "hostile", "hostile, legacy", "a module", "a program"]


@pytest.mark.filterwarnings("ignore:.*deprecated")
@pytest.mark.parametrize("how", [*FILES, *OTHERS, "nowhere"])
def test_what_is_no_checkpoint_is_one_error_and_runs_nothing(how: str, folder: Path) -> None:
    name = damage(how)
    module = archdsl.load("small.arch", "small")
    (error,) = load_weights(module, Path(name), "small")
    assert error.code == "E0931"
    text = as_text([error])
    assert WAYS_ON.get(how, "") in text
    assert len(text) < 250
    assert "weights_only" not in text
    assert str(folder) not in text
    assert not Path("ran").exists()


@pytest.mark.parametrize("name", ["w.safetensors", "w.bin", "w.pth"])
def test_safetensors_are_known_by_their_content(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    save_file(prefixed("module.", without("aux1", state())), name)
    assert loaded(caplog, name) == ["aux1.fc.weight", "aux1.fc.bias"]


def test_layers_are_skipped_and_named(caplog: pytest.LogCaptureFixture) -> None:
    other = changed(state(), fc__weight=torch.ones(5, 8), old__bias=torch.ones(1))
    torch.save(prefixed("module.", other), "w.pth")
    kept = loaded(caplog, skip=["fc.*", "old.bias"])
    assert kept == ["fc.weight", "fc.bias"]
    assert "skipped, with initial values: `fc.weight`, `fc.bias`, `old.bias`" in caplog.text
    caplog.clear()
    kept = loaded(caplog, skip=("*fc.*", "old.*"), key="", prefix="module")
    assert kept == ["aux1.fc.weight", "aux1.fc.bias", "fc.weight", "fc.bias"]
    assert "N0931" not in caplog.text


def test_of_several_state_dicts_one_is_chosen(caplog: pytest.LogCaptureFixture) -> None:
    torch.save({"a": {"model": state()}, "ema": without("conv1", state())}, "w.pth")
    assert loaded(caplog, key="a.model") == []
    with pytest.raises(archdsl.SpecError, match="layer `conv1` of small: `weight` is missing"):
        loaded(caplog, key="ema")
    with pytest.raises(archdsl.SpecError, match=r"did you mean `a\.model`\?"):
        loaded(caplog, key="a.modle")
    with pytest.raises(archdsl.SpecError, match="no state dict, a mapping from keys to tensors"):
        loaded(caplog, key="")


def test_a_prefix_that_is_given_leaves_out_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    torch.save(prefixed("model.", state()) | {"loss.weight": torch.ones(2)}, "w.pth")
    assert loaded(caplog, prefix="model.") == []
    assert "not read: `loss.weight`, which do not begin with `model.`" in caplog.text
    assert loaded(caplog, skip="loss.*") == []
    with pytest.raises(archdsl.SpecError, match=r"they have `loss\.`, `model\.`"):
        loaded(caplog, prefix="module.")


@pytest.mark.parametrize(
    ("pattern", "help"), [("fc", r"did you mean `fc\.\*`"), ("zzz", r"as in `fc\.\*`")]
)
def test_a_pattern_that_skips_nothing_is_an_error(
    pattern: str, help: str, caplog: pytest.LogCaptureFixture
) -> None:
    torch.save(state(), "w.pth")
    with pytest.raises(archdsl.SpecError, match=help) as caught:
        loaded(caplog, skip=pattern)
    assert [each.code for each in caught.value.diagnostics] == ["E0933"]


def test_a_pattern_that_skips_everything_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    torch.save(state(), "w.pth")
    with pytest.raises(archdsl.SpecError, match="nothing of it would be loaded"):
        loaded(caplog, skip="*")


def test_a_network_of_one_layer_is_called_by_its_own_name() -> None:
    torch.save({"weight": torch.zeros(1), "bias": torch.zeros(2)}, "a.pth")
    (error,) = load_weights(nn.Linear(3, 2), Path("a.pth"), "tiny")
    assert error.message == "tiny: `weight` is [1] instead of [2, 3]"
    assert error.help.startswith("`--skip 'weight'` leaves it out")


def test_a_network_without_weights_takes_an_empty_state_dict() -> None:
    torch.save({}, "a.pth")
    assert load_weights(nn.ReLU(), Path("a.pth"), "tiny") == []


def test_keys_cannot_steer_a_terminal() -> None:
    torch.save(state() | {"\x1b[2J": Tensor()}, "w.pth")
    found = load_weights(archdsl.load("small.arch", "small"), Path("w.pth"), "small")
    assert "\x1b" not in as_text(found)


def test_the_selection_knows_its_patterns() -> None:
    selection = Selection(("fc.*", "conv?.bias"), "module")
    assert [key for key in ("fc.weight", "xfc.w", "conv1.bias") if selection.skips(key)] == [
        "fc.weight",
        "conv1.bias",
    ]
    assert selection.whole_prefix == "module."
