"""A learning rate that suits a run, by a short range test: the rate grows from step to step, and the loss tells."""

from __future__ import annotations

from typing import Any

import numpy as np

LOWEST, HIGHEST = 1e-6, 10.0
"""Rates that the test begins and ends with: beyond both no optimizer of Keras is used."""
STEPS = 100
SMOOTHED = 9
"""Steps over which the loss is averaged: neighbouring batches differ by chance."""
BELOW = 10.0
"""The rate with the lowest loss is at the edge of what the run bears: a tenth of it is taken (Smith, 2017)."""


def rate(model: Any, x: Any, y: Any, batch_size: int) -> float:
    """The rate, from one exponential sweep of `STEPS` steps.

    Args:
        model: A compiled copy, which is used for nothing else.
        x: Training inputs: arrays.
        y: Training labels: arrays.
        batch_size: Samples a step.
    """
    import keras

    count = len(keras.tree.flatten(x)[0])
    draw = np.random.default_rng(0)
    rates = np.geomspace(LOWEST, HIGHEST, STEPS)
    losses = np.full(STEPS, np.inf)
    for step, each in enumerate(rates):
        places = draw.choice(count, min(batch_size, count), replace=False)
        model.optimizer.learning_rate.assign(each)
        model.reset_metrics()
        batch_x, batch_y = (keras.tree.map_structure(lambda a, at=places: a[at], part) for part in (x, y))
        losses[step] = float(model.train_on_batch(batch_x, batch_y, return_dict=True)["loss"])
        if not np.isfinite(losses[step]):
            break
    known = np.where(np.isfinite(losses), losses, np.nanmax(losses[np.isfinite(losses)], initial=1.0) * 10)
    smooth = np.convolve(np.pad(known, SMOOTHED // 2, mode="edge"), np.ones(SMOOTHED) / SMOOTHED, mode="valid")
    return float(f"{rates[int(smooth.argmin())] / BELOW:.1g}")
