"""A fence of Markdown becomes the figure of its network."""

from __future__ import annotations

import pytest

from archdsl.markdown import fence, options

markdown = pytest.importorskip("markdown")
superfences = pytest.importorskip("pymdownx.superfences")

SPEC = "network a: [3, 8, 8] = conv(8, 3)\n\nnetwork b: [3, 8, 8] = conv(4, 3) -> relu\n"


def page(text: str) -> str:
    fences = [{"name": "arch", "class": "arch", "format": fence, "validator": options}]
    settings = {"pymdownx.superfences": {"custom_fences": fences}}
    made: str = markdown.markdown(
        text, extensions=["pymdownx.superfences"], extension_configs=settings
    )
    return made


def test_the_last_network_is_drawn() -> None:
    made = page(f"Text.\n\n```arch\n{SPEC}```\n")
    assert '<div class="arch"><img alt="b"' in made
    assert "<pre>" not in made


def test_options_choose_a_network_and_show_the_text() -> None:
    made = page(f'```arch network="a" code="yes"\n{SPEC}```\n')
    assert '<img alt="a"' in made
    assert "conv(4, 3) -&gt; relu" in made
    assert "<img" not in page(f'```arch colour="red"\n{SPEC}```\n')


def test_a_spec_without_networks_is_shown_as_text() -> None:
    assert "<pre><code>block u = relu" in page("```arch\nblock u = relu\n```\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("```arch\nnetwork n: [3] = linear(2) -> rellu\n```\n", "did you mean `relu`"),
        ('```arch network="c"\nnetwork n: [3] = linear(2)\n```\n', "there is no network 'c'"),
    ],
)
def test_a_wrong_fence_ends_the_building(text: str, why: str) -> None:
    with pytest.raises(superfences.SuperFencesException, match=why):
        page(text)
