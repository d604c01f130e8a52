"""Small programs with a fault that shows in what `fit` sees, and the same programs mended: three of each kind.

They differ in model, data and the form in which `fit` gets them, from one another and from the setups of the demo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L  # noqa: N812 - as programs write it
from keras import ops

import tb_diagnose


@dataclass(frozen=True)
class Fit:
    """One call of `fit`.

    Args:
        model: The compiled model.
        given: Arguments of `fit`.
    """

    model: keras.Model
    given: dict[str, Any] = field(default_factory=dict)

    def train(self, logdir: str) -> None:
        with tb_diagnose.autolog(logdir, verbose=0):
            self.model.fit(**self.given, verbose=0)


@dataclass(frozen=True)
class Loop:
    """A custom training loop.

    Args:
        run: The loop, given the folder to log to.
    """

    run: Callable[[str], None]

    def train(self, logdir: str) -> None:
        self.run(logdir)


VARIANTS: dict[str, tuple[str, Callable[[bool], Fit | Loop]]] = {}
"""By name: the cause that must be named, and the program, given whether it is mended."""


def variant(cause: str) -> Callable[[Callable[[bool], Fit | Loop]], Callable[[bool], Fit | Loop]]:
    """Enters a program under the name of its function."""

    def enter(make: Callable[[bool], Fit | Loop]) -> Callable[[bool], Fit | Loop]:
        VARIANTS[make.__name__] = cause, make
        return make

    return enter


class Batches(keras.utils.PyDataset):
    """Batches by index.

    Args:
        batch: The batch of an index.
        count: How many there are.
        end: Called at the end of each epoch.
    """

    def __init__(self, batch: Callable[[int], Any], count: int, end: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._batch, self._count, self.on_epoch_end = batch, count, end

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Any:
        return self._batch(index)


def dataset(*parts: Any, batch: int = 32, shuffled: bool = True) -> Any:
    """A `tf.data.Dataset` of batches."""
    data = tf.data.Dataset.from_tensor_slices(parts)
    return (data.shuffle(4096) if shuffled else data).batch(batch)


def table(samples: int, features: int = 8, classes: int = 2, apart: float = 1.5, seed: int = 0) -> Any:
    """Rows around two centres a class, and their classes."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, apart, (2 * classes, features))
    of = rng.integers(0, 2 * classes, samples)
    return (centres[of] + rng.normal(size=(samples, features))).astype("float32"), (of % classes).astype("int32")


def friedman(samples: int, seed: int = 0) -> Any:
    """Rows of six features and a continuous target of mean 0 and standard deviation 1."""
    x = np.random.default_rng(seed).random((samples, 6)).astype("float32")
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, ((y - y.mean()) / y.std()).astype("float32")


def stripes(samples: int, classes: int = 4, side: int = 12, seed: int = 0) -> Any:
    """Images of stripes in as many directions as there are classes, from 0 to 1."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, samples)
    down, along = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    angle = (np.pi * y / classes + rng.normal(0, 0.08, samples))[:, None, None]
    phase = rng.uniform(0, 2 * np.pi, (samples, 1, 1))
    waves = np.sin(1.5 * (down * np.cos(angle) + along * np.sin(angle)) + phase)
    x = 0.5 + 0.35 * waves + rng.normal(0, 0.08, waves.shape)
    return np.clip(x, 0, 1).astype("float32")[..., None], y.astype("int32")


def waves(samples: int, steps: int = 48, seed: int = 0) -> Any:
    """Slow, middling and fast waves with noise."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, samples)
    phase = np.array([1.5, 4.0, 8.0])[y, None] * np.linspace(0, 1, steps) * rng.uniform(0.85, 1.15, (samples, 1))
    x = np.sin(2 * np.pi * (phase + rng.random((samples, 1)))) + rng.normal(0, 0.3, (samples, steps))
    return x.astype("float32")[..., None], y.astype("int32")


def words(samples: int, steps: int = 12, said: float = 0.35, seed: int = 0) -> Any:
    """Sequences of ids from 1 to 59 of which a share, and one at least, praise (1 to 9) or blame (10 to 19)."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, samples)
    x = rng.integers(20, 60, (samples, steps))
    telling = rng.random((samples, steps)) < said
    telling[:, 0] = True
    x = np.where(telling, np.where(y[:, None] == 1, rng.integers(1, 10, x.shape), rng.integers(10, 20, x.shape)), x)
    return x.astype("int32"), y.astype("int32")


def filled_up(x: np.ndarray, lengths: np.ndarray, steps: int, value: float = 0) -> np.ndarray:
    """Sequences cut to these lengths, and filled up behind to `steps`."""
    behind = [(0, 0), (0, steps - x.shape[1]), *[(0, 0)] * (x.ndim - 2)]
    padded = np.pad(x, behind, constant_values=value)
    padded[np.arange(steps) >= lengths[:, None]] = value
    return padded


def halves(x: Any, y: Any, training: float = 0.75) -> tuple[Any, Any, Any, Any]:
    """Training inputs and labels, validation inputs and labels."""
    cut = int(training * len(y))
    return x[:cut], y[:cut], x[cut:], y[cut:]


# batch_statistics


@variant("batch_statistics")
def normalization_of_raw_columns(mended: bool) -> Fit:
    """BatchNormalization in place of scaled columns, and 36 steps for a momentum of 0.99."""
    x, y, xv, yv = halves(*table(400, classes=3))
    scale, offset = np.geomspace(0.1, 100, 8), np.linspace(-60, 300, 8)
    x, xv = (scale * part + offset for part in (x, xv))
    model = keras.Sequential(
        [
            keras.Input((8,)),
            L.BatchNormalization(momentum=0.6 if mended else 0.99),
            L.Dense(32, activation="relu"),
            L.Dense(3, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return Fit(model, {"x": dataset(x, y, batch=50), "validation_data": dataset(xv, yv, batch=50), "epochs": 6})


@variant("batch_statistics")
def momentum_of_another_library(mended: bool) -> Fit:
    """A convolution over waves around 4, with a momentum for many thousand steps."""
    x, y = waves(640)
    x, y, xv, yv = halves(x + 4, y)
    hidden = []
    for filters in (12, 16):
        hidden += [L.Conv1D(filters, 5, strides=2), L.BatchNormalization(momentum=0.9 if mended else 0.9997), L.ReLU()]
    model = keras.Sequential([keras.Input((48, 1)), *hidden, L.GlobalMaxPooling1D(), L.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.RMSprop(3e-3), loss, metrics=["accuracy"])
    batches = Batches(lambda i: (x[i * 16 : i * 16 + 16], y[i * 16 : i * 16 + 16]), len(x) // 16)
    return Fit(model, {"x": batches, "validation_data": (xv, yv), "epochs": 6})


class Normalized(keras.Model):
    """Scales by the batch in inference mode, too, unless it is mended."""

    def __init__(self, mended: bool) -> None:
        super().__init__()
        self.mended = mended
        self.inner, self.normalization = L.Dense(24), L.BatchNormalization(momentum=0.9)
        self.outer = L.Dense(1, activation="sigmoid")

    def call(self, x: Any, training: bool = False) -> Any:
        scaled = self.normalization(self.inner(x), training=training if self.mended else True)
        return self.outer(ops.relu(scaled))


@variant("batch_statistics")
def training_mode_for_good(mended: bool) -> Fit:
    """A subclass that passes `training=True` on, and validation samples in the order of their classes."""
    x, y, xv, yv = halves(*table(800, 6, seed=3))
    order = np.argsort(yv, kind="stable")
    model = Normalized(mended)
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    model(x[:2])
    validation = dataset(xv[order], yv[order].astype("float32"), batch=25, shuffled=False)
    return Fit(model, {"x": x, "y": y.astype("float32"), "validation_data": validation, "epochs": 10})


# fit_data_differs


@variant("fit_data_differs")
def cache_of_two_batches(mended: bool) -> Fit:
    """A PyDataset that keeps its batches under half of a key: there are only two."""
    x, y, xv, yv = halves(*friedman(1280))
    model = keras.Sequential([keras.Input((6,)), L.Dense(32, activation="relu"), L.Dense(16, "relu"), L.Dense(1)])
    model.compile(keras.optimizers.Adam(5e-3), "mse", metrics=["mae"])
    kept: dict[int, Any] = {}

    def batch(index: int) -> Any:
        return kept.setdefault(index if mended else index % 2, (x[index * 16 :][:16], y[index * 16 :][:16]))

    return Fit(model, {"x": Batches(batch, len(x) // 16), "validation_data": (xv, yv), "epochs": 8})


@variant("fit_data_differs")
def inputs_that_are_shuffled_alone(mended: bool) -> Fit:
    """A PyDataset that puts its images, and not their labels, into another order behind each epoch."""
    x, y, xv, yv = halves(*stripes(640))
    order = {"x": np.arange(len(x)), "y": np.arange(len(x))}
    rng = np.random.default_rng(0)

    def shuffle() -> None:
        order["x"] = rng.permutation(len(x))
        if mended:
            order["y"] = order["x"]

    def batch(index: int) -> Any:
        part = slice(index * 32, index * 32 + 32)
        return x[order["x"][part]], y[order["y"][part]]

    shuffle()
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            L.Conv2D(12, 5, activation="relu"),
            L.MaxPooling2D(),
            L.Flatten(),
            L.Dense(4, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return Fit(model, {"x": Batches(batch, len(x) // 32, shuffle), "validation_data": (xv, yv), "epochs": 10})


@variant("fit_data_differs")
def iterator_made_in_the_loop(mended: bool) -> Fit:
    """A generator of dicts that takes the first batch of a new iterator each time."""
    x, y, xv, yv = halves(*words(800, said=0.1))
    data = dataset(x, y, batch=20, shuffled=False)

    def batches() -> Iterator[Any]:
        stream = data.repeat().as_numpy_iterator()
        while True:
            ids, labels = next(stream) if mended else next(data.as_numpy_iterator())
            yield {"ids": ids}, labels

    given = keras.Input((12,), name="ids", dtype="int32")
    inner = L.GlobalAveragePooling1D()(L.Embedding(60, 8)(given))
    model = keras.Model({"ids": given}, L.Dense(1, activation="sigmoid")(inner))
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    held_out = ({"ids": xv}, yv)
    return Fit(model, {"x": batches(), "steps_per_epoch": 30, "validation_data": held_out, "epochs": 10})


# validation_preprocessing


@variant("validation_preprocessing")
def bytes_for_validation(mended: bool) -> Fit:
    """Images of three shades that are divided by 255 in the training pipeline alone."""
    x, y = stripes(800, classes=3, seed=2)
    x, y, xv, yv = halves(x * np.array([0.3, 0.6, 1.0], "float32")[y][:, None, None, None], y)
    scaled = lambda image, label: (tf.cast(image, "float32") / 255, label)  # noqa: E731
    as_bytes = lambda images: np.round(255 * images).astype("uint8")  # noqa: E731
    training = tf.data.Dataset.from_tensor_slices((as_bytes(x), y)).shuffle(600).map(scaled).batch(32)
    validation = tf.data.Dataset.from_tensor_slices((as_bytes(xv), yv)).batch(32)
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            L.Conv2D(8, 5, strides=2, activation="relu"),
            L.Conv2D(16, 3, activation="relu"),
            L.Flatten(),
            L.Dense(3, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(5e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    held_out = validation.map(scaled) if mended else validation
    return Fit(model, {"x": training, "validation_data": held_out, "epochs": 10})


@variant("validation_preprocessing")
def columns_that_are_scaled_once(mended: bool) -> Fit:
    """A regression on columns in units of their own: those of the validation samples stay as they are."""
    x, y, xv, yv = halves(*friedman(1000, seed=1))
    x, xv = (part * np.geomspace(5, 5000, 6) + 40 for part in (x, xv))
    mean, std = x.mean(axis=0), x.std(axis=0)
    if mended:
        xv = (xv - mean) / std
    model = keras.Sequential([keras.Input((6,)), L.Dense(32, activation="relu"), L.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return Fit(model, {"x": (x - mean) / std, "y": y, "validation_data": (xv, yv), "epochs": 12})


@variant("validation_preprocessing")
def series_as_they_were_read(mended: bool) -> Fit:
    """Series from two generators of dicts, of which one standardizes what a sensor has read."""
    x, y = waves(640, seed=5)
    x, y, xv, yv = halves(20 + 5 * x, y)

    def batches(series: np.ndarray, labels: np.ndarray, standardizes: bool) -> Iterator[Any]:
        while True:
            for at in range(0, len(labels), 32):
                part = series[at : at + 32]
                yield {"series": (part - 20) / 5 if standardizes else part}, labels[at : at + 32]

    given = keras.Input((48, 1), name="series")
    inner = L.GlobalMaxPooling1D()(L.Conv1D(16, 7, activation="relu")(given))
    model = keras.Model({"series": given}, L.Dense(3, activation="softmax")(L.Dense(16, activation="relu")(inner)))
    model.compile(keras.optimizers.Adam(5e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    held_out = batches(xv, yv, mended)
    steps = {"steps_per_epoch": 15, "validation_steps": 5}
    return Fit(model, {"x": batches(x, y, True), "validation_data": held_out, "epochs": 10, **steps})


# loop_loss


class OwnStep(keras.Model):
    """A model whose step takes a cross-entropy that is written out."""

    mended = True

    def train_step(self, data: Any) -> Any:
        x, y = data
        with tf.GradientTape() as tape:
            output = tf.clip_by_value(self(x, training=True), 1e-6, 1 - 1e-6)
            target = tf.reshape(y, (-1, 1)) if self.mended else y
            loss = -tf.reduce_mean(target * tf.math.log(output) + (1 - target) * tf.math.log(1 - output))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return self.compute_metrics(x, y, output)


@variant("loop_loss")
def step_that_broadcasts(mended: bool) -> Fit:
    """A `train_step` with labels of shape (n,) against outputs of shape (n, 1)."""
    x, y, xv, yv = halves(*table(960, 6, seed=2))
    y, yv = y.astype("float32"), yv.astype("float32")
    given = keras.Input((6,))
    inner = L.Dense(24, activation="relu")(L.Dense(24, activation="relu")(given))
    model = OwnStep(given, L.Dense(1, activation="sigmoid")(inner))
    model.mended = mended
    model.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    return Fit(model, {"x": dataset(x, y), "validation_data": dataset(xv, yv), "epochs": 10})


def loop(model: keras.Model, logged: keras.Model, loss_fn: Any, x: Any, y: Any, epochs: int, **told: Any) -> Loop:
    """A loop over batches of 32 samples that trains `model` and logs `logged`."""

    def run(logdir: str) -> None:
        optimizer = keras.optimizers.Adam(0.01)
        rng = np.random.default_rng(0)

        @tf.function
        def step(x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = loss_fn(y, model(x, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            return loss

        optimizer.build(model.trainable_variables)
        known = {"loss_fn": loss_fn, "optimizer": optimizer}
        tb_diagnose.log(logged, (x, y), logdir, **known)
        for _ in range(epochs):
            order, losses = rng.permutation(len(x)), []
            for at in range(0, len(x), 32):
                part = order[at : at + 32]
                losses.append(float(step(tf.constant(x[part]), tf.constant(y[part]))))
            tb_diagnose.log(logged, (x, y), logdir, loss=float(np.mean(losses)), **known)

    return Loop(run)


@variant("loop_loss")
def logits_against_a_row_of_labels(mended: bool) -> Loop:
    """A cross-entropy of logits, written out, in a loop over images."""
    x, y = stripes(480, classes=2, seed=7)
    y = y.astype("float32")
    model = keras.Sequential(
        [keras.Input((12, 12, 1)), L.Conv2D(8, 5, activation="relu"), L.GlobalMaxPooling2D(), L.Dense(1)]
    )

    def loss_fn(y: Any, logits: Any) -> Any:
        y = tf.reshape(y, (-1, 1)) if mended else y
        return tf.reduce_mean(tf.maximum(logits, 0.0) - logits * y + tf.math.log1p(tf.exp(-tf.abs(logits))))

    return loop(model, model, loss_fn, x, y, 12)


@variant("loop_loss")
def copy_that_is_trained(mended: bool) -> Loop:
    """A loop that trains a copy, and goes on with the model that was copied."""
    x, y = waves(480, seed=4)
    model = keras.Sequential(
        [keras.Input((48, 1)), L.Conv1D(16, 7, strides=2, activation="relu"), L.GRU(12), L.Dense(3)]
    )
    trained = model if mended else keras.models.clone_model(model)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loop(trained, model, loss, x, y, 8)


# learning_rate_schedule


@variant("learning_rate_schedule")
def decay_at_each_step(mended: bool) -> Fit:
    """An exponential decay that counts steps for epochs."""
    x, y, xv, yv = halves(*stripes(800, seed=8))
    schedule = keras.optimizers.schedules.ExponentialDecay(3e-3, 20 * 40 if mended else 10, 0.5)
    model = keras.Sequential(
        [keras.Input((12, 12, 1)), L.Conv2D(12, 5, activation="relu"), L.GlobalMaxPooling2D(), L.Dense(4, "softmax")]
    )
    model.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return Fit(model, {"x": dataset(x, y, batch=16), "validation_data": dataset(xv, yv), "epochs": 20})


@variant("learning_rate_schedule")
def callback_that_adds_up(mended: bool) -> Fit:
    """A callback that multiplies the rate of the epoch before by a factor that grows."""
    x, y, xv, yv = halves(*friedman(960, seed=3))
    model = keras.Sequential([keras.Input((6,)), L.Dense(32, activation="relu"), L.Dense(16, "relu"), L.Dense(1)])
    model.compile(keras.optimizers.Adam(0.02), "mse", metrics=["mae"])

    def rate(epoch: int, now: float) -> float:
        return 0.02 * float(np.exp(-0.1 * epoch)) if mended else now * float(np.exp(-0.9 * epoch))

    batches = Batches(lambda i: (x[i * 32 : i * 32 + 32], y[i * 32 : i * 32 + 32]), len(x) // 32)
    callback = keras.callbacks.LearningRateScheduler(rate)
    return Fit(model, {"x": batches, "validation_data": (xv, yv), "epochs": 15, "callbacks": [callback]})


@variant("learning_rate_schedule")
def cosine_over_the_epochs(mended: bool) -> Fit:
    """A cosine whose `decay_steps` are the number of epochs."""
    x, y, xv, yv = halves(*words(1000, seed=9))
    schedule = keras.optimizers.schedules.CosineDecay(5e-3, 12 * 24 if mended else 12)
    model = keras.Sequential([keras.Input((12,), dtype="int32"), L.Embedding(60, 8), L.GRU(12), L.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(schedule), "binary_crossentropy", metrics=["accuracy"])
    return Fit(model, {"x": x, "y": y, "validation_data": (xv, yv), "epochs": 12})


# padding_not_masked


@variant("padding_not_masked")
def values_without_a_masking_layer(mended: bool) -> Fit:
    """Short series of two sensors, filled up with -1 for a GRU; mended with a Masking layer."""
    rng = np.random.default_rng(10)
    y = rng.integers(0, 2, 800).astype("int32")
    values = rng.normal(size=(800, 6, 2)) + np.where(y == 1, 0.7, -0.7)[:, None, None]
    x, y, xv, yv = halves(filled_up(values.astype("float32"), rng.integers(3, 7, 800), 60, -1), y)
    masks = [L.Masking(-1.0)] if mended else []
    model = keras.Sequential([keras.Input((60, 2)), *masks, L.GRU(12), L.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return Fit(model, {"x": dataset(x, y, batch=100), "validation_data": dataset(xv, yv, batch=100), "epochs": 8})


@variant("padding_not_masked")
def mean_over_the_padding(mended: bool) -> Fit:
    """A convolution, and the mean of all steps, of which one in forty says something; mended with their maximum."""
    x, y = words(900, seed=11)
    lengths = np.random.default_rng(11).integers(6, 13, 900)
    x, y, xv, yv = halves(filled_up(x, lengths, 400), y)
    pooling = L.GlobalMaxPooling1D() if mended else L.GlobalAveragePooling1D()
    model = keras.Sequential(
        [
            keras.Input((400,), dtype="int32"),
            L.Embedding(60, 8),
            L.Conv1D(16, 3, activation="relu"),
            pooling,
            L.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return Fit(model, {"x": x, "y": y, "validation_data": (xv, yv), "epochs": 8})


@variant("padding_not_masked")
def convolution_that_loses_a_mask(mended: bool) -> Fit:
    """A recurrent layer behind a convolution, which takes no mask: mended with the padding in front."""
    x, y = words(800, seed=12)
    lengths = np.random.default_rng(12).integers(4, 13, 800)
    x = filled_up(x, lengths, 320)
    if mended:
        x = np.stack([np.roll(row, 320 - length) for row, length in zip(x, lengths, strict=True)])
    x, y, xv, yv = halves(x, y)
    model = keras.Sequential(
        [
            keras.Input((320,), dtype="int32"),
            L.Embedding(60, 8),
            L.Conv1D(16, 4, strides=4, activation="relu"),
            L.LSTM(12),
            L.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    batches = Batches(lambda i: (x[i * 50 : i * 50 + 50], y[i * 50 : i * 50 + 50]), len(x) // 50)
    return Fit(model, {"x": batches, "validation_data": (xv, yv), "epochs": 8})


# inverted_score


@variant("inverted_score")
def distance_to_a_centre(mended: bool) -> Fit:
    """What is usual (class 1) is drawn to a centre: a distance, with an accuracy that knows it or not."""
    rng = np.random.default_rng(13)
    y = rng.integers(0, 2, 800).astype("float32")
    x = np.where(y[:, None] == 1, 1.0, 2.5) * rng.normal(size=(800, 10))
    x, y, xv, yv = halves(x.astype("float32"), y)
    given = keras.Input((10,))
    inner = L.Dense(12)(L.Dense(32, activation="relu")(given))
    model = keras.Model(given, L.Lambda(lambda t: ops.mean(ops.square(t), axis=1, keepdims=True))(inner))

    def loss(y: Any, distance: Any) -> Any:
        return ops.mean(y * distance + (1 - y) * ops.maximum(2 - distance, 0))

    def accuracy(y: Any, distance: Any) -> Any:
        return ops.mean(ops.cast(ops.equal(ops.reshape(y, (-1, 1)) > 0.5, distance < 1), "float32"))

    model.compile(keras.optimizers.Adam(3e-3), loss, metrics=[accuracy if mended else "accuracy"])
    return Fit(model, {"x": dataset(x, y), "validation_data": dataset(xv, yv), "epochs": 12})


@variant("inverted_score")
def product_of_two_towers(mended: bool) -> Fit:
    """The product of what two towers say of a pair: far above 0.5 for both classes, and parted at 7.5."""
    rng = np.random.default_rng(14)
    kinds = rng.integers(0, 4, (1200, 2))
    kinds[::2, 1] = kinds[::2, 0]
    centres = rng.normal(size=(4, 8))
    user, item = ((centres[kinds[:, side]] + rng.normal(0, 0.3, (1200, 8))).astype("float32") for side in (0, 1))
    y = (kinds[:, 0] == kinds[:, 1]).astype("float32")
    towers = [keras.Sequential([L.Dense(24, activation="relu"), L.Dense(12)]) for _ in range(2)]
    given = {"user": keras.Input((8,), name="user"), "item": keras.Input((8,), name="item")}
    outputs = L.Dot(1)([towers[0](given["user"]), towers[1](given["item"])])
    model = keras.Model(given, outputs)

    def loss(y: Any, product: Any) -> Any:
        return ops.mean(y * ops.relu(10 - product) + (1 - y) * (ops.relu(product - 5) + ops.relu(1 - product)))

    metric = keras.metrics.BinaryAccuracy("accuracy", threshold=7.5) if mended else "accuracy"
    model.compile(keras.optimizers.Adam(5e-3), loss, metrics=[metric])
    cut = 900
    training = ({"user": user[:cut], "item": item[:cut]}, y[:cut])
    held_out = ({"user": user[cut:], "item": item[cut:]}, y[cut:])
    return Fit(model, {"x": training[0], "y": training[1], "validation_data": held_out, "epochs": 15})


@variant("inverted_score")
def angle_between_two_sentences(mended: bool) -> Fit:
    """One minus the cosine of two sentences that say the same (class 1) or not, from a generator."""
    x, kind = words(1200, seed=15)
    pairs = np.random.default_rng(15).permutation(1200)
    y = (kind == kind[pairs]).astype("float32")
    body = keras.Sequential([L.Embedding(60, 8), L.GlobalAveragePooling1D(), L.Dense(8)])
    given = [keras.Input((12,), dtype="int32") for _ in range(2)]
    cosine = L.Dot(1, normalize=True)([body(one) for one in given])
    model = keras.Model(given, L.Lambda(lambda t: 1 - t)(cosine))

    def loss(y: Any, apart: Any) -> Any:
        return ops.mean(y * ops.square(apart) + (1 - y) * ops.square(ops.relu(1 - apart)))

    def accuracy(y: Any, apart: Any) -> Any:
        return ops.mean(ops.cast(ops.equal(ops.reshape(y, (-1, 1)) > 0.5, apart < 0.5), "float32"))

    def batches() -> Iterator[Any]:
        while True:
            for at in range(0, 900, 30):
                part = slice(at, at + 30)
                yield (x[part], x[pairs[part]]), y[part]

    model.compile(keras.optimizers.Adam(0.01), loss, metrics=[accuracy if mended else "accuracy"])
    held_out = ((x[900:], x[pairs[900:]]), y[900:])
    return Fit(model, {"x": batches(), "steps_per_epoch": 30, "validation_data": held_out, "epochs": 10})


# loss_weights


@variant("loss_weights")
def coordinates_in_pixels(mended: bool) -> Fit:
    """A list of two outputs: the direction of stripes, and how bright they are, in thousands."""
    rng = np.random.default_rng(16)
    x, y = stripes(800, seed=16)
    bright = rng.uniform(0.3, 1, 800)
    x = (x * bright[:, None, None, None]).astype("float32")
    amounts = ((bright - 0.65) * 5 if mended else 4000 * bright).astype("float32")
    given = keras.Input((12, 12, 1))
    inner = L.Flatten()(L.MaxPooling2D()(L.Conv2D(12, 5, activation="relu")(given)))
    inner = L.Dense(24, activation="relu")(inner)
    direction, light = L.Dense(4, activation="softmax", name="direction"), L.Dense(1, name="light")
    model = keras.Model(given, [direction(inner), light(inner)])
    losses = ["sparse_categorical_crossentropy", "mse"]
    model.compile(keras.optimizers.Adam(3e-3), losses, metrics=[["accuracy"], ["mae"]])
    data = tf.data.Dataset.from_tensor_slices((x, (y, amounts)))
    training, validation = data.take(600).shuffle(600).batch(32), data.skip(600).batch(32)
    return Fit(model, {"x": training, "validation_data": validation, "epochs": 10})


@variant("loss_weights")
def weight_of_ten_thousand(mended: bool) -> Fit:
    """Rows whose first column is also to be told, with a weight that leaves nothing to their classes."""
    x, y, xv, yv = halves(*table(1000, 10, classes=3, seed=17))
    given = keras.Input((10,))
    inner = L.Dense(3, activation="tanh")(L.Dense(24, activation="tanh")(given))
    outputs = {"kind": L.Dense(3, activation="softmax", name="kind")(inner), "first": L.Dense(1, name="first")(inner)}
    model = keras.Model(given, outputs)
    model.compile(
        keras.optimizers.Adam(5e-3),
        {"kind": "sparse_categorical_crossentropy", "first": "mse"},
        loss_weights={"kind": 1.0, "first": 0.1 if mended else 1e4},
        metrics={"kind": "accuracy"},
    )
    held_out = (xv, {"kind": yv, "first": xv[:, 0]})
    return Fit(model, {"x": x, "y": {"kind": y, "first": x[:, 0]}, "validation_data": held_out, "epochs": 12})


@variant("loss_weights")
def milliseconds_beside_a_sense(mended: bool) -> Fit:
    """Sentences that praise or blame, and how long they take to read, in milliseconds or in seconds."""
    x, y, xv, yv = halves(*words(900, seed=18))

    def long(ids: np.ndarray) -> np.ndarray:
        seconds = (ids / 60).sum(axis=1) - 7
        return (seconds if mended else 1000 * (seconds + 9)).astype("float32")

    def labels(ids: np.ndarray, sense: np.ndarray) -> dict[str, np.ndarray]:
        return {"sense": sense, "time": long(ids)}

    given = keras.Input((12,), dtype="int32")
    inner = L.LSTM(16)(L.Embedding(60, 8)(given))
    outputs = {"sense": L.Dense(1, activation="sigmoid", name="sense")(inner), "time": L.Dense(1, name="time")(inner)}
    model = keras.Model(given, outputs)
    losses = {"sense": "binary_crossentropy", "time": "mse"}
    model.compile(keras.optimizers.Adam(5e-3), losses, metrics={"sense": "accuracy"})

    def batch(index: int) -> Any:
        part = slice(index * 25, index * 25 + 25)
        return x[part], labels(x[part], y[part])

    return Fit(model, {"x": Batches(batch, len(x) // 25), "validation_data": (xv, labels(xv, yv)), "epochs": 12})
