"""What logging costs with large data: peak memory, seconds of `fit` and of processors, with and without.

    python tests/benchmarks/large.py [share] [case ...]

A process a case. 1 GiB of float32 arrays, and 0.6 GB of images that a `tf.data.Dataset` makes as they are asked for;
`share` of that, 1 by default. `KERAS_BACKEND` names the backend. No test asserts these figures: they depend on the
machine, and on a busy one the seconds of the processors alone tell something, with `OPENBLAS_NUM_THREADS=1`: threads
that wait for one another in a decomposition of a small matrix count as well.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent.parent))

CASES = ("arrays", "images")
EPOCHS, FEATURES, SIDE = 2, 1024, 64
ROWS, IMAGES = 2**18, 12_800
"""1 GiB, and 0.63 GB."""


def arrays(share: float) -> tuple[Any, dict[str, Any]]:
    """A small network on wide rows."""
    import keras
    import numpy as np
    from keras import layers

    rng = np.random.default_rng(0)
    x = rng.random((int(ROWS * share), FEATURES), dtype=np.float32)
    y = (x[:, 0] * 10).astype("int64")
    net = keras.Sequential([keras.Input((FEATURES,)), layers.Dense(16, "relu"), layers.Dense(10, "softmax")])
    return net, {"x": x, "y": y, "batch_size": 256}


def images(share: float) -> tuple[Any, dict[str, Any]]:
    """A small convolutional network on images that are made anew each epoch."""
    import keras
    import tensorflow as tf
    from keras import layers

    def made(number: Any) -> Any:
        label = number % 10
        drawn = tf.random.stateless_uniform((SIDE, SIDE, 3), tf.stack([number, 1]))
        return drawn + 0.1 * tf.cast(label, tf.float32), label

    data = tf.data.Dataset.range(int(IMAGES * share)).map(made).batch(64)
    body = [layers.Conv2D(8, 5, strides=4, activation="relu"), layers.GlobalAveragePooling2D()]
    net = keras.Sequential([keras.Input((SIDE, SIDE, 3)), *body, layers.Dense(10, "softmax")])
    return net, {"x": data}


def one(case: str, share: float, logged: bool) -> None:
    """Prints seconds of `fit` and the peak in bytes."""
    import tb_diagnose

    net, arguments = {"arrays": arrays, "images": images}[case](share)
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    with (
        tempfile.TemporaryDirectory() as logdir,
        tb_diagnose.autolog(logdir, verbose=0) if logged else nullcontext(),
    ):
        started, busy = time.monotonic(), time.process_time()
        net.fit(epochs=EPOCHS, verbose=0, **arguments)
        seconds, busy = time.monotonic() - started, time.process_time() - busy
    print(seconds, busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def main(share: float, cases: tuple[str, ...]) -> None:
    for case in cases:
        found = {}
        for logged in (False, True):
            command = [sys.executable, str(HERE), "--one", case, str(share), str(int(logged))]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[logged] = [float(value) for value in done.stdout.split()[-3:]]
        (plain, busy, low), (seconds, busier, high) = found[False], found[True]
        print(
            f"{case}, {share:g} of the size: {plain:.1f} s, {busy:.1f} s of processors, {low / 1e6:.0f} MB without; "
            f"{seconds - plain:+.1f} s, {busier - busy:+.1f} s of processors, {(high - low) / 1e6:+.0f} MB with it",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], float(sys.argv[3]), sys.argv[4] == "1")
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0, tuple(sys.argv[2:]) or CASES)
