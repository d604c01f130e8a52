"""Edits of the data -> lines before the call of `fit`, in the names that the program has for its arrays."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.evidence.source import Place
from tb_diagnose.evidence.syntax import FUNCTIONS, Program
from tb_diagnose.fixes.call_lines import data_lines
from tb_diagnose.fixes.changes import Change, RefusedError, argument_of, call_at, statement_of
from tb_diagnose.fixes.program_edits import position
from tb_diagnose.fixes.written import in_names_of

ARRAYS = ("x", "y")
OF_SAMPLES = "samples"
"""The name, in the code of edits, of what has one value a sample: validation has its own."""
OF_CLASSES = "classes"
"""The name of what numbers the classes: validation must have the same."""


def insertion(edits: Sequence[Edit], place: Place, program: Program, facts: Mapping[str, Any]) -> Change:
    """The lines that make the arrays anew, those of validation alike.

    Raises:
        RefusedError: the arrays have no names of their own here, or others would change with them.
        UnwritableError: the data are no arrays.
    """
    data_lines("data", edits, facts)
    at = position(place)
    call = call_at(program, at)
    statement = statement_of(program, call)
    names = {name: argument_of(call, name, place.positional) for name in ARRAYS}
    training = {name: _name(value, name) for name, value in names.items() if value is not None}
    validation = _validation(argument_of(call, "validation_data", place.positional))
    if set(validation.values()) & set(training.values()):
        raise RefusedError("`validation_data` are the same arrays")
    for name in (*training.values(), *validation.values()):
        _check_scope(name, statement, program)
    taken = {node.id for node in ast.walk(program.tree) if isinstance(node, ast.Name)}
    made: dict[str, str] = {}
    lines, alike = [], []
    for edit in edits:
        targets = [target.strip() for target in edit.argument.split(",")]
        made |= {target: _free(target, taken) for target in targets if target not in ARRAYS and target not in made}
        lines.append(_line(targets, edit.new, {**made, **training}))
        if validation and OF_CLASSES in targets:
            raise RefusedError("the labels of `validation_data` must get the same numbers")
        if validation and {*ARRAYS, OF_SAMPLES} & set(targets):
            alike.append(_line(targets, edit.new, {**made, **validation}))
    return Change(at, None, in_names_of("\n".join([*lines, *alike]), program), before=True)


def _name(value: ast.expr, argument: str) -> str:
    if not isinstance(value, ast.Name):
        raise RefusedError(f"`{argument}` of `fit` is no plain variable")
    return value.id


def _validation(given: ast.expr | None) -> dict[str, str]:
    if given is None or (isinstance(given, ast.Constant) and given.value is None):
        return {}
    if not isinstance(given, (ast.Tuple, ast.List)) or len(given.elts) != len(ARRAYS):
        raise RefusedError("`validation_data` are no plain variables, and must be changed alike")
    return {name: _name(value, "validation_data") for name, value in zip(ARRAYS, given.elts, strict=True)}


def _check_scope(name: str, statement: ast.stmt, program: Program) -> None:
    """A function may not assign a variable that is not its own."""
    node: ast.AST | None = statement
    while node is not None and not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        node = program.parents.get(node)
    if isinstance(node, ast.ClassDef):
        raise RefusedError("`fit` is called in the body of a class")
    if node is None or not isinstance(node, FUNCTIONS):
        return
    own = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    own |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if name not in own:
        raise RefusedError(f"`{name}` is no variable of the function that calls `fit`")


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else f"{name}_of_fit"


def _line(targets: Sequence[str], code: str, names: Mapping[str, str]) -> str:
    tree = ast.parse(code, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if node.id in ARRAYS and node.id not in names:
                raise RefusedError(f"`fit` is given no `{node.id}`")
            node.id = names.get(node.id, node.id)
    parts = tree.body.elts if isinstance(tree.body, ast.Tuple) else [tree.body]
    assigned = [names.get(target, target) for target in targets]
    return f"{', '.join(assigned)} = {', '.join(map(ast.unparse, parts))}"
