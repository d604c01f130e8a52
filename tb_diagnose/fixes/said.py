"""What the program itself said of an argument, where its lines were noted."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping
from typing import Any

from tb_diagnose.evidence.source import Place, read
from tb_diagnose.evidence.syntax import Program
from tb_diagnose.fixes.changes import RefusedError, argument_of


def optimizer(facts: Mapping[str, Any]) -> tuple[bool, str | None]:
    """Whether it is known what the program said of the optimizer, and that; None where it left it to Keras."""
    source = read(facts)
    if source.optimizer is not None and source.optimizer.end_column is not None:
        call, text = _call(source.optimizer)
        return call is not None, None if call is None else _as_written(call, text)
    call, text = _call(source.compile)
    if call is None or source.compile is None:
        return False, None
    try:
        given = argument_of(call, "optimizer", source.compile.positional)
    except RefusedError:
        return False, None
    return True, None if given is None else _as_written(given, text)


def _as_written(node: ast.expr, text: str) -> str:
    """Code of one line as its author has set it."""
    return (node.lineno == node.end_lineno and ast.get_source_segment(text, node)) or ast.unparse(node)


def _call(place: Place | None) -> tuple[ast.Call | None, str]:
    """The call at a place, and its text; None where its lines were not logged, or do not begin with a statement."""
    if place is None or place.text is None or place.end_column is None:
        return None, ""
    text = textwrap.dedent(place.text)
    last, shifted = place.text.split("\n")[-1], text.split("\n")[-1]
    try:
        program = Program(text)
    except (SyntaxError, ValueError):
        return None, ""
    column = place.end_column - (len(last) - len(shifted))
    return program.call_ending(place.end_line - place.line + 1, column), text
