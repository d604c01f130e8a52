"""Values that are not finite among the inputs or the labels.

One NaN in one sample is enough: the loss of its batch is NaN, the step writes NaN into every weight, and from then on
every prediction is NaN. A relu in between can turn the NaN into 0 on some backends. The loss then stays finite, but the
weights may be spoiled all the same.

Not this: values that never reach a weight, because a layer takes them out. Then every weight is finite at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause

OVERFLOWED = 0.7
"""Certainty for inputs in float16: it ends at 65,504, and its overflow leaves the same values as gaps in a file."""


@cause(
    title="Invalid values in the data",
    family="data",
    fix="Find the samples with `np.isnan(x).any(axis=1)` and fill or drop them before training.",
    brings_about=("exploding_gradients", "constant_prediction", "dead_relu", "vanishing_gradients"),
    sources=("https://numpy.org/doc/stable/reference/generated/numpy.nan_to_num.html",),
)
def invalid_inputs(
    input_nonfinite_count: float,
    sample_count: int,
    label_nonfinite_count: float = 0,
    input_dtype: Sequence[str] = (),
    nonfinite_weight_count: np.ndarray | None = None,
    loss: np.ndarray | None = None,
    epochs: np.ndarray | None = None,
) -> Answer:
    saw = (
        f"{input_nonfinite_count:,} NaN or infinite value{'' if input_nonfinite_count == 1 else 's'} in the inputs and "
        f"{label_nonfinite_count:,} in the labels of {sample_count:,} samples"
    )
    if not input_nonfinite_count and not label_nonfinite_count:
        return Fine(f"{saw}.")
    if _did_no_harm(nonfinite_weight_count, loss, epochs):
        return Fine(f"{input_nonfinite_count + label_nonfinite_count:,} NaN or infinite values reached no weight.")
    array = "x" if input_nonfinite_count else "y"
    kept = f"np.isfinite({array}.reshape(len({array}), -1)).all(axis=1)"
    return Finding(
        1.0,
        OVERFLOWED if "float16" in input_dtype and not label_nonfinite_count else 1.0,
        f"{saw}.",
        "none: a single one is enough to spoil every weight.",
        f"Drop the samples that hold them: `samples = {kept}; x, y = x[samples], y[samples]`.",
        picture="input_nonfinite_count" if input_nonfinite_count else "label_nonfinite_count",
        edits=(Edit("data", "samples", kept), Edit("data", "x, y", "x[samples], y[samples]")),
    )


def _did_no_harm(weights: np.ndarray | None, loss: np.ndarray | None, epochs: np.ndarray | None) -> bool:
    """Whether at least one epoch was trained and left the loss and all weights finite."""
    if weights is None or loss is None or epochs is None or not (epochs > 0).any():
        return False
    trained = epochs > 0
    return bool(np.isfinite(loss[trained]).all() and (np.nan_to_num(weights[trained]) == 0).all())
