"""What is known of the data before the first step: inputs, labels, repeats, neighbours, validation samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.evidence.keras_config import CROSSENTROPIES, REGRESSION_LOSSES
from tb_diagnose.recorder import measure
from tb_diagnose.recorder.data import Data

STATISTICS_SAMPLES = 20_000
"""Samples for input statistics: their standard error is then below 1 % of a standard deviation."""
STATISTICS_VALUES = 2**25
"""Values that input statistics are taken from at most: samples of large images are fewer."""
SHOWN_FEATURES = 256
"""Features with statistics of their own; wider inputs are summed up along their last axis."""
MOST_CLASSES = 1000
"""Whole numbers with more different values than this are continuous targets, unless a cross-entropy reads them."""
LARGEST_CLASS = 1_000_000
"""Class numbers from here on are not taken for indices of outputs."""
SHOWN_CLASSES = 1000
"""Classes whose counts are written; a vocabulary of 30,000 words would be 30,000 numbers."""


@dataclass(frozen=True)
class Labels:
    """What the labels stand for.

    Args:
        form: A `label_form` of `evidence.FACTS`.
        values: Sorted label values, shape `(classes,)`; None where there are no classes.
        ids: Class of each sample as an index into `values`, shape `(samples,)`; None where samples have no single
            class.
    """

    form: str
    values: np.ndarray | None = None
    ids: np.ndarray | None = None


def read_labels(y: np.ndarray, loss: str | None = None, output: dict[str, Any] | None = None) -> Labels:
    """Works out the form of the labels; loss and output layer decide where the values alone do not.

    Args:
        y: Labels, shape `(samples, ...)`.
        loss: Canonical name of the loss.
        output: The fact `output`.
    """
    if y.dtype == object or y.dtype.kind in "US":
        values, ids = np.unique(y.reshape(len(y), -1)[:, 0].astype(str), return_inverse=True)
        return Labels("string", values, ids)
    flat = y.reshape(len(y), -1)
    whole = np.isfinite(flat).all(axis=1)
    if whole.any() and not whole.all():
        # A NaN among class numbers does not make them continuous targets.
        labels = read_labels(y[whole], loss, output)
        if labels.ids is None:
            return labels
        ids = np.zeros(len(y), labels.ids.dtype)
        ids[whole] = labels.ids
        return Labels(labels.form, labels.values, ids)
    units = (output or {}).get("units")
    integral = bool(np.isfinite(y).all()) and bool((y == np.round(y)).all())
    sparse = loss == "sparse_categorical_crossentropy"
    if y.ndim > 1 and y.shape[-1] > 1 and (not sparse or _one_hot_for(y, units)):
        return _matrix_labels(y, integral)
    values = np.unique(y)
    if not integral or (len(values) > MOST_CLASSES and loss not in CROSSENTROPIES):
        return Labels("continuous")
    classifying = (
        loss in CROSSENTROPIES or (units or 1) > 1 or (output or {}).get("activation") in ("sigmoid", "softmax")
    )
    if len(values) > 2 and not classifying and (loss is None or loss in REGRESSION_LOSSES):
        return Labels("continuous")
    if len(values) > 2 and loss not in CROSSENTROPIES and (units or 1) == 1 and len(values) > max(20, len(y) // 20):
        return Labels("continuous")
    low, high = int(values.min()), int(values.max())
    single = flat.shape[1] == 1
    if sparse or (units or 1) > 1:
        # A softmax head: the class is the index of the output.
        if low >= 0 and high < LARGEST_CLASS:
            values = np.arange(max(high + 1, units or 0, 2))
        classes = np.searchsorted(values, flat[:, 0]) if single else None
        return Labels("binary" if len(values) == 2 else "integer", values, classes)
    if len(values) <= 2 and low >= 0 and high <= 1:
        values = np.array([0, 1])
    return Labels(
        "binary" if len(values) <= 2 else "integer", values, np.searchsorted(values, flat[:, 0]) if single else None
    )


def _one_hot_for(y: np.ndarray, units: int | None) -> bool:
    """Samples of zeros and a single one, as many columns as the model has outputs."""
    return y.ndim == 2 and y.shape[1] == units and bool(np.isin(y, (0, 1)).all()) and bool((y.sum(axis=1) == 1).all())


def _matrix_labels(y: np.ndarray, integral: bool) -> Labels:
    flat = y.reshape(-1, y.shape[-1])
    inside = bool(np.isfinite(flat).all()) and flat.min() >= 0 and flat.max() <= 1
    if not inside:
        # Two whole numbers: one-hot or multi-label samples in another notation, such as 1 and 2, -1 and 1, 0 and 255.
        if not integral or len(np.unique(flat)) != 2:
            return Labels("continuous")
        once = bool(((flat == flat.max()).sum(axis=1) == 1).all())
        ids = flat.argmax(axis=1) if once and y.ndim == 2 else None
        return Labels("one_hot" if once else "multi_label", np.arange(y.shape[-1]), ids)
    one_each = np.allclose(flat.sum(axis=1), 1, atol=1e-3)
    if integral:
        ids = flat.argmax(axis=1) if one_each and y.ndim == 2 else None
        return Labels("one_hot" if one_each else "multi_label", np.arange(y.shape[-1]), ids)
    return Labels("probabilities", np.arange(y.shape[-1])) if one_each else Labels("continuous")


def parting(labels: Labels, facts: Mapping[str, Any]) -> float | None:
    """Output value that parts the two classes of a single output; None where only the loss knows.

    Args:
        labels: What the labels stand for.
        facts: `output` and `loss_function` of the model.
    """
    values = labels.values
    below_zero = values is not None and values.dtype.kind in "biuf" and values.min() < 0
    bounded = (facts.get("output") or {}).get("activation") in ("sigmoid", "hard_sigmoid", "softmax")
    if (facts.get("loss_function") or {}).get("custom") and labels.form == "binary" and not bounded:
        # A distance, a similarity, a logit: which class is above which value, only the loss knows.
        return None
    # A sigmoid gives nothing below 0, whatever from_logits or the labels say.
    return 0.0 if (from_logits(facts) or below_zero) and not bounded else 0.5


def from_logits(facts: Mapping[str, Any]) -> bool:
    """Whether the loss takes logits."""
    return bool((facts.get("loss_function") or {}).get("from_logits"))


def input_facts(data: Data) -> dict[str, Any]:
    """Shapes, ranges and repeats of the inputs."""
    facts: dict[str, Any] = {
        "sample_count": data.sample_count,
        "data_is_whole": data.whole,
        "data_form": data.form,
        "input_shape": [list(a.shape[1:]) for a in data.inputs],
        "input_dtype": data.input_dtypes,
    }
    numeric = [a for a in data.inputs if a.dtype.kind in "biuf"]
    if not numeric:
        return facts
    facts["input_nonfinite_count"] = sum(measure.nonfinite_count(a) for a in numeric)
    facts |= {f"input_{name}": values for name, values in feature_statistics(data).items()}
    step = _step(data, numeric)
    facts["input_gap_fraction"] = max(
        [measure.gap_fraction(a[::step]) for a in numeric if a.dtype.kind in "iu"], default=0.0
    )
    samples = measure.side_by_side([measure.flat_rows(a[::step]) for a in numeric])
    facts["constant_feature_fraction"] = float((samples == samples[0]).all(axis=0).mean())
    facts["distinct_input_count"] = len(np.unique(data.input_keys))
    return facts


def feature_statistics(data: Data) -> dict[str, list[float]]:
    """`min`, `max`, `mean` and `std` of each feature, of numeric inputs; empty where there are none."""
    numeric = [a for a in data.inputs if a.dtype.kind in "biuf"]
    if not numeric:
        return {}
    step = _step(data, numeric)
    # One feature after the other, in blocks: of large images, all at once would take some GiB.
    features = [column for a in numeric for column in _columns(a[::step]).T]
    found = np.array([_statistics(column) for column in features]).reshape(-1, 4).T
    return {name: _short(values) for name, values in zip(("min", "max", "mean", "std"), found, strict=True)}


def _statistics(column: np.ndarray) -> tuple[float, float, float, float]:
    """Smallest and largest finite value, mean and standard deviation; zeros where no value is finite."""
    total, count, lowest, highest = 0.0, 0, np.inf, -np.inf
    for values in _finite(column):
        total, count = total + float(values.sum()), count + values.size
        lowest, highest = min(lowest, values.min(initial=np.inf)), max(highest, values.max(initial=-np.inf))
    if not count:
        return 0.0, 0.0, 0.0, 0.0
    mean = total / count
    square = sum(float(((values - mean) ** 2).sum()) for values in _finite(column))
    return float(lowest), float(highest), mean, float(np.sqrt(square / count))


def _finite(column: np.ndarray) -> Iterator[np.ndarray]:
    """The finite values in double precision, in blocks."""
    for block in measure.blocks(column):
        values = block.astype(np.float64)
        yield values[np.isfinite(values)]


def _step(data: Data, numeric: list[np.ndarray]) -> int:
    """Every how many-th sample is enough for statistics."""
    values = max(sum(a[0].size for a in numeric), 1)
    return -(-data.sample_count // int(np.clip(STATISTICS_VALUES // values, 1, STATISTICS_SAMPLES)))


def _columns(array: np.ndarray) -> np.ndarray:
    """Values by feature: every input of its own while there are few, else along the last axis."""
    flat = measure.flat_rows(array)
    if flat.shape[1] <= SHOWN_FEATURES:
        return flat
    by_last = array.reshape(-1, array.shape[-1])
    return by_last if by_last.shape[1] <= SHOWN_FEATURES else by_last[:, :SHOWN_FEATURES]


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{v:.6g}") for v in values]


def label_facts(data: Data, labels: Labels) -> dict[str, Any]:
    """Form, range and counts of the labels, their order along the samples, and how inputs and labels repeat."""
    y = data.y
    facts: dict[str, Any] = {
        "label_dtype": data.label_dtype,
        "label_shape": list(y.shape[1:]),
        "label_form": labels.form,
        "label_unique_count": len(np.unique(y.astype(str) if labels.form == "string" else y[np.isfinite(y)])),
    }
    if len(data.inputs) == 1 and data.inputs[0].shape == y.shape and y.ndim > 1:
        facts["labels_are_inputs"] = measure.are_equal(data.inputs[0], y)
    if labels.form != "string":
        finite = y[np.isfinite(y)] if y.dtype.kind == "f" else y
        facts["label_nonfinite_count"] = measure.nonfinite_count(y)
        if finite.size:
            facts["label_min"], facts["label_max"] = float(finite.min()), float(finite.max())
            facts["label_mean"], facts["label_std"] = float(finite.mean()), measure.std(finite.astype(np.float64))
    counts = class_counts(y, labels)
    if counts is not None:
        if len(counts) <= SHOWN_CLASSES:
            facts["label_counts"] = counts.tolist()
            facts["classes"] = [str(v) for v in labels.values.tolist()]  # type: ignore[union-attr]
        facts["baseline_accuracy"] = baseline_accuracy(
            counts, len(y.reshape(-1, y.shape[-1])) if y.ndim > 1 else len(y), labels
        )
    order = labels.ids
    if order is None and labels.form == "continuous" and y.size == len(y):
        order = y.reshape(-1) > np.nanmedian(y)  # sorted targets are all low ones, then all high ones
    if order is not None:
        facts["label_run_ratio"] = measure.run_ratio(order)
    facts["duplicate_sample_fraction"] = measure.duplicate_fraction(data.sample_keys)
    numeric = [measure.flat_rows(a) for a in data.inputs if a.dtype.kind in "biuf"]
    if numeric:
        facts["natural_duplicate_fraction"] = measure.natural_duplicate_fraction(measure.side_by_side(numeric))
    if labels.form != "continuous":
        facts["conflicting_sample_fraction"] = measure.conflicting_fraction(data.input_keys, data.sample_keys)
    return facts


def class_counts(y: np.ndarray, labels: Labels) -> np.ndarray | None:
    """Samples of each class, shape `(class,)`; None where there are no classes."""
    if labels.values is None:
        return None
    if labels.form in ("one_hot", "multi_label"):
        return np.asarray((y == y.max()).reshape(-1, y.shape[-1]).sum(axis=0))
    if labels.form == "probabilities":
        return np.asarray(y.reshape(-1, y.shape[-1]).sum(axis=0))
    ids = labels.ids if labels.ids is not None else np.searchsorted(labels.values, y.reshape(-1))
    return np.bincount(np.clip(ids, 0, len(labels.values) - 1), minlength=len(labels.values))


def baseline_accuracy(counts: np.ndarray, samples: int, labels: Labels) -> float:
    """Accuracy of the best constant answer."""
    if labels.form == "multi_label":
        present = counts / samples
        return float(np.maximum(present, 1 - present).mean())
    return float(counts.max() / counts.sum())


def validation_facts(data: Data, labels: Labels, validation: Data) -> dict[str, Any]:
    """Overlap of validation and training samples, and how far their label shares differ."""
    facts: dict[str, Any] = {
        "validation_sample_count": validation.sample_count,
        "validation_is_whole": validation.whole,
    }
    facts |= {f"validation_input_{name}": values for name, values in feature_statistics(validation).items()}
    same = [
        a.dtype == b.dtype and a.shape[1:] == b.shape[1:]
        for a, b in zip([*data.inputs, data.y], [*validation.inputs, validation.y], strict=False)
    ]
    # Where a shuffle was drawn anew, a sample may have been on the other side in fit.
    if all(same) and data.whole and not (data.drawn_anew or validation.drawn_anew):
        overlap = np.isin(validation.sample_keys, data.sample_keys)
        facts["validation_overlap_fraction"] = float(overlap.mean())
    if labels.ids is not None and labels.values is not None and labels.form in ("binary", "integer", "one_hot"):
        given = validation.y.reshape(validation.sample_count, -1)
        ids = given.argmax(axis=1) if labels.form == "one_hot" else np.searchsorted(labels.values, given[:, 0])
        size = max(len(labels.values), int(ids.max()) + 1)
        facts["validation_label_shift"] = float(
            0.5 * np.abs(measure.shares(labels.ids, size) - measure.shares(ids, size)).sum()
        )
    return facts
