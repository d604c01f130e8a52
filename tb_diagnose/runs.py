"""TensorBoard runs -> the trainings that they are parts of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tb_diagnose import events
from tb_diagnose.tags import Own, is_part, recognise

SEEN = 10
"""Tags that a message names."""


@dataclass(frozen=True)
class Index:
    """What TensorBoard lists, each by run and tag: one look at its index.

    Args:
        ours: Tensors of this plugin.
        scalars: Scalars.
        hparams: Runs of the HParams tab.
    """

    ours: Mapping[str, Mapping[str, Any]]
    scalars: Mapping[str, Mapping[str, Any]]
    hparams: Collection[str]


def index(provider: Any, ctx: Any, experiment: str) -> Index:
    """Lists all runs.

    Args:
        provider: TensorBoard data provider.
        ctx: TensorBoard request context.
        experiment: Experiment id, "" outside a server.
    """
    return Index(
        provider.list_tensors(ctx, experiment_id=experiment, plugin_name=events.PLUGIN),
        provider.list_scalars(ctx, experiment_id=experiment, plugin_name="scalars"),
        list(provider.list_tensors(ctx, experiment_id=experiment, plugin_name="hparams")),
    )


def names(listed: Index, own: Own = Own()) -> dict[str, list[str]]:
    """Names of the trainings and the TensorBoard runs of each, by name.

    `a/train`, `a/validation`, `a/diagnosis` and `a/Loss_val` are parts of the training `a`.

    Args:
        listed: From `index`.
        own: Names of scalars that the user has given.
    """
    theirs = [run for run, found in listed.scalars.items() if any(_tells(tag, _last(run), own) for tag in found)]
    grouped: dict[str, list[str]] = {}
    for run in sorted({*listed.ours, *theirs}):
        last = _last(run)
        part = last == events.RUN or is_part(last)
        grouped.setdefault(run[: -len(last)].rstrip("/") or "." if part else run, []).append(run)
    # Keras writes hyperparameters into the folder of the training, PyTorch into one below it.
    for run in sorted(listed.hparams):
        name = next((name for name in (run, run.rpartition("/")[0] or ".") if name in grouped), None)
        if name is not None and run not in grouped[name]:
            grouped[name].append(run)
    return dict(sorted(grouped.items()))


def tags(listed: Index) -> list[str]:
    """Names of all scalars."""
    return sorted({tag for found in listed.scalars.values() for tag in found})


def nothing(seen: Sequence[str], where: str) -> str:
    """One sentence for logs in which no training was recognised: what was there instead.

    Args:
        seen: Names of the scalars that were there.
        where: The logdir.
    """
    if not seen:
        return f"No training was found in {where}: no run was logged by tb_diagnose or keras.callbacks.TensorBoard, and there are no scalars."
    more = f" and {len(seen) - SEEN:,} more" if len(seen) > SEEN else ""
    return (
        f"No training was found in {where}: none of the scalars looks like a loss or an accuracy. There are "
        f"{', '.join(map(repr, seen[:SEEN]))}{more}; `tb-diagnose --loss-tag` and `--accuracy-tag` say which to read."
    )


def _last(run: str) -> str:
    return run.rpartition("/")[2]


@lru_cache(maxsize=65536)
def _tells(tag: str, last: str, own: Own) -> bool:
    """Whether a scalar is a loss or an accuracy. The same few names occur in thousands of runs."""
    said = recognise(tag, last, own)
    return said is not None and said.what in ("loss", "accuracy")
