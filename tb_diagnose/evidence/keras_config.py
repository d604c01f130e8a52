"""Keras's serialized model and compile settings -> facts. Plain dictionaries in, no Keras needed.

Both the recorder (a live model) and stock Keras logs (model JSON in the event file) go through here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ACTIVATION_LAYERS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu", "Softmax": "softmax"}
CONTAINERS = ("Sequential", "Functional", "Model")
OPTIMIZERS = {
    "sgd": "SGD",
    "adam": "Adam",
    "adam_w": "AdamW",
    "rmsprop": "RMSprop",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "nadam": "Nadam",
    "adamax": "Adamax",
    "ftrl": "Ftrl",
    "lion": "Lion",
}
"""Keras's optimizers by the names of the facts."""

_LOSS_ALIASES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    "huber_loss": "huber",
}
_KERAS_LOSSES = frozenset(_LOSS_ALIASES.values()) | {
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "sparse_categorical_crossentropy",
    "crossentropy",
    "poisson",
    "hinge",
    "squared_hinge",
    "categorical_hinge",
    "cosine_similarity",
    "ctc",
    "dice",
    "tversky",
}
REGRESSION_LOSSES = frozenset(
    {
        "mean_squared_error",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "log_cosh",
        "huber",
        "poisson",
    }
)
CROSSENTROPIES = frozenset(
    {
        "binary_crossentropy",
        "binary_focal_crossentropy",
        "categorical_crossentropy",
        "categorical_focal_crossentropy",
        "sparse_categorical_crossentropy",
    }
)


def snake_case(name: str) -> str:
    """`BinaryCrossentropy` -> `binary_crossentropy`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _name(value: Any) -> str | None:
    """The name in what Keras serializes a function or an object to."""
    if isinstance(value, dict):
        inner = value.get("config")
        return inner if isinstance(inner, str) else value.get("class_name")
    return value if isinstance(value, str) else None


def activation_name(class_name: str, config: dict[str, Any]) -> str | None:
    """Name of a layer's activation, "linear" for none; None for a layer that has no such argument."""
    name = ACTIVATION_LAYERS.get(class_name) or _name(config.get("activation"))
    return "linear" if name is None and "activation" in config else name


def layer_row(class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    """One row of the fact `layers`.

    Args:
        class_name: The layer's class.
        config: The layer's own config.
    """
    initializer = config.get("kernel_initializer")
    inner = _inner(class_name, config)
    return {
        "name": str(config.get("name", snake_case(class_name))),
        "class": class_name,
        "activation": activation_name(*inner),
        "units": inner[1].get("units") or inner[1].get("filters"),
        "initializer": _name(initializer),
        "trainable": bool(config.get("trainable", True)),
        "weighted": any(key.endswith("_initializer") for key in config),
        "rate": config.get("rate", config.get("dropout")),
        "momentum": config.get("momentum"),
        "regularized": any(key.endswith("_regularizer") and value for key, value in config.items()),
    }


def _inner(class_name: str, config: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The layer that a TimeDistributed applies to each step, which gives it its units; any other layer itself."""
    inner = _dictionary(config.get("layer")) if class_name == "TimeDistributed" else {}
    if "class_name" not in inner:
        return class_name, config
    return str(inner["class_name"]), _dictionary(inner.get("config"))


@dataclass(frozen=True)
class Layer:
    """A layer of a serialized model.

    Args:
        name: Its name, after the names of the models that hold it: `outer/inner`.
        kind: Its class.
        config: Its own config.
        custom: Whether it is a custom layer, whatever its class is called.
        frozen_in: The outermost model around it with `trainable = False`, "" for the model itself, None for none.
    """

    name: str
    kind: str
    config: dict[str, Any]
    custom: bool
    frozen_in: str | None

    @property
    def activation(self) -> str | None:
        """Name of its activation, "linear" for none; None for a layer that has no such argument."""
        return activation_name(self.kind, self.config)


def walk_layers(model: dict[str, Any], prefix: str = "", frozen_in: str | None = None) -> Iterator[Layer]:
    """All layers of a serialized Sequential or functional model in their order, nested ones included.

    Input layers and the nested models themselves are left out.
    """
    whole = _dictionary(model.get("config"))
    if frozen_in is None and whole.get("trainable") is False:
        frozen_in = prefix[:-1]
    for layer in whole.get("layers", []):
        config = _dictionary(layer.get("config"))
        kind = str(layer.get("class_name", ""))
        if kind in CONTAINERS:
            yield from walk_layers(layer, f"{prefix}{config.get('name', '')}/", frozen_in)
        elif kind != "InputLayer":
            name = prefix + str(config.get("name", snake_case(kind)))
            yield Layer(name, kind, config, bool(layer.get("registered_name")), frozen_in)


def constrained_layers(model: dict[str, Any] | None) -> set[str]:
    """Names of the layers whose kernels are held by a constraint, such as `MaxNorm`."""
    return {layer.name for layer in walk_layers(model or {}) if layer.config.get("kernel_constraint")}


def _dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def walk_config(model: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of the fact `layers` for all layers of a serialized Sequential or functional model, nested ones included."""
    for layer in walk_layers(model):
        row = layer_row(layer.kind, layer.config)
        yield row | {"name": layer.name, "trainable": row["trainable"] and layer.frozen_in is None}


def shown_layers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that have something to measure: weights or an activation function."""
    return [row for row in rows if row["weighted"] or row["activation"]]


def preprocessing(rows: list[dict[str, Any]]) -> list[str]:
    """Class names of the layers before the first one that multiplies its inputs with a kernel."""
    names: list[str] = []
    for row in rows:
        if row["initializer"] is not None or row["class"] in ("Embedding", "Bidirectional", "RNN"):
            return names + (["Embedding"] if row["class"] == "Embedding" else [])
        names.append(row["class"])
    return names


def training_only(rows: list[dict[str, Any]]) -> list[str]:
    """Class names of the layers that act differently in training: dropout, noise, augmentation, batch statistics."""
    marks = ("Dropout", "Noise", "Random", "BatchNormalization")
    return [row["class"] for row in rows if any(mark in row["class"] for mark in marks)]


def output(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The output layer: its name, activation, and units; an activation layer behind it counts as part of it."""
    activation = None
    name = None
    for row in reversed(rows):
        if activation in (None, "linear") and row["activation"] not in (None, "linear"):
            activation = row["activation"]
            name = name or row["name"]
        if isinstance(row["units"], int):
            # Users change the head itself, unless its activation is a separate layer.
            return {"name": name or row["name"], "activation": activation or "linear", "units": row["units"]}
    return None


def output_count(model: dict[str, Any] | None) -> int | None:
    """Number of outputs of a serialized Sequential or functional model; None where its form does not tell."""
    if model is None or model.get("class_name") not in CONTAINERS:
        return None
    if model["class_name"] == "Sequential":
        return 1
    given = _dictionary(model.get("config")).get("output_layers")
    if isinstance(given, dict):
        return len(given)
    if not isinstance(given, list) or not given:
        return None
    return len(given) if isinstance(given[0], list) else 1


def loss_function(compile_config: dict[str, Any]) -> dict[str, Any] | None:
    """Name and settings of the loss; None for several losses or none."""
    loss = compile_config.get("loss")
    if isinstance(loss, (list, tuple)) and len(loss) == 1:
        loss = loss[0]
    if isinstance(loss, dict) and "class_name" not in loss and len(loss) == 1:
        loss = next(iter(loss.values()))
    name = _name(loss)
    if name is None:
        return None
    config = _dictionary(loss.get("config")) if isinstance(loss, dict) else {}
    canonical = snake_case(name)
    canonical = _LOSS_ALIASES.get(canonical, canonical)
    ignored = config.get("ignore_class")
    return {
        "name": canonical,
        "from_logits": bool(config.get("from_logits", False)),
        "custom": canonical not in _KERAS_LOSSES,
        **({} if ignored is None else {"ignore_class": ignored}),
    }


def optimizer(compile_config: dict[str, Any]) -> dict[str, Any] | None:
    """Name and settings of the optimizer."""
    value = compile_config.get("optimizer")
    if isinstance(value, str):
        return {"name": snake_case(value), "config": {}}
    if not isinstance(value, dict):
        return None
    if value.get("class_name") == "LossScaleOptimizer":
        inner = (value.get("config") or {}).get("inner_optimizer")
        value = inner if isinstance(inner, dict) else value
    return {"name": snake_case(str(value.get("class_name"))), "config": value.get("config") or {}}


def compiled_metrics(compile_config: dict[str, Any]) -> list[str]:
    """Names of the metrics given to compile()."""
    metrics = compile_config.get("metrics") or []
    if isinstance(metrics, dict):
        metrics = list(metrics.values())
    flat: list[Any] = []
    for metric in metrics:
        flat.extend(metric if isinstance(metric, list) else [metric])
    return [snake_case(name) for name in map(_name, flat) if name]


def config_facts(rows: list[dict[str, Any]], compile_config: dict[str, Any] | None) -> dict[str, Any]:
    """All facts that the rows of the layers and the compile settings give."""
    facts: dict[str, Any] = {
        "layers": shown_layers(rows),
        "preprocessing": preprocessing(rows),
        "training_only": training_only(rows),
        "operations": [row["class"] for row in rows],
        "dropout_rates": [row["rate"] for row in rows if row["rate"] and "Noise" not in row["class"]],
        "output": output(rows),
    }
    if compile_config:
        facts["loss_function"] = loss_function(compile_config)
        facts["optimizer"] = optimizer(compile_config)
        facts["compiled_metrics"] = compiled_metrics(compile_config)
    return {name: value for name, value in facts.items() if value is not None}
