"""The labels are written in another form than the loss reads.

A binary cross-entropy reads the label as the probability of class 1: 0 or 1. With {1, 2}, {-1, 1}
or {0, 255} its smallest value lies outside what any output can give, and the gradient pushes every
row the same way. A sparse cross-entropy reads class numbers 0 to K-1, a categorical one reads samples of
K zeros and a single one; strings and objects cannot be read at all. Keras raises for some of these
and stays silent for others; its accuracy compares with 0 and 1 all the same.

Not this: multi-label samples of zeros and ones, soft labels between 0 and 1, or more classes than the output layer has
units (`output_units`).
"""

from __future__ import annotations

from typing import Any

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause

NUMBERED = "np.unique(y, return_inverse=True)"


@cause(
    title="Labels in a form that the loss does not read",
    family="configuration",
    fix="Number the classes 0, 1, 2 ... for a sparse or binary cross-entropy, or one-hot encode them for a categorical one.",
    brings_about=(
        "constant_prediction",
        "exploding_gradients",
        "vanishing_gradients",
        "dead_relu",
        "saturated_activations",
    ),
    looks_like=("learning_rate_too_high", "metric_mismatch"),
    sources=("https://keras.io/api/losses/probabilistic_losses/",),
)
def label_encoding(
    label_form: str,
    label_dtype: str,
    label_min: float | None = None,
    label_max: float | None = None,
    label_unique_count: int | None = None,
    loss_function: dict[str, Any] | None = None,
    output: dict[str, Any] | None = None,
) -> Answer:
    loss = (loss_function or {}).get("name")
    units = (output or {}).get("units")
    span = f"Labels of dtype {label_dtype}" + (f" from {label_min:g} to {label_max:g}" if label_min is not None else "")
    if label_form == "string":
        return Finding(
            1.0,
            1.0,
            f"{span}, {label_unique_count} different ones: not numbers.",
            "numbers, as every loss reads them.",
            f"Number the classes: `classes, y = {NUMBERED}`.",
            picture="label_counts",
            edits=(Edit("data", "classes, y", NUMBERED),),
        )
    if label_dtype == "object":
        return Finding(
            1.0,
            1.0,
            f"{span}, {label_unique_count} different ones: numbers kept as Python objects.",
            "an array of 1 number type, as Keras reads it.",
            'Convert the labels: `y = y.astype("float32")`.',
            picture="label_dtype",
            edits=(Edit("data", "y", 'y.astype("float32")'),),
        )
    if loss is None or label_min is None:
        return Fine(f"{span}.")
    if (
        loss.startswith("binary")
        and label_form in ("binary", "integer")
        and label_unique_count <= 2
        and (label_min < 0 or label_max > 1)
    ):
        return Finding(
            1.0,
            1.0,
            f"{span}, before {loss}.",
            "labels 0 and 1.",
            f'Make the labels 0 and 1: `y = (y == {_exact(label_max)}).astype("float32")`.',
            picture="label_counts",
            edits=(Edit("data", "y", f'(y == {_exact(label_max)}).astype("float32")'),),
        )
    if (
        loss.startswith(("categorical", "binary"))
        and label_form in ("one_hot", "multi_label")
        and (label_min < 0 or label_max > 1)
    ):
        return Finding(
            1.0,
            1.0,
            f"Label samples of {label_min:g} and {label_max:g}, before {loss}.",
            "samples of 0 and 1.",
            f'Make the samples 0 and 1: `y = (y == {_exact(label_max)}).astype("float32")`.',
            picture="label_counts",
            edits=(Edit("data", "y", f'(y == {_exact(label_max)}).astype("float32")'),),
        )
    if loss.startswith("sparse") and label_form in ("one_hot", "multi_label", "probabilities"):
        return Finding(
            1.0,
            1.0,
            f"One-hot labels of {units} columns before {loss}, which reads one class number a row.",
            "class numbers, shape (samples,).",
            "Turn the samples into class numbers: `y = y.argmax(axis=-1)`.",
            edits=(Edit("data", "y", "y.argmax(axis=-1)"),),
        )
    if (
        loss.startswith("sparse")
        and units
        and units > 1
        and _misnumbered(label_min, label_max, label_unique_count, units)
    ):
        begin = f"y {'-' if label_min > 0 else '+'} {_exact(abs(label_min))}"
        shifted = label_max - label_min < units
        return Finding(
            1.0,
            1.0,
            f"{span}, before {loss} with {units} outputs.",
            f"class numbers from 0 to {units - 1}.",
            f"Let the classes begin at 0: `y = {begin}`."
            if shifted
            else f"Number the classes without gaps: `classes, y = {NUMBERED}`.",
            picture="label_counts",
            edits=(Edit("data", "y", begin) if shifted else Edit("data", "classes, y", NUMBERED),),
        )
    if loss.startswith("categorical_c") and label_form in ("integer", "binary") and units and units > 1:
        return Finding(
            1.0,
            1.0,
            f"Class numbers from {label_min:g} to {label_max:g} before {loss}, which reads one-hot samples.",
            f"one-hot samples of {units}.",
            '`loss="categorical_crossentropy"` -> `loss="sparse_categorical_crossentropy"`.',
            edits=(Edit("compile", "loss", _sparse((loss_function or {}).get("from_logits", False))),),
        )
    return Fine(f"{span}, as {loss} reads them.")


def _sparse(from_logits: bool) -> str | dict[str, Any]:
    """The loss that reads class numbers, of outputs that stay what they are."""
    if not from_logits:
        return "sparse_categorical_crossentropy"
    return {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": True}}


def _exact(label: float) -> str:
    """A label as it must be written to be found: 1234567, not 1.23457e+06."""
    return repr(int(label)) if float(label).is_integer() else repr(float(label))


def _misnumbered(lowest: float, highest: float, different: int | None, units: int) -> bool:
    """Whether class numbers fall outside the outputs although there are outputs enough."""
    if lowest < 0:
        return True
    return highest >= units and (highest - lowest < units or (different is not None and different <= units))
