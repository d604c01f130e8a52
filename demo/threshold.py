"""The threshold program: is a number above 50,000? A question that was asked in earnest, in three forms.

"as_asked" keeps its faults: relu at the output, inputs up to 99,999, and `random.shuffle` on a two-dimensional
array, which copies samples over one another. "sigmoid" mends the output alone; "fixed" divides the inputs by 100,000
too. The question: https://geeksmental.com/question/why-does-accuracy-remain-the-same
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from tb_diagnose.diagnosis.trial import Trial

THRESHOLD = 50_000
FORMS = ("as_asked", "sigmoid", "fixed")
EPOCHS, BATCH = 10, 5
TRIED, TRIED_BATCH = 2_000, 16
"""Samples that a trial is made with, and its batch size: an epoch of the program itself takes ten times as long."""


def samples(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """10,000 numbers, shape `(10000, 1)`, and whether each is above the threshold, shape `(10000,)`."""
    dice = random.Random(seed)
    drawn = []
    for _ in range(5_000):
        drawn.append([dice.randrange(0, THRESHOLD), 0])
        drawn.append([dice.randrange(THRESHOLD, 2 * THRESHOLD), 1])
    table = np.array(drawn)
    dice.shuffle(table)  # the question's own mistake: on an array this leaves about half of the samples
    return table[:, :1], table[:, 1]


def model(form: str) -> Any:
    """Dense 3-5-1 with Adam, the output as the form says."""
    import keras

    network = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(3, activation="relu"),
            keras.layers.Dense(5, activation="relu"),
            keras.layers.Dense(1, activation="relu" if form == "as_asked" else "sigmoid"),
        ]
    )
    network.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return network


def train(form: str, logdir: str, seed: int = 0, verbose: int = 0, epochs: int = EPOCHS) -> float:
    """Trains one form with a `KerasCallback` and returns its last accuracy."""
    import keras

    import tb_diagnose

    x, y = samples(seed)
    if form == "fixed":
        x = x / (2 * THRESHOLD)
    keras.utils.set_random_seed(seed)
    callback = tb_diagnose.KerasCallback(logdir, (x, y), verbose=verbose)
    history = model(form).fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0, callbacks=[callback])
    return float(history.history["accuracy"][-1])


def tried(logdir: str, form: str = "as_asked", seed: int = 0, budget: float = 300, verbose: int = 0) -> Trial:
    """What each change brings to a form that was trained into `logdir`: written there, and returned."""
    import keras

    import tb_diagnose

    keras.utils.clear_session()  # the layers are called as in the run
    x, y = samples(seed)
    return tb_diagnose.trial(
        model(form),
        (x[:TRIED], y[:TRIED]),
        logdir=logdir,
        epochs=EPOCHS,
        batch_size=TRIED_BATCH,
        budget=budget,
        verbose=verbose,
    )
