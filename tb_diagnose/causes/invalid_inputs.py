"""Values that are not finite among the inputs or labels.

One NaN in one sample is enough: the loss of its batch is NaN, the step writes NaN into every weight, and from then on
every prediction is NaN. Where a relu lies in between, some backends turn the NaN into 0 and the loss stays finite, but
the weights are spoiled all the same.

Not this: padding that a Masking layer takes out before it reaches a weight, as long as the run learns.
"""

from __future__ import annotations

from tb_diagnose.causes import Answer, Finding, Fine, cause


@cause(
    title="Invalid values in the data",
    family="data",
    fix="Find the samples with `np.isnan(x).any(axis=1)` and fill or drop them before training.",
    brings_about=("exploding_gradients", "constant_prediction", "dead_relu", "vanishing_gradients"),
    looks_like=("learning_rate_too_high", "loss_mismatch", "label_encoding", "metric_mismatch"),
    sources=("https://numpy.org/doc/stable/reference/generated/numpy.nan_to_num.html",),
)
def invalid_inputs(
    input_nonfinite_count: float,
    sample_count: int,
    label_nonfinite_count: float = 0,
) -> Answer:
    saw = f"{input_nonfinite_count:,} NaN or infinite values in the inputs and {label_nonfinite_count:,} in the labels of {sample_count:,} samples."
    if not input_nonfinite_count and not label_nonfinite_count:
        return Fine(saw)
    array = "x" if input_nonfinite_count else "y"
    return Finding(
        1.0,
        1.0,
        saw,
        "0 of them: a single one is enough to spoil every weight.",
        f"Drop the samples that hold them: `samples = np.isfinite({array}.reshape(len({array}), -1)).all(axis=1); x, y = x[samples], y[samples]`.",
        picture="input_nonfinite_count",
    )
