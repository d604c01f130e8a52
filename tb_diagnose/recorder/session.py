"""One run being recorded: facts first, then one record an epoch. Never breaks the run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_diagnose import event_file
from tb_diagnose.recorder import arguments, data_facts, forward, measure, model_facts, probe
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.guard import Guard
from tb_diagnose.recorder.loss_levels import loss_levels
from tb_diagnose.recorder.random_state import random_state_kept
from tb_diagnose.recorder.reference_facts import reference_facts
from tb_diagnose.recorder.run_file import RunFile


class Session:
    """Records one model into one logdir.

    Args:
        logdir: Folder of the run; events go to its sub-folder `diagnosis`.
        data: Training data.
        validation: Validation data, or None.
        probe_samples: Samples of the probe batch.
    """

    def __init__(self, logdir: str, data: Data, validation: Data | None, probe_samples: int) -> None:
        self.logdir = logdir
        self.data = data
        self.validation = validation
        self.probe_samples = probe_samples
        self.epoch = 0
        self.guarded = Guard()
        self._file = RunFile(logdir)
        self._written_ahead = False
        self._reset()

    def _reset(self) -> None:
        """Forgets the model of the run before."""
        self._facts: dict[str, Any] = {}
        self._labels = data_facts.Labels("continuous")
        self._layers: list[tuple[str, Any]] = []
        self._shown: list[tuple[str, Any]] = []
        self._head: forward.Head | None = None
        self._threshold = 0.5
        self._probe: Data | None = None
        self._validation_probe: Data | None = None
        self._weights: list[list[np.ndarray]] = []
        self.first_norms: list[float] = []

    @property
    def folder(self) -> str:
        """Where the events go."""
        return self._file.folder

    @property
    def is_recording(self) -> bool:
        """Whether there is a file that events go to."""
        return self._file.is_open

    def write_data_facts(self) -> None:
        """Writes what the data alone tell, for a run that may never start; one that does goes on in the same file."""
        self.epoch = self._file.open(None)
        self._written_ahead = True
        labels = data_facts.read_labels(self.data.y)
        self._file.write_facts(
            {
                "environment": model_facts.environment(),
                **data_facts.input_facts(self.data),
                **data_facts.label_facts(self.data, labels),
            }
        )

    def begin(self, model: Any, steps_per_epoch: int | None = None, first_step: int | None = None) -> None:
        """Writes the facts of data and model before anything may fail: a crash in the first step has a diagnosis, too.

        Raises:
            LogdirError: the event file cannot be written.
        """
        self._reset()
        with self.guarded("opening the event file", unless=(arguments.LogdirError,)):
            self._open(model, first_step or 0)
        if not self._file.is_open:
            return
        with self.guarded("writing the environment"):
            self._file.write_facts({"environment": model_facts.environment()})
        with self.guarded("reading the model's configuration"):
            self._layers = list(forward.walk(model))
            self._facts = model_facts.model_facts(model, self._layers)
        with self.guarded("measuring the data"), random_state_kept():
            self._facts |= self._data_facts(steps_per_epoch)
        with self.guarded("drawing the probe batch"):
            self._draw_probes()
        with self.guarded("writing the facts"):
            self._file.write_facts(self._facts)
        with self.guarded("measuring the data"), random_state_kept():
            self._file.write_facts(self._reference_facts())

    def _open(self, model: Any, first_step: int) -> None:
        iterations = None
        with self.guarded("reading the optimizer's step count"):
            iterations = model_facts.iterations(model)
        if self._written_ahead:
            self._written_ahead = False
            return
        try:
            self.epoch = self._file.open(iterations, first_step)
        except OSError as error:
            raise arguments.LogdirError(
                "`logdir` cannot be written. Expected: a folder that this user may write. "
                f"Received: {self.logdir!r} ({error})."
            ) from error
        except event_file.NewerSchemaError as error:
            raise arguments.newer_schema(self.logdir, error) from error

    def _data_facts(self, steps_per_epoch: int | None) -> dict[str, Any]:
        """What the data are, read in the light of the model."""
        loss = self._facts.get("loss_function") or {}
        self._labels = data_facts.read_labels(self.data.y, loss.get("name"), self._facts.get("output"))
        batch_size = self.data.batch_size
        if batch_size is None and steps_per_epoch:
            batch_size = -(-self.data.sample_count // steps_per_epoch)
        return {
            **data_facts.input_facts(self.data),
            **data_facts.label_facts(self.data, self._labels),
            "steps_per_epoch": steps_per_epoch,
            "batch_size": batch_size,
        }

    def _draw_probes(self) -> None:
        values = self._labels.values
        below_zero = values is not None and values.dtype.kind in "biuf" and values.min() < 0
        bounded = (self._facts.get("output") or {}).get("activation") in ("sigmoid", "hard_sigmoid", "softmax")
        # A sigmoid gives nothing below 0, whatever from_logits or the labels say.
        self._threshold = 0.0 if (self._from_logits or below_zero) and not bounded else 0.5
        self._probe = self._draw(self.data, self._labels.ids)
        self._validation_probe = None if self.validation is None else self._draw(self.validation, None)
        self._facts["probe_sample_count"] = self._probe.sample_count

    def _draw(self, data: Data, classes: np.ndarray | None) -> Data:
        return data.take(measure.stratified_samples(classes, data.sample_count, self.probe_samples))

    def _reference_facts(self) -> dict[str, Any]:
        """What simple methods reach on the data, and how validation samples relate to training samples."""
        ids = "Embedding" in self._facts.get("preprocessing", [])
        facts = reference_facts(self.data, self._labels, self.validation, ids)
        if self.validation is not None:
            facts |= data_facts.validation_facts(self.data, self._labels, self.validation)
        return facts

    @property
    def _from_logits(self) -> bool:
        return bool((self._facts.get("loss_function") or {}).get("from_logits"))

    def begin_measuring(self, model: Any) -> bool:
        """Takes the first measurements of a built model: what its outputs are, and epoch 0 if it has not been trained.

        Returns:
            Whether the record of epoch 0 was written.
        """
        if self._probe is None:
            return False
        with self.guarded("looking into the model"), random_state_kept():
            self._layers, self._head, sample_bytes = forward.explore(model, self._probe.take(np.arange(1)))
            self._probe = dataclasses.replace(self._probe, sample_bytes=sample_bytes)
            self._facts |= model_facts.model_facts(model, self._layers, self._head)
            self._file.write_facts(self._facts)
        shown = {row["name"] for row in self._facts.get("layers", [])}
        self._shown = [pair for pair in self._layers if pair[0] in shown]
        if self._head is not None:
            with self.guarded("measuring the best constant answer"), random_state_kept():
                levels = loss_levels(model, self._probe, self._labels, self._head, self._from_logits)
                self._file.write_facts(levels)
        with self.guarded("measuring weights"):
            self._weights = self._copied_weights()
            self.first_norms = [measure.norm_and_nonfinite(kernels)[0] for kernels in self._weights]
        untrained = False
        with self.guarded("reading the optimizer's step count"):
            untrained = self.epoch == 0 and model_facts.iterations(model) == 0
        if untrained:
            with self.guarded("measuring the first weights"):
                first = [probe.initial_weights(layer) for _, layer in self._shown]
                self._file.write_facts({"initial_weights": first})
            self.record(model, {}, {}, advance=False)
        return untrained

    def plan(self, epochs: int) -> None:
        """Writes down how many more epochs are to come."""
        with self.guarded("writing the plan"):
            if self._file.is_open:
                self._file.write_facts({"planned_epochs": self.epoch + epochs})

    def record(
        self,
        model: Any,
        metrics: Mapping[str, float],
        series: Mapping[str, Any],
        *,
        step: int | None = None,
        advance: bool = True,
    ) -> None:
        """Measures the model and writes one record.

        Args:
            model: The model after the epoch.
            metrics: What Keras reported, by its names.
            series: Series measured during the epoch.
            step: TensorBoard step; one after the last by default.
            advance: False for the state before training, epoch 0.
        """
        if not self._file.is_open:
            return
        self.epoch += advance
        measured = dict(series)
        with self.guarded("keeping the random state"), random_state_kept():
            self._measure(model, measured, advance)
        with self.guarded("writing the record", f"of epoch {self.epoch}"):
            optimizer = {"learning_rate": model_facts.learning_rate(model)}
            with self.guarded("reading the optimizer's step count"):
                optimizer["iterations"] = model_facts.iterations(model)
            measured |= {name: value for name, value in optimizer.items() if value is not None}
            self._file.write_epoch(self.epoch, measured, metrics, step)

    def _measure(self, model: Any, measured: dict[str, Any], weights_changed: bool) -> None:
        """Adds what the probe batch, the gradients and the weights show to `measured`."""
        when = f"after epoch {self.epoch}"
        if self._probe is not None:
            with self.guarded("measuring the probe batch", when):
                measured |= self._predictions(model, self._probe)
            with self.guarded("measuring gradients", when):
                measured |= probe.layer_gradients(model, self._probe, self._shown)
        with self.guarded("measuring weights", when):
            weights = self._copied_weights()
            if weights_changed and self.first_norms:
                measured["epoch_update_ratio"] = layer_change(self._weights, weights, self.first_norms)
            self._weights = weights

    def _predictions(self, model: Any, samples: Data) -> dict[str, Any]:
        """What the outputs, the layers and the weights show on the probe batch."""
        outputs, layers = probe.predictions(model, samples, self._labels, self._threshold, self._shown)
        measured: dict[str, Any] = dict(outputs)
        for name in next(iter(layers.values()), {}):
            measured[name] = np.array([layers[layer][name] for layer, _ in self._shown])
        measured |= probe.weight_series(self._shown)
        if self._validation_probe is not None:
            outputs, _ = probe.predictions(model, self._validation_probe, self._labels, self._threshold, [])
            measured["probe_val_loss"] = outputs["probe_loss"]
            measured["probe_val_accuracy"] = outputs["probe_accuracy"]
        return measured

    def close(self) -> None:
        """Closes the event file; `begin` opens another."""
        with self.guarded("closing the event file"):
            self._file.close()

    def kernels(self) -> list[list[Any]]:
        """The trainable kernels (two axes or more) of each layer of the layer table."""
        return [[v for v in layer.trainable_variables if len(v.shape) >= 2] for _, layer in self._shown]

    def _copied_weights(self) -> list[list[np.ndarray]]:
        return [[forward.to_numpy(v).copy() for v in kernels] for kernels in self.kernels()]


def layer_change(before: list[list[np.ndarray]], after: list[list[np.ndarray]], at_least: list[float]) -> np.ndarray:
    """Change of each layer's kernels against their size, or `at_least` that; shape `(layer,)`, NaN without kernels."""
    return np.array(
        [
            measure.update_ratio(
                np.concatenate([kernel.ravel() for kernel in old]),
                np.concatenate([kernel.ravel() for kernel in new]),
                least,
            )
            if old
            else np.nan
            for old, new, least in zip(before, after, at_least, strict=True)
        ]
    )
