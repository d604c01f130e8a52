"""Sequences filled up with zeros behind their words, and no mask."""

from dataclasses import replace

import numpy as np

from demo.arrays import EPOCHS
from demo.labels import takes_ids
from demo.setups import NotApplicable, Setup

LEVELS = ({"steps": 20}, {"steps": 60})
SHOWN_ON = ("tokens_lstm",)


def inject(setup: Setup, steps: int = 60) -> Setup:
    """Puts `steps` times the id 0, which is no word, behind each sequence."""
    if not takes_ids(setup) or setup.x.ndim != 2:
        raise NotApplicable("only sequences of ids are filled up")

    def padded(x: np.ndarray) -> np.ndarray:
        return np.pad(x, ((0, 0), (0, steps)))

    return replace(setup, x=padded(setup.x), validation=(padded(setup.validation[0]), setup.validation[1]))


BEHIND = {"value": 0.0, "side": "end", "fraction": 0.9, "sample_fraction": 1.0, "steps": 120}
READER = {"name": "lstm", "class": "LSTM", "masked": False, "maskable": True}
EMBEDDED = [{"name": "embedding", "class": "Embedding", "activation": None, "units": None}]
AT_CHANCE = dict(epochs=EPOCHS, skill=np.array([np.nan, -0.02, 0.01, 0.0]), layers=EMBEDDED, input_shape=[[120]])


def hidden(*ratios: float) -> np.ndarray:
    return np.array(ratios)


SICK = [
    dict(AT_CHANCE, padding=BEHIND, sequence_readers=[READER], padding_std_ratio=hidden(0, 0, 0, 0)),
    dict(  # a convolution loses the mask: the padding is to be moved
        AT_CHANCE,
        padding={**BEHIND, "value": 7.0},
        sequence_readers=[{**READER, "maskable": False}],
        padding_std_ratio=hidden(0.002, 0.003, 0.002, 0.002),
    ),
    dict(  # values by step and feature
        AT_CHANCE | {"layers": [], "input_shape": [[120, 3]]},
        padding={**BEHIND, "value": -1.0},
        sequence_readers=[{**READER, "class": "GRU"}],
        padding_std_ratio=hidden(0.001, 0.001, 0.001, 0.001),
    ),
    dict(  # the same, and a layer that takes no mask
        AT_CHANCE | {"layers": [], "input_shape": [[120, 3]]},
        padding=BEHIND,
        sequence_readers=[{**READER, "maskable": False}],
        padding_std_ratio=hidden(0.001, 0.001, 0.001, 0.001),
    ),
    dict(  # a mean over the steps behind a convolution
        AT_CHANCE,
        padding={**BEHIND, "fraction": 0.98, "steps": 900},
        sequence_readers=[{**READER, "class": "GlobalAveragePooling1D", "maskable": False}],
        padding_std_ratio=hidden(0.02, 0.03, 0.02, 0.02),
    ),
]
HEALTHY = [
    dict(AT_CHANCE, padding=BEHIND, sequence_readers=[{**READER, "masked": True}]),
    dict(AT_CHANCE, sequence_readers=[]),
    dict(AT_CHANCE, padding={**BEHIND, "fraction": 0.1}, sequence_readers=[READER]),
    dict(  # in front of the words
        AT_CHANCE,
        padding={**BEHIND, "side": "beginning"},
        sequence_readers=[READER],
        padding_std_ratio=hidden(0.86, 0.9, 0.95, 0.9),
    ),
    dict(  # one of two directions ends on the words
        AT_CHANCE,
        padding=BEHIND,
        sequence_readers=[{**READER, "class": "Bidirectional"}],
        padding_std_ratio=hidden(0.47, 0.5, 0.6, 0.6),
    ),
    dict(  # it learns all the same
        AT_CHANCE | {"skill": np.array([np.nan, 0.3, 0.6, 0.8])},
        padding=BEHIND,
        sequence_readers=[READER],
        padding_std_ratio=hidden(0.01, 0.05, 0.1, 0.2),
    ),
]
