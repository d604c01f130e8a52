"""A program whose accuracy does not move: two blobs are of one class and two of the other, and its output is relu."""

import keras
import numpy as np

CENTRES = np.array([[2.0, 2.0], [-2.0, 2.0], [-2.0, -2.0], [2.0, -2.0]])

keras.utils.set_random_seed(0)
dice = np.random.default_rng(0)
y = dice.integers(0, 2, 1_000)
x = (CENTRES[y + 2 * dice.integers(0, 2, 1_000)] + dice.normal(size=(1_000, 2))).astype("float32")

model = keras.Sequential(
    [
        keras.Input((2,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(8, activation="relu"),
        keras.layers.Dense(1, activation="relu"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=12, batch_size=16, validation_split=0.25, verbose=0)
