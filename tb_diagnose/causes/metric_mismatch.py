"""The number that is shown as accuracy is something else.

An accuracy counts answers that equal the label. Amounts never equal a prediction to the last digit, so that the accuracy
of a regression is 0 for ever while the loss falls. A binary accuracy on one-hot samples counts the zeros, too: 0.9 with
ten classes before anything is learned. A categorical one on a single output takes the largest of one number. A
threshold at 0.5 on logits, whose boundary is 0, takes samples for the wrong class. tb_diagnose
counts the right answers itself, on the same samples, and compares.

Not this: training accuracy below validation accuracy with Dropout, the mean over an epoch against the state at its end,
and validation samples that were not the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree
from tb_diagnose.status.reported_accuracy import ACCURACIES, DIFFERENCE, Misreport

ZERO_THRESHOLD = {"class_name": "BinaryAccuracy", "config": {"threshold": 0.0}}
"""For one logit: above 0 is the second class."""
MISLEADING = 0.25
"""Difference between the reported share of right answers and the true one that hides whether anything is learned: a quarter of all samples."""


@cause(
    title="Accuracy that does not measure the answers",
    family="configuration",
    fix='Give `compile` the metric that fits: "accuracy" for classes, mae for amounts, keras.metrics.BinaryAccuracy(threshold=0) for one logit.',
    is_status="misreported",
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
        pairs = {"validation": (val_accuracy, probe_val_accuracy), "training": (accuracy, probe_accuracy)}
        return Fine(_fine(compiled_metrics, pairs))
    found = misreport
    size = degree(found.difference, DIFFERENCE, MISLEADING)
    picture = "val_accuracy" if found.samples == "validation" else "accuracy"
    units = (output or {}).get("units")
    wanted = _wanted(found, units, loss_function, label_min)
    return Finding(
        max(size, 0.01),
        1.0,
        _saw(found, label_form, units, label_shape, label_unique_count),
        f"the share of right answers{'' if found.measured is None else f', {found.measured:.3f}'}."
        if label_form != "continuous"
        else f"a metric for amounts, such as the mean absolute error; {found.metric} is no more than 0 there.",
        _fix(found, wanted),
        since=found.since,
        picture=picture,
        edits=(Edit("compile", "metrics", wanted, old=found.metric),),
    )


def _fine(
    metrics: Sequence[str], pairs: Mapping[str, tuple[np.ndarray | None, np.ndarray | None]]
) -> str:
    for samples, (reported, measured) in pairs.items():
        if reported is not None and measured is not None and len(reported) == len(measured):
            return f"Keras reports {reported[-1]:.3f} of the {samples} samples as right; {measured[-1]:.3f} of the probe samples are."
    named = [name for name in metrics if name in ACCURACIES]
    return (
        f"{named[0]} fits the labels, as 1 of {len(metrics)} metrics."
        if named
        else f"{len(metrics)} metrics, no accuracy."
    )


def _saw(
    found: Misreport, label_form: str, units: int | None, label_shape: Sequence[int], label_unique_count: int | None
) -> str:
    shown = "" if found.reported is None else f" of {found.reported:.3f} on {found.samples} samples"
    right = "" if found.measured is None else f"; {found.measured:.3f} of the answers are right"
    columns = int(label_shape[-1]) if len(label_shape) else 1
    why = {
        "amounts": f", on amounts of {label_unique_count or 'many'} different values, which no prediction equals",
        "samples": f", which compares the largest of {units} outputs with the first of several labels",
        "binary": f", which counts each of {columns if columns > 1 else label_unique_count} columns or classes by itself",
        "single": ", which takes the largest of 1 output",
        "numbers": f", which takes the largest of 1 class number, before {units} outputs",
        "differs": "",
    }[found.why]
    article = "an" if found.metric.startswith("a") else "a"
    return f"Keras reports {article} {found.metric}{shown}{why}{right}."


def _wanted(
    found: Misreport, units: int | None, loss_function: dict[str, Any] | None, label_min: float | None
) -> str | dict[str, Any]:
    """The metric that fits: its name, or the object as Keras serializes it."""
    logits = bool((loss_function or {}).get("from_logits"))
    if found.why == "amounts":
        return "mae"
    if found.why == "samples":
        return ZERO_THRESHOLD if logits else "binary_accuracy"
    if units == 1 and (logits or (label_min is not None and label_min < 0)):
        return ZERO_THRESHOLD
    return "accuracy"


def _fix(found: Misreport, wanted: str | dict[str, Any]) -> str:
    if wanted == found.metric == "accuracy":
        return 'Give `compile` the name and no object of your own: `metrics=["accuracy"]`, which Keras fits to the labels and outputs.'
    shown = f'"{wanted}"' if isinstance(wanted, str) else "keras.metrics.BinaryAccuracy(threshold=0.0)"
    return f'`metrics=["{found.metric}"]` -> `metrics=[{shown}]`.'
