"""A PyTorch class of somebody else as an op: its declaration, the `extern`, is all that is known.

    extern deform(out, k=3): [c, h, w], [2 * k * k, h, w] -> [out, h, w] =
        "torchvision.ops.DeformConv2d"(c, out, k, padding=k // 2)

The signature is the shape rule. Parameters and the sizes that the signature names are symbols of
its expressions, which are evaluated for sizes, and substituted for code. Every declaration is a
class of its own, one for all texts that say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Any, ClassVar, TypeAlias
from weakref import WeakValueDictionary

from archdsl.arithmetic import Value
from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.expressions import InputPart, InputSize, Size, given
from archdsl.ops.foreign_class import ForeignClass, ForeignShape, NamedSize, Part
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import Saves
from archdsl.ops.parameters import Kind, Plain, shown
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression, Literal, Symbol, operation
from archdsl.shapes import Dim, Polynomial, Symbolic, Undecided, same
from archdsl.substitution import Undefined, evaluate, substitute

PLAIN = Plain()


Look: TypeAlias = "Callable[[Symbol], Any]"
"""What a parameter, or a size with a name, is in a domain."""


class Foreign(Op, abstract=True):
    """A PyTorch class that a spec declares; `foreign` makes the op of a declaration."""

    family = "foreign"
    examples = ()
    is_foreign = True
    takes_counted = True
    declared: ClassVar[ForeignClass]

    def __init__(self, **values: Value) -> None:
        known = {**dict(self.declared.defaults), **values}
        arguments = tuple([(name, known[name]) for name in self.declared.parameters])
        self.arguments: tuple[tuple[str, Value], ...]
        # An op is a value, like all others. `1` and `1.0` are equal, but not as texts.
        vars(self).update(arguments=arguments, texts=tuple([shown(v) for _, v in arguments]))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.arguments)

    @classmethod
    def parameters(cls) -> dict[str, Kind]:  # type: ignore[override]
        """The parameters in order, each of which takes anything but layers."""
        return dict.fromkeys(cls.declared.parameters, PLAIN)

    @classmethod
    def defaults(cls) -> dict[str, Any]:  # type: ignore[override]
        """The parameters that need not be given."""
        return dict(cls.declared.defaults)

    @classmethod
    def abouts(cls) -> dict[str, str]:  # type: ignore[override]
        """Nothing is known of a parameter but its name."""
        return dict.fromkeys(cls.declared.parameters, "")

    def argument(self, name: str) -> Any:
        return dict(self.arguments)[name]

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The sizes on the right of the signature."""
        found: TensorType[Size] = op.result(inputs)
        return found

    def result(self, inputs: Sequence[Shape]) -> Shape:
        """The shape on the right of the signature, for inputs that fit on the left."""
        look = self._look(inputs)
        parts = self._result_parts(inputs, lambda part: _size(self._value(part, look), self))
        shape = _shaped(self.declared.result, parts)
        if shape.below is None and not isinstance(shape.channels, int):
            message = (
                f"the channels of the result, {shape.channels}, depend on the size of the input"
            )
            raise Reject(message, "", "a number of channels", shape_text(shape))
        return shape

    def sources(self, *inputs: Shape) -> TensorType[Expression]:
        look, numbers = self._look_up(inputs), self._look(inputs)

        def source(part: Expression) -> Expression:
            found = substitute(part, look)
            # As a size `32.0` is 32.
            is_float = isinstance(self._value(part, numbers), float)
            return operation("int", found) if is_float else found

        places = [_places(index, shape) for index, shape in enumerate(inputs)]
        return _shaped(self.declared.result, self._result_parts(places, source))

    def _result_parts(
        self, inputs: Sequence[TensorType[Any]], value: Callable[[Expression], Any]
    ) -> list[Any]:
        """The parts of the result in a domain; `...` are those of the first input that has them."""
        parts: list[Any] = []
        for part in self.declared.result.parts:
            if part is ...:
                parts += self._rest(inputs)
            else:
                assert not isinstance(part, NamedSize | None | EllipsisType)
                parts.append(value(part))
        return parts

    def _rest(self, inputs: Sequence[TensorType[Any]]) -> list[Any]:
        pairs = zip(self.declared.inputs, inputs, strict=True)
        shape, tensor = next((shape, each) for shape, each in pairs if shape.has_rest)
        place = next(index for index, part in enumerate(shape.parts) if part is ...)
        behind = len(shape.parts) - 1 - place
        return [*tensor.parts[place : len(tensor.parts) - behind]]

    def _look(self, inputs: Sequence[Shape]) -> Look:
        """Parameters and sizes with a name as numbers."""
        return self._names(inputs, self._factor, lambda symbol: self.argument(symbol.name))

    def _look_up(self, inputs: Sequence[Shape]) -> Look:
        """Parameters and sizes with a name as expressions."""
        places = [_places(index, shape) for index, shape in enumerate(inputs)]
        return self._names(places, substitute, lambda symbol: given(symbol.name))

    def _names(
        self,
        inputs: Sequence[TensorType[Any]],
        factor: Callable[[Expression, Look], Any],
        parameter: Look,
    ) -> Look:
        """What every name of the signature is in a domain, once the inputs fit."""
        known: dict[str, Any] = {}

        def look(symbol: Symbol) -> Any:
            return known[symbol.name] if symbol.name in known else parameter(symbol)

        for shape, tensor in zip(self.declared.inputs, inputs, strict=True):
            for part, size in zip(shape.of(tensor) or (), tensor.parts, strict=False):
                if isinstance(part, NamedSize):
                    is_whole = part.factor == Literal(1)
                    known[part.name] = size if is_whole else size // factor(part.factor, look)
        return look

    def _factor(self, expression: Expression, look: Look) -> int:
        """What a size with a name is a multiple of."""
        factor = self._value(expression, look)
        if isinstance(factor, bool) or not isinstance(factor, int) or factor < 1:
            raise self._refused("a size is a multiple of a whole number", "E0503", str(factor))
        return factor

    def _value(self, expression: Expression, look: Look) -> Value:
        try:
            return evaluate(expression, look)
        except Undefined as undefined:
            raise self._refused(f"{undefined}", "E0501") from None

    def _refused(self, reason: str, code: str, found: str = "") -> Reject:
        reject = Reject(f"the signature of `{self.name}` does not hold here: {reason}", found=found)
        reject.code = code
        return reject

    def check(self, *inputs: Shape) -> None:
        for index, (shape, tensor) in enumerate(zip(self.declared.inputs, inputs, strict=True)):
            if shape.of(tensor) is None:
                raise self._other(shape, tensor, index)
        look, unequal = self._look(inputs), []
        for index, (shape, tensor) in enumerate(zip(self.declared.inputs, inputs, strict=True)):
            unequal += self._unequal(shape, tensor, index, look)
        for _, argument in self.declared.arguments:
            self._require_number(self._value(argument, look))
        self.known_params(*inputs)
        if unequal:
            reject = self._other(self.declared.inputs[0], inputs[0], 0)
            # What holds for some sizes is settled once all is built.
            reject.code, reject.unequal = "", unequal
            raise reject

    def _unequal(
        self, shape: ForeignShape, tensor: Shape, index: int, look: Look
    ) -> list[tuple[Dim, Dim]]:
        """The sizes that are those of the signature for some values of their symbols only."""
        unequal: list[tuple[Dim, Dim]] = []
        for part, size in zip(shape.of(tensor) or (), tensor.parts, strict=True):
            if part is None:
                continue
            wanted = self._wanted(part, look)
            try:
                if not same(size, wanted):
                    raise self._other(shape, tensor, index)
            except Undecided:
                unequal.append((size, wanted))
        return unequal

    def _wanted(self, part: Part, look: Look) -> Dim:
        if not isinstance(part, NamedSize):
            return _size(self._value(part, look), self)  # type: ignore[arg-type]
        named: Dim = look(Symbol(None, part.name))
        return named * self._factor(part.factor, look)

    def _other(self, shape: ForeignShape, tensor: Shape, index: int) -> Reject:
        """The refusal of an input that does not fit."""
        bound = [f"{n} = {shown(v)}" for n, v in self.arguments if _reads(shape, n)]
        expected = f"{shape.text} where {', '.join(bound)}" if bound else shape.text
        message = f"`{self.name}` does not accept this shape"
        reject = Reject(message, "", expected, shape_text(tensor), index=index)
        reject.code = "E0303"
        return reject

    def _require_number(self, value: Value) -> None:
        """Raise `Reject` for an argument that would have to be found at run time."""
        if isinstance(value, tuple):
            for item in value:
                self._require_number(item)
        elif isinstance(value, Symbolic | Polynomial):
            reject = Reject(
                f"`{self.declared.path}` is made with a size that is open", found=str(value)
            )
            reject.code, reject.help = "E0508", "give the network a number for this size"
            raise reject

    def known_params(self, *inputs: Shape) -> int | None:
        """The trainable numbers that the declaration counts, None if nobody does."""
        if self.declared.count is None:
            return None
        count = self._value(self.declared.count, self._look(inputs))
        whole = int(count) if isinstance(count, float) and count.is_integer() else count
        if not isinstance(whole, int) or isinstance(whole, bool) or whole < 0:
            raise self._refused("`weights` is a whole number", "E0503", str(count))
        return whole

    def has_weights(self, *inputs: Shape) -> bool:
        # It is a module of its own, whose state nobody knows.
        return True

    def module_text(self, *inputs: Shape) -> str:
        return f"{self.declared.path}({self.given(*inputs)})"

    def given(self, *inputs: Shape) -> str:
        """What the constructor of the class is given."""
        look = self._look(inputs)
        given = [(key, shown(self._value(each, look))) for key, each in self.declared.arguments]
        return ", ".join([f"{key}={text}" if key else text for key, text in given])

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def saves(self, *inputs: Shape) -> Saves:
        # Whatever it keeps, nothing may overwrite.
        return Saves(inputs=True, output=True)

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        # It may be.
        return True

    def torch(self, *inputs: Shape) -> TorchForm:
        look = self._look_up(inputs)
        arguments = [
            TorchArgument(substitute(argument, look), keyword)
            for keyword, argument in self.declared.arguments
        ]
        call = TorchCall(self.declared.class_name, arguments)
        return TorchForm(call, imported=self.declared.module)


def _places(index: int, shape: Shape) -> TensorType[Expression]:
    """The sizes of an input as expressions; what is not its channels has another kind."""
    return shape.with_parts(
        (InputSize if place == shape.breadth_place else InputPart)(index, place)
        for place in range(len(shape.parts))
    )


def _shaped(shape: ForeignShape, parts: Sequence[Any]) -> TensorType[Any]:
    """The type of a result."""
    if shape.is_counted:
        return TensorType(tuple(parts[:-1]), below=parts[-1])
    return TensorType(tuple(parts), shape.is_last)


def _size(value: Value, op: Foreign) -> Dim:
    """A value as a size: `32.0` is 32."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | Symbolic | Polynomial):
        raise op._refused("a size is a whole number", "E0503", str(value))
    return value


def _reads(shape: ForeignShape, name: str) -> bool:
    """Whether a parameter stands in a shape."""
    found = [part.factor if isinstance(part, NamedSize) else part for part in shape.parts]
    symbols = [each.symbols for each in found if each is not None and each is not ...]
    return any(symbol.name == name for some in symbols for symbol in some)


KNOWN: WeakValueDictionary[object, type[Foreign]] = WeakValueDictionary()


def foreign(declared: ForeignClass) -> type[Foreign]:
    """The op of a declaration: the same class for equal ones."""
    key = declared, repr(declared.defaults)
    known = KNOWN.get(key)
    if known is None:
        known = KNOWN[key] = _made(declared)
    return known


def _made(declared: ForeignClass) -> type[Foreign]:
    class Declared(Foreign, abstract=True):
        __doc__ = f"`{declared.path}`."

    Declared.declared, Declared.name = declared, declared.name
    Declared.positional = len(declared.parameters)
    Declared.arity = len(declared.inputs)
    Declared.input_names = declared.input_names
    return Declared
