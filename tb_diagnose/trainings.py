"""TensorBoard runs -> trainings; stock Keras logs are read into the same Evidence."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

import numpy as np

from tb_diagnose import diagnosis, events, keras_config
from tb_diagnose.evidence import Evidence

PARTS = ("train", "validation", events.RUN)
"""Runs that belong to one `fit`, as `keras.callbacks.TensorBoard` and this package name them."""
ACCURACY_METRICS = ("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy")


def diagnose(logdir: str | os.PathLike[str]) -> list[diagnosis.Diagnosis]:
    """Diagnoses every training below a folder.

    Args:
        logdir: A logdir, as for `tensorboard --logdir`.

    Returns:
        One `Diagnosis` a training, by name; empty when there is none.

    Raises:
        FileNotFoundError: there is no such folder.
        NotADirectoryError: it is a file.
    """
    path = os.fspath(logdir)
    if not os.path.exists(path):
        raise FileNotFoundError(f"`logdir` does not exist. Expected: a folder with event files. Received: {path!r}.")
    if not os.path.isdir(path):
        raise NotADirectoryError(f"`logdir` is a file. Expected: a folder with event files. Received: {path!r}.")
    from tensorboard import context

    provider, ctx = events.open_logdir(path), context.RequestContext()
    return [d for name, runs in names(provider, ctx, "").items() for d in judged(provider, ctx, "", name, runs)]


def newest(folder: str, training: str) -> diagnosis.Diagnosis:
    """The diagnosis of the newest training in one run's folder."""
    evidence = events.newest(folder, training)
    if evidence is None:
        raise FileNotFoundError(f"No training was written to {folder!r}.")
    return diagnosis.judge(with_metrics(evidence))


def names(provider: Any, ctx: Any, experiment: str) -> dict[str, list[str]]:
    """Names of the trainings and the TensorBoard runs of each, by name."""
    ours = provider.list_tensors(ctx, experiment_id=experiment, plugin_name=events.PLUGIN)
    scalars = provider.list_scalars(ctx, experiment_id=experiment, plugin_name="scalars")
    stock = [run for run, tags in scalars.items() if "epoch_loss" in tags]
    found: dict[str, list[str]] = {}
    for run in sorted({*ours, *stock}):
        head, _, last = run.rpartition("/")
        name = (head or ".") if last in PARTS else run
        found.setdefault(name, []).append(run)
    return dict(sorted(found.items()))


def judged(provider: Any, ctx: Any, experiment: str, name: str, runs: list[str]) -> list[diagnosis.Diagnosis]:
    """The diagnoses of one name, the oldest first; arguments as for `read`."""
    try:
        return [diagnosis.judge(evidence) for evidence in read(provider, ctx, experiment, name, runs)]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other trainings are shown
        return [diagnosis.unreadable(name, error)]


def read(provider: Any, ctx: Any, experiment: str, name: str, runs: list[str]) -> list[Evidence]:
    """The evidence of one name, the oldest training first.

    Args:
        provider: TensorBoard data provider.
        ctx: TensorBoard request context.
        experiment: Experiment id, "" outside a server.
        name: Name of the training.
        runs: Its TensorBoard runs, from `names`.
    """
    from tensorboard.data.provider import RunTagFilter

    own = provider.list_tensors(
        ctx, experiment_id=experiment, plugin_name=events.PLUGIN, run_tag_filter=RunTagFilter(runs=runs)
    )
    found = [e for run in sorted(own) for e in events.read(provider, ctx, experiment, run, name)]
    if found:
        return [with_metrics(evidence) for evidence in found]
    return [with_metrics(_stock(provider, ctx, experiment, name, runs))]


def with_metrics(evidence: Evidence) -> Evidence:
    """The evidence with loss and accuracy taken from what Keras reported."""
    series = dict(evidence.series)
    accuracy = next((metric for metric in ACCURACY_METRICS if metric in evidence.metrics), None)
    for target, source in (("loss", "loss"), ("accuracy", accuracy)):
        for prefix in ("", "val_"):
            values = evidence.metrics.get(f"{prefix}{source}")
            if values is not None:
                series[prefix + target] = np.array(values)
    return dataclasses.replace(evidence, series=series)


def _stock(provider: Any, ctx: Any, experiment: str, name: str, runs: list[str]) -> Evidence:
    """What `keras.callbacks.TensorBoard` wrote, as evidence; its steps count epochs from 0."""
    from tensorboard.data.provider import RunTagFilter

    read_scalars = provider.read_scalars(
        ctx,
        experiment_id=experiment,
        plugin_name="scalars",
        downsample=events.ALL,
        run_tag_filter=RunTagFilter(runs=runs),
    )
    points: dict[str, dict[int, float]] = {}
    last_sign = None
    for run, tags in read_scalars.items():
        prefix = "val_" if run.rpartition("/")[2] == "validation" else ""
        for tag, data in tags.items():
            if tag.startswith("epoch_"):
                points.setdefault(prefix + tag.removeprefix("epoch_"), {}).update(
                    {d.step + 1: float(d.value) for d in data}
                )
                last_sign = max([last_sign or 0.0, *(d.wall_time for d in data)])
    epochs = np.array(sorted({step for series in points.values() for step in series}), np.int64)
    metrics = {key: np.array([series.get(int(e), np.nan) for e in epochs]) for key, series in points.items()}
    series = {key: metrics.pop(key) for key in ("learning_rate",) if key in metrics}
    return Evidence(name, epochs, series, _model_facts(provider, ctx, experiment, runs), metrics, last_sign)


def _model_facts(provider: Any, ctx: Any, experiment: str, runs: list[str]) -> dict[str, Any]:
    """Facts from the model JSON that Keras writes under the tag `keras`; empty where it is missing or broken."""
    from tensorboard.data.provider import RunTagFilter

    blobs = provider.read_blob_sequences(
        ctx,
        experiment_id=experiment,
        plugin_name="graph_keras_model",
        downsample=1,
        run_tag_filter=RunTagFilter(runs=runs),
    )
    for tags in blobs.values():
        for data in tags.values():
            try:
                reference = data[-1].values[0]
                model = json.loads(provider.read_blob(ctx, blob_key=reference.blob_key))
                rows = list(keras_config.walk_config(model))
                return {"model": model, **keras_config.config_facts(rows, model.get("compile_config"))}
            except (IndexError, ValueError, KeyError, TypeError, AttributeError):
                continue
    return {}
