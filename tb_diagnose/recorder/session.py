"""One run being recorded: facts first, then one record an epoch. Never breaks the run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from tb_diagnose import event_file
from tb_diagnose.recorder import (
    arguments,
    data_facts,
    forward,
    measure,
    model_facts,
    padding,
    probe,
    source_lines,
    watchers,
)
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.guard import Guard
from tb_diagnose.recorder.loop_loss import loss_facts
from tb_diagnose.recorder.loss_levels import loss_levels
from tb_diagnose.recorder.outputs import Outputs
from tb_diagnose.recorder.random_state import random_state_kept
from tb_diagnose.recorder.reference_facts import reference_facts
from tb_diagnose.recorder.run_file import RunFile
from tb_diagnose.recorder.scalars import Scalars
from tb_diagnose.recorder.training_mode import TrainingMode, batch_statistics_layers


@dataclasses.dataclass(frozen=True)
class Start:
    """The state before the first step, kept until there are samples to measure it on.

    Args:
        values: Values of the variables, from `forward.copied_state`.
        optimizer: `learning_rate` and `iterations`.
    """

    values: forward.State
    optimizer: Mapping[str, Any]


class Session:
    """Records one model into one logdir.

    Args:
        logdir: Folder of the run; events go to its sub-folder `diagnosis`.
        data: Training data; None where they are learned of later, with `learn`.
        validation: Validation data, or None.
        probe_samples: Samples of the probe batch; with 0 there will be no data.
    """

    def __init__(self, logdir: str, data: Data | None, validation: Data | None, probe_samples: int) -> None:
        self.logdir = logdir
        self.data = data
        self.validation = validation
        self.probe_samples = probe_samples
        self.epoch = 0
        self.guarded = Guard()
        self._file = RunFile(logdir)
        self._scalars: Scalars | None = None
        self._written_ahead = False
        self._reset()

    def _reset(self) -> None:
        """Forgets the model of the run before."""
        self._facts: dict[str, Any] = {}
        self._labels = data_facts.Labels("continuous")
        self._layers: list[tuple[str, Any]] = []
        self._shown: list[tuple[str, Any]] = []
        self._head: forward.Head | None = None
        self._threshold: float | None = 0.5
        self._probe: Data | None = None
        self._outputs: Outputs | None = None
        self._validation_probe: Data | None = None
        self._training_mode: TrainingMode | None = None
        self._padding = padding.Padding({})
        self._weights: list[list[np.ndarray]] = []
        self._start: Start | None = None
        self._steps_per_epoch: int | None = None
        self.first_norms: list[float] = []

    @property
    def folder(self) -> str:
        """Where the events go."""
        return self._file.folder

    @property
    def is_open(self) -> bool:
        """Whether a run has begun here, written by this process or by another."""
        return self._file.is_open

    @property
    def is_recording(self) -> bool:
        """Whether there is a file that events go to."""
        return self._file.is_written

    def write_data_facts(self, data: Data) -> None:
        """Writes what the data alone tell, for a run that may never start; one that does goes on in the same file."""
        self.epoch = self._file.open(None)
        self._written_ahead = True
        facts = data_facts.input_facts(data)
        if data.has_labels:
            facts |= data_facts.label_facts(data, data_facts.read_labels(data.y))
        self._file.write_facts({"environment": model_facts.environment(), **facts})

    def write_facts(self, facts: Mapping[str, Any]) -> None:
        """Writes facts that were found elsewhere."""
        if self._file.is_open:
            self._file.write_facts(facts)

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
        with self.guarded("telling that a run begins"):
            if self.is_recording:
                watchers.begun(watchers.Run(self.folder, self.logdir))
        with self.guarded("writing the environment"):
            # A run that goes on has got over what stopped it.
            again: dict[str, Any] = {"error": {}} if self.epoch else {}
            self._file.write_facts({"environment": model_facts.environment(), **again})
        with self.guarded("reading the model's configuration"):
            self._layers = list(forward.walk(model))
            self._facts = self._model_facts(model)
        with self.guarded("noting the lines of the program"):
            self._facts |= source_lines.facts(model)
        self._steps_per_epoch = steps_per_epoch
        if self.data is not None:
            self._measure_data(self.data)
            self._take_probes(self.data, self.validation)
        with self.guarded("writing the facts"):
            self._file.write_facts(self._facts)
        if self._probe is not None and self.data is not None:
            self._write_reference_facts(self.data, self.validation)

    def learn(self, model: Any, is_new: bool, more_to_come: bool) -> None:
        """Takes in samples that are known only now, after the first steps, and writes what they show.

        The state before the first step, epoch 0, is measured on them as well, with the weights of that time. The
        samples, in `data` and `validation`, are let go as soon as may be: they were kept for this alone.

        Args:
            model: The model, in the middle of its run.
            is_new: Whether `data` were not known before; else `validation` alone was not.
            more_to_come: Whether validation samples will be known later, to be held against `data`.
        """
        if not self._file.is_open or self.data is None:
            return
        if is_new:
            self._measure_data(self.data)
        found: dict[str, Any] = {}
        if self.data.has_labels and (is_new or self._probe is not None):
            with self.guarded("measuring the data"), random_state_kept():
                found = self._reference_facts(self.data, self.validation)
        if is_new:
            self._take_probes(self.data, self.validation)
        else:
            self._take_validation_probe(model, self.data, self.validation)
        self.write_known()
        if not more_to_come and self._probe is not None and len(getattr(model, "outputs", None) or ()) == 1:
            self._let_go()
        if is_new and self._probe is not None:
            self._look_into(model, self._probe, keep_order=True)
        if self._probe is None:
            self._look_at_outputs(model)
        else:
            with self.guarded("writing the facts"):
                self._file.write_facts(found)
        if not more_to_come:
            self._let_go()
        if self._probe is None and self._outputs is None:
            return
        start, self._start = self._start, None
        if start is not None:
            self._record_start(model, start)

    def write_known(self) -> None:
        """Writes the facts of model and data as far as they are known."""
        with self.guarded("writing the facts"):
            self._file.write_facts(self._facts)

    def _let_go(self) -> None:
        """Keeps the probe batches alone."""
        self.data = self.validation = None

    def _measure_data(self, data: Data) -> None:
        with self.guarded("measuring the data"), random_state_kept():
            self._facts |= self._data_facts(data, self._steps_per_epoch)

    def _take_probes(self, data: Data, validation: Data | None) -> None:
        if data.has_labels:
            with self.guarded("drawing the probe batch"):
                self._draw_probes(data, validation)

    def _take_validation_probe(self, model: Any, data: Data, validation: Data | None) -> None:
        """Takes in validation samples alone: the probe batch stays as it is."""
        if self._probe is None:
            return
        with self.guarded("drawing the probe batch"):
            self._draw_validation(data, validation)
            if self._validation_probe is not None:
                self._validation_probe = forward.whole_batches(self._validation_probe, model)

    def _write_reference_facts(self, data: Data, validation: Data | None) -> None:
        with self.guarded("measuring the data"), random_state_kept():
            self._file.write_facts(self._reference_facts(data, validation))

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

    def _data_facts(self, data: Data, steps_per_epoch: int | None) -> dict[str, Any]:
        """What the data are, read in the light of the model."""
        batch_size, inferred = data.batch_size, None
        if batch_size is None and steps_per_epoch:
            batch_size, inferred = -(-data.sample_count // steps_per_epoch), True
        facts = {
            **data_facts.input_facts(data),
            "steps_per_epoch": steps_per_epoch,
            "batch_size": batch_size,
            "batch_size_is_inferred": inferred,
        }
        if data.has_labels:
            loss = self._facts.get("loss_function") or {}
            self._labels = data_facts.read_labels(data.y, loss.get("name"), self._facts.get("output"))
            facts |= data_facts.label_facts(data, self._labels)
        return facts

    def _draw_probes(self, data: Data, validation: Data | None) -> None:
        self._threshold = self._parting()
        self._probe = self._draw(data, self._labels.ids)
        self._draw_validation(data, validation)
        self._facts["probe_sample_count"] = self._probe.sample_count

    def _draw_validation(self, data: Data, validation: Data | None) -> None:
        if validation is not None and _are_alike(data, validation):
            self._validation_probe = self._draw(validation, None)

    def _draw(self, data: Data, classes: np.ndarray | None) -> Data:
        return data.take(measure.stratified_samples(classes, data.sample_count, self.probe_samples))

    def _reference_facts(self, data: Data, validation: Data | None) -> dict[str, Any]:
        """What simple methods reach on the data, and how validation samples relate to training samples."""
        ids = "Embedding" in self._facts.get("preprocessing", [])
        if validation is not None and not _are_alike(data, validation):
            validation = None
        facts = reference_facts(data, self._labels, validation, ids)
        if validation is not None:
            facts |= data_facts.validation_facts(data, self._labels, validation)
        return facts

    def _parting(self) -> float | None:
        """Output value that parts the two classes of a single output; None where only the loss knows."""
        return data_facts.parting(self._labels, self._facts)

    @property
    def _from_logits(self) -> bool:
        return data_facts.from_logits(self._facts)

    def begin_measuring(self, model: Any, trained: bool = False) -> bool:
        """Takes the first measurements of a built model: what its outputs are, and epoch 0 if it has not been trained.

        Where the samples are not known yet, the weights are kept, and epoch 0 is measured when they are.

        Args:
            model: A built model.
            trained: Whether it is known to have been trained, whatever an optimizer says.

        Returns:
            Whether the record of epoch 0 was written.
        """
        if not self._file.is_open:
            return False
        if self._probe is not None:
            self._look_into(model, self._probe)
        if self._probe is None:
            with suppress(Exception), random_state_kept():  # a guess at the inputs: some models take no such
                self._layers, self._head, _ = forward.explore(model, forward.blank(model))
            self._set_layers(model)
            self._look_at_outputs(model)
        self._measure_first_weights()
        untrained = False
        with self.guarded("reading the optimizer's step count"):
            untrained = not trained and self.epoch == 0 and model_facts.is_untrained(model)
        if not untrained:
            return False
        with self.guarded("measuring the first weights"):
            first = [probe.initial_weights(layer) for _, layer in self._shown]
            self._file.write_facts({"initial_weights": first})
        if self._probe is None and self.data is None and self.probe_samples:
            with self.guarded("keeping the first weights"):
                self._start = Start(forward.copied_state(model), self._optimizer(model))
            return False
        self.record(model, {}, {}, advance=False)
        return True

    def _look_at_outputs(self, model: Any) -> None:
        """What is known of each output of a model that has several."""
        if self.data is None or self.data.several is None or getattr(model, "_compile_loss", None) is None:
            return
        with self.guarded("looking at the outputs"), random_state_kept():
            self._outputs = Outputs(model, self._layers, self.data, self.validation, self.probe_samples)
            self._file.write_facts(self._outputs.facts)

    def _look_into(self, model: Any, samples: Data, keep_order: bool = False) -> None:
        """What the probe batch shows of the model once: its head, the order of its layers, and losses to compare with.

        Args:
            model: The model.
            samples: The probe batch.
            keep_order: Leaves the layers in their order: steps were measured in it.
        """
        with self.guarded("looking into the model"), random_state_kept():
            samples = forward.whole_batches(samples, model)
            self._facts["probe_sample_count"] = samples.sample_count
            if self._validation_probe is not None:
                self._validation_probe = forward.whole_batches(self._validation_probe, model)
            try:
                layers, self._head, sample_bytes = forward.explore(model, forward.few(samples, model))
            except forward.SeveralOutputsError:
                self._part_outputs()
                return
            self._layers = self._layers if keep_order else layers
            self._probe = dataclasses.replace(samples, sample_bytes=sample_bytes)
            self._set_layers(model)
        with self.guarded("asking the loss function"), random_state_kept():
            asked = loss_facts(model, samples)
            self._facts |= asked
            self._threshold = self._parting()
            self._file.write_facts(asked)
        if self._head is None:
            return
        with self.guarded("looking into the training mode"), random_state_kept():
            acts_otherwise = bool(self._facts.get("training_only"))
            self._training_mode = TrainingMode(self._shown, self._labels, self._threshold, acts_otherwise)
            always = batch_statistics_layers(model, self._layers, forward.few(samples, model))
            self._file.write_facts({"batch_statistics_layers": always})
        with self.guarded("looking for padding"), random_state_kept():
            self._padding = padding.look(model, self._layers, samples)
            self._file.write_facts(self._padding.facts)
        with self.guarded("measuring the best constant answer"), random_state_kept():
            loss = partial(forward.data_loss, model)
            levels = loss_levels(loss, samples, self._labels, self._head, self._from_logits)
            self._file.write_facts(levels)

    def _part_outputs(self) -> None:
        """Takes the labels for those of one output among several: the model has more outputs than there are labels."""

        def parted(data: Data | None) -> Data | None:
            if data is None or data.several is not None:
                return data
            return dataclasses.replace(data, several=data.y, several_weights=data.sample_weight)

        self.data, self.validation = parted(self.data), parted(self.validation)
        self._probe = self._validation_probe = None

    def _set_layers(self, model: Any) -> None:
        """Writes the table of layers, and keeps those that it shows."""
        self._facts |= self._model_facts(model, self._head)
        self._file.write_facts(self._facts)
        shown = {row["name"] for row in self._facts.get("layers", [])}
        self._shown = [pair for pair in self._layers if pair[0] in shown]

    def _model_facts(self, model: Any, head: forward.Head | None = None) -> dict[str, Any]:
        """The facts of the model; of a run that does not look at data, without what layers were given of these."""
        facts = model_facts.model_facts(model, self._layers, head)
        return facts if self.probe_samples else model_facts.without_data(facts)

    def _measure_first_weights(self) -> None:
        with self.guarded("measuring weights"):
            self._weights = self._copied_weights()
            self.first_norms = [measure.norm_and_nonfinite(kernels)[0] for kernels in self._weights]

    def write_step(self, seen: dict[str, Any]) -> None:
        """Writes what is known of the training step."""
        with self.guarded("writing the facts of the step"):
            if seen and self._file.is_open:
                self._file.write_facts({"training_step": seen})

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
            measured |= self._probe_series(model)
        with self.guarded("measuring weights", f"after epoch {self.epoch}"):
            measured |= probe.weight_series(self._shown)
            weights = self._copied_weights()
            if advance and self.first_norms:
                measured["epoch_update_ratio"] = layer_change(self._weights, weights, self.first_norms)
            self._weights = weights
        self._write_epoch(measured | self._optimizer(model), metrics, step)

    def _record_start(self, model: Any, start: Start) -> None:
        """Writes the record of epoch 0, now that there are samples to measure it on."""
        measured: dict[str, Any] = {}
        with self.guarded("keeping the random state"), random_state_kept(), forward.earlier_state(start.values):
            measured = self._probe_series(model) | probe.weight_series(self._shown)
        self._write_epoch(measured | dict(start.optimizer), {}, None)

    def _write_epoch(self, measured: Mapping[str, Any], metrics: Mapping[str, float], step: int | None) -> None:
        with self.guarded("writing the record", f"of epoch {self.epoch}"):
            known = {name: value for name, value in measured.items() if value is not None}
            self._file.write_epoch(self.epoch, known, metrics, step)
            if self._scalars is not None and metrics and self.is_recording:
                rate = {} if "learning_rate" not in known else {"learning_rate": float(known["learning_rate"])}
                with self.guarded("writing scalars for TensorBoard's own tabs"):
                    self._scalars.write(self.epoch - 1, {**metrics, **rate})

    def _optimizer(self, model: Any) -> dict[str, Any]:
        """Rate and steps of the optimizer."""
        optimizer: dict[str, Any] = {"learning_rate": model_facts.learning_rate(model)}
        with self.guarded("reading the optimizer's step count"):
            optimizer["iterations"] = model_facts.iterations(model)
        return optimizer

    def _probe_series(self, model: Any) -> dict[str, Any]:
        """What the probe batch shows: outputs, layers and gradients."""
        measured: dict[str, Any] = {}
        when = f"after epoch {self.epoch}"
        if self._probe is not None:
            with self.guarded("measuring the probe batch", when):
                measured |= self._predictions(model, self._probe)
            with self.guarded("measuring what padding hides", when):
                measured |= padding.series(model, self._padding)
            with self.guarded("measuring gradients", when):
                note = None if self._training_mode is None else self._training_mode.add
                measured |= probe.layer_gradients(model, self._probe, self._shown, note)
            if self._training_mode is not None:
                with self.guarded("measuring the training mode", when):
                    measured |= self._training_mode.series()
        if self._outputs is not None:
            with self.guarded("measuring the outputs", when):
                measured |= self._outputs.series(model, self._shown)
        return measured

    def _predictions(self, model: Any, samples: Data) -> dict[str, Any]:
        """What the outputs and the layers show on the probe batch."""
        outputs, layers = probe.predictions(model, samples, self._labels, self._threshold, self._shown)
        measured: dict[str, Any] = {**outputs, **layers}
        if self._validation_probe is not None:
            outputs, _ = probe.predictions(model, self._validation_probe, self._labels, self._threshold, [])
            measured |= {
                f"probe_val_{n}": outputs[f"probe_{n}"] for n in ("loss", "accuracy", "auc") if f"probe_{n}" in outputs
            }
        return measured

    def close(self) -> None:
        """Closes the event file; `begin` opens another."""
        with self.guarded("closing the event file"):
            self._file.close()
        scalars, self._scalars = self._scalars, None
        with self.guarded("closing the scalars"):
            if scalars is not None:
                scalars.close()

    def write_scalars(self) -> None:
        """From now on, until `close`, metrics are written for TensorBoard's own tabs as well."""
        self._scalars = Scalars(self.logdir)

    def kernels(self) -> list[list[Any]]:
        """The trainable kernels (two axes or more) of each layer of the layer table."""
        return [[v for v in layer.trainable_variables if len(v.shape) >= 2] for _, layer in self._shown]

    def _copied_weights(self) -> list[list[np.ndarray]]:
        return [[forward.to_numpy(v).copy() for v in kernels] for kernels in self.kernels()]


def _are_alike(data: Data, validation: Data) -> bool:
    """Whether both have labels of the same shape."""
    return validation.y.shape[1:] == data.y.shape[1:]


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
