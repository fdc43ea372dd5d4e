"""The calls of code that runs on stand-ins, each looked up among those of a graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from archdsl.backends.torch.validation.faults import Mismatch
from archdsl.backends.torch.validation.forms import Forms
from archdsl.backends.torch.validation.signatures import MODE
from archdsl.backends.torch.validation.table import Table, TableEntry
from archdsl.backends.torch.validation.tensors import Storage, StubBare, StubTensor, Use
from archdsl.backends.torch.validation.values import TENSOR, CallKey, Plain, key_text, paired, plain

NO_KEYWORDS: Mapping[str, object] = MappingProxyType({})
LAYER = "layer"
"""The callee for applying a module with weights; its path is the first argument."""


@dataclass(eq=False)
class Record:
    """The calls so far, and their entries in `table`.

    While the table is being `filled`, unknown calls are added to it, and listed in `added`.
    """

    forms: Forms
    table: Table = field(default_factory=Table)
    filled: bool = False
    modules_left: int = 0
    training: bool = True
    reads_mode: bool = False
    counts: Counter[int] = field(default_factory=Counter)
    added: list[CallKey] = field(default_factory=list)

    def begin(self, training: bool) -> None:
        """Reset to no calls."""
        self.training = training
        self.counts = Counter()

    def module(self) -> None:
        """Count a new module; raises `Mismatch` for too many."""
        self.modules_left -= 1
        if self.modules_left < 0:
            raise Mismatch("the code makes far more modules than the network has layers")

    def made(
        self, callee: str, positional: Sequence[object], keywords: dict[str, object]
    ) -> CallKey:
        """The constructor call of a layer."""
        named = {name: plain(value) for name, value in keywords.items()}
        return self.forms.signatures.key(callee, [*map(plain, positional)], named)

    def call(
        self, callee: str, positional: Sequence[object], keywords: dict[str, object]
    ) -> StubTensor:
        """Record a call of a PyTorch function, or of a method or operator of tensors."""
        inplace = keywords.pop("inplace", False) is True
        read: list[StubTensor] = []
        given = [self._argument(value, read) for value in positional]
        named = {name: self._argument(value, read) for name, value in keywords.items()}
        if "training" in keywords and keywords["training"] is self.training:
            named["training"] = MODE
        return self.result(self.forms.signatures.key(callee, given, named), read, inplace)

    def apply(
        self,
        layer: CallKey | None,
        path: str,
        read: Sequence[StubTensor],
        inplace: bool = False,
        keywords: Mapping[str, object] = NO_KEYWORDS,
    ) -> StubTensor:
        """Record the application of a module to tensors; a module with weights has a path."""
        numbers = tuple([(TENSOR, tensor.number) for tensor in read])
        every = [*read]
        named = tuple(sorted([(n, self._argument(value, every)) for n, value in keywords.items()]))
        key = (LAYER, (path, *numbers), named) if path else (layer, numbers, named)
        return self.result(key, every, inplace)

    def bare(self, path: str) -> StubTensor:
        """A learned tensor of a module, as `forward` reads it."""
        key: CallKey = (LAYER, (path,), ())
        if self.filled:
            self._add(key)
        number, _ = self._known(key, ())
        return StubBare(number, Storage(is_input=True), self.call)

    def result(self, key: CallKey, read: Sequence[StubTensor], inplace: bool = False) -> StubTensor:
        """The result of a call that reads some tensors; raises `Mismatch` for an unknown call."""
        if self.filled:
            return self._add(key)
        for tensor in read:
            self.require_fresh(tensor)
        number, entry = self._known(key, read)
        if entry is not None and entry.number == number:
            self.counts[number] += 1
            if inplace:
                return self._overwritten(entry, read[0])
            if entry.form.is_view[self.training]:
                return self.tensor(number, read[0].storage)
        elif inplace:
            raise Mismatch(f"{key_text(key)} cannot work in place")
        return self._made(number, entry, read)

    def tensor(self, number: int, storage: Storage) -> StubTensor:
        """A stand-in for a tensor in some memory."""
        return StubTensor(number, storage, self.call)

    def require_fresh(self, tensor: StubTensor) -> None:
        """Raise `Mismatch` if the memory of a tensor has been overwritten."""
        if tensor.version != tensor.storage.version:
            raise Mismatch("a tensor is read after it was overwritten in place")

    def _argument(self, value: object, read: list[StubTensor]) -> Plain:
        kind = type(value)
        if kind is int or kind is str:
            return value
        if isinstance(value, StubTensor):
            read.append(value)
            return (TENSOR, value.number)
        if isinstance(value, list | tuple):
            return paired(value, tuple([self._argument(item, read) for item in value]))
        return plain(value)

    def _add(self, key: CallKey) -> StubTensor:
        if key not in self.table.results:
            self.table.results[key] = (self.table.fresh(), None)
        self.added.append(key)
        return self.tensor(self.table.results[key][0], Storage())

    def _known(self, key: CallKey, read: Sequence[StubTensor]) -> tuple[int, TableEntry | None]:
        known = self.table.results.get(key)
        if known is None:
            when = "" if self.training else " in evaluation"
            instead = self._instead(read)
            raise Mismatch(f"{key_text(key)} is not a layer of the network{when}{instead}")
        return known

    def _instead(self, read: Sequence[StubTensor]) -> str:
        """The graph's calls on some tensors that the code has not made yet."""
        numbers = [tensor.number for tensor in read]
        for number, entry in self.table.entries.items():
            if entry.inputs == numbers and not self.counts[number]:
                return f"; expected {entry}"
        return ""

    def _overwritten(self, entry: TableEntry, tensor: StubTensor) -> StubTensor:
        """The result of an in-place op."""
        storage = tensor.storage
        if not entry.form.can_overwrite:
            raise Mismatch(f"{entry} cannot work in place")
        if storage.is_input:
            raise Mismatch(f"{entry} overwrites an input of the network")
        for user, use in storage.users if self.training else ():
            if _keeps(user, use):
                raise Mismatch(f"{entry} overwrites what the gradient of {user} needs")
        storage.version += 1
        storage.users = [(entry, "in place")]
        return self.tensor(entry.number, storage)

    def _made(
        self, number: int, entry: TableEntry | None, read: Sequence[StubTensor]
    ) -> StubTensor:
        storage = Storage()
        if entry is not None:
            storage.users.append((entry, "output"))
            for tensor in read:
                tensor.storage.users.append((entry, "input"))
        return self.tensor(number, storage)


def _keeps(user: TableEntry, use: Use) -> bool:
    """Whether the gradient of a call needs a tensor, used in this way, to remain unchanged."""
    saves = user.form.saves
    match use:
        case "input":
            return saves.inputs
        case "output":
            return saves.output
    return saves.output or saves.output_in_place
