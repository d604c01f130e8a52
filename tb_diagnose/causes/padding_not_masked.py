"""Sequences are filled up with padding, and a layer reads it like everything else.

Sequences of different length are filled up to one length, mostly with zeros. A recurrent layer goes through all steps
and gives what it ends on: behind a hundred steps of padding every sample ends in the same state, so that all get the
same answer and no gradient reaches the steps that say something. A mean over all steps is thinned out likewise. A mask
makes both leave the padding out; without one, padding in front of the text does little harm to a recurrent layer.

How it is told: the probe samples are given to the model twice, as they are, and with their own steps, repeated, in
place of the padding. Where the outputs differ from sample to sample only without the padding, it is the padding that
hides the samples.

Not this: padding that a mask covers, sequences with little of it, padding that the outputs do not suffer from (in front
of the text, or behind it where a layer also reads backwards), and a run that learns all the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Edit, Finding, Fine, Try, cause, degree, number
from tb_diagnose.causes._certainty import certainty
from tb_diagnose.evidence.number import times
from tb_diagnose.status.skill import LAST, LEARNED

HEALTHY, RUINOUS = 0.3, 0.03
"""Standard deviation of the outputs with padding over that without. Padding in front of the text, which a recurrent
layer learns from, leaves 0.8 and more. At the second, what tells the samples apart is a thousandth of the variance."""
SHORT = 0.2
"""Share of padding that is no trouble: the other steps are four times as many."""
END = "end"
POOLING = "GlobalAveragePooling1D"


@cause(
    title="Padding that no mask covers",
    family="configuration",
    fix="Give the Embedding `mask_zero=True`, put `keras.layers.Masking(0.0)` before other inputs, or pad in front: "
    '`pad_sequences(..., padding="pre")`.',
    brings_about=("constant_prediction", "vanishing_gradients"),
    looks_like=("learning_rate_too_low", "optimizer_unsuited", "shuffled_labels"),
    sources=(
        "https://keras.io/guides/understanding_masking_and_padding/",
        "https://github.com/keras-team/keras/issues/20898: an LSTM behind TextVectorization stays at 0.5",
    ),
)
def padding_not_masked(
    sequence_readers: list[dict[str, Any]],
    epochs: np.ndarray,
    padding: dict[str, Any] | None = None,
    padding_std_ratio: np.ndarray | None = None,
    layers: list[dict[str, Any]] | None = None,
    input_shape: list[list[int]] | None = None,
    skill: np.ndarray | None = None,
) -> Answer:
    if not sequence_readers:
        return DoesNotApply("No layer of the model sums up a sequence step by step.")
    if padding is None:
        return CouldNotTell(("padding",))
    saw = (
        f"{padding['fraction']:.1%} of the {padding['steps']:,} steps of a sequence, on average, are a run of "
        f"{number(padding['value'])} at its {padding['side']}"
    )
    padded = f"{padding['fraction']:.1%}"
    unmasked = [reader for reader in sequence_readers if not reader["masked"]]
    if not unmasked:
        return Fine(f"{padded} of the steps are padding, and a mask reaches {_named(sequence_readers)}.")
    if padding["fraction"] < SHORT:
        return Fine(f"{saw}.")
    if padding_std_ratio is None:
        return CouldNotTell(("padding_std_ratio",))
    known = np.flatnonzero(np.isfinite(padding_std_ratio) & (epochs > 0))
    if not len(known):
        return CouldNotTell(("padding_std_ratio",))
    ratio = float(padding_std_ratio[known[-1]])
    saw += (
        f", and {_named(unmasked)} gets no mask. Over the probe samples the outputs have {_times(ratio)} the standard "
        f"deviation that they have with the samples' own steps, repeated, in place of the padding"
    )
    vary = f"With {padded} of padding the outputs vary {times(ratio, 'much')}"
    if ratio >= HEALTHY:
        return Fine(f"{vary} as without.")
    learned = skill[np.isfinite(skill)][-LAST:] if skill is not None else np.zeros(0)
    if len(learned) and float(learned.mean()) >= LEARNED:
        return Fine(f"{vary}, and the run learns all the same.")
    size = degree(ratio, HEALTHY, RUINOUS)
    above = np.flatnonzero(padding_std_ratio[known] >= HEALTHY)
    fix, edits = _remedy(padding, unmasked, layers or [], input_shape or [])
    first = layers[0]["name"] if layers else None
    return Finding(
        size,
        certainty(size),
        f"{saw}.",
        f"more than {HEALTHY:g} times, or a mask.",
        fix,
        since=int(epochs[known[above[-1] + 1] if len(above) else known[0]]),
        layers=tuple(reader["name"] for reader in unmasked),
        picture="padding_std_ratio",
        limit=HEALTHY,
        beyond="below",
        edits=edits,
        attempt=_masking(padding["value"], first) if first and all(reader["maskable"] for reader in unmasked) else None,
    )


def _masking(value: float, first: str) -> Try:
    """What a trial makes where no layer has an argument for a mask."""
    masking = {"class_name": "Masking", "config": {"mask_value": value}}
    return Try(f"a Masking before {first}", (Edit(first, "before", [masking]),))


def _named(readers: list[dict[str, Any]]) -> str:
    return " and ".join(f"{reader['class']} {reader['name']}" for reader in readers[:2]) + (
        f" and {len(readers) - 2} more" if len(readers) > 2 else ""
    )


def _times(ratio: float) -> str:
    return f"{number(ratio, 2)} times" if ratio >= 1e-3 else "less than 0.001 times"


def _remedy(
    padding: dict[str, Any], unmasked: list[dict[str, Any]], layers: list[dict[str, Any]], shapes: list[list[int]]
) -> tuple[str, tuple[Edit, ...]]:
    """What to change, and the same as edits where it is one: a mask where one would arrive, else padding in front."""
    value, embeddings = padding["value"], [row["name"] for row in layers if row.get("class") == "Embedding"]
    maskable = all(reader["maskable"] for reader in unmasked)
    if maskable and embeddings and value == 0:
        where = " and ".join(embeddings)
        return (
            f"Give {where} a mask: `mask_zero=True`. Steps of id 0 are then left out; no word may have that id.",
            tuple(Edit(name, "mask_zero", True) for name in embeddings),
        )
    if maskable and not embeddings:
        return (
            f"Put a mask before the first layer: `keras.layers.Masking(mask_value={value:g})`; steps of which all "
            f"values are {value:g} are then left out.",
            (),
        )
    if padding["side"] == END and all(reader["class"] != POOLING for reader in unmasked):
        differs = f"(row[::-1] != {value:g})" + ("" if embeddings else ".any(axis=1)")
        code = f"np.stack([np.roll(row, {differs}.argmax(), axis=0) for row in x])"
        alone = len(shapes) < 2
        return (
            f"Move the padding in front of the steps that say something: `x = {code}`, for validation and prediction, "
            'too; `pad_sequences(..., padding="pre")` makes such sequences.',
            (Edit("data", "x", code),) if alone else (),
        )
    kept = max(round(padding["steps"] * (1 - padding["fraction"])), 1)
    return (
        f"Cut the sequences to about {2 * kept:,} steps instead of {padding['steps']:,}: {kept:,} are no padding on "
        "average; or take `GlobalMaxPooling1D`, which the padding does not thin out.",
        (),
    )
