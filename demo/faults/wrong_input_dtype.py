"""Inputs stored as a data type that cannot hold them."""

from dataclasses import replace

import numpy as np

from demo.labels import takes_ids
from demo.setups import NotApplicable, Setup

LEVELS = ({"form": "float16"}, {"form": "uint8"}, {"form": "string"})
SHOWN_ON = ("tabular_binary", "regression")


def inject(setup: Setup, form: str = "string") -> Setup:
    """Stores the inputs otherwise.

    Args:
        setup: A setup that learns.
        form: "string": as text. "uint8": as centred bytes, those below 0 wrapped around to 255. "float16": scaled so
            that the largest values lie beyond its end.
    """
    if takes_ids(setup) and form != "string":
        raise NotApplicable("ids are whole numbers, and small")
    centre, spread = setup.x.mean(axis=0), setup.x.std(axis=0).max()
    largest = np.abs(setup.x).max()

    def stored(x: np.ndarray) -> np.ndarray:
        if form == "string":
            return x.astype(str)
        if form == "uint8":
            return np.clip(np.round(20 * (x - centre) / spread), -127, 127).astype("int64").astype("uint8")
        with np.errstate(over="ignore"):
            return (x * (70_000 / largest)).astype("float16")

    return replace(setup, x=stored(setup.x), validation=(stored(setup.validation[0]), setup.validation[1]))


BYTES = dict(input_dtype=["uint8"], input_min=[0], input_max=[255])
SICK = [
    dict(input_dtype=["<U32"]),
    dict(input_dtype=["object"], preprocessing=[]),
    dict(input_dtype=["object"], input_min=[0.0], input_max=[1.0]),
    dict(input_dtype=["float16"], input_nonfinite_count=12),
    dict(input_dtype=["float16"], input_nonfinite_count=12, input_min=[-40_000.0], input_max=[64_000.0]),
    dict(BYTES, input_gap_fraction=0.5),
    dict(input_dtype=["int8"], input_min=[-128], input_max=[127], input_gap_fraction=0.3),
]
HEALTHY = [
    dict(input_dtype=["<U32"], preprocessing=["TextVectorization"]),
    dict(input_dtype=["float16"], input_nonfinite_count=0, input_min=[0], input_max=[1]),
    dict(input_dtype=["float32"], input_nonfinite_count=3),  # invalid values of another origin
    dict(BYTES, input_gap_fraction=0.02),
    dict(BYTES, input_gap_fraction=0.5, preprocessing=["Embedding"]),
    dict(input_dtype=["int64"], input_min=[0], input_max=[99], input_gap_fraction=0.8),  # 99 = unknown
    dict(input_dtype=["uint8"], input_min=[0], input_max=[120], input_gap_fraction=0.5),
]
