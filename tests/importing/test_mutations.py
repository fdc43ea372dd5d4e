"""The proof refuses what differs: models are changed between import and proof."""

from tools.mutate_imports import run


def test_no_change_of_a_function_passes_the_proof():
    refused, _, passed = run(count=8, seed=5)
    assert passed == []
    assert refused == 8
