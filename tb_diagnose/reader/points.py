"""Scalars as they were written, and those of one run by Keras's names."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tb_diagnose.reader.tag_names import Recognised

MAIN = ("loss", "accuracy", "val_loss", "val_accuracy", "score", "val_score", "reward")
"""Curves that tell where a run begins, the first one that is there."""


@dataclass(frozen=True)
class Points:
    """One scalar in the order in which it was written.

    Args:
        steps: TensorBoard steps, shape `(point,)`.
        times: Wall times in s.
        values: Values.
    """

    steps: np.ndarray
    times: np.ndarray
    values: np.ndarray

    def where(self, kept: np.ndarray) -> Points:
        return Points(self.steps[kept], self.times[kept], self.values[kept])


@dataclass(frozen=True)
class Chosen:
    """The scalars that are read.

    Args:
        points: By Keras's names.
        tags: What their tags say, by the same names; those of Keras say nothing.
        written: Their tags, by the same names.
        keras: Whether Keras itself wrote them.
    """

    points: dict[str, Points] = field(default_factory=dict)
    tags: dict[str, Recognised] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    keras: bool = False

    @property
    def main(self) -> str | None:
        """Name of the curve that tells where a run begins; None where none of them is there."""
        return next((name for name in MAIN if name in self.points), None)
