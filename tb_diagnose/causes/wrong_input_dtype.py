"""The inputs are stored as a data type that cannot hold them.

Strings and objects are no numbers: no layer but a look-up can take them, and Keras refuses them in the first step or
before. Integers of 8 or 16 bits wrap around: below 0 an unsigned one goes on at its other end, so that -1 becomes 255
and neighbours lie as far apart as can be. Then the values at both ends of the range are used, and those in its middle
are not. 16-bit floats end at 65,504, and what is larger becomes infinite.

Not this: ids into an Embedding, images from 0 to 255 as they are, and strings before a TextVectorization or
StringLookup layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tb_diagnose.causes import Answer, DoesNotApply, Edit, Finding, Fine, Try, cause, degree, number
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.causes._wording import plural

READERS = ("TextVectorization", "StringLookup", "Hashing", "HashedCrossing", "FeatureSpace")
"""Layers that take strings."""
GAP, WIDE_GAP = 0.1, 0.3
"""Widest stretch of values in the middle of the range that never occur, as a share of the range. Photographs and counts
leave single values out; of wrapped values with a standard deviation of 20, a third or more of the range of a byte lies
between the two tails."""
AT_THE_ENDS = 0.05
"""Share of the type's range within which the smallest and the largest value lie when values have wrapped around."""
NEAR_THE_END = 0.5
"""Largest finite value over the largest that float16 holds from which what is not finite has run over the end."""
ELSEWHERE = 0.7
"""Certainty of an overflow where the finite values stay far from the end: NaN may have come in before."""


GONE = "What the data type has cut off is gone, and a trial has no other inputs."


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
        "overfitting",
    ),
    looks_like=("invalid_inputs", "unscaled_inputs", "learning_rate_too_high"),
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
    described = f"{plural(len(input_dtype), 'input')} of dtype {', '.join(input_dtype)}"
    if not all(_is_number(name) for name in input_dtype):
        readers = [layer for layer in preprocessing if layer in READERS]
        if readers:
            return DoesNotApply(f"{described}, before a layer of class {readers[0]}.")
        return _not_numbers(described, is_convertible=len(input_min) > 0)
    span = (min(input_min), max(input_max)) if len(input_min) and len(input_max) else None
    if "float16" in input_dtype and input_nonfinite_count:
        return _overflow(described, int(input_nonfinite_count), span)
    wrapping = [name for name in input_dtype if np.dtype(name).kind in "iu"] if "Embedding" not in preprocessing else []
    if not wrapping or span is None:
        return Fine(f"{described}.")
    described += f", from {number(span[0])} to {number(span[1])}"
    finding = next((found for name in wrapping if (found := _wrapped(described, name, span, input_gap_fraction))), None)
    return finding or Fine(f"{described}.")


def _not_numbers(described: str, is_convertible: bool) -> Finding:
    """Strings or objects before layers that take numbers."""
    advice = (
        "."
        if is_convertible
        else "; where columns hold names, number them first with `np.unique(column, return_inverse=True)[1]`, and "
        "one-hot encode them."
    )
    return Finding(
        1.0,
        1.0,
        f"{described}: {'numbers kept as Python objects' if is_convertible else 'not numbers'}.",
        "numbers of one data type, such as float32.",
        f'Convert the inputs: `x = x.astype("float32")`{advice}',
        picture="input_dtype",
        edits=(Edit("data", "x", 'x.astype("float32")'),) if is_convertible else (),
    )


def _overflow(described: str, nonfinite: int, span: tuple[float, float] | None) -> Finding:
    """Values beyond the end of float16."""
    end = float(np.finfo(np.float16).max)
    largest = max(abs(span[0]), abs(span[1])) if span is not None else 0.0
    ran_over = largest >= NEAR_THE_END * end
    finite = f"; the finite ones reach {number(largest)}" if span is not None else ""
    return Finding(
        1.0,
        1.0 if ran_over else ELSEWHERE,
        f"{described}, {plural(nonfinite, 'value')} not finite{finite}.",
        f"none: float16 ends at {number(end)}.",
        'Convert the inputs before they are computed: `x = x.astype("float32")`.',
        picture="input_nonfinite_count",
        attempt=Try(untold=GONE),
    )


def _wrapped(described: str, name: str, span: tuple[float, float], gap: float) -> Finding | None:
    """Integers at both ends of their type's range, and none in its middle."""
    limits = np.iinfo(name)
    margin = AT_THE_ENDS * (float(limits.max) - float(limits.min))
    at_both_ends = span[0] <= limits.min + margin and span[1] >= limits.max - margin
    size = degree(gap, GAP, WIDE_GAP) if at_both_ends else 0.0
    if not size:
        return None
    return Finding(
        size,
        certainty(size),
        f"{described}. {gap:.0%} of that range, in its middle, is not used: values below {limits.min} have come out at "
        f"the other end, near {limits.max}.",
        f"a range without a hole of more than {GAP:.0%}.",
        f'Convert before the arithmetic that goes below {limits.min}: `x = x.astype("float32")` comes first.',
        picture="input_gap_fraction",
        limit=GAP,
        attempt=_read_back(name),
    )


def _read_back(name: str) -> Try:
    """What a trial makes: with the hole in the middle, the other kind of integer has the values in one piece."""
    other = name.removeprefix("u") if name.startswith("u") else f"u{name}"
    return Try(
        f"inputs read as {other}, which undoes it", (Edit("data", "x", f'x.astype("{other}").astype("float32")'),)
    )


def _is_number(name: str) -> bool:
    try:
        return np.dtype(name).kind in "biuf"
    except TypeError:
        return "float" in name or "int" in name or "bool" in name
