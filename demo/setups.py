"""Setups that learn: data, network and training settings, as a frozen value that a fault changes in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


class NotApplicable(Exception):  # noqa: N818 - no error, but an answer
    """A fault makes no sense on a setup (one-hot labels cannot be renumbered, say), or a run not on this backend."""


def tensorflow() -> Any:
    """The module, for what is made of it; `NotApplicable` where it is not installed."""
    try:
        import tensorflow
    except ImportError:
        raise NotApplicable("It is made of a tf.data.Dataset, and TensorFlow is not installed.") from None
    return tensorflow


@dataclass(frozen=True)
class Second:
    """A second output on the same hidden layers, beside the setup's own.

    Args:
        targets: Its continuous targets, shape `(samples,)`.
        validation: Those of the validation samples.
        weight: Weight of its loss.
    """

    targets: np.ndarray
    validation: np.ndarray
    weight: float = 1.0


OUTPUTS = ("main", "second")
"""Names of the two outputs of a setup with a second one."""


@dataclass(frozen=True)
class Setup:
    """Everything that a run depends on.

    Args:
        name: Name of the setup.
        x: Training inputs, shape `(samples, ...)`.
        y: Training labels.
        validation: `(x, y)` of the validation samples.
        hidden: Makes the hidden layers from this setup.
        units: Units of the output layer.
        activation: Activation of the output layer, None for logits or a regression.
        loss: As for `compile`.
        optimizer: Name of a Keras optimizer.
        learning_rate: Its rate.
        metrics: As for `compile`.
        epochs: Epochs.
        batch_size: Samples a step.
        hidden_activation: Activation that `hidden` uses.
        initializer: Kernel initializer that `hidden` uses.
        shuffle: Whether `fit` shuffles the samples.
        optimizer_options: More settings of the optimizer; a `learning_rate` here, such as a schedule, is used instead.
        callbacks: Make the callbacks of `fit`, anew for each run.
        feed: Makes what `fit` is fed with in place of the arrays, and the number of steps an epoch.
        second: A second output, or None.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    validation: tuple[np.ndarray, np.ndarray]
    hidden: Callable[[Setup], list[Any]]
    units: int
    activation: str | None
    loss: Any
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    metrics: tuple[Any, ...] = ("accuracy",)
    epochs: int = 12
    batch_size: int = 32
    hidden_activation: str = "relu"
    initializer: Any = "glorot_uniform"
    shuffle: bool = True
    optimizer_options: Mapping[str, Any] = field(default_factory=dict)
    callbacks: tuple[Callable[[], Any], ...] = ()
    feed: Callable[[Setup], tuple[Any, int]] | None = None
    second: Second | None = None

    def model(self) -> Any:
        """The compiled model."""
        import keras

        optimizer = keras.optimizers.get(
            {"class_name": self.optimizer, "config": {"learning_rate": self.learning_rate, **self.optimizer_options}}
        )
        metrics = [m if isinstance(m, str) else keras.metrics.get(m) for m in self.metrics]
        if self.second is not None:
            return self._model_of_two(optimizer, metrics)
        model = keras.Sequential(
            [
                keras.Input(self.x.shape[1:]),
                *self.hidden(self),
                keras.layers.Dense(self.units, activation=self.activation),
            ]
        )
        model.compile(optimizer=optimizer, loss=self.loss, metrics=metrics)
        return model

    def _model_of_two(self, optimizer: Any, metrics: list[Any]) -> Any:
        """The compiled model with the second output beside the first."""
        import keras

        inputs = inner = keras.Input(self.x.shape[1:])
        for layer in self.hidden(self):
            inner = layer(inner)
        main, second = OUTPUTS
        outputs = {
            main: keras.layers.Dense(self.units, activation=self.activation, name=main)(inner),
            second: keras.layers.Dense(1, name=second)(inner),
        }
        model = keras.Model(inputs, outputs)
        model.compile(
            optimizer=optimizer,
            loss={main: self.loss, second: "mse"},
            loss_weights={main: 1.0, second: self.second.weight} if self.second else None,
            metrics={main: metrics},
        )
        return model

    @property
    def labels(self) -> tuple[Any, Any]:
        """Training and validation labels as `fit` takes them."""
        if self.second is None:
            return self.y, self.validation[1]
        main, second = OUTPUTS
        return (
            {main: self.y, second: self.second.targets},
            {main: self.validation[1], second: self.second.validation},
        )

    def train(self, logdir: str, seed: int = 0, verbose: int = 0, callbacks: tuple[Any, ...] = ()) -> Any:
        """Trains the setup with a `KerasCallback` on it and returns Keras's history."""
        import keras

        import tb_diagnose

        keras.utils.set_random_seed(seed)
        y, validation_y = self.labels
        validation = self.validation[0], validation_y
        if self.feed is None:
            callback = tb_diagnose.KerasCallback(logdir, (self.x, y), validation, verbose=0)
            given = {"x": self.x, "y": y, "batch_size": self.batch_size, "shuffle": self.shuffle}
        else:
            callback = tb_diagnose.KerasCallback(logdir, verbose=0)
            stream, steps = self.feed(self)
            given = {"x": stream, "steps_per_epoch": steps}
        return self.model().fit(
            **given,
            validation_data=validation,
            epochs=self.epochs,
            verbose=verbose,
            callbacks=[callback, *(make() for make in self.callbacks), *callbacks],
        )


def _split(
    x: np.ndarray, y: np.ndarray, share: float = 0.8
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    samples = np.random.default_rng(0).permutation(len(x))
    cut = int(share * len(x))
    return x[samples[:cut]], y[samples[:cut]], (x[samples[cut:]], y[samples[cut:]])


def digits_cnn() -> Setup:
    """Handwritten digits (scikit-learn's bundled set) with a small convolutional net."""
    from sklearn.datasets import load_digits

    images, y = load_digits(return_X_y=True)
    x, y, validation = _split((images / 16).astype("float32").reshape(-1, 8, 8, 1), y)

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        kind = {"activation": setup.hidden_activation, "kernel_initializer": setup.initializer}
        return [
            layers.Conv2D(16, 3, **kind),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(32, **kind),
        ]

    return Setup("digits_cnn", x, y, validation, hidden, 10, "softmax", "sparse_categorical_crossentropy")


def digits_dense() -> Setup:
    """The same digits, one-hot labels, dense layers with BatchNormalization and SGD."""
    setup = digits_cnn()

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        found: list[Any] = []
        for units in (64, 32):
            found += [
                layers.Dense(units, kernel_initializer=setup.initializer),
                layers.BatchNormalization(),
                layers.Activation(setup.hidden_activation),
            ]
        return found

    one_hot = np.eye(10, dtype="float32")
    return replace(
        setup,
        name="digits_dense",
        x=setup.x.reshape(len(setup.x), -1),
        y=one_hot[setup.y],
        validation=(setup.validation[0].reshape(len(setup.validation[0]), -1), one_hot[setup.validation[1]]),
        hidden=hidden,
        loss="categorical_crossentropy",
        optimizer="sgd",
        learning_rate=0.05,
    )


def tabular_binary() -> Setup:
    """Breast cancer (scikit-learn's bundled set), standardized, with Dropout."""
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    x, y, validation = _split(((x - x.mean(0)) / x.std(0)).astype("float32"), y)

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        kind = {"activation": setup.hidden_activation, "kernel_initializer": setup.initializer}
        return [layers.Dense(16, **kind), layers.Dropout(0.2), layers.Dense(8, **kind)]

    return Setup(
        "tabular_binary", x, y, validation, hidden, 1, "sigmoid", "binary_crossentropy", learning_rate=5e-3, epochs=15
    )


def threshold_logits() -> Setup:
    """A curved boundary in ten features; logits head and plain SGD with momentum-free steps."""
    import keras

    rng = np.random.default_rng(1)
    x = rng.normal(size=(3000, 10)).astype("float32")
    y = (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype("int64")
    x, y, validation = _split(x, y)

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        kind = {"activation": setup.hidden_activation, "kernel_initializer": setup.initializer}
        return [layers.Dense(32, **kind), layers.Dense(16, **kind)]

    return Setup(
        "threshold_logits",
        x,
        y,
        validation,
        hidden,
        1,
        None,
        keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=({"class_name": "BinaryAccuracy", "config": {"name": "accuracy", "threshold": 0.0}},),
        optimizer="sgd",
        learning_rate=0.1,
        epochs=15,
    )


def regression() -> Setup:
    """Friedman's first function, targets of order 1."""
    from sklearn.datasets import make_friedman1

    x, y = make_friedman1(2000, noise=0.5, random_state=0)
    x, y, validation = _split(x.astype("float32"), ((y - y.mean()) / y.std()).astype("float32"))

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        kind = {"activation": setup.hidden_activation, "kernel_initializer": setup.initializer}
        return [layers.Dense(64, **kind), layers.Dense(32, **kind)]

    return Setup(
        "regression",
        x,
        y,
        validation,
        hidden,
        1,
        None,
        "mean_squared_error",
        learning_rate=3e-3,
        metrics=("mae",),
        epochs=15,
    )


def tokens_conv() -> Setup:
    """Sequences of word ids: which of two marker words occurs more often. Embedding and Conv1D."""
    rng = np.random.default_rng(2)
    x = rng.integers(10, 200, size=(3500, 20))
    markers = rng.integers(1, 4, size=(3500, 20))
    x = np.where(rng.random((3500, 20)) < 0.25, markers, x)
    lead = (x == 1).sum(axis=1) - (x == 2).sum(axis=1)
    x, y = x[lead != 0][:2000], (lead[lead != 0][:2000] > 0).astype("int64")
    x, y, validation = _split(x, y)

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        return [
            layers.Embedding(200, 16),
            layers.Conv1D(32, 3, activation=setup.hidden_activation, kernel_initializer=setup.initializer),
            layers.GlobalAveragePooling1D(),
            layers.Dropout(0.3),
        ]

    return Setup(
        "tokens_conv", x, y, validation, hidden, 1, "sigmoid", "binary_crossentropy", learning_rate=2e-3, epochs=10
    )


def tabular_classes() -> Setup:
    """Wines of three growers (scikit-learn's bundled set), standardized: few samples, a softmax head and Adam."""
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    x, y, validation = _split(((x - x.mean(0)) / x.std(0)).astype("float32"), y, 0.7)

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        kind = {"activation": setup.hidden_activation, "kernel_initializer": setup.initializer}
        return [layers.Dense(24, **kind), layers.Dense(12, **kind)]

    return Setup(
        "tabular_classes",
        x,
        y,
        validation,
        hidden,
        3,
        "softmax",
        "sparse_categorical_crossentropy",
        learning_rate=5e-3,
        batch_size=8,
    )


def tokens_lstm() -> Setup:
    """Sentences of word ids, kind or unkind; a negation turns the word behind it round. Embedding and LSTM."""
    rng = np.random.default_rng(3)
    worth = np.zeros(60, "int64")  # ids 1 to 10 are kind, 11 to 20 unkind, 21 to 23 negate, the others say nothing
    worth[1:11], worth[11:21] = 1, -1
    x = rng.integers(1, 60, size=(4000, 12))
    negated = np.pad((x[:, :-1] >= 21) & (x[:, :-1] <= 23), ((0, 0), (1, 0)))
    sense = (worth[x] * np.where(negated, -1, 1)).sum(axis=1)
    x, y = x[sense != 0][:2000], (sense[sense != 0][:2000] > 0).astype("int64")
    x, y, validation = _split(x, y)

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        return [layers.Embedding(60, 8), layers.LSTM(16)]

    return Setup(
        "tokens_lstm", x, y, validation, hidden, 1, "sigmoid", "binary_crossentropy", learning_rate=1e-2, epochs=8
    )


def multi_label() -> Setup:
    """Texts about none to five of five topics, as standardized counts of words: one sigmoid unit a topic."""
    from sklearn.datasets import make_multilabel_classification

    x, y = make_multilabel_classification(2000, 20, n_classes=5, n_labels=2, length=300, random_state=0)
    x, y, validation = _split(((x - x.mean(0)) / x.std(0)).astype("float32"), y.astype("float32"))

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        kind = {"activation": setup.hidden_activation, "kernel_initializer": setup.initializer}
        return [layers.Dense(64, **kind), layers.Dropout(0.2)]

    return Setup(
        "multi_label",
        x,
        y,
        validation,
        hidden,
        5,
        "sigmoid",
        "binary_crossentropy",
        learning_rate=5e-3,
        metrics=("binary_accuracy",),
        epochs=10,
    )


def images_conv() -> Setup:
    """The digits enlarged to 16 x 16, two convolutions with BatchNormalization and strides, Adam."""
    setup = digits_cnn()

    def enlarged(images: np.ndarray) -> np.ndarray:
        return images.repeat(2, axis=1).repeat(2, axis=2)

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        found: list[Any] = []
        for filters in (8, 16):
            found += [
                layers.Conv2D(filters, 3, strides=2, kernel_initializer=setup.initializer),
                layers.BatchNormalization(),
                layers.Activation(setup.hidden_activation),
            ]
        return [*found, layers.Flatten()]

    return replace(
        setup,
        name="images_conv",
        x=enlarged(setup.x),
        validation=(enlarged(setup.validation[0]), setup.validation[1]),
        hidden=hidden,
        learning_rate=5e-3,
        epochs=8,
    )


def signals_conv() -> Setup:
    """Waves of four forms with noise, any phase and pitch: Conv1D, elu, RMSprop and a head of logits."""
    import keras

    rng = np.random.default_rng(4)
    y = rng.integers(0, 4, 1900)
    phase = rng.uniform(2, 5, (1900, 1)) * np.linspace(0, 1, 64) + rng.uniform(0, 1, (1900, 1))
    sine = np.sin(2 * np.pi * phase)
    forms = [sine, np.sign(sine), 2 * (phase % 1) - 1, np.where(phase % 1 < 0.15, 2.0, -0.35)]
    x = np.choose(y[:, None], forms) * rng.uniform(0.7, 1.3, (1900, 1)) + rng.normal(0, 0.3, (1900, 64))
    x, y, validation = _split(x.astype("float32")[..., None], y)

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        kind = {"activation": setup.hidden_activation, "kernel_initializer": setup.initializer}
        return [
            layers.Conv1D(16, 7, strides=2, **kind),
            layers.Conv1D(32, 5, strides=2, **kind),
            layers.GlobalMaxPooling1D(),
            layers.Dense(16, **kind),
        ]

    return Setup(
        "signals_conv",
        x,
        y,
        validation,
        hidden,
        4,
        None,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer="rmsprop",
        learning_rate=3e-3,
        epochs=8,
        hidden_activation="elu",
    )


def shapes_conv() -> Setup:
    """Small drawings of five shapes at any place and size, with noise: Conv2D, LayerNormalization, gelu and AdamW."""
    rng = np.random.default_rng(5)
    y = rng.integers(0, 5, 1700)
    down, along = np.meshgrid(np.arange(14), np.arange(14), indexing="ij")
    centre, size = rng.uniform(5, 8, (2, 1700, 1, 1)), rng.uniform(2.5, 4.5, (1700, 1, 1))
    away, side = np.abs(down - centre[0]), np.abs(along - centre[1])
    round_, square = np.hypot(away, side), np.maximum(away, side)
    drawings = [
        round_ <= size,
        np.abs(round_ - size) < 0.8,
        np.abs(square - size) < 0.8,
        (np.minimum(away, side) < 0.8) & (square <= size),
        (np.abs(away - side) < 0.9) & (square <= size),
    ]
    x = np.choose(y[:, None, None], drawings) + rng.normal(0, 0.25, (1700, 14, 14))
    x, y, validation = _split(x.astype("float32")[..., None], y)

    def hidden(setup: Setup) -> list[Any]:
        from keras import layers

        kind = {"activation": setup.hidden_activation, "kernel_initializer": setup.initializer}
        return [
            layers.Conv2D(12, 3, **kind),
            layers.Conv2D(24, 3, strides=2, **kind),
            layers.LayerNormalization(),
            layers.GlobalMaxPooling2D(),
            layers.Dense(24, **kind),
        ]

    return Setup(
        "shapes_conv",
        x,
        y,
        validation,
        hidden,
        5,
        "softmax",
        "sparse_categorical_crossentropy",
        optimizer="adamw",
        learning_rate=3e-3,
        epochs=10,
        hidden_activation="gelu",
    )


SETUPS = {
    maker.__name__: maker
    for maker in (
        digits_cnn,
        digits_dense,
        tabular_binary,
        tabular_classes,
        threshold_logits,
        regression,
        tokens_conv,
        tokens_lstm,
        multi_label,
        images_conv,
        signals_conv,
        shapes_conv,
    )
}
