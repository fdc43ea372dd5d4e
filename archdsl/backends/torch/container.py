"""An `nn.Sequential` that statements fill."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field

from archdsl.backends.torch.layout import Block


@dataclass
class Container:
    """An `nn.Sequential` filled by statements: a list, or a dict where its modules have names."""

    variable: str
    is_named: bool
    block: list[str | Block] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def add(self, key: str, module: str) -> None:
        """Append a module."""
        if self.is_named:
            self.block.append(f"{self.variable}[{key}] = {module}")
        else:
            self.waiting.append(module)

    def flush(self) -> None:
        """Write down what waits."""
        last = self.block[-1] if self.block else ""
        if self.waiting and isinstance(last, str) and last.endswith("= []"):
            self.block[-1] = f"{last.removesuffix('[]')}[{', '.join(self.waiting)}]"
        elif len(self.waiting) == 1:
            self.block.append(f"{self.variable}.append({self.waiting[0]})")
        elif self.waiting:
            self.block.append(f"{self.variable} += [{', '.join(self.waiting)}]")
        self.waiting.clear()


def ordered(items: list[str]) -> str:
    """An `OrderedDict` of items, with keywords where all their keys can be some."""
    keywords = [re.fullmatch(r'\("([A-Za-z_]\w*)", (.*)\)', item, re.DOTALL) for item in items]
    if all(match and not keyword.iskeyword(match[1]) for match in keywords):
        pairs = [f"{match[1]}={match[2]}" for match in keywords if match]
        return f"OrderedDict({', '.join(pairs)})"
    return f"OrderedDict([{', '.join(items)}])"
