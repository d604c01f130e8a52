"""Faults that leave other traces on each of Keras's backends, logged on the one that `KERAS_BACKEND` names.

A process of its own. Prints, of each, what is named first and the causes that were not tried for want of evidence.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

import tb_diagnose

DRAWN = np.random.default_rng(0)
X = DRAWN.normal(size=(600, 6)).astype("float32")
Y = (X[:, 0] * X[:, 1] > 0).astype("int64")
Y3 = np.digitize(X[:, 0] + X[:, 1], [-0.6, 0.6])


def net(*body: Any, units: int = 1, activation: str | None = "sigmoid") -> keras.Model:
    return keras.Sequential([keras.Input((6,)), *body, layers.Dense(units, activation=activation)])


class Rounded(layers.Layer):
    """Lets no gradient through."""

    def call(self, inputs: Any) -> Any:
        return ops.stop_gradient(ops.round(inputs * 4))


FAULTS: dict[str, Any] = {
    "hidden_activation": lambda: (
        net(layers.Dense(16, "softmax"), layers.Dense(16, "softmax"), layers.Dense(16, "softmax")),
        "binary_crossentropy",
        Y,
    ),
    "disconnected_gradient": lambda: (
        net(layers.Dense(16, "relu"), Rounded(), units=1),
        "binary_crossentropy",
        Y,
    ),
    "output_activation": lambda: (
        net(layers.Dense(16, "relu"), units=3, activation="softmax"),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        Y3,
    ),
    "healthy": lambda: (net(layers.Dense(32, "relu")), "binary_crossentropy", Y),
}


RATES = {"hidden_activation": 0.001, "output_activation": 0.001}


def main(folder: Path) -> dict[str, Any]:
    """What each fault shows."""
    found: dict[str, Any] = {}
    for name, make in FAULTS.items():
        keras.utils.set_random_seed(1)
        model, loss, y = make()
        model.compile(keras.optimizers.Adam(RATES.get(name, 0.01)), loss, metrics=["accuracy"])
        with warnings.catch_warnings(record=True) as given, tb_diagnose.autolog(folder / name, verbose=0):
            warnings.simplefilter("always")
            model.fit(X[:480], y[:480], validation_data=(X[480:], y[480:]), epochs=12, verbose=0)
        (diagnosis,) = tb_diagnose.diagnose(str(folder / name))
        found[name] = {
            "status": diagnosis.status.name,
            "named": [named.cause.id for named in diagnosis.probable_causes],
            "notes": [named.cause.id for named in diagnosis.notes],
            "untold": {cause.id: missing for cause, missing in diagnosis.could_not_tell},
            "warnings": [str(w.message) for w in given if "tb_diagnose" in str(w.message)],
        }
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
