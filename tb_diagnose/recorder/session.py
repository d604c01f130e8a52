"""One run being recorded: facts first, then one record an epoch. Never breaks the training."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import platform
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from tb_diagnose import event_file
from tb_diagnose.evidence import keras_config
from tb_diagnose.recorder import arguments, data_facts, forward, measure, probe
from tb_diagnose.recorder.data import Data, random_state_kept, read_data
from tb_diagnose.recorder.reference_facts import reference_facts

LOGGER = logging.getLogger("tb_diagnose")


class Session:
    """Records one model into one logdir.

    Args:
        logdir: Folder of the run; events go to its sub-folder `diagnosis`.
        data: Training data.
        validation: Validation data, or None.
        probe_rows: Samples of the probe batch.
    """

    def __init__(self, logdir: str, data: Data, validation: Data | None, probe_rows: int) -> None:
        self.logdir = logdir
        self.data = data
        self.validation = validation
        self.probe_rows = probe_rows
        self.epoch = 0
        self.step = 0
        self._file: event_file.EventFile | None = None
        self._warned = False
        self._written_ahead = False
        self._weights: list[list[np.ndarray]] = []

    @property
    def folder(self) -> str:
        return os.path.join(self.logdir, event_file.RUN)

    @contextmanager
    def guarded(self, doing: str) -> Iterator[None]:
        """An error inside is one warning, and the run goes on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the run is worth more
            if self._warned:
                return
            self._warned = True
            reason = (str(error).strip().splitlines() or [""])[0]
            text = (
                f"tb_diagnose: {doing} failed ({type(error).__name__}: {reason}). "
                "The run goes on; this part of the diagnosis will be missing."
            )
            try:
                warnings.warn(text, RuntimeWarning, stacklevel=3)
            except RuntimeWarning:
                # Warnings are errors in this program; ours must not end its training.
                LOGGER.warning(text)

    def write_data_facts(self) -> None:
        """Writes what the data alone tell, for a run that may never start; one that does goes on in the same file."""
        self._open(None)
        self._written_ahead = True
        labels = data_facts.read_labels(self.data.y)
        self._write_facts(
            {
                "environment": _environment(),
                **data_facts.input_facts(self.data),
                **data_facts.label_facts(self.data, labels),
            }
        )

    def begin(self, model: Any, steps_per_epoch: int | None = None, first_step: int | None = None) -> None:
        """Writes the facts of data and model, before anything that may fail: a crash in the first step has a diagnosis too.

        Raises:
            ValueError: the event file cannot be written.
        """
        try:
            if not self._written_ahead:
                self._open(_iterations(model), first_step or 0)
            self._written_ahead = False
            self._write_facts({"environment": _environment()})
        except OSError as error:
            raise ValueError(
                "`logdir` cannot be written. Expected: a folder that this user may write. "
                f"Received: {self.logdir!r} ({error})."
            ) from error
        self._layers: list[tuple[str, Any]] = []
        self._shown: list[tuple[str, Any]] = []
        self._labels = data_facts.Labels("continuous")
        facts: dict[str, Any] = {}
        with self.guarded("reading the model's configuration"):
            self._layers = list(forward.walk(model))
            facts = self._model_facts(model)
        self._from_logits = bool((facts.get("loss_function") or {}).get("from_logits"))
        with self.guarded("measuring the data"), random_state_kept():
            self._labels = data_facts.read_labels(
                self.data.y, (facts.get("loss_function") or {}).get("name"), facts.get("output")
            )
            facts |= data_facts.input_facts(self.data) | data_facts.label_facts(self.data, self._labels)
            batch_size = self.data.batch_size
            if batch_size is None and steps_per_epoch:
                batch_size = -(-self.data.sample_count // steps_per_epoch)
            facts |= {"steps_per_epoch": steps_per_epoch, "batch_size": batch_size}
        below_zero = self._labels.values is not None and self._labels.values.min() < 0
        bounded = (facts.get("output") or {}).get("activation") in ("sigmoid", "hard_sigmoid", "softmax")
        # A sigmoid gives nothing below 0, whatever from_logits or the labels say.
        self._threshold = 0.0 if (self._from_logits or below_zero) and not bounded else 0.5
        self._probe = self._draw(self.data, self._labels)
        self._validation_probe = None if self.validation is None else self._draw(self.validation, None)
        facts["probe_sample_count"] = self._probe.sample_count
        self._facts = facts
        with self.guarded("writing the facts"):
            self._write_facts(facts)
        with self.guarded("measuring the data"), random_state_kept():
            ids = "Embedding" in facts.get("preprocessing", [])
            more = reference_facts(self.data, self._labels, self.validation, ids)
            if self.validation is not None:
                more |= data_facts.validation_facts(self.data, self._labels, self.validation)
            self._write_facts(more)

    def begin_measuring(self, model: Any) -> bool:
        """Takes the first measurements of a built model: what its outputs are, and epoch 0 if it has not been trained.

        Returns:
            Whether the record of epoch 0 was written.
        """
        with self.guarded("looking into the model"), random_state_kept():
            self._layers, self._head, row_bytes = forward.explore(model, self._probe.take(np.arange(1)))
            self._probe = dataclasses.replace(self._probe, row_bytes=row_bytes)
            self._facts |= self._model_facts(model, self._head)
            self._write_facts(self._facts)
        shown = {row["name"] for row in self._facts.get("layers", [])}
        self._shown = [pair for pair in self._layers if pair[0] in shown]
        with self.guarded("measuring the best constant answer"), random_state_kept():
            self._write_facts(self._loss_levels(model, self._from_logits))
        self._weights = self._copied_weights()
        self.first_norms = [measure.norm_and_nonfinite(kernels)[0] for kernels in self._weights]
        untrained = self.epoch == 0 and _iterations(model) == 0
        if untrained:
            with self.guarded("measuring the first weights"):
                self._write_facts({"initial_weights": [probe.initial_weights(layer) for _, layer in self._shown]})
            self.record(model, {}, {}, advance=False)
        return untrained

    def plan(self, epochs: int) -> None:
        """Writes down how many more epochs are to come."""
        with self.guarded("writing the plan"):
            self._write_facts({"planned_epochs": self.epoch + epochs})

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
        self.epoch += advance
        measured = dict(series)
        with random_state_kept():
            self._measure(model, measured, advance)
        with self.guarded(f"writing epoch {self.epoch}"):
            for name, value in (("learning_rate", _learning_rate(model)), ("iterations", _iterations(model))):
                if value is not None:
                    measured[name] = value
            self.step = self._next_step(step)
            assert self._file is not None
            self._file.write(self.step, epoch=self.epoch, series=measured, metrics=metrics)
            self.step += 1

    def _measure(self, model: Any, measured: dict[str, Any], weights_changed: bool) -> None:
        """Adds what the probe batch, the gradients and the weights show to `measured`."""
        with self.guarded(f"measuring the probe batch after epoch {self.epoch}"):
            outputs, layers = probe.predictions(model, self._probe, self._labels, self._threshold, self._shown)
            measured |= outputs
            for name in next(iter(layers.values()), {}):
                measured[name] = np.array([layers[layer][name] for layer, _ in self._shown])
            measured |= probe.weight_series(self._shown)
            if self._validation_probe is not None:
                theirs, _ = probe.predictions(model, self._validation_probe, self._labels, self._threshold, [])
                measured["probe_val_loss"], measured["probe_val_accuracy"] = (
                    theirs["probe_loss"],
                    theirs["probe_accuracy"],
                )
        with self.guarded(f"measuring gradients after epoch {self.epoch}"):
            measured |= probe.layer_gradients(model, self._probe, self._shown)
        with self.guarded(f"measuring weights after epoch {self.epoch}"):
            weights = self._copied_weights()
            if weights_changed:
                measured["epoch_update_ratio"] = layer_change(self._weights, weights, self.first_norms)
            self._weights = weights

    def close(self) -> None:
        """Closes the event file; the next write opens another."""
        file, self._file = self._file, None
        with self.guarded("closing the event file"):
            if file is not None:
                file.close()

    def kernels(self) -> list[list[Any]]:
        """The trainable kernels (two axes or more) of each layer of the layer table."""
        return [[v for v in layer.trainable_variables if len(v.shape) >= 2] for _, layer in self._shown]

    def _open(self, iterations: int | None, first_step: int = 0) -> None:
        """Opens an event file behind what is in the folder: a resumed training goes on, another one starts anew."""
        last = event_file.newest(self.folder)
        self.step = max(first_step, 0 if last is None else last.last_step + 1)
        so_far = None if last is None else last.get("iterations")
        resumed = bool(iterations) and so_far is not None and iterations >= so_far[-1]
        self.epoch = int(last.epochs[-1]) if resumed and last is not None else 0
        self.close()
        self._file = event_file.EventFile(self.folder, self.step)
        if not resumed:
            self._file.write(self.step, facts={"run_start": self.step})

    def _write_facts(self, facts: Mapping[str, Any]) -> None:
        assert self._file is not None
        self._file.write(self.step, facts={name: value for name, value in facts.items() if value is not None})

    def _next_step(self, wanted: int | None) -> int:
        if wanted is None or wanted == self.step:
            return self.step
        if wanted < self.step:
            raise ValueError(f"`step` must grow. Expected: at least {self.step}. Received: {wanted}.")
        return wanted

    def _draw(self, data: Data, labels: data_facts.Labels | None) -> Data:
        ids = labels.ids if labels is not None else None
        return data.take(measure.stratified_rows(ids, data.sample_count, self.probe_rows))

    def _model_facts(self, model: Any, head: forward.Head | None = None) -> dict[str, Any]:
        samples = []
        for name, layer in self._layers:
            try:
                config = layer.get_config()
            except Exception:  # noqa: BLE001 - a custom layer without get_config is still a layer
                config = {}
            row = keras_config.layer_row(type(layer).__name__, config)
            samples.append(
                row
                | {
                    "name": name,
                    "parameters": int(layer.count_params()) if layer.built else None,
                    "trainable": bool(layer.trainable_variables) or (row["trainable"] and not layer.weights),
                    "weighted": bool(layer.weights) or row["weighted"],
                }
            )
        facts = keras_config.config_facts(samples, model.get_compile_config())
        if head is not None and not head.is_layer:
            # An operation of its own stands behind the last layer: what it does to the values is not known.
            facts["output"] = {"name": head.name, "activation": None, "units": head.units}
        try:
            facts["model"] = json.loads(model.to_json())
        except Exception:  # noqa: BLE001 - a subclassed model without get_config has no such form
            pass
        return facts

    def _loss_levels(self, model: Any, from_logits: bool) -> dict[str, float | None]:
        """Loss of the best constant answer and of a perfect one on the probe batch, by the compiled loss itself."""
        y = self._probe.y
        shape = (len(y), *self._head.shape)
        units = self._head.units
        candidates = []
        counts = data_facts.class_counts(y, self._labels)
        if counts is not None and self._labels.form != "string":
            share = counts / (np.prod(y.shape[:-1]) if self._labels.form == "multi_label" else counts.sum())
            share = (
                share[1:2] if units == 1 and len(share) == 2 else np.resize(np.append(share, np.zeros(units)), units)
            )
            share = np.clip(share, 1e-7, 1 - 1e-7)
            if from_logits:
                share = (
                    np.log(share) if units > 1 and self._labels.form != "multi_label" else np.log(share / (1 - share))
                )
            candidates.append(share)
        if self._labels.form != "string":
            if y.size == np.prod(shape):
                candidates += [y.mean(axis=0).reshape(shape[1:]), np.median(y, axis=0).reshape(shape[1:])]
            elif y.size == len(y):
                candidates += [y.mean(), np.median(y)]

        def loss_of(answer: np.ndarray) -> float:
            try:
                return forward.data_loss(
                    model, y, np.broadcast_to(answer, shape).astype(np.float32), self._probe.sample_weight
                )
            except Exception:  # noqa: BLE001 - a loss that refuses these labels has no best constant
                return float("inf")

        best = min([loss_of(constant) for constant in candidates], default=float("inf"))
        same = (
            y.reshape(shape) if not from_logits and y.size == np.prod(shape) and self._labels.form != "string" else None
        )
        perfect = loss_of(same) if same is not None else float("inf")
        return {
            "baseline_loss": best if np.isfinite(best) else None,
            "perfect_loss": perfect if np.isfinite(perfect) else None,
        }

    def _copied_weights(self) -> list[list[np.ndarray]]:
        return [[forward.to_numpy(v).copy() for v in kernels] for kernels in self.kernels()]


def layer_change(before: list[list[np.ndarray]], after: list[list[np.ndarray]], at_least: list[float]) -> np.ndarray:
    """Change of each layer's kernels against their size, or `at_least` that; shape `(layer,)`, NaN for a layer without."""
    return np.array(
        [
            measure.update_ratio(
                np.concatenate([a.ravel() for a in olds]), np.concatenate([a.ravel() for a in news]), least
            )
            if olds
            else np.nan
            for olds, news, least in zip(before, after, at_least)
        ]
    )


def _iterations(model: Any) -> int | None:
    optimizer = getattr(model, "optimizer", None)
    return int(optimizer.iterations) if optimizer is not None else None


def _learning_rate(model: Any) -> float | None:
    optimizer = getattr(model, "optimizer", None)
    try:
        return float(optimizer.learning_rate) if optimizer is not None else None
    except (AttributeError, TypeError, ValueError):
        return None


def _environment() -> dict[str, Any]:
    import keras

    from tb_diagnose._version import __version__

    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
        "tb_diagnose": __version__,
        "host": socket.gethostname(),
        "process": os.getpid(),
    }


def prepare(logdir: Any, data: Any, validation_data: Any, probe_rows: int) -> Session:
    """A session for checked arguments.

    What `fit` cannot read is written down before anybody refuses it: the fit that raises on it has a diagnosis too.

    Raises:
        TypeError, ValueError: an argument is not what it should be; the message names it.
    """
    path = arguments.check_logdir(logdir)
    session = Session(
        path,
        read_data(data, "data"),
        None if validation_data is None else read_data(validation_data, "validation_data"),
        int(probe_rows),
    )
    arguments.check_alike(session.data, session.validation)
    y = session.data.y
    if any(np.dtype(name).kind not in "biuf" for name in [*session.data.input_dtypes, session.data.label_dtype]):
        # `fit` refuses them before it calls any callback, unless the model begins with a layer that reads strings.
        with session.guarded("writing the facts of the data"):
            session.write_data_facts()
    if y.dtype.kind not in "biuf":
        session.close()
        first = y.reshape(-1)[0]
        raise TypeError(
            "`data` has labels that are not numbers. Expected: class numbers 0, 1, 2 ... or one-hot samples, as the loss takes them; "
            "np.unique(y, return_inverse=True)[1] makes them. "
            f"Received: labels of dtype {y.dtype}, such as {str(first)!r}."
        )
    return session
