"""How the cost of logging grows: with samples, layers, classes, features, length of sequences, epochs, probe samples.

    python tests/benchmarks/growth.py [what ...]

One thing is made larger at a time, the rest stays. Counted is the processor time in the callback's own hooks: once,
before and after training and in the first epoch, and for each epoch after that. What slows the steps themselves is
in `overhead.py`. No test asserts these figures: they depend on the machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads that wait for one another count as work

import numpy as np  # noqa: E402


@dataclass(frozen=True)
class Size:
    """Everything that can be made larger; `length` 0 has rows in place of sequences."""

    samples: int = 2_000
    layers: int = 2
    classes: int = 10
    features: int = 32
    length: int = 0
    epochs: int = 8
    probe_samples: int = 512


GROWING: dict[str, tuple[int, ...]] = {
    "samples": (2_000, 20_000, 200_000),
    "layers": (2, 8, 32),
    "classes": (10, 100, 1_000, 10_000),
    "features": (32, 320, 3_200),
    "length": (10, 40, 160),
    "epochs": (8, 80, 800),
    "probe_samples": (128, 512, 2_048),
}


def cost(size: Size) -> tuple[float, float]:
    """Seconds of processors in the hooks: once, and in an epoch after the first."""
    import keras
    from keras import layers

    import tb_diagnose

    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    shape = (size.length, size.features) if size.length else (size.features,)
    x, y = rng.random((size.samples, *shape), dtype=np.float32), rng.integers(0, size.classes, size.samples)
    body: list[Any] = [layers.LSTM(16)] if size.length else []
    body += [layers.Dense(32, activation="relu") for _ in range(size.layers)]
    model = keras.Sequential([keras.Input(shape), *body, layers.Dense(size.classes, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    spent: list[float] = [0.0]  # one more at each epoch's end

    class Timed(tb_diagnose.KerasCallback):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)
            if not name.startswith("on_"):
                return found

            def hook(*given: Any, **named: Any) -> Any:
                begun = time.process_time()
                result = found(*given, **named)
                spent[-1] += time.process_time() - begun
                if name == "on_epoch_end":
                    spent.append(0.0)
                return result

            return hook

    with tempfile.TemporaryDirectory() as logdir:
        callback = Timed(logdir, (x, y), probe_samples=size.probe_samples, verbose=0)
        batch = 2_000 if size.epochs > Size.epochs else 100
        model.fit(x, y, epochs=size.epochs, batch_size=batch, verbose=0, callbacks=[callback])
    an_epoch = statistics.median(spent[1:-1])
    return sum(spent) - an_epoch * size.epochs, an_epoch


def main(names: list[str]) -> None:
    cost(Size())  # imports, and what is made once a process
    for name in names:
        parts = []
        for value in GROWING[name]:
            once, an_epoch = cost(replace(Size(), **{name: value}))
            parts.append(f"{value:,}: {1e3 * an_epoch:.0f} ms an epoch, {once:.1f} s once")
        print(f"{name} {'; '.join(parts)}", flush=True)


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if word in GROWING] or [*GROWING])
