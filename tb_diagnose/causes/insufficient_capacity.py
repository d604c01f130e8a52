"""The network is too small for what the inputs tell.

Training has settled, training and validation samples do equally badly, and the nearest neighbours of a sample, or a straight
line through the inputs, know its label better than the network does. What is left, when data, rate and gradients are
cleared, is that the network cannot express the answer: a layer of one or two units, through which everything must pass.

Not this: a run that still moves, validation samples that do worse than training samples, labels that nothing
tells from the inputs, and a network without a narrow layer that does not even do what a straight line does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, Edit, Finding, Fine, cause, degree

HEALTHY, RUINOUS = 0.1, 0.4
"""Share of the skill that neighbours or kernel ridge regression reach which the network misses."""
NARROW = 4
"""Units of a hidden layer up to which it is a bottleneck: so few numbers cannot tell many classes apart, and of relu
units half are silent."""
MOST, MOST_WIDE = 0.45, 0.24
"""The last resort of all: less than half of a mechanism that stalls a run by itself, such as a dead layer. Where
no layer is narrow, hardly more than a guess."""
MOVED = 0.1
"""Way of the most moved layer as a share of its size, below which nothing was tried."""
RISING = 0.05
"""Skill gained over the last third of the epochs from which on it is too early to tell."""
GAP = 0.1
"""Training skill above validation skill from which on the network has capacity enough to learn by heart."""


@cause(
    title="Network too small",
    family="outcome",
    fix="Double the units of the hidden layers until training samples are learned.",
    sources=(
        "Goodfellow et al., 'Deep Learning', 2016, section 11.5: fit a tiny data set first",
        "Karpathy, 'A Recipe for Training Neural Networks', 2019: overfit first",
    ),
)
def insufficient_capacity(
    skill: np.ndarray,
    epochs: np.ndarray,
    layers: list[dict[str, Any]],
    neighbour_skill: float | None = None,
    ridge_skill: float | None = None,
    output: dict[str, Any] | None = None,
    epoch_update_ratio: np.ndarray | None = None,
    probe_accuracy: np.ndarray | None = None,
    probe_val_accuracy: np.ndarray | None = None,
    baseline_accuracy: float | None = None,
) -> Answer:
    curve = skill[epochs > 0]
    third = max(len(curve) // 3, 1)
    if not len(curve) or not np.isfinite(curve[-third:]).all():
        return Fine(f"Skill is not finite after epoch {int(epochs[-1])}.")
    level = float(curve[-third:].mean())
    if probe_accuracy is not None and np.isfinite(probe_accuracy[-third:]).all() and (baseline_accuracy or 1.0) < 1:
        inference = float(np.nanmean(probe_accuracy[-third:]) - baseline_accuracy) / (1 - baseline_accuracy)
        level = float(np.fmax(level, inference))
    narrow, units = _narrowest(layers, (output or {}).get("name"))
    tight = units is not None and units <= NARROW
    references = {"the nearest neighbours": neighbour_skill, "kernel ridge regression": ridge_skill}
    known = {name: value for name, value in references.items() if value is not None and np.isfinite(value)}
    if not known:
        return Fine(f"Skill is {level:.2f} at the end; what the inputs allow is not known.")
    best = max(known, key=known.__getitem__)
    allowed = known[best]
    saw = f"Skill is {level:.2f} at the end; {best} of the inputs reach{'es' if best.startswith('k') else ''} {allowed:.2f}"
    missing = (allowed - level) / allowed if allowed > 0 else 0.0
    if missing <= HEALTHY or allowed - level <= HEALTHY:
        return Fine(f"{saw}.")
    if not tight and narrow is not None and ridge_skill is not None and level < ridge_skill - HEALTHY:
        return Fine(f"{saw}; but no layer is too narrow for what kernel ridge regression does, {ridge_skill:.2f}.")
    if len(curve) < 3 or _rising(curve, third, tight):
        return Fine(f"{saw}, but the run has not settled.")
    if epoch_update_ratio is not None and np.nansum(np.nan_to_num(epoch_update_ratio), axis=0).max() < MOVED:
        return Fine(f"{saw}, but the weights have hardly moved.")
    if probe_accuracy is not None and probe_val_accuracy is not None:
        gap = float((probe_accuracy[-third:] - probe_val_accuracy[-third:]).mean())
        if gap > GAP:
            return Fine(f"{saw}, but accuracy is {gap:.2f} higher on training samples than on validation samples.")
    found = (MOST if tight or narrow is None else MOST_WIDE) * degree(missing, HEALTHY, RUINOUS)
    where = f"; the narrowest hidden layer, {narrow}, has {units} unit{'s' if units != 1 else ''}" if narrow else ""
    return Finding(
        (found) / 0.45,
        0.45,
        f"{saw}{where if narrow else '; there is no hidden layer'}.",
        f"at least {(1 - HEALTHY) * allowed:.2f}.",
        f"Give layer {narrow} {max(16, 4 * (units or 1))} units instead of {units}."
        if tight
        else "Double the units of the hidden layers, or add one, until the training samples are learned."
        if narrow
        else 'Add a hidden layer before the output: `Dense(32, activation="relu")`.',
        since=int(epochs[-1]),
        layers=(narrow,) if narrow else (),
        edits=(Edit(narrow, "units", max(16, 4 * (units or 1))),) if tight else (),
        picture="skill",
        limit=(1 - HEALTHY) * allowed,
        beyond="below",
    )


def _rising(curve: np.ndarray, third: int, tight: bool) -> bool:
    """Whether it is too early to tell: a network with a bottleneck is given no time once its gains shrink."""
    gains = np.diff(curve)
    shrinking = tight and gains[-1] < gains.max() / 2
    return bool(curve[-third:].mean() - curve[-2 * third : -third].mean() > RISING and not shrinking)


def _narrowest(layers: list[dict[str, Any]], last: str | None) -> tuple[str | None, int | None]:
    """Name and units of the hidden layer with the fewest units; None where there is no hidden layer."""
    weighted = [row for row in layers if row.get("units") and row["initializer"] is not None]
    hidden = (
        [row for row in weighted if row["name"] != last] if last in {r["name"] for r in weighted} else weighted[:-1]
    )
    if not hidden:
        return None, None
    row = min(hidden, key=lambda row: row["units"])
    return row["name"], int(row["units"])
