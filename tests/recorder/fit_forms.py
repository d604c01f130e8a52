"""Every form in which `fit` takes samples: the same program, fed otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import keras
import numpy as np
from keras import layers

SAMPLES, HELD_OUT, BATCH, EPOCHS = 160, 40, 16, 3
_DRAWN = np.random.default_rng(0).normal(size=(SAMPLES + HELD_OUT, 4))
Y_ALL = (_DRAWN[:, 0] > 0).astype("int64")
X_ALL = (300 * _DRAWN).astype("float32")
"""Inputs that are not scaled: what is the matter with the program."""
X, Y, X_VAL, Y_VAL = X_ALL[:SAMPLES], Y_ALL[:SAMPLES], X_ALL[SAMPLES:], Y_ALL[SAMPLES:]


@dataclass
class Case:
    """One program.

    Args:
        arguments: What `fit` is called with.
        model: Makes the model.
        compiled: More arguments of `compile`.
        samples: `sample_count` that must be recorded.
        validation: `validation_sample_count` that must be recorded; None for none.
        batch_size: The same of `batch_size`.
        epochs: Epochs that must be recorded.
        facts: Other facts that must be recorded.
        is_labelled: Whether there are labels to measure on.
        first_epoch: 1 where the model is built by its first step, so that there is nothing to measure before it.
        is_read_ahead: Whether TensorFlow takes batches of it ahead, more or fewer as time has it: what they draw from
            numpy then is not the same from run to run.
        finding: The cause that must be named first; None where that depends on more than the inputs.
        also: State of the program's own that must be the same.
    """

    arguments: dict[str, Any]
    model: Callable[[], keras.Model] = field(default=lambda: dense())
    compiled: dict[str, Any] = field(default_factory=dict)
    samples: int | None = SAMPLES
    validation: int | None = None
    batch_size: int = BATCH
    epochs: int = EPOCHS
    facts: dict[str, Any] = field(default_factory=dict)
    is_labelled: bool = True
    first_epoch: int = 0
    is_read_ahead: bool = False
    finding: str | None = "unscaled_inputs"
    also: Callable[[], Any] = lambda: None


FORMS: dict[str, Callable[[], Case]] = {}
NEEDS: dict[str, str] = {}


def form(name: str, needs: str = "tensorflow") -> Callable[[Callable[[], Case]], Callable[[], Case]]:
    """Enters a form under a name; `needs` is a package without which it cannot be made."""

    def enter(make: Callable[[], Case]) -> Callable[[], Case]:
        assert name not in FORMS
        FORMS[name] = make
        NEEDS[name] = needs
        return make

    return enter


def is_installed(name: str) -> bool:
    """Whether the package that a form needs is here."""
    return find_spec(NEEDS[name]) is not None


def body(inputs: Any) -> Any:
    """Layers with random states of their own."""
    hidden = layers.Dropout(0.2)(layers.Dense(8, activation="relu")(inputs))
    return layers.Dense(1, activation="sigmoid")(hidden)


def dense(**kwargs: Any) -> keras.Model:
    """A classifier of four features."""
    inputs = keras.Input((4,), **kwargs)
    return keras.Model(inputs, body(inputs))


def unbuilt() -> keras.Model:
    """The same, built by its first batch."""
    hidden = [layers.Dense(8, activation="relu"), layers.Dropout(0.2), layers.Dense(1, activation="sigmoid")]
    return keras.Sequential(hidden)


def two_inputs() -> keras.Model:
    """A classifier of two times two features."""
    parts = [keras.Input((2,), name="a"), keras.Input((2,), name="b")]
    return keras.Model(parts, body(layers.Concatenate()(parts)))


def parted(x: np.ndarray) -> dict[str, np.ndarray]:
    """Samples for `two_inputs`."""
    return {"a": x[:, :2], "b": x[:, 2:]}


# Arrays


@form("arrays")
def _() -> Case:
    return Case({"x": X, "y": Y, "batch_size": BATCH}, facts={"data_form": "arrays"})


@form("arrays of float64, columns of labels")
def _() -> Case:
    return Case({"x": X.astype("float64"), "y": Y[:, None], "batch_size": BATCH})


@form("python lists as an array")
def _() -> Case:
    return Case({"x": np.array(X.tolist()), "y": np.array(Y.tolist()), "batch_size": BATCH})


@form("tensors")
def _() -> Case:
    import tensorflow as tf

    return Case({"x": tf.constant(X), "y": tf.constant(Y), "batch_size": BATCH})


@form("keras tensors of labels")
def _() -> Case:
    return Case({"x": X, "y": keras.ops.convert_to_tensor(Y), "batch_size": BATCH})


@form("torch tensors", "torch")
def _() -> Case:
    import torch

    return Case({"x": torch.tensor(X), "y": torch.tensor(Y), "batch_size": BATCH})


@form("jax arrays", "jax")
def _() -> Case:
    import jax.numpy as jnp

    return Case({"x": jnp.asarray(X), "y": jnp.asarray(Y), "batch_size": BATCH})


@form("pandas", "pandas")
def _() -> Case:
    import pandas as pd

    return Case({"x": pd.DataFrame(X, columns=list("abcd")), "y": pd.Series(Y, name="y"), "batch_size": BATCH})


@form("pandas with an index of its own", "pandas")
def _() -> Case:
    import pandas as pd

    frame = pd.DataFrame(X, columns=list("abcd"), index=np.arange(SAMPLES)[::-1] + 7)
    return Case({"x": frame, "y": pd.Series(Y, index=frame.index), "batch_size": BATCH})


@form("pandas, frame of labels", "pandas")
def _() -> Case:
    import pandas as pd

    return Case({"x": pd.DataFrame(X), "y": pd.DataFrame({"y": Y}), "batch_size": BATCH})


@form("scipy sparse", "scipy")
def _() -> Case:
    import scipy.sparse

    given = {"x": scipy.sparse.csr_matrix(X), "y": Y, "batch_size": BATCH}
    return Case(given, lambda: dense(sparse=True), facts={"distinct_input_count": SAMPLES})


@form("list of arrays")
def _() -> Case:
    return Case({"x": list(parted(X).values()), "y": Y, "batch_size": BATCH}, two_inputs)


@form("dict of arrays")
def _() -> Case:
    return Case({"x": parted(X), "y": Y, "batch_size": BATCH}, two_inputs)


@form("dict of columns", "pandas")
def _() -> Case:
    import pandas as pd

    frame = pd.DataFrame(X, columns=list("abcd"))

    def model() -> keras.Model:
        parts = [keras.Input((1,), name=name) for name in "abcd"]
        return keras.Model(parts, body(layers.Concatenate()(parts)))

    return Case({"x": {name: frame[[name]] for name in frame}, "y": Y, "batch_size": BATCH}, model)


@form("x alone")
def _() -> Case:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers.Dense(4)

        def call(self, x: Any) -> Any:
            difference = keras.ops.cast(self.inner(x) - x, "float32")
            self.add_loss(keras.ops.mean(difference * difference))
            return difference

    compiled = {"loss": None, "metrics": None}
    return Case({"x": X, "batch_size": BATCH}, Own, compiled, first_epoch=1, is_labelled=False, finding=None)


@form("validation_split")
def _() -> Case:
    given = {"x": X_ALL, "y": Y_ALL, "batch_size": BATCH, "validation_split": HELD_OUT / len(X_ALL)}
    return Case(given, validation=HELD_OUT)


@form("validation_split of pandas and sample_weight", "pandas")
def _() -> Case:
    import pandas as pd

    given = {"x": pd.DataFrame(X_ALL), "y": pd.Series(Y_ALL), "batch_size": BATCH, "validation_split": 0.2}
    return Case(given | {"sample_weight": np.linspace(0.5, 1.5, len(X_ALL))}, validation=HELD_OUT)


@form("validation arrays, weights, classes, every second epoch")
def _() -> Case:
    held_out = (X_VAL, Y_VAL, np.ones(HELD_OUT))
    given = {"x": X, "y": Y, "batch_size": BATCH, "validation_data": held_out, "validation_freq": 2}
    return Case(given | {"class_weight": {0: 1.0, 1: 2.0}, "validation_batch_size": 8}, validation=HELD_OUT)


@form("sample_weight and initial_epoch")
def _() -> Case:
    given = {"x": X, "y": Y, "batch_size": BATCH, "sample_weight": np.linspace(0.5, 1.5, SAMPLES), "initial_epoch": 1}
    return Case(given | {"epochs": EPOCHS + 1})


@form("steps_per_epoch and validation_steps")
def _() -> Case:
    given = {"x": X, "y": Y, "batch_size": BATCH, "steps_per_epoch": 5, "validation_data": (X_VAL, Y_VAL)}
    return Case(given | {"validation_steps": 2, "validation_batch_size": 8}, validation=HELD_OUT)


@form("not shuffled")
def _() -> Case:
    return Case({"x": X, "y": Y, "batch_size": BATCH, "shuffle": False})


@form("shuffled within batches")
def _() -> Case:
    return Case({"x": X, "y": Y, "batch_size": BATCH, "shuffle": "batch"})


@form("several steps at once")
def _() -> Case:
    return Case({"x": X, "y": Y, "batch_size": BATCH}, compiled={"steps_per_execution": 5})


@form("run eagerly")
def _() -> Case:
    return Case({"x": X, "y": Y, "batch_size": BATCH}, compiled={"run_eagerly": True})


@form("jit_compile")
def _() -> Case:
    return Case({"x": X, "y": Y, "batch_size": BATCH}, compiled={"jit_compile": True})


@form("a model without an input")
def _() -> Case:
    return Case({"x": X, "y": Y, "batch_size": BATCH}, unbuilt, first_epoch=1)


# tf.data


def pipeline(x: Any = X, y: Any = Y) -> Any:
    """A Dataset of single samples."""
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((x, y))


def fed(dataset: Any, facts: dict[str, Any] | None = None, **kwargs: Any) -> Case:
    """A case whose batches were noted: all that an epoch consumes."""
    others = {name: kwargs.pop(name) for name in list(kwargs) if name not in Case.__dataclass_fields__}
    form_of = {"data_form": "dataset"} if hasattr(dataset, "element_spec") else {}
    return Case({"x": dataset, **others}, facts=form_of | (facts or {}), **kwargs)


@form("dataset")
def _() -> Case:
    return fed(pipeline().batch(BATCH), {"observed_batch_count": 10, "observed_distinct_batch_count": 10})


@form("dataset, shuffled and prefetched")
def _() -> Case:
    import tensorflow as tf

    return fed(pipeline().shuffle(SAMPLES).batch(BATCH).prefetch(tf.data.AUTOTUNE))


@form("dataset, shuffled with a seed, not each epoch")
def _() -> Case:
    return fed(pipeline().shuffle(SAMPLES, seed=3, reshuffle_each_iteration=False).batch(BATCH))


@form("dataset, endless")
def _() -> Case:
    return fed(pipeline().shuffle(SAMPLES).repeat().batch(BATCH), steps_per_epoch=10, samples=SAMPLES)


@form("dataset, cached")
def _() -> Case:
    return fed(pipeline().cache().shuffle(SAMPLES).batch(BATCH))


@form("dataset, cached behind its shuffle")
def _() -> Case:
    return fed(pipeline().shuffle(SAMPLES).cache().batch(BATCH))


@form("dataset, zip of two shuffled ones")
def _() -> Case:
    import tensorflow as tf

    x, y = (tf.data.Dataset.from_tensor_slices(part).shuffle(SAMPLES) for part in (X, Y))
    return fed(tf.data.Dataset.zip((x, y)).batch(BATCH), finding="fit_data_differs")


@form("dataset, take and skip")
def _() -> Case:
    shuffled = pipeline(X_ALL, Y_ALL).shuffle(len(X_ALL), reshuffle_each_iteration=False)
    training, held_out = shuffled.take(SAMPLES).batch(BATCH), shuffled.skip(SAMPLES).batch(BATCH)
    return fed(training, {"validation_overlap_fraction": 0.0}, validation_data=held_out, validation=HELD_OUT)


@form("dataset, interleaved")
def _() -> Case:
    import tensorflow as tf

    def part(index: Any) -> Any:
        return tf.data.Dataset.from_tensor_slices((X, Y)).shard(4, index)

    return fed(tf.data.Dataset.range(4).interleave(part, num_parallel_calls=2, deterministic=True).batch(BATCH))


@form("dataset, augmented")
def _() -> Case:
    import tensorflow as tf

    def noisy(x: Any, y: Any) -> Any:
        return x + tf.random.normal(tf.shape(x)), y

    return fed(pipeline().map(noisy).shuffle(SAMPLES).batch(BATCH))


@form("dataset, augmented in parallel")
def _() -> Case:
    import tensorflow as tf

    def scaled(x: Any, y: Any) -> Any:
        return 2 * x, y

    return fed(pipeline().map(scaled, num_parallel_calls=tf.data.AUTOTUNE).batch(BATCH))


@form("dataset, dict")
def _() -> Case:
    return fed(pipeline(parted(X)).batch(BATCH), model=two_inputs)


@form("dataset, nested tuple")
def _() -> Case:
    return fed(pipeline(tuple(parted(X).values())).batch(BATCH), model=two_inputs)


@form("dataset, nested dict")
def _() -> Case:
    def model() -> keras.Model:
        parts = {"one": keras.Input((2,), name="a"), "two": (keras.Input((1,)), keras.Input((1,)))}
        return keras.Model(parts, body(layers.Concatenate()([parts["one"], *parts["two"]])))

    return fed(pipeline({"one": X[:, :2], "two": (X[:, 2:3], X[:, 3:])}).batch(BATCH), model=model)


@form("dataset, zip of shuffled ones behind a generator of random numbers")
def _() -> Case:
    import tensorflow as tf

    rng = tf.random.Generator.from_seed(1)
    x = tf.data.Dataset.from_tensor_slices(X).shuffle(SAMPLES, seed=1).map(lambda part: part + rng.normal((4,)))
    y = tf.data.Dataset.from_tensor_slices(Y).shuffle(SAMPLES, seed=1)
    return fed(tf.data.Dataset.zip((x, y)).batch(BATCH), also=lambda: rng.state.numpy().tolist())


@form("dataset with class_weight")
def _() -> Case:
    return fed(pipeline().batch(BATCH), class_weight={0: 1.0, 1: 2.0})


@form("dataset with sample weights")
def _() -> Case:
    import tensorflow as tf

    weights = np.linspace(0.5, 1.5, SAMPLES)
    return fed(tf.data.Dataset.from_tensor_slices((X, Y, weights)).batch(BATCH))


@form("dataset, one label a row")
def _() -> Case:
    return fed(pipeline(X, Y[:, None].astype("float32")).batch(BATCH, drop_remainder=True))


@form("dataset and validation dataset")
def _() -> Case:
    return fed(
        pipeline().batch(BATCH), validation_data=pipeline(X_VAL, Y_VAL).batch(8), validation=24, validation_steps=3
    )


@form("dataset and validation arrays")
def _() -> Case:
    return fed(pipeline().batch(BATCH), validation_data=(X_VAL, Y_VAL), validation=HELD_OUT)


@form("arrays and validation dataset")
def _() -> Case:
    held_out = pipeline(X_VAL, Y_VAL).batch(8)
    return Case({"x": X, "y": Y, "batch_size": BATCH, "validation_data": held_out}, validation=HELD_OUT)


@form("dataset, several steps at once")
def _() -> Case:
    return fed(pipeline().shuffle(SAMPLES).batch(BATCH), compiled={"steps_per_execution": 5})


@form("dataset, run eagerly")
def _() -> Case:
    return fed(pipeline().shuffle(SAMPLES).batch(BATCH), compiled={"run_eagerly": True})


@form("dataset, jit_compile")
def _() -> Case:
    return fed(pipeline().batch(BATCH, drop_remainder=True), compiled={"jit_compile": True})


@form("dataset, a model without an input")
def _() -> Case:
    return fed(pipeline().shuffle(SAMPLES).batch(BATCH), model=unbuilt, first_epoch=1)


@form("dataset with py_function")
def _() -> Case:
    import tensorflow as tf

    rng = np.random.default_rng(5)

    def noisy(x: Any, y: Any) -> Any:
        return (x + rng.normal(size=x.shape)).astype("float32"), y

    def read(x: Any, y: Any) -> Any:
        a, b = tf.numpy_function(noisy, [x, y], (tf.float32, tf.int64))
        return tf.ensure_shape(a, (4,)), tf.ensure_shape(b, ())

    return fed(pipeline().map(read).batch(BATCH), also=lambda: rng.bit_generator.state)


@form("dataset of a generator that draws")
def _() -> Case:
    import tensorflow as tf

    def samples() -> Any:
        for index in np.random.permutation(SAMPLES):
            yield X[index] + np.random.normal(size=4).astype("float32"), Y[index]

    spec = (tf.TensorSpec((4,), tf.float32), tf.TensorSpec((), tf.int64))
    return fed(tf.data.Dataset.from_generator(samples, output_signature=spec).batch(BATCH))


@form("dataset of a generator with a cursor of its own")
def _() -> Case:
    import tensorflow as tf

    at = [0]

    def batches() -> Any:
        while True:
            rows = np.arange(at[0], at[0] + BATCH) % SAMPLES
            at[0] += BATCH
            yield X[rows], Y[rows]

    spec = (tf.TensorSpec((None, 4), tf.float32), tf.TensorSpec((None,), tf.int64))
    dataset = tf.data.Dataset.from_generator(batches, output_signature=spec)
    return fed(dataset, steps_per_epoch=10)


IDS = [np.random.default_rng(i).integers(1 + 10 * int(Y[i]), 10 + 10 * int(Y[i]), 3 + i % 5) for i in range(SAMPLES)]


def of_ids(**kwargs: Any) -> keras.Model:
    """A classifier of ids."""
    inputs = keras.Input((None,), dtype="int32", **kwargs)
    return keras.Model(inputs, body(layers.GlobalAveragePooling1D()(layers.Embedding(20, 4, mask_zero=True)(inputs))))


def ragged() -> Any:
    """Ids of each sample, of different numbers."""
    import tensorflow as tf

    return tf.ragged.constant([ids.tolist() for ids in IDS], dtype=tf.int32)


def of_ragged() -> keras.Model:
    """A classifier of ids, of different numbers."""
    inputs = keras.Input((None,), dtype="int32", ragged=True)
    return keras.Model(inputs, body(layers.Dense(4)(keras.ops.mean(layers.Embedding(20, 4)(inputs), axis=1))))


@form("dataset, ragged")
def _() -> Case:
    return fed(pipeline(ragged(), Y).batch(BATCH), model=of_ragged, finding=None)


@form("dataset, padded")
def _() -> Case:
    import tensorflow as tf

    def samples() -> Any:
        yield from zip(IDS, Y, strict=True)

    spec = (tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int64))
    dataset = tf.data.Dataset.from_generator(samples, output_signature=spec).padded_batch(BATCH)
    return fed(dataset, model=of_ids, finding=None)


@form("dataset, sparse")
def _() -> Case:
    import tensorflow as tf

    return fed(pipeline(tf.sparse.from_dense(X)).batch(BATCH), model=lambda: dense(sparse=True))


WORDS = np.array([" ".join("abcdefghijklmnopqrst"[i] * 3 for i in ids) for ids in IDS], dtype=object)


def of_words() -> keras.Model:
    """A classifier of strings."""
    vectorize = layers.TextVectorization(max_tokens=30, output_sequence_length=8)
    vectorize.adapt(WORDS.tolist())
    inputs = keras.Input((), dtype="string")
    return keras.Model(inputs, body(layers.GlobalAveragePooling1D()(layers.Embedding(30, 4)(vectorize(inputs)))))


@form("ragged tensor")
def _() -> Case:
    return Case({"x": ragged(), "y": Y, "batch_size": BATCH}, of_ragged, finding=None)


@form("strings")
def _() -> Case:
    import tensorflow as tf

    return Case({"x": tf.constant(WORDS.tolist()), "y": Y, "batch_size": BATCH}, of_words, finding=None)


@form("dataset of strings")
def _() -> Case:
    return fed(pipeline(WORDS.tolist(), Y).batch(BATCH), model=of_words, finding=None)


# Python


class Sequence(keras.utils.PyDataset):
    """Batches by their index."""

    def __init__(self, x: np.ndarray = X, y: np.ndarray = Y, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.x, self.y = x, y

    def __len__(self) -> int:
        return -(-len(self.x) // BATCH)

    def __getitem__(self, index: int) -> Any:
        rows = slice(index * BATCH, (index + 1) * BATCH)
        return self.x[rows], self.y[rows]


class Drawing(Sequence):
    """Batches with noise of its own, in another order each epoch."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rng = np.random.default_rng(3)
        self.order = np.arange(SAMPLES)

    def on_epoch_end(self) -> None:
        self.rng.shuffle(self.order)

    def __getitem__(self, index: int) -> Any:
        rows = self.order[index * BATCH : (index + 1) * BATCH]
        return self.x[rows] + self.rng.normal(size=(len(rows), 4)).astype("float32"), self.y[rows]


class Endless(Sequence):
    """Batches without an end."""

    num_batches = None

    def __getitem__(self, index: int) -> Any:
        return super().__getitem__(index % len(self))


@form("PyDataset")
def _() -> Case:
    return fed(Sequence(), {"data_form": "py_dataset", "observed_batch_count": 10})


@form("PyDataset, not shuffled, with class_weight")
def _() -> Case:
    return fed(Sequence(), shuffle=False, class_weight={0: 1.0, 1: 2.0})


@form("PyDataset that draws")
def _() -> Case:
    data = Drawing()
    return fed(data, also=lambda: (data.rng.bit_generator.state, data.order.tolist()))


@form("PyDataset, endless")
def _() -> Case:
    return fed(Endless(), steps_per_epoch=10)


@form("PyDataset of two threads")
def _() -> Case:
    return fed(Sequence(workers=2), validation_data=Sequence(X_VAL, Y_VAL, workers=2), validation=HELD_OUT)


@form("PyDataset of two processes")
def _() -> Case:
    return fed(Sequence(workers=2, use_multiprocessing=True))


@form("generator")
def _() -> Case:
    def batches() -> Any:
        while True:
            for first in range(0, SAMPLES, BATCH):
                yield X[first : first + BATCH], Y[first : first + BATCH]

    return fed(batches(), {"data_form": "generator"}, steps_per_epoch=10)


@form("generator that draws")
def _() -> Case:
    def batches() -> Any:
        while True:
            rows = np.random.randint(0, SAMPLES, BATCH)
            yield X[rows], Y[rows]

    return fed(batches(), steps_per_epoch=10, is_read_ahead=True)


@form("generator and validation generator")
def _() -> Case:
    def batches(x: Any, y: Any) -> Any:
        while True:
            for first in range(0, len(x), 8):
                yield x[first : first + 8], y[first : first + 8]

    # Always the same batch: TensorFlow takes more or fewer ahead at each validation, as time has it.
    held_out = batches(X_VAL[:8], Y_VAL[:8])
    given = {"steps_per_epoch": 20, "validation_data": held_out, "validation_steps": 5}
    return fed(batches(X, Y), validation=HELD_OUT, batch_size=8, **given)


@form("generator that repeats its first batch")
def _() -> Case:
    def batches() -> Any:
        while True:
            yield X[:BATCH], Y[:BATCH]

    facts = {"observed_batch_count": 10, "observed_distinct_batch_count": 1}
    return fed(batches(), facts, steps_per_epoch=10, finding=None)


@form("generator of parts that are None")
def _() -> Case:
    def batches() -> Any:
        while True:
            for first in range(0, SAMPLES, BATCH):
                yield X[first : first + BATCH], Y[first : first + BATCH], None

    return fed(batches(), steps_per_epoch=10)


@form("generator of a dict")
def _() -> Case:
    def batches() -> Any:
        while True:
            for first in range(0, SAMPLES, BATCH):
                yield parted(X[first : first + BATCH]), Y[first : first + BATCH]

    return fed(batches(), steps_per_epoch=10, model=two_inputs)


@form("ImageDataGenerator", "scipy")
def _() -> Case:
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    images = np.broadcast_to(300 + X[:, :1, None, None], (SAMPLES, 6, 6, 1)).copy()

    def model() -> keras.Model:
        inputs = keras.Input((6, 6, 1))
        return keras.Model(inputs, body(layers.Flatten()(inputs)))

    flow = ImageDataGenerator(horizontal_flip=True, width_shift_range=1).flow(images, Y, BATCH, seed=1)
    return fed(flow, model=model)


@form("torch DataLoader", "torch")
def _() -> Case:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(torch.tensor(X), torch.tensor(Y)), BATCH, shuffle=True)
    return fed(loader, {"data_form": "data_loader"}, also=lambda: torch.get_rng_state().tolist())
