"""A loop's own loss function, asked what it does: which outputs it compares with which labels, and which loss it is."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tb_diagnose.recorder import backend, forward, objective
from tb_diagnose.recorder.data import Data

SAMPLES = 64
"""Samples that a loss function is asked about: what broadcasts takes the square of them."""
SEED = 0
SAME = 1e-3
"""Share by which two losses of the same answers may differ and still be one: sums in float32, clipping."""
ROUNDING = 1e-6
"""The same for two losses that are told apart by it."""
SMALLEST_SHARE = 1e-3
"""Outputs that stand for probabilities are kept this far from 0 and 1, where cross-entropies are clipped."""


def loss_facts(model: Any, probe: Data) -> dict[str, Any]:
    """The fact `loss_pairing`, and `loss_function` where a function of the user's is one of Keras's losses.

    Args:
        model: The model.
        probe: The probe batch.

    Returns:
        Nothing where the loop has told no loss function.
    """
    loss_fn = objective.of(model).loss_fn
    if loss_fn is None:
        return {}
    samples = probe.take(np.linspace(0, probe.sample_count - 1, min(SAMPLES, probe.sample_count)).astype(int))
    output, _ = forward.predict(model, samples.x, [])
    asked = _Asked(loss_fn, forward.as_fit(samples.y))
    values = forward.to_numpy(output)
    facts: dict[str, Any] = {}
    pairing = _pairing(asked, values)
    if pairing is not None:
        facts["loss_pairing"] = pairing
        if is_crossed(pairing):
            objective.use(model, dataclasses.replace(objective.of(model), in_shape=True))
    seen = _identified(asked, output, values)
    if seen is not None:
        facts["loss_function"] = seen
    return facts


def is_crossed(pairing: dict[str, Any]) -> bool:
    """Whether the shapes of labels and outputs broadcast: then the order of the labels makes no difference."""
    if "loss_alike" not in pairing:
        return False
    return _alike(pairing["loss"], pairing["reordered_loss"]) and not _alike(
        pairing["loss_alike"], pairing["reordered_loss_alike"]
    )


class _Asked:
    """A loss function with labels to ask it about."""

    def __init__(self, loss_fn: Any, y: np.ndarray) -> None:
        self.loss_fn = loss_fn
        self.y = y

    def __call__(self, output: Any, y: np.ndarray | None = None) -> float:
        import keras

        labels = keras.ops.convert_to_tensor(self.y if y is None else y)
        return backend.number(objective.loss_of(self.loss_fn, labels, keras.ops.convert_to_tensor(output)))


def _pairing(asked: _Asked, values: np.ndarray) -> dict[str, Any] | None:
    """How the loss depends on which label belongs to which output; None where samples cannot be told apart.

    Labels in another order are other labels: a loss of pairs changes. One whose shapes broadcast compares each output
    with each label, and does not. The same labels in the shape of the outputs tell whether that is why.
    """
    y = asked.y
    order = np.random.default_rng(SEED).permutation(len(y))
    # Untrained outputs are nearly alike: others, as far apart as the labels are, show more.
    spread = _spread(values, y)
    if spread is None or (y == y[order]).all():
        return None
    fact: dict[str, Any] = {"label_shape": list(y.shape[1:]), "output_shape": list(values.shape[1:])}
    fact["loss"], fact["reordered_loss"] = asked(spread), asked(spread, y[order])
    if y.ndim != values.ndim and y.size == values.size:
        alike = y.reshape(values.shape)
        fact["loss_alike"], fact["reordered_loss_alike"] = asked(spread, alike), asked(spread, alike[order])
    return fact


def _spread(values: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """Outputs of the same shape and range that differ from sample to sample; None of a single sample."""
    if len(values) < 3 or values.dtype.kind != "f":
        return None
    draws = np.random.default_rng(SEED).uniform(SMALLEST_SHARE, 1 - SMALLEST_SHARE, values.shape)
    if values.ndim > 1 and values.shape[-1] > 1 and np.allclose(values.sum(axis=-1), 1, atol=1e-3):
        draws = draws / draws.sum(axis=-1, keepdims=True)
    elif values.min() < 0 or values.max() > 1:
        draws = draws * float(np.ptp(y.astype(float)) or 1.0)
    return draws.astype(np.float32)


def _identified(asked: _Asked, output: Any, values: np.ndarray) -> dict[str, Any] | None:
    """The fact `loss_function` of a function that works out one of Keras's cross-entropies; None of another.

    On TensorFlow, Keras's losses look behind a sigmoid or softmax, whatever `from_logits` says. So the function is
    asked about outputs as the model gives them, too, and not only about a copy.
    """
    spread = _spread(values, asked.y)
    if spread is None:
        return None
    name, losses = _crossentropy(asked.y, values)
    given, live = asked(spread), asked(output)
    told = next((logits for logits, loss in losses.items() if _alike(given, loss(spread))), None)
    if told is None:
        return None
    away = {logits: abs(live - loss(values)) for logits, loss in losses.items()}
    seen = min((told, False), key=lambda logits: away[logits])
    if not _alike(live, losses[seen](values)) or (told and abs(away[True] - away[False]) <= ROUNDING * abs(live)):
        return None  # another loss, or outputs so much alike that both fit
    return {"name": name, "from_logits": seen, "custom": False, "asked": True}


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(abs(one), abs(other), SAME)


def _crossentropy(y: np.ndarray, values: np.ndarray) -> tuple[str, dict[bool, Any]]:
    """Name of Keras's cross-entropy for such labels and outputs, and its functions by `from_logits`."""
    import keras

    if values.ndim < 2 or values.shape[-1] == 1:
        name, kind = "binary_crossentropy", keras.losses.BinaryCrossentropy
    elif y.shape != values.shape:
        name, kind = "sparse_categorical_crossentropy", keras.losses.SparseCategoricalCrossentropy
    elif np.allclose(y.sum(axis=-1), 1, atol=SAME):
        name, kind = "categorical_crossentropy", keras.losses.CategoricalCrossentropy
    else:
        name, kind = "binary_crossentropy", keras.losses.BinaryCrossentropy
    most = values.shape[-1] - 1 if name.startswith("sparse") else 1
    if y.dtype.kind not in "biuf" or y.min() < 0 or y.max() > most:
        return name, {}
    labels = keras.ops.convert_to_tensor(y)

    def function(from_logits: bool) -> Any:
        loss = kind(from_logits=from_logits)
        return lambda given: backend.number(loss(labels, keras.ops.convert_to_tensor(given)))

    return name, {from_logits: function(from_logits) for from_logits in (True, False)}
