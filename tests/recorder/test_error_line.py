"""The line of an error that is shown says what is wrong, not where in the code of a library it was raised."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_diagnose.recorder.error_line import error_line

RNG = np.random.default_rng(0)


def raised_by(model, x, y):
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(Exception) as caught:
        model.fit(x, y, verbose=0)
    return error_line(caught.value)


def test_a_label_that_the_loss_refuses():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, activation="softmax")])
    line = raised_by(model, RNG.normal(size=(40, 4)), np.full(40, 9))
    assert line == "Received a label value of 9 which is outside the valid range of [0, 5)"


def test_an_index_that_a_layer_does_not_have():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Embedding(5, 2), keras.layers.Flatten()])
    line = raised_by(model, np.full((40, 4), 7), np.zeros(40))
    assert line.startswith("indices[") and "= 7 is not in [0, 5)" in line


def test_an_error_of_a_layer_within_keras_is_that_of_the_layer():
    class Broken(keras.layers.Layer):
        def call(self, x):
            return tf.debugging.check_numerics(x / 0.0, "divided by zero")

    model = keras.Sequential([keras.Input((4,)), Broken(), keras.layers.Dense(2)])
    assert "divided by zero" in raised_by(model, RNG.normal(size=(40, 4)), np.zeros(40))
