"""Sizes and tables whose expressions nobody could read."""

import pytest

import archdsl

UNIT = "block unit(c, e, k): [_, _, _] -> [c, _, _] = conv(c * e, k, pad=k // 2) -> conv(c, 1)\n"


def table(rows: int) -> str:
    return ", ".join(f"[{8 + 4 * (row % 3)}, 1, {1 + 2 * (row % 2)}]" for row in range(rows))


@pytest.mark.parametrize("rows", [60, 3000])
def test_a_network_may_have_a_table_of_any_length(rows):
    loop = (
        "chain(unit(c, e, k) for c, e, k in rows)"
        if rows == 60
        else ("chain(conv(c, k) for c, e, k in rows)")
    )
    text = f"{UNIT}network n: [8, 8, 8] = let rows = [{table(rows)}] in {loop}\n"
    assert archdsl.read(text=text)["n"].output == (8 + 4 * ((rows - 1) % 3), 8, 8)
    assert "in rows" in archdsl.compile(text=text)


def test_code_that_reads_a_size_without_a_readable_expression_is_fixed_to_it():
    text = (
        "network n(k=3): [3, 8, 8] ="
        " chain(conv(8, k, pad=k // 2) for i in range(60)) -> flatten -> linear(10)\n"
    )
    assert archdsl.check(text=text) == []
    assert "def __init__(self) -> None" in archdsl.compile(text=text)
    assert "nn.Linear(channels * 8 * 8, 10)" in archdsl.compile(text=text)


def test_positions_that_are_joined_and_split_many_times_stay_readable():
    text = (
        'block unit(m) = rearrange("c h w -> (h w); c") -> linear(8)'
        ' -> rearrange("(n m); d -> d n m", m=m)\n'
        "network n: [3, 4, 6] = repeat(60, unit(6)) -> stages: unit(3) -> flatten -> linear(10)\n"
        "network k(s=6): [3, 4, s] = repeat(60, unit(s)) -> flatten -> linear(10)\n"
    )
    code = archdsl.compile(text=text)
    assert "nn.Linear(8 * 8 * 3, 10)" in code
    assert "nn.Linear(channels * 4 * s, 10)" in code
