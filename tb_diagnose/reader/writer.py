"""Which program wrote a log of curves: its users are told what they can log."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

SIGNS: Mapping[str, re.Pattern[str]] = {
    "stable_baselines3": re.compile(r"rollout/ep_(rew|len)_mean"),
    "transformers": re.compile(r"(train|eval)/(global_step|runtime|samples_per_second)|train/grad_norm"),
    "lightning": re.compile(r"hp_metric|lr-[A-Za-z]\w*(-\d+)?(/pg\d+)?"),
    "estimator": re.compile(r"global_step/sec|enqueue_input/.*|average_loss|accuracy_baseline"),
}
"""Tags that one program writes of its own accord; Lightning counts epochs in `epoch`, too."""


def writer_of(scalars: Mapping[str, Collection[str]]) -> str | None:
    """A key of `SIGNS`, None where nothing tells.

    Args:
        scalars: Tags by TensorBoard run.
    """
    tags = {tag for tags in scalars.values() for tag in tags}
    for writer, sign in SIGNS.items():
        if any(sign.fullmatch(tag) for tag in tags):
            return writer
    return "lightning" if "epoch" in tags else None
