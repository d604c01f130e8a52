"""One trial: a changed copy with fresh weights, trained for a few epochs and measured on samples kept aside."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit
from tb_diagnose.causes._finding import RANGE_TEST, SAMPLES
from tb_diagnose.recorder.data import Data
from tb_diagnose.trials import range_test
from tb_diagnose.trials.changed_copy import CannotApplyError, changed_copy, changed_data, changed_fit
from tb_diagnose.trials.curve import Curve, follower
from tb_diagnose.trials.held_out import Split
from tb_diagnose.trials.isolation import isolated
from tb_diagnose.trials.scoring import Score, Scorer
from tb_diagnose.trials.time_limit import TimeOverError, within_time

AT_ONCE = 16
"""Short steps that TensorFlow makes in one call: of a small model a call takes longer than its steps. What is trained
is the same to the last bit."""
SHORT_STEP = 0.03
"""Seconds of a step up to which it is short: between two calls it is seen whether the time is over."""
AS_GIVEN = "as_given"
"""Argument of a try that feeds fit with `data`."""


class OutOfTimeError(Exception):
    """The budget was over before a trial was.

    Args:
        steps: Steps that it had made.
        seconds: What it had taken.
        stepping: What these steps had taken of that, as in `Outcome`.
    """

    def __init__(self, steps: int = 0, seconds: float = 0.0, stepping: float = 0.0) -> None:
        super().__init__()
        self.steps, self.seconds, self.stepping = steps, seconds, stepping


@dataclass(frozen=True)
class Setting:
    """What all trials of one run have in common.

    Args:
        model: The user's model, which is copied.
        samples: What is trained on and measured on.
        fit: Arguments of `fit` as the run had them, `epochs` being those of the run.
        epochs: Epochs that the control is trained for.
        classes: Whether every copy is measured by its accuracy.
        as_fed: Edits that each copy has whose change is not to feed fit otherwise.
        output: Name of the output that is measured, of a model with several; None for one.
        compiled: Arguments of `compile` as the run began with them; None where they are as the model has them.
        seconds_a_step: Of the run; None where they are not known.
    """

    model: Any
    samples: Split
    fit: Mapping[str, Any]
    epochs: int
    classes: bool
    as_fed: tuple[Edit, ...] = ()
    output: str | None = None
    compiled: Mapping[str, Any] | None = None
    seconds_a_step: float | None = None

    def arguments(self, edits: Sequence[Edit]) -> dict[str, Any]:
        """The arguments of `fit` with edits made; where trials are shorter than the run, other epochs are so too."""
        planned = self.fit["epochs"]
        changed = changed_fit(self.fit, edits)
        return {**changed, "epochs": max(round(changed["epochs"] * self.epochs / planned), 1)}

    def steps(self, edits: Sequence[Edit]) -> int:
        """Steps of a trial."""
        arguments = self.arguments(edits)
        return int(arguments["epochs"]) * -(-self.samples.training.sample_count // self._batch_size(edits))

    def work(self, edits: Sequence[Edit]) -> tuple[int, float]:
        """Steps of a trial, and the samples of one of them over those of a step of the control."""
        return self.steps(edits), self._batch_size(edits) / self._batch_size([])

    def part(self, share: float, least: int) -> Setting:
        """The same with a share of the training samples, but no fewer than make `least` steps of the control."""
        count = self.samples.training.sample_count
        enough = -(-least // self.epochs) * self._batch_size([])
        return replace(self, samples=self.samples.part(min(max(round(share * count), enough), count)))

    def _batch_size(self, edits: Sequence[Edit]) -> int:
        return max(int(self.arguments(edits).get("batch_size") or 32), 1)


@dataclass(frozen=True)
class Outcome:
    """What a trial has shown.

    Args:
        score: On the samples kept aside.
        epochs: Epochs that it was trained for.
        seconds: What it took.
        stepping: What its steps took of that, without the first one, in which a step is built.
        curve: The measure after each epoch, the last one that of the score; see `curve`.
    """

    score: Score
    epochs: int
    seconds: float
    stepping: float = 0.0
    curve: Curve = field(default_factory=dict)


def train(setting: Setting, edits: Sequence[Edit], seed: int, ends: float) -> Outcome:
    """Trains one copy.

    Args:
        setting: What all trials have in common.
        edits: What is changed.
        seed: From 0; copies of one seed share what they draw as far as the change leaves it.
        ends: Time (`time.monotonic`) at which it is given up.

    Raises:
        OutOfTimeError: it was given up.
        CannotApplyError: an edit has no place in this model or these data.
        Exception: whatever building, training or measuring it raises.
    """
    started = time.monotonic()
    samples = setting.samples.of(seed)
    if not any(edit.argument == AS_GIVEN for edit in edits):
        edits = (*setting.as_fed, *edits)
    until, curve = deadline(ends), Curve()
    with isolated(seed):
        try:
            found, planned, epochs = within_time(ends, partial(_trained, setting, edits, samples, until, curve))
        except TimeOverError:
            until.is_over = True
    if until.is_over or time.monotonic() > ends:
        raise OutOfTimeError(until.steps, time.monotonic() - started, until.stepping)
    course = _as_epochs_of_run({**curve, epochs: found.value}, planned / epochs)
    return Outcome(found, planned, time.monotonic() - started, until.stepping, course)


def _trained(
    setting: Setting, edits: Sequence[Edit], samples: Split, until: Any, curve: Curve
) -> tuple[Score, int, int]:
    """Trains and measures a copy: what it shows, the epochs that were planned, and those that it was trained for.

    Raises:
        TimeOverError: its time was over before its last step.
    """
    training, held = _changed_samples(samples, edits)
    edits = _with_found_rate(setting, training, edits)
    model = changed_copy(setting.model, edits, setting.compiled)
    _in_fewer_calls(model, setting.seconds_a_step)
    arguments = setting.arguments(edits)
    planned = int(arguments["epochs"])
    # As many steps from fewer samples, or from more: what a change of the samples brings is not the steps.
    batch_size = int(arguments.get("batch_size") or 32)
    before, now = (-(-part.sample_count // batch_size) for part in (samples.training, training))
    epochs = max(round(planned * before / now), 1)
    scorer = Scorer(model, training, held, setting.classes, setting.output)
    y, weight = training.y, training.sample_weight
    if training.several is not None:
        y, weight = training.several, training.several_weights
    arguments |= {"epochs": epochs, "callbacks": [until, follower(scorer, held, epochs, curve)]}
    model.fit(training.x, y, sample_weight=weight, verbose=0, **arguments)
    if until.is_over:
        raise TimeOverError
    found = scorer()
    if setting.output is not None:
        found = replace(found, measure=f"{found.measure} of `{setting.output}`")
    return found, planned, epochs


def _in_fewer_calls(model: Any, seconds_a_step: float | None) -> None:
    """Lets short steps be made several at once, where Keras's own step is all that a call does."""
    import keras

    if (
        keras.backend.backend() == "tensorflow"
        and seconds_a_step is not None
        and seconds_a_step <= SHORT_STEP
        and type(model).train_step is keras.Model.train_step
        and not model.run_eagerly
        and model.steps_per_execution == 1
    ):
        model.steps_per_execution = AT_ONCE


def _as_epochs_of_run(curve: Curve, share: float) -> Curve:
    """A curve by epochs of the run: where samples are left out, one of a copy has fewer steps."""
    return {max(round(epoch * share), 1): value for epoch, value in curve.items()}


def _with_found_rate(setting: Setting, training: Data, edits: Sequence[Edit]) -> Sequence[Edit]:
    """The edits with the learning rate that a range test finds, where one asks for it."""
    if not any(edit.new == RANGE_TEST for edit in edits):
        return edits

    def at(rate: float) -> list[Edit]:
        return [replace(edit, new=rate) if edit.new == RANGE_TEST else edit for edit in edits]

    y = training.y if training.several is None else training.several
    batch_size = int(setting.arguments(edits).get("batch_size") or 32)
    return at(
        range_test.rate(changed_copy(setting.model, at(range_test.LOWEST), setting.compiled), training.x, y, batch_size)
    )


def _changed_samples(samples: Split, edits: Sequence[Edit]) -> tuple[Data, Data]:
    """What a copy is trained on, and measured on."""
    places = {edit.where for edit in edits if edit.where in (*SAMPLES, "in front")}
    if not places:
        return samples.training, samples.held
    training, held = samples.training, samples.held
    if not isinstance(training.x, np.ndarray):
        raise CannotApplyError("It changes an array of inputs, and this model has several.")
    if "validation" in places and samples.kept_aside:
        raise CannotApplyError("No validation samples were given, and those that are kept aside are drawn by chance.")
    y, held_y = ((part.y if part.several is None else part.several) for part in (training, held))
    x, y, validation = changed_data(edits, training.x, y, (held.x, held_y), samples.paired)
    count = len(x)
    if count != training.sample_count and training.sample_weight is not None:
        raise CannotApplyError("It drops samples, and these have weights.")
    return _with_labels(training, x, y), _with_labels(held, *validation)


def _with_labels(data: Data, x: Any, y: Any) -> Data:
    """Samples with other inputs and labels; those of several outputs in their structure."""
    if data.several is None:
        return replace(data, x=x, y=y)
    return replace(data, x=x, y=np.zeros((len(x), 0)), several=y)


def deadline(ends: float) -> Any:
    """A callback that ends a `fit` when its time is over, in the middle of an epoch, too."""
    import keras

    class Deadline(keras.callbacks.Callback):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.is_over = False
            self.steps, self.stepping = 0, 0.0
            self._first: float | None = None
            self._at = -1

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            now = time.monotonic()
            if batch < self._at:  # of the next epoch
                self._at = -1
            self.steps += batch - self._at
            self._at = batch
            self._first = now if self._first is None else self._first
            self.stepping = now - self._first
            if now > ends:
                self.is_over = self.model.stop_training = True

    return Deadline()
