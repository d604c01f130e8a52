"""Setups that are trained in a loop of their own, with a loss of their own."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from demo.setups import NotApplicable, Setup, tensorflow


@dataclass(frozen=True)
class OwnLoss(Setup):
    """A setup whose loss is written out in a loop with `tf.GradientTape`.

    Args:
        broadcasts: Whether labels keep the shape (n,) against outputs of shape (n, 1).
        applies: Whether the gradients are handed to the optimizer.
    """

    broadcasts: bool = False
    applies: bool = True

    def train(self, logdir: str, seed: int = 0, verbose: int = 0, callbacks: tuple[Any, ...] = ()) -> Any:
        """Trains the setup and returns what `fit` would."""
        import keras

        import tb_diagnose

        if keras.backend.backend() != "tensorflow":
            raise NotApplicable("The loop is written with tf.GradientTape.")
        tf = tensorflow()
        keras.utils.set_random_seed(seed)
        model, loss_fn = self.model(), self._loss
        rng = np.random.default_rng(seed)

        @tf.function  # type: ignore[untyped-decorator]
        def step(x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = loss_fn(y, model(x, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            if self.applies:
                model.optimizer.apply(gradients, model.trainable_variables)
            return loss

        def log(loss: float | None) -> None:
            told = {"loss_fn": loss_fn, "optimizer": model.optimizer, "loss": loss}
            tb_diagnose.log(model, (self.x, self.y), logdir, validation_data=self.validation, **told)

        model.optimizer.build(model.trainable_variables)
        log(None)
        history: dict[str, list[float]] = {}
        for _ in range(self.epochs):
            samples, losses = rng.permutation(len(self.x)), []
            for start in range(0, len(samples), self.batch_size):
                taken = samples[start : start + self.batch_size]
                losses.append(float(step(tf.constant(self.x[taken]), tf.constant(self.y[taken]))))
            log(float(np.mean(losses)))
            for prefix, (x, y) in (("", (self.x, self.y)), ("val_", self.validation)):
                for name, value in model.evaluate(x, y, verbose=verbose, return_dict=True).items():
                    history.setdefault(prefix + name, []).append(value)
        return SimpleNamespace(history=history, model=model)

    def _loss(self, y: Any, output: Any) -> Any:
        """A squared error for a regression, else a binary cross-entropy, as a newcomer writes them."""
        from keras import ops

        y = ops.cast(y if self.broadcasts else ops.reshape(y, (-1, 1)), output.dtype)
        if self.activation is None:
            return ops.mean(ops.square(y - output))
        output = ops.clip(output, 1e-7, 1 - 1e-7)
        return -ops.mean(y * ops.log(output) + (1 - y) * ops.log(1 - output))
