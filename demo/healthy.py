"""Programs that are healthy on purpose: each has something that looks like a fault, and learns all the same.

A program is a function that changes a setup. Each is measured: one that does not reach nine tenths of what its setup
reaches as it is, or of its own reference where its samples are others, is no healthy program and is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from demo.faults.inverted_score import contrastive
from demo.faults.loss_weights import amounts
from demo.setups import Setup, tensorflow

Change = Callable[[Setup], Setup]
TENTHS = 0.9
"""Share of the reference that a healthy program reaches, in skill."""


@dataclass(frozen=True)
class Program:
    """A healthy program.

    Args:
        change: Makes it from a setup.
        setups: Names of the setups that it is tried on.
        reference: Skill to compare with instead of the setup's own, where the samples are others.
    """

    change: Change
    setups: tuple[str, ...]
    reference: float | None = None


PROGRAMS: dict[str, Program] = {}


def on(*setups: str, reference: float | None = None) -> Callable[[Change], Change]:
    """Enters a program under the name of its function."""

    def enter(change: Change) -> Change:
        PROGRAMS[change.__name__] = Program(change, setups, reference)
        return change

    return enter


def more_layers(setup: Setup, change: Callable[[list[Any], Setup], list[Any]]) -> Setup:
    """The setup with `change(hidden layers, setup)` for hidden layers."""
    return replace(setup, hidden=lambda changed: change(setup.hidden(changed), changed))


@on("tabular_binary", "digits_dense", "multi_label", "tokens_conv")
def dropout_half(setup: Setup) -> Setup:
    """Half of the units are dropped before the output."""

    def change(layers: list[Any], _: Setup) -> list[Any]:
        import keras

        return [*layers, keras.layers.Dropout(0.5)]

    return replace(more_layers(setup, change), epochs=setup.epochs + 4)


@on("digits_cnn", "tabular_classes", "shapes_conv")
def second_output(setup: Setup) -> Setup:
    """A second output beside the first, on standardized targets."""
    return replace(setup, second=amounts(setup))


@on("digits_cnn", "regression", "tabular_classes")
def batch_normalization(setup: Setup) -> Setup:
    """BatchNormalization before the output."""

    def change(layers: list[Any], _: Setup) -> list[Any]:
        import keras

        return [*layers, keras.layers.BatchNormalization()]

    return more_layers(setup, change)


@on("digits_dense", "tabular_classes")
def frozen_random_base(setup: Setup) -> Setup:
    """A wide frozen layer with random weights; the head learns what it needs from it."""

    def change(_: list[Any], changed: Setup) -> list[Any]:
        import keras

        return [keras.layers.Dense(300, activation="relu", kernel_initializer="he_normal", trainable=False)]

    return replace(more_layers(setup, change), optimizer="adam", learning_rate=3e-3)


@on("digits_cnn", "images_conv")
def frozen_trained_base(setup: Setup) -> Setup:
    """Transfer learning: a base that was trained on half of the samples is frozen, and a new head is trained on all."""
    import keras

    keras.utils.set_random_seed(100)
    trained = setup.model()
    half = len(setup.x) // 2
    trained.fit(setup.x[:half], setup.y[:half], epochs=2 * setup.epochs, verbose=0)
    weights = [w.numpy() for layer in trained.layers[:-1] for w in layer.weights]

    def hidden(changed: Setup) -> list[Any]:
        base = keras.Sequential([keras.Input(changed.x.shape[1:]), *setup.hidden(changed)], name="base")
        base.set_weights(weights)
        base.trainable = False
        return [base, keras.layers.Dense(32, activation="relu")]

    return replace(setup, hidden=hidden, learning_rate=5e-3)


@on("tabular_binary", "digits_cnn", "images_conv", "tokens_conv")
def imbalanced_but_learned(setup: Setup) -> Setup:
    """The commonest class has five times as many training samples as the rarest; all are learned."""
    counts = np.bincount(setup.y)
    wanted = counts.max() / 5 ** np.linspace(0, 1, len(counts))
    place = np.zeros(len(setup.y), int)  # of a sample among those of its class
    for label in range(len(counts)):
        place[setup.y == label] = np.arange(counts[label])
    samples = np.flatnonzero(place < wanted[setup.y])
    return replace(setup, x=setup.x[samples], y=setup.y[samples], epochs=2 * setup.epochs)


@on("digits_cnn", "threshold_logits", "signals_conv")
def label_noise_with_a_ceiling(setup: Setup) -> Setup:
    """A tenth of the training labels is wrong: accuracy ends near 0.9 there, and is good on clean samples."""
    rng = np.random.default_rng(7)
    count = int(setup.y.max()) + 1
    wrong = rng.random(len(setup.y)) < 0.1
    y = np.where(wrong, (setup.y + rng.integers(1, count, len(setup.y))) % count, setup.y)
    return replace(setup, y=y)


@on("digits_cnn", "tokens_conv", "signals_conv")
def two_epochs(setup: Setup) -> Setup:
    """Two epochs, which are enough at this rate."""
    return replace(setup, epochs=2, learning_rate=5e-3, batch_size=8)


@on("tabular_binary", "signals_conv")
def small_data(setup: Setup) -> Setup:
    """Some hundred samples, which are enough here."""
    return replace(setup, x=setup.x[:120], y=setup.y[:120], epochs=30, batch_size=8)


@on("digits_cnn", "tabular_classes", "tokens_lstm")
def logits(setup: Setup) -> Setup:
    """A head without activation and a loss that knows it."""
    import keras

    loss = keras.losses.BinaryCrossentropy if setup.units == 1 else keras.losses.SparseCategoricalCrossentropy
    # A threshold of 0.5 on logits is a slightly different accuracy, and no fault that anyone would notice.
    return replace(setup, activation=None, loss=loss(from_logits=True))


@on("multi_label")
def multi_label_deep(setup: Setup) -> Setup:
    """Several labels a sample with two hidden layers and label counts as accuracy."""

    def change(layers: list[Any], changed: Setup) -> list[Any]:
        import keras

        return [*layers, keras.layers.Dense(32, activation=changed.hidden_activation)]

    return replace(more_layers(setup, change), learning_rate=2e-3)


@on("regression")
def absolute_error(setup: Setup) -> Setup:
    """A regression with the mean absolute error."""
    return replace(setup, loss="mean_absolute_error", metrics=("mse",))


@on("regression")
def huber(setup: Setup) -> Setup:
    """A regression with Huber's loss and no metric."""
    return replace(setup, loss="huber", metrics=())


@on("digits_cnn", "images_conv", "digits_dense")
def bytes_as_they_are(setup: Setup) -> Setup:
    """Inputs from 0 to 255 that this net learns from anyway."""
    return replace(setup, x=setup.x * 255, validation=(setup.validation[0] * 255, setup.validation[1]))


@on("digits_dense", "threshold_logits", "regression")
def warm_up(setup: Setup) -> Setup:
    """The rate rises from 0 over the first two epochs and falls again."""
    import keras

    steps = len(setup.x) // setup.batch_size
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, setup.epochs * steps, alpha=0.05, warmup_target=2 * setup.learning_rate, warmup_steps=2 * steps
    )
    return replace(setup, optimizer_options={"learning_rate": schedule})


@on("digits_cnn", "tokens_conv", "tabular_classes")
def cosine_decay(setup: Setup) -> Setup:
    """The rate falls to 0 along a cosine."""
    import keras

    steps = setup.epochs * -(-len(setup.x) // setup.batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(2 * setup.learning_rate, steps)
    return replace(setup, optimizer_options={"learning_rate": schedule})


@on("tabular_binary", "digits_dense", "tabular_classes")
def converged_for_long(setup: Setup) -> Setup:
    """Five times as many epochs as are needed."""
    return replace(setup, epochs=5 * setup.epochs)


@on("digits_dense", reference=0.78)
def autoencoder(setup: Setup) -> Setup:
    """Digits through a bottleneck of 12 units; a principal component analysis with 12 reaches 0.78."""

    def change(_: list[Any], changed: Setup) -> list[Any]:
        import keras

        dense = keras.layers.Dense
        return [dense(48, activation="relu"), dense(12, name="bottleneck"), dense(48, activation="relu")]

    x = setup.validation[0]
    return replace(
        more_layers(setup, change),
        y=setup.x,
        validation=(x, x),
        units=setup.x.shape[1],
        activation="sigmoid",
        loss="mean_squared_error",
        metrics=(),
        optimizer="adam",
        learning_rate=3e-3,
        epochs=20,
    )


@on("images_conv", "digits_cnn")
def light_augmentation(setup: Setup) -> Setup:
    """Images shifted by up to a twentieth and a little noisy, in training only."""

    def change(layers: list[Any], _: Setup) -> list[Any]:
        import keras

        return [keras.layers.RandomTranslation(0.05, 0.05), keras.layers.GaussianNoise(0.05), *layers]

    return more_layers(setup, change)


@on("tokens_lstm", "regression", "digits_dense")
def clipped_gradients(setup: Setup) -> Setup:
    """Gradients are clipped to norm 1."""
    return replace(setup, optimizer_options={"clipnorm": 1.0})


@on("digits_cnn", "regression", "tabular_binary", "threshold_logits")
def tanh_net(setup: Setup) -> Setup:
    """tanh in the hidden layers."""
    return replace(setup, hidden_activation="tanh")


@on("tabular_binary", "multi_label", "signals_conv")
def early_stopping(setup: Setup) -> Setup:
    """Many epochs are planned, and training ends when the validation loss no longer falls."""

    def stop() -> Any:
        import keras

        return keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)

    return replace(setup, epochs=40, callbacks=(stop,))


@on("digits_dense", "regression")
def reduced_on_plateau(setup: Setup) -> Setup:
    """The rate is divided by 5 whenever the validation loss stands."""

    def reduce() -> Any:
        import keras

        return keras.callbacks.ReduceLROnPlateau(factor=0.2, patience=2)

    return replace(setup, epochs=setup.epochs + 8, callbacks=(reduce,))


@on("tabular_binary", "digits_dense")
def logistic_regression(setup: Setup) -> Setup:
    """No hidden layer, on purpose: these classes can be told by a plane."""
    return replace(setup, hidden=lambda changed: [], optimizer="adam", learning_rate=1e-2)


@on("digits_dense")
def squared_error_on_classes(setup: Setup) -> Setup:
    """The mean squared error on one-hot labels, which learns here."""
    return replace(setup, loss="mean_squared_error", optimizer="adam", learning_rate=3e-3)


@on("digits_cnn", "images_conv")
def more_units_than_classes(setup: Setup) -> Setup:
    """Two output units that no label ever asks for."""
    return replace(setup, units=setup.units + 2)


@on("digits_cnn", "signals_conv", "tokens_lstm")
def sorted_rows_shuffled_by_fit(setup: Setup) -> Setup:
    """Samples sorted by label; fit shuffles them."""
    samples = np.argsort(setup.y, kind="stable")
    return replace(setup, x=setup.x[samples], y=setup.y[samples])


@on("tabular_binary", "threshold_logits")
def padded_with_constants(setup: Setup) -> Setup:
    """Four more columns that are 0 in every row."""

    def padded(x: np.ndarray) -> np.ndarray:
        return np.hstack([x, np.zeros((len(x), 4), x.dtype)])

    return replace(setup, x=padded(setup.x), validation=(padded(setup.validation[0]), setup.validation[1]))


@on("threshold_logits", "tokens_lstm")
def oversampled(setup: Setup) -> Setup:
    """One class has a fifth of its samples left, each of them given five times."""
    rare, others = np.flatnonzero(setup.y == 1), np.flatnonzero(setup.y == 0)
    samples = np.concatenate([others, np.repeat(rare[: len(rare) // 3], 3)])
    samples = np.random.default_rng(0).permutation(samples)
    return replace(setup, x=setup.x[samples], y=setup.y[samples])


@on("digits_cnn", "tabular_classes", "regression")
def small_batches(setup: Setup) -> Setup:
    """Four samples a step with a smaller rate."""
    few = len(setup.x) > 500
    return replace(setup, batch_size=4, learning_rate=setup.learning_rate / 4, epochs=setup.epochs // 2 if few else 12)


@on("digits_cnn", "multi_label", "signals_conv")
def large_batches(setup: Setup) -> Setup:
    """128 samples a step with a larger rate."""
    return replace(setup, batch_size=128, learning_rate=3 * setup.learning_rate, epochs=2 * setup.epochs)


@on("digits_dense", "tabular_binary", "images_conv")
def weight_decay(setup: Setup) -> Setup:
    """AdamW with its usual decay."""
    return replace(setup, optimizer="adamw", learning_rate=3e-3, optimizer_options={"weight_decay": 4e-3})


@on("digits_dense", "tabular_classes", "threshold_logits")
def momentum(setup: Setup) -> Setup:
    """SGD with Nesterov's momentum."""
    return replace(setup, optimizer="sgd", learning_rate=0.03, optimizer_options={"momentum": 0.9, "nesterov": True})


@dataclass(frozen=True)
class _FromDataset(Setup):
    """A setup whose samples come as a `tf.data.Dataset`."""

    def train(self, logdir: str, seed: int = 0, verbose: int = 0, callbacks: tuple[Any, ...] = ()) -> Any:
        import keras

        import tb_diagnose

        tf = tensorflow()
        keras.utils.set_random_seed(seed)
        samples = tf.data.Dataset.from_tensor_slices((self.x, self.y)).shuffle(len(self.x)).batch(self.batch_size)
        validation = tf.data.Dataset.from_tensor_slices(self.validation).batch(self.batch_size)
        callback = tb_diagnose.KerasCallback(logdir, samples, validation, verbose=0)
        return self.model().fit(
            samples,
            validation_data=validation,
            epochs=self.epochs,
            verbose=verbose,
            callbacks=[callback, *(make() for make in self.callbacks), *callbacks],
        )


@dataclass(frozen=True)
class _OwnLoop(Setup):
    """A setup that is trained in a custom loop, without `fit`."""

    def train(self, logdir: str, seed: int = 0, verbose: int = 0, callbacks: tuple[Any, ...] = ()) -> Any:
        import keras

        import tb_diagnose

        keras.utils.set_random_seed(seed)
        model = self.model()
        rng = np.random.default_rng(seed)
        history: dict[str, list[float]] = {}
        tb_diagnose.log(model, (self.x, self.y), logdir, validation_data=self.validation)
        for _ in range(self.epochs):
            samples = rng.permutation(len(self.x))
            for start in range(0, len(samples), self.batch_size):
                taken = samples[start : start + self.batch_size]
                model.train_on_batch(self.x[taken], self.y[taken])
            tb_diagnose.log(model, (self.x, self.y), logdir, validation_data=self.validation)
            for prefix, (x, y) in (("", (self.x, self.y)), ("val_", self.validation)):
                for name, value in model.evaluate(x, y, verbose=verbose, return_dict=True).items():
                    history.setdefault(prefix + name, []).append(value)
        return SimpleNamespace(history=history, model=model)


def _as(kind: type[Setup], setup: Setup) -> Setup:
    return kind(**vars(setup))


@on("digits_cnn", "regression", "tokens_conv")
def from_dataset(setup: Setup) -> Setup:
    """The samples come as a shuffled `tf.data.Dataset`."""
    return _as(_FromDataset, setup)


@on("digits_dense", "threshold_logits", "signals_conv")
def own_loop(setup: Setup) -> Setup:
    """A custom training loop with `train_on_batch` and `tb_diagnose.log`."""
    return _as(_OwnLoop, setup)


def _padded(setup: Setup, before: int, behind: int) -> Setup:
    """The setup with the id 0, which is no word, this often at both ends of its sequences."""

    def padded(x: np.ndarray) -> np.ndarray:
        return np.pad(x, ((0, 0), (before, behind)))

    return replace(setup, x=padded(setup.x), validation=(padded(setup.validation[0]), setup.validation[1]))


@on("tokens_lstm")
def padded_and_masked(setup: Setup) -> Setup:
    """Sequences filled up behind their words, and a mask."""

    def change(layers: list[Any], _: Setup) -> list[Any]:
        embedding = layers[0]
        return [type(embedding).from_config({**embedding.get_config(), "mask_zero": True}), *layers[1:]]

    return more_layers(_padded(setup, 0, 40), change)


@on("tokens_lstm")
def padded_in_front(setup: Setup) -> Setup:
    """Sequences filled up in front of their words, which an LSTM without a mask learns from."""
    return _padded(setup, 40, 0)


def below_a_half(y: Any, distance: Any) -> Any:
    """Accuracy of a distance: class 1 is where it is small."""
    from keras import ops

    right = ops.equal(ops.cast(ops.reshape(y, (-1,)), "float32") > 0.5, ops.reshape(distance, (-1,)) < 0.5)
    return ops.mean(ops.cast(right, "float32"))


@on("tabular_binary", "tokens_lstm")
def distance_read_rightly(setup: Setup) -> Setup:
    """A distance as output, and an accuracy that knows it."""
    import keras

    metric = keras.metrics.MeanMetricWrapper(below_a_half, name="accuracy")
    return replace(setup, activation="softplus", loss=contrastive, metrics=(metric,))
