"""How an argument is written in a call, and whether it may be written over."""

from __future__ import annotations

import ast
import math
import re
from typing import Any

from tb_diagnose.evidence.syntax import Program
from tb_diagnose.fixes.changes import RefusedError
from tb_diagnose.fixes.literals import automatic_name

UNKNOWN = object()
"""A value of which nothing was logged."""
SAME = 1e-6
"""Share by which two numbers may differ and still be the same: one of them went through 32 bits."""
OF_KERAS = re.compile(r"\bkeras\.(?=\w+\.\w)")


def check_written(value: ast.expr, had: Any, what: str) -> None:
    """Whether the value of an argument stands in the call itself, and is the one that the run had.

    Args:
        value: How it is written.
        had: What the run had, as Keras serializes it, or `UNKNOWN`.
        what: What it is, for the sentence.

    Raises:
        RefusedError: it comes from elsewhere, or is another.
    """
    if isinstance(value, ast.Constant | ast.UnaryOp | ast.List | ast.Tuple | ast.Dict):
        try:
            literal = ast.literal_eval(value)
        except ValueError:
            literal = UNKNOWN
        if literal is not UNKNOWN:
            if had is not UNKNOWN and not _same(literal, had):
                raise RefusedError(f"the call says `{what}={literal!r}`, and the run had another value")
            return
    if not _in_place(value):
        raise RefusedError(f"`{what}={ast.unparse(value)}` gets its value elsewhere")


def _in_place(value: ast.expr) -> bool:
    """Whether it is a name of a module, such as `keras.activations.relu`, or a call of one with literals alone."""
    if isinstance(value, ast.Call):
        arguments = [*value.args, *(keyword.value for keyword in value.keywords)]
        is_plain = isinstance(value.func, (ast.Name, ast.Attribute)) and _is_dotted(value.func)
        return is_plain and all(map(_is_literal, arguments)) and all(k.arg for k in value.keywords)
    return isinstance(value, ast.Attribute) and _is_dotted(value) and "self" not in ast.unparse(value).split(".")


def _is_dotted(value: ast.expr) -> bool:
    while isinstance(value, ast.Attribute):
        value = value.value
    return isinstance(value, ast.Name)


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    return True


def _same(literal: Any, had: Any) -> bool:
    if isinstance(literal, bool) or isinstance(had, bool):
        return literal is had
    if isinstance(literal, (int, float)) and isinstance(had, (int, float)):
        return math.isclose(literal, had, rel_tol=SAME, abs_tol=1e-12)
    if isinstance(literal, str) and isinstance(had, str):
        return literal.lower() == had.lower() or automatic_name(literal) == had
    # Of initializers and the like, Keras takes many names for one object.
    return isinstance(literal, str) is isinstance(had, str) or isinstance(had, (dict, list, tuple))


def in_names_of(code: str, program: Program) -> str:
    """Code as this program can run it: with the names that it has given to Keras and numpy.

    Raises:
        RefusedError: it has not imported them.
    """
    if OF_KERAS.search(code):
        keras = _bound(program, "keras")
        if keras is None:
            raise RefusedError("the new line needs `import keras`, which the file does not have")
        code = OF_KERAS.sub(f"{keras}.", code)
    if re.search(r"\bnp\.", code):
        numpy = _bound(program, "numpy")
        if numpy is None:
            raise RefusedError("the new line needs `import numpy as np`, which the file does not have")
        code = re.sub(r"\bnp\.", f"{numpy}.", code)
    return code


def _bound(program: Program, module: str) -> str | None:
    """What a module is called in a file that imports it at its top; Keras may be that of TensorFlow."""
    for node in program.tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == module and (alias.asname is None or alias.name == module):
                    return alias.asname or module
                if module == "keras" and alias.name == "tensorflow":
                    return f"{alias.asname or alias.name}.keras"
        if isinstance(node, ast.ImportFrom) and node.module == "tensorflow" and module == "keras":
            for alias in node.names:
                if alias.name == "keras":
                    return alias.asname or "keras"
    return None
