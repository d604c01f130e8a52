"""How good a run is, on one scale: 0 is the best constant answer, 1 a perfect one."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo.setups import OUTPUTS, Setup

LEAST = 0.05
"""Skill by which a reported accuracy must be wrong to do harm; less is not worth a diagnosis (see `matrix/harm.py`)."""
REPORTED = ("accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy", "acc")
"""Names under which Keras reports accuracy."""


def form(setup: Setup) -> str:
    """What the labels are: "continuous" (a regression), "labels" (none, one or more a sample) or "class"."""
    y = setup.y
    if y.dtype.kind == "f" and not np.isin(y, (0, 1)).all():
        return "continuous"
    return "labels" if y.ndim == 2 and (y.sum(axis=1) != 1).any() else "class"


def constant_accuracy(y: np.ndarray) -> float:
    """Accuracy of the best constant answer, a mean over the labels where a sample has several."""
    if y.ndim == 2 and (y.sum(axis=1) != 1).any():
        return float(np.maximum(y.mean(axis=0), 1 - y.mean(axis=0)).mean())
    counts = y.sum(axis=0) if y.ndim == 2 else np.unique(y, return_counts=True)[1]
    return float(counts.max() / len(y))


def of_accuracy(accuracy: float, constant: float) -> float:
    """Skill of an accuracy."""
    return (accuracy - constant) / (1 - constant)


def of_targets(predicted: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Skill of predicted continuous targets (the coefficient of determination) and its standard error."""
    truth = y.reshape(predicted.shape).astype(float)
    errors = (predicted - truth) ** 2
    variance = ((truth - truth.mean(axis=0)) ** 2).mean()
    by_sample = errors.reshape(len(y), -1).mean(axis=1)
    return float(1 - by_sample.mean() / variance), float(by_sample.std() / variance / np.sqrt(len(y)))


def accuracy_error(accuracy: float, constant: float, answers: int) -> float:
    """Standard error of the skill of an accuracy over this number of answers."""
    return float(np.sqrt(max(accuracy * (1 - accuracy), 0) / answers) / (1 - constant))


def misreported(trained: Setup, history: Any) -> bool:
    """Whether the validation accuracy that Keras reports is not that of the model's predictions."""
    values = _reported(history, "val_")
    if form(trained) == "continuous":
        return bool(values)
    x, y = trained.validation
    output = outputs(history.model, x)
    if form(trained) == "labels" or output.shape[-1] == 1:
        right = (output > (0.5 if trained.activation else 0.0)) == y.reshape(output.shape)
    else:
        right = output.argmax(axis=1) == (y.argmax(axis=1) if y.ndim == 2 else y)
    wrong_by = abs(values[-1] - right.mean()) / (1 - constant_accuracy(y)) if values else 0.0
    return bool(wrong_by > LEAST)


def _reported(history: Any, prefix: str) -> list[float]:
    """The accuracy that Keras reports, by epoch; empty where there is none."""
    own = f"{prefix}{OUTPUTS[0]}_"  # where there is a second output
    names = (name + key for name in (prefix, own) for key in REPORTED)
    return next((history.history[name] for name in names if name in history.history), [])


def measured(healthy: Setup, trained: Setup, history: Any) -> dict[str, float | bool | None]:
    """Skill at the end of a run on validation and training samples, the error of the first, and `misreported`.

    Classes are judged by the accuracy that Keras reports, against the constant answer of the healthy samples.
    Continuous targets are judged by the model's predictions: their loss has the unit of the targets, which a fault may
    change.

    Args:
        healthy: The setup that a fault was injected into.
        trained: The setup that was trained.
        history: What `fit` returned.
    """
    result: dict[str, float | bool | None] = {"score": None, "training_score": None, "score_error": None}
    if trained.metrics != healthy.metrics:
        result["misreported"] = misreported(trained, history)
    if form(healthy) == "continuous":
        for name, (x, y) in {"training_score": (trained.x, trained.y), "score": trained.validation}.items():
            predicted = outputs(history.model, x)
            if predicted.size == y.size:
                with np.errstate(all="ignore"):
                    result[name], result["score_error"] = of_targets(predicted, y)
        return result
    for name, prefix, y in (("training_score", "", healthy.y), ("score", "val_", healthy.validation[1])):
        values = _reported(history, prefix)
        if values:
            constant = constant_accuracy(y)
            result[name] = of_accuracy(values[-1], constant)
            answers = y.size if form(healthy) == "labels" else len(y)
            result["score_error"] = accuracy_error(values[-1], constant, answers)
    return result


def outputs(model: Any, x: Any) -> Any:
    """What a model answers on inputs, as NumPy arrays, on any backend: one, or a dict of them."""
    import keras

    return keras.tree.map_structure(keras.ops.convert_to_numpy, model(x, training=False))
