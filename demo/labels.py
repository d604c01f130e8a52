"""Labels of any form as class numbers, for the faults that deal with classes."""

from __future__ import annotations

import numpy as np

from demo.setups import NotApplicable, Setup


def is_regression(setup: Setup) -> bool:
    """Whether the labels are continuous targets."""
    return setup.activation is None and isinstance(setup.loss, str) and "entropy" not in setup.loss


def class_numbers(setup: Setup, y: np.ndarray) -> np.ndarray:
    """The class of each sample, shape `(samples,)`.

    Args:
        setup: Tells what the labels stand for.
        y: Its training or validation labels.

    Raises:
        NotApplicable: continuous targets, or samples of several classes.
    """
    if is_regression(setup):
        raise NotApplicable("continuous targets have no classes")
    if y.ndim < 2 or y.shape[1] == 1:
        return y.reshape(-1).astype(np.int64)
    if not (y.sum(axis=1) == 1).all():
        raise NotApplicable("a sample has several classes")
    return y.argmax(axis=1)


def class_count(setup: Setup) -> int:
    """Number of classes."""
    return int(class_numbers(setup, setup.y).max()) + 1


def like(classes: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Class numbers in the form of the labels `y`."""
    if y.ndim == 2 and y.shape[1] > 1:
        return np.eye(y.shape[1], dtype=y.dtype)[classes]
    return classes.reshape(-1, *y.shape[1:]).astype(y.dtype)


def by_label(setup: Setup, y: np.ndarray) -> np.ndarray:
    """Indices that sort samples by class, or by target. Raises NotApplicable for samples of several classes."""
    return np.argsort(y.reshape(len(y)) if is_regression(setup) else class_numbers(setup, y), kind="stable")


def takes_ids(setup: Setup) -> bool:
    """Whether the inputs are ids into an Embedding: scaling or rounding them makes no sense."""
    return setup.x.dtype.kind in "iu"
