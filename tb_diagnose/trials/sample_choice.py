"""What tries do with samples: choose some of them, or bring validation inputs to the size of training inputs.

An edit of a try names these functions in its code; no patch does.
"""

from __future__ import annotations

import numpy as np

VOTERS = 5
"""Nearest other samples that are asked about the label of one."""
MOST_COMPARED = 2_000
"""Samples that each one is compared with: more take minutes."""
AT_ONCE = 500


def once(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Places of the samples without their copies, in their order, shape `(kept,)`."""
    rows = np.concatenate([np.asarray(part, float).reshape(len(part), -1) for part in (x, y)], axis=1)
    return np.sort(np.unique(rows, axis=0, return_index=True)[1])


def half(y: np.ndarray) -> np.ndarray:
    """Places of every other sample, of each label alike, shape `(kept,)`."""
    if not is_of_classes(y):
        return np.arange(0, len(y), 2)
    order = np.argsort(_numbered(y), kind="stable")
    return np.sort(order[::2])


def agreeing(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Places of the samples whose label is the commonest, or near the mean, of those around them, shape `(kept,)`.

    Of continuous targets a fifth is dropped: those that differ most from the mean of their neighbours.
    """
    inputs = _standardized(x)
    compared = np.arange(len(x)) if len(x) <= MOST_COMPARED else np.random.default_rng(0).choice(len(x), MOST_COMPARED)
    nearest = np.concatenate(
        [
            _nearest(inputs[start : start + AT_ONCE], inputs[compared], np.arange(start, len(x))[:AT_ONCE], compared)
            for start in range(0, len(x), AT_ONCE)
        ]
    )  # (sample, voter)
    if not is_of_classes(y):
        targets = np.asarray(y, float).reshape(len(y), -1)
        far = np.abs(targets - targets[compared][nearest].mean(axis=1)).sum(axis=1)
        return np.flatnonzero(far <= np.quantile(far, 0.8))
    labels = _numbered(y)
    votes = labels[compared][nearest]
    shares = np.stack([(votes == label).sum(axis=1) for label in range(labels.max() + 1)], axis=1)  # (sample, class)
    return np.flatnonzero(shares.argmax(axis=1) == labels)


def like(x: np.ndarray, training_x: np.ndarray) -> np.ndarray:
    """Validation inputs with the mean and standard deviation of the training inputs: of each feature, or of all
    together where the features are pixels or time steps."""
    if not np.issubdtype(np.asarray(x).dtype, np.floating):
        x = np.asarray(x, float)
    axis = 0 if x.ndim == 2 else None
    wanted, found = ((part.mean(axis=axis), part.std(axis=axis)) for part in (training_x, x))
    std = np.where(found[1] > 0, found[1], 1)
    return np.asarray((x - found[0]) / std * wanted[1] + wanted[0], x.dtype)


def is_of_classes(y: np.ndarray) -> bool:
    """Whether labels are whole numbers, few of them, or columns of 0 and 1."""
    values = np.unique(y)
    return values.dtype.kind in "biu" or bool((values == np.round(values)).all() and len(values) <= max(2, len(y) // 5))


def _numbered(y: np.ndarray) -> np.ndarray:
    """Numbers of the different labels, shape `(sample,)`."""
    rows = np.asarray(y).reshape(len(y), -1)
    return np.asarray(np.unique(rows, axis=0, return_inverse=True)[1]).reshape(-1)


def _standardized(x: np.ndarray) -> np.ndarray:
    rows = np.asarray(x, np.float32).reshape(len(x), -1)
    std = rows.std(axis=0)
    return np.asarray((rows - rows.mean(axis=0)) / np.where(std > 0, std, 1))


def _nearest(rows: np.ndarray, others: np.ndarray, own: np.ndarray, compared: np.ndarray) -> np.ndarray:
    """Places among `others` of the nearest ones to each row, itself left out, shape `(row, voter)`."""
    far = (rows**2).sum(axis=1)[:, None] - 2 * rows @ others.T + (others**2).sum(axis=1)
    far[own[:, None] == compared] = np.inf
    voters = min(VOTERS, len(others) - 1)
    return np.asarray(np.argpartition(far, voters, axis=1)[:, :voters])


def drawn(
    x: np.ndarray, y: np.ndarray, training_x: np.ndarray, training_y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Validation and training samples, as many of each as before, drawn from all of them by chance."""
    all_x, all_y = np.concatenate([x, training_x]), np.concatenate([y, training_y])
    order = np.random.default_rng(0).permutation(len(all_x))
    held, trained = order[: len(x)], order[len(x) :]
    return all_x[held], all_y[held], all_x[trained], all_y[trained]
