"""Classes of others in live networks: imported only from packages that the caller names.

To import a package runs its code. So a spec cannot have that done: whoever loads or trains a
network says which packages it may be. They come from where Python has them installed, never from
the current folder, which may be a stranger's.
"""

from __future__ import annotations

import importlib
import os
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import nn

from archdsl.diagnostics import Diagnostic, error
from archdsl.graph import Graph, Node
from archdsl.ops.foreign import Foreign
from archdsl.ops.foreign_class import ForeignClass


class NoSuchClass(Exception):
    """A class cannot be had, and why."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class NotAllowed(NoSuchClass):
    """A class of a package that nobody has allowed; generated code may have some that no layer is.

    Code is made for other arguments too, with which a layer may be one.
    """

    def __init__(self, module: str) -> None:
        package = module.partition(".")[0]
        super().__init__(
            f"the code runs code of `{package}`, which nobody has allowed", _how_to_allow(package)
        )


def refused(graphs: Iterable[Graph], allowed: Collection[str]) -> list[Diagnostic]:
    """Errors for classes of others that are not `allowed`, or that there are not."""
    found: dict[str, Diagnostic] = {}
    for declared, node in _declared(graphs).items():
        wrong = _refused(declared, node, allowed)
        if wrong is not None:
            # Of a package one mistake is enough to say.
            found.setdefault(f"{wrong.code} {declared.package}", wrong)
    return [*found.values()]


def _declared(graphs: Iterable[Graph]) -> dict[ForeignClass, Node]:
    """The classes of others in some networks, each with the first layer that is one."""
    first: dict[ForeignClass, Node] = {}
    for node in [node for graph in graphs for node in graph]:
        if isinstance(node.op, Foreign):
            first.setdefault(node.op.declared, node)
    return first


def _refused(declared: ForeignClass, node: Node, allowed: Collection[str]) -> Diagnostic | None:
    if not is_allowed(declared.module, allowed):
        message = f"`{declared.name}` runs code of `{declared.package}`, which nobody has allowed"
        return error("E0917", message, node.span, help=_how_to_allow(declared.package))
    try:
        import_class(declared.module, declared.class_name)
    except NoSuchClass as reason:
        message = f"`{declared.name}`: {reason.message}"
        return error("E0918", message, node.span, help=reason.help)
    return None


def _how_to_allow(package: str) -> str:
    named = f"`--allow-extern {package}`"
    return f'if you trust it: {named}, or in Python `externs=["{package}"]`'


def is_allowed(module: str, allowed: Collection[str]) -> bool:
    """Whether a module is, or is in, one of the packages that are allowed."""
    return any(module == each or module.startswith(f"{each}.") for each in allowed)


def import_class(module: str, name: str) -> type[nn.Module]:
    """A class of modules, imported from where Python has it installed; raises `NoSuchClass`."""
    try:
        with _without_current_folder():
            imported = importlib.import_module(module)
    except ImportError as missing:
        raise NoSuchClass(f"`{module}` cannot be imported: {missing}", _help(module)) from None
    except (Exception, SystemExit) as fault:
        kind = type(fault).__name__
        raise NoSuchClass(f"`{module}` fails when it is imported: {kind}: {fault}") from None
    found = getattr(imported, name, None)
    if found is None:
        raise NoSuchClass(f"`{module}` has no `{name}`")
    if not isinstance(found, type) or not issubclass(found, nn.Module):
        raise NoSuchClass(
            f"`{module}.{name}` is no class of modules", "it derives from `nn.Module`"
        )
    return found


def _help(module: str) -> str:
    """What to do where a module is not found."""
    package = module.partition(".")[0]
    if not any(Path(name).exists() for name in (package, f"{package}.py")):
        return f"is `{package}` installed?"
    return "the one in the current folder is not imported: install it, or set PYTHONPATH"


@contextmanager
def _without_current_folder() -> Iterator[None]:
    """Import nothing from the current folder, but where somebody says that it is wanted."""
    before = sys.path[:]
    sys.path[:] = [each for index, each in enumerate(before) if _is_wanted(index, each)]
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = before


def _is_wanted(index: int, folder: str) -> bool:
    """Whether modules are imported from a folder of `sys.path`.

    Python puts the current one in front by itself, also for an empty part of PYTHONPATH. Where it
    is named there, or stands behind Python's own folders, as packages that are installed for
    development do, somebody put it there.
    """
    if folder and Path(folder).resolve() != Path.cwd():
        return True
    standard = sysconfig.get_path("stdlib")
    is_installed = standard in sys.path and index > sys.path.index(standard)
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return bool(folder) and (is_installed or folder in named)
