"""From the steps of a scope to one expression: chains, joins of branches, and wires for the rest.

Where several tensors are joined, the step that all ways from the input pass last, the immediate
dominator, is where the branches part: `a -> add(b -> c, identity)`. A tensor that is read where no
such branch begins gets a label, and is read as a wire.
"""

from __future__ import annotations

from dataclasses import replace

from archdsl.importing.dominance import dominators, homes, reads, sums_around
from archdsl.importing.flows import source_of
from archdsl.importing.sharing import shared_layers
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.terms import IDENTITY, Layer, Read, Term, chain, label, links

WHOLE = -1
"""The index of all results of a step together."""


def composed(scope: Scope, heads: dict[str, Port] | None = None) -> Term:
    """The body of a scope; `heads` are results that exist in training only.

    All layers with weights have their labels.
    """
    wanted: dict[Port, str] = {}
    for _ in range(len(scope.steps) + 2):
        composer = _Composer(scope, dict(wanted), heads or {})
        body = composer.body()
        if composer.wires.keys() == wanted.keys():
            return body
        wanted = composer.wires
    raise AssertionError("labels that never settle")


class _Composer:
    """One attempt, with labels for the tensors that an earlier attempt has read as wires."""

    def __init__(self, scope: Scope, wires: dict[Port, str], heads: dict[str, Port]) -> None:
        self.scope = scope
        self.wires = wires
        self.heads = heads
        self.emitted: set[Step] = set()
        self.shared = shared_layers(scope)
        self.taken = {scope.relative(step.path) for step in scope.steps if step.has_weights}
        self.taken |= {*wires.values()}
        self.taken |= {self._call_name(step) for step in scope.steps if len(step.types) > 1}
        self.above = dominators(scope)
        self.homes = homes(scope)
        self.around = sums_around(scope, self.above)

    def body(self) -> Term:
        """The body, below the layers whose weights are used more than once."""
        body = self._plain_body()
        if not self.shared:
            return body
        layers = [layer_of(step) for step in self.shared.values()]
        return Term("share", (*self.shared,), (*layers, body))

    def _plain_body(self) -> Term:
        start = self.scope.inputs[0].port if len(self.scope.inputs) == 1 else None
        if len(self.scope.results) == 1:
            return self._with_heads(self.scope.results[0], start)
        return self._several(start)

    def _several(self, start: Port | None) -> Term:
        """Several results: what they have in common, then a bundle."""
        results = self.scope.results
        names = self.scope.labels_of_results
        common = self._common(results, start)
        branches = [
            self._named(name, self.branch(port, common))
            for name, port in zip(names, results, strict=True)
        ]
        bundle = Term("bundle", "", tuple(branches))
        before = self.links(common, start) if common is not None else []
        return chain([*before, bundle])

    def _named(self, name: str, branch: Term) -> Term:
        last = links(branch)[-1:]
        if last and last[0].kind == "label" and last[0].head == name:
            return branch
        if last == (branch,) and branch.kind == "wire" and name in (branch.head, _result(branch)):
            # A wire has a name already.
            return branch
        return (
            chain([branch, label(name, IDENTITY)])
            if not branch.is_identity
            else label(name, IDENTITY)
        )

    def _common(self, ports: list[Port], start: Port | None) -> Port | None:
        """The tensor that all ways to some ports pass last."""
        known = [self._line(port.step) for port in ports if reads(port.step) or port == start]
        if not known:
            return start
        shared = [step for step in known[0] if all(step in other for other in known[1:])]
        steps = [each for each in shared if isinstance(each, Step)]
        return _whole(steps[0]) if steps else start

    def _line(self, step: Step) -> list[Step | str]:
        """A step and all that dominate it, the nearest first."""
        line: list[Step | str] = [step]
        while line[-1] in self.above and self.above[line[-1]] != line[-1]:
            line.append(self.above[line[-1]])
        return line

    def _with_heads(self, result: Port, start: Port | None) -> Term:
        """The way to the only result, with the heads where they leave it."""
        if not self.heads:
            return chain(self.links(result, start))
        heads: dict[Step, list[Term]] = {}
        on_way = set(self._line(result.step))
        for name, port in self.heads.items():
            line = self._line(port.step)
            origin = next(step for step in line if step in on_way)
            assert isinstance(origin, Step)
            branch = self._named_head(name, port, origin.port)
            heads.setdefault(origin, []).append(Term("aux", "", (branch,)))
        at_once = heads.get(start.step, []) if start is not None else []
        return chain([*at_once, *self.links(result, start, heads)])

    def _named_head(self, name: str, port: Port, origin: Port) -> Term:
        branch = self.branch(port, origin)
        if branch.kind == "label":
            return branch
        return label(name, branch)

    # --- chains ---

    def branch(self, port: Port, stop: Port | None) -> Term:
        """A branch from where all part."""
        return chain(self.links(port, stop))

    def links(
        self, port: Port, stop: Port | None, heads: dict[Step, list[Term]] | None = None
    ) -> list[Term]:
        """The layers from one tensor to another; `heads` follow the steps that they read."""
        found: list[Term] = []
        while port != stop:
            step = port.step
            if len(step.types) > 1 and port.index != WHOLE:
                found.append(self._part(port))
                if step in self.emitted or (stop is not None and stop.step is step):
                    break
                port = Port(step, WHOLE)
                continue
            if step.kind == "input" or step in self.emitted:
                found.append(self._wire(port))
                break
            self.emitted.add(step)
            found += reversed((heads or {}).get(step, []))
            before, port_before = self._step(step, stop)
            found += reversed(before)
            if port_before is None:
                break
            port = port_before
            if self._is_elsewhere(port, step):
                found.append(self._wire(port))
                break
        return found[::-1]

    def _is_elsewhere(self, port: Port, reader: Step) -> bool:
        """Whether a learned tensor stands where an earlier step reads it."""
        return self.homes.get(port.step, reader) is not reader

    def _branch_of(self, step: Step, port: Port, stop: Port | None) -> Term:
        """The branch of a join that leads to one of its inputs."""
        return self._wire(port) if self._is_elsewhere(port, step) else self.branch(port, stop)

    def _part(self, port: Port) -> Term:
        """One of the results of a call, by its name behind the label of the call."""
        scope = port.step.scope
        assert scope is not None
        return Term("wire", Read(self._call_name(port.step), scope.labels_of_results[port.index]))

    def _call_name(self, step: Step) -> str:
        """The label of a call; each call of a module that is shared has one of its own."""
        name = self.scope.relative(step.path)
        if name not in self.shared:
            return name
        uses = [each for each in self.scope.steps if each.path == step.path]
        return f"{name}{uses.index(step) + 1}"

    def _step(self, step: Step, stop: Port | None) -> tuple[list[Term], Port | None]:
        """The layers of a step, joins included, and the tensor that they begin with."""
        layer = self._labelled(step)
        if not step.inputs:
            return layer, None
        if len(step.inputs) == 1:
            return layer, step.inputs[0]
        if step in self.around:
            return self._around(step, layer)
        above = self.above.get(step)
        common = _whole(above) if isinstance(above, Step) else stop
        branches = tuple([self._branch_of(step, port, common) for port in step.inputs])
        if step.scope is not None:
            names = step.scope.labels_of_inputs
            given = [self._named(n, b) for n, b in zip(names, branches, strict=True)]
            if self._passes_on(step, given, common):
                return layer, common
            return [Term("bundle", "", tuple(given)), *layer], common
        if step.extern is not None:
            (last,) = layer
            return [label(last.head, replace(last.parts[0], parts=branches))], common
        joined = _join(step, branches)
        return [joined, *layer[1:]], common

    def _passes_on(self, step: Step, given: list[Term], common: Port | None) -> bool:
        """Whether a call reads all that the call before it gives, by the same names."""
        before = common.step if common is not None and common.index == WHOLE else None
        if before is None or before.scope is None or source_of(step) is not before.scope:
            return False
        parts = [self._part(Port(before, index)) for index in range(len(before.types))]
        return given == parts

    def _around(self, step: Step, layer: list[Term]) -> tuple[list[Term], Port]:
        """One of several sums with one tensor, which is read by its name; the sum before it."""
        before, hub = self.around[step]
        branches = [
            self._wire(port) if port == hub else self._branch_of(step, port, before)
            for port in step.inputs
        ]
        return [_join(step, tuple(branches)), *layer[1:]], before

    def _labelled(self, step: Step) -> list[Term]:
        """The layer of a step, with its label."""
        term = layer_of(step)
        is_named = step.has_weights or len(step.types) > 1
        name = self.scope.relative(step.path) if is_named else ""
        if name in self.shared:
            is_tied = step.op is not None and step.op.is_tied
            term = Term("use", f"tied({name})" if is_tied else name)
            name = self._call_name(step) if len(step.types) > 1 else ""
        if name:
            term = label(name, term)
        if self.wires.get(step.port, name) != name:
            return [term, label(self.wires[step.port], IDENTITY)]
        return [term]

    def _wire(self, port: Port) -> Term:
        """A tensor by its name: that of an input, of a layer, or one made for it."""
        if port not in self.wires:
            self.wires[port] = self._name(port)
        return Term("wire", self.wires[port])

    def _name(self, port: Port) -> str:
        step = port.step
        if step.kind == "input":
            return self.scope.labels_of_inputs[self.scope.inputs.index(step)]
        name = self.scope.relative(step.path)
        if step.has_weights and name not in self.shared and name.isidentifier():
            return name
        stem = step.op.name if step.op is not None else "tensor"
        number = 1
        while f"{stem}{number}" in self.taken:
            number += 1
        self.taken.add(f"{stem}{number}")
        return f"{stem}{number}"


def _result(wire: Term) -> str:
    """Which of several results a wire reads; empty where its layer has one."""
    return wire.head.result if isinstance(wire.head, Read) else ""


def _whole(step: Step) -> Port:
    """All that a step gives."""
    return step.port if len(step.types) == 1 else Port(step, WHOLE)


def _join(step: Step, branches: tuple[Term, ...]) -> Term:
    assert step.op is not None
    return Term("join", step.op.name, branches, _arguments(step))


def _arguments(step: Step) -> tuple[tuple[str, object], ...]:
    assert step.op is not None
    return tuple([(name, getattr(step.op, name)) for name in step.op.parameters()])


def layer_of(step: Step) -> Term:
    """The layer of a step, without its label."""
    if step.scope is not None:
        return Term("call", step.scope)
    if step.extern is not None:
        return Term("extern", step.extern)
    assert step.op is not None
    term = Term("op", step.op.name, (), _arguments(step))
    if step.op.is_activation:
        # Which activation follows is an argument like others.
        return Term("op", "", (), (("activation", Layer(term)),))
    return term
