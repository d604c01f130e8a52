"""What noting batches costs: processor time of the first and of later epochs, logged and noted, over that without.

    python tests/benchmarks/noting.py [rounds]

300 batches an epoch of a `tf.data.Dataset`, a small network and a convolutional one. Without `autolog`, with it but
with batches that pass unseen, and with it, in turn and in one process; processor time of all threads, so that other
programs on the machine count little. What is measured at the end of an epoch is left out: `overhead.py` counts that.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import numpy as np  # noqa: E402

STEPS, BATCH, EPOCHS = 300, 32, 4


def model(kind: str) -> tuple[Any, tuple[int, ...]]:
    """A compiled model, and the shape of a sample."""
    import keras
    from keras import layers

    hidden: list[Any]
    if kind == "convolutional":
        shape: tuple[int, ...] = (28, 28, 1)
        hidden = [layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten()]
    else:
        shape, hidden = (20,), [layers.Dense(16, activation="relu")]
    net = keras.Sequential([keras.Input(shape), *hidden, layers.Dense(1, activation="sigmoid")])
    net.compile("adam", "binary_crossentropy")
    return net, shape


def seconds(kind: str, mode: str) -> list[float]:
    """Processor time of each epoch, from its beginning to the end of its last step."""
    from unittest import mock

    import keras
    import tensorflow as tf

    import tb_diagnose
    from tb_diagnose.recorder import passing

    taken: list[float] = []

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.begun = time.process_time()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == STEPS - 1:
                taken.append(time.process_time() - self.begun)

    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    net, shape = model(kind)
    x = np.random.default_rng(0).random((STEPS * BATCH, *shape), dtype=np.float32)
    data = tf.data.Dataset.from_tensor_slices((x, np.arange(len(x)) % 2)).shuffle(1000).batch(BATCH)
    unseen = mock.patch.object(passing, "observe", lambda *_: lambda: None) if mode == "unseen" else nullcontext()
    log = nullcontext if mode == "without" else lambda: tb_diagnose.autolog(logdir, verbose=0)
    with tempfile.TemporaryDirectory() as logdir, unseen, log():
        net.fit(data, epochs=EPOCHS, verbose=0, callbacks=[Clock()])
    return taken


def main(rounds: int) -> None:
    for kind in ("small", "convolutional"):
        taken = [{mode: seconds(kind, mode) for mode in ("without", "unseen", "noted")} for _ in range(rounds)]
        for mode in ("unseen", "noted"):
            base = "without" if mode == "unseen" else "unseen"
            first = [each[mode][0] - each[base][0] for each in taken]
            later = [statistics.median(each[mode][1:]) / statistics.median(each[base][1:]) for each in taken]
            step = [statistics.median(each[mode][1:]) - statistics.median(each[base][1:]) for each in taken]
            print(
                f"{kind}, {STEPS} batches, {mode} beside {base}: first epoch {statistics.median(first):+.2f} s, "
                f"later ones {statistics.median(later):.2f} times as long ({min(later):.2f} to {max(later):.2f}), "
                f"{1e3 * statistics.median(step) / STEPS:+.3f} ms a batch",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
