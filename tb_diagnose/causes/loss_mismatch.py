"""The loss measures something else than the labels mean.

The optimizer lowers whatever the loss says. A binary cross-entropy on class numbers above 1 falls below zero without
end. A categorical cross-entropy on a single output is 0 for every answer. A squared error between K outputs and one
class number pulls all outputs to the same number, and one through a sigmoid or softmax has next to no gradient where
the answer is confidently wrong. The loss may fall nicely while accuracy stands still.

A custom loss is not known by name. On continuous targets it is at fault where it has fallen below what the labels
themselves would give while predictions ran away from them, as with the mean of plain differences.

Not this: a squared error on one-hot labels that learns, more classes than outputs (`output_units`), and class numbers
where one-hot labels belong (`label_encoding`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Fine, cause
from tb_diagnose.causes._labels import COLUMNS, one_number_each
from tb_diagnose.causes._loss_verdicts import (
    Setting,
    always_zero,
    below_zero,
    classes_as_numbers,
    constant_loss,
    continuous_targets,
    few_outputs,
    form_of_labels,
    number_for_each_output,
    numbers_as_probabilities,
    one_class_expected,
    weak_gradient,
)
from tb_diagnose.causes._runaway_loss import runaway
from tb_diagnose.evidence.keras_config import REGRESSION_LOSSES

BINARY = frozenset({"binary_crossentropy", "binary_focal_crossentropy"})
MARGIN = frozenset({"hinge", "squared_hinge"})
CATEGORICAL = frozenset({"categorical_crossentropy", "categorical_focal_crossentropy"})
SPARSE = frozenset({"sparse_categorical_crossentropy"})
CHECKED = BINARY | MARGIN | CATEGORICAL | SPARSE | REGRESSION_LOSSES

ONE_VALUE, TWO, NUMBERS = "one value", "two classes", "class numbers"
TWO_MAP, NUMBERS_MAP = "map of two classes", "map of class numbers"
ONE_HOT, SEVERAL, SHARES = "one-hot", "several classes", "probabilities"
TARGETS, UNIT_TARGETS = "targets", "targets from 0 to 1"
ONE, MANY = "one", "many"

Verdict = Callable[[Setting], Answer]
Row = tuple[frozenset[str], tuple[str, ...], tuple[str, ...], Verdict]
# fmt: off
TABLE: tuple[Row, ...] = (
    # loss                labels                                          outputs      verdict
    (BINARY | MARGIN,      (NUMBERS, NUMBERS_MAP),                         (ONE, MANY), numbers_as_probabilities),
    (BINARY | MARGIN,      (ONE_VALUE, TWO),                               (MANY,),     number_for_each_output),
    (BINARY | MARGIN,      (TARGETS,),                                     (ONE, MANY), continuous_targets),
    (CATEGORICAL | SPARSE, (TARGETS, UNIT_TARGETS),                        (ONE, MANY), continuous_targets),
    (CATEGORICAL | SPARSE, (NUMBERS, NUMBERS_MAP, ONE_HOT, SEVERAL, SHARES), (ONE,),    few_outputs),
    (CATEGORICAL | SPARSE, (ONE_VALUE, TWO, TWO_MAP),                      (ONE,),      constant_loss),
    (CATEGORICAL | SPARSE, (SEVERAL,),                                     (MANY,),     one_class_expected),
    (CATEGORICAL,          (ONE_VALUE, TWO, NUMBERS, TWO_MAP, NUMBERS_MAP), (MANY,),    form_of_labels),
    (SPARSE,               (ONE_HOT, SHARES),                              (MANY,),     form_of_labels),
    (REGRESSION_LOSSES,    (TWO, NUMBERS),                                 (MANY,),     number_for_each_output),
    (REGRESSION_LOSSES,    (NUMBERS, NUMBERS_MAP),                         (ONE,),      classes_as_numbers),
    (REGRESSION_LOSSES,    (ONE_HOT,),                                     (ONE,),      few_outputs),
    (REGRESSION_LOSSES,    (TWO, TWO_MAP),                                 (ONE,),      weak_gradient),
    (REGRESSION_LOSSES,    (ONE_HOT, TWO_MAP, NUMBERS_MAP),                (MANY,),     weak_gradient),
)
# fmt: on
"""What each loss makes of each form of labels; the first row that fits counts, and what is in none is fine."""


@cause(
    title="Loss that does not fit the labels",
    family="configuration",
    fix="Use binary_crossentropy for two classes with one output, sparse_categorical_crossentropy for class numbers, "
    "categorical_crossentropy for one-hot labels, mean_squared_error for continuous targets.",
    brings_about=(
        "vanishing_gradients",
        "constant_prediction",
        "exploding_gradients",
        "saturated_activations",
        "dead_relu",
    ),
    looks_like=("learning_rate_too_high", "metric_mismatch"),
    sources=(
        "https://keras.io/api/losses/",
        "Glorot and Bengio, 'Understanding the difficulty of training deep feedforward neural networks', 2010",
        "Hui and Belkin, 'Evaluation of Neural Architectures Trained with Square Loss vs Cross-Entropy', 2021",
    ),
)
def loss_mismatch(
    loss_function: dict[str, Any],
    output: dict[str, Any],
    label_form: str | None = None,
    label_unique_count: int | None = None,
    label_min: float | None = None,
    label_max: float | None = None,
    label_shape: Sequence[int] = (),
    label_nonfinite_count: float | None = None,
    loss: np.ndarray | None = None,
    probe_loss: np.ndarray | None = None,
    layers: list[dict[str, Any]] | None = None,
    perfect_loss: float | None = None,
    prediction_mean: np.ndarray | None = None,
    epochs: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
) -> Answer:
    name, units = loss_function["name"], output["units"]
    without = None if probe_loss is None else always_zero(name, (loss, probe_loss), probe_accuracy)
    if loss_function["custom"]:
        found = None
        if label_form == "continuous" and epochs is not None:
            found = runaway(
                name, output["name"], probe_loss, perfect_loss, prediction_mean, epochs, label_min, label_max
            )
        return found or without or DoesNotApply(f"{name} is a custom loss: what it measures is not known.")
    if name not in CHECKED:
        return without or DoesNotApply(f"{name} is not among the {len(CHECKED)} losses that are checked.")
    lowest = _lowest(loss, probe_loss)
    setting = Setting(name, output, label_form, label_unique_count, label_min, label_max, lowest, layers)
    if label_form is None:
        negative = lowest is not None and lowest < 0 and name not in REGRESSION_LOSSES | MARGIN
        return below_zero(setting) if negative else CouldNotTell(("label_form",))
    if label_form == "string":
        return form_of_labels(setting)
    if label_form == "continuous" and label_min is None and label_nonfinite_count:
        return DoesNotApply("No label is a finite number.")
    labels = _labels(label_form, label_unique_count, label_min, label_max, label_shape)
    if labels is None:
        return CouldNotTell(("label_min", "label_max") if label_form == "continuous" else ("label_unique_count",))
    answer = _verdict(name, labels, "one" if units == 1 else "many")(setting)
    return without if without is not None and isinstance(answer, Fine) else answer


def _verdict(loss: str, labels: str, outputs: str) -> Verdict:
    rows = (row for row in TABLE if loss in row[0] and labels in row[1] and outputs in row[2])
    return next((verdict for *_, verdict in rows), lambda setting: Fine(f"{setting.described}."))


def _labels(form: str, count: int | None, low: float | None, high: float | None, shape: Sequence[int]) -> str | None:
    """The labels as the table calls them; None where what was logged does not tell."""
    if form in COLUMNS:
        return {"one_hot": ONE_HOT, "multi_label": SEVERAL, "probabilities": SHARES}[form]
    if form == "continuous":
        if low is None or high is None:
            return None
        return UNIT_TARGETS if 0 <= low <= high <= 1 else TARGETS
    if form == "integer" and count is None:
        return None
    single, two = one_number_each(shape), form == "binary" or (count or 0) <= 2
    if single and count == 1:
        return ONE_VALUE
    return {(True, True): TWO, (True, False): NUMBERS, (False, True): TWO_MAP, (False, False): NUMBERS_MAP}[single, two]


def _lowest(*series: np.ndarray | None) -> float | None:
    """The smallest finite loss of a run."""
    known = [
        float(values[np.isfinite(values)].min())
        for values in series
        if values is not None and np.isfinite(values).any()
    ]
    return min(known, default=None)
