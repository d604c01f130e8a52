"""Padding: runs of one value at an end of sequences, which layers read them without a mask, and what that hides."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_diagnose.recorder import forward
from tb_diagnose.recorder.data import Data, leaves, map_leaves

READERS = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "GlobalAveragePooling1D")
"""Layers that sum up a sequence step by step, and leave out what a mask covers."""
SAMPLES = forward.LARGEST_PART // 2
"""Samples that are compared: a ratio of standard deviations has an error of about 12 % then. As they are and without
their padding they go through the model at once: recurrent layers cost by the call."""
FEWEST = 8
WORTHWHILE = 0.2
"""Share of padding below which nothing is measured: what four fifths of the steps say is not hidden by the rest."""
END, BEGINNING = "end", "beginning"

Layers = list[tuple[str, Any]]


@dataclass(frozen=True)
class Runs:
    """Runs of one value at one end of sequences.

    Args:
        value: The value.
        side: `END` or `BEGINNING`.
        lengths: Steps of the run in each sample, shape `(samples,)`.
        steps: Steps of a sequence.
    """

    value: float
    side: str
    lengths: np.ndarray
    steps: int

    @property
    def fraction(self) -> float:
        """Share of all steps."""
        return float(self.lengths.mean() / self.steps)


@dataclass(frozen=True)
class Padding:
    """What is known of the padding of the inputs of a model.

    Args:
        facts: The facts `padding` and `sequence_readers`; empty where the model reads no sequences.
        both: Inputs of some probe samples as they are, and again with their own steps, repeated, in place of the
            padding; None where nothing is to be measured.
    """

    facts: dict[str, Any]
    both: Any = None


def runs_of(array: np.ndarray) -> Runs | None:
    """The longer of the runs at both ends of sequences; None for what is no sequence.

    Args:
        array: Ids of shape `(samples, steps)`, or values of shape `(samples, steps, features)`.
    """
    if array.dtype.kind not in "biuf" or array.ndim not in (2, 3) or array.shape[1] < 2:
        return None
    found = []
    for side in (END, BEGINNING):
        ahead = array[:, ::-1] if side == END else array
        edge = ahead[:, 0].reshape(len(array), -1)
        values, counts = np.unique(edge[:, 0], return_counts=True)
        value = values[counts.argmax()]
        same = (ahead == value) if array.ndim == 2 else (ahead == value).all(axis=2)
        lengths = np.where(same.all(axis=1), array.shape[1], (~same).argmax(axis=1))
        found.append(Runs(float(value), side, lengths, array.shape[1]))
    return max(found, key=lambda runs: runs.fraction)


def filled(array: np.ndarray) -> np.ndarray:
    """Sequences with their own steps, repeated, in place of the padding; those of padding alone stay."""
    runs = runs_of(array)
    if runs is None:
        return array
    content = np.where(runs.lengths == runs.steps, runs.steps, runs.steps - runs.lengths)[:, None]
    places = np.arange(runs.steps)[None, :]
    # What stands at an end stays there: at the beginning of a sequence padded behind, at the end of one padded before.
    index = places % content if runs.side == END else runs.steps - 1 - (runs.steps - 1 - places) % content
    return np.asarray(np.take_along_axis(array, index if array.ndim == 2 else index[:, :, None], axis=1))


def look(model: Any, layers: Layers, probe: Data) -> Padding:
    """Finds the padding of the probe samples and the layers that read it.

    Args:
        model: A built and compiled Keras model.
        layers: Names and layers of the model.
        probe: The probe batch.
    """
    readers = [(name, layer) for name, layer in layers if type(layer).__name__ in READERS]
    embeddings = [layer for _, layer in layers if type(layer).__name__ == "Embedding"]
    sequences = [array for array in leaves(probe.x) if _is_sequence(array, bool(embeddings))]
    found = [runs for array in sequences if (runs := runs_of(array)) is not None]
    if not readers:
        return Padding({"sequence_readers": []})
    sample = forward.few(probe, model)
    masked = _masked(model, readers, sample)
    maskable = _maskable(model, readers, embeddings, sample)
    named = [
        {
            "name": name,
            "class": type(layer).__name__,
            "masked": masked.get(name, False),
            "maskable": maskable.get(name, False),
        }
        for name, layer in readers
    ]
    if not found:
        return Padding({"sequence_readers": named})
    runs = max(found, key=lambda runs: runs.fraction)
    facts = {
        "padding": {
            "value": runs.value,
            "side": runs.side,
            "fraction": runs.fraction,
            "sample_fraction": float((runs.lengths > 0).mean()),
            "steps": runs.steps,
        },
        "sequence_readers": named,
    }
    if runs.fraction < WORTHWHILE or all(masked.get(name, False) for name, _ in readers):
        return Padding(facts)
    bytes_each = max(sum(a.nbytes // len(a) for a in probe.inputs), probe.sample_bytes, 1)
    count = int(np.clip(forward.PART_BYTES // (2 * bytes_each), FEWEST, SAMPLES))
    # Samples may be in the order of their classes: take them from all over the probe batch.
    given = probe.take(np.unique(np.linspace(0, probe.sample_count - 1, count).astype(int)))

    def both(array: np.ndarray) -> np.ndarray:
        return np.concatenate([array, filled(array) if _is_sequence(array, bool(embeddings)) else array])

    return Padding(facts, map_leaves(both, given.x))


def series(model: Any, padding: Padding) -> dict[str, float]:
    """The series `padding_std_ratio`; empty where there is no padding to measure."""
    if padding.both is None:
        return {}
    answers = forward.to_numpy(forward.predict(model, padding.both, [])[0]).astype(np.float64)
    given, free = (np.sqrt(part.var(axis=0).sum()) for part in np.split(answers, 2))
    return {"padding_std_ratio": float(given / free) if free > 0 else float("nan")}


def _is_sequence(array: np.ndarray, has_ids: bool) -> bool:
    """Whether an input is ids of an Embedding, or values by step and feature."""
    if array.dtype.kind not in "biuf":
        return False
    if array.ndim == 2:
        return has_ids and (array.dtype.kind in "iu" or bool((array == np.round(array)).all()))
    return array.ndim == 3


def _maskable(model: Any, readers: Layers, embeddings: list[Any], sample: Data) -> dict[str, bool]:
    """Which readers would get a mask, by name: of all embeddings, or of a Masking layer before everything else."""
    if embeddings:
        with _masking(embeddings):
            return _masked(model, readers, sample)
    first = sample.x if isinstance(sample.x, np.ndarray) else None
    takes_mask = "mask" in inspect.signature(model.call).parameters
    if first is None or first.ndim != 3 or not takes_mask:
        return {}
    return _masked(model, readers, sample, np.ones(first.shape[:2], bool))


def _masked(model: Any, readers: Layers, sample: Data, mask: np.ndarray | None = None) -> dict[str, bool]:
    """Which readers get a mask, by name.

    Args:
        model: The model.
        readers: Names and layers.
        sample: What to run through it.
        mask: Of the input, shape `(samples, steps)`.
    """
    got: dict[str, bool] = {}
    kept = [(layer, layer.__dict__.get("call")) for _, layer in readers]
    try:
        for name, layer in readers:
            layer.__dict__["call"] = _noting(name, layer.call, got)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras tells of each layer that loses a mask
            _run(model, sample.x, mask)
    finally:
        for layer, call in kept:
            layer.__dict__.pop("call", None)
            if call is not None:
                layer.__dict__["call"] = call
    return got


def _run(model: Any, x: Any, mask: np.ndarray | None) -> None:
    # Anew each time: the calls of the layers are looked at.
    forward.inference(model, x, **({} if mask is None else {"mask": mask}))


def _noting(name: str, call: Any, got: dict[str, bool]) -> Any:
    def called(*args: Any, **kwargs: Any) -> Any:
        got[name] = got.get(name, False) or kwargs.get("mask") is not None
        return call(*args, **kwargs)

    return called


@contextmanager
def _masking(embeddings: list[Any]) -> Iterator[None]:
    """The embeddings as if they had been made with `mask_zero=True`, for a while."""
    names = ("mask_zero", "_supports_masking")
    before = [{name: layer.__dict__[name] for name in names if name in layer.__dict__} for layer in embeddings]
    try:
        for layer in embeddings:
            layer.__dict__.update(dict.fromkeys(names, True))
        yield
    finally:
        for layer, kept in zip(embeddings, before, strict=True):
            for name in names:
                layer.__dict__.pop(name)
            layer.__dict__.update(kept)
