"""One edit of a finding -> changes in the calls of the user's own program."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.evidence import keras_config
from tb_diagnose.evidence.source import Place, Source
from tb_diagnose.evidence.syntax import Program
from tb_diagnose.fixes.call_lines import ARRAYS, SAME_RATE, TUNED, compile_lines, weights_of
from tb_diagnose.fixes.changes import Change, Position, RefusedError, argument_of, call_at, element_of
from tb_diagnose.fixes.line import serialized_model
from tb_diagnose.fixes.literals import value_of
from tb_diagnose.fixes.written import UNKNOWN, check_written, in_names_of

PLAIN_OPTIMIZERS = {"Adam": {"learning_rate": 0.001}}
"""Optimizers that `compile` takes by name, with the settings that the name stands for."""


def place_of(edit: Edit, source: Source) -> Place | None:
    """The call that an edit changes."""
    if edit.argument == "trainable":
        return source.layer(edit.where) or source.compile
    by_place = {"compile": source.compile, "fit": source.fit, "data": source.fit, "in front": source.compile}
    if edit.where not in by_place:
        return source.layer(edit.where)
    if edit.where == "compile" and edit.argument in {*TUNED, "optimizer"} and _is_call(source.optimizer):
        return source.optimizer
    return by_place[edit.where]


def _is_call(place: Place | None) -> bool:
    return place is not None and place.end_column is not None


def position(place: Place) -> Position:
    """Where the call of a place ends.

    Raises:
        RefusedError: it is no call that makes or does this alone.
    """
    if place.end_column is None:
        raise RefusedError("this line does not make it by itself: a config, or another function, does")
    if place.repeated:
        raise RefusedError("this line runs several times, in a loop or in a function, and makes others too")
    return place.end_line, place.end_column


def changes_of(edits: Sequence[Edit], place: Place, program: Program, facts: Mapping[str, Any]) -> list[Change]:
    """What edits of one call change in the program.

    Raises:
        RefusedError: their place cannot be changed safely.
        UnwritableError: a new value cannot be written as code.
    """
    at = position(place)
    call = call_at(program, at)
    for edit in edits:
        _check_rate(edit, facts)
    changes = []
    tuned = [edit for edit in edits if edit.where == "compile" and edit.argument in TUNED]
    if tuned and program.called(call) == "compile":
        changes.append(_named_optimizer(tuned, place, program, facts, at, call))
    for edit in edits:
        if edit.where == "compile" and edit.argument in TUNED:
            if program.called(call) != "compile":
                changes.append(_tuned(edit, place, facts, at, call))
        elif edit.where == "compile" and edit.argument == "loss_weights":
            changes += _loss_weights(edit, place, at, call)
        elif edit.where == "compile":
            changes.append(_compile(edit, place, program, facts, at, call))
        elif edit.where == "fit":
            changes.append(_fit(edit, place, facts, at, call))
        else:
            changes.append(_layer(edit, place, program, facts, at, call))
    return changes


def _layer(
    edit: Edit, place: Place, program: Program, facts: Mapping[str, Any], at: Position, call: ast.Call
) -> Change:
    if edit.argument == "trainable":
        given = argument_of(call, "trainable", place.positional)
        if not (isinstance(given, ast.Constant) and given.value is (not edit.new)):
            raise RefusedError("`trainable` is set in another line")
        return Change(at, "trainable", str(edit.new))
    kind, config = _config(edit.where, facts)
    argument = "filters" if edit.argument == "units" and "filters" in config else edit.argument
    if kind in keras_config.ACTIVATION_LAYERS and argument == "activation":
        return Change(at, None, _activation_layer(edit, program, call))
    given = argument_of(call, argument, place.positional)
    if given is not None:
        check_written(given, config.get(argument, UNKNOWN), argument)
    return Change(at, argument, in_names_of(value_of(argument, edit.new), program))


def _activation_layer(edit: Edit, program: Program, call: ast.Call) -> str:
    """`ReLU()` as `Activation("leaky_relu")`."""
    if any(keyword.arg != "name" for keyword in call.keywords) or call.args:
        raise RefusedError("its settings would be lost")
    if isinstance(call.func, ast.Attribute):
        maker = f"{ast.unparse(call.func.value)}.Activation"
    else:
        maker = in_names_of("keras.layers.Activation", program)
    names = [ast.unparse(keyword) for keyword in call.keywords]
    return f"{maker}({', '.join([value_of('activation', edit.new), *names])})"


def _config(name: str, facts: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Class and settings of a layer, as far as they were logged."""
    layers = list(keras_config.walk_layers(serialized_model(facts)))
    named = [layer for layer in layers if layer.name == name]
    named = named or [layer for layer in layers if layer.name.endswith(f"/{name}")]
    if len(named) == 1:
        return named[0].kind, named[0].config
    for row in facts.get("layers") or []:
        if row["name"] == name:
            told = {key: row.get(key) for key in ("units", "activation", "rate")}
            return str(row.get("class")), {key: value for key, value in told.items() if value is not None}
    raise RefusedError("its settings were not logged")


def _fit(edit: Edit, place: Place, facts: Mapping[str, Any], at: Position, call: ast.Call) -> Change:
    if edit.argument == "batch_size" and facts.get("data_form") != ARRAYS:
        raise RefusedError("the data come in batches of their own, and `fit` takes no `batch_size`")
    given = argument_of(call, edit.argument, place.positional)
    if given is not None:
        check_written(given, UNKNOWN if edit.old is None else edit.old, edit.argument)
    return Change(at, edit.argument, value_of(edit.argument, edit.new))


def _compile(
    edit: Edit, place: Place, program: Program, facts: Mapping[str, Any], at: Position, call: ast.Call
) -> Change:
    if edit.argument == "optimizer":
        return _optimizer(edit, place, program, at, call)
    given = argument_of(call, edit.argument, place.positional)
    new = in_names_of(value_of(edit.argument, edit.new), program)
    if edit.output is not None:
        return Change(at, edit.argument, new, element=_within(edit, given, facts))
    if edit.argument == "metrics":
        names = facts.get("compiled_metrics") or []
        if not isinstance(given, (ast.List, ast.Tuple)) or edit.old not in names or len(given.elts) != len(names):
            raise RefusedError("the list of metrics is made elsewhere")
        index = names.index(edit.old)
        check_written(given.elts[index], UNKNOWN, "metrics")
        return Change(at, "metrics", new, element=(index,))
    if given is not None:
        check_written(given, UNKNOWN, edit.argument)
    return Change(at, edit.argument, new)


def _within(edit: Edit, given: ast.expr | None, facts: Mapping[str, Any]) -> tuple[int | str, ...]:
    """Where one output's part of an argument is in the dict or list of the call."""
    if given is None:
        raise RefusedError(f"`{edit.argument}` is not given here")
    if isinstance(given, ast.Constant):
        raise RefusedError(f"`{edit.argument}={ast.unparse(given)}` holds for all outputs")
    names = [str(output["name"]) for output in facts.get("outputs") or []]
    key: int | str = str(edit.output)
    if isinstance(given, (ast.List, ast.Tuple)):
        if len(given.elts) != len(names) or edit.output not in names:
            raise RefusedError("which element is of which output is not known")
        key = names.index(str(edit.output))
    part = element_of(given, [key])
    if edit.argument != "metrics":
        check_written(part, UNKNOWN, edit.argument)
        return (key,)
    inner = part.elts if isinstance(part, (ast.List, ast.Tuple)) else [part]
    named = [place for place, one in enumerate(inner) if isinstance(one, ast.Constant) and one.value == edit.old]
    if len(named) != 1:
        raise RefusedError("which metric it is cannot be told from the call alone")
    return (key,) if inner == [part] else (key, named[0])


def _loss_weights(edit: Edit, place: Place, at: Position, call: ast.Call) -> list[Change]:
    """The weights of the losses: of a dict or list that is written out those that differ."""
    given = argument_of(call, "loss_weights", place.positional)
    if given is None or isinstance(given, ast.Constant) and given.value is None:
        return [Change(at, "loss_weights", weights_of(edit.new))]
    new = edit.new if isinstance(edit.new, dict) else dict(enumerate(edit.new))
    if isinstance(given, (ast.List, ast.Tuple)) and len(given.elts) == len(new):
        new = dict(enumerate(new.values()))
    changes = []
    for key, weight in new.items():
        part = element_of(given, [key])
        check_written(part, UNKNOWN, "loss_weights")
        if not (isinstance(part, ast.Constant) and part.value == weight):
            changes.append(Change(at, "loss_weights", value_of("weight", weight), element=(key,)))
    return changes


def _compiled_with(argument: str, facts: Mapping[str, Any]) -> Any:
    return ((facts.get("optimizer") or {}).get("config") or {}).get(argument, UNKNOWN)


def _check_rate(edit: Edit, facts: Mapping[str, Any]) -> None:
    had = _compiled_with("learning_rate", facts)
    if (edit.where, edit.argument) != ("compile", "learning_rate") or edit.old is None or had is UNKNOWN:
        return
    # What is not the compiled rate was set elsewhere.
    if not isinstance(had, (int, float)) or not math.isclose(had, edit.old, rel_tol=SAME_RATE):
        raise RefusedError("a schedule or a callback sets the learning rate")


def _tuned(edit: Edit, place: Place, facts: Mapping[str, Any], at: Position, call: ast.Call) -> Change:
    """An argument in the call that makes the optimizer."""
    given = argument_of(call, edit.argument, place.positional)
    if given is not None:
        check_written(given, _compiled_with(edit.argument, facts), edit.argument)
    return Change(at, edit.argument, value_of(edit.argument, edit.new))


def _named_optimizer(
    edits: Sequence[Edit], place: Place, program: Program, facts: Mapping[str, Any], at: Position, call: ast.Call
) -> Change:
    """An optimizer that `compile` was given by name, or not at all, as an object with its arguments."""
    given = argument_of(call, "optimizer", place.positional)
    if given is not None and not (isinstance(given, ast.Constant) and isinstance(given.value, str)):
        raise RefusedError("the optimizer is made elsewhere")
    new = compile_lines("compile", edits, facts)[0]["new"] or ""
    return Change(at, "optimizer", in_names_of(new.removeprefix("optimizer="), program))


def _optimizer(edit: Edit, place: Place, program: Program, at: Position, call: ast.Call) -> Change:
    kind, config = edit.new["class_name"], edit.new["config"]
    plain = PLAIN_OPTIMIZERS.get(kind) == config
    arguments = ", ".join(f"{name}={value_of(name, value)}" for name, value in config.items())
    try:
        new = in_names_of(f"keras.optimizers.{kind}({arguments})", program)
    except RefusedError:
        if not plain:
            raise
        new = f'"{kind.lower()}"'
    if program.called(call) == "compile":
        given = argument_of(call, "optimizer", place.positional)
        if given is not None:
            check_written(given, UNKNOWN, "optimizer")
        return Change(at, "optimizer", new)
    check_written(call, UNKNOWN, "optimizer")
    return Change(at, None, new)
