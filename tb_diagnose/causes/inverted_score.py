"""The output tells the classes apart, and the accuracy reads it the wrong way round, or at the wrong value.

Some outputs are no probabilities: the distance of a pair, a similarity, a score of any scale. "accuracy" takes every
output above 0.5 for the second class. Of a distance that is the wrong side: the better the pairs are told apart, the
lower the accuracy falls. Of similarities that are all above 0.5, it stays at the share of one class.

How it is told: by ranking, which needs no threshold. The area under the ROC curve is the chance that a sample of the
second class has a higher output than one of the first: far from 0.5, on either side, the samples are told apart.

Not this: outputs that tell nothing apart; a cross-entropy, whose outputs are probabilities with their boundary at 0.5
(with classes that are rare, or in training that has only begun, none may be above it); logits (`metric_mismatch`); and
a loss that rises, as with a negative learning rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, cause, degree, number
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._tries import REPORTED
from tb_diagnose.evidence.keras_config import CROSSENTROPIES
from tb_diagnose.status.reported_accuracy import ACCURACIES
from tb_diagnose.status.skill import LAST, LEARNED, probe_samples, standard_error

HEALTHY, RUINOUS = 0.3, 0.8
"""Distance of the AUC from chance, 1 for a perfect order on either side. An AUC of 0.65 is a weak order, which leaves
the accuracy near the majority share at any threshold; at 0.9, most samples are on their side of some threshold."""
ERRORS = 3.0
"""Standard errors within which an AUC is chance, and up to which an accuracy is no better than the majority share."""


@cause(
    title="Score that the accuracy reads the wrong way",
    family="configuration",
    fix="Give `compile` a metric that reads the output as the loss does: a distance below a threshold is a pair.",
    sources=(
        "https://github.com/keras-team/keras/issues/4980: the accuracy of a siamese net falls while it learns",
        "Hanley and McNeil, 'The meaning and use of the area under a ROC curve', 1982",
    ),
)
def inverted_score(
    probe_auc: np.ndarray,
    best_threshold: np.ndarray,
    best_threshold_accuracy: np.ndarray,
    loss_function: dict[str, Any],
    label_counts: list[float],
    epochs: np.ndarray,
    accuracy: np.ndarray | None = None,
    probe_val_auc: np.ndarray | None = None,
    probe_loss: np.ndarray | None = None,
    classes: list[str] | None = None,
    compiled_metrics: list[str] | None = None,
    label_min: float | None = None,
    label_max: float | None = None,
    probe_sample_count: int | None = None,
) -> Answer:
    if loss_function["name"] in CROSSENTROPIES:
        return DoesNotApply(f"{loss_function['name']} makes probabilities of the outputs, with their boundary known.")
    known = np.flatnonzero(np.isfinite([probe_auc, best_threshold, best_threshold_accuracy]).all(axis=0))
    if not len(known):
        return DoesNotApply("The output is not a single number that ranks two classes.")
    reported = accuracy[np.isfinite(accuracy)][-LAST:] if accuracy is not None else np.zeros(0)
    if not len(reported):
        return DoesNotApply("No accuracy is reported.")
    last = int(known[-1])
    order, best, threshold = (float(series[last]) for series in (probe_auc, best_threshold_accuracy, best_threshold))
    counts = np.asarray(label_counts, float)
    share, samples = float(counts.max() / counts.sum()), probe_samples(probe_sample_count)
    if not 0 < share < 1:
        return DoesNotApply("All labels are of one class.")
    shown, second = float(np.median(reported)), classes[1] if classes and len(classes) == 2 else "1"
    saw = (
        f"Samples of class {second} have the higher output in {order:.1%} of all pairs with one of the other class "
        f"after epoch {int(epochs[last])} (AUC on the probe batch"
        f"{_on_validation(probe_val_auc)}); Keras reports an accuracy of {number(shown)}"
    )
    error = np.sqrt((samples + 1) / (12 * share * (1 - share) * samples**2))
    strength = abs(2 * order - 1)
    skill = (best - share) / (1 - share)
    if strength < max(HEALTHY, 2 * ERRORS * float(error)) or skill < LEARNED:
        return Fine(f"Class {second} ranks higher in {order:.1%} of all pairs: no threshold could use that order.")
    if shown > share + ERRORS * standard_error(share, samples):
        return Fine(f"Accuracy is {number(shown)}, more than the {number(share)} of the commonest class.")
    losses = probe_loss[np.isfinite(probe_loss)] if probe_loss is not None else np.zeros(0)
    if len(losses) < 2:
        return CouldNotTell(("probe_loss",))
    if losses[-1] >= losses[0]:
        return Fine(
            f"The loss rose from {number(float(losses[0]))} to {number(float(losses[-1]))}: no order was learned."
        )
    below = order < 0.5
    parted = np.isfinite(probe_auc) & (np.abs(2 * probe_auc - 1) >= HEALTHY) & (epochs > 0)
    fix, edits = _remedy(below, threshold, second, compiled_metrics or [], label_min, label_max)
    return Finding(
        min(skill, 1.0),
        certainty(degree(strength, HEALTHY, RUINOUS)),
        f"{saw}. {'Below' if below else 'Above'} {number(threshold)} for class {second}, {best:.1%} of the samples "
        "are right.",
        f"an accuracy of about {number(best)}, which this output allows.",
        fix,
        since=int(epochs[parted.argmax()]) if parted.any() else 1,
        picture="probe_auc",
        edits=edits,
        attempt=REPORTED,
    )


def _on_validation(probe_val_auc: np.ndarray | None) -> str:
    known = probe_val_auc[np.isfinite(probe_val_auc)] if probe_val_auc is not None else np.zeros(0)
    return f"; {known[-1]:.1%} on validation samples" if len(known) else ""


def _remedy(
    below: bool, threshold: float, second: str, metrics: list[str], low: float | None, high: float | None
) -> tuple[str, tuple[Edit, ...]]:
    """A metric that reads the output the right way, and the same as an edit where Keras has such a metric."""
    at = number(threshold, 2)
    middle = number(((low or 0.0) + (1.0 if high is None else high)) / 2, 2)
    old = next((name for name in ACCURACIES if name in metrics), None)
    if not below and middle == "0.5" and old is not None:
        metric = {"class_name": "BinaryAccuracy", "config": {"threshold": float(at.replace(",", ""))}}
        return (
            f'`metrics=["{old}"]` -> `metrics=[keras.metrics.BinaryAccuracy(threshold={at})]`.',
            (Edit("compile", "metrics", metric, old=old),),
        )
    side = "<" if below else ">"
    return (
        f"Class {second} is where the output is {'small' if below else 'large'}: let the metric say so. "
        "`def accuracy(y_true, y_pred): return keras.ops.mean(keras.ops.cast(keras.ops.equal("
        f'keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "float32") > {middle}, '
        f"keras.ops.reshape(y_pred, (-1,)) {side} {at.replace(',', '')}), "
        '"float32"))`, and `model.compile(..., metrics=[accuracy])`.',
        (),
    )
