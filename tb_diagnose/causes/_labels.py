"""What the labels say of the classes."""

from __future__ import annotations

from collections.abc import Sequence

SAMPLES = ("one_hot", "multi_label", "probabilities")
"""Forms of labels with a column for each class."""


def class_count(
    label_form: str | None, label_unique_count: int | None, label_max: float | None, label_shape: Sequence[int]
) -> int | None:
    """Number of classes in the labels; None for amounts, or where it is unknown."""
    if label_form in SAMPLES:
        return int(label_shape[-1]) if len(label_shape) else None
    if label_form in ("binary", "integer") and label_unique_count is not None:
        return int(label_unique_count)
    return None
