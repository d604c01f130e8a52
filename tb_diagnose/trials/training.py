"""One trial: a changed copy with fresh weights, trained for a few epochs and measured on samples kept aside."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tb_diagnose.causes import Edit
from tb_diagnose.trials.changed_copy import CannotApplyError, changed_copy, changed_data, changed_fit
from tb_diagnose.trials.held_out import Split
from tb_diagnose.trials.isolation import isolated
from tb_diagnose.trials.scoring import Score, score


class OutOfTimeError(Exception):
    """The budget was over before a trial was."""


@dataclass(frozen=True)
class Setting:
    """What all trials of one run have in common.

    Args:
        model: The user's model, which is copied.
        samples: What is trained on and measured on.
        fit: Arguments of `fit` as the run had them, `epochs` being those of the run.
        epochs: Epochs that the control is trained for.
        classes: Whether every copy is measured by its accuracy.
    """

    model: Any
    samples: Split
    fit: Mapping[str, Any]
    epochs: int
    classes: bool

    def arguments(self, edits: Sequence[Edit]) -> dict[str, Any]:
        """The arguments of `fit` with edits made; where trials are shorter than the run, other epochs are so too."""
        planned = self.fit["epochs"]
        changed = changed_fit(self.fit, edits)
        return {**changed, "epochs": max(round(changed["epochs"] * self.epochs / planned), 1)}

    def steps(self, edits: Sequence[Edit]) -> int:
        """Steps of a trial."""
        arguments = self.arguments(edits)
        batch = max(int(arguments.get("batch_size") or 32), 1)
        return int(arguments["epochs"]) * -(-self.samples.training.sample_count // batch)


@dataclass(frozen=True)
class Outcome:
    """What a trial has shown.

    Args:
        score: On the samples kept aside.
        epochs: Epochs that it was trained for.
        seconds: What it took.
    """

    score: Score
    epochs: int
    seconds: float


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
    samples = setting.samples
    with isolated(seed):
        if edits and not isinstance(samples.training.x, np.ndarray) and any(edit.where == "data" for edit in edits):
            raise CannotApplyError("It changes an array of inputs, and this model has several.")
        x, y, validation = changed_data(edits, samples.training.x, samples.training.y, (samples.held.x, samples.held.y))
        model = changed_copy(setting.model, edits)
        arguments = setting.arguments(edits)
        until = deadline(ends)
        weight = samples.training.sample_weight
        model.fit(x, y, sample_weight=weight, verbose=0, callbacks=[until], **arguments)
        if until.is_over:
            raise OutOfTimeError
        held = replace(samples.held, x=validation[0], y=validation[1])
        found = score(model, replace(samples.training, x=x, y=y), held, setting.classes)
    return Outcome(found, int(arguments["epochs"]), time.monotonic() - started)


def deadline(ends: float) -> Any:
    """A callback that ends a training when its time is over."""
    import keras

    class Deadline(keras.callbacks.Callback):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.is_over = False

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if time.monotonic() > ends:
                self.is_over = self.model.stop_training = True

    return Deadline()
