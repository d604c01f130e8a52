"""Calls in the text of a program: found by where they end, and asked whether they run more than once."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from functools import cached_property

BOM = "\ufeff"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def digest(raw: bytes) -> str:
    """SHA-256 of a file: whether it is still as it was."""
    return hashlib.sha256(raw).hexdigest()


class Program:
    """The text of a Python file with its syntax tree.

    Args:
        text: The text; a byte order mark at its beginning is passed over.

    Raises:
        SyntaxError: it is no Python.
        ValueError: it holds what Python takes for an end of a line and others do not.
    """

    def __init__(self, text: str) -> None:
        self.text = text.removeprefix(BOM)
        self.tree = ast.parse(self.text)
        if re.search(r"\r(?!\n)", self.text):
            raise ValueError("the file has lines that end in a carriage return alone")
        self.lines = self.text.split("\n")

    def offset(self, line: int, column: int) -> int:
        """Characters up to a position as `ast` counts it: lines from 1, columns in bytes of UTF-8."""
        before = sum(len(text) + 1 for text in self.lines[: line - 1])
        return before + len(self.lines[line - 1].encode()[:column].decode())

    def text_of(self, line: int, end_line: int) -> str:
        """Some lines, ends of lines as in Unix."""
        return "\n".join(text.removesuffix("\r") for text in self.lines[line - 1 : end_line])

    def call_ending(self, line: int, column: int) -> ast.Call | None:
        """The call that ends there: no two calls end at the same place."""
        return next((call for call in self.calls if (call.end_lineno, call.end_col_offset) == (line, column)), None)

    def calls_of(self, name: str, line: int) -> list[ast.Call]:
        """The calls of a name in whose lines one line is."""
        return [
            call
            for call in self.calls
            if self.called(call) == name and call.lineno <= line <= (call.end_lineno or call.lineno)
        ]

    def called(self, call: ast.Call) -> str | None:
        """The last name of what is called, an imported one under its own: `Dense` of `keras.layers.Dense(...)`.

        None for a variable: a `functools.partial` may have any name.
        """
        if isinstance(call.func, ast.Attribute):
            return call.func.attr
        if not isinstance(call.func, ast.Name) or call.func.id in self._assigned:
            return None
        return self._imported.get(call.func.id, call.func.id)

    def is_repeated(self, node: ast.AST, seen: frozenset[ast.AST] = frozenset()) -> bool:
        """Whether what stands there may run several times: in a loop, or in a function that is called twice."""
        child, parent = node, self.parents.get(node)
        while parent is not None:
            if isinstance(parent, LOOPS) and (child in parent.body or child is getattr(parent, "test", None)):
                return True
            if isinstance(parent, (*COMPREHENSIONS, ast.Lambda)):
                return True
            if isinstance(parent, FUNCTIONS) and child in parent.body:
                if parent in seen:
                    return True
                calls = list(self._calls_to(parent))
                return len(calls) > 1 or any(self.is_repeated(call, seen | {parent}) for call in calls)
            child, parent = parent, self.parents.get(parent)
        return False

    def _calls_to(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Call]:
        name = function.name
        owner = self.parents.get(function)
        if name == "__init__" and isinstance(owner, ast.ClassDef):
            name = owner.name
        return (call for call in self.calls if self.called(call) == name)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """What each node stands in."""
        return {child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)}

    @cached_property
    def calls(self) -> list[ast.Call]:
        """All calls."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    @cached_property
    def _assigned(self) -> set[str]:
        """Names of variables."""
        names = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name))
        return {name.id for name in names if isinstance(name.ctx, ast.Store)}

    @cached_property
    def _imported(self) -> dict[str, str]:
        """Names of what was imported under another one."""
        imports = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)]
        return {alias.asname: alias.name for node in imports for alias in node.names if alias.asname}
