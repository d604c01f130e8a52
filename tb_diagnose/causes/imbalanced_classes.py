"""One class is so common that always naming it is nearly right.

With 95 % of the rows in one class, the answer "always that class" has 95 % accuracy and a small
loss; the few other rows hardly pull the weights, and accuracy stands at the majority share from the
first epoch on.

Not this: balanced labels with all rows predicted alike (something else collapsed the outputs), and
imbalanced data of which the rare classes are predicted too.
"""

from __future__ import annotations

import numpy as np

from tb_diagnose.causes import Finding, cause, clear, severity

HEALTHY, RUINOUS = 3.0, 20.0
"""Rows of the commonest class for one of the rarest. 10 is the limit from which surveys speak of imbalance (He and
Garcia, "Learning from Imbalanced Data", 2009); it lies in the middle of this scale."""
COLLAPSED = 0.98
"""Share of rows predicted as the commonest class from which on the others are ignored; where that class itself is
commoner, half of the rest."""


@cause(
    title="Imbalanced classes",
    family="data",
    fix="Weigh the classes by their rarity with `class_weight` in fit, and watch recall by class instead of accuracy.",
    leads_to=("constant_prediction",),
    sources=(
        "He and Garcia, 'Learning from Imbalanced Data', 2009",
        "https://www.tensorflow.org/tutorials/structured_data/imbalanced_data",
    ),
)
def imbalanced_classes(
    label_counts: list[float],
    predicted_share: np.ndarray,
    classes: list[str],
    label_form: str,
    epochs: np.ndarray,
) -> Finding:
    counts = np.asarray(label_counts, float)
    present = counts[counts > 0]
    if label_form == "multi_label" or len(present) < 2:
        return clear(
            f"{len(present)} class among the labels, nothing to weigh."
            if len(present) < 2
            else "Multi-label rows: classes do not compete."
        )
    ratio = float(present.max() / present.min())
    majority = int(counts.argmax())
    share = float(counts.max() / counts.sum())
    predicted = predicted_share[:, majority] if majority < predicted_share.shape[1] else np.zeros(len(epochs))
    limit = max(COLLAPSED, (1 + share) / 2)
    saw = f"{ratio:.3g} rows of class {classes[majority]} ({share:.1%} of all) for one of the rarest class"
    if ratio <= HEALTHY:
        return clear(f"{saw}.")
    if predicted[-1] < limit:
        return clear(f"{saw}, yet {1 - predicted[-1]:.1%} of the probe rows are predicted as other classes.")
    collapsed = np.flatnonzero(predicted < limit)
    since = int(epochs[collapsed[-1] + 1]) if len(collapsed) else int(epochs[0])
    rare = counts.sum() / (len(present) * counts[counts > 0])
    weights = ", ".join(f"{i}: {w:.3g}" for i, w in zip(np.flatnonzero(counts > 0)[:4].tolist(), rare[:4]))
    return Finding(
        severity(ratio, HEALTHY, RUINOUS),
        f"{saw}, and {predicted[-1]:.1%} of the probe rows are predicted as that class.",
        f"less than {HEALTHY:g} to 1, or the rarer classes among the predictions.",
        f"Weigh the classes: `model.fit(..., class_weight={{{weights}{', ...' if len(rare) > 4 else ''}}})`.",
        since=max(since, 0),
        picture="predicted_share",
        limit=share,
    )
