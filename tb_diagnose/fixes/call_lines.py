"""The lines of `compile` and `fit`, and of the arrays that are given to it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.causes import Edit
from tb_diagnose.causes._finding import of_compile
from tb_diagnose.evidence import keras_config
from tb_diagnose.fixes import said
from tb_diagnose.fixes.keras_signatures import OPTIMIZER, OPTIMIZER_UNWRITTEN, OPTIMIZERS_OWN
from tb_diagnose.fixes.line import Line, line, serialized_model
from tb_diagnose.fixes.literals import object_of, quoted, refuse, value_of

ARRAYS = "arrays"
SAME_RATE = 1e-3
"""Share by which two rates may differ and still be the same: one of them went through 32 bits."""

TUNED = frozenset({"learning_rate", *OPTIMIZER, *(name for own in OPTIMIZERS_OWN.values() for name in own)})
"""Arguments of optimizers."""


def compile_lines(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    """The arguments of `compile` that change, in one line."""
    pairs: list[tuple[str, str | None, str]] = []
    edits = of_compile(edits)
    tuned = {edit.argument: edit for edit in edits if edit.argument in TUNED}
    other = next((edit.new for edit in edits if edit.argument == "optimizer"), None)
    if other is not None:
        new = _optimizer(other["class_name"], {**other["config"], **{name: edit.new for name, edit in tuned.items()}})
        pairs.append(("optimizer", _optimizer(*_compiled_optimizer(facts)), new))
    elif tuned:
        pairs.append(("optimizer", *_tuned(tuned, facts)))
    of_outputs = [edit for edit in edits if edit.output is not None]
    for argument in dict.fromkeys(edit.argument for edit in of_outputs):
        pairs.append((argument, *_of_outputs([edit for edit in of_outputs if edit.argument == argument], facts)))
    for edit in edits:
        if edit.output is not None:
            continue
        if edit.argument == "loss":
            pairs.append(("loss", _compiled_loss(facts), value_of("loss", edit.new)))
        elif edit.argument == "metrics":
            pairs.append(("metrics", *_metrics(edit, facts)))
        elif edit.argument == "loss_weights":
            given = _compiled(facts).get("loss_weights")
            pairs.append(("loss_weights", weights_of(given), weights_of(edit.new)))
    inferred = False
    if pairs and pairs[0][0] == "optimizer":
        known, said_so = said.optimizer(facts)
        inferred = not known  # Keras has an object, where the program may have given a name
        pairs[0] = ("optimizer", said_so, pairs[0][2]) if known else pairs[0]
    old = ", ".join(f"{name}={value}" for name, value, _ in pairs if value is not None)
    new = ", ".join(f"{name}={value}" for name, _, value in pairs)
    return [line(where, old or None, new, inferred=inferred)]


def _compiled_optimizer(facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    optimizer = facts.get("optimizer") or {}
    kind = keras_config.OPTIMIZERS.get(str(optimizer.get("name")))
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
    known = {*OPTIMIZER, *OPTIMIZERS_OWN.get(kind, {}), "name", "learning_rate", "jit_compile", "is_legacy_optimizer"}
    if any(config[name] not in OPTIMIZER_UNWRITTEN.get(name, ()) for name in config if name not in known):
        refuse("optimizer")
    arguments = [] if rate is None else [value_of("learning_rate", rate)]
    for name, usual in {**OPTIMIZER, **OPTIMIZERS_OWN.get(kind, {})}.items():
        if name in config and value_of(name, config[name]) not in usual:
            arguments.append(f"{name}={value_of(name, config[name])}")
    return f"keras.optimizers.{kind}({', '.join(arguments)})"


def _compiled(facts: Mapping[str, Any]) -> dict[str, Any]:
    return serialized_model(facts).get("compile_config") or {}


def _compiled_loss(facts: Mapping[str, Any]) -> str:
    loss, known = _compiled(facts).get("loss"), facts.get("loss_function")
    if known is None or known["custom"]:
        return refuse("loss")
    if isinstance(loss, str) or (isinstance(loss, dict) and isinstance(loss.get("config"), dict)):
        return value_of("loss", loss)
    if not known["from_logits"]:
        return quoted(known["name"])
    kind = "".join(part.capitalize() for part in known["name"].split("_"))
    return object_of("losses", {"class_name": kind, "config": {"from_logits": True}})


def _of_outputs(edits: Sequence[Edit], facts: Mapping[str, Any]) -> tuple[str, str]:
    """The losses or metrics of several outputs as they were compiled, and those of some of them changed."""
    argument = edits[0].argument
    given = _compiled(facts).get(argument)
    names = [str(output["name"]) for output in facts["outputs"]]
    if isinstance(given, list) and len(given) == len(names):
        entries = dict(zip(names, given, strict=True))
    elif isinstance(given, dict) and "class_name" not in given:
        entries = dict(given)
    else:
        return refuse(argument)
    old = {name: _part(argument, value) for name, value in entries.items()}
    new = dict(old)
    for edit in edits:
        if edit.output not in old:
            return refuse(argument)
        parts = old[str(edit.output)]
        if argument == "metrics" and quoted(str(edit.old)) not in parts:
            return refuse(argument)
        made = value_of(argument, edit.new)
        new[str(edit.output)] = [made if argument == "loss" or p == quoted(str(edit.old)) else p for p in parts]
    return _in_form(given, old), _in_form(given, new)


def _part(argument: str, value: Any) -> list[str]:
    """The losses or metrics of one output."""
    return [value_of(argument, one) for one in (value if isinstance(value, list) else [value])]


def _in_form(given: Any, parts: Mapping[str, Sequence[str]]) -> str:
    """Code for all outputs, in a dict or a list as `given` is."""
    entries = given.values() if isinstance(given, dict) else given
    shown = {
        name: f"[{', '.join(part)}]" if isinstance(entry, list) else part[0]
        for (name, part), entry in zip(parts.items(), entries, strict=True)
    }
    if isinstance(given, list):
        return f"[{', '.join(shown.values())}]"
    return "{" + ", ".join(f"{quoted(name)}: {code}" for name, code in shown.items()) + "}"


def weights_of(given: Any) -> str:
    """Weights of the losses of several outputs, by name or in their order, as code.

    Raises:
        UnwritableError: they are neither.
    """
    if isinstance(given, dict):
        return "{" + ", ".join(f"{quoted(name)}: {value_of('weight', w)}" for name, w in given.items()) + "}"
    if isinstance(given, list):
        return f"[{', '.join(value_of('weight', w) for w in given)}]"
    return "None" if given is None else refuse("loss_weights")


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


def fit_lines(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    """The arguments of `fit` that change, in one line."""
    if any(edit.argument == "batch_size" for edit in edits) and facts.get("data_form") != ARRAYS:
        refuse("batch_size")  # a Dataset has its own, and Keras passes over this one without a word
    old = [f", {edit.argument}={value_of(edit.argument, edit.old)}" for edit in edits if edit.old is not None]
    new = [f", {edit.argument}={value_of(edit.argument, edit.new)}" for edit in edits]
    return [line(where, f"model.fit(...{''.join(old)})", f"model.fit(...{''.join(new)})")]


def data_lines(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    """The lines that make the arrays anew."""
    if facts.get("data_form") != ARRAYS or len(facts.get("input_dtype") or [""]) > 1:
        refuse(where)  # there is no array of that name
    return [line(where, None, f"{edit.argument} = {edit.new}") for edit in edits]
