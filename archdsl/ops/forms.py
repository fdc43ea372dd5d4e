"""The PyTorch form of an operator, as plain data that a backend prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from archdsl.arithmetic import Value
from archdsl.provenance import Expression
from archdsl.records import value


@value
class TorchArgument:
    """One argument of a PyTorch call.

    `source` is how it follows from the op's parameters (`given("kernel")`) and the sizes of its
    inputs (`input_size(1)`). Without `keyword` the argument is positional; one that equals
    `default` need not be written.
    """

    source: Expression
    keyword: str = ""
    default: Value | None = None


INPUTS = "xyzuv"
"""The names of an op's inputs in templates."""


@value
class TorchCall:
    """A call `callee(*arguments)`; for a function, the tensors come first.

    With a `template` the call is printed from it instead: `{x}` is the tensor, of several `{y}` the
    second and `{z}` the third, `{0}` is the first argument, `{slice}` the first two as a slice. In
    the template of a module, which is made and not called, there are arguments alone.
    `is_atom` says that the printed text needs no parentheses as an operand.
    """

    callee: str
    arguments: Sequence[TorchArgument] = ()
    template: str = ""
    is_atom: bool = True
    named: Sequence[str] = ()
    """The keywords of the last tensors of a function, where they have some."""

    def keywords(self, count: int) -> Sequence[str]:
        """The keyword of each of so many tensors; empty where it has none."""
        return (*[""] * (count - len(self.named)), *self.named)


@value
class TorchJoin:
    """How several tensors are written as one: `function`, a template, of a list of them.

    Where there is an `operator`, a few are joined by that; all are, where there is no function,
    since none takes a list of tensors of several shapes.
    """

    function: str
    operator: str = ""

    def of(self, tensors: Sequence[str]) -> str:
        """The join of some tensors; where there is an operator, they must be operands."""
        if self.operator:
            return f" {self.operator} ".join(tensors)
        return self.of_list(f"[{', '.join(tensors)}]")

    def of_list(self, tensors: str) -> str:
        """The join of a list of tensors of one shape."""
        return self.function.format(tensors)


@dataclass(frozen=True)
class Helper:
    """The source of a class or function that a generated file carries.

    If not every call needs all of it, `write` gives the source for some `options` out of `known`:
    parameters that some call of the file gives, and whatever else makes a difference.
    """

    write: Callable[[frozenset[str]], str]
    known: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()

    @classmethod
    def of(cls, source: str | Helper) -> Helper:
        """A helper of a source that is the same for all calls."""
        return source if isinstance(source, Helper) else cls(lambda options: source)

    @property
    def source(self) -> str:
        """The source for its options."""
        return self.write(self.options)

    @property
    def whole(self) -> str:
        """The source with everything that a call may give."""
        return self.write(self.known)

    def widened(self, options: frozenset[str]) -> Helper:
        """The same with more options, as far as they are known."""
        return replace(self, options=self.options | (options & self.known))

    @property
    def wider(self) -> Iterator[str]:
        """Every source that does for its options: those with fewest further ones come first."""
        others = sorted(self.known - self.options)
        for count in range(len(others) + 1):
            for more in combinations(others, count):
                yield self.write(self.options.union(more))


def carried(known: Mapping[str, Helper], more: Mapping[str, Helper]) -> dict[str, Helper]:
    """The helpers of a file by name, with more: of one name a single one does for all."""
    both = [name for name in known if name in more]
    together = {name: known[name].widened(more[name].options) for name in both}
    return {**known, **more, **together}


LINE = 100
"""The longest line of a generated file."""


def signature(name: str, parameters: Sequence[str]) -> str:
    """The first lines of a helper function that gives a tensor, laid out as formatters do."""
    line = f"def {name}({', '.join(parameters)}) -> Tensor:\n"
    if len(line) <= LINE + 1:
        return line
    inside = f"    {', '.join(parameters)}\n"
    if len(inside) > LINE + 1:
        inside = "".join([f"    {each},\n" for each in parameters])
    return f"def {name}(\n{inside}) -> Tensor:\n"


@value
class TorchWeight:
    """One of several bare weights of an op: what makes it, and what stands behind the label.

    A `call` with a template makes a learned tensor; else it is a function, whose source is
    `definition`, and what that gives is not learned.
    """

    suffix: str
    call: TorchCall
    definition: str | Helper = ""


@value
class TorchForm:
    """An op in PyTorch.

    `module` is its module (every op of one input has one; where torch.nn has none, `definition` is
    the source of a class that the generated file carries). `function` is its form in `forward`,
    for an op without state; if there is no module, `definition` may be the source of a function
    that it calls. An op of several inputs has a `join`, a function, or, where it has weights, a
    module. The `module` of an op with a bare weight is that weight; where it has several, they are
    its `weights`, and `function` takes them behind the tensors.

    `call` is how the module `{m}` is applied to the tensors, where it is not just called with them:
    `{m}({x})[0]`, `{x} * {m}`; `helpers` are functions that it calls, by name.
    """

    module: TorchCall | None = None
    function: TorchCall | None = None
    definition: str | Helper = ""
    weights: Sequence[TorchWeight] = ()
    call: str = ""
    helpers: Mapping[str, str | Helper] = field(default_factory=dict)
    join: TorchJoin | None = None
    base: str = ""
    """The class of PyTorch that `definition` derives its class from; a test for it finds both."""
    imported: str = ""
    """The module that a class comes from which is neither PyTorch's nor the file's."""
    inplace: bool = False
    """The calls take `inplace=True`."""
    training: bool = False
    """The function takes `training=self.training`."""
    ignores_training: bool = False
    """The function takes that too, but gives the same in both modes."""

    @property
    def kind(self) -> str:
        """The module type by which `isinstance` finds the module."""
        assert self.module is not None
        return self.base or self.module.callee

    @property
    def defined(self) -> str:
        """The name of the class or function that `definition` is the source of."""
        call = self.module or self.function
        return call.callee if call is not None and self.definition else ""

    @property
    def definitions(self) -> dict[str, Helper]:
        """Every class and function that the generated file carries for it, by name."""
        weights = {each.call.callee: each.definition for each in self.weights if each.definition}
        own = {self.defined: self.definition} if self.definition else {}
        every = {**weights, **own, **self.helpers}
        return {name: Helper.of(each) for name, each in every.items()}
