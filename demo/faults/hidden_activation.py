"""Hidden layers without an activation, or with one that they cannot learn through."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS, LAYERS, each
from demo.labels import takes_ids
from demo.setups import NotApplicable, Setup

LEVELS = ({"form": "narrow"}, {"form": "linear"}, {"form": "softmax"}, {"form": "sigmoid"})
SHOWN_ON = ("digits_cnn", "regression")


def inject(setup: Setup, form: str = "sigmoid") -> Setup:
    """Changes the activation of the hidden layers.

    Args:
        setup: A setup that learns.
        form: "linear" and "softmax": for all of them. "sigmoid": ten more layers of it. "narrow": four more relu
            layers of two units.
    """
    if form in ("linear", "softmax"):
        if takes_ids(setup):
            raise NotApplicable("recurrent layers and look-ups do not take their activation from the setup")
        return replace(setup, hidden_activation=form)

    def hidden(changed: Setup) -> list[Any]:
        from keras import layers

        if form == "sigmoid":
            return [*setup.hidden(changed), *(layers.Dense(16, activation="sigmoid") for _ in range(10))]
        return [*setup.hidden(changed), *(layers.Dense(2, activation="relu") for _ in range(4))]

    return replace(setup, hidden=hidden)


def sequential(*given: tuple[str, str | None]) -> dict[str, Any]:
    """A serialized model of layers of those classes and activations."""
    steps = [
        {"class_name": name, "config": {"name": f"{name.lower()}_{i}", "activation": activation}}
        for i, (name, activation) in enumerate(given)
    ]
    return {"class_name": "Sequential", "config": {"layers": steps}}


def custom(model: dict[str, Any]) -> dict[str, Any]:
    """The model with a custom class for each of its layers."""
    own = [{**layer, "registered_name": f"shop>{layer['class_name']}"} for layer in model["config"]["layers"]]
    return {**model, "config": {"layers": own}}


def chain(activation: str, count: int) -> list[dict[str, Any]]:
    """Hidden layers of one activation before an output layer."""
    return [
        *({**LAYERS[0], "name": f"dense_{i}", "activation": activation} for i in range(count)),
        LAYERS[2],
    ]


PLAIN = [{**row, "activation": "linear"} for row in LAYERS[:2]] + LAYERS[2:]
SOFT = [{**LAYERS[0], "activation": "softmax"}, *LAYERS[1:]]
NARROW = [LAYERS[0], {**LAYERS[1], "units": 2}, LAYERS[2]]
LINEAR_MODEL = sequential(("Dense", "linear"), ("Dropout", None), ("Dense", "linear"), ("Dense", "sigmoid"))
SICK = [
    dict(layers=PLAIN, model=LINEAR_MODEL, epochs=EPOCHS),
    dict(
        layers=PLAIN,
        model=LINEAR_MODEL,
        epochs=EPOCHS,
        skill=np.array([np.nan, 0.3, 0.4, 0.4]),
        ridge_skill=0.4,
        neighbour_skill=0.8,
    ),
    dict(layers=SOFT, epochs=EPOCHS),
    dict(
        layers=chain("sigmoid", 5),
        epochs=EPOCHS,
        gradient_norm=each(*[[1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]] * 4),
    ),
    dict(
        layers=NARROW,
        epochs=EPOCHS,
        dead_fraction=each([0, 0, np.nan], [0, 0.5, np.nan], [0, 1, np.nan], [0, 1, np.nan]),
    ),
]
HEALTHY = [
    dict(layers=LAYERS, model=sequential(("Dense", "relu"), ("Dense", "relu"), ("Dense", "sigmoid")), epochs=EPOCHS),
    dict(
        layers=LAYERS[2:], model=sequential(("Flatten", None), ("Dense", "softmax")), epochs=EPOCHS
    ),  # logistic regression
    dict(layers=PLAIN, model=sequential(("Embedding", None), ("GlobalAveragePooling1D", None), ("Dense", "sigmoid"))),
    dict(
        layers=PLAIN,
        model=sequential(("Conv2D", "linear"), ("MaxPooling2D", None), ("Dense", "softmax")),
        epochs=EPOCHS,
    ),
    dict(layers=PLAIN, model=sequential(("LSTM", "tanh"), ("Dense", "linear"))),
    dict(layers=PLAIN, model=sequential(("Dense", "linear"), ("Relu", None), ("Dense", "linear"))),
    dict(  # a custom layer may do anything, whatever its class is called
        layers=PLAIN, model=custom(sequential(("Dense", "linear"), ("Dense", "linear"), ("Dense", "linear")))
    ),
    dict(layers=PLAIN, model={"class_name": "MyModel", "config": {}}),
    dict(  # a straight line is all that the inputs allow
        layers=PLAIN,
        model=LINEAR_MODEL,
        epochs=EPOCHS,
        skill=np.array([np.nan, 0.75, 0.75, 0.75]),
        ridge_skill=0.8,
        neighbour_skill=0.7,
    ),
    dict(layers=SOFT, model=sequential(("Dense", "softmax"), ("Multiply", None), ("Dense", "softmax")), epochs=EPOCHS),
    dict(layers=chain("tanh", 5), epochs=EPOCHS, gradient_norm=each(*[[0.3, 0.4, 0.5, 0.6, 0.8, 1]] * 4)),
    dict(layers=chain("sigmoid", 2), epochs=EPOCHS, gradient_norm=each(*[[1e-4, 1e-3, 1]] * 4)),
    dict(layers=NARROW, epochs=EPOCHS, dead_fraction=each(*[[0.5, 0, np.nan]] * 4)),
]
