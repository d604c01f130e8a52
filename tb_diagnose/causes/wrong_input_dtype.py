"""The inputs are stored as a data type that cannot hold them.

Strings and objects are no numbers: no layer but a look-up can take them, and Keras refuses them in the first step or
before. Integers of 8 or 16 bits wrap around: below 0 an unsigned one goes on at its other end, so that -1 becomes 255 and neighbours
lie as far apart as can be. Then the values at both ends of the range are used, and those in its middle are not.
16-bit floats end at 65,504, and what is larger becomes infinite.

Not this: ids into an Embedding, images from 0 to 255 as they are, and strings before a TextVectorization or StringLookup layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree, number

READERS = ("TextVectorization", "StringLookup", "Hashing", "HashedCrossing", "FeatureSpace")
"""Layers that take strings."""
GAP, WIDE_GAP = 0.1, 0.3
"""Widest stretch of values in the middle of the range that never occur, as a share of the range. Photographs and counts leave single values out; of wrapped
values of spread 1 times a factor, a third or more of the range lies between the two tails."""
AT_THE_ENDS = 0.05
"""Share of the type's range within which the smallest and the largest value lie when values have wrapped around."""


@cause(
    title="Inputs of an unsuitable data type",
    family="configuration",
    fix='Convert the inputs to numbers as 32-bit floats before any arithmetic: `x = x.astype("float32")`.',
    brings_about=(
        "dead_relu",
        "saturated_activations",
        "exploding_gradients",
        "vanishing_gradients",
        "constant_prediction",
        "insufficient_capacity",
        "overfitting",
    ),
    looks_like=("invalid_inputs", "unscaled_inputs", "learning_rate_too_high", "learning_rate_too_low"),
    sets_ceiling=True,
    sources=(
        "https://numpy.org/doc/stable/user/basics.types.html#overflow-errors",
        "https://www.tensorflow.org/api_docs/python/tf/dtypes",
    ),
)
def wrong_input_dtype(
    input_dtype: Sequence[str],
    preprocessing: Sequence[str] = (),
    input_nonfinite_count: float = 0,
    input_gap_fraction: float = 0.0,
    input_min: Sequence[float] = (),
    input_max: Sequence[float] = (),
) -> Answer:
    described = f"{len(input_dtype)} input{'s' if len(input_dtype) != 1 else ''} of dtype {', '.join(input_dtype)}"
    for name in input_dtype:
        if not _is_number(name):
            readers = [layer for layer in preprocessing if layer in READERS]
            if readers:
                return Fine(f"{described}, before a layer of class {readers[0]}.")
            return Finding(
                1.0,
                0.95,
                f"{described}: {'numbers kept as Python objects' if len(input_min) else 'not numbers'}.",
                "numbers of 1 data type, such as float32.",
                'Convert the inputs: `x = x.astype("float32")`'
                + (
                    "."
                    if len(input_min)
                    else "; where columns hold names, number them first with `np.unique(column, return_inverse=True)[1]`, "
                    "and one-hot encode them."
                ),
                picture="input_dtype",
                edits=(Edit("data", "x", 'x.astype("float32")'),) if len(input_min) else (),
            )
    if "float16" in input_dtype and input_nonfinite_count:
        return Finding(
            1.0,
            0.95,
            f"{described}, {input_nonfinite_count:,} of their values not finite.",
            "0 of them: float16 ends at 65,504.",
            'Convert the inputs before they are computed: `x = x.astype("float32")`.',
            picture="input_nonfinite_count",
        )
    for name in input_dtype:
        if np.dtype(name).kind not in "iu" or not len(input_min) or not len(input_max) or "Embedding" in preprocessing:
            continue
        lowest, highest = min(input_min), max(input_max)
        limits = np.iinfo(name)
        margin = AT_THE_ENDS * (float(limits.max) - float(limits.min))
        wrapped = lowest <= limits.min + margin and highest >= limits.max - margin
        described += f", from {number(lowest)} to {number(highest)}"
        found = degree(input_gap_fraction, GAP, WIDE_GAP) if wrapped else 0.0
        if found:
            return Finding(
                found,
                0.95,
                f"{described}. {input_gap_fraction:.0%} of that range, in its middle, is not used: values below {limits.min} have "
                f"come out at the other end, near {limits.max}.",
                f"a range without a hole of more than {GAP:.0%}.",
                f'Convert before the arithmetic that goes below {limits.min}: `x = x.astype("float32")` comes first.',
                picture="input_gap_fraction",
                limit=GAP,
            )
    return Fine(f"{described}.")


def _is_number(name: str) -> bool:
    try:
        return np.dtype(name).kind in "biuf"
    except TypeError:
        return "float" in name or "int" in name or "bool" in name
