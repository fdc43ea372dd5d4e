"""Code that is correct for other arguments too, completed by counterexamples.

Code is generated from the networks and their variants, and validated against all of them. Then it
is validated against samples, in which all parameters have other values. A sample with a different
network becomes a variant, and code is generated again. Parameters that no code can follow are
fixed, and the process restarts without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archdsl.backends.torch import GeneratedCode, follows, generate, wrong
from archdsl.backends.torch.validation import Validator
from archdsl.diagnostics import Diagnostic, errors, note
from archdsl.elaborate import Overrides
from archdsl.generalize import Fixed, Generalization, Variant, computed, unmoved
from archdsl.generalize.blame import blame, blame_last
from archdsl.graph import Graph, verify
from archdsl.source import Span
from archdsl.syntax.program import Program
from archdsl.work import long_work

MOST_EXAMPLES = 8
"""Maximum number of counterexamples merged before the next one's parameter is fixed."""


class Unfollowed(Exception):
    """No code can follow some parameters; `fixed` lists them by network name."""

    def __init__(self, fixed: Mapping[str, Fixed]) -> None:
        super().__init__("some parameters must be fixed, because code cannot follow them")
        self.fixed = fixed


@long_work()
def complete(
    program: Program, overrides: Overrides, only: str | None
) -> tuple[GeneratedCode, list[Diagnostic]]:
    """The code of all networks of a program, or of one, with notes on fixed parameters."""
    fixed: dict[str, Fixed] = {}
    while True:
        networks = Generalization(program, overrides, only, fixed)
        variants = list(networks.variants())
        if faults := _faults(networks):
            return GeneratedCode(), faults
        try:
            code, diagnostics = _Completion(program, networks, variants).run()
        except Unfollowed as more:
            fixed = _widened(fixed, more.fixed, networks.graphs)
        else:
            notes = (*_layers(networks.graphs), *_notes(networks.graphs, fixed))
            return code, [*diagnostics, *notes]


def _faults(networks: Generalization) -> list[Diagnostic]:
    found = errors(networks.diagnostics)
    return found or [fault for g in networks.graphs.values() for fault in verify(g)]


@dataclass
class _Completion:
    """The code of the networks of one elaboration, and the counterexamples found so far."""

    program: Program
    networks: Generalization
    variants: list[Variant]
    examples: list[Variant] = field(default_factory=list)
    samples: list[Variant] = field(default_factory=list)
    """All samples drawn so far; every generated text must agree with them."""

    def __post_init__(self) -> None:
        self.graphs = [*self.networks.graphs.values()]
        self.drawn = self.networks.samples(self.variants)

    @property
    def known(self) -> list[Variant]:
        """The variants and counterexamples that code is generated for."""
        return [*self.variants, *self.examples]

    def run(self) -> tuple[GeneratedCode, list[Diagnostic]]:
        """Code that agrees with every network seen, or errors. Raises `Unfollowed`."""
        graphs = self.networks.graphs
        if fixed := computed(graphs) or unmoved(graphs, self.variants):
            raise Unfollowed(fixed)
        while True:
            code, diagnostics = self._generated()
            if diagnostics or code.validator is None:
                return GeneratedCode(), diagnostics
            example = self._counterexample(code.validator)
            if example is None:
                self._check_shown()
                return code, []
            self.examples.append(example)

    def _check_shown(self) -> None:
        """Raise `Unfollowed` if no sample shows the effect of some values."""
        if unshown := {name: f for name, f in self.networks.unshown.items() if f.parameters}:
            raise Unfollowed(unshown)

    def _generated(self) -> tuple[GeneratedCode, list[Diagnostic]]:
        """The text for all variants and counterexamples, or errors."""
        lengths = self.networks.lengths
        main = self.program.modules[self.program.main].file
        name = main.source.name.rpartition("/")[2]
        code, diagnostics = generate(self.graphs, main.doc, name, self.known, lengths)
        if code.unread:
            raise Unfollowed(code.unread)
        if code.refused:
            raise Unfollowed(self._blamed(code.refused))
        if diagnostics and self.examples:
            # The text before the last counterexample was valid.
            raise Unfollowed(self._least(self.examples[-1], lambda _: True))
        return code, diagnostics

    def _blamed(self, refused: Sequence[Variant]) -> dict[str, Fixed]:
        """What to fix because of variants that no code can follow together with the others."""
        followed = [v for v in self.known if v not in refused]

        def is_refused(variant: Variant) -> bool:
            return not follows(self.graphs, [*followed, variant], self.networks.lengths)

        result: dict[str, Fixed] = {}
        for variant in refused:
            joint = variant in self.examples
            fixed = self._least(variant, is_refused) if joint else _last(variant)
            result = _joined(result, fixed)
        return result

    def _counterexample(self, validator: Validator) -> Variant | None:
        """A sample that the text differs from; raises `Unfollowed` if none may be merged."""

        def is_wrong(variant: Variant) -> bool:
            return any(wrong(validator, [variant]))

        for variant in wrong(validator, self.known):
            # It has been merged already; merging it again would not help.
            raise Unfollowed(self._least(variant, is_wrong))
        example = next(wrong(validator, self._all_samples()), None)
        if example is not None and len(self.examples) == MOST_EXAMPLES:
            raise Unfollowed(self._least(example, is_wrong))
        return example

    def _all_samples(self) -> Iterator[Variant]:
        yield from [*self.samples]
        for sample in self.drawn:
            self.samples.append(sample)
            yield sample

    def _least(self, variant: Variant, is_bad: Callable[[Variant], bool]) -> dict[str, Fixed]:
        return {variant.network: blame(variant, self.networks.variant, is_bad)}


def _last(variant: Variant) -> dict[str, Fixed]:
    return {variant.network: blame_last(variant)}


def _joined(some: Mapping[str, Fixed], more: Mapping[str, Fixed]) -> dict[str, Fixed]:
    """What is fixed in either, by network name."""
    nothing = Fixed()
    return {name: some.get(name, nothing) | more.get(name, nothing) for name in (*some, *more)}


def _widened(
    fixed: Mapping[str, Fixed], more: Mapping[str, Fixed], networks: Iterable[str]
) -> dict[str, Fixed]:
    """What is fixed, with more; a list whose length was fixed to no avail is fixed as a whole."""
    known = {network: fixed.get(network, Fixed()) for network in networks}
    result = {network: each | more.get(network, Fixed()) for network, each in known.items()}
    if result != known:
        return result
    return {
        network: each | Fixed(more.get(network, Fixed()).lengths) for network, each in known.items()
    }


def _layers(graphs: Mapping[str, Graph]) -> Iterator[Diagnostic]:
    """Notes on parameters of networks used as layers: the code only has their defaults."""
    for network, graph in graphs.items():
        block = graph.tree.block
        for parameter in [each for each in block.parameters if each not in graph.tree.numbers]:
            message = f"the code of `{network}` has no parameter `{parameter.name}`: it is a layer"
            help = "the code uses its default; declare another network for another layer"
            yield note("N0901", message, block.span, help=help)


def _notes(graphs: Mapping[str, Graph], fixed: Mapping[str, Fixed]) -> Iterator[Diagnostic]:
    """Notes on parameters that the code of the networks does not follow."""
    for network, each in fixed.items():
        tree = graphs[network].tree
        for name in sorted(each.parameters):
            reason = "it decides the structure"
            if name in each.unmoved:
                reason = "no other valid value was found"
            if name in each.computed:
                reason = "its default is computed"
            message = f"the code of `{network}` has no parameter `{name}`: {reason}"
            yield _note(message, name, tree.block.span)
        for name in sorted(each.lengths - each.parameters):
            value = tree.frame.definitions[name].value
            assert isinstance(value, tuple)
            message = f"the code of `{network}` only takes lists of {len(value)} items for `{name}`"
            yield _note(message, name, tree.block.span)


def _note(message: str, name: str, span: Span) -> Diagnostic:
    help = f"`--set {name}=...` generates the code for another value"
    return note("N0901", message, span, help=help)
