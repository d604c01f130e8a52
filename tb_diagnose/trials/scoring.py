"""How good a trained copy is on samples that it has not seen: 0 is any constant answer, 1 a perfect one.

Of classes the skill is the mean recall, corrected for chance; where they are even, that is accuracy. Accuracy itself
gives copies that have learned nothing one value or another, by the class that they happen to answer: a spread
over the seeds in which much would be lost that helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit
from tb_diagnose.evidence.keras_config import CROSSENTROPIES
from tb_diagnose.recorder import data_facts, forward, measure, model_facts, probe
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.output_losses import OutputLosses
from tb_diagnose.recorder.outputs import head_facts, loss_facts

LOWEST = -1.0
"""Skill of outputs that are not numbers, and of all that is worse than that."""
ONE_BATCH, ONE_BATCH_VALUES = 512, 2**21
"""Samples, and values of their inputs, up to which they are one batch: layers take little memory for these."""
ACCURACY, EXPLAINED = "accuracy", "explained variance"


class CannotMeasureError(Exception):
    """Outputs of which nothing tells what they stand for."""


@dataclass(frozen=True)
class Score:
    """What a copy shows on the samples that were kept aside.

    Args:
        skills: Skill by sample, shape `(sample,)`; its mean is that of the copy.
        value: The measure itself.
        measure: "accuracy" or "explained variance".
    """

    skills: np.ndarray
    value: float
    measure: str

    @property
    def skill(self) -> float:
        return float(self.skills.mean())


def are_classes(edits: Sequence[Edit]) -> bool:
    """Whether any of some edits takes the labels for classes: then every copy is measured so."""
    return any(edit.argument == "loss" and "crossentropy" in str(edit.new).lower().replace("_", "") for edit in edits)


class Scorer:
    """Measures a copy: at its end, and on few samples while it is trained.

    What does not change by training is worked out once, when it is first measured: a copy may be built by its first
    step.

    Args:
        model: The copy.
        training: What it is trained on, for the label values that occur.
        held: What it is measured on.
        classes: Whether the labels are classes, even where the loss of this copy takes them for amounts.
        output: Name of the output that is measured, of a model with several.
    """

    def __init__(self, model: Any, training: Data, held: Data, classes: bool, output: str | None = None) -> None:
        self._model, self._training, self._held = model, training, held
        self._classes, self._output = classes, output

    @cached_property
    def _of_output(self) -> _OfOutput | None:
        return None if self._output is None else _OfOutput(self._model, self._held, self._output)

    @cached_property
    def _facts(self) -> dict[str, Any]:
        if self._of_output is not None:
            return self._of_output.facts
        return model_facts.model_facts(self._model, list(forward.walk(self._model)))

    @cached_property
    def _y(self) -> np.ndarray:
        """Labels of the training samples."""
        return self._training.y if self._of_output is None else self._of_output.labels_of(self._training)

    @cached_property
    def _labels(self) -> data_facts.Labels:
        held = self._held.y if self._of_output is None else self._of_output.labels_of(self._held)
        return _labels(np.concatenate([self._y, held]), self._facts, self._classes)

    def __call__(self, part: Data | None = None) -> Score:
        """Measures it.

        Args:
            part: Some of the samples that it is measured on. Defaults to all of them.

        Raises:
            CannotMeasureError: what the outputs stand for is not known.
        """
        held = self._held if part is None else part
        if self._of_output is None:
            predicted, y = _predicted(self._model, held), held.y
        else:
            predicted, y = self._of_output.answers_to(held), self._of_output.labels_of(held)
        columns = predicted.reshape(-1, predicted.shape[-1]) if predicted.ndim > 1 else predicted[:, None]
        labels, facts = self._labels, self._facts
        if labels.form == "continuous":
            return _of_amounts(predicted, y)
        if columns.shape[1] == 1 and labels.form == "binary" and data_facts.parting(labels, facts) is None:
            if self._output is not None:
                raise CannotMeasureError("Only its loss knows which outputs mean which class.")
            columns = _parted(columns, _predicted(self._model, self._training), self._y, labels)
            facts = {"output": {"activation": "sigmoid"}}
        right, wanted = _answers(columns, y, labels, facts)
        skills = _of_labels(right, y) if wanted is None else _of_classes(right, wanted)
        return Score(skills.reshape(held.sample_count, -1).mean(axis=1), float(right.mean()), ACCURACY)


def _predicted(model: Any, data: Data) -> np.ndarray:
    return np.asarray(_answers_of(model, data))


def _answers_of(model: Any, data: Data) -> Any:
    """What a model answers, in the structure of its outputs.

    Few samples are one batch: `predict` takes ten times as long to begin as a small model takes for them.
    """
    small = data.sample_count <= ONE_BATCH and sum(part.size for part in data.inputs) <= ONE_BATCH_VALUES
    at_once = model.steps_per_execution
    model.steps_per_execution = 1  # more of them would be unrolled into one graph here
    try:
        if small and forward.fixed_batch_size(model) is None:
            return model.predict_on_batch(forward.model_input(data.x))
        return model.predict(data.x, batch_size=data.batch_size or 128, verbose=0)
    finally:
        model.steps_per_execution = at_once


def _parted(columns: np.ndarray, on_training: np.ndarray, y: np.ndarray, labels: data_facts.Labels) -> np.ndarray:
    """Answers 0 and 1 for a distance or a similarity: parted where training samples are told apart best.

    Args:
        columns: Outputs, shape `(sample, 1)`.
        on_training: Those of the training samples.
        y: Labels of the training samples.
        labels: What these stand for.
    """
    values, of_second = on_training.reshape(-1), probe.true_classes(y, labels) == 1
    order = np.argsort(values, kind="stable")
    # Right answers with a boundary behind so many of the samples, where those above it are of the second class.
    right = np.concatenate([[0], np.cumsum(np.where(of_second[order], -1, 1))]) + of_second.sum()
    below = len(values) - right
    is_above = right.max() >= below.max()
    place = int((right if is_above else below).argmax())
    edges = np.concatenate([[-np.inf], values[order], [np.inf]])
    lower, upper = edges[place : place + 2]
    boundary = (lower + upper) / 2 if np.isfinite([lower, upper]).all() else lower if np.isinf(lower) else upper
    return np.asarray((columns > boundary) == is_above, float)


class _OfOutput:
    """One of several outputs: what it gives, its labels, and what is known of it.

    Args:
        model: The copy.
        held: What it is measured on.
        name: Name of the output.
    """

    def __init__(self, model: Any, held: Data, name: str) -> None:
        first = forward.few(held, model)
        layers = list(forward.walk(model))
        self._model = model
        self._answers, calls_of = forward.predict_all(model, first.x, layers)
        self._losses = OutputLosses(model, first.several, self._answers)
        if name not in self._losses.names:
            raise CannotMeasureError(f"The model has no output {name!r} with a loss.")
        self._index = self._losses.names.index(name)
        answers = self._losses.parts(first.several, self._answers)[self._index].answers
        self.facts = {
            "loss_function": loss_facts(self._losses.losses[self._index]),
            "output": head_facts(answers, calls_of, dict(layers)),
        }

    def answers_to(self, data: Data) -> np.ndarray:
        given = _answers_of(self._model, data)
        return np.asarray(forward.to_numpy(self._losses.parts(data.several, given)[self._index].answers))

    def labels_of(self, data: Data) -> np.ndarray:
        return np.asarray(self._losses.labels_of(data.several, self._answers)[self._index])


def _labels(y: np.ndarray, facts: dict[str, Any], classes: bool) -> data_facts.Labels:
    loss = (facts.get("loss_function") or {}).get("name")
    labels = data_facts.read_labels(y, loss, facts.get("output"))
    if labels.form == "continuous" and classes and loss not in CROSSENTROPIES:
        labels = data_facts.read_labels(y, "sparse_categorical_crossentropy")
    if labels.form == "string":
        raise CannotMeasureError("The labels are no numbers.")
    return labels


def _answers(
    columns: np.ndarray, truth: np.ndarray, labels: data_facts.Labels, facts: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Whether each answer is right, 0 or 1, and the class that it should be; None of several labels a sample."""
    threshold = data_facts.parting(labels, facts)
    if threshold is None:
        raise CannotMeasureError("Only its loss knows which outputs mean which class.")
    if labels.form == "multi_label":
        return np.asarray((columns > threshold) == (truth.reshape(columns.shape) == truth.max()), float), None
    if labels.values is None:
        raise CannotMeasureError("What the labels stand for is not known.")
    answers = measure.predicted_classes(columns, labels.values, threshold)
    wanted = probe.true_classes(truth, labels)
    if len(answers) != len(wanted):
        raise CannotMeasureError(f"It gives {len(answers):,} answers to {len(wanted):,} labels.")
    return np.where(np.isfinite(columns).all(axis=1), answers == wanted, 0.0), wanted


def _of_classes(right: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Mean recall over the classes, corrected for chance, as a share of each answer."""
    _, places, counts = np.unique(wanted, return_inverse=True, return_counts=True)
    classes = len(counts)
    if classes < 2:
        raise CannotMeasureError("The samples that it is measured on are all of one class.")
    weights = len(wanted) / (classes * counts)
    return np.asarray((right * weights[places] - 1 / classes) / (1 - 1 / classes))


def _of_labels(right: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Accuracy over several labels a sample, against the best constant answer to each."""
    present = (truth.reshape(right.shape) == truth.max()).mean(axis=0)
    floor = float(np.maximum(present, 1 - present).mean())
    if floor >= 1:
        raise CannotMeasureError("The samples that it is measured on all have the same labels.")
    return np.asarray((right - floor) / (1 - floor))


def _of_amounts(predicted: np.ndarray, y: np.ndarray) -> Score:
    """The share of the variance that the predictions explain."""
    if predicted.size != y.size:
        raise CannotMeasureError(f"It gives {predicted.size:,} numbers for {y.size:,} targets.")
    truth = y.reshape(predicted.shape).astype(float)
    variance = float(((truth - truth.mean(axis=0)) ** 2).mean())
    if not variance > 0:
        raise CannotMeasureError("The targets that it is measured on are all the same.")
    with np.errstate(all="ignore"):
        errors = ((predicted - truth) ** 2).reshape(len(y), -1).mean(axis=1) / variance
    mean = float(errors.mean())
    if not np.isfinite(mean) or 1 - mean < LOWEST:
        return Score(np.full(len(y), LOWEST), LOWEST, EXPLAINED)
    return Score(1 - errors, 1 - mean, EXPLAINED)
