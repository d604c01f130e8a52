"""Padding: which runs are found, who reads them, and what they hide, on models that were never trained."""

import keras
import numpy as np
import pytest
from keras import layers

from tb_diagnose.recorder import forward, padding
from tb_diagnose.recorder.data import Data

STEPS, SAMPLES = 30, 60
RNG = np.random.default_rng(0)
LENGTHS = RNG.integers(2, 6, SAMPLES)
PADS = np.arange(STEPS) >= LENGTHS[:, None]
BEHIND = np.where(PADS, 0, RNG.integers(1, 40, (SAMPLES, STEPS)))
BEFORE = np.stack([np.roll(row, STEPS - length) for row, length in zip(BEHIND, LENGTHS, strict=True)])
VALUES = np.where(PADS[..., None], -1, RNG.normal(size=(SAMPLES, STEPS, 2))).astype("float32")
HIDDEN, SEEN = 0.1, 0.4
"""Ratios that are far on either side of the limits."""


def embedding(**options):
    return layers.Embedding(40, 6, **options)


def looked(x, *hidden):
    """The padding of a model of these layers, its facts and the ratio."""
    keras.utils.set_random_seed(0)
    dtype = "int32" if x.dtype.kind == "i" else "float32"
    model = keras.Sequential([keras.Input(x.shape[1:], dtype=dtype), *hidden, layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy")
    data = Data(x, RNG.integers(0, 2, len(x)))
    before = [{**layer.__dict__} for layer in model.layers]
    walked, _, _ = forward.explore(model, data.take(np.arange(1)))
    found = padding.look(model, walked, data)
    ratio = padding.series(model, found).get("padding_std_ratio")
    assert [set(layer.__dict__) for layer in model.layers] == [set(kept) for kept in before]
    assert all(
        layer.mask_zero == kept["mask_zero"]
        for layer, kept in zip(model.layers, before, strict=True)
        if "mask_zero" in kept
    )
    return found, ratio


@pytest.mark.parametrize(("x", "side", "value"), [(BEHIND, "end", 0), (BEFORE, "beginning", 0), (VALUES, "end", -1)])
def test_runs_are_found_and_filled(x, side, value):
    runs = padding.runs_of(x)
    assert (runs.side, runs.value, runs.steps) == (side, value, STEPS)
    assert (runs.lengths == STEPS - LENGTHS).all()
    full = padding.filled(x)
    assert full.shape == x.shape and padding.runs_of(full).fraction < 0.1
    own = x[3, : LENGTHS[3]] if side == "end" else x[3, -LENGTHS[3] :]
    edge = full[3, : LENGTHS[3]] if side == "end" else full[3, -LENGTHS[3] :]
    assert (own == edge).all() and set(np.unique(full[3])) == set(np.unique(own))


def test_a_sample_of_padding_alone_stays():
    x = BEHIND.copy()
    x[0] = 0
    assert (padding.filled(x)[0] == 0).all()


@pytest.mark.parametrize(
    ("x", "hidden", "masked", "maskable", "hides"),
    [
        (BEHIND, lambda: [embedding(), layers.LSTM(6)], False, True, True),
        (BEHIND, lambda: [embedding(), layers.Conv1D(6, 3), layers.GRU(6)], False, False, True),
        (BEHIND, lambda: [embedding(), layers.Bidirectional(layers.LSTM(6))], False, True, False),
        (BEFORE, lambda: [embedding(), layers.LSTM(6)], False, True, False),
        (VALUES, lambda: [layers.LSTM(6)], False, True, True),
        (BEHIND, lambda: [embedding(mask_zero=True), layers.LSTM(6)], True, True, None),
        (VALUES, lambda: [layers.Masking(-1.0), layers.LSTM(6)], True, True, None),
    ],
)
def test_who_reads_padding_and_what_it_hides(x, hidden, masked, maskable, hides):
    found, ratio = looked(x, *hidden())
    (reader,) = found.facts["sequence_readers"]
    assert (reader["masked"], reader["maskable"]) == (masked, maskable)
    assert found.facts["padding"]["fraction"] == pytest.approx(1 - LENGTHS.mean() / STEPS)
    if hides is None:
        assert ratio is None
    else:
        assert ratio < HIDDEN if hides else ratio > SEEN


@pytest.mark.parametrize(
    "hidden", [lambda: [embedding(), layers.Flatten()], lambda: [embedding(), layers.GlobalMaxPooling1D()]]
)
def test_layers_that_padding_does_not_concern(hidden):
    found, ratio = looked(BEHIND, *hidden())
    assert found.facts == {"sequence_readers": []} and ratio is None
