"""What the labels say of the classes."""

from __future__ import annotations

from collections.abc import Sequence

from tb_diagnose.causes._wording import plural

COLUMNS = ("one_hot", "multi_label", "probabilities")
"""Forms of labels with a column for each class."""
NUMBERS = ("binary", "integer")
"""Forms of labels with one number for each sample."""


def class_count(label_form: str | None, label_unique_count: int | None, label_shape: Sequence[int]) -> int | None:
    """Number of classes in the labels; None for continuous targets, or where it is unknown."""
    if label_form in COLUMNS:
        return int(label_shape[-1]) if len(label_shape) else None
    if label_form in NUMBERS and label_unique_count is not None:
        return int(label_unique_count)
    return None


def one_number_each(label_shape: Sequence[int]) -> bool:
    """Whether the label of a sample is one number, not several of them."""
    return len(label_shape) == 0 or list(label_shape) == [1]


def described(label_form: str, label_unique_count: int | None) -> str:
    """The labels as a sentence calls them."""
    count = (
        "an unknown number of classes" if label_unique_count is None else plural(int(label_unique_count), "class", "es")
    )
    return {
        "binary": "labels of 2 classes" if label_unique_count != 1 else "labels of 1 value",
        "integer": f"class numbers of {count}",
        "one_hot": "one-hot labels",
        "multi_label": "multi-label samples",
        "probabilities": "probabilities",
        "continuous": "continuous targets",
        "string": "strings",
    }.get(label_form, label_form)
