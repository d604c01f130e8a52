"""The regularization is stronger than what there is to learn.

A Dropout of 0.9 lets one in ten units through: in training the layers behind it see little but noise. A penalty on
weights adds to the loss; where it is larger than the loss of the answers, the optimizer lowers it first and best by
bringing all weights to zero, and the output no longer depends on the input. Accuracy stays at the commonest class,
though the loss falls. A constraint on kernels, such as `MaxNorm(0.02)`, holds them there.

Not this: Dropout of 0.2 to 0.5, penalties of 1e-5 to 1e-3, and a run that learns all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any

import numpy as np

from tb_diagnose.causes import Answer, CouldNotTell, DoesNotApply, Fine, cause, number
from tb_diagnose.causes._heaviest import heaviest
from tb_diagnose.causes._loss_levels import Levels, last_value
from tb_diagnose.causes._strong_constraint import strong_constraint
from tb_diagnose.causes._strong_dropout import strong_dropout
from tb_diagnose.causes._strong_penalty import strong_penalty
from tb_diagnose.causes._wording import capitalized


@cause(
    title="Excessive regularization",
    family="configuration",
    fix="Lower Dropout to 0.2 and the penalty to a hundredth, or take them out until the training samples are learned.",
    brings_about=("constant_prediction", "vanishing_gradients", "exploding_gradients", "dead_relu"),
    looks_like=("too_few_epochs", "learning_rate_too_high", "batch_size_too_small"),
    either=("layers", "probe_loss", "penalty", "dropout_rates", "model"),
    sources=(
        "Srivastava et al., 'Dropout: a simple way to prevent neural networks from overfitting', 2014",
        "Goodfellow et al., 'Deep Learning', 2016, section 7.1",
    ),
)
def excessive_regularization(
    probe_loss: np.ndarray | None = None,
    penalty: np.ndarray | None = None,
    probe_training_loss: np.ndarray | None = None,
    dropout_rates: Sequence[float] | None = None,
    baseline_loss: float | None = None,
    perfect_loss: float | None = None,
    layers: list[dict[str, Any]] | None = None,
    weight_norm: np.ndarray | None = None,
    model: dict[str, Any] | None = None,
    epochs: np.ndarray | None = None,
) -> Answer:
    levels = Levels(
        last_value(probe_loss),
        last_value(probe_training_loss),
        nan if baseline_loss is None else baseline_loss,
        perfect_loss or 0.0,
    )
    trouble = heaviest(
        (
            strong_dropout(dropout_rates or (), levels, model),
            strong_penalty(penalty, levels, layers or (), weight_norm, model),
            strong_constraint(levels, layers or (), weight_norm, model),
        )
    )
    if trouble is not None:
        return trouble
    seen = [f"Dropout of up to {max(dropout_rates):g}"] if dropout_rates else []
    penalties = penalty[np.isfinite(penalty)] if penalty is not None else np.zeros(0)
    if penalties.any():
        beside = f" beside a loss of {number(levels.at_end)}" if np.isfinite(levels.at_end) else ""
        seen.append(f"a penalty of {number(float(penalties[-1]))}{beside}")
    elif any(row.get("regularized") for row in layers or ()):
        seen.append("factors of the regularizers of less than 0.1")
    if seen:
        return Fine(f"{capitalized(' and '.join(seen))}.")
    if dropout_rates is None and penalty is None:
        return CouldNotTell(("dropout_rates", "penalty"))
    return DoesNotApply("No Dropout, and no penalty on weights.")
