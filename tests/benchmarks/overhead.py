"""What logging costs an epoch, what it costs once, and what an epoch adds to the event file.

    python tests/benchmarks/overhead.py [rounds] [program ...] [way of logging ...]

Each program is fitted without logging, with our callback and with Keras's `TensorBoard(histogram_freq=1)`, in turn and
in one process; where they are named, under `autolog` and with a call of `log` at the end of each epoch, too. An epoch
lasts from its beginning to that of the next one, the callbacks' work included; the first two are left out, as tracing
happens there. What a fit takes beyond its epochs is the cost that comes once. No test asserts these figures: they
depend on the machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import numpy as np  # noqa: E402

WARM = 2
"""Epochs in which functions are traced, left out of the steady state."""
USUAL = ("ours", "stock")
WAYS = (*USUAL, "autolog", "log")
FEW, MANY, SHOWN = 3, 9, 128
"""Epochs of the two fits whose difference says what an epoch adds to the file, and their samples."""


@dataclass(frozen=True)
class Program:
    """Something to fit: its model, its samples, its batch size and its epochs."""

    make: Callable[[], Any]
    x: np.ndarray
    y: np.ndarray
    batch: int
    epochs: int


def _compiled(body: list[Any], shape: tuple[int, ...]) -> Any:
    import keras

    model = keras.Sequential([keras.Input(shape), *body, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _labelled(samples: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Random samples whose mean depends a little on their class."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, samples)
    x = rng.random((samples, *shape), dtype=np.float32)
    x += 0.1 * y.astype("float32").reshape((-1,) + (1,) * len(shape))
    return x, y


def cnn() -> Program:
    """Two convolutions and a dense layer on 60,000 images of 28 x 28: four layers with weights."""
    from keras import layers

    def make() -> Any:
        convolutions = [layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D()]
        convolutions += [layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D()]
        return _compiled([*convolutions, layers.Flatten(), layers.Dense(64, activation="relu")], (28, 28, 1))

    return Program(make, *_labelled(60_000, (28, 28, 1)), 128, 6)


def mlp() -> Program:
    """Two dense layers on 60,000 rows of 784."""
    from keras import layers

    def make() -> Any:
        return _compiled([layers.Dense(128, activation="relu"), layers.Dense(64, activation="relu")], (784,))

    return Program(make, *_labelled(60_000, (784,)), 128, 8)


def residual() -> Program:
    """A residual net of 50 layers with weights, as ResNet50 has, but narrow, on 12,000 images of 8 x 8."""
    import keras
    from keras import layers

    def make() -> Any:
        inputs = keras.Input((8, 8, 1))
        inner = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
        for _ in range(16):
            shortcut = inner
            for width in (1, 3, 1):
                inner = layers.Conv2D(16, width, padding="same", use_bias=False)(inner)
                inner = layers.BatchNormalization()(inner)
                inner = layers.ReLU()(inner)
            inner = layers.Add()([shortcut, inner])
        outputs = layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(inner))
        model = keras.Model(inputs, outputs)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    return Program(make, *_labelled(12_000, (8, 8, 1)), 64, 4)


def founding() -> Program:
    """The threshold program: 29 weights, 2,000 steps of 5 samples."""
    from demo import threshold

    x, y = threshold.samples(0)
    return Program(lambda: threshold.model("fixed"), x / 1e5, y, threshold.BATCH, 6)


PROGRAMS = {make.__name__: make for make in (cnn, mlp, residual, founding)}


@dataclass(frozen=True)
class Taken:
    """Of one fit: the median of its steady epochs, by the clock and of all processors, and what came on top."""

    epoch: float
    work: float
    once: float


def fit(program: Program, kind: str, samples: int | None = None, epochs: int | None = None) -> tuple[Taken, int]:
    """Fits once. Returns what it took, and the bytes of the event files of training."""
    import keras

    import tb_diagnose

    marks: list[tuple[float, float]] = []

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            marks.append((time.perf_counter(), time.process_time()))

        def on_train_end(self, logs: Any = None) -> None:
            marks.append((time.perf_counter(), time.process_time()))

    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    model, x, y = program.make(), program.x[:samples], program.y[:samples]
    with tempfile.TemporaryDirectory() as logdir:
        callbacks: list[Any] = [Clock()]
        if kind == "ours":
            callbacks.append(tb_diagnose.KerasCallback(logdir, (x, y), verbose=0))
        elif kind == "stock":
            callbacks.append(keras.callbacks.TensorBoard(logdir, histogram_freq=1, write_graph=False))
        elif kind == "log":
            ended = lambda epoch, logs: tb_diagnose.log(model, (x, y), logdir, loss=logs["loss"])  # noqa: E731
            callbacks.append(keras.callbacks.LambdaCallback(on_epoch_end=ended))
        begun = time.perf_counter()
        with tb_diagnose.autolog(logdir, verbose=0) if kind == "autolog" else nullcontext():
            model.fit(x, y, epochs=epochs or program.epochs, batch_size=program.batch, verbose=0, callbacks=callbacks)
        whole = time.perf_counter() - begun
        size = sum(file.stat().st_size for file in Path(logdir).rglob("*tfevents*"))
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(marks, marks[1:], strict=False)]
    steady = [statistics.median(step[part] for step in steps[WARM:]) for part in (0, 1)]
    return Taken(steady[0], steady[1], whole - steady[0] * len(steps)), size


def compared(kind: str, taken: list[dict[str, Taken]]) -> str:
    """How the fits of a kind compare with those without logging: the median of the rounds, and their range."""

    def each(of: Callable[[Taken, Taken], float]) -> list[float]:
        return [of(fits[kind], fits["without"]) for fits in taken]

    longer = each(lambda one, other: one.epoch / other.epoch)
    work = statistics.median(each(lambda one, other: one.work / other.work))
    more = statistics.median(each(lambda one, other: one.epoch - other.epoch))
    once = statistics.median(each(lambda one, other: one.once - other.once))
    return (
        f"{statistics.median(longer):.3f} times as long ({min(longer):.3f} to {max(longer):.3f}), {work:.3f} times the "
        f"work of the processors, {more:+.2f} s an epoch, {once:+.1f} s once"
    )


def bytes_an_epoch(program: Program, kind: str) -> float:
    """What an epoch adds to the event files."""
    few, many = (fit(program, kind, SHOWN, epochs)[1] for epochs in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def main(rounds: int, names: list[str], kinds: list[str]) -> None:
    for name in names:
        program = PROGRAMS[name]()
        taken = [{kind: fit(program, kind)[0] for kind in ("without", *kinds)} for _ in range(rounds)]
        plain = statistics.median(fits["without"].epoch for fits in taken)
        print(f"{name}: an epoch takes {plain:.2f} s without logging", flush=True)
        for kind in kinds:
            size = bytes_an_epoch(program, kind) / 1024
            print(f"  {kind}: {compared(kind, taken)}, {size:.1f} KiB an epoch", flush=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        next((int(word) for word in given if word.isdigit()), 3),
        [word for word in given if word in PROGRAMS] or [*PROGRAMS],
        [word for word in given if word in WAYS] or [*USUAL],
    )
