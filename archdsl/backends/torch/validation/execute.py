"""Generated text, executed on stand-ins."""

from __future__ import annotations
import __future__

import ast
import builtins
import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from archdsl.backends.torch.names import class_name, variable_name
from archdsl.backends.torch.validation.faults import FILE, Mismatch
from archdsl.backends.torch.validation.forms import Forms
from archdsl.backends.torch.validation.layers import StubForeign
from archdsl.backends.torch.validation.namespace import Classes, function, layer_class, namespace
from archdsl.backends.torch.validation.record import Record

FLAGS = __future__.annotations.compiler_flag
"""Annotations are not evaluated."""


SEVERAL = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def execute(text: str, record: Record, names: Mapping[str, Any], forms: Forms) -> dict[str, Any]:
    """The globals of a text after its execution.

    `names` are those of PyTorch. The classes and functions of ops in `forms` are replaced by
    stand-ins, which `names` may have already, and so are the classes of others. Raises the text's
    exceptions, and `Mismatch` if one of these definitions differs from its op's.
    """
    found = namespace(names, _modules(forms.foreign, names["nn"]))
    module, definitions = ast.parse(text), forms.definitions
    _require_order(module)
    own = [each for each in module.body if _name(each) in definitions]
    for definition in own:
        name = _name(definition)
        written = ast.dump(definition)
        if all(_dump(source) != written for source in definitions[name].wider):
            raise Mismatch(f"{name} differs from its op's definition")
        found[name] = names.get(name) or _stand_in(definition, record, names["nn"])
    module.body = [each for each in module.body if each not in own]
    _require_parameters(module, own)
    code = compile(module, FILE, "exec", FLAGS, dont_inherit=True)
    exec(code, found)  # noqa: S102 (our own text, which has passed `verify`)
    return found


def _require_order(module: ast.Module) -> None:
    """Raise `Mismatch` for an annotation that names what is defined below it.

    Stand-ins are there from the beginning, and annotations are not evaluated.
    """
    known = set(vars(builtins))
    for statement in module.body:
        annotated = [each for each in ast.walk(statement) if isinstance(each, ast.arg)]
        given = [each.annotation for each in annotated if each.annotation is not None]
        named = {name.id for each in given for name in ast.walk(each) if isinstance(name, ast.Name)}
        if unknown := sorted(named - known):
            raise Mismatch(f"{unknown[0]} is named before it is defined")
        if isinstance(statement, ast.Import | ast.ImportFrom):
            known |= {each.asname or each.name for each in statement.names}
        known.add(_name(statement))


def _require_parameters(module: ast.Module, own: Sequence[ast.stmt]) -> None:
    """Raise `Mismatch` for a keyword that the file's function for an op does not take."""
    functions = {each.name: each.args for each in own if isinstance(each, ast.FunctionDef)}
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            known = functions.get(node.func.id)
            given = {each.arg for each in node.keywords}
            if known is not None and not given <= {each.arg for each in known.args}:
                raise Mismatch(f"{node.func.id} lacks a parameter that a call gives")


def _modules(foreign: Mapping[str, str], nn: Classes) -> dict[str, Any]:
    """Stand-ins for the modules that classes of others come from, with nothing but these."""
    modules: dict[str, SimpleNamespace] = {}
    for name, module in foreign.items():
        made = type(name, (StubForeign, nn.Module), {"__callee__": name})
        setattr(modules.setdefault(module, SimpleNamespace()), name, made)
    return dict(modules)


def _name(statement: ast.stmt) -> str:
    return statement.name if isinstance(statement, ast.ClassDef | ast.FunctionDef) else ""


@lru_cache
def _dump(definition: str) -> str:
    return ast.dump(ast.parse(definition).body[0])


def _stand_in(definition: ast.stmt, record: Record, nn: Classes) -> Any:
    """The stand-in for a class or function of an op."""
    match definition:
        case ast.ClassDef(name=name, bases=[ast.Attribute(attr=base)]) if base != "Module":
            return layer_class(nn, name, getattr(nn, base))
        case ast.ClassDef(name=name):
            return layer_class(nn, name)
    return function(record, _name(definition))


def maker(found: Mapping[str, Any], network: str) -> Any:
    """The function or class of a network among the globals of its code."""
    return found.get(variable_name(network)) or found[class_name(network)]


def parameters(make: Any) -> dict[str, int | None]:
    """The parameters of a function or class, with the length of those that are tuples."""
    known = inspect.signature(make).parameters
    named = {name: each for name, each in known.items() if each.kind not in SEVERAL}
    return {name: _length(str(each.annotation)) for name, each in named.items()}


@lru_cache
def _length(annotation: str) -> int | None:
    """The number of items of a list of that type, None if it is not fixed."""
    if not annotation.startswith("tuple["):
        return None
    match ast.parse(annotation, mode="eval").body:
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=items)):
            last = items[-1] if items else None
            is_open = isinstance(last, ast.Constant) and last.value is ...
            return None if is_open else len(items)
        case ast.Subscript(value=ast.Name(id="tuple")):
            return 1
    return None
