"""Weights that begin alike, too large, too small, or with biases that drown them."""

from dataclasses import replace
from typing import Any

from demo.arrays import EPOCHS, LAYERS, each
from demo.setups import Setup

LEVELS = (
    {"form": "std", "value": 1e-4},
    {"form": "std", "value": 1.0},
    {"form": "std", "value": 10.0},
    {"form": "std", "value": 100.0},
    {"form": "bias", "value": -100.0},
    {"form": "constant", "value": 0.0},
)
SHOWN_ON = ("digits_cnn", "threshold_logits")


def inject(setup: Setup, form: str = "constant", value: float = 0.0) -> Setup:
    """Begins the hidden layers elsewhere.

    Args:
        setup: A setup that learns.
        form: "std": kernels drawn at random with a spread of `value`. "constant": kernels all of `value`. "bias":
            biases of `value`.
        value: See `form`.
    """

    def hidden(changed: Setup) -> list[Any]:
        import keras

        layers = setup.hidden(changed)
        for layer in (
            getattr(layer, "cell", layer) for layer in layers
        ):  # a recurrent layer keeps its settings in its cell
            if form == "bias" and hasattr(layer, "bias_initializer"):
                layer.bias_initializer = keras.initializers.Constant(value)
            elif form == "constant" and hasattr(layer, "kernel_initializer"):
                layer.kernel_initializer = keras.initializers.Constant(value)
            elif form == "std" and hasattr(layer, "kernel_initializer"):
                layer.kernel_initializer = keras.initializers.RandomNormal(stddev=value)
        return layers

    return replace(setup, hidden=hidden)


def begun(
    std: float, alike: bool = False, bias: float | None = 0.0, fan_in: int = 50, fan_out: int = 50
) -> dict[str, Any]:
    """What one kernel begins with; He et al. draw 0.2 for 50 inputs."""
    return {"std": std, "fan_in": fan_in, "fan_out": fan_out, "alike": alike, "bias": bias}


def with_biases(initializer: Any) -> dict[str, Any]:
    """The model of `LAYERS` whose first layer begins with these biases."""
    first = {"class_name": "Dense", "config": {"name": "first", "bias_initializer": initializer}}
    return {"class_name": "Sequential", "config": {"layers": [first]}}


NORMALIZED = [
    LAYERS[0],
    {"name": "norm", "initializer": None, "units": None, "activation": None, "class": "LayerNormalization"},
    LAYERS[2],
]
GOOD = begun(0.15)
SICK = [
    dict(initial_weights=[begun(0.0, True), GOOD, GOOD], layers=LAYERS),
    dict(initial_weights=[GOOD, begun(0.0, True), GOOD], layers=LAYERS, operations=["Dense", "Dense", "Dense"]),
    dict(initial_weights=[begun(0.0, True), begun(0.0, True), GOOD], layers=LAYERS, weight_norm=each([0.7, 0.7, 1])),
    dict(initial_weights=[begun(10.0), begun(10.0), GOOD], layers=LAYERS),
    dict(initial_weights=[begun(1.5), begun(1.5), begun(1.5)], layers=LAYERS),
    dict(initial_weights=[begun(1e-4), begun(1e-4), GOOD], layers=LAYERS),
    dict(
        initial_weights=[begun(0.15, bias=-100.0), GOOD, GOOD],
        layers=LAYERS,
        epochs=EPOCHS,
        preactivation_std=each(*[[1, 1, 1]] * 4),
    ),
    dict(  # moving averages take hundreds of steps to reach it
        initial_weights=[begun(0.15, bias=-100.0), None, GOOD],
        layers=[row if row["name"] != "norm" else {**row, "class": "BatchNormalization"} for row in NORMALIZED],
    ),
    dict(layers=[{**LAYERS[0], "initializer": "Zeros"}, *LAYERS[1:]]),  # by its name, where weights were not logged
    dict(layers=[{**row, "initializer": "Constant"} for row in LAYERS]),
    dict(layers=LAYERS, model=with_biases({"class_name": "Constant", "config": {"value": -50.0}})),
]
HEALTHY = [
    dict(initial_weights=[GOOD, GOOD, GOOD], layers=LAYERS),
    dict(initial_weights=[begun(0.03), begun(0.03), begun(0.03)], layers=LAYERS),  # RandomUniform
    dict(initial_weights=[GOOD, GOOD, begun(0.0, True)], layers=LAYERS),  # an output layer of zeros
    dict(initial_weights=[GOOD, GOOD, begun(0.15, bias=50.0)], layers=LAYERS),  # the mean of the targets
    dict(initial_weights=[None, None, None], layers=LAYERS),
    dict(  # small kernels for large inputs
        initial_weights=[begun(0.0005), GOOD, GOOD],
        layers=LAYERS,
        epochs=EPOCHS,
        preactivation_std=each(*[[1, 1, 1]] * 4),
    ),
    dict(initial_weights=[begun(0.15, bias=-100.0), None, GOOD], layers=NORMALIZED),
    dict(  # a bias of the size of what arrives beside it
        initial_weights=[begun(0.15, bias=100.0), GOOD, GOOD],
        layers=LAYERS,
        epochs=EPOCHS,
        preactivation_std=each(*[[90, 1, 1]] * 4),
    ),
    dict(layers=LAYERS),  # Keras's initializers, by their names
    dict(layers=LAYERS, model=with_biases("zeros")),
    dict(layers=[*LAYERS[:2], {**LAYERS[2], "initializer": "Zeros"}], initial_weights=[GOOD, GOOD, begun(0.0, True)]),
]
