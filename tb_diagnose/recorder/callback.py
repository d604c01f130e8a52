"""`KerasCallback`: logs what tells why accuracy does not move, from inside `fit`."""

from __future__ import annotations

import numbers
import os
import time
from typing import Any

import keras
import numpy as np

from tb_diagnose.recorder import arguments, measure
from tb_diagnose.recorder import session as sessions
from tb_diagnose.recorder.forward import to_numpy

SAMPLED_STEPS = 8
"""Training steps an epoch whose weights are compared before and after."""


class KerasCallback(keras.callbacks.Callback):
    """Logs predictions, label statistics and gradients of a run, for the Diagnosis tab of TensorBoard.

    Weights, random state and every other part of the run are the same with and without it; an
    error inside it is one warning.

    Example:

    ```python
    model.fit(x, y, epochs=10, callbacks=[tb_diagnose.KerasCallback("logs/run1", (x, y))])
    ```

    Args:
        logdir: Folder of this run; events go to its sub-folder `diagnosis`. May be the `log_dir`
            of `keras.callbacks.TensorBoard`.
        data: The training data: `(x, y)` or `(x, y, sample_weight)` arrays, or a `tf.data.Dataset` of
            batches.
        validation_data: The validation data, of the same kinds, or None. Defaults to `None`.
        probe_rows: Samples of the probe batch, the fixed samples on which predictions, activations and
            gradients are taken. Defaults to `512`.
        verbose: 1 prints a short verdict at the end of `fit`, 0 nothing. Defaults to `1`.

    Raises:
        TypeError: `data`, `validation_data` or `logdir` is of a wrong kind, or the labels are strings.
        ValueError: `data` is empty or its arrays differ in length, `logdir` cannot be written,
            `probe_rows` is below 1, or the model is not compiled.
    """

    def __init__(
        self,
        logdir: str | os.PathLike[str],
        data: Any,
        validation_data: Any = None,
        *,
        probe_rows: int = 512,
        verbose: int = 1,
    ) -> None:
        super().__init__()
        if not isinstance(probe_rows, (int, np.integer)) or isinstance(probe_rows, bool) or probe_rows < 1:
            raise ValueError(
                f"`probe_rows` must be a number of samples. Expected: an integer from 1. Received: {probe_rows!r}."
            )
        self.verbose = verbose
        self._session = sessions.prepare(logdir, data, validation_data, probe_rows)
        self._model_begun: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        arguments.check_compiled(self.model)
        self._session.begin(self.model, self.params.get("steps"))
        self._model_begun = None
        self._planned = False
        if self.model.built:
            self._begin_measuring()

    def _begin_measuring(self) -> None:
        self._session.begin_measuring(self.model)
        self._kernels = self._session.kernels()
        self._model_begun = self.model

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if not self._planned and self.params.get("epochs"):
            self._planned = True
            self._session.plan(self.params["epochs"] - epoch)
        self._started = time.monotonic()
        self._steps = 0
        self._mean_loss = (0, 0.0)
        self._losses: list[float] = []
        self._ratios: list[np.ndarray] = []
        self._before: list[list[np.ndarray]] | None = None

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self._model_begun is not self.model or not self._sampled(batch):
            return
        with self._session.guarded("copying weights before a step"):
            self._before = [[to_numpy(v) for v in kernels] for kernels in self._kernels]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        steps = batch + 1 - self._steps
        self._steps = batch + 1
        with self._session.guarded("measuring a step"):
            self._note_loss((logs or {}).get("loss"))
            if self._before is not None:
                after = [[to_numpy(v) for v in kernels] for kernels in self._kernels]
                self._ratios.append(sessions.layer_change(self._before, after, self._session.first_norms) / steps)
        self._before = None
        if self._model_begun is not self.model:
            # A model without a known input shape is built by its first step.
            with self._session.guarded("beginning to measure"):
                self._begin_measuring()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        series: dict[str, Any] = {"seconds": time.monotonic() - self._started}
        with self._session.guarded("summing up an epoch"):
            series |= _batch_losses(np.array(self._losses))
            if self._ratios:
                ratios = np.array(self._ratios)
                known = ~np.isnan(ratios).all(axis=0)
                series["update_ratio"] = np.where(
                    known, np.median(np.nan_to_num(ratios, posinf=np.inf), axis=0), np.nan
                )
                series["largest_update_ratio"] = np.fmax.reduce(ratios, axis=0)
        metrics: dict[str, float] = {}
        with self._session.guarded("reading the metrics"):
            metrics = {name: float(v) for name, v in (logs or {}).items() if isinstance(v, (numbers.Real, np.generic))}
        self._session.record(self.model, metrics, series)

    def on_train_end(self, logs: Any = None) -> None:
        self._session.close()
        if not self.verbose:
            return
        with self._session.guarded("printing the verdict"):
            from tb_diagnose.api import newest
            from tb_diagnose.report.text import verdict

            print(verdict(newest(self._session.folder, self._session.logdir), self._session.logdir))

    def _sampled(self, batch: int) -> bool:
        """The first steps, where a too large rate shows, and evenly spaced ones after them."""
        steps = self.params.get("steps")
        if not steps:
            return batch & (batch + 1) == 0  # 0, 1, 3, 7, 15 ...
        return batch in (0, 1) or batch % max(1, steps // SAMPLED_STEPS) == 0

    def _note_loss(self, mean: Any) -> None:
        """The batch's own loss from Keras's running mean over the epoch."""
        if mean is None:
            return
        count, before = self._mean_loss
        self._mean_loss = (self._steps, float(mean))
        loss = (self._steps * float(mean) - count * before) / max(self._steps - count, 1)
        self._losses.append(loss)


def _batch_losses(losses: np.ndarray) -> dict[str, float]:
    """What the losses of the single batches of an epoch show. The last batch may be a small one and is left out."""
    if not len(losses):
        return {}
    whole = losses[:-1] if len(losses) > 2 else losses
    return {
        "largest_step_loss": float(np.fmax.reduce(losses)),
        "step_loss_std": measure.std(whole),
        "step_loss_autocorrelation": measure.autocorrelation(whole),
    }
