"""Changes in the text of a program: an argument, a call, or lines to add. All else stays as its author has set it.

What comes out is parsed again and held against the syntax tree that was meant: a change that would mean anything
else than it says is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from tb_diagnose.evidence.syntax import Program

Position = tuple[int, int]
"""Line and column at which a node of the tree ends."""


class RefusedError(Exception):
    """A place that cannot be changed safely; the message is a clause that says why."""


@dataclass(frozen=True)
class Change:
    """One change.

    Args:
        at: The end of the call that it is in.
        argument: The keyword argument; None for the whole call, or with `before` for the statement.
        element: Where in the lists and dicts that the argument is, from outside in; empty for the whole of it.
        new: The new code.
        before: Whether `new` are whole lines that come before the statement of the call.
    """

    at: Position
    argument: str | None
    new: str
    element: tuple[int | str, ...] = ()
    before: bool = False


Positional = dict[Position, tuple[str, ...]]
"""By the end of a call, the names of the arguments that are given by place."""


def changed(program: Program, changes: Sequence[Change], positional: Positional) -> str:
    """The text with the changes made.

    Raises:
        RefusedError: two of them contradict one another, or the result is not what was meant.
    """
    changes = list(dict.fromkeys(changes))
    arguments = [(change.at, change.argument, change.element) for change in changes if not change.before]
    if len(set(arguments)) < len(arguments):
        raise RefusedError("another probable cause changes the same argument")
    spans: dict[tuple[int, int], str] = {}
    for change in changes:
        span, code = _span(program, change, positional)
        # Several lines before one statement, or several arguments that are added to one call.
        so_far = spans.get(span, "")
        spans[span] = so_far + (f", {code}" if so_far and not change.before and code[0] != "," else code)
    ordered = sorted(spans)
    if any(first[1] > second[0] for first, second in zip(ordered, ordered[1:], strict=False)):
        raise RefusedError("another probable cause changes a part of the same argument")
    text = program.text
    for start, end in reversed(ordered):
        text = text[:start] + spans[start, end] + text[end:]
    if _dump(text) != ast.dump(_meant(program, changes, positional)):
        raise RefusedError("the way in which the call is written leaves no safe place for the change")
    return text


def _dump(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def _span(program: Program, change: Change, positional: Positional) -> tuple[tuple[int, int], str]:
    call = call_at(program, change.at)
    if change.before:
        statement = statement_of(program, call)
        start = program.offset(statement.lineno, 0)
        indent = program.text[start : program.offset(statement.lineno, statement.col_offset)]
        newline = "\r\n" if program.lines[0].endswith("\r") else "\n"
        return (start, start), "".join(f"{indent}{line}{newline}" for line in change.new.split("\n"))
    if change.argument is None:
        return _of(program, call), change.new
    given = argument_of(call, change.argument, positional.get(change.at, ()))
    if given is not None:
        return _of(program, element_of(given, change.element)), change.new
    last = max(
        [*call.args, *(keyword.value for keyword in call.keywords)],
        key=lambda node: (node.end_lineno, node.end_col_offset),
        default=None,
    )
    if last is None:
        end = _of(program, call)[1] - 1
        return (end, end), f"{change.argument}={change.new}"
    end = _of(program, last)[1]
    return (end, end), f", {change.argument}={change.new}"


def _of(program: Program, node: ast.expr) -> tuple[int, int]:
    end = program.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    return program.offset(node.lineno, node.col_offset), end


def _meant(program: Program, changes: Sequence[Change], positional: Positional) -> ast.Module:
    """The syntax tree with the changes made in it."""
    copy = Program(program.text)
    assert copy.parents and copy.calls  # as they were: what is looked up later are places in the text as it is
    for change in changes:
        _apply(copy, change, positional)
    return copy.tree


def _apply(copy: Program, change: Change, positional: Positional) -> None:
    call = call_at(copy, change.at)
    if change.before:
        statement = statement_of(copy, call)
        owner = copy.parents[statement]
        body = next(block for _, block in ast.iter_fields(owner) if isinstance(block, list) and statement in block)
        at = body.index(statement)
        body[at:at] = ast.parse(change.new).body
        return
    new = ast.parse(change.new, mode="eval").body
    if change.argument is None:
        _replace(copy.parents[call], call, new)
        return
    given = argument_of(call, change.argument, positional.get(change.at, ()))
    if given is None:
        call.keywords.append(ast.keyword(arg=change.argument, value=new))
    else:
        old = element_of(given, change.element)
        _replace(copy.parents[old], old, new)


def _replace(owner: ast.AST, old: ast.expr, new: ast.expr) -> None:
    for name, value in ast.iter_fields(owner):
        if value is old:
            setattr(owner, name, new)
        elif isinstance(value, list) and old in value:
            value[value.index(old)] = new


def element_of(given: ast.expr, path: Sequence[int | str]) -> ast.expr:
    """An element of lists and dicts as they are written, from outside in.

    Raises:
        RefusedError: they are made elsewhere, or have no such element.
    """
    for key in path:
        if isinstance(key, str):
            given = _value(given, key)
        elif isinstance(given, (ast.List, ast.Tuple)) and key < len(given.elts):
            given = given.elts[key]
        else:
            raise RefusedError("the list is made elsewhere")
    return given


def _value(given: ast.expr, key: str) -> ast.expr:
    """What a dict has for a key, of which all others are written too: a later one would win."""
    if not isinstance(given, ast.Dict) or not all(isinstance(name, ast.Constant) for name in given.keys):
        raise RefusedError("the dict is made elsewhere")
    found = [value for name, value in zip(given.keys, given.values, strict=True) if ast.literal_eval(name) == key]  # type: ignore[arg-type]
    if len(found) != 1:
        raise RefusedError(f"the dict has no `{key}` of its own")
    return found[0]


def call_at(program: Program, at: Position) -> ast.Call:
    """The call that ends there.

    Raises:
        RefusedError: there is none.
    """
    call = program.call_ending(*at)
    if call is None:
        raise RefusedError("the call is not there any more")
    return call


def argument_of(call: ast.Call, name: str, positional: Sequence[str]) -> ast.expr | None:
    """The value that a call gives to an argument; None where it gives none.

    Raises:
        RefusedError: what it gives cannot be told from the call alone.
    """
    by_name = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    if by_name is not None:
        return by_name
    if any(isinstance(value, ast.Starred) for value in call.args):
        raise RefusedError("its arguments come by `*`")
    if name in positional:
        return call.args[positional.index(name)]
    if any(keyword.arg is None for keyword in call.keywords):
        raise RefusedError("its arguments come by `**`")
    return None


def statement_of(program: Program, node: ast.AST) -> ast.stmt:
    """The simple statement that a node is in, alone on its lines.

    Raises:
        RefusedError: it is a part of a larger statement, or shares its line with another.
    """
    while not isinstance(node, ast.stmt):
        node = program.parents[node]
    start = program.lines[node.lineno - 1].encode()[: node.col_offset].decode()
    if not isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return)) or start.strip():
        raise RefusedError("the call does not stand in a line of its own")
    return node
