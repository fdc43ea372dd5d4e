"""The rules for functions of PyTorch that no op names in its form."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.importing import carried
from archdsl.importing.functions import Rule
from archdsl.importing.rules import attention, images, joins, parts, rearranging, reductions

RULES: Mapping[str, Rule] = {
    **joins.RULES,
    **rearranging.RULES,
    **parts.RULES,
    **images.RULES,
    **reductions.RULES,
    **attention.RULES,
    **carried.RULES,
}
