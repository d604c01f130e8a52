"""Dropout that lets too little through."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, prod
from typing import Any

from tb_diagnose.causes import Edit, Finding, degree, number
from tb_diagnose.causes._heaviest import Trouble
from tb_diagnose.causes._loss_levels import Levels
from tb_diagnose.causes._wording import plural
from tb_diagnose.evidence.keras_config import walk_layers

KEPT, TOO_FEW = 0.4, 0.08
"""Share of units that the strongest Dropout lets through. 0.5 is the rate of Srivastava et al. (2014), who found 0.2 to
0.6 kept units fine."""
ALL_KEPT, ALL_TOO_FEW = 0.1, 0.01
"""The same for all Dropout layers together: two of 0.5 let 0.25 through."""
ABOVE = 0.1
"""Loss in training mode above that in inference mode, as a share of what a perfect answer gains over a constant one,
from which Dropout shows."""
NEAR_CONSTANT = 0.3
"""Skill on the loss scale below which the output is near a constant one, where Dropout can do harm and not show."""
STRONG, FELT = 0.7, 0.4
"""Rate from which Dropout has at least that harm, where the loss in training mode shows it."""
SHOWS, BY_RATE = 1.0, 0.8
"""Certainty where the loss in training mode shows it, and where only the rate is known."""
USUAL_RATE = 0.2
"""Rate that the fix sets: the smallest in common use."""


def strong_dropout(rates: Sequence[float], levels: Levels, model: dict[str, Any] | None) -> Trouble:
    """Dropout of a high rate, unless the losses with it and without it say that it does no harm."""
    if not rates:
        return None
    kept = [1 - min(rate, 1.0) for rate in rates]
    harm = max(degree(min(kept), KEPT, TOO_FEW), degree(prod(kept), ALL_KEPT, ALL_TOO_FEW))
    if not harm:
        return None
    above = levels.in_training - levels.at_end
    shows = above >= ABOVE * (levels.scale if levels.scale > 0 else abs(levels.at_end))
    if isfinite(above) and not shows and not levels.skill < NEAR_CONSTANT:
        return None
    if shows and max(rates) >= STRONG:
        harm = max(harm, FELT)
    saw = f"Dropout of {max(rates):g}"
    saw += f" in {plural(len(rates), 'layer')}" if len(rates) > 1 else ""
    saw += f" lets {number(prod(kept), 2)} of the units through"
    if isfinite(above):
        with_it, without = number(levels.in_training), number(levels.at_end)
        saw += f"; the same samples have a loss of {with_it} with it and {without} without"
    return Finding(
        harm,
        SHOWS if shows else BY_RATE,
        f"{saw}.",
        f"Dropout of 0.2 to 0.5, at most {1 - KEPT:g}.",
        f"`Dropout({max(rates):g})` -> `Dropout({USUAL_RATE:g})`.",
        edits=tuple(
            Edit(layer.name, "rate", USUAL_RATE)
            for layer in walk_layers(model or {})
            if "Dropout" in layer.kind and layer.config.get("rate") == max(rates)
        ),
        picture="probe_training_loss" if isfinite(above) else "dropout_rates",
    )
