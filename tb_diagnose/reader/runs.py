"""The TensorBoard runs of one run, whoever wrote them, -> its evidence and its diagnosis."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tb_diagnose import event_file
from tb_diagnose.evidence import Evidence
from tb_diagnose.reader import third_party
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags, recognised

ACCURACY_METRICS = ("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy")


def read(
    provider: Any, ctx: Any, experiment: str, name: str, parts: list[str], user_tags: UserTags = NO_TAGS
) -> list[Evidence]:
    """The evidence of one name, the oldest run first.

    Args:
        provider: TensorBoard data provider.
        ctx: TensorBoard request context.
        experiment: Experiment id, "" outside a server.
        name: Name of the run.
        parts: Its TensorBoard runs, from `runs.names`.
        user_tags: Names of scalars that the user has given.
    """
    from tensorboard.data.provider import RunTagFilter

    own = provider.list_tensors(
        ctx, experiment_id=experiment, plugin_name=event_file.PLUGIN, run_tag_filter=RunTagFilter(runs=parts)
    )
    runs = [evidence for run in sorted(own) for evidence in event_file.read(provider, ctx, experiment, run, name)]
    runs = runs or third_party.read(provider, ctx, experiment, name, parts, user_tags)
    return [with_metrics(evidence) for evidence in runs]


def with_metrics(evidence: Evidence) -> Evidence:
    """The evidence with loss and accuracy taken from what Keras reported."""
    series = dict(evidence.series)
    accuracy = next((m for m in ACCURACY_METRICS if {m, f"val_{m}"} & set(evidence.metrics)), None)
    if accuracy is None:
        accuracy = _single(evidence, "accuracy")
    score = "score" if {"score", "val_score"} & set(evidence.metrics) else _single(evidence, "score")
    facts = dict(evidence.facts)
    if accuracy is None and score is not None:
        facts.setdefault("score_name", score)
    sources = {"loss": "loss", "accuracy": accuracy, "score": None if accuracy else score, "reward": "reward"}
    for target, source in sources.items():
        for prefix in ("", "val_"):
            values = evidence.metrics.get(f"{prefix}{source}")
            if values is not None:
                series[prefix + target] = np.array(values)
    return dataclasses.replace(evidence, series=series, facts=facts)


def _single(evidence: Evidence, what: str) -> str | None:
    """The one metric of Keras's that is an accuracy, or a score, by another name; None where there are several."""
    names = {name.removeprefix("val_") for name in evidence.metrics}
    found = [name for name, meaning in recognised(sorted(names)).items() if meaning.what == what]
    return found[0] if len(found) == 1 else None
