"""What the user says about a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Selection:
    """Which part of a checkpoint is loaded.

    `skip`: patterns such as `fc.*` for the keys that are left out. `prefix`: what the keys begin
    with in the file only, such as `module.`. `key`: the entry that holds the state dict, with dots
    between entries within entries. An empty string stands for no prefix and for the whole file;
    None lets the only prefix or entry that fits be found.
    """

    skip: tuple[str, ...] = ()
    prefix: str | None = None
    key: str | None = None

    def skips(self, key: str) -> bool:
        """Whether an entry of the network or the checkpoint is left out."""
        return any(fnmatchcase(key, pattern) for pattern in self.skip)

    @property
    def whole_prefix(self) -> str | None:
        """The prefix with the dot at its end, which may be left out."""
        if not self.prefix or self.prefix.endswith("."):
            return self.prefix
        return f"{self.prefix}."
