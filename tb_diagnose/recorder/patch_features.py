"""What small pieces of images and signals tell, wherever in a sample they are.

A sample is described by how much it resembles patches cut from other samples: how strongly at best, how often, and on
average. Such features, without any training, carry most of what a first convolution and a pooling layer would find
(Coates, Lee and Ng, 2011, for images; Dempster, Petitjean and Webb, 2020, for signals).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIZES = (3, 5, 9)
"""Edges of the patches."""
KERNELS = 66
"""Patches of each size: more of them bring little (Coates, Lee and Ng, 2011, figure 3) and cost as much each."""
PLACES = 256
"""Places of a sample that a patch is held against, evenly spaced."""
LONGEST = {1: 1024, 2: 64, 3: 32}
"""Values along an axis, by the number of axes; of longer ones every n-th is taken."""
WIDEST = 512
"""Values of a patch; larger ones are left out."""
OFTEN = 0.75
"""Quantile of the resemblance from which a place counts as alike."""
SAMPLES = 20
"""Samples at a time, to bound memory."""


@dataclass(frozen=True)
class Patches:
    """Patches of one size.

    Args:
        size: Edges along the axes.
        kernels: Their values, of length 1 each, shape `(values, kernels)`.
        alike: Resemblance from which a place counts as alike, shape `(kernels,)`.
    """

    size: tuple[int, ...]
    kernels: np.ndarray
    alike: np.ndarray


def has_places(shape: tuple[int, ...]) -> bool:
    """Whether patches can be cut from inputs of this shape, `(samples, axis, ..., channels)`."""
    return len(shape) - 2 in LONGEST and min(shape[1:-1]) >= SIZES[0] and bool(_sizes(shape))


def cut(inputs: np.ndarray, samples: np.ndarray, seed: int = 0) -> tuple[Patches, ...]:
    """Patches from random places of random samples.

    Args:
        inputs: Shape `(samples, axis, ..., channels)`, for which `has_places` holds.
        samples: Indices of those to cut from.
        seed: Of the choice.
    """
    rng = np.random.default_rng(seed)
    drawn = _thinned(inputs, samples[rng.integers(0, len(samples), KERNELS)])
    pieces = []
    for size in _sizes(inputs.shape):
        # Some samples at a time: all places of all of them would be as large as many samples more.
        blocks = [drawn[start : start + SAMPLES] for start in range(0, KERNELS, SAMPLES)]
        at = rng.integers(0, _places(drawn[:1], size).shape[1], KERNELS)
        kernels = np.stack([_places(drawn[k : k + 1], size)[0, place] for k, place in enumerate(at)])
        lengths = np.linalg.norm(kernels, axis=1, keepdims=True)
        kernels = (kernels / np.where(lengths > 0, lengths, 1)).T
        alike = np.concatenate([(_places(block, size) @ kernels).reshape(-1, KERNELS) for block in blocks])
        pieces.append(Patches(size, kernels, np.quantile(alike, OFTEN, axis=0)))
    return tuple(pieces)


def responses(inputs: np.ndarray, samples: np.ndarray, patches: tuple[Patches, ...]) -> np.ndarray:
    """How much the samples of those indices resemble patches, shape `(samples, features)`."""
    blocks = (_thinned(inputs, samples[start : start + SAMPLES]) for start in range(0, len(samples), SAMPLES))
    return np.concatenate([np.concatenate([_pooled(block, p) for p in patches], axis=1) for block in blocks])


def _pooled(samples: np.ndarray, patches: Patches) -> np.ndarray:
    likeness = _places(samples, patches.size) @ patches.kernels
    return np.concatenate(
        [likeness.max(axis=1), (likeness > patches.alike).mean(axis=1), np.maximum(likeness, 0).mean(axis=1)], axis=1
    ).astype(np.float64)


def _sizes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Edges that fit into the samples and are not too wide."""
    lengths = [min(length, LONGEST[len(shape) - 2]) for length in shape[1:-1]]
    return [
        (edge,) * len(lengths) for edge in SIZES if edge <= min(lengths) and edge ** len(lengths) * shape[-1] <= WIDEST
    ]


def _thinned(inputs: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    longest = LONGEST[inputs.ndim - 2]
    steps = tuple(slice(None, None, -(-length // longest)) for length in inputs.shape[1:-1])
    samples = inputs[(slice(None), *steps)][chosen].astype(np.float32)
    return np.where(np.isfinite(samples), samples, 0)


def _places(samples: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Pieces of each sample, without their mean, shape `(samples, places, values)`."""
    axes = tuple(range(1, samples.ndim - 1))
    windows = np.lib.stride_tricks.sliding_window_view(samples, size, axis=axes)
    most = round(PLACES ** (1 / len(axes)))
    steps = tuple(slice(None, None, -(-windows.shape[axis] // most)) for axis in axes)
    windows = windows[(slice(None), *steps)]
    values = windows.reshape(len(samples), int(np.prod(windows.shape[1 : samples.ndim - 1])), -1)
    return np.asarray(values - values.mean(axis=2, keepdims=True))
