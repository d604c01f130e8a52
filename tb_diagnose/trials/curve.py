"""What a copy shows on samples kept aside while it is trained: the curve beside its row in the table of a trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from tb_diagnose.recorder import backend, forward
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.random_state import random_state_kept
from tb_diagnose.trials.scoring import Scorer

MOST_SAMPLES = 500
"""Samples that a point of a curve is measured on: its standard error is then at most 0.022, the height of a line as
small as these are drawn, and a hundred such points cost a small model about a second."""
MOST_POINTS = 20
"""Epochs after which a copy is measured: so few tell the course of a curve that is drawn small."""

Curve = dict[int, float]
"""The measure by epochs that were finished."""


def epochs_of(epochs: int) -> list[int]:
    """The epochs after which a copy is measured: all of them, or `MOST_POINTS` as even as can be, the last always."""
    return [int(epoch) for epoch in np.unique(np.linspace(1, epochs, MOST_POINTS).round())]


def follower(scorer: Scorer, held: Data, epochs: int, curve: Curve) -> Any:
    """A callback that enters into `curve` what a copy shows after each epoch but the last, at which it is measured on
    all samples.

    Each point is measured on at most `MOST_SAMPLES` of them, the same ones every time. What is trained does not change
    by it: weights, statistics, states of layers and random states are put back to the last bit. A copy that cannot be
    measured so has no curve.

    Args:
        scorer: What measures the copy.
        held: The samples kept aside.
        epochs: Epochs that it is trained for.
        curve: What was measured.
    """
    import keras

    chosen = np.random.default_rng(0).permutation(held.sample_count)[:MOST_SAMPLES]
    samples, wanted = held.take(np.sort(chosen)), set(epochs_of(epochs)) - {epochs}

    class Follower(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch + 1 not in wanted:
                return
            try:
                with left_as_it_is(self.model):
                    curve[epoch + 1] = scorer(samples).value
            except Exception:  # noqa: BLE001 - what the copy is worth is measured at its end all the same
                wanted.clear()

    return Follower()


@contextmanager
def left_as_it_is(model: Any) -> Iterator[None]:
    """Within it a model may be run in inference mode; what that changes is put back."""
    before = [(variable, forward.to_numpy(variable).copy()) for variable in model.non_trainable_variables]
    with random_state_kept(), backend.modules_kept(model):
        yield
    for variable, value in before:
        variable.assign(value)


def mean_of(curves: Sequence[Mapping[int, float]]) -> Curve:
    """The mean over the seeds at the epochs that all of them have."""
    shared = sorted(set.intersection(*map(set, curves))) if curves else []
    return {epoch: float(np.mean([curve[epoch] for curve in curves])) for epoch in shared}
