"""How well scores rank samples: by the area under the ROC curve, which needs no threshold and no even classes."""

from __future__ import annotations

import numpy as np

DRAWS = 20
"""Permutations: the standard deviation of their results is known to a sixth."""
MOST_COLUMNS = 50
"""Columns that are permuted; of more, every n-th is taken, which makes the error larger, not smaller."""


def auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Chance that a positive sample has a higher score than another one, ties counted half; NaN without both kinds.

    This is the area under the ROC curve (Hanley and McNeil, 1982): 0.5 says nothing, 0 is the wrong way round.

    Args:
        scores: Shape `(samples,)`.
        positive: Whether each sample is of the second class, shape `(samples,)`.
    """
    many, few = int(np.count_nonzero(positive)), int(np.count_nonzero(~positive))
    if not many or not few or not np.isfinite(scores).all():
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place.reshape(-1)]
    return float((ranks[positive].sum() - many * (many + 1) / 2) / (many * few))


def auc_error(positive: np.ndarray) -> float:
    """Standard error of the AUC of random scores (Mann and Whitney, 1947); NaN without both kinds."""
    many, few = int(np.count_nonzero(positive)), int(np.count_nonzero(~positive))
    return float(np.sqrt((many + few + 1) / (12 * many * few))) if many and few else float("nan")


def mean_auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Mean over the columns of their AUC, those without both kinds left out; NaN where none has both.

    Args:
        scores: Shape `(samples, columns)`.
        positive: Of the same shape.
    """
    return _mean([auc(s, p) for s, p in zip(scores.T, positive.T, strict=True)])


def mean_auc_error(scores: np.ndarray, positive: np.ndarray) -> float:
    """Standard deviation of `mean_auc` where the samples' labels are permuted; NaN where no column has both kinds.

    Labels of a sample go together: columns may err alike, and how far they do, no formula tells. It is at least that of
    columns that err apart, however many scores are the same.

    Args:
        scores: Shape `(samples, columns)`.
        positive: Of the same shape.
    """
    if positive.shape[1] == 1:
        return auc_error(positive[:, 0])
    step = -(-positive.shape[1] // MOST_COLUMNS)
    rng = np.random.default_rng(0)
    permuted = [mean_auc(scores[:, ::step], positive[rng.permutation(len(positive)), ::step]) for _ in range(DRAWS)]
    apart = _mean([auc_error(column) for column in positive.T]) / np.sqrt(positive.shape[1])
    return float(np.fmax(np.std(permuted, ddof=1), apart))


def best_threshold(scores: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """The score that parts both kinds best, and the share of samples that is right with it, on the better side.

    Args:
        scores: Finite, shape `(samples,)`.
        positive: Shape `(samples,)`.
    """
    values, place = np.unique(scores, return_inverse=True)
    size = len(values)
    others = np.bincount(place.reshape(-1)[~positive], minlength=size)
    sought = np.bincount(place.reshape(-1)[positive], minlength=size)
    # Right answers where samples above the i-th smallest value count as positive.
    right = np.append(0, np.cumsum(others)) + sought.sum() - np.append(0, np.cumsum(sought))
    above, below = int(right.argmax()), int(right.argmin())
    best = above if right[above] >= len(scores) - right[below] else below
    share = max(int(right[above]), len(scores) - int(right[below])) / len(scores)
    inner = np.concatenate([values[:1], (values[1:] + values[:-1]) / 2, values[-1:]])
    return float(inner[best]), share


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
