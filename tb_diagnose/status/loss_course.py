"""What curves did, in words, of a run that nothing tells how good it is: losses of an unknown scale, a reward."""

from __future__ import annotations

import numpy as np

from tb_diagnose.evidence import Evidence
from tb_diagnose.evidence.noise import noise
from tb_diagnose.evidence.number import number
from tb_diagnose.evidence.slope import line_slope

FEWEST = 3
LEVEL = 0.05
"""Share of the way that a curve has come within which it has arrived."""
MOVED = 0.05
"""Change against its size from which a curve has moved."""
ERRORS = 2.0
"""Standard errors by which the slope of the last third must differ from 0."""
TURNED = 1.1
"""Value at the end over the lowest one from which a loss has risen again."""
FAR, OTHER_SCALE = 2.0, 100.0
"""Validation loss over training loss that is worth a word, and that no gap of the usual kind explains."""


def course(evidence: Evidence) -> str:
    """One or two clauses on the losses, or on the reward of reinforcement learning."""
    unit, epochs = evidence.unit, evidence.epochs
    reward = evidence.get("reward")
    if reward is not None:
        name, tale = evidence.get("reward_name"), _tale(epochs, reward, unit, higher_is_better=True)
        return f"This is reinforcement learning, which has no accuracy: the reward (`{name}`) {tale}"
    parts = []
    loss, val_loss = evidence.get("loss"), evidence.get("val_loss")
    if loss is not None:
        parts.append(f"the training loss {_tale(epochs, loss, unit)}")
    if val_loss is not None:
        parts.append(f"the validation loss {_tale(epochs, val_loss, unit)}{_beside(loss, val_loss)}")
    if not parts:
        return "Neither accuracy nor a loss was logged"
    return f"No accuracy was logged, and nothing tells what loss a constant answer has: {'; '.join(parts)}"


def _tale(epochs: np.ndarray, values: np.ndarray, unit: str, higher_is_better: bool = False) -> str:
    """`fell from 21 to 1.5 and still falls`."""
    kept = np.isfinite(values) & (epochs > 0)
    # Between two validations a log repeats the last one.
    kept[1:] &= ~(values[1:] == values[:-1])
    numbers, curve = epochs[kept], values[kept]
    if not len(curve):
        return "is never a finite number"
    first, last = float(curve[0]), float(curve[-1])
    if len(curve) == 1:
        return f"is {number(last)}"
    down, up = ("fell", "rose") if higher_is_better else ("fell", "rose")
    went = f"{down if last < first else up} from {number(first)} to {number(last)}"
    if len(curve) < FEWEST:
        return went if last != first else f"stays at {number(last)}"
    width = float(curve.max() - curve.min())
    if width <= MOVED * float(np.median(np.abs(curve))):
        return f"hardly moves: {number(first)} at first, {number(last)} at the end"
    best = int(curve.argmax() if higher_is_better else curve.argmin())
    turned = not higher_is_better and curve[best] > 0 and np.median(curve[-2:]) > TURNED * curve[best]
    if turned and 0 < best < len(curve) - FEWEST:
        return (
            f"fell from {number(first)} to {number(float(curve[best]))} after {unit} {numbers[best]:,}, and rose to "
            f"{number(last)}"
        )
    slope = _end_slope(curve)
    if slope:
        return f"{went} and still {'rises' if slope > 0 else 'falls'}"
    end = curve[-max(len(curve) // 3, FEWEST) :]
    away = np.flatnonzero(np.abs(curve - np.median(end)) > max(LEVEL * width + 2 * noise(curve), float(np.ptp(end))))
    since = int(numbers[min(away[-1] + 1, len(numbers) - 1)]) if len(away) else int(numbers[0])
    return f"{went}, about level since {unit} {since:,}"


def _end_slope(curve: np.ndarray) -> float:
    """Change over the last third of a curve; 0 where it is no more than noise, or little of the whole way."""
    end = curve[-max(len(curve) // 3, FEWEST) :]
    slope, error = line_slope(end)
    change = slope * (len(end) - 1)
    small = abs(change) <= LEVEL * float(curve.max() - curve.min()) and abs(change) <= LEVEL * abs(float(end.mean()))
    return 0.0 if small or abs(slope) <= ERRORS * error else change


def _beside(loss: np.ndarray | None, val_loss: np.ndarray) -> str:
    """How the validation loss stands to the training loss at the end; empty where there is nothing to say."""
    if loss is None or not np.isfinite(loss).any() or not np.isfinite(val_loss).any():
        return ""
    training, validation = (float(values[np.isfinite(values)][-1]) for values in (loss, val_loss))
    if not training > 0 or validation < FAR * training:
        return ""
    times = f", {number(validation / training, 2)} times the training loss"
    if validation < OTHER_SCALE * training:
        return times
    return f"{times}: what was learned holds for the training samples alone, or the two are not on one scale"
