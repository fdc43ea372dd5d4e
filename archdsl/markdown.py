"""Specs in pages of Markdown: a fence ```` ```arch ```` becomes the figure of its network.

`fence` and `options` are what `custom_fences` of pymdownx.superfences take.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from archdsl.errors import SpecError

if TYPE_CHECKING:
    from archdsl.network import Network

CODE, NETWORK = "code", "network"
"""The options of a fence: to show its text too, and which network to draw; by default the last."""


def options(
    language: str, inputs: Mapping[str, str], found: dict[str, Any], attributes: object, md: object
) -> bool:
    """Read the options of a fence, such as ```` ```arch network="small" code="yes" ````.

    An option that there is not makes it no fence of ours.
    """
    found.update({name: text for name, text in inputs.items() if name in (CODE, NETWORK)})
    return found.keys() == inputs.keys()


def fence(
    text: str, language: str, css_class: str, options: Mapping[str, str], md: object, **more: object
) -> str:
    """The page's part for a fence: the figure of a network, or the text of a spec without one.

    Raises `SuperFencesException` for a spec that is wrong, which ends the building of the page.
    """
    from archdsl.api import read

    try:
        networks = read(text=text)
    except SpecError as wrong:
        raise _refused(str(wrong)) from None
    name = options.get(NETWORK) or next(reversed(networks), None)
    if name is not None and name not in networks:
        raise _refused(f"there is no network {name!r} in this fence")
    figure = None if name is None else _figure(networks[name])
    code = figure is None or CODE in options
    shown = f"<pre><code>{escape(text)}</code></pre>" if code else ""
    return f'<div class="{escape(css_class)}">{shown}{figure or ""}</div>'


def _figure(network: Network) -> str | None:
    from archdsl.pictures import embedded

    return embedded(network.graph)


def _refused(message: str) -> Exception:
    from pymdownx.superfences import SuperFencesException

    refused: Exception = SuperFencesException(message)
    return refused
