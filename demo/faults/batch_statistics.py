"""Moving averages of BatchNormalization that are too slow for the steps there are."""

from dataclasses import replace
from typing import Any

import numpy as np

from demo.arrays import EPOCHS, LAYERS
from demo.setups import Setup

LEVELS = ({"momentum": 0.998}, {"momentum": 0.9995}, {"momentum": 0.9999})
SHOWN_ON = ("digits_cnn", "digits_dense")


def inject(setup: Setup, momentum: float = 0.9999) -> Setup:
    """Gives BatchNormalization this momentum; puts one behind each hidden layer with a kernel where there is none."""

    def hidden(changed: Setup) -> list[Any]:
        import keras

        layers = setup.hidden(changed)
        there = [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]
        for layer in there:
            layer.momentum = momentum
        if there:
            return layers
        found: list[Any] = []
        for layer in layers:
            found.append(layer)
            if hasattr(layer, "kernel_initializer"):
                found.append(keras.layers.BatchNormalization(momentum=momentum))
        return found

    return replace(setup, hidden=hidden)


NORMALIZED = [*LAYERS[:2], {"name": "normalized", "momentum": 0.99, "trainable": True}, LAYERS[2]]


def of_normalized(*values: float) -> np.ndarray:
    """A series by layer that only BatchNormalization has."""
    return np.array([[np.nan, np.nan, value, np.nan] for value in values])


GIVEN = dict(
    epochs=EPOCHS,
    layers=NORMALIZED,
    batch_statistics_layers=[],
    training_only=["BatchNormalization"],
    moving_statistics_update_ratio=of_normalized(np.nan, 1.0, 0.5, 0.3),
    moving_statistics_error_ratio=of_normalized(9.0, 5.0, 4.0, 3.0),
    probe_training_accuracy=np.array([0.5, 0.9, 1.0, 1.0]),
    probe_sample_count=64,
    steps_per_epoch=8,
    planned_epochs=3,
)
STUCK, AGREEING = np.array([0.5, 0.5, 0.5, 0.5]), np.array([0.5, 0.88, 0.99, 1.0])
FEW, MANY = np.array([0.0, 8, 16, 24]), np.array([0.0, 200, 400, 600])
SICK = [
    dict(GIVEN, probe_accuracy=STUCK, iterations=FEW),
    dict(  # it never moved, however many steps there were
        GIVEN, probe_accuracy=STUCK, iterations=MANY, moving_statistics_update_ratio=of_normalized(np.nan, 0, 0, 0)
    ),
    dict(  # a continuous target
        GIVEN,
        probe_training_accuracy=np.full(4, np.nan),
        probe_accuracy=np.full(4, np.nan),
        label_form="continuous",
        probe_training_loss=np.array([1.0, 0.3, 0.1, 0.05]),
        probe_loss=np.array([1.0, 1.4, 1.2, 1.1]),
        baseline_loss=1.0,
        iterations=FEW,
    ),
    dict(  # the batch itself, on sorted validation samples
        GIVEN,
        batch_statistics_layers=["normalized"],
        probe_accuracy=AGREEING,
        val_accuracy=np.array([np.nan, 0.4, 0.45, 0.4]),
        probe_val_accuracy=np.array([0.5, 0.85, 0.95, 0.96]),
        validation_sample_count=200,
        iterations=MANY,
    ),
]
HEALTHY = [
    dict(GIVEN, probe_accuracy=AGREEING, iterations=MANY),
    dict(GIVEN, probe_accuracy=AGREEING, iterations=FEW),  # few steps, and it does no harm
    dict(GIVEN, probe_accuracy=STUCK, iterations=FEW, planned_epochs=60),  # it will catch up
    dict(GIVEN, probe_accuracy=STUCK, iterations=MANY),  # they have caught up: it is something else
    dict(GIVEN, layers=LAYERS, probe_accuracy=STUCK, iterations=FEW),  # no BatchNormalization
    dict(  # Dropout alone
        GIVEN,
        training_only=["BatchNormalization", "Dropout"],
        probe_training_accuracy=np.array([0.5, 0.6, 0.6, 0.7]),
        probe_accuracy=AGREEING,
        iterations=FEW,
    ),
    dict(  # validation that is better in batches of fit
        GIVEN,
        batch_statistics_layers=["normalized"],
        probe_accuracy=AGREEING,
        val_accuracy=np.array([np.nan, 0.9, 0.9, 0.9]),
        probe_val_accuracy=np.array([0.5, 0.7, 0.7, 0.7]),
        validation_sample_count=200,
        iterations=MANY,
    ),
]
