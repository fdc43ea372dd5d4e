"""An op of several inputs takes branches, arguments and weights, in one class."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.helpers.paths import ROOT

SPEC = """
block pair(out, share=0.5) = lerp(conv(out, 1), conv(out, 3), share=share) -> relu
block head(n) = mix: bilinear(a: linear(8), relu -> b: linear(4), out=n) -> fc: linear(n)
network net(w=8, s=0.25, n=5): [3, 8, 8] =
    pair(w, share=s) -> pair(2 * w) -> global_avgpool -> flatten -> head(n)
    -> bilinear(identity, linear(3), out=n) -> relu
network two(w=8): [3, 8, 8] =
    lerp(x: conv(w, 1), y: conv(w, 1), share=0.1) -> out: lerp(conv(4, 1), conv(4, 3), share=0.2)
"""
REFUSED = {
    "lerp(conv(4, 1), share=0.5)": "error[E0203]: `lerp` takes 2 branches, not 1",
    "lerp(relu, relu, relu, share=0.5)": "error[E0204]: `lerp` takes 2 branches, not 3",
    "lerp(relu, relu)": "error[E0203]: `lerp` needs a value for `share`",
    "lerp(relu, relu, shre=1)": "error[E0202]: `lerp` has no parameter `shre`",
    "lerp(relu, relu, share=2)": "error[E0306]: `share` of `lerp` cannot have this value",
    "mean(relu, relu, share=2)": "error[E0202]: `mean` takes no keywords",
}


def _run(command: str, spec: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "spec.arch"
    file.write_text(spec)
    process = [sys.executable, "-m", "tests.helpers.joining_ops", command, str(file)]
    return subprocess.run(process, capture_output=True, text=True, check=False, cwd=ROOT)


def test_as_pytorch(tmp_path: Path) -> None:
    """Keys, numbers, gradients and other arguments."""
    done = _run("agree", SPEC, tmp_path)
    assert done.returncode == 0, done.stderr


def test_keys(tmp_path: Path) -> None:
    """An op with weights has a key of its own; its branches are named beside it."""
    rows = _run("summary", SPEC, tmp_path).stdout.splitlines()
    paths = {row.split()[0] for row in rows if row}
    assert {"4.a", "4.b", "4.mix", "4.fc", "6"} <= paths


def test_refused(tmp_path: Path) -> None:
    networks = [f"network n{i}: [3, 8, 8] = {text}" for i, text in enumerate(REFUSED)]
    done = _run("check", "\n".join(networks), tmp_path)
    printed = done.stdout + done.stderr
    assert [message for message in REFUSED.values() if message not in printed] == []


def test_default_arguments(tmp_path: Path) -> None:
    text = "default lerp(share=0.5)\nnetwork net: [3, 8, 8] = lerp(relu, conv(3, 1))\n"
    assert _run("check", text, tmp_path).returncode == 0


def test_sizes_that_fit_for_some_inputs_only(tmp_path: Path) -> None:
    """An op that asks whether sizes are equal need not know that this may not be decided."""
    branch = "maxpool(2, stride=2) -> upsample(2)"
    done = _run("check", f"network net: [3, h, w] = paired({branch}, identity)\n", tmp_path)
    printed = done.stdout + done.stderr
    assert "error[E0311]" in printed
    assert "Traceback" not in printed


def test_the_branch_that_does_not_fit_is_blamed(tmp_path: Path) -> None:
    """The first as well as any other."""
    feature = "global_avgpool -> flatten"
    calls = [f"bilinear(relu, {feature}, out=2)", f"bilinear({feature}, silu, out=2)"]
    networks = [f"network n{i}: [3, 8, 8] = {call}" for i, call in enumerate(calls)]
    done = _run("check", "\n".join(networks), tmp_path)
    printed = (done.stdout + done.stderr).splitlines()
    columns = [line.index("^") for line in printed if line.strip(" |^") == "" and "^" in line]
    quoted = [line for line in printed if "network n" in line]
    blamed = [line[at : at + 4] for line, at in zip(quoted, columns, strict=True)]
    assert blamed == ["relu", "silu"]


def test_a_weight_without_a_label_is_remarked_on(tmp_path: Path) -> None:
    text = (
        "network net: [3, 8, 8] = global_avgpool -> flatten -> a: linear(4)"
        " -> bilinear(relu, identity, out=2)\n"
    )
    done = _run("check", text, tmp_path)
    assert "note[N0401]: `bilinear` has weights but no label" in done.stdout + done.stderr
