"""What other programs wrote -> the same Evidence: scalars, and the model and the weight histograms of Keras beside them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_diagnose import event_file
from tb_diagnose.evidence import Evidence, keras_config
from tb_diagnose.reader import weight_histograms
from tb_diagnose.reader.curves import Curves, Points, curves
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags

ITERATIONS = "evaluation_loss_vs_iterations"
"""A scalar of `keras.callbacks.TensorBoard`, the steps of which count batches."""
OVER = 6 * 3600.0
"""Seconds of silence after which a run has ended: epochs that last longer are rare."""


def read(provider: Any, ctx: Any, experiment: str, name: str, runs: list[str], user_tags: UserTags = NO_TAGS) -> list[Evidence]:
    """The runs in some runs, the oldest first; all but the newest get " (earlier n)" behind their name.

    Args:
        provider: TensorBoard data provider.
        ctx: TensorBoard request context.
        experiment: Experiment id, "" outside a server.
        name: Name for the runs.
        runs: Their TensorBoard runs.
        user_tags: Names of scalars that the user has given.
    """
    scalars = _scalars(provider, ctx, experiment, runs)
    found = curves(scalars, user_tags)
    model, written = _model_facts(provider, ctx, experiment, runs)
    hyperparameters = _hyperparameters(provider, ctx, experiment, runs)
    # The model is written anew by each run, and TensorBoard keeps one: whose it is, its time tells.
    owner = next((i for i, one in enumerate(found) if one.last_sign >= written), len(found) - 1)
    runs = []
    for index, one in enumerate(found):
        newest = index == len(found) - 1
        series = {} if one.learning_rate is None else {"learning_rate": one.learning_rate}
        facts = dict(model) if index == owner else {}
        if "layers" in facts and one.unit == "epoch":
            span = one.began, np.inf if newest else found[index + 1].began
            weights = _weights(provider, ctx, experiment, runs, facts["layers"], one.epochs, span)
            if weights is not None:
                series |= weights.series
                facts |= {} if weights.initial is None else {"initial_weights": weights.initial}
        runs.append(
            Evidence(
                name if newest else f"{name} (earlier {index + 1})",
                one.epochs,
                series,
                {
                    **facts,
                    **({**hyperparameters, **_steps_per_epoch(scalars, one), **_ended(one)} if newest else {}),
                },
                one.metrics,
                one.last_sign if np.isfinite(one.last_sign) else None,
                unit=one.unit,
            )
        )
    return runs


def _weights(*asked: Any) -> weight_histograms.Weights | None:
    try:
        return weight_histograms.read(*asked)
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
    return {
        run: {
            tag: Points(
                np.array([d.step for d in data], np.int64),
                np.array([d.wall_time for d in data], np.float64),
                np.array([d.value for d in data], np.float64),
            )
            for tag, data in tags.items()
        }
        for run, tags in read_scalars.items()
    }


def _steps_per_epoch(scalars: Mapping[str, Mapping[str, Points]], found: Curves) -> dict[str, Any]:
    """Batches an epoch, from what Keras counts at each validation."""
    for tags in scalars.values():
        points = tags.get(ITERATIONS)
        if points is not None:
            counts = np.unique(points.steps[points.times >= found.began])
            each = np.diff(counts)
            if len(each) and (each == each[0]).all():
                return {"steps_per_epoch": int(each[0])}
    return {}


def _ended(found: Curves) -> dict[str, Any]:
    """How many epochs there were, of a run that has been silent for long: it will not go on."""
    if found.unit != "epoch" or not np.isfinite(found.last_sign) or time.time() - found.last_sign < OVER:
        return {}
    return {"planned_epochs": int(found.epochs[-1])}


def _model_facts(provider: Any, ctx: Any, experiment: str, runs: list[str]) -> tuple[dict[str, Any], float]:
    """Facts from the model JSON that Keras writes under the tag `keras`, and when; empty where it is missing or broken."""
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
    from google.protobuf.json_format import MessageToDict
    from tensorboard.data.provider import RunTagFilter
    from tensorboard.plugins.hparams import metadata

    listed = provider.list_tensors(
        ctx, experiment_id=experiment, plugin_name="hparams", run_tag_filter=RunTagFilter(runs=runs)
    )
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
