"""Random specs have what faults needed, and `agree` sees every way in which code can be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from archdsl import driver
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.testing import KINDS, Disagreement, Spec, agree, held, seeded, specs
from archdsl.testing.compare import networks

DRAWN = 600
ELABORATED = 80


def test_every_kind_is_drawn() -> None:
    counts = Counter(kind for seed in range(DRAWN) for kind in seeded(seed).kinds)
    assert set(counts) <= set(KINDS)
    assert {kind: counts[kind] for kind in KINDS if counts[kind] < 4} == {}


def test_a_seed_is_a_spec() -> None:
    assert seeded(7) == seeded(7)
    assert len({seeded(seed).text for seed in range(50)}) == 50


def test_few_random_specs_are_refused() -> None:
    found = [networks(seeded(seed))[1] for seed in range(ELABORATED)]
    refused = [seed for seed, diagnostics in enumerate(found) if has_errors(diagnostics)]
    assert len(refused) <= 0.05 * ELABORATED


@settings(max_examples=20)
@given(specs())
def test_hypothesis_draws_the_same_kinds(spec: Spec) -> None:
    assert spec.kinds <= set(KINDS)
    assert not has_errors(networks(spec)[1])


def test_a_right_module_agrees() -> None:
    result = held(Spec("network n(classes=8, k=3): [3, 9, 7] = conv(classes, k) -> bn -> relu"))
    assert result.compared == 5
    assert result.graphs["n"].outputs.keys() == {"output"}


@pytest.fixture
def damage(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Has the compiler write one text for another."""
    compile = driver.compile

    def prepare(old: str, new: str) -> None:
        def damaged(*arguments: object) -> tuple[str, list[Diagnostic]]:
            text, diagnostics = compile(*arguments)  # type: ignore[arg-type]
            assert old in text
            return text.replace(old, new), diagnostics

        monkeypatch.setattr(driver, "compile", damaged)

    return prepare


@pytest.mark.parametrize(
    ("spec", "old", "new", "kind"),
    [
        ("conv1: conv(8, 3) -> relu", "conv1", "conv2", "keys"),
        ("conv1: conv(8, 3)", "conv1", "self.missing", "crash"),
        ("a: conv(8, 3) -> maxpool(2)", "2)", "3)", "shapes"),
        ("a: conv(8, 3) -> relu", "ReLU(", "SiLU(", "numbers"),
        ("a: conv(8, 3) -> bn: bn", "BatchNorm2d(8", "BatchNorm2d(8, momentum=0.3", "training"),
        ("a: conv(8, 3) -> dropout(0.2)", "0.2", "0.3", "training"),
        ("a: conv(8, 3, bias_init=0)", "zeros_", "ones_", "starts"),
        ("a: conv(8, 3, init=normal(0.1))", "std=0.1", "std=0.2", "starts"),
        ("a: conv(8, 3, init=kaiming_normal)", "fan_in", "fan_out", "starts"),
        ("a: conv(8, 3) -> relu", "self.a(x)", "self.a(x).detach()", "gradients"),
    ],
)
def test_differences_are_seen(
    damage: Callable[[str, str], None], spec: str, old: str, new: str, kind: str
) -> None:
    damage(old, new)
    with pytest.raises(Disagreement) as caught:
        agree(Spec(f"network n: [3, 9, 7] = {spec}"))
    assert caught.value.kind == kind
    assert spec in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "old", "new"),
    [
        ("conv(a, 3) -> conv(b, 1)", "Conv2d(a, b, 1)", "Conv2d(8, b, 1)"),
        ("conv(a, 3) -> (relu if b > 8 else silu)", "> 8", "> 20"),
        ("conv(a, 3) -> conv(b, 1)", "Conv2d(a, b, 1)", "Conv2d(a, a, 1)"),
    ],
)
def test_frozen_arguments_are_seen(
    damage: Callable[[str, str], None], spec: str, old: str, new: str
) -> None:
    damage(old, new)
    with pytest.raises(Disagreement) as caught:
        agree(Spec(f"network n(a=8, b=8): [3, 9, 7] = {spec}"))
    assert caught.value.kind == "arguments"
