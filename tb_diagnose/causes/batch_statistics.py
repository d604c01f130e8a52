"""Predictions are scaled by statistics that are not those of the samples.

BatchNormalization scales by the mean and variance of the batch in training, and by moving averages of them otherwise.
An average of momentum 0.99 still holds two thirds of what it began with (mean 0, variance 1) after 40 steps: fit
reports an accuracy near 1, and predictions on the same samples are no better than guessing. The same comes of a loop
that never stores the averages. The other way round, a layer that is called with `training=True` scales predictions by
the batch that they are made in: on validation samples sorted by class, each batch is centred on its own class.

How it is told: the right answers on the same samples in both modes, momentum, and the steps there were.

Not this: Dropout, which makes training mode the worse one; two modes that agree; and the first epochs of a run in which
the averages will have caught up by its end.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, Try, cause, degree, number
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._wording import plural
from tb_diagnose.status.disagreement import Disagreement
from tb_diagnose.status.moving_statistics import KEPT, MovingStatistics

HALF_KEPT = 0.5
"""Share of what the averages began with from which they are more that than anything else."""
LEAST = 0.3
"""Harm of a difference that is just significant; where it is all that predictions lack, 1."""
CAUGHT_UP = 0.01
"""Share of what they began with that the new momentum leaves in the averages at the end, and the share of weights as
they were an epoch before."""
LAST_EPOCH = 0.1
MOMENTA = (0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Momenta that the fix chooses from. Below 0.5 an average is hardly more than the last batch."""
BY_BATCH = 0.8
"""Certainty that a difference of validation figures comes of layers that scale by the batch: the samples may differ."""


@cause(
    title="Predictions by the wrong batch statistics",
    family="training",
    fix="Lower `momentum` of BatchNormalization so that its averages catch up in the steps there are, or train longer.",
    brings_about=("constant_prediction", "dead_relu", "saturated_activations"),
    explains=("modes", "validation"),
    sources=(
        "Ioffe and Szegedy, 'Batch Normalization', 2015, section 3.1",
        "https://keras.io/api/layers/normalization_layers/batch_normalization/",
        "https://github.com/keras-team/keras/issues/6014",
    ),
)
def batch_statistics(
    layers: list[dict[str, Any]],
    epochs: np.ndarray,
    batch_statistics_layers: list[str] | None = None,
    modes_disagreement: Disagreement | None = None,
    validation_disagreement: Disagreement | None = None,
    moving_statistics: MovingStatistics | None = None,
    probe_training_accuracy: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
    probe_training_loss: np.ndarray | None = None,
    probe_loss: np.ndarray | None = None,
    steps_per_epoch: float | None = None,
) -> Answer:
    if not any(row.get("momentum") is not None or row.get("class") == "BatchNormalization" for row in layers):
        return DoesNotApply("No layer scales by statistics of the batch.")
    if batch_statistics_layers and validation_disagreement is not None:
        by_batch = _by_batch(batch_statistics_layers, validation_disagreement)
        if by_batch is not None:
            return by_batch
    if modes_disagreement is not None and moving_statistics is not None and moving_statistics.lag:
        if modes_disagreement.excuse is None:
            return _lagging(modes_disagreement, moving_statistics, steps_per_epoch, int(epochs[-1]))
        if moving_statistics.catch_up:
            return Fine(
                f"{moving_statistics.kept:.0%} of the moving statistics are their first values, "
                f"{moving_statistics.kept_at_end:.1%} will be at the end."
            )
    agreement = _agreement("accuracy", probe_training_accuracy, probe_accuracy)
    agreement = agreement or _agreement("loss", probe_training_loss, probe_loss)
    return agreement or CouldNotTell(("probe_training_accuracy", "probe_training_loss"))


def _agreement(what: str, in_training: np.ndarray | None, in_inference: np.ndarray | None) -> Fine | None:
    """Both modes side by side; None where one of them is not known."""
    if in_training is None or in_inference is None:
        return None
    one, other = float(in_training[-1]), float(in_inference[-1])
    if not (math.isfinite(one) and math.isfinite(other)):
        return None
    return Fine(
        f"The probe samples have {'an' if what[0] == 'a' else 'a'} {what} of {number(one)} in training mode, "
        f"{number(other)} in inference mode."
    )


def _by_batch(names: list[str], apart: Disagreement) -> Finding | None:
    """Validation samples that do worse in the batches of fit than in those that tb_diagnose draws."""
    worse = apart.one < apart.other if apart.what == "accuracy" else apart.one > apart.other
    if not worse:
        return None
    lacking = 1 - apart.one if apart.what == "accuracy" else apart.one
    return Finding(
        max(LEAST, min(apart.difference / max(lacking, 1e-9), 1.0)),
        BY_BATCH,
        f"{_names(names)} by the statistics of the batch in inference mode as well, and {apart.clause}, in mixed "
        "batches.",
        f"a difference below {number(apart.limit, 2)}, and predictions that do not depend on the batch.",
        f"Take `training=True` out of the call of {', '.join(names[:3])}: its moving statistics are there for "
        "predictions.",
        since=apart.since,
        layers=tuple(names),
        picture=f"val_{apart.what}",
        attempt=Try(untold="The layer is called so in the program's own code."),
    )


def _names(names: list[str]) -> str:
    return f"{', '.join(names[:3])} {'scales' if len(names) == 1 else 'scale'}"


def _lagging(apart: Disagreement, moving: MovingStatistics, steps_per_epoch: float | None, last: int) -> Finding:
    """Moving statistics that are not those of the samples."""
    of_old = moving.kept
    began = (
        f"{plural(len(moving.layers), 'layer')} of BatchNormalization with a momentum of {moving.momentum:g} "
        f"{'has' if len(moving.layers) == 1 else 'have'} seen {moving.steps or 0:,} steps: {of_old:.0%} of the moving "
        "statistics is what they began with"
        if moving.updated
        else f"the moving statistics of {plural(len(moving.layers), 'layer')} never moved in {plural(last, 'epoch')}"
    )
    off = (
        ""
        if moving.error is None
        else f"; by them the output of {moving.worst} is {number(moving.error, 2)} standard deviations off"
    )
    return Finding(
        max(LEAST, min(apart.difference / apart.lacking, 1.0)),
        certainty(degree(of_old, KEPT, HALF_KEPT)),
        f"After epoch {last}, {apart.clause}; {began}{off}.",
        f"a difference below {number(apart.limit, 2)}; at most {KEPT:.0%} of what the statistics began with.",
        **_fix(moving, steps_per_epoch, last),
        since=apart.since,
        layers=moving.layers,
        picture=f"probe_training_{apart.what}",
    )


def _fix(moving: MovingStatistics, steps_per_epoch: float | None, last: int) -> dict[str, Any]:
    """The fix, and its edits: a momentum with which the averages catch up in the steps there were."""
    if not moving.updated and moving.momentum < 1:
        return {
            "fix": "Store what a step gives for the moving statistics: call the model with `training=True`, and keep "
            "the non-trainable variables that `stateless_call` returns."
        }
    if moving.steps is None:
        return {}
    in_epoch = steps_per_epoch or moving.steps / max(last, 1)
    new = momentum_for(moving.steps, in_epoch)
    longer = ""
    if moving.momentum < 1:
        needed = math.ceil(math.log(KEPT / 2) / math.log(moving.momentum))
        longer = f"; or train for at least {needed:,} steps ({plural(math.ceil(needed / in_epoch), 'epoch')})"
    return {
        "fix": f"Let the averages catch up in the {moving.steps:,} steps there are: "
        f"`BatchNormalization(momentum={moving.momentum:g})` -> `BatchNormalization(momentum={new:g})`{longer}.",
        "edits": tuple(Edit(name, "momentum", new) for name in moving.layers),
    }


def momentum_for(steps: float, steps_per_epoch: float) -> float:
    """The largest usual momentum with which nothing of the first value, and little of an epoch ago, is left.

    Args:
        steps: Steps of the whole run.
        steps_per_epoch: Steps of an epoch, in which the weights move on.
    """
    most = min(CAUGHT_UP ** (1 / max(steps, 1)), LAST_EPOCH ** (1 / max(steps_per_epoch, 1)))
    return next((momentum for momentum in MOMENTA if momentum <= most), MOMENTA[-1])
