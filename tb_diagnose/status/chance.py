"""How often guessing is right, where a log tells nothing of the labels: read from its curves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tb_diagnose.evidence import derived

MOST_CLASSES = 100_000
NEAR_LOG = 0.02
"""Share by which the first loss may differ from ln k: that of an untrained model that knows nothing is ln k or a little
more, and a mean over the first steps a little less."""
FACTOR = 1.5
"""Factor by which the lowest accuracy may differ from 1/k beside such a loss."""
NOISE = 1.1
"""Factor by which the lowest accuracy may lie below what guessing gives, by chance."""


@dataclass(frozen=True)
class Guess:
    """What guessing gives.

    Args:
        share: Accuracy that tells of nothing learned, at most a half; 0 where the curve begins there.
        classes: Number of classes, where the loss tells it.
    """

    share: float
    classes: int | None = None

    def is_known(self, accuracy: np.ndarray) -> bool:
        """Whether an accuracy may be called one of guessing: its loss says so, or it never leaves a half."""
        stays = self.share == 0.5 and float(np.nanmax(accuracy)) <= NOISE * self.share
        return self.classes is not None or stays


@derived
def guess(
    epochs: np.ndarray,
    accuracy: np.ndarray | None = None,
    val_accuracy: np.ndarray | None = None,
    loss: np.ndarray | None = None,
    val_loss: np.ndarray | None = None,
) -> Guess | None:
    """What guessing gives as far as curves tell; None without an accuracy.

    A cross-entropy that begins at ln k beside an accuracy of about 1/k has k classes. Otherwise the accuracy is taken
    to begin at a guess among as few classes as its lowest value allows: the first accuracy itself may be that of a
    model that has learned much in its first epoch.
    """
    for right, lost in ((accuracy, loss), (val_accuracy, val_loss)):
        known = None if right is None else right[(epochs > 0) & np.isfinite(right)]
        if known is None or not len(known):
            continue
        lowest = float(known.min())
        classes = None if lost is None else _classes(lost[(epochs > 0) & np.isfinite(lost)], lowest)
        if classes is not None:
            return Guess(1 / classes, classes)
        if lowest <= 1 / MOST_CLASSES:
            return Guess(0.0)
        return Guess(min(1 / math.ceil(1 / (NOISE * lowest)), 0.5))
    return None


def _classes(loss: np.ndarray, lowest: float) -> int | None:
    """The number of classes that a loss begins at; None where it tells none."""
    if not len(loss) or not 0 < loss[0] < math.log(MOST_CLASSES):
        return None
    classes = round(math.exp(loss[0]))
    if classes < 2 or abs(loss[0] / math.log(classes) - 1) > NEAR_LOG:
        return None
    return classes if 1 / FACTOR <= lowest * classes <= FACTOR else None
