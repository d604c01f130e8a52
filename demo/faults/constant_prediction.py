"""Weights held at zero by a penalty: the output no longer depends on the input."""

from dataclasses import replace
from typing import Any

from demo.setups import Setup


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
