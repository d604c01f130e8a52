"""Losses to compare with: that of the best constant answer, and that of a perfect one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tb_diagnose.recorder import forward
from tb_diagnose.recorder.data import Data
from tb_diagnose.recorder.data_facts import Labels, class_counts

Loss = Callable[[np.ndarray, np.ndarray, np.ndarray | None], float]
"""Loss of labels, answers and sample weights."""

SMALLEST_SHARE = 1e-7
"""Shares of classes are kept this far from 0 and 1, as Keras's cross-entropies do."""


def loss_levels(
    loss: Loss, probe: Data, labels: Labels, head: forward.Head, from_logits: bool
) -> dict[str, float | None]:
    """The facts `baseline_loss` and `perfect_loss`, by the compiled loss itself; None where there is no such answer.

    Args:
        loss: The compiled loss.
        probe: The probe batch.
        labels: What the labels stand for.
        head: What the output comes from.
        from_logits: Whether the loss reads logits.
    """
    shape = (probe.sample_count, *head.shape)

    def loss_of(answer: Any) -> float:
        try:
            answers = np.broadcast_to(answer, shape).astype(np.float32)
            return loss(probe.y, answers, probe.sample_weight)
        except Exception:  # noqa: BLE001 - a loss that refuses these labels has no best constant
            return float("inf")

    constants = _constants(probe.y, labels, head, from_logits) if labels.form != "string" else iter(())
    best = min(map(loss_of, constants), default=float("inf"))
    comparable = not from_logits and labels.form != "string" and probe.y.size == np.prod(shape)
    perfect = loss_of(probe.y.reshape(shape)) if comparable else float("inf")
    return {
        "baseline_loss": best if np.isfinite(best) else None,
        "perfect_loss": perfect if np.isfinite(perfect) else None,
    }


def _constants(y: np.ndarray, labels: Labels, head: forward.Head, from_logits: bool) -> Iterator[Any]:
    """Answers that are the same for all samples: the shares of the classes, the mean and the median of the labels."""
    counts = class_counts(y, labels)
    if counts is not None:
        yield _shares(y, counts, labels, head.units, from_logits)
    if y.size == len(y) * np.prod(head.shape):
        yield y.mean(axis=0).reshape(head.shape)
        yield np.median(y, axis=0).reshape(head.shape)
    elif y.size == len(y):
        yield y.mean()
        yield np.median(y)


def _shares(y: np.ndarray, counts: np.ndarray, labels: Labels, units: int, from_logits: bool) -> np.ndarray:
    """The shares of the classes, as the model would give them; one number for two classes and one output."""
    several = labels.form == "multi_label"
    shares = counts / (np.prod(y.shape[:-1]) if several else counts.sum())
    padded = np.resize(np.append(shares, np.zeros(units)), units)
    shares = np.clip(shares[1:2] if units == 1 and len(shares) == 2 else padded, SMALLEST_SHARE, 1 - SMALLEST_SHARE)
    if not from_logits:
        return shares
    return np.asarray(np.log(shares) if units > 1 and not several else np.log(shares / (1 - shares)))
