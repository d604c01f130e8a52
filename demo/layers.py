"""Custom layers for faults whose root no configuration shows: Keras stores their name and nothing else."""

from typing import Any


def backward_scale(factor: float) -> Any:
    """A layer that passes its input on unchanged, and multiplies the gradient by `factor` on the way back."""
    import keras

    class Passing(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            still = keras.ops.stop_gradient(x)
            return still + factor * (x - still)

    return Passing()


def shift(offset: float) -> Any:
    """A layer that adds `offset`."""
    import keras

    class Shifting(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return x + offset

    return Shifting()


def same_for_all() -> Any:
    """A layer that gives zeros for every sample, and passes the gradient on as if it were the mean of the batch."""
    import keras

    class Blank(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            mean = keras.ops.mean(x, axis=0, keepdims=True)
            return keras.ops.zeros_like(x) + (mean - keras.ops.stop_gradient(mean))

    return Blank()
