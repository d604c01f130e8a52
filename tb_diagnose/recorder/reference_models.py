"""What the inputs tell about the labels without any run: nearest neighbours and kernel ridge regression.

Both are closed formulas on at most 1,000 samples. A net that does as well as the better of them has
little left to gain; where both tell nothing, either the task is hard or the labels are not those of the samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_diagnose.recorder.measure import flat_rows

NEIGHBOURS = 5
SURE_NEIGHBOURS = 15
"""Neighbours whose votes say how sure a label is: five have too few different shares."""
SAMPLES = 1000
"""Samples used: a 1,000 x 1,000 distance table and its decomposition cost a fraction of a second."""
WIDEST = 4096
"""Features used; of wider samples every n-th is taken."""
MOST_IDS = 4096
"""Different ids that are counted; larger ones share a column."""
PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
"""Ridge penalties tried, in units of a kernel that is 1 for a sample with itself (on average)."""
ROUNDING = 1e-3
"""Share by which an error must be smaller to count."""
WIDTHS = (0.5, 1.0, 2.0, 4.0)
"""Widths of the Gaussian kernels tried, as shares of the median squared distance of two samples. A linear kernel is
tried too."""


@dataclass(frozen=True)
class Table:
    """Samples that labels are told from.

    Args:
        inputs: Shape `(samples, features)`, standardized.
        truth: One-hot samples, several labels a sample or targets, shape `(samples, outputs)`.
        classes: Integer class of each sample, shape `(samples,)`; None where samples have no single class.
        several: Whether a sample has several labels, each 0 or 1.
    """

    inputs: np.ndarray
    truth: np.ndarray
    classes: np.ndarray | None
    several: bool = False


def features(inputs: np.ndarray, ids: bool) -> np.ndarray:
    """Samples as numbers to compare, shape `(samples, features)`: counts of the ids of a sequence, or the values."""
    x = flat_rows(inputs)
    if ids:
        places = np.clip(np.nan_to_num(x.astype(np.float64)), 0, 2**53).astype(np.int64) % MOST_IDS
        counts = np.zeros((len(x), int(places.max(initial=0)) + 1))
        np.add.at(counts, (np.arange(len(x))[:, None], places), 1)
        return counts
    x = x[:, :: -(-x.shape[1] // WIDEST)].astype(np.float64)
    x[~np.isfinite(x)] = 0.0
    return x


def standardized(x: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """Each feature to mean 0 and standard deviation 1, by the samples of `like`; constant ones become 0."""
    of = x if like is None else like
    deviation = of.std(axis=0)
    found = x - of.mean(axis=0)
    found /= np.where(deviation > 0, deviation, 1)
    return np.asarray(found)


def _squared_distances(samples: np.ndarray, others: np.ndarray) -> np.ndarray:
    cross = samples @ others.T
    squares = (samples**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None, :]
    return np.asarray(np.maximum(squares - 2 * cross, 0))


def _nearest(samples: np.ndarray, among: np.ndarray, count: int, *, itself: bool) -> np.ndarray:
    """Indices of the `count` nearest of `among` for each sample, the sample itself left out where they are the same."""
    distances = _squared_distances(samples, among)
    if itself:
        np.fill_diagonal(distances, np.inf)
    return np.argpartition(distances, min(count, distances.shape[1] - 1), axis=1)[:, :count]


def neighbour_answers(table: Table, count: int = NEIGHBOURS) -> np.ndarray:
    """Mean of the truth of the nearest other samples (k-NN; Cover and Hart, 1967): vote shares or means of targets."""
    return np.asarray(table.truth[_nearest(table.inputs, table.inputs, count, itself=True)].mean(axis=1))


@dataclass(frozen=True)
class Ridge:
    """Kernel ridge regression fitted to a table.

    Args:
        answers: What it says of each sample without that sample, shape `(samples, outputs)`.
        error: Mean square of what the answers are wrong by.
        table: The samples.
        width: Squared distance at which a Gaussian kernel has fallen to 1 / e; None for a linear kernel.
        weights: Of each sample, shape `(samples, outputs)`.
    """

    answers: np.ndarray
    error: float
    table: Table
    width: float | None
    weights: np.ndarray

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Answers for other samples, standardized like the table's."""
        own = _kernel(self.table.inputs, self.table.inputs, self.width).mean(axis=0)
        difference = _kernel(inputs, self.table.inputs, self.width) - own
        return np.asarray(self.table.truth.mean(axis=0) + difference @ self.weights)


def _kernel(samples: np.ndarray, others: np.ndarray, width: float | None) -> np.ndarray:
    if width is None:
        return np.asarray(samples @ others.T / max(float((others**2).sum(axis=1).mean()), 1e-12))
    return np.exp(-_squared_distances(samples, others) / width)


def ridge(table: Table, widths: tuple[float, ...] = WIDTHS) -> Ridge:
    """The kernel and penalty with the smallest leave-one-out error; the intercept is not penalized.

    A sample's answer without itself follows from the hat matrix: y - (y - fit) / (1 - leverage) (Golub, Heath, Wahba,
    1979). The leverage holds the intercept's 1 / n: without it the mean of all labels would tell each sample its own.

    Args:
        table: The samples.
        widths: Of the Gaussian kernels that are tried beside a linear one, as shares of the median squared distance.
    """
    x, centre = table.inputs, table.truth.mean(axis=0)
    n, rest = len(x), table.truth - centre
    distances = _squared_distances(x, x)
    median = float(np.median(distances)) or 1.0
    # The best constant answer is where nothing is to be told; a kernel must do better by more than rounding.
    alone = rest * n / (n - 1)  # what is missing to the mean of the others
    best = Ridge(table.truth - alone, float((alone**2).mean()), table, None, np.zeros_like(rest))
    for width in (None, *(share * median for share in widths)):
        kernel = _kernel(x, x, None) if width is None else np.exp(-distances / width)
        means = kernel.mean(axis=0)
        values, vectors = np.linalg.eigh(kernel - means - means[:, None] + means.mean())
        values, turned = np.maximum(values, 0), vectors.T @ rest
        for penalty in PENALTIES:
            keep = values / (values + penalty)
            missing = (rest - (vectors * keep) @ turned) / np.maximum(1 - 1 / n - (vectors**2) @ keep, 1e-9)[:, None]
            error = float((missing**2).mean())
            if error < best.error * (1 - ROUNDING):
                best = Ridge(table.truth - missing, error, table, width, (vectors / (values + penalty)) @ turned)
    return best


def accuracy(answers: np.ndarray, table: Table) -> float:
    """Share of the samples whose largest answer is their class; of several labels a sample, the share that is right."""
    if table.several:
        return float(((answers > 0.5) == (table.truth > 0.5)).mean())
    return float((answers.argmax(axis=1) == table.classes).mean())


def skill(answers: np.ndarray, table: Table) -> float:
    """How far from the best constant answer (0) to a perfect one (1): by accuracy for classes, R^2 for amounts."""
    if table.classes is None and not table.several:
        variance = table.truth.var(axis=0).mean()
        return float(1 - ((answers - table.truth) ** 2).mean() / variance) if variance > 0 else float("nan")
    shares = table.truth.mean(axis=0)
    majority = float(np.maximum(shares, 1 - shares).mean() if table.several else shares.max())
    return float((accuracy(answers, table) - majority) / (1 - majority)) if majority < 1 else float("nan")


def confident_error(answers: np.ndarray, table: Table) -> float:
    """Share of other labels among the surer half of the samples.

    Where labels are right, samples deep inside their class have neighbours of that class: only wrong labels
    disagree there (the idea of confident learning; Northcutt et al., 2021).
    """
    top = answers.max(axis=1)
    sure = top >= np.median(top)
    return float((answers.argmax(axis=1) != table.classes)[sure].mean())


def neighbour_predict(table: Table, inputs: np.ndarray) -> np.ndarray:
    """Answers of the nearest samples for other samples, standardized like the table's."""
    return np.asarray(table.truth[_nearest(inputs, table.inputs, NEIGHBOURS, itself=False)].mean(axis=1))
