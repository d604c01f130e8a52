"""The edits of a finding, made: a changed copy of the model with fresh weights, changed data and changed arguments of
`fit`.

The patch that is shown is written from the same edits (`fixes.lines`), so what is retrained is what a user would copy.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit
from tb_diagnose.causes._finding import CLIPPING, SAMPLES, distinct, of_compile
from tb_diagnose.evidence.keras_config import ACTIVATION_LAYERS
from tb_diagnose.trials import sample_choice

WHOLE = "model"
PLACES = ("compile", "fit", "in front", *SAMPLES)
AROUND = ("before", "behind")
"""Arguments of tries that put layers beside one."""
AT_ONCE = 4096
"""Samples that a layer is given at a time."""
OF_OPTIMIZER = ("learning_rate", "momentum", *CLIPPING)
"""Arguments that an edit of "compile" changes in the optimizer."""


class CannotApplyError(Exception):
    """An edit that this model, or these data, have no place for."""


def changed_copy(model: Any, edits: Sequence[Edit], compiled: Mapping[str, Any] | None = None) -> Any:
    """A compiled copy of a model with fresh weights and the edits made. The model itself stays as it is.

    What the model does not train stays what it was: what layers were adapted to, and frozen weights, which may be
    pre-trained. An edit that unfreezes them trains them on from there.

    Args:
        model: A compiled `keras.Model`; of a subclassed one, which makes its layers in its own code, no layer can be
            changed.
        edits: Of one finding or of several; those of "fit", "in front" and of samples are passed over.
        compiled: Arguments of `compile` as Keras serializes them. Defaults to those that the model has now.

    Raises:
        CannotApplyError: an edit names a layer or an argument that the model does not have, or a subclassed model
            cannot be made anew.
    """
    import keras

    by_layer = _by_layer(model, edits)

    def remade(layer: Any) -> Any:
        changes = by_layer.get(id(layer))
        return _same_layer(layer) if changes is None else _changed_layer(layer, changes)

    with keras.saving.custom_object_scope(_own_objects(model)):  # cloning compiles, too
        if isinstance(model, keras.Sequential) or hasattr(model, "operations"):
            copy = keras.models.clone_model(model, clone_function=remade, call_function=None, recursive=True)
        else:
            copy = _copy_of_subclassed(model, by_layer)
        wrapped = {path for path, layer in _leaves(model) if set(AROUND) & set(by_layer.get(id(layer), ()))}
        edited = {layer for layer, changes in by_layer.items() if not set(changes) <= {"trainable", *AROUND}}
        _keep_own_attributes(model, copy)
        _set_trainable(model, copy, {edit.where for edit in edits if edit.argument == "trainable"}, wrapped)
        _keep_fixed_weights(model, copy, edited, wrapped)
        copy.compile_from_config(changed_compile(compiled or model.get_compile_config(), edits))
    return copy


def _own_objects(model: Any) -> dict[str, Any]:
    """Functions and classes of the program that `compile` was given, by name: Keras reads none back that it does not
    know."""
    import keras

    given = getattr(getattr(model, "_compile_config", None), "config", None) or {}
    found = {}
    for each in [*keras.tree.flatten(given), getattr(model.optimizer, "_learning_rate", None)]:
        own = each if inspect.isfunction(each) else type(each)
        if own.__module__.split(".")[0] not in ("builtins", "keras", "tensorflow"):
            found[own.__name__] = own
    return found


def _copy_of_subclassed(model: Any, by_layer: Mapping[int, Any]) -> Any:
    """A subclassed model made anew from its config, and built like it."""
    if by_layer:
        raise CannotApplyError("A subclassed model makes its layers in its own code: change them there.")
    try:
        copy = model.__class__.from_config(model.get_config())
        copy.build_from_config(model.get_build_config())
    except Exception as error:
        raise CannotApplyError("A subclassed model without a config that makes it anew cannot be copied.") from error
    if [tuple(weight.shape) for weight in model.weights] != [tuple(weight.shape) for weight in copy.weights]:
        raise CannotApplyError("The config of this subclassed model makes another model than it is.")
    return copy


def _keep_own_attributes(model: Any, copy: Any) -> None:
    """Gives a copy what the program has set on a model of its own class, for a custom `train_step` to read.

    What holds no state is shared, a metric is made anew; layers and optimizers are not looked at.
    """
    import keras

    stateless = (bool, int, float, str, bytes, tuple, frozenset, type(None), keras.losses.Loss)
    for name, value in vars(model).items():
        if name.startswith("_") or name in vars(copy):
            continue
        if isinstance(value, keras.metrics.Metric):
            setattr(copy, name, type(value).from_config(value.get_config()))
        elif isinstance(value, stateless) or (inspect.isroutine(value) and not inspect.ismethod(value)):
            setattr(copy, name, value)


def _leaves(model: Any, prefix: str = "", wrapped: Set[str] = frozenset()) -> Iterator[tuple[str, Any]]:
    """Names and layers of a model and of the Sequential and functional models in it, named as the recorder does.

    Args:
        model: A model.
        prefix: Names of the models around it.
        wrapped: Layers that a try has put others beside: the model of both is called as the layer was.
    """
    import keras

    for layer in model.layers:
        path = prefix + layer.name
        if isinstance(layer, keras.Sequential) or (isinstance(layer, keras.Model) and hasattr(layer, "operations")):
            for name, inner in _leaves(layer, f"{path}/", wrapped):
                is_wrapped = path in wrapped and name == f"{path}/{layer.name}"
                yield path if is_wrapped else name, inner
        else:
            yield path, layer


def _by_layer(model: Any, edits: Sequence[Edit]) -> dict[int, dict[str, Any]]:
    """New arguments by the identity of the layer: two nested layers may have one name."""
    layers = dict(_leaves(model))
    by_layer: dict[int, dict[str, Any]] = {}
    for edit in edits:
        if edit.where in (*PLACES, WHOLE):
            continue
        if edit.where not in layers:
            raise CannotApplyError(f"The model has no layer {edit.where!r}.")
        by_layer.setdefault(id(layers[edit.where]), {})[edit.argument] = edit.new
    return by_layer


def _set_trainable(model: Any, copy: Any, unfrozen: Set[str], wrapped: Set[str]) -> None:
    """Freezes in the copy what is frozen in the model, which cloning a functional model inside another forgets.

    Args:
        model: The model.
        copy: The copy.
        unfrozen: Names of layers that are to be trained, or of the whole model.
        wrapped: Names of those that others were put beside.
    """
    trainable = {path: bool(model.trainable and layer.trainable) for path, layer in _leaves(model)}
    copy.trainable = bool(model.trainable or unfrozen)
    for path, layer in _leaves(copy, wrapped=wrapped):
        wanted = WHOLE in unfrozen or path in unfrozen or trainable.get(path, True)
        if layer.trainable != wanted:
            layer.trainable = wanted


def _keep_fixed_weights(model: Any, copy: Any, edited: Set[int], wrapped: Set[str]) -> None:
    """Copies what the model does not train: weights of frozen layers, and what layers were adapted to.

    Args:
        model: The model.
        copy: The copy, with the edits made.
        edited: Identities of the layers of the model that were edited.
        wrapped: Names of those that others were put beside.
    """
    import keras

    copies = dict(_leaves(copy, wrapped=wrapped))
    for path, layer in _leaves(model):
        new = copies.get(path)
        if new is None or id(layer) in edited:
            continue
        is_frozen = not (model.trainable and layer.trainable)
        gathers_statistics = isinstance(layer, keras.layers.BatchNormalization)
        if is_frozen or not (layer.trainable_weights or gathers_statistics):
            _copy_state(layer, new)


def _copy_state(old: Any, new: Any) -> None:
    shapes = [tuple(weight.shape) for weight in old.weights]
    # An edit before the layer may have changed its shape.
    if shapes and shapes == [tuple(weight.shape) for weight in new.weights]:
        new.set_weights(old.get_weights())
        if hasattr(new, "finalize_state"):  # Normalization works with constants made of its weights
            new.finalize_state()
    if hasattr(old, "save_assets") and hasattr(new, "load_assets"):  # vocabularies are no weights
        with tempfile.TemporaryDirectory() as folder:
            old.save_assets(folder)
            new.load_assets(folder)


def _same_layer(layer: Any) -> Any:
    import keras

    if not isinstance(layer, keras.layers.Lambda):
        return layer.__class__.from_config(layer.get_config())
    # Its function is at hand: Keras does not read one from a config, which may have come from anywhere.
    config = {name: value for name, value in layer.get_config().items() if name not in ("function", "mask")}
    mask = layer.mask if callable(getattr(layer, "mask", None)) else None
    return keras.layers.Lambda(layer.function, mask=mask, **{**config, "output_shape": layer._output_shape})


def _changed_layer(layer: Any, changes: Mapping[str, Any]) -> Any:
    import keras

    if "left_out" in changes:
        return keras.layers.Identity(name=layer.name)
    around = {side: changes[side] for side in AROUND if side in changes}
    if around:
        others = {argument: new for argument, new in changes.items() if argument not in AROUND}
        changed = _changed_layer(layer, others) if others else _same_layer(layer)
        before, behind = (
            [getattr(keras.layers, new["class_name"])(**new["config"]) for new in around.get(side, ())]
            for side in AROUND
        )
        return keras.Sequential([*before, changed, *behind], name=layer.name)
    config = layer.get_config()
    if layer.__class__.__name__ in ACTIVATION_LAYERS and set(changes) == {"activation"}:
        return keras.layers.Activation(changes["activation"], name=layer.name)
    if isinstance(layer, keras.layers.TimeDistributed):
        return keras.layers.TimeDistributed(_changed_layer(layer.layer, changes), name=layer.name)
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
    for edit in of_compile(edits):
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
    inner = config.get("inner_optimizer")  # mixed precision scales the loss around the optimizer
    if isinstance(inner, dict):
        return {**optimizer, "config": {**config, "inner_optimizer": _changed_optimizer(inner, edit)}}
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
    edits: Sequence[Edit], x: Any, y: Any, validation: tuple[Any, Any], paired: Any = None
) -> tuple[Any, Any, tuple[Any, Any]]:
    """Training and validation data with the edits made, by the code that the user would paste.

    What is neither `x` nor `y`, such as a mean, is worked out on the training data and used for both; what has one
    value a sample, such as a choice of samples, is worked out for each. The code of a try may use the module
    `sample_choice`.

    Args:
        edits: Of one finding or of several.
        x: Training inputs.
        y: Training labels.
        validation: Inputs and labels of the validation samples.
        paired: For the code of a try: the training samples as their source pairs them.

    Returns:
        x, y and validation.
    """
    import keras

    names: dict[str, Any] = {"np": np, "keras": keras, "sample_choice": sample_choice, "paired": paired, "x": x, "y": y}
    validation_x, validation_y = validation
    for_validation: dict[str, Any] = {}
    for edit in sorted(edits, key=lambda edit: edit.where == "in front"):  # it is adapted to what the others make
        if edit.where == "in front":  # in front of the model, a layer gives what it would give beside it
            layer = eval(edit.new, {"keras": keras})  # noqa: S307 - the code is ours, as in `_run`
            if hasattr(layer, "adapt"):
                layer.adapt(names["x"])
            names["x"], validation_x = (_through(layer, each) for each in (names["x"], validation_x))
        if edit.where not in SAMPLES:
            continue
        targets = [name.strip() for name in edit.argument.split(",")]
        of_validation = {**names, **for_validation, "x": validation_x, "y": validation_y}
        if edit.where == "training":
            _run(edit, names)
        elif edit.where == "validation":
            _run(edit, of_validation := {**of_validation, "training_x": names["x"], "training_y": names["y"]})
            validation_x, validation_y = of_validation["x"], of_validation["y"]
            names["x"], names["y"] = of_validation["training_x"], of_validation["training_y"]
        elif {"x", "y"} & set(targets):
            _run(edit, of_validation)
            validation_x, validation_y = of_validation["x"], of_validation["y"]
            _run(edit, names)
        else:
            _run(edit, names)
            if all(np.ndim(names[target]) == 1 and len(names[target]) == len(names["x"]) for target in targets):
                of_validation = {**names, "x": validation_x, "y": validation_y}
                _run(edit, of_validation)
                for_validation |= {target: of_validation[target] for target in targets}
    return names["x"], names["y"], (validation_x, validation_y)


def _through(layer: Any, x: Any) -> Any:
    """What a layer makes of inputs, a part at a time: the device holds less than the program."""
    import keras

    parts = (x[start : start + AT_ONCE] for start in range(0, len(x), AT_ONCE))
    return np.concatenate([keras.ops.convert_to_numpy(layer(part)) for part in parts])


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
    for edit in distinct(edits):
        if edit.where == "fit":
            new = edit.new
            if edit.argument == "class_weight":
                new = {int(label): weight for label, weight in new.items()}
            changed[edit.argument] = new
    return changed
