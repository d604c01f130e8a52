"""Arrays to numbers: everything that is measured, as pure functions of numpy arrays.

No Keras and no TensorBoard here, so every number can be checked on a three-line array.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

BLOCK_BYTES = 2 * 2**20
"""Samples are counted in blocks of this size: data may fill half of the memory."""
HASHED_BYTES = 2**18
"""They are hashed in smaller ones, which stay in a processor's own memory: that is ten times as fast."""
COMPARED_ROWS = 20_000
"""Samples on which copies of wide samples are told from chance."""

CATEGORICAL_VALUES = 20
"""A feature with no more distinct values than this is treated as categorical."""


def flat_rows(array: np.ndarray) -> np.ndarray:
    """Samples as a matrix of shape `(samples, features)`."""
    return array.reshape(len(array), -1)


def side_by_side(arrays: list[np.ndarray]) -> np.ndarray:
    """The columns of several arrays; a single one as it is, without a copy."""
    return np.concatenate(arrays, axis=1) if len(arrays) > 1 else arrays[0]


def std(array: np.ndarray) -> float:
    """Standard deviation of the finite values; NaN where there are none."""
    finite = array[np.isfinite(array)]
    return float(finite.std()) if finite.size else float("nan")


def histogram(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Counts per bin, values outside the edges and NaN left out, shape `(bin,)`."""
    return np.histogram(values[np.isfinite(values)], edges)[0].astype(np.float32)


def histogram_edges(predictions: np.ndarray, bins: int = 30) -> np.ndarray:
    """Shared bin edges for all outputs: 0 to 1 where all values lie there, else their range. Shape `(bins + 1,)`."""
    finite = predictions[np.isfinite(predictions)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1)


def shares(labels: np.ndarray, classes: int) -> np.ndarray:
    """Share of each class among integer labels, shape `(classes,)`."""
    return np.bincount(labels, minlength=classes)[:classes] / max(len(labels), 1)


def entropy(counts: np.ndarray) -> float:
    """Entropy in nats of a distribution given by counts."""
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log(p)).sum())


def run_ratio(labels: np.ndarray) -> float:
    """Runs of equal labels along the samples over those expected in random order.

    The expectation, 1 + (n - 1) (1 - sum p^2) for random order, is that of the runs test
    (Wald and Wolfowitz, 1940) for any number of classes.
    """
    n = len(labels)
    if n < 2:
        return 1.0
    _, counts = np.unique(labels, return_counts=True)
    runs = 1 + int(np.count_nonzero(labels[1:] != labels[:-1]))
    expected = 1 + (n - 1) * (1 - float(((counts / n) ** 2).sum()))
    return runs / expected


def sample_keys(array: np.ndarray) -> np.ndarray:
    """One 64-bit number a sample, equal for equal samples: a random linear hash of their bytes. Shape `(samples,)`."""
    samples = flat_rows(array)
    if samples.dtype == object or samples.dtype.kind in "US":
        return np.array([hash(tuple(row)) & 0x7FFFFFFFFFFFFFFF for row in samples.tolist()], dtype=np.uint64)
    size = samples[:1].nbytes
    factors = np.random.default_rng(0).integers(1, 2**63, -(-size // 8), dtype=np.uint64) | np.uint64(1)
    parts = [_block_keys(block, size, factors) for block in blocks(samples, HASHED_BYTES)]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def blocks(array: np.ndarray, size: int | None = None) -> Iterator[np.ndarray]:
    """An array in parts along its first axis, none much larger than `size` bytes, by default `BLOCK_BYTES`."""
    at_once = max((size or BLOCK_BYTES) // max(array[:1].nbytes, 1), 1)
    return (array[first : first + at_once] for first in range(0, len(array), at_once))


def are_equal(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether all values of two arrays of one shape are the same."""
    first = 0
    for part in blocks(one):
        if not (part == other[first : first + len(part)]).all():
            return False
        first += len(part)
    return True


def _block_keys(samples: np.ndarray, size: int, factors: np.ndarray) -> np.ndarray:
    # -0.0 and 0.0 are equal samples.
    samples = np.ascontiguousarray(samples + 0.0 if samples.dtype.kind == "f" else samples)
    octets = samples.view(np.uint8).reshape(len(samples), size)
    if size % 8:
        octets = np.pad(octets, ((0, 0), (0, -size % 8)))
    words = octets.view(np.uint64)
    mixed = words >> np.uint64(29)
    mixed ^= words
    mixed *= factors
    return np.asarray(mixed.sum(axis=1, dtype=np.uint64))


def duplicate_fraction(keys: np.ndarray) -> float:
    """Share of samples that repeat an earlier one, from `sample_keys`."""
    return 1 - len(np.unique(keys)) / len(keys) if len(keys) else 0.0


def natural_duplicate_fraction(inputs: np.ndarray) -> float:
    """Share of repeated samples that chance alone would give at the resolution of the features.

    From four features on: when each half of the features tells as many samples apart as all of
    them do, the samples are copies and chance gives none; otherwise the repeats count as natural.
    Below four, n draws from S possible values leave S (1 - exp(-n / S)) different ones; S is
    taken from the feature with the finest resolution: its range over its smallest gap, weighted
    by a 50-bin histogram, or its number of values where it is categorical.
    """
    samples = flat_rows(inputs)
    n, features = samples.shape
    if samples.dtype == object or samples.dtype.kind in "US":
        return 1.0
    if features >= 4:
        samples = samples[:: -(-n // COMPARED_ROWS)]
        n, whole = len(samples), len(np.unique(sample_keys(samples)))
        halves = [len(np.unique(sample_keys(samples[:, i::2]))) for i in (0, 1)]
        return 0.0 if min(halves) >= 0.98 * whole else 1 - whole / n
    support = max(_support(samples[:, f]) for f in range(features))
    return float(1 - support * -np.expm1(-n / support) / n)


def _support(column: np.ndarray) -> float:
    values, counts = np.unique(column[np.isfinite(column)], return_counts=True)
    if len(values) <= CATEGORICAL_VALUES:
        return max(float(np.exp(entropy(counts))), 1.0) if len(values) else 1.0
    gap = float(np.diff(values).min())
    coarse, edges = np.histogram(values, 50, weights=counts)
    return max(float(np.exp(entropy(coarse))) * float(edges[1] - edges[0]) / gap, 1.0)


def conflicting_fraction(input_keys: np.ndarray, sample_keys_: np.ndarray) -> float:
    """Share of samples whose inputs occur with more than one label."""
    pairs = np.unique(np.stack([input_keys, sample_keys_], axis=1), axis=0)
    inputs, labels_per_input = np.unique(pairs[:, 0], return_counts=True)
    return float(np.isin(input_keys, inputs[labels_per_input > 1]).mean()) if len(input_keys) else 0.0


def autocorrelation(values: np.ndarray) -> float:
    """Correlation of neighbouring values after a straight line has been taken out; NaN for fewer than 8."""
    n = len(values)
    if n < 8 or not np.isfinite(values).all():
        return float("nan")
    t = np.arange(n) - (n - 1) / 2
    rest = values - values.mean() - t * float((t * values).sum() / (t**2).sum())
    square = float((rest**2).sum())
    return float((rest[1:] * rest[:-1]).sum() / square) if square > 0 else float("nan")


def squared_norm(gradient: np.ndarray) -> float:
    """Sum of the squares, in double precision."""
    return float((gradient.astype(np.float64) ** 2).sum())


def noise_scale(mean_square: float, square: float, samples: float, parts: int) -> float:
    """Samples that a batch needs for a gradient of as much signal as noise (McCandlish et al., 2018, appendix A.1).

    Args:
        mean_square: Squared norm of the mean of the parts' gradients.
        square: Mean of their squared norms.
        samples: Samples of a part.
        parts: Number of parts, at least 2.

    Returns:
        Trace of the gradients' covariance over the squared norm of the true gradient; infinity where no signal is left.
    """
    signal = (parts * mean_square - square) / (parts - 1)
    noise = (square - mean_square) * samples / (1 - 1 / parts)
    if not np.isfinite(signal) or not np.isfinite(noise) or square == 0:
        return float("nan")
    return noise / signal if signal > 0 else float("inf")


def gap_fraction(values: np.ndarray) -> float:
    """Widest stretch of unused whole numbers, over their range; 0 where a side of it has fewer than 3 values."""
    used = np.unique(values).astype(np.float64)
    if len(used) < 6:
        return 0.0
    gaps = np.diff(used)[2:-2]
    return float((gaps.max() - 1) / (used[-1] - used[0])) if gaps.size else 0.0


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Fan-in and fan-out of a kernel of that shape: inputs and outputs last, the window before them."""
    window = int(np.prod(shape[:-2]))
    return window * shape[-2], window * shape[-1]


def units_alike(kernel: np.ndarray) -> bool:
    """Whether all of several units begin with the same weights: then they learn the same, for ever."""
    columns = kernel.reshape(-1, kernel.shape[-1])
    return columns.shape[1] > 1 and bool((columns == columns[:, :1]).all())


def stratified_samples(labels: np.ndarray | None, count: int, wanted: int) -> np.ndarray:
    """Indices of `wanted` of `count` samples, each class in its share, the same at every call. Shape `(samples,)`.

    Args:
        labels: Integer class of each sample, or None for a plain draw.
        count: Number of samples.
        wanted: Number of samples to draw; all are taken where there are no more.
    """
    if count <= wanted:
        return np.arange(count)
    order = np.random.default_rng(0).permutation(count)
    if labels is None:
        return np.sort(order[:wanted])
    # Sorting by class and taking evenly spaced samples gives each class its share to within one sample.
    by_class = order[np.argsort(labels[order], kind="stable")]
    return np.sort(by_class[(np.arange(wanted) * count) // wanted])


def update_ratio(before: np.ndarray, after: np.ndarray, at_least: float = 0.0) -> float:
    """|after - before| / |before|, Euclidean; NaN for a kernel of norm 0 or with a value that is not finite.

    `at_least` is the smallest norm to divide by: of a kernel that a penalty has shrunk to nothing every step is large.
    """
    norm = max(float(np.linalg.norm(before)), at_least)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.linalg.norm(after - before)) / norm if norm > 0 else float("nan")


def nonfinite_count(array: np.ndarray) -> int:
    """Number of NaN and infinite values."""
    if array.dtype.kind not in "fc":
        return 0
    return int(sum(block.size - np.count_nonzero(np.isfinite(block)) for block in blocks(array)))


def balanced_accuracy(classes: np.ndarray, truth: np.ndarray) -> float:
    """Mean over the classes of the share of right answers, from integer classes of shape `(samples,)`."""
    return float(np.mean([(classes[truth == c] == c).mean() for c in np.unique(truth)])) if len(truth) else float("nan")


def norm_and_nonfinite(arrays: list[np.ndarray]) -> tuple[float, int]:
    """Euclidean norm of the finite values of several arrays, NaN where none is, and the number of the others."""
    square, bad, size = 0.0, 0, 0
    for array in arrays:
        finite = np.isfinite(array)
        bad += int(array.size - np.count_nonzero(finite))
        size += array.size
        square += float((array[finite].astype(np.float64) ** 2).sum())
    return (float(np.sqrt(square)) if bad < size or not size else float("nan")), bad


def predicted_classes(predictions: np.ndarray, label_values: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """The class that each prediction stands for, as an index into `label_values`.

    Several outputs: the largest one. One output and two classes: which side of the threshold.
    One output and more classes: the nearest label value.

    Args:
        predictions: Shape `(samples, outputs)`.
        label_values: The sorted label values, shape `(classes,)`.
        threshold: In output units, for one output and two classes.
    """
    if predictions.shape[1] > 1:
        return np.asarray(predictions.argmax(axis=1))
    column = predictions[:, 0]
    if len(label_values) == 2:
        return (column > threshold).astype(np.int64)
    distances = np.abs(column[:, None] - label_values[None, :].astype(np.float64))
    return np.asarray(distances.argmin(axis=1))


class LayerStatistics:
    """Running statistics of one layer over parts of the probe batch.

    Args:
        kind: "relu", "sigmoid", "tanh" or "other": what dead and saturated mean for it.
    """

    DEAD = 1e-5  # a unit that never gives more than this on any sample is silent
    SATURATED = {"sigmoid": 5.0, "tanh": 2.5}  # sigmoid'(5) = 0.0066, tanh'(2.5) = 0.027

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._output = Moments()
        self._before = Moments()
        self._saturated = 0
        self._unit_max: np.ndarray | None = None

    def add(self, output: np.ndarray, before: np.ndarray | None) -> None:
        """Takes in one part: output and pre-activation, both `(samples, ..., units)`."""
        self._output.add(output)
        if self.kind == "relu":
            top = output.reshape(-1, output.shape[-1]).max(axis=0)
            # NaN stays NaN: what is not a number is neither dead nor alive.
            self._unit_max = top if self._unit_max is None else np.maximum(self._unit_max, top)
        if before is not None:
            self._before.add(before)
            if self.kind in self.SATURATED:
                self._saturated += int(np.count_nonzero(np.abs(before) > self.SATURATED[self.kind]))

    def result(self) -> dict[str, float]:
        """The statistics by the names of their series; NaN where they do not apply."""
        saturating = self.kind in self.SATURATED and self._before.count
        return {
            "activation_mean": self._output.mean,
            "activation_std": self._output.std,
            "preactivation_std": self._before.std,
            "dead_fraction": self._dead(),
            "saturated_fraction": self._saturated / self._before.count if saturating else np.nan,
            "nonfinite_activation_count": float(self._output.nonfinite),
        }

    def _dead(self) -> float:
        if self._unit_max is None or np.isnan(self._unit_max).any():
            return float("nan")
        return float((self._unit_max <= self.DEAD).mean())


class Moments:
    """Running mean and standard deviation of the finite values of arrays, and the number of the others."""

    def __init__(self) -> None:
        self.count = self.nonfinite = 0
        self._sum = self._square = 0.0

    def add(self, array: np.ndarray) -> None:
        flat = np.ravel(array)
        with np.errstate(over="ignore", invalid="ignore"):
            square = float(np.dot(flat, flat))
            if not np.isfinite(square):
                # Something is not finite, or its square is too large for its precision: the slow way, value by value.
                kept = flat[np.isfinite(flat)].astype(np.float64)
                self.nonfinite += flat.size - kept.size
                flat, square = kept, float(np.dot(kept, kept))
            self.count += flat.size
            self._sum += float(flat.sum(dtype=np.float64))
            self._square += square

    @property
    def mean(self) -> float:
        return self._sum / self.count if self.count else float("nan")

    @property
    def std(self) -> float:
        """Standard deviation; infinity where the squares overflow."""
        if not self.count:
            return float("nan")
        variance = self._square / self.count - self.mean**2
        return float(np.sqrt(max(variance, 0.0))) if np.isfinite(variance) else float("inf")
