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
FEATURES_AT_ONCE = 256
"""Features that are compared at a time: of 1,000 samples they take 2 MB."""
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
class Likeness:
    """Inner products of standardized samples with those of a table: neighbours and kernels ask for no more.

    Args:
        products: Shape `(samples, samples of the table)`.
        squares: Squared norm of each sample, shape `(samples,)`.
    """

    products: np.ndarray
    squares: np.ndarray


@dataclass(frozen=True)
class Truth:
    """Labels that are told.

    Args:
        values: One-hot samples, several labels a sample or targets, shape `(samples, outputs)`.
        classes: Integer class of each sample, shape `(samples,)`; None where samples have no single class.
        several: Whether a sample has several labels, each 0 or 1.
    """

    values: np.ndarray
    classes: np.ndarray | None
    several: bool = False


@dataclass(frozen=True)
class Table:
    """Samples that labels are told from.

    Args:
        likeness: Of the samples with one another.
        truth: Their labels.
    """

    likeness: Likeness
    truth: Truth


def features(inputs: np.ndarray, ids: bool) -> np.ndarray:
    """Samples as numbers to compare, shape `(samples, features)`: counts of the ids of a sequence, or the values."""
    x = flat_rows(inputs)
    if ids:
        places = np.clip(np.nan_to_num(x.astype(np.float64)), 0, 2**53).astype(np.int64) % MOST_IDS
        counts = np.zeros((len(x), int(places.max(initial=0)) + 1))
        np.add.at(counts, (np.arange(len(x))[:, None], places), 1)
        return counts
    return x[:, :: -(-x.shape[1] // WIDEST)]


def compared(samples: np.ndarray, others: np.ndarray | None = None) -> tuple[Likeness, Likeness | None]:
    """The likeness of samples with one another, and of others with them; None where there are no others.

    Each feature is brought to mean 0 and standard deviation 1 by the samples; a constant one becomes 0. Some features
    at a time: all of them in double precision would take as much memory as the images that they are of, twice.

    Args:
        samples: Shape `(samples, features)`.
        others: Shape `(others, features)`.
    """
    products = np.zeros((len(samples), len(samples)))
    foreign, squares = np.zeros((0 if others is None else len(others), len(samples))), 0.0
    for first in range(0, samples.shape[1], FEATURES_AT_ONCE):
        part = slice(first, first + FEATURES_AT_ONCE)
        block = _finite(samples[:, part])
        mean, deviation = block.mean(axis=0), block.std(axis=0)
        deviation[deviation == 0] = 1
        block = (block - mean) / deviation
        products += block @ block.T
        if others is not None:
            other = (_finite(others[:, part]) - mean) / deviation
            foreign += other @ block.T
            squares = squares + (other**2).sum(axis=1)
    own = Likeness(products, np.diagonal(products))
    return own, None if others is None else Likeness(foreign, np.broadcast_to(squares, len(others)))


def _finite(x: np.ndarray) -> np.ndarray:
    """Values in double precision; 0 for what is not finite."""
    found = x.astype(np.float64)
    found[~np.isfinite(found)] = 0.0
    return found


def _squared_distances(of: Likeness, table: Table) -> np.ndarray:
    found: np.ndarray = of.products * -2
    found += of.squares[:, None]
    found += table.likeness.squares
    np.maximum(found, 0, out=found)
    return found


def _nearest(of: Likeness, table: Table, count: int) -> np.ndarray:
    """Indices of the `count` nearest of a table for each sample; one of the table itself is left out."""
    distances = _squared_distances(of, table)
    if of is table.likeness:
        np.fill_diagonal(distances, np.inf)
    return np.argpartition(distances, min(count, distances.shape[1] - 1), axis=1)[:, :count]


def neighbour_answers(table: Table, count: int = NEIGHBOURS) -> np.ndarray:
    """Mean of the truth of the nearest other samples (k-NN; Cover and Hart, 1967): vote shares or means of targets."""
    return neighbour_predict(table, table.likeness, count)


def neighbour_predict(table: Table, of: Likeness, count: int = NEIGHBOURS) -> np.ndarray:
    """Answers of the nearest samples for other samples."""
    return np.asarray(table.truth.values[_nearest(of, table, count)].mean(axis=1))


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

    def predict(self, of: Likeness) -> np.ndarray:
        """Answers for other samples."""
        difference = _kernel(of, self.table, self.width)
        difference -= _kernel(self.table.likeness, self.table, self.width).mean(axis=0)
        return np.asarray(self.table.truth.values.mean(axis=0) + difference @ self.weights)


def _kernel(of: Likeness, table: Table, width: float | None) -> np.ndarray:
    if width is None:
        return np.asarray(of.products / max(float(table.likeness.squares.mean()), 1e-12))
    found = _squared_distances(of, table)
    found /= -width
    np.exp(found, out=found)
    return found


def ridge(table: Table, widths: tuple[float, ...] = WIDTHS) -> Ridge:
    """The kernel and penalty with the smallest leave-one-out error; the intercept is not penalized.

    A sample's answer without itself follows from the hat matrix: y - (y - fit) / (1 - leverage) (Golub, Heath, Wahba,
    1979). The leverage holds the intercept's 1 / n: without it the mean of all labels would tell each sample its own.

    Args:
        table: The samples.
        widths: Of the Gaussian kernels that are tried beside a linear one, as shares of the median squared distance.
    """
    truth = table.truth.values
    n, rest = len(truth), truth - truth.mean(axis=0)
    median = float(np.median(_squared_distances(table.likeness, table), overwrite_input=True)) or 1.0
    # The best constant answer is where nothing is to be told; a kernel must do better by more than rounding.
    alone = rest * n / (n - 1)  # what is missing to the mean of the others
    best = Ridge(truth - alone, float((alone**2).mean()), table, None, np.zeros_like(rest))
    for width in (None, *(share * median for share in widths)):
        values, vectors = _decomposed(_kernel(table.likeness, table, width))
        turned = vectors.T @ rest
        kept = values[:, None] / (values[:, None] + np.array(PENALTIES))  # (value, penalty)
        leverages = 1 / n + (vectors**2) @ kept  # (sample, penalty)
        for penalty, keep, leverage in zip(PENALTIES, kept.T, leverages.T, strict=True):
            fit = vectors @ (turned * keep[:, None])
            missing = (rest - fit) / np.maximum(1 - leverage, 1e-9)[:, None]
            error = float((missing**2).mean())
            if error < best.error * (1 - ROUNDING):
                weights = vectors @ (turned / (values + penalty)[:, None])
                best = Ridge(truth - missing, error, table, width, weights)
        del vectors  # of one kernel at a time
    return best


def _decomposed(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, none below 0, and eigenvectors of a kernel around its mean; the kernel is overwritten."""
    means = kernel.mean(axis=0)
    kernel -= means
    kernel -= means[:, None]
    kernel += means.mean()
    values, vectors = np.linalg.eigh(kernel)
    return np.maximum(values, 0), vectors


def accuracy(answers: np.ndarray, truth: Truth) -> float:
    """Share of the samples whose largest answer is their class; of several labels a sample, the share that is right."""
    if truth.several:
        return float(((answers > 0.5) == (truth.values > 0.5)).mean())
    return float((answers.argmax(axis=1) == truth.classes).mean())


def skill(answers: np.ndarray, truth: Truth) -> float:
    """How far from the best constant answer (0) to a perfect one (1): by accuracy for classes, R^2 for amounts."""
    if truth.classes is None and not truth.several:
        variance = truth.values.var(axis=0).mean()
        return float(1 - ((answers - truth.values) ** 2).mean() / variance) if variance > 0 else float("nan")
    shares = truth.values.mean(axis=0)
    majority = float(np.maximum(shares, 1 - shares).mean() if truth.several else shares.max())
    return float((accuracy(answers, truth) - majority) / (1 - majority)) if majority < 1 else float("nan")


def confident_error(answers: np.ndarray, truth: Truth) -> float:
    """Share of other labels among the surer half of the samples.

    Where labels are right, samples deep inside their class have neighbours of that class: only wrong labels
    disagree there (the idea of confident learning; Northcutt et al., 2021).
    """
    top = answers.max(axis=1)
    sure = top >= np.median(top)
    return float((answers.argmax(axis=1) != truth.classes)[sure].mean())
