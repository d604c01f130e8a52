"""What a cause would change -> the lines of a user's own code, old and new.

Lines are pasted into programs: a line that is not sure to be right is not written. The edits of one finding belong
together (more units, and the loss that reads them), so where one of them cannot be written, none is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.evidence import keras_config
from tb_diagnose.fixes.keras_signatures import (
    APART,
    LAYERS,
    OPTIMIZER,
    OPTIMIZER_UNWRITTEN,
    OPTIMIZERS_OWN,
    OPTIONS,
    PLAIN_ACTIVATIONS,
    TANH,
    TOLD_BY_ROWS,
    UNWRITTEN,
)
from tb_diagnose.fixes.literals import Unwritable, automatic_name, object_of, quoted, refuse, value_of

Line = dict[str, "str | None"]

WHOLE = "model"
"""Where the change is to the model as a whole."""
ARRAYS = "arrays"
SAME_RATE = 1e-3
"""Share by which two rates may differ and still be the same: one of them went through 32 bits."""


def lines(edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    """The lines that change, one for each place: where, the old and the new one.

    Args:
        edits: What a finding would change.
        facts: The facts of its run, by the names in `evidence.FACTS`.
    """
    places: dict[tuple[Callable[..., list[Line]], str], list[Edit]] = {}
    for edit in edits:
        places.setdefault((_writer(edit), edit.where), []).append(edit)
    try:
        written = [line for (writer, where), some in places.items() for line in writer(where, some, facts)]
    except (Unwritable, AttributeError, KeyError, TypeError, ValueError):
        return []  # a model that is not what Keras writes: others write logs, too
    unlike = [line for line in written if line["old"] != line["new"]]
    return [line for place, line in enumerate(unlike) if line not in unlike[:place]]


def _writer(edit: Edit) -> Callable[..., list[Line]]:
    # By the argument first: nothing keeps a user from calling a layer "fit".
    if edit.argument == "trainable":
        return _trainable
    if edit.argument in OPTIONS or any(edit.argument in given for given in LAYERS.values()):
        return _layer
    return {"compile": _compile, "fit": _fit, "data": _data}[edit.where]


def _line(where: str, old: str | None, new: str | None) -> Line:
    return {"where": where, "old": old, "new": new}


# Layers


def _layer(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    kind, config = _found(where, facts)
    changes = {}
    for edit in edits:
        argument = "filters" if edit.argument == "units" and "filters" in config else edit.argument
        if kind in keras_config.ACTIVATION_LAYERS and argument == "activation":
            if len(edits) > 1 or any(config[name] != PLAIN_ACTIVATIONS[kind].get(name) for name in _own(config)):
                refuse(where)
            name = _name(kind, config)
            new = None if edit.new == "linear" else f"Activation({', '.join([value_of(argument, edit.new), *name])})"
            return [_line(where, f"{kind}({', '.join(name)})", new)]
        if argument not in config:
            refuse(where)
        changes[argument] = edit.new
    old, new = _call(kind, config), _call(kind, {**config, **changes}, tuple(changes))
    return [_line(where, old, None if kind == "Activation" and changes.get("activation") == "linear" else new)]


def _found(where: str, facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Class and config of a layer: its own from the model, or what the layer table tells."""
    layers = _walk(facts)
    # A cause that reads the model itself knows the layers of nested models by their own names.
    named = [one for one in layers if one.name == where] or [one for one in layers if one.name.endswith(f"/{where}")]
    if named:
        types = {_dtype(one.config) for one in layers} - {None}
        if len(named) > 1 or named[0].custom or len(types) > 1:
            refuse(where)  # of several types, as in mixed precision, which one is given is not told
        return named[0].kind, named[0].config
    for row in facts.get("layers") or []:
        if row["name"] == where and row.get("class") in (*TOLD_BY_ROWS, *keras_config.ACTIVATION_LAYERS):
            told = {name: row.get(name) for name in ("units", "activation", "rate")}
            return row["class"], {name: value for name, value in told.items() if value is not None}
    return refuse(where)


def _dtype(config: Mapping[str, Any]) -> str | None:
    dtype = config.get("dtype")
    return (
        str(dtype["config"].get("name")) if isinstance(dtype, dict) and isinstance(dtype.get("config"), dict) else dtype
    )


def _model(facts: Mapping[str, Any]) -> dict[str, Any]:
    return facts.get("model") or {}


def _walk(facts: Mapping[str, Any]) -> list[keras_config.Layer]:
    return list(keras_config.walk_layers(_model(facts)))


def _call(kind: str, config: Mapping[str, Any], changed: tuple[str, ...] = ()) -> str:
    """A layer as a user makes it: what it must have, and what is not as Keras would have it."""
    if kind not in LAYERS or any(name not in config for name in LAYERS[kind]):
        refuse(kind)
    written = {*LAYERS[kind], *OPTIONS}
    if config.get("trainable") is False or any(
        config[name] not in UNWRITTEN.get(name, ()) for name in _own(config) if name not in written
    ):
        refuse(kind)
    arguments = [value_of(name, config[name]) for name in LAYERS[kind]]
    for name, usual in OPTIONS.items():
        if name not in config or name in LAYERS[kind]:
            continue
        value = value_of(name, config[name])
        plain = ('"tanh"',) if name == "activation" and kind in TANH else usual
        bare = value in ("None", '"linear"') and value in plain
        if value not in plain or (name in changed and not bare):
            arguments.append(f"{name}={value}")
    return f"{kind}({', '.join(arguments + _name(kind, config))})"


def _own(config: Mapping[str, Any]) -> list[str]:
    """Names of the settings that are the layer's own."""
    return [name for name in config if name not in APART]


def _name(kind: str, config: Mapping[str, Any]) -> list[str]:
    """The argument for a name that a user has given; empty for one of Keras's."""
    name = config.get("name")
    given = isinstance(name, str) and not re.fullmatch(rf"{automatic_name(kind)}(_\d+)?", name)
    return [f"name={quoted(name)}"] if given else []  # type: ignore[arg-type]


def _trainable(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    path = "" if where == WHOLE else where
    # A model that is frozen as a whole gives no weights to train, whatever its layers say.
    frozen_in = next((one.frozen_in for one in _walk(facts) if one.name == path), None)
    path = path if frozen_in is None else frozen_in
    target = "model" + "".join(f".get_layer({quoted(name)})" for name in path.split("/") if name)
    new = edits[0].new
    return [_line(path or WHOLE, f"{target}.trainable = {not new}", f"{target}.trainable = {new}")]


# compile, fit, data


def _compile(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    pairs = []
    tuned = {edit.argument: edit for edit in edits if edit.argument in ("learning_rate", *OPTIMIZER)}
    if tuned:
        pairs.append(("optimizer", *_tuned(tuned, facts)))
    for edit in edits:
        if edit.argument == "optimizer":
            new = _optimizer(edit.new["class_name"], edit.new["config"])
            pairs.append(("optimizer", _optimizer(*_compiled_optimizer(facts)), new))
        elif edit.argument == "loss":
            pairs.append(("loss", _compiled_loss(facts), value_of("loss", edit.new)))
        elif edit.argument == "metrics":
            pairs.append(("metrics", *_metrics(edit, facts)))
    old, new = (", ".join(f"{pair[0]}={pair[side]}" for pair in pairs) for side in (1, 2))
    return [_line(where, old, new)]


def _compiled_optimizer(facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    optimizer = facts.get("optimizer") or {}
    kind = keras_config.OPTIMIZERS.get(optimizer.get("name"))
    return (kind, optimizer.get("config") or {}) if kind else refuse("optimizer")


def _tuned(edits: Mapping[str, Edit], facts: Mapping[str, Any]) -> tuple[str, str]:
    """The optimizer with some of its arguments changed."""
    kind, config = _compiled_optimizer(facts)
    rate = edits.get("learning_rate")
    if rate is not None and rate.old is not None:
        compiled = config.get("learning_rate", rate.old)
        # What is not the compiled rate was set elsewhere: by a schedule or a callback.
        if not isinstance(compiled, (int, float)) or not math.isclose(compiled, rate.old, rel_tol=SAME_RATE):
            refuse("learning_rate")
        config = {**config, "learning_rate": compiled}
    new = {name: edit.new for name, edit in edits.items()}
    return _optimizer(kind, config), _optimizer(kind, {**config, **new})


def _optimizer(kind: str, config: Mapping[str, Any]) -> str:
    rate = config.get("learning_rate")
    if not isinstance(rate, (int, float, type(None))):
        refuse("learning_rate")  # a schedule
    known = {*OPTIMIZER, *OPTIMIZERS_OWN.get(kind, {}), "name", "learning_rate", "jit_compile", "is_legacy_optimizer"}
    if any(config[name] not in OPTIMIZER_UNWRITTEN.get(name, ()) for name in config if name not in known):
        refuse("optimizer")
    arguments = [] if rate is None else [value_of("learning_rate", rate)]
    for name, usual in (OPTIMIZER | OPTIMIZERS_OWN.get(kind, {})).items():
        if name in config and value_of(name, config[name]) not in usual:
            arguments.append(f"{name}={value_of(name, config[name])}")
    return f"keras.optimizers.{kind}({', '.join(arguments)})"


def _compiled(facts: Mapping[str, Any]) -> dict[str, Any]:
    return _model(facts).get("compile_config") or {}


def _compiled_loss(facts: Mapping[str, Any]) -> str:
    loss, known = _compiled(facts).get("loss"), facts.get("loss_function")
    if known is None or known["custom"]:
        refuse("loss")
    if isinstance(loss, str) or (isinstance(loss, dict) and isinstance(loss.get("config"), dict)):
        return value_of("loss", loss)
    if not known["from_logits"]:
        return quoted(known["name"])
    kind = "".join(part.capitalize() for part in known["name"].split("_"))
    return object_of("losses", {"class_name": kind, "config": {"from_logits": True}})


def _metrics(edit: Edit, facts: Mapping[str, Any]) -> tuple[str, str]:
    """All metrics, one of them replaced; the others stay."""
    names = facts.get("compiled_metrics") or []
    given = _compiled(facts).get("metrics", names)
    if edit.old not in names or not isinstance(given, list) or len(given) != len(names):
        refuse("metrics")
    old = [value_of("metrics", metric) for metric in given]
    new = list(old)
    new[names.index(edit.old)] = value_of("metrics", edit.new)
    return f"[{', '.join(old)}]", f"[{', '.join(new)}]"


def _fit(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    if any(edit.argument == "batch_size" for edit in edits) and facts.get("data_form") != ARRAYS:
        refuse("batch_size")  # a Dataset has its own, and Keras passes over this one without a word
    old = [f", {edit.argument}={value_of(edit.argument, edit.old)}" for edit in edits if edit.old is not None]
    new = [f", {edit.argument}={value_of(edit.argument, edit.new)}" for edit in edits]
    return [_line(where, f"model.fit(...{''.join(old)})", f"model.fit(...{''.join(new)})")]


def _data(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    if facts.get("data_form") != ARRAYS or len(facts.get("input_dtype") or [""]) > 1:
        refuse(where)  # there is no array of that name
    return [_line(where, None, f"{edit.argument} = {edit.new}") for edit in edits]
