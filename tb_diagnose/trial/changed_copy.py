"""The edits of a finding, made: a changed copy of the model with fresh weights, changed data and changed arguments of
`fit`.

The patch that is shown is written from the same edits (`fixes.lines`), so what is retrained is what a user would copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit
from tb_diagnose.evidence.keras_config import ACTIVATION_LAYERS

WHOLE = "model"
PLACES = ("compile", "fit", "data")
CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
OF_OPTIMIZER = ("learning_rate", "momentum", *CLIPPING)
"""Arguments that an edit of "compile" changes in the optimizer."""


class CannotApplyError(Exception):
    """An edit that this model, or these data, have no place for."""


def changed_copy(model: Any, edits: Sequence[Edit]) -> Any:
    """A compiled copy of a model with fresh weights and the edits made. The model itself stays as it is.

    Args:
        model: A compiled Sequential or functional `keras.Model`.
        edits: Of one finding or of several; those of "fit" and "data" are passed over.

    Raises:
        CannotApplyError: an edit names a layer or an argument that the model does not have.
    """
    import keras

    by_layer = _by_layer(edits)
    left = set(by_layer)

    def remade(layer: Any) -> Any:
        changes = by_layer.get(layer.name)
        if changes is None:
            return layer.__class__.from_config(layer.get_config())
        left.discard(layer.name)
        return _changed_layer(layer, changes)

    copy = keras.models.clone_model(model, clone_function=remade, call_function=None)
    if left:
        raise CannotApplyError(f"The model has no layer {sorted(left)[0]!r}.")
    if any(edit.where == WHOLE and edit.argument == "trainable" for edit in edits):
        for layer in copy.layers:
            layer.trainable = True
        copy.trainable = True
    copy.compile_from_config(changed_compile(model.get_compile_config(), edits))
    return copy


def _by_layer(edits: Sequence[Edit]) -> dict[str, dict[str, Any]]:
    by_layer: dict[str, dict[str, Any]] = {}
    for edit in edits:
        if edit.where not in (*PLACES, WHOLE):
            # A nested layer is named with the models around it; inside its own model it has its own name.
            by_layer.setdefault(edit.where.rpartition("/")[2], {})[edit.argument] = edit.new
    return by_layer


def _changed_layer(layer: Any, changes: Mapping[str, Any]) -> Any:
    import keras

    config = layer.get_config()
    if layer.__class__.__name__ in ACTIVATION_LAYERS and set(changes) == {"activation"}:
        return keras.layers.Activation(changes["activation"], name=layer.name)
    for argument, new in changes.items():
        name = "filters" if argument == "units" and "filters" in config else argument
        if name not in config:
            raise CannotApplyError(f"The layer {layer.name!r} has no argument {argument!r}.")
        config[name] = new
    return layer.__class__.from_config(config)


def changed_compile(config: Mapping[str, Any], edits: Sequence[Edit]) -> dict[str, Any]:
    """The arguments of `compile`, in the form that Keras serializes them to, with the edits made.

    Args:
        config: From `model.get_compile_config()`.
        edits: Of one finding or of several.
    """
    changed = dict(config)
    # A new optimizer first: what else is said of the optimizer is said of the new one.
    for edit in sorted(edits, key=lambda edit: edit.argument != "optimizer"):
        if edit.where != "compile":
            continue
        if edit.argument in OF_OPTIMIZER:
            changed["optimizer"] = _changed_optimizer(changed["optimizer"], edit)
        elif edit.argument == "metrics":
            changed["metrics"] = _changed_metrics(changed.get("metrics"), edit)
        else:
            changed[edit.argument] = _serialized(edit)
    return changed


def _serialized(edit: Edit) -> Any:
    """The new value in the whole form that Keras reads back: an edit leaves out the module."""
    import keras

    modules = {"optimizer": keras.optimizers, "loss": keras.losses, "metrics": keras.metrics}
    if not isinstance(edit.new, dict) or edit.argument not in modules:
        return edit.new
    return keras.saving.serialize_keras_object(modules[edit.argument].get(dict(edit.new)))


def _changed_optimizer(optimizer: Any, edit: Edit) -> Any:
    import keras

    if isinstance(optimizer, str):
        optimizer = keras.saving.serialize_keras_object(keras.optimizers.get(optimizer))
    config = dict(optimizer["config"])
    if edit.argument in CLIPPING:
        config.update(dict.fromkeys(CLIPPING))  # Keras takes one kind of clipping at a time
    config[edit.argument] = edit.new
    return {**optimizer, "config": config}


def _changed_metrics(metrics: Any, edit: Edit) -> list[Any]:
    def is_old(metric: Any) -> bool:
        name = metric if isinstance(metric, str) else (metric.get("config") or {}).get("name") or metric["class_name"]
        return bool(str(name).lower().replace("_", "") == str(edit.old).lower().replace("_", ""))

    given = list(metrics or [])
    new = _serialized(edit)
    if len(given) == 1:
        return [new]
    return [new if is_old(metric) else metric for metric in given]


def changed_data(
    edits: Sequence[Edit], x: Any, y: Any, validation: tuple[Any, Any]
) -> tuple[Any, Any, tuple[Any, Any]]:
    """Training and validation data with the edits made, by the code that the user would paste.

    What is neither `x` nor `y`, such as a mean, is worked out on the training data and used for both; what has one
    value a sample, such as a choice of samples, is worked out for each.

    Args:
        edits: Of one finding or of several.
        x: Training inputs.
        y: Training labels.
        validation: Inputs and labels of the validation samples.

    Returns:
        x, y and validation.
    """
    import keras

    names: dict[str, Any] = {"np": np, "keras": keras, "x": x, "y": y}
    validation_x, validation_y = validation
    for_validation: dict[str, Any] = {}
    for edit in edits:
        if edit.where != "data":
            continue
        targets = [name.strip() for name in edit.argument.split(",")]
        if {"x", "y"} & set(targets):
            validation_names = {**names, **for_validation, "x": validation_x, "y": validation_y}
            _run(edit, validation_names)
            validation_x, validation_y = validation_names["x"], validation_names["y"]
            _run(edit, names)
            continue
        _run(edit, names)
        if all(np.ndim(names[target]) == 1 and len(names[target]) == len(names["x"]) for target in targets):
            validation_names = {**names, "x": validation_x, "y": validation_y}
            _run(edit, validation_names)
            for_validation |= {target: validation_names[target] for target in targets}
    return names["x"], names["y"], (validation_x, validation_y)


def _run(edit: Edit, names: dict[str, Any]) -> None:
    # The code is ours: a cause wrote it, with numbers of this run.
    exec(f"{edit.argument} = {edit.new}", names)  # noqa: S102


def changed_fit(arguments: Mapping[str, Any], edits: Sequence[Edit]) -> dict[str, Any]:
    """The arguments of `fit` with the edits made.

    Args:
        arguments: Keyword arguments by name.
        edits: Of one finding or of several.
    """
    changed = dict(arguments)
    for edit in edits:
        if edit.where == "fit":
            new = edit.new
            if edit.argument == "class_weight":
                new = {int(label): weight for label, weight in new.items()}
            changed[edit.argument] = new
    return changed
