"""How classes are weighed by their rarity, in a form that Keras takes for these labels and these data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_diagnose.causes._batches import ARRAYS

LISTED = 10
"""Classes whose weights are written out one by one; of more they are counted in the advice."""
NEUTRAL = 1.0
"""Weight of a class without a sample: it weighs nothing whatever its weight is, but a Dataset looks each one up."""


@dataclass(frozen=True)
class Labelled:
    """The labels of a run.

    Args:
        counts: Samples of each class, shape `(class,)`.
        values: What the labels of each class are.
        columns: Whether there is a column for each class.
        shape: Shape of the label of one sample.
        loss: Name of the loss, "" when unknown.
        from_logits: Whether the loss applies a sigmoid or softmax itself.
        data_form: The fact of that name: what can be written of arrays cannot of a Dataset.
    """

    counts: np.ndarray
    values: Sequence[int]
    columns: bool
    shape: Sequence[int]
    loss: str
    from_logits: bool
    data_form: str | None

    @property
    def is_array(self) -> bool:
        """Whether there is an array of all labels."""
        return self.data_form in ARRAYS

    @property
    def weights(self) -> list[float]:
        """Weights by which every class counts alike."""
        present = self.counts > 0
        alike = self.counts.sum() / (present.sum() * np.maximum(self.counts, 1))
        return [float(f"{weight:.3g}") if there else NEUTRAL for weight, there in zip(alike, present, strict=True)]

    @property
    def is_map(self) -> bool:
        """Whether a sample has many labels: one a pixel or a time step."""
        inner = self.shape[:-1] if self.columns else self.shape
        return any(size != 1 for size in inner)


def numbered(classes: Sequence[str]) -> list[int]:
    """The labels by the names of the classes; their places where the names are no whole numbers."""
    try:
        values = [int(float(name)) for name in classes]
    except (ValueError, OverflowError):
        return list(range(len(classes)))
    return values if len(set(values)) == len(values) else list(range(len(classes)))


def weigh(labels: Labelled) -> str:
    """The advice, with code that runs as it stands."""
    if labels.is_map:
        return f"Weigh each label by the rarity of its class{_of_maps(labels)}."
    if labels.data_form == "dataset" and min(labels.values) < 0:
        low, high = labels.weights[0], labels.weights[-1]
        return f"Weigh the classes: `dataset = dataset.map(lambda x, y: (x, y, tf.where(y > 0, {high:g}, {low:g})))`."
    if len(labels.values) <= LISTED or labels.data_form not in (*ARRAYS, "dataset"):
        # A Dataset looks up the weight of every class up to the highest one that has a weight.
        shown = ", ".join(f"{i}: {weight:g}" for i, weight in zip(labels.values, labels.weights, strict=True))
        return f"Weigh the classes, `model.fit(..., class_weight={{{shown}}})`, and add samples of the rare ones."
    counts = "y.sum(axis=0)" if labels.columns else "np.bincount(y.astype(int).ravel())"
    read = "" if labels.is_array else "y = np.concatenate([y for _, y in dataset]); "
    return (
        f"Weigh the classes, `{read}counts = {counts}; model.fit(..., class_weight={{i: counts.sum() / (len(counts) * "
        "max(n, 1)) for i, n in enumerate(counts)})`, and add samples of the rare ones."
    )


def _of_maps(labels: Labelled) -> str:
    """Keras refuses `class_weight` for labels a pixel or a time step, or takes their last axis for one-hot labels."""
    below_zero = min(labels.values) < 0
    per_value = labels.loss.startswith("sparse") or labels.columns or labels.shape[-1] == 1
    if not per_value:
        # Such a loss is averaged over the last axis before it is weighed.
        if labels.loss not in ("binary_crossentropy", "binary_focal_crossentropy") or len(labels.counts) != 2:
            return ": take a loss that has weights of its own, or give labels and outputs a last axis of 1"
        share = labels.counts[0] / labels.counts.sum()
        logits = ", from_logits=True" if labels.from_logits else ""
        return (
            ": `loss=keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True, gamma=0.0, "
            f"alpha={share:.3g}{logits})`"
        )
    if labels.is_array:
        numbers = "y.argmax(axis=-1)" if labels.columns else "(y > 0).astype(int)" if below_zero else "y.astype(int)"
        return (
            f": `classes = {numbers}; weights = classes.size / np.maximum(np.bincount(classes.ravel()), 1); "
            "model.fit(..., sample_weight=weights[classes])`"
        )
    if labels.data_form != "dataset":
        return f", in the third place of each batch, `(x, y, sample_weight)`: by class {labels.weights}"
    of_tensor = "tf.argmax(y, -1)" if labels.columns else f"tf.cast({'y > 0' if below_zero else 'y'}, tf.int32)"
    return (
        f": `weights = tf.constant({labels.weights}); dataset = dataset.map(lambda x, y: (x, y, tf.gather(weights, "
        f"{of_tensor})))`"
    )
