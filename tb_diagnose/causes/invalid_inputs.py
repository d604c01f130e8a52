"""Values that are not finite among the inputs or labels.

One NaN in one row is enough: the loss of its batch is NaN, the step writes NaN into every weight, and from then on
every prediction is NaN. Where a relu lies in between, some backends turn the NaN into 0 and the loss stays finite, but
the weights are spoiled all the same.

Not this: padding that a Masking layer takes out before it reaches a weight, as long as the training learns.
"""

from __future__ import annotations

from tb_diagnose.causes import Finding, cause, clear


@cause(
    title="Invalid values in the data",
    family="data",
    fix="Find the rows with `np.isnan(x).any(axis=1)` and fill or drop them before training.",
    leads_to=(
        "exploding_gradients",
        "constant_prediction",
        "dead_relu",
        "vanishing_gradients",
        "learning_rate_too_high",
        "loss_mismatch",  # a missing label is a fraction, and classes with fractions look like amounts
        "label_encoding",
        "metric_mismatch",
    ),
    sources=("https://numpy.org/doc/stable/reference/generated/numpy.nan_to_num.html",),
)
def invalid_inputs(
    input_nonfinite_count: float,
    row_count: int,
    label_nonfinite_count: float = 0,
) -> Finding:
    saw = f"{input_nonfinite_count:,} NaN or infinite values in the inputs and {label_nonfinite_count:,} in the labels of {row_count:,} rows."
    if not input_nonfinite_count and not label_nonfinite_count:
        return clear(saw)
    array = "x" if input_nonfinite_count else "y"
    return Finding(
        1.0,
        saw,
        "0 of them: a single one is enough to spoil every weight.",
        f"Drop the rows that hold them: `rows = np.isfinite({array}.reshape(len({array}), -1)).all(axis=1); x, y = x[rows], y[rows]`.",
        picture="input_nonfinite_count",
    )
