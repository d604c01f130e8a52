"""Models with a `train_step` of their own, on the backend that `KERAS_BACKEND` names: what is said of each.

A process of its own. `python own_steps.py FOLDER`
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

import tb_diagnose

DRAWN = np.random.default_rng(0)
X = (DRAWN.normal(size=(480, 2)) @ DRAWN.normal(size=(2, 8))).astype("float32")
"""Eight values that two numbers tell."""
Y = (X[:, 0] > 0).astype("int64")
Y3 = np.digitize(X[:, 0], np.quantile(X[:, 0], [1 / 3, 2 / 3]))


class Stepping(keras.Model):
    """A model whose step lowers `own_loss(x, y, answer)`, `answer` being the model, and the model's own losses.

    Of a step that tells `loss` alone Keras reports a mean that it keeps itself, which stays at 0.
    """

    def own_loss(self, x: Any, y: Any, answer: Any) -> Any:
        raise NotImplementedError


class Tensorflow(Stepping):
    def train_step(self, data: Any) -> Any:
        import tensorflow as tf

        x, y = data
        with tf.GradientTape() as tape:
            loss = self.own_loss(x, y, lambda x: self(x, training=True)) + sum(self.losses)
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return {"loss": loss, "whole": loss}


class Torch(Stepping):
    def train_step(self, data: Any) -> Any:
        import torch

        x, y = data
        self.zero_grad()
        loss = self.own_loss(x, y, lambda x: self(x, training=True)) + sum(self.losses)
        loss.backward()
        with torch.no_grad():
            self.optimizer.apply([v.value.grad for v in self.trainable_variables], self.trainable_variables)
        return {"loss": loss.detach(), "whole": loss.detach()}


class Jax(Stepping):
    def train_step(self, state: Any, data: Any) -> Any:
        import jax

        trainable, other, optimizer, metrics = state
        x, y = data

        def loss_of(trainable: Any, other: Any) -> Any:
            held = {"other": other, "losses": []}

            def answer(x: Any) -> Any:
                found, held["other"], losses = self.stateless_call(
                    trainable, held["other"], x, training=True, return_losses=True
                )
                held["losses"] += losses
                return found

            loss = self.own_loss(x, y, answer)
            return loss + sum(held["losses"]), held["other"]

        (loss, other), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable, other)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
        return {"loss": loss, "whole": loss}, (trainable, other, optimizer, metrics)


OWN: Any = {"tensorflow": Tensorflow, "torch": Torch, "jax": Jax}[keras.backend.backend()]


class Sampling(layers.Layer):
    """Draws from the distribution that its inputs tell."""

    def __init__(self) -> None:
        super().__init__()
        self.drawing = keras.random.SeedGenerator(3)

    def call(self, inputs: Any) -> Any:
        mean, log_variance = inputs[:, :2], inputs[:, 2:]
        self.add_loss(-0.01 * ops.mean(1 + log_variance - ops.square(mean) - ops.exp(log_variance)))
        return mean + ops.exp(log_variance / 2) * keras.random.normal(ops.shape(mean), seed=self.drawing)


class Variational(OWN):
    def own_loss(self, x: Any, y: Any, answer: Any) -> Any:
        return ops.mean(ops.square(answer(x) - x))


class Contrastive(OWN):
    """Brings two views of a sample together, and those of different samples apart."""

    def own_loss(self, x: Any, y: Any, answer: Any) -> Any:
        ones, others = (ops.normalize(answer(part)) for part in (x * 1.05, x * 0.95))
        alike = ops.matmul(ones, ops.transpose(others)) / 0.2
        return ops.mean(
            keras.losses.sparse_categorical_crossentropy(ops.arange(ops.shape(x)[0]), alike, from_logits=True)
        )


class Classifier(OWN):
    """A cross-entropy that takes logits."""

    def own_loss(self, x: Any, y: Any, answer: Any) -> Any:
        logs = ops.log_softmax(answer(x))
        if keras.backend.backend() == "tensorflow":  # its own operation is what programs call there
            import tensorflow as tf

            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, answer(x)))
        return -ops.mean(ops.sum(ops.one_hot(y, 3) * logs, axis=-1))


class Squares(OWN):
    """Squared differences, written out: the shapes of labels and outputs are the program's affair."""

    def own_loss(self, x: Any, y: Any, answer: Any) -> Any:
        return ops.mean(ops.square(ops.cast(y, "float32") - answer(x)))


class Products(OWN):
    """A cross-entropy of two classes, written out."""

    def own_loss(self, x: Any, y: Any, answer: Any) -> Any:
        sure, truth = ops.clip(answer(x), 1e-4, 1 - 1e-4), ops.cast(y, "float32")
        return -ops.mean(truth * ops.log(sure) + (1 - truth) * ops.log(1 - sure))


class Measured(OWN):
    """The loss is of pairs; what the step tells beside it broadcasts, and teaches nothing."""

    def own_loss(self, x: Any, y: Any, answer: Any) -> Any:
        return ops.mean(ops.square(ops.reshape(ops.cast(y, "float32"), (-1, 1)) - answer(x)))

    def train_step(self, *given: Any) -> Any:
        told = super().train_step(*given)
        (x, y), logs = given[-1], told[0] if isinstance(told, tuple) else told
        answers = self.stateless_call(*given[0][:2], x)[0] if isinstance(told, tuple) else self(x)
        logs["apart"] = ops.stop_gradient(ops.mean(ops.square(ops.cast(y, "float32") - answers)))
        return told


def two_classes(model: Any, columns: int) -> Any:
    inputs = keras.Input((8,))
    found = layers.Dense(1, "sigmoid")(layers.Dense(16, "relu")(inputs))
    return model(inputs, found), Y.reshape((-1, 1)) if columns else Y


def variational() -> Any:
    inputs = keras.Input((8,))
    found = layers.Dense(8)(layers.Dense(16, "relu")(Sampling()(layers.Dense(4)(layers.Dense(16, "relu")(inputs)))))
    return Variational(inputs, found), None


def contrastive() -> Any:
    inputs = keras.Input((8,))
    return Contrastive(inputs, layers.Dense(4)(layers.Dense(16, "relu")(inputs))), None


def contrastive_with_labels() -> Any:
    """The labels are for later: the step does not read them."""
    return contrastive()[0], Y


def classifier(activation: str | None) -> Any:
    inputs = keras.Input((8,))
    found = layers.Dense(3, activation, name="answers")(layers.Dense(16, "relu")(inputs))
    return Classifier(inputs, found), Y3


PROGRAMS: dict[str, Any] = {
    "variational": variational,
    "contrastive": contrastive,
    "contrastive with labels": contrastive_with_labels,
    "logits": lambda: classifier(None),
    "softmax twice": lambda: classifier("softmax"),
    "squares of pairs": lambda: two_classes(Squares, 1),
    "squares of all": lambda: two_classes(Squares, 0),
    "products of pairs": lambda: two_classes(Products, 1),
    "products of all": lambda: two_classes(Products, 0),
    "a metric of all": lambda: two_classes(Measured, 0),
}


def main(folder: Path) -> dict[str, Any]:
    """What is said of each."""
    found: dict[str, Any] = {}
    for name, make in PROGRAMS.items():
        keras.utils.set_random_seed(1)
        model, y = make()
        model.compile(keras.optimizers.Adam(0.005))
        with warnings.catch_warnings(record=True) as given, tb_diagnose.autolog(folder / name, verbose=0):
            warnings.simplefilter("always")
            history = model.fit(X, X if y is None else y, epochs=25, batch_size=32, verbose=0).history
        (diagnosis,) = tb_diagnose.diagnose(str(folder / name))
        found[name] = {
            "losses": [float(history["loss"][0]), float(history["loss"][-1])],
            "status": diagnosis.status.name,
            "named": [named.cause.id for named in diagnosis.probable_causes],
            "notes": [named.cause.id for named in diagnosis.notes],
            "untold": [cause.id for cause, _ in diagnosis.could_not_tell],
            "failed": [cause.id for cause, _ in diagnosis.failed],
            "step": diagnosis.evidence.get("training_step"),
            "warnings": [str(w.message) for w in given if "tb_diagnose" in str(w.message)],
        }
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
