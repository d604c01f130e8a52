"""What logging costs: time of `fit` with the callback over time without, in turn, and the size of the event files.

    python tests/benchmarks/overhead.py [rounds]

No test asserts these figures: they depend on the machine. The README and the notes quote them with this command.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import numpy as np  # noqa: E402

EPOCHS = 3


def convolutional() -> tuple[Any, np.ndarray, np.ndarray, int]:
    """A CNN on 6,000 images of 28 x 28: an everyday size, a few seconds an epoch."""
    import keras
    from keras import layers

    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 6000)
    x = (rng.random((6000, 28, 28, 1)) + 0.1 * y[:, None, None, None]).astype("float32")
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, x, y, 64


def tiny() -> tuple[Any, np.ndarray, np.ndarray, int]:
    """The threshold program: 29 weights, 2,000 steps an epoch; the worst case for a callback."""
    from demo import threshold

    x, y = threshold.samples(0)
    return threshold.model("fixed"), x / 1e5, y, threshold.BATCH


def seconds(make: Any, logdir: str | None) -> float:
    """Time of one `fit`, the first epoch and its tracing included."""
    import keras

    import tb_diagnose

    keras.utils.set_random_seed(0)
    model, x, y, batch = make()
    callbacks = [tb_diagnose.KerasCallback(logdir, (x, y), verbose=0)] if logdir else []
    start = time.perf_counter()
    model.fit(x, y, epochs=EPOCHS, batch_size=batch, verbose=0, callbacks=callbacks)
    return time.perf_counter() - start


def main(rounds: int) -> None:
    for make in (convolutional, tiny):
        ratios, size = [], 0
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as logdir:
                without, with_log = seconds(make, None), seconds(make, logdir)
                ratios.append(with_log / without)
                size = sum(f.stat().st_size for f in Path(logdir).rglob("*") if f.is_file())
        print(
            f"{make.__name__}: fit of {EPOCHS} epochs takes {statistics.median(ratios):.2f} times as long "
            f"(median of {rounds}, {min(ratios):.2f} to {max(ratios):.2f}); event file {size / 1024:.0f} KiB"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
