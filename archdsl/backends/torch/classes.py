"""One class from all occurrences of its block."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from archdsl.arithmetic import Value
from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.access import Access
from archdsl.backends.torch.attributes import Attributes
from archdsl.backends.torch.construct import Constructor
from archdsl.backends.torch.copies import without_copies
from archdsl.backends.torch.families import Family
from archdsl.backends.torch.forward import Forward
from archdsl.backends.torch.fresh_parameters import FreshParameters
from archdsl.backends.torch.generated import GeneratedClass, outputs_name
from archdsl.backends.torch.hoist import hoist
from archdsl.backends.torch.inplace import made_in
from archdsl.backends.torch.interface import Interface, Interfaces
from archdsl.backends.torch.kept import Kept
from archdsl.backends.torch.layer_lists import layer_list
from archdsl.backends.torch.merge import TreeAntiUnifier
from archdsl.backends.torch.merged import Merged, is_optional
from archdsl.backends.torch.names import placeholder, unused, variable_name
from archdsl.backends.torch.numbers import ExpressionAntiUnifier
from archdsl.backends.torch.parameters import Parameters
from archdsl.backends.torch.passing import is_open
from archdsl.backends.torch.python import (
    SUPER,
    PyAssign,
    PyAttribute,
    PyBlock,
    PyCall,
    PyDisplay,
    PyEvaluate,
    PyExpression,
    PyIf,
    PyName,
    PyParameter,
    PyReturn,
)
from archdsl.backends.torch.rows import (
    Correspondence,
    Occurrence,
    Row,
    Split,
    Unprintable,
    Wired,
    same,
)
from archdsl.backends.torch.scopes import class_scope
from archdsl.backends.torch.variables import SeveralTensors, TensorExpression, held
from archdsl.backends.torch.writer import Writer
from archdsl.ops.forms import carried


class ClassWriter:
    """Writes the class of a family from some of its occurrences.

    Its interface is stored in `interfaces`.
    `asks_all` says whether its callers must know something of each occurrence that only its own row
    gives.
    """

    def __init__(
        self,
        interfaces: Interfaces,
        family: Family,
        name: str,
        wired: Wired,
        occurrences: Sequence[Occurrence],
    ) -> None:
        self.interfaces = interfaces
        self.family = family
        self.wired = wired
        self.text = GeneratedClass(name, family.block.doc, "nn.Module")
        self.text.is_root = interfaces.families.is_root(family)
        self.rows = {Row(occurrence): occurrence.body for occurrence in occurrences}
        self.occurrences = occurrences
        self.asks_all = False
        self.open: dict[str, bool] = {}
        self.correspondence = Correspondence()
        for occurrence in family.occurrences:
            self.correspondence.own_frames(occurrence)
        for row in self.rows:
            self.correspondence.register_occurrence(row)
        self.scope = class_scope(
            list(self.rows.values()), interfaces.families.crossings, family.unroll
        )
        self.layer_list = layer_list(interfaces.families, family)

    def write(self, undivided: Sequence[Mapping[Occurrence, Value]] = ()) -> GeneratedClass:
        """The class; the sizes `undivided` become parameters directly."""
        merger = TreeAntiUnifier(
            correspondence=self.correspondence,
            families=self.interfaces.families,
            is_open=self._is_open,
            scope=self.scope,
            wired=self.wired,
            layer_list=self.layer_list,
            unroll=self.family.unroll,
        )
        merged = merger.merge_scope(self.rows)
        fresh = FreshParameters(self.correspondence, self._own_names(), undivided)
        numbers = ExpressionAntiUnifier(self.correspondence, merger.conditions, fresh)
        writer = self._writer(numbers)
        interface = Interface(self.family, self.text.name)
        if self._is_factory(merged):
            interface.name = placeholder(self.text.name)
            self._factory(writer, merged)
        elif self.scope == "pure":
            self._container(writer, merged)
        else:
            self._module(writer, merged, interface)
        parameters = Parameters(writer, self.family)
        self.text.constructor = self._completed(writer, parameters)
        if factors := [each.product for each in fresh.all if each.is_lone_factor]:
            return self._again([*undivided, *factors])
        interface.parameters = parameters.all()
        self.text.parameters = self._signature(interface)
        self.text.definitions = carried(self.text.definitions, writer.definitions)
        self.interfaces.made[self.family] = interface
        self.asks_all = bool(fresh.all or interface.wires or interface.given)
        return self.text

    def _signature(self, interface: Interface) -> list[PyParameter]:
        """The parameters of the constructor; a list of layers follows those without a default."""
        written = [parameter.signature for parameter in interface.parameters]
        if self.layer_list is not None:
            index = sum(parameter.default is None for parameter in written)
            name = variable_name(self.layer_list.parameter)
            written.insert(index, PyParameter(name, python.dotted("nn.Module"), is_rest=True))
        return written

    def _writer(self, numbers: ExpressionAntiUnifier) -> Writer:
        writer = Writer(self.interfaces, self.correspondence, numbers, numbers.fresh.taken_names)
        if self.family.block.is_network:
            sized = self.interfaces.sized.get(self.family.block.name, ())
            writer.tuples |= set(map(variable_name, sized))
        return writer

    def _completed(self, writer: Writer, parameters: Parameters) -> PyBlock:
        """The constructor, with the numbers it computes and the weight initialisation."""
        body = self.text.constructor
        index = 1 if body[0] == PyEvaluate(SUPER) else 0
        body = (*body[:index], *parameters.locals(), *body[index:])
        if applied := self.interfaces.starts.applied.get(self.family.block):
            apply = PyAttribute(python.SELF, "apply")
            body = (*body, PyEvaluate(python.call(apply, PyName(applied))))
        return hoist(body, writer.compound, writer.taken)

    def _again(self, undivided: Sequence[Mapping[Occurrence, Value]]) -> GeneratedClass:
        writer = ClassWriter(
            self.interfaces, self.family, self.text.name, self.wired, self.occurrences
        )
        return writer.write(undivided)

    def _own_names(self) -> set[str]:
        names = {"self"}
        for occurrence in self.family.occurrences:
            names |= {variable_name(name) for name in occurrence.instance.frame.definitions}
            names |= {
                variable_name(parameter.name) for parameter in occurrence.instance.block.parameters
            }
        return names

    def _is_open(self, name: str) -> bool:
        if name not in self.open:
            self.open[name] = is_open(self.interfaces.families, self.family, name)
        return self.open[name]

    def _is_factory(self, merged: Merged) -> bool:
        """Whether it consists of layers under a condition, and is else the identity.

        Recursive blocks and networks are classes.
        """
        is_free = self.family not in self.interfaces.made and not self.text.is_root
        return self.scope == "pure" and is_free and is_optional(merged)

    def _factory(self, writer: Writer, merged: Merged) -> None:
        self.text.factory = variable_name(self.family.block.name)
        constructor = Constructor(writer, made_in(merged))
        self.text.constructor = constructor.optional(merged)

    def _container(self, writer: Writer, merged: Merged) -> None:
        self.text.base = "nn.Sequential"
        before, container = Constructor(writer, made_in(merged)).container(merged)
        filled = PyCall(SUPER.callee, container.arguments)
        self.text.constructor = (*before, PyEvaluate(filled))

    def _module(self, writer: Writer, merged: Merged, interface: Interface) -> None:
        constructor = Constructor(writer, made_in(merged))
        access = Access(writer, self.scope, merged, self.text.is_root)
        kept = Kept(writer, access)
        modules = Attributes(constructor, access, kept).of(merged, set(self._input_names()))
        names = self.family.occurrences[0].innermost.input_names
        forward = Forward(constructor, access, kept, self.wired, inputs=names)
        inputs = self._inputs(forward)
        value = forward.visit(merged, held(inputs[0]))
        if self.text.is_root and forward.body.variables.foreign:
            # No caller could pass the tensor: a bug in archdsl, and the code must not be written.
            raise Unprintable("a tensor that no layer of the network gives")
        self._require_tensors(forward.body.variables.foreign)
        self.text.constructor = (PyEvaluate(SUPER), *kept.statements, *modules)
        end = self._return(forward, value)
        body = (*forward.body.statements, *end)
        body = without_copies(body, {*inputs, *forward.body.variables.foreign})
        self.text.forward = (*_taken_apart(access, body), *body)
        foreign = list(forward.body.variables.foreign)
        own = self._named_inputs()
        is_read = not foreign or self._reads(inputs, self.text.forward)
        interface.takes_input = not own and is_read
        self.text.inputs = [*inputs, *foreign] if own or is_read else foreign
        interface.wires |= own
        interface.results = self.results
        interface.heads = list(forward.body.heads)
        interface.given = {name: dict(nodes) for name, nodes in forward.given.items()}
        self.text.more = len(interface.given)
        self.text.results = list(map(variable_name, interface.results))
        self.text.heads = [variable_name(label) for label in interface.heads]
        self.text.flags = [flag.name for flag in kept.flags.values()]
        for variable, nodes in forward.body.variables.foreign.items():
            interface.wires[variable] = {row.occurrence: node for row, node in nodes.items()}

    def _require_tensors(self, foreign: Mapping[str, Mapping[Row, int]]) -> None:
        """Raise `Split` if some callers have none of the tensors that `forward` takes besides `x`.

        Those of a list of tensors have no names where nothing reads it.
        """
        for variable, nodes in foreign.items():
            readers = {row.occurrence for row in nodes}
            has: dict[Row, Hashable] = {
                row: row.occurrence in readers
                or variable in map(variable_name, row.occurrence.instance.wires)
                for row in self.rows
            }
            if not all(has.values()):
                raise Split(has)

    def _reads(self, inputs: Sequence[str], body: PyBlock) -> bool:
        """Whether `forward` reads its input, or a caller passes one."""
        is_called_alike = (
            self.text.is_root
            or self.family in self.interfaces.made
            or self.interfaces.families.is_argument(self.family)
        )
        return is_called_alike or any(traversal.reads_first(body, name) for name in inputs)

    def _named_inputs(self) -> dict[str, dict[Occurrence, int]]:
        """The inputs that have names, by node of the graph."""
        return {
            variable_name(name): {
                each: each.innermost.wires[name] for each in self.family.occurrences
            }
            for name in self.family.occurrences[0].innermost.input_names
        }

    @property
    def results(self) -> list[str]:
        """The names of its results, if there are several."""
        return [name for name, _ in self.family.occurrences[0].innermost.results]

    def _input_names(self) -> list[str]:
        """The parameters of `forward`, without wires."""
        names = self.family.occurrences[0].innermost.input_names
        return [variable_name(name) for name in names] or ["x"]

    def _inputs(self, forward: Forward) -> list[str]:
        """The parameters of `forward`, declared as tensors."""
        for name, nodes in self._named_inputs().items():
            for row in self.rows:
                node = nodes[row.occurrence]
                forward.body.variables.wires.setdefault((row.occurrence, node), name)
        forward.body.variables.taken |= set(self._input_names())
        forward.body.variables.taken |= {name.id for name in forward.access.numbered}
        return self._input_names()

    def _given(self, forward: Forward) -> list[str]:
        """The variables of the tensors that are read outside, which `forward` returns too."""
        families = self.interfaces.families
        results = {row: families.given(row.occurrence.instance) for row in self.rows}
        count = same({row: len(each) for row, each in results.items()})
        for index in range(count):
            nodes = {row: each[index][1] for row, each in results.items()}
            label = next(iter(results.values()))[index][0]
            name = unused(variable_name(label), set(forward.given))
            forward.given[name] = {row.occurrence: node for row, node in nodes.items()}
        return [
            forward.body.variables.known({row: nodes[row.occurrence] for row in self.rows})
            for nodes in forward.given.values()
        ]

    def _return(self, forward: Forward, value: TensorExpression) -> PyBlock:
        heads = [PyName(variable) for variable in forward.body.heads.values()]
        given = [PyName(variable) for variable in self._given(forward)]
        results = self._results(value)
        if len(results) == 1 and not heads and not given:
            return (PyReturn(value.code),)
        if not self.text.is_root:
            return self._returned(forward, PyDisplay("bare", (*results, *heads, *given)))
        if len(results) > 1:
            made = python.call(outputs_name(self.text.name), *results, *heads)
            return (PyReturn(made),)
        x = PyName("x")
        outputs = python.call(outputs_name(self.text.name), x, *heads)
        return (
            *([python.assign("x", value.code)] if value.code != x else []),
            PyIf(python.TRAINING, (PyReturn(outputs),)),
            PyReturn(x),
        )

    def _returned(self, forward: Forward, tensors: PyDisplay) -> PyBlock:
        """Several tensors returned, at once where the last call gives just them."""
        match forward.body.statements[-1:]:
            case [PyAssign(target=target, value=value)] if target == tensors and value is not None:
                forward.body.statements.pop()
                return (PyReturn(value),)
        return (PyReturn(tensors),)

    def _results(self, value: TensorExpression) -> list[PyExpression]:
        """What a class returns, several in the order of its signature."""
        if not self.results:
            return [value.code]
        if not isinstance(value, SeveralTensors):
            raise Unprintable("one tensor where several are wanted")
        found = {part.name: part.value.code for part in value.parts}
        return [found[name] for name in self.results]


def _taken_apart(access: Access, body: PyBlock) -> PyBlock:
    """`conv, pool = self.children()`, if `forward` reads these variables."""
    names = access.numbered
    if not {name.id for name in names} & traversal.names_read(*body):
        return ()
    targets = PyDisplay("tuple" if len(names) == 1 else "bare", tuple(names))
    children = python.call(PyAttribute(python.SELF, "children"))
    return (PyAssign(targets, children),)
