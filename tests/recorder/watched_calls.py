"""Notes each call of the functions of a package: its modules are compiled with a line more in each function.

`sys.setprofile` would call Python for every function of Keras too, which makes a training many times as slow.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

Name = tuple[str, str]
"""Module, without its package, and qualified name of a function, as `("log", "log")`."""

_CALLED = "_called_in_a_test"
_notes: list[Callable[[Name], None]] = []


def _called(*name: str) -> None:
    for note in _notes:
        note((name[0], name[1]))


class _Lines(ast.NodeTransformer):
    """Puts a call of `_called` at the beginning of each function. Lambdas belong to the function around them."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.around: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self._go_on(node, node.name)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        name = ".".join([*self.around, node.name])
        self._go_on(node, node.name, "<locals>")
        line = ast.parse(f"{_CALLED}({self.module!r}, {name!r})").body[0]
        for part in ast.walk(line):
            ast.copy_location(part, node)
        node.body.insert(ast.get_docstring(node) is not None, line)
        return node

    def _go_on(self, node: ast.AST, *names: str) -> None:
        self.around += names
        self.generic_visit(node)
        del self.around[-len(names) :]


class _Loader(SourceFileLoader):
    """Compiles a module with those lines, whatever is kept of it compiled."""

    def get_code(self, fullname: str) -> Any:
        path = self.get_filename(fullname)
        tree = _Lines(fullname.rpartition(".")[2]).visit(ast.parse(self.get_data(path)))
        return compile(ast.fix_missing_locations(tree), path, "exec")

    def exec_module(self, module: ModuleType) -> None:
        vars(module)[_CALLED] = _called
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not f"{name}.".startswith(f"{self.package}."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin)
        return spec


def watch(package: str) -> None:
    """Watches a package that is imported from now on."""
    assert package not in sys.modules, f"{package} is imported already."
    sys.meta_path.insert(0, _Finder(package))


@contextmanager
def noted(note: Callable[[Name], None]) -> Iterator[None]:
    """Calls `note` with the name of each function that is called meanwhile."""
    _notes.append(note)
    try:
        yield
    finally:
        _notes.remove(note)
