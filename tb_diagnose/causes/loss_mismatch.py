"""The loss measures something else than the labels mean.

The optimizer lowers whatever the loss says. A binary cross-entropy on class numbers above 1 falls
below zero without end; a categorical cross-entropy on a single output is 0 for every answer; squared
error between K outputs and one class number pulls all outputs to the same number; a squared error
through a sigmoid or softmax has next to no gradient where the answer is confidently wrong. The loss
may fall nicely while accuracy stands still.

Not this: squared error on one-hot labels that learns, more classes than outputs (`output_units`), and losses of one's own, which are not checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause
from tb_diagnose.evidence.keras_config import REGRESSION_LOSSES

CLASSES = ("binary", "integer", "one_hot")
Range = tuple[float | None, float | None]
READ = ("sigmoid", "softmax")
"""Activations whose outputs a cross-entropy reads as they are."""
WEAK = 0.4
"""Squared error on classes often works: it is named only when nothing stronger is found."""


@cause(
    title="Loss that does not fit the labels",
    family="configuration",
    fix="Use binary_crossentropy for two classes with one output, sparse_categorical_crossentropy for class numbers, "
    "categorical_crossentropy for one-hot samples, mean_squared_error for numbers.",
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
        "Glorot and Bengio, 'Understanding the difficulty of training deep feedforward neural networks', 2010, section 4.1",
    ),
)
def loss_mismatch(
    loss_function: dict[str, Any],
    output: dict[str, Any],
    label_form: str,
    label_unique_count: int | None = None,
    label_min: float | None = None,
    label_max: float | None = None,
    label_shape: Sequence[int] = (),
    loss: np.ndarray | None = None,
    probe_loss: np.ndarray | None = None,
) -> Answer:
    name, units, activation = loss_function["name"], output["units"], output["activation"]
    single = len(label_shape) == 0 or list(label_shape) == [1]
    described = f"{name} on {_form(label_form, label_unique_count)} with {units} output{'s' if units != 1 else ''} ({activation})"
    if loss_function["custom"]:
        return Fine(f"{described}: a loss of your own, not checked.")
    picture, label_range = {"picture": "loss"}, (label_min, label_max)
    if name.startswith(("binary_c", "binary_f")):
        if label_form == "integer" and label_unique_count > 2:
            lowest = _lowest(loss, probe_loss)
            below = (
                f"; it fell to {lowest:.4g}, below the 0 that no cross-entropy can pass"
                if lowest is not None and lowest < 0
                else ""
            )
            return Finding(
                1.0,
                1.0,
                f"{described}: class numbers up to {label_max:g} read as probabilities{below}.",
                "class numbers with one output for each class, and a loss that never falls below 0.",
                f'`Dense({units})` -> `Dense({int(label_max) + 1}, activation="softmax")` and '
                f'`loss="{name}"` -> `loss="sparse_categorical_crossentropy"`.',
                edits=_edits(output, label_range, "sparse_categorical_crossentropy", "softmax", int(label_max) + 1),
                **picture,
            )
        if label_form in ("binary", "integer") and units > 1 and single:
            return Finding(
                1.0,
                1.0,
                f"{described}: each of the {units} outputs is compared with the class number itself.",
                "one-hot samples, or a loss that reads class numbers.",
                f'`loss="{name}"` -> `loss="sparse_categorical_crossentropy"`, with softmax outputs.',
                edits=_edits(output, label_range, "sparse_categorical_crossentropy", "softmax"),
                **picture,
            )
        if label_form == "continuous" and not 0 <= label_min <= label_max <= 1:
            return _for_numbers(described, name, output, label_range)
        return Fine(f"{described}.")
    if name.startswith(("categorical_c", "categorical_f", "sparse_")):
        if label_form == "continuous":
            return _for_numbers(described, name, output, label_range)
        if units == 1 and label_form == "integer" and (label_unique_count or 0) > 2:
            return Fine(f"{described}: too few outputs for any loss.")
        if units == 1 and label_form in ("one_hot", "multi_label") and label_shape and label_shape[-1] > 1:
            return Fine(f"{described}: too few outputs for any loss.")
        if units == 1:
            return Finding(
                1.0,
                1.0,
                f"{described}: over a single output the loss is the same for every answer.",
                "one output for each class, or a binary cross-entropy on one output.",
                f'`loss="{name}"` -> `loss="binary_crossentropy"`, with `Dense(1, activation="sigmoid")`.',
                edits=_edits(output, label_range, "binary_crossentropy", "sigmoid"),
                **picture,
            )
        if label_form == "multi_label":
            return Finding(
                0.6,
                1.0,
                f"{described}: several classes a sample, where the loss expects one.",
                "binary_crossentropy with sigmoid outputs, one yes or no for each class.",
                f'`loss="{name}"` -> `loss="binary_crossentropy"`, with sigmoid outputs.',
                edits=_edits(output, label_range, "binary_crossentropy", "sigmoid"),
                **picture,
            )
        return Fine(f"{described}.")
    if name in REGRESSION_LOSSES and label_form in CLASSES:
        better = {"one_hot": "categorical_crossentropy"}.get(
            label_form, "sparse_categorical_crossentropy" if units > 1 else "binary_crossentropy"
        )
        wanted = "sigmoid" if better == "binary_crossentropy" else "softmax"
        if units > 1 and single:
            return Finding(
                1.0,
                1.0,
                f"{described}: each of the {units} outputs is pulled to the class number itself.",
                "a loss that compares outputs with the class, such as sparse_categorical_crossentropy.",
                f'`loss="{name}"` -> `loss="{better}"`, with softmax outputs.',
                edits=_edits(output, label_range, better, "softmax"),
                **picture,
            )
        if label_form == "integer" and units == 1:
            return Finding(
                WEAK,
                1.0,
                f"{described}: classes are treated as amounts.",
                f"{int(label_unique_count)} outputs with softmax and a categorical cross-entropy.",
                f'`Dense(1)` -> `Dense({int(label_unique_count)}, activation="softmax")` and '
                f'`loss="{name}"` -> `loss="sparse_categorical_crossentropy"`.',
                edits=_edits(
                    output, label_range, "sparse_categorical_crossentropy", "softmax", int(label_unique_count)
                ),
                **picture,
            )
        return Finding(
            WEAK,
            1.0,
            f"{described}: its gradient vanishes where the answer is confidently wrong.",
            f"{better}, whose gradient is largest there.",
            f'`loss="{name}"` -> `loss="{better}"`'
            + ("." if activation in READ else f", with {'a ' * (units == 1)}{wanted} output{'s' * (units > 1)}."),
            edits=_edits(output, label_range, better, activation if activation in READ else wanted),
            **picture,
        )
    return Fine(f"{described}.")


def _form(form: str, count: int | None) -> str:
    return {
        "binary": "labels of two classes",
        "integer": f"class numbers of {count} classes",
        "one_hot": "one-hot labels",
        "multi_label": "multi-label samples",
        "continuous": "numbers",
        "probabilities": "probabilities",
        "string": "strings",
    }[form]


def _edits(
    output: dict[str, Any], label_range: Range, loss: str, activation: str, units: int | None = None
) -> tuple[Edit, ...]:
    """Another loss, and an output that it can read; nothing where the labels would have to change, too."""
    low, high = label_range
    ends = {"binary_crossentropy": 1, "sparse_categorical_crossentropy": (units or output["units"]) - 1}
    if loss in ends and ((low is not None and low < 0) or (high is not None and high > ends[loss])):
        return ()
    if output["activation"] is None:
        return ()  # an operation behind the layer makes the output: what to change there is not known
    wider = () if units is None else (Edit(output["name"], "units", units),)
    return *wider, Edit(output["name"], "activation", activation), Edit("compile", "loss", loss)


def _for_numbers(described: str, name: str, output: dict[str, Any], label_range: Range) -> Answer:
    return Finding(
        1.0,
        1.0,
        f"{described}: the labels are amounts, not classes.",
        "mean_squared_error or mean_absolute_error, and a linear output.",
        f'`loss="{name}"` -> `loss="mean_squared_error"`, with a linear output.',
        picture="loss",
        edits=_edits(output, label_range, "mean_squared_error", "linear"),
    )


def _lowest(*series: np.ndarray | None) -> float | None:
    known = [float(np.nanmin(s)) for s in series if s is not None]
    return min(known) if known else None
