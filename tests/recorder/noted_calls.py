"""Tells of each call of a function of a package, at the cost of one call more.

`sys.setprofile` tells of every call that Python makes, those of the backend while it traces too: that takes longer than
what is tested. Here each function of the package says by itself that it was called: as the package is imported, a line
is put at the beginning of its functions.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

HEARD = "__tb_diagnose_called__"
"""Name of the function among the builtins that is told of calls."""
Listener = Callable[[str, str], None]
"""Takes a module and the name of a function in it, as in `__qualname__`."""


def listen(listener: Listener | None) -> None:
    """Tells a listener of each call from now on; None for nobody."""
    setattr(builtins, HEARD, listener or _nobody)


def _nobody(module: str, name: str) -> None:
    pass


def of_package(package: str) -> None:
    """Notes the calls of the functions of a package, which is not imported yet.

    Raises:
        RuntimeError: a module of it is imported already.
    """
    if any(_is_in(name, package) for name in sys.modules):
        raise RuntimeError(f"{package} is imported already.")
    listen(None)
    sys.meta_path.insert(0, _Finder(package))


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


class _Finder(MetaPathFinder):
    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if _is_in(name, self._package) else None
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """The code from the source: what is kept beside it tells of no calls."""
        tree = ast.parse(self.get_data(self.path))
        _Telling(Path(self.path).stem).visit(tree)
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)


class _Telling(ast.NodeTransformer):
    """Puts the line into functions, and into classes that a function makes."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._within: list[str] = []

    def visit_FunctionDef(self, node: Any) -> Any:
        return self._told(node, [node.name, "<locals>"], True)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        return self._told(node, [node.name], "<locals>" in self._within)

    def _told(self, node: Any, parts: list[str], tells: bool) -> Any:
        name = ".".join([*self._within, node.name])
        self._within += parts
        self.generic_visit(node)
        del self._within[-len(parts) :]
        if tells:
            line = ast.parse(f"{HEARD}({self._module!r}, {name!r})").body[0]
            for part in ast.walk(line):
                ast.copy_location(part, node)
            node.body.insert(int(ast.get_docstring(node, clean=False) is not None), line)
        return node
