"""What other programs wrote -> Evidence: scalars, and beside them the model and the weight histograms of Keras."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_diagnose import event_file
from tb_diagnose.event_data import Scalars
from tb_diagnose.evidence import Evidence, keras_config
from tb_diagnose.reader import weight_histograms
from tb_diagnose.reader.curves import Curves, Points, curves
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags
from tb_diagnose.reader.writer import writer_of

ITERATIONS = "evaluation_loss_vs_iterations"
"""A scalar of `keras.callbacks.TensorBoard`, the steps of which count batches."""
OVER = 6 * 3600.0
"""Seconds of silence after which a run has ended: epochs that last longer are rare."""


def read(
    provider: Any, ctx: Any, experiment: str, name: str, parts: list[str], user_tags: UserTags = NO_TAGS
) -> list[Evidence]:
    """The runs in some TensorBoard runs, the oldest first; all but the newest get " (earlier n)" behind their name.

    Args:
        provider: TensorBoard data provider.
        ctx: TensorBoard request context.
        experiment: Experiment id, "" outside a server.
        name: Name for the runs.
        parts: Their TensorBoard runs.
        user_tags: Names of scalars that the user has given.
    """
    scalars = _scalars(provider, ctx, experiment, parts)
    runs = curves(scalars, user_tags)
    model, written = _model_facts(provider, ctx, experiment, parts)
    hyperparameters = _hyperparameters(provider, ctx, experiment, parts)
    # The model is written anew by each run, and TensorBoard keeps one: whose it is, its time tells.
    owner = next((index for index, run in enumerate(runs) if run.last_sign >= written), len(runs) - 1)
    evidence = []
    for index, run in enumerate(runs):
        newest = index == len(runs) - 1
        series = {} if run.learning_rate is None else {"learning_rate": run.learning_rate}
        facts = dict(model) if index == owner else {}
        if "layers" in facts and run.unit == "epoch":
            span = run.began, np.inf if newest else runs[index + 1].began
            weights = _weights(provider, ctx, experiment, parts, facts["layers"], run.epochs, span)
            if weights is not None:
                series |= weights.series
                facts |= {} if weights.initial is None else {"initial_weights": weights.initial}
        facts |= _of_curves(run)
        if newest:
            facts |= {**hyperparameters, **_steps_per_epoch(scalars, run), **_silence(run)}
        writer = writer_of(scalars)
        if writer is not None:
            facts["writer"] = writer
        evidence.append(
            Evidence(
                name if newest else f"{name} (earlier {index + 1})",
                run.epochs,
                series,
                facts,
                run.metrics,
                run.last_sign if np.isfinite(run.last_sign) else None,
                unit=run.unit,
                first_sign=run.began if np.isfinite(run.began) else None,
            )
        )
    return evidence


def _weights(*arguments: Any) -> weight_histograms.Weights | None:
    try:
        return weight_histograms.read(*arguments)
    except Exception:  # noqa: BLE001 - a layer that nobody has thought of: the curves are worth more than this
        return None


def _scalars(provider: Any, ctx: Any, experiment: str, runs: list[str]) -> dict[str, dict[str, Points]]:
    from tensorboard.data.provider import RunTagFilter

    read_scalars = provider.read_scalars(
        ctx,
        experiment_id=experiment,
        plugin_name="scalars",
        downsample=event_file.ALL,
        run_tag_filter=RunTagFilter(runs=runs),
    )
    return {run: {tag: _points(data) for tag, data in tags.items()} for run, tags in read_scalars.items()}


def _points(data: Any) -> Points:
    if isinstance(data, Scalars):
        return Points(data.steps, data.wall_times, data.values)
    return Points(
        np.array([d.step for d in data], np.int64),
        np.array([d.wall_time for d in data], np.float64),
        np.array([d.value for d in data], np.float64),
    )


def _steps_per_epoch(scalars: Mapping[str, Mapping[str, Points]], run: Curves) -> dict[str, Any]:
    """Batches an epoch, from what Keras counts at each validation."""
    for tags in scalars.values():
        points = tags.get(ITERATIONS)
        if points is not None:
            counts = np.unique(points.steps[points.times >= run.began])
            each = np.diff(counts)
            if len(each) and (each == each[0]).all():
                return {"steps_per_epoch": int(each[0])}
    return {}


def _silence(run: Curves) -> dict[str, Any]:
    """Whether a run has been silent for so long that it will not go on."""
    if run.unit != "epoch" or not np.isfinite(run.last_sign) or time.time() - run.last_sign < OVER:
        return {}
    return {"silent": True}


def _of_curves(run: Curves) -> dict[str, Any]:
    """The majority share, and what the score and the reward are called."""
    facts: dict[str, Any] = {} if run.baseline is None else {"baseline_accuracy": run.baseline}
    for fact, names in (("score_name", ("score", "val_score")), ("reward_name", ("reward",))):
        tag = next((run.written[name] for name in names if name in run.metrics and name in run.written), None)
        if tag is not None:
            facts[fact] = tag
    return facts


def _model_facts(provider: Any, ctx: Any, experiment: str, runs: list[str]) -> tuple[dict[str, Any], float]:
    """Facts from the model that Keras writes as JSON, and when it was written; empty where it is missing or broken."""
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
                facts = keras_config.config_facts(rows, model.get("compile_config"))
                return {"model": model, **facts}, float(data[-1].wall_time)
            except (IndexError, ValueError, KeyError, TypeError, AttributeError):
                continue
    return {}, -np.inf


def _hyperparameters(provider: Any, ctx: Any, experiment: str, runs: list[str]) -> dict[str, Any]:
    """What was logged for TensorBoard's own HParams tab, by name."""
    from tensorboard.data.provider import RunTagFilter

    listed = provider.list_tensors(
        ctx, experiment_id=experiment, plugin_name="hparams", run_tag_filter=RunTagFilter(runs=runs)
    )
    if not listed:
        return {}
    from google.protobuf.json_format import MessageToDict
    from tensorboard.plugins.hparams import metadata

    for tags in listed.values():
        entry = tags.get(metadata.SESSION_START_INFO_TAG)
        if entry is None:
            continue
        try:
            info = metadata.parse_session_start_info_plugin_data(entry.plugin_content)
        except Exception:  # noqa: BLE001 - written by another version: the curves are worth more than this
            continue
        values = {name: MessageToDict(value) for name, value in info.hparams.items() if value.WhichOneof("kind")}
        return {"hparams": dict(sorted(values.items()))}
    return {}
