"""The runs of one training, whoever wrote them, -> its evidence and its diagnosis."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tb_diagnose import diagnosis, events, foreign
from tb_diagnose.evidence import Evidence
from tb_diagnose.tags import Own

ACCURACY_METRICS = ("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy")


def newest(folder: str, training: str) -> diagnosis.Diagnosis:
    """The diagnosis of the newest training in one run's folder."""
    evidence = events.newest(folder, training)
    if evidence is None:
        raise FileNotFoundError(f"No training was written to {folder!r}.")
    return diagnosis.judge(with_metrics(evidence))


def judged(
    provider: Any, ctx: Any, experiment: str, name: str, parts: list[str], own: Own = Own()
) -> list[diagnosis.Diagnosis]:
    """The diagnoses of one name, the oldest first; arguments as for `read`."""
    try:
        return [diagnosis.judge(evidence) for evidence in read(provider, ctx, experiment, name, parts, own)]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other trainings are shown
        return [diagnosis.unreadable(name, error)]


def read(provider: Any, ctx: Any, experiment: str, name: str, parts: list[str], own: Own = Own()) -> list[Evidence]:
    """The evidence of one name, the oldest training first.

    Args:
        provider: TensorBoard data provider.
        ctx: TensorBoard request context.
        experiment: Experiment id, "" outside a server.
        name: Name of the training.
        parts: Its TensorBoard runs, from `runs.names`.
        own: Names of scalars that the user has given.
    """
    from tensorboard.data.provider import RunTagFilter

    ours = provider.list_tensors(
        ctx, experiment_id=experiment, plugin_name=events.PLUGIN, run_tag_filter=RunTagFilter(runs=parts)
    )
    found = [e for run in sorted(ours) for e in events.read(provider, ctx, experiment, run, name)]
    found = found or foreign.read(provider, ctx, experiment, name, parts, own)
    return [with_metrics(evidence) for evidence in found]


def with_metrics(evidence: Evidence) -> Evidence:
    """The evidence with loss and accuracy taken from what Keras reported."""
    series = dict(evidence.series)
    accuracy = next((m for m in ACCURACY_METRICS if {m, f"val_{m}"} & set(evidence.metrics)), None)
    for target, source in (("loss", "loss"), ("accuracy", accuracy)):
        for prefix in ("", "val_"):
            values = evidence.metrics.get(f"{prefix}{source}")
            if values is not None:
                series[prefix + target] = np.array(values)
    return dataclasses.replace(evidence, series=series)
