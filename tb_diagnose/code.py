"""What a cause would change -> the lines of a user's own code, old and new.

Lines are pasted into programs: a line that is not sure to be right is not written. The edits of one finding belong
together (more units, and the loss that reads them), so where one of them cannot be written, none is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tb_diagnose import keras_config
from tb_diagnose.causes import Edit

Line = dict[str, "str | None"]

ACTIVATIONS = frozenset(
    """celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
    log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold""".split()
)
DROPOUTS = ("Dropout", "GaussianDropout", "AlphaDropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
LAYERS: Mapping[str, tuple[str, ...]] = {
    "Dense": ("units",),
    **{
        f"{kind}{n}D{way}": ("filters", "kernel_size")
        for n in (1, 2, 3)
        for kind, way in (("Conv", ""), ("Conv", "Transpose"), ("SeparableConv", ""))
    },
    **{f"DepthwiseConv{n}D": ("kernel_size",) for n in (1, 2)},
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), ("units",)),
    **dict.fromkeys(DROPOUTS, ("rate",)),
    "Embedding": ("input_dim", "output_dim"),
    "Activation": ("activation",),
}
"""Keras's layers whose calls can be written, with the arguments that are given by place."""
TOLD_BY_ROWS = ("Dense", "Activation", *DROPOUTS)
"""Layers of which the layer table tells all that a call must have; of a convolution it has no kernel size."""
ONES = ("1", "(1, 1)", "(1, 1, 1)")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "strides": ONES,
    "padding": ('"valid"',),
    "data_format": ('"channels_last"', "None"),
    "dilation_rate": ONES,
    "groups": ("1",),
    "depth_multiplier": ("1",),
    "activation": ('"linear"', "None"),
    "recurrent_activation": ('"sigmoid"',),
    "use_bias": ("True",),
    "kernel_initializer": ('"glorot_uniform"',),
    "depthwise_initializer": ('"glorot_uniform"',),
    "pointwise_initializer": ('"glorot_uniform"',),
    "recurrent_initializer": ('"orthogonal"',),
    "embeddings_initializer": ('"random_uniform"',),
    "bias_initializer": ('"zeros"',),
    **{
        f"{what}_{kind}": ("None",)
        for kind in ("regularizer", "constraint")
        for what in ("kernel", "depthwise", "pointwise", "recurrent", "embeddings", "bias", "activity")
    },
    "dropout": ("0.0", "0"),
    "recurrent_dropout": ("0.0", "0"),
    "return_sequences": ("False",),
    "return_state": ("False",),
    "go_backwards": ("False",),
    "stateful": ("False",),
    "mask_zero": ("False",),
}
"""The other arguments in the order of a call, with what they are where nobody gave them: such are left out."""
TANH = ("LSTM", "GRU", "SimpleRNN")
OBJECTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "initializers": {
        **dict.fromkeys(
            ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"), {"seed": None}
        ),
        "Zeros": {},
        "Ones": {},
        "Constant": {"value": 0.0},
        "RandomNormal": {"mean": 0.0, "stddev": 0.05, "seed": None},
        "TruncatedNormal": {"mean": 0.0, "stddev": 0.05, "seed": None},
        "RandomUniform": {"minval": -0.05, "maxval": 0.05, "seed": None},
        "VarianceScaling": {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal", "seed": None},
        "Orthogonal": {"gain": 1.0, "seed": None},
    },
    "regularizers": {"L1": {"l1": None}, "L2": {"l2": None}, "L1L2": {"l1": 0.0, "l2": 0.0}},
    "constraints": {
        "MaxNorm": {"max_value": None, "axis": 0},
        "NonNeg": {},
        "UnitNorm": {"axis": 0},
    },
    "losses": dict.fromkeys(
        (
            "BinaryCrossentropy",
            "CategoricalCrossentropy",
            "SparseCategoricalCrossentropy",
            "MeanSquaredError",
            "MeanAbsoluteError",
            "MeanAbsolutePercentageError",
            "MeanSquaredLogarithmicError",
            "LogCosh",
            "Poisson",
        ),
        {"from_logits": False, "label_smoothing": 0.0, "ignore_class": None, "axis": -1}
        | {"reduction": ("sum_over_batch_size", "auto")},
    ),
    "metrics": dict.fromkeys(
        (
            "Accuracy",
            "BinaryAccuracy",
            "CategoricalAccuracy",
            "SparseCategoricalAccuracy",
            "MeanAbsoluteError",
            "MeanSquaredError",
        ),
        {"threshold": 0.5},
    ),
}
"""Keras's own objects by their part of Keras, with their arguments and what these are by themselves."""
UNTOLD = ("name", "dtype", "fn")
"""Settings of losses and metrics that change nothing."""
OPTIMIZER: Mapping[str, tuple[str, ...]] = {
    "momentum": ("0.0", "0"),
    "nesterov": ("False",),
    "rho": ("0.9",),
    "centered": ("False",),
    "beta_1": ("0.9",),
    "beta_2": ("0.999",),
    "amsgrad": ("False",),
    "epsilon": ("1e-07",),
    "weight_decay": ("None",),
    "clipnorm": ("None",),
    "clipvalue": ("None",),
    "global_clipnorm": ("None",),
    "use_ema": ("False",),
    "gradient_accumulation_steps": ("None",),
}
OPTIMIZERS_OWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Adadelta": {"rho": ("0.95",)},
    "AdamW": {"weight_decay": ("0.004",)},
    "Lion": {"beta_2": ("0.99",)},
}
"""Where an optimizer begins otherwise than the others."""
WHOLE = "model"
"""Where the change is to the model as a whole."""
SAME_RATE = 1e-3
"""Share by which two rates may differ and still be the same: one of them went through 32 bits."""


class Unwritable(Exception):
    """A value or a call that is not known well enough to be written."""


def lines(edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    """The lines that change, one for each place: where, the old and the new one.

    Args:
        edits: What a finding would change.
        facts: The facts of its training, by the names in `evidence.FACTS`.
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
            new = None if edit.new == "linear" else f"Activation({_value(argument, edit.new)})"
            return [_line(where, f"{kind}()", new)] if len(edits) == 1 else _refuse(where)
        if argument not in config:
            _refuse(where)
        changes[argument] = edit.new
    old, new = _call(kind, config), _call(kind, {**config, **changes}, tuple(changes))
    return [_line(where, old, None if kind == "Activation" and changes.get("activation") == "linear" else new)]


def _found(where: str, facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Class and config of a layer: its own from the model, or what the layer table tells."""
    layers = _walk(facts)
    # A cause that reads the model itself knows the layers of nested models by their own names.
    named = [one for one in layers if one.name == where] or [one for one in layers if one.name.endswith(f"/{where}")]
    if named:
        if len(named) > 1 or named[0].custom:
            _refuse(where)
        return named[0].kind, named[0].config
    for row in facts.get("layers") or []:
        if row["name"] == where and row.get("class") in (*TOLD_BY_ROWS, *keras_config.ACTIVATION_LAYERS):
            told = {name: row.get(name) for name in ("units", "activation", "rate")}
            return row["class"], {name: value for name, value in told.items() if value is not None}
    return _refuse(where)


def _model(facts: Mapping[str, Any]) -> dict[str, Any]:
    return facts.get("model") or {}


def _walk(facts: Mapping[str, Any]) -> list[keras_config.Layer]:
    return list(keras_config.walk_layers(_model(facts)))


def _call(kind: str, config: Mapping[str, Any], changed: tuple[str, ...] = ()) -> str:
    """A layer as a user makes it: what it must have, and what is not as Keras would have it."""
    if kind not in LAYERS or any(name not in config for name in LAYERS[kind]):
        _refuse(kind)
    arguments = [_value(name, config[name]) for name in LAYERS[kind]]
    for name, usual in OPTIONS.items():
        if name not in config or name in LAYERS[kind]:
            continue
        value = _value(name, config[name])
        plain = ('"tanh"',) if name == "activation" and kind in TANH else usual
        bare = value in ("None", '"linear"') and value in plain
        if value not in plain or (name in changed and not bare):
            arguments.append(f"{name}={value}")
    name = config.get("name")
    if isinstance(name, str) and not re.fullmatch(rf"{_automatic(kind)}(_\d+)?", name):
        arguments.append(f"name={quoted(name)}")
    return f"{kind}({', '.join(arguments)})"


def _automatic(kind: str) -> str:
    """The name that Keras gives to a layer of a class: `Conv2D` -> `conv2d`, `ReLU` -> `re_lu`."""
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", apart).lower()


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
            pairs.append(("loss", _compiled_loss(facts), _value("loss", edit.new)))
        elif edit.argument == "metrics":
            pairs.append(("metrics", *_metrics(edit, facts)))
    old, new = (", ".join(f"{pair[0]}={pair[side]}" for pair in pairs) for side in (1, 2))
    return [_line(where, old, new)]


def _compiled_optimizer(facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    optimizer = facts.get("optimizer") or {}
    kind = keras_config.OPTIMIZERS.get(optimizer.get("name"))
    return (kind, optimizer.get("config") or {}) if kind else _refuse("optimizer")


def _tuned(edits: Mapping[str, Edit], facts: Mapping[str, Any]) -> tuple[str, str]:
    """The optimizer with some of its arguments changed."""
    kind, config = _compiled_optimizer(facts)
    rate = edits.get("learning_rate")
    if rate is not None and rate.old is not None:
        compiled = config.get("learning_rate", rate.old)
        # What is not the compiled rate was set elsewhere: by a schedule or a callback.
        if not isinstance(compiled, (int, float)) or not math.isclose(compiled, rate.old, rel_tol=SAME_RATE):
            _refuse("learning_rate")
        config = {**config, "learning_rate": compiled}
    new = {name: edit.new for name, edit in edits.items()}
    return _optimizer(kind, config), _optimizer(kind, {**config, **new})


def _optimizer(kind: str, config: Mapping[str, Any]) -> str:
    rate = config.get("learning_rate")
    if not isinstance(rate, (int, float, type(None))):
        _refuse("learning_rate")  # a schedule
    arguments = [] if rate is None else [_value("learning_rate", rate)]
    for name, usual in (OPTIMIZER | OPTIMIZERS_OWN.get(kind, {})).items():
        if name in config and _value(name, config[name]) not in usual:
            arguments.append(f"{name}={_value(name, config[name])}")
    return f"keras.optimizers.{kind}({', '.join(arguments)})"


def _compiled(facts: Mapping[str, Any]) -> dict[str, Any]:
    return _model(facts).get("compile_config") or {}


def _compiled_loss(facts: Mapping[str, Any]) -> str:
    loss, known = _compiled(facts).get("loss"), facts.get("loss_function")
    if known is None or known["custom"]:
        _refuse("loss")
    if isinstance(loss, str) or (isinstance(loss, dict) and isinstance(loss.get("config"), dict)):
        return _value("loss", loss)
    if not known["from_logits"]:
        return quoted(known["name"])
    kind = "".join(part.capitalize() for part in known["name"].split("_"))
    return _object("losses", {"class_name": kind, "config": {"from_logits": True}})


def _metrics(edit: Edit, facts: Mapping[str, Any]) -> tuple[str, str]:
    """All metrics, one of them replaced; the others stay."""
    names = facts.get("compiled_metrics") or []
    given = _compiled(facts).get("metrics", names)
    if edit.old not in names or not isinstance(given, list) or len(given) != len(names):
        _refuse("metrics")
    old = [_value("metrics", metric) for metric in given]
    new = list(old)
    new[names.index(edit.old)] = _value("metrics", edit.new)
    return f"[{', '.join(old)}]", f"[{', '.join(new)}]"


def _fit(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    old = [f", {edit.argument}={_value(edit.argument, edit.old)}" for edit in edits if edit.old is not None]
    new = [f", {edit.argument}={_value(edit.argument, edit.new)}" for edit in edits]
    return [_line(where, f"model.fit(...{''.join(old)})", f"model.fit(...{''.join(new)})")]


def _data(where: str, edits: Sequence[Edit], facts: Mapping[str, Any]) -> list[Line]:
    return [_line(where, None, f"{edit.argument} = {edit.new}") for edit in edits]


# Values


def quoted(text: str) -> str:
    """Text as a Python literal; what cannot be seen, such as marks that turn the direction of writing, is spelled out."""
    seen = json.dumps(text, ensure_ascii=False)
    return "".join(
        one if one.isprintable() else f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"
        for one in seen
    )


def _value(argument: str, value: Any) -> str:
    """A value of an argument as a person writes it; raises `Unwritable` where it is an object of somebody's own."""
    family = {"loss": "losses", "metrics": "metrics"}.get(argument)
    family = family or next(
        (f"{kind}s" for kind in ("initializer", "regularizer", "constraint") if argument.endswith(f"_{kind}")), None
    )
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = f"{value:.6g}"
        return _refuse(argument) if not math.isfinite(value) else text if "." in text or "e" in text else f"{text}.0"
    if isinstance(value, str):
        return _refuse(argument) if argument.endswith("activation") and value not in ACTIVATIONS else quoted(value)
    if isinstance(value, (list, tuple)) and value:
        inner = [_value(argument, one) for one in value]
        return inner[0] if len(inner) == 1 else f"({', '.join(inner)})"
    if isinstance(value, dict) and argument == "class_weight":
        return "{" + ", ".join(f"{int(k)}: {_value('weight', v)}" for k, v in value.items()) + "}"
    if isinstance(value, dict) and family is not None:
        return _object(family, value)
    return _refuse(argument)


def _object(family: str, value: Mapping[str, Any]) -> str:
    """One of Keras's own objects, with the arguments that are not as Keras would have them."""
    kind, config = value.get("class_name"), value.get("config") or {}
    usual = OBJECTS[family].get(kind) if isinstance(kind, str) else None
    if usual is None or value.get("registered_name") or not isinstance(config, dict):
        return _refuse(family)
    given = []
    for name, one in config.items():
        if one is None or name in UNTOLD and family in ("losses", "metrics"):
            continue
        if name not in usual:
            return _refuse(name)
        if one != usual[name] and not (isinstance(usual[name], tuple) and one in usual[name]):
            given.append(f"{name}={_value(name, one)}")
    if family == "initializers" and not given:
        return quoted(_automatic(kind))
    if family == "regularizers" and len(given) == 1:
        given = [given[0].partition("=")[2]] if len(usual) == 1 else given
    return f"keras.{family}.{kind}({', '.join(given)})"


def _refuse(what: str) -> Any:
    raise Unwritable(what)
