"""The number that is shown as accuracy is something else.

An accuracy counts answers that equal the label. Continuous targets never equal a prediction to the last digit, so that
the accuracy of a regression is 0 for ever while the loss falls. A binary accuracy on one-hot labels counts the zeros,
too: 0.9 with ten classes before anything is learned. A categorical one on a single output takes the largest of one
number. A threshold at 0.5 on logits, whose boundary is 0, takes samples for the wrong class. tb_diagnose counts the
right answers itself, on the same samples, and compares.

Not this: training accuracy below validation accuracy with Dropout, the mean over an epoch against the state at its end,
and validation samples that were not the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, DoesNotApply, Edit, Finding, Fine, cause, degree
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._wording import plural
from tb_diagnose.status.reported_accuracy import ACCURACIES, DIFFERENCE, Misreport

ZERO_THRESHOLD = {"class_name": "BinaryAccuracy", "config": {"threshold": 0.0}}
"""For one logit: above 0 is the second class."""
MISLEADING = 0.25
"""Difference between the reported share of right answers and the true one that hides whether anything is learned: a
quarter of all samples."""


@cause(
    title="Accuracy that does not measure the answers",
    family="configuration",
    fix='Give `compile` the metric that fits: "accuracy" for classes, mae for continuous targets, '
    "keras.metrics.BinaryAccuracy(threshold=0) for one logit.",
    is_status="misreported",
    explains=("training", "validation"),
    sources=("https://keras.io/api/metrics/accuracy_metrics/",),
)
def metric_mismatch(
    label_form: str,
    compiled_metrics: Sequence[str],
    misreport: Misreport | None,
    output: dict[str, Any] | None = None,
    loss_function: dict[str, Any] | None = None,
    label_shape: Sequence[int] = (),
    label_unique_count: int | None = None,
    label_min: float | None = None,
    accuracy: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
) -> Answer:
    if misreport is None:
        if accuracy is None and not any(name in ACCURACIES for name in compiled_metrics):
            return DoesNotApply(f"No accuracy among {plural(len(compiled_metrics), 'metric')}.")
        if (loss_function or {}).get("custom") and probe_accuracy is None and label_form == "binary":
            return DoesNotApply("The loss is a custom one: which outputs stand for which class is not known.")
        return (
            _agreement("validation", val_accuracy, probe_val_accuracy)
            or _agreement("training", accuracy, probe_accuracy)
            or Fine(f"{_accuracy_among(len(compiled_metrics))} that fits the labels.")
        )
    size = degree(misreport.difference, DIFFERENCE, MISLEADING)
    units = (output or {}).get("units")
    metric = _fitting_metric(misreport, units, loss_function, label_min)
    columns = int(label_shape[-1]) if len(label_shape) else 1
    return Finding(
        max(size, 0.01),
        1.0 if misreport.by_settings else certainty(size),
        _saw(misreport, units, columns, label_unique_count),
        _expected(misreport),
        _fix(misreport, metric),
        since=misreport.since,
        picture="val_accuracy" if misreport.samples == "validation" else "accuracy",
        edits=(Edit("compile", "metrics", metric, old=misreport.metric),),
    )


def _agreement(samples: str, reported: np.ndarray | None, measured: np.ndarray | None) -> Fine | None:
    """The reported share beside the measured one; None where one of them is not known."""
    if reported is None or measured is None or not (np.isfinite(reported[-1]) and np.isfinite(measured[-1])):
        return None
    shown, right = float(reported[-1]), float(measured[-1])
    return Fine(f"Keras reports an accuracy of {shown:.3f} on {samples} samples, and {right:.3f} was measured.")


def _saw(misreport: Misreport, units: int | None, columns: int, label_unique_count: int | None) -> str:
    reported, measured = misreport.last
    shown = "" if reported is None else f" of {reported:.3f} on {misreport.samples} samples"
    right = "" if measured is None else f"; {measured:.3f} of the answers are right"
    counted = plural(columns, "column") if columns > 1 else plural(label_unique_count or 0, "class", "es")
    values = "many" if label_unique_count is None else f"{label_unique_count:,}"
    why = {
        "continuous": f", on continuous targets of {values} different values, which no prediction equals",
        "multi_label": f", which compares the largest of {units} outputs with the first of several labels",
        "columns": f", which counts each of {counted} by itself",
        "single": ", which takes the largest of 1 output",
        "class_numbers": f", which takes the largest of 1 class number, before {units} outputs",
        "differs": "",
    }[misreport.why]
    article = "an" if misreport.metric.startswith("a") else "a"
    return f"Keras reports {article} {misreport.metric}{shown}{why}{right}."


def _expected(misreport: Misreport) -> str:
    if misreport.why == "continuous":
        metric = misreport.metric
        return f"a metric for continuous targets, such as the mean absolute error; {metric} is no more than 0 there."
    return f"the share of right answers{'' if misreport.last[1] is None else f', {misreport.last[1]:.3f}'}."


def _fitting_metric(
    misreport: Misreport, units: int | None, loss_function: dict[str, Any] | None, label_min: float | None
) -> str | dict[str, Any]:
    """The metric that fits: its name, or the object as Keras serializes it."""
    logits = bool((loss_function or {}).get("from_logits"))
    if misreport.why == "continuous":
        return "mae"
    if misreport.why == "multi_label":
        return ZERO_THRESHOLD if logits else "binary_accuracy"
    if units == 1 and (logits or (label_min is not None and label_min < 0)):
        return ZERO_THRESHOLD
    return "accuracy"


def _fix(misreport: Misreport, metric: str | dict[str, Any]) -> str:
    if metric == misreport.metric == "accuracy":
        return (
            'Give `compile` the name instead of an object: `metrics=["accuracy"]`, which Keras fits to the labels and '
            "outputs."
        )
    shown = f'"{metric}"' if isinstance(metric, str) else "keras.metrics.BinaryAccuracy(threshold=0.0)"
    return f'`metrics=["{misreport.metric}"]` -> `metrics=[{shown}]`.'


def _accuracy_among(metrics: int) -> str:
    return "1 metric, an accuracy" if metrics == 1 else f"{metrics} metrics, among them an accuracy"
