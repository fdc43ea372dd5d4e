"""What nodes of ONNX files and their weights are called, by what exporters say of them."""

from __future__ import annotations

import numpy as np

from archdsl.importing.files.flat import Level
from archdsl.importing.files.onnx.graph import Call, Fixed
from archdsl.importing.files.onnx.names import CLASSES, PATHS, Keys, levels_of


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


def test_norms_that_begin_with_equal_numbers_are_not_one():
    def norm(name: str) -> Call:
        metadata = {PATHS: str([name, "node"]), CLASSES: str(["Norm", "op"])}
        return Call("LayerNormalization", "", [f"x{name}", "two.weight"], [name], {}, metadata)

    calls = [norm("one"), norm("two")]
    keys = Keys(levels_of(calls))
    parts = {"weight": Fixed(np.ones(3), "two.weight")}
    assert [keys.path(call, parts) for call in calls] == ["one", "two"]
