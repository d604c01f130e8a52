"""Weights held at zero by a penalty: the output no longer depends on the input."""

from dataclasses import replace
from typing import Any

from demo.arrays import EPOCHS, each
from demo.setups import Setup

LEVELS = ({},)
SHOWN_ON = ("digits_cnn", "tabular_binary")


def inject(setup: Setup, penalty: float = 100.0) -> Setup:
    """Puts an L2 penalty on the kernels of the hidden layers."""

    def hidden(changed: Setup) -> list[Any]:
        import keras

        layers = setup.hidden(changed)
        for layer in layers:
            if hasattr(layer, "kernel_regularizer"):
                layer.kernel_regularizer = keras.regularizers.L2(penalty)
        return layers

    return replace(setup, hidden=hidden)


SICK = [
    dict(
        prediction_spread=each(*[[0]] * 4),
        predicted_share=each(*[[1, 0]] * 4),
        label_counts=[60, 40],
        classes=["0", "1"],
        epochs=EPOCHS,
    ),
    dict(prediction_spread=each(*[[1e-6]] * 4), label_spread=1.0, epochs=EPOCHS),
]
HEALTHY = [
    dict(
        prediction_spread=each([0], [0.3], [0.3], [0.3]),
        predicted_share=each([1, 0], *[[0.6, 0.4]] * 3),
        label_counts=[60, 40],
        epochs=EPOCHS,
    ),
    dict(prediction_spread=each(*[[0]] * 4), predicted_share=each(*[[1, 0]] * 4), label_counts=[100, 0], epochs=EPOCHS),
]
