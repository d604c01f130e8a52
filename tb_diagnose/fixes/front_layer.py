"""A layer in front of the model: it scales whatever the model is given, and is saved with it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.evidence.source import Place
from tb_diagnose.evidence.syntax import FUNCTIONS, Program
from tb_diagnose.fixes.call_lines import ARRAYS
from tb_diagnose.fixes.changes import Change, RefusedError, argument_of, call_at, statement_of
from tb_diagnose.fixes.line import WHOLE, Line, line
from tb_diagnose.fixes.literals import refuse
from tb_diagnose.fixes.program_edits import position
from tb_diagnose.fixes.written import in_names_of

ADAPTED = "Normalization"
"""The class that is shown the inputs before it is used."""
OF_LAYERS = frozenset({"layers", "get_layer", "inputs", "input", "input_shape"})
"""What a program asks of a model that is another one with a layer in front."""


def front_lines(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    """The lines before `compile`."""
    if facts.get("data_form") != ARRAYS or len(facts.get("input_dtype") or [""]) > 1:
        refuse(where)  # there is no array to show it
    return [line(WHOLE, None, code) for edit in edits for code in _code(edit.new, "model", "x")]


def in_front(edits: Sequence[Edit], compiled: Place, fit: Place | None, program: Program) -> Change:
    """The same in a program, with its names.

    Args:
        edits: Of one call of `compile`.
        compiled: That call.
        fit: The call of `fit`, in the same file.
        program: The file.

    Raises:
        RefusedError: model and inputs have no names there that are sure to mean the same in both calls.
    """
    at = position(compiled)
    call = call_at(program, at)
    if fit is None or fit.file != compiled.file:
        raise RefusedError("`fit` is called in another file")
    fit_call = call_at(program, position(fit))
    model, same = (_owner(each) for each in (call, fit_call))
    inputs = argument_of(fit_call, "x", fit.positional)
    if not isinstance(inputs, ast.Name):
        raise RefusedError("`x` of `fit` is no plain variable")
    first, last = statement_of(program, call), statement_of(program, fit_call)
    if model != same or _scope(first, program) is not _scope(last, program) or first.lineno >= last.lineno:
        raise RefusedError("`compile` and `fit` are not called one after the other on one variable")
    for name in (model, inputs.id):
        named = (node for node in ast.walk(program.tree) if isinstance(node, (ast.arg, ast.Name)))
        made = [node.lineno for node in named if _makes(node, name)]
        if not made or min(made) > first.lineno or any(first.lineno < line <= last.lineno for line in made):
            raise RefusedError(f"`{name}` is not yet what `fit` is given where `compile` is called")
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Attribute) and node.attr in OF_LAYERS and node.lineno > first.lineno:
            raise RefusedError("the program asks for layers of the model later")
    lines = [code for edit in edits for code in _code(edit.new, model, inputs.id)]
    return Change(at, None, in_names_of("\n".join(lines), program), before=True)


def _code(layer: str, model: str, inputs: str) -> list[str]:
    if ADAPTED not in layer:
        return [f"{model} = keras.Sequential([{layer}, {model}])"]
    return [
        f"normalization = {layer}",
        f"normalization.adapt({inputs})",
        f"{model} = keras.Sequential([normalization, {model}])",
    ]


def _owner(call: ast.Call) -> str:
    if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
        raise RefusedError("the model is no plain variable")
    return call.func.value.id


def _makes(node: ast.arg | ast.Name, name: str) -> bool:
    if isinstance(node, ast.arg):
        return node.arg == name
    return isinstance(node.ctx, ast.Store) and node.id == name


def _scope(node: ast.AST, program: Program) -> ast.AST | None:
    scope: ast.AST | None = node
    while scope is not None and not isinstance(scope, (*FUNCTIONS, ast.ClassDef)):
        scope = program.parents.get(scope)
    return scope
