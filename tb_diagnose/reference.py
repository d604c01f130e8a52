"""What the inputs tell about the labels without any training: nearest neighbours and ridge regression.

Both are closed formulas on at most 1,000 rows. A net that does as well as the better of them has
little left to gain; where both tell nothing, either the task is hard or the labels are not those of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_diagnose.measure import flat_rows

NEIGHBOURS = 5
SURE_NEIGHBOURS = 15
"""Neighbours whose votes say how sure a label is: five have too few different shares."""
ROWS = 1000
"""Rows used: a 1,000 x 1,000 distance table and its decomposition cost a fraction of a second."""
WIDEST = 4096
"""Features used; of wider rows every n-th is taken."""
MOST_IDS = 4096
"""Different ids that are counted; larger ones share a column."""
PENALTIES = (1e-3, 1e-1, 1e1)
"""Ridge penalties tried, as shares of the mean squared singular value."""


@dataclass(frozen=True)
class Table:
    """Rows that labels are told from.

    Args:
        inputs: Shape `(rows, features)`, standardized.
        truth: One-hot rows or targets, shape `(rows, outputs)`.
        classes: Integer class of each row, shape `(rows,)`; None for amounts.
    """

    inputs: np.ndarray
    truth: np.ndarray
    classes: np.ndarray | None


def features(inputs: np.ndarray, ids: bool) -> np.ndarray:
    """Rows as numbers to compare: counts of the ids of a sequence, or the values themselves. Shape `(rows, features)`."""
    x = flat_rows(inputs)
    if ids:
        places = np.clip(np.nan_to_num(x.astype(np.float64)), 0, 2**53).astype(np.int64) % MOST_IDS
        counts = np.zeros((len(x), int(places.max(initial=0)) + 1))
        np.add.at(counts, (np.arange(len(x))[:, None], places), 1)
        return counts
    x = x[:, :: -(-x.shape[1] // WIDEST)].astype(np.float64)
    return np.where(np.isfinite(x), x, 0.0)


def standardized(x: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """Each feature to mean 0 and spread 1, by the rows of `like`; constant ones become 0."""
    of = x if like is None else like
    deviation = of.std(axis=0)
    return (x - of.mean(axis=0)) / np.where(deviation > 0, deviation, 1)


def _nearest(rows: np.ndarray, among: np.ndarray, count: int, *, itself: bool) -> np.ndarray:
    """Indices of the `count` nearest of `among` for each row, the row itself left out where they are the same."""
    distances = (rows**2).sum(axis=1)[:, None] + (among**2).sum(axis=1)[None, :] - 2 * rows @ among.T
    if itself:
        np.fill_diagonal(distances, np.inf)
    return np.argpartition(distances, min(count, distances.shape[1] - 1), axis=1)[:, :count]


def neighbour_answers(table: Table, count: int = NEIGHBOURS) -> np.ndarray:
    """Mean of the truth of the nearest other rows (k-NN; Cover and Hart, 1967): vote shares or amounts."""
    return table.truth[_nearest(table.inputs, table.inputs, count, itself=True)].mean(axis=1)


def ridge_answers(table: Table) -> np.ndarray:
    """Leave-one-out answers of ridge regression, at the penalty with the smallest error.

    A row's answer without itself follows from the hat matrix: y - (y - fit) / (1 - leverage) (Golub, Heath and Wahba, 1979).
    """
    x = table.inputs - table.inputs.mean(axis=0)
    centre = table.truth.mean(axis=0)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    best, answers = np.inf, np.tile(centre, (len(x), 1))
    for penalty in PENALTIES:
        keep = s**2 / (s**2 + penalty * float((s**2).mean()) + 1e-12)
        fit = centre + (u * keep) @ (u.T @ (table.truth - centre))
        leverage = np.minimum((u**2) @ keep + 1 / len(x), 0.99)
        alone = table.truth - (table.truth - fit) / (1 - leverage)[:, None]
        error = float(((alone - table.truth) ** 2).mean())
        if error < best:
            best, answers = error, alone
    return answers


def accuracy(answers: np.ndarray, table: Table) -> float:
    """Share of the rows whose largest answer is their class."""
    return float((answers.argmax(axis=1) == table.classes).mean())


def skill(answers: np.ndarray, table: Table) -> float:
    """How far from the best constant answer (0) to a perfect one (1): by accuracy for classes, R^2 for amounts."""
    if table.classes is None:
        variance = table.truth.var(axis=0).mean()
        return float(1 - ((answers - table.truth) ** 2).mean() / variance) if variance > 0 else float("nan")
    majority = table.truth.mean(axis=0).max()
    return float((accuracy(answers, table) - majority) / (1 - majority)) if majority < 1 else float("nan")


def confident_error(answers: np.ndarray, table: Table) -> float:
    """Share of other labels among the surer half of the rows.

    Where labels are right, rows deep inside their class have neighbours of that class: only wrong labels
    disagree there (the idea of confident learning; Northcutt et al., 2021).
    """
    top = answers.max(axis=1)
    sure = top >= np.median(top)
    return float((answers.argmax(axis=1) != table.classes)[sure].mean())


def validation_answers(table: Table, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Answers of neighbours and ridge regression for other rows, standardized like the table's."""
    near = table.truth[_nearest(inputs, table.inputs, NEIGHBOURS, itself=False)].mean(axis=1)
    shift, centre = table.inputs.mean(axis=0), table.truth.mean(axis=0)
    u, s, v = np.linalg.svd(table.inputs - shift, full_matrices=False)
    shrink = s / (s**2 + PENALTIES[1] * float((s**2).mean()) + 1e-12)
    return near, centre + (inputs - shift) @ (v.T * shrink) @ (u.T @ (table.truth - centre))
