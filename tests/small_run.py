"""A run of a second: 64 samples in two classes, and one dense layer."""

from __future__ import annotations

import keras
import numpy as np

X = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")


def model():
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return net
