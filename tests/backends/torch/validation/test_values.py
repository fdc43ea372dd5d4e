"""Arguments as they are compared: which of them mean the same to PyTorch."""

from __future__ import annotations

from archdsl.backends.torch.validation.values import plain


def test_equal_numbers_for_all_axes_are_one_number() -> None:
    assert plain((1, 1)) == plain(1)
    assert plain([2, 2, 2]) == plain(2)
    assert plain((1, 2)) != plain(1)
    assert plain((1.0, 1.0)) != plain(1.0)


def test_lists_of_lists_are_no_numbers() -> None:
    assert plain(((1, 1), (1, 1))) != plain((1, 1))
    assert plain(((1, 1), 1)) != plain((1, 1))
    assert plain(((1, 1), (1, 1))) != plain(1)
