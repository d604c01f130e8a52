"""The event file: write one record, read all back. The only module that knows its form.

One file in `<logdir>/diagnosis/`. One event an epoch, one `Summary` value a series; facts are
JSON strings, written before the first step. Layer and class names are facts, not tag metadata:
TensorBoard keeps the metadata of a tag's first event only, and a second run in the same
folder may have other layers.
"""

from __future__ import annotations

import json
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from contextlib import suppress
from math import prod
from typing import Any

import numpy as np

from tb_diagnose import storage
from tb_diagnose.event_writer import EventWriter
from tb_diagnose.evidence import FACTS, SERIES, Evidence

SCHEMA = 2
"""Version of this form. Files of earlier ones are read; a later one is refused with a sentence."""
RENAMED = {
    "prediction_spread": "prediction_std",
    "predicted_share": "predicted_fraction",
    "activation_spread": "activation_std",
    "preactivation_spread": "preactivation_std",
    "step_loss_spread": "step_loss_std",
    "input_spread": "input_std",
    "label_spread": "label_std",
    "row_count": "sample_count",
    "probe_row_count": "probe_sample_count",
    "validation_row_count": "validation_sample_count",
    "neighbour_row_count": "neighbour_sample_count",
    "duplicate_row_fraction": "duplicate_sample_fraction",
    "conflicting_row_fraction": "conflicting_sample_fraction",
    "training_start": "run_start",
}
"""Names of schema 1 and what they are called since schema 2."""
PLUGIN = "diagnosis"
RUN = "diagnosis"
SERIES_TAG = "diagnosis/series/"
FACT_TAG = "diagnosis/fact/"
METRIC_TAG = "diagnosis/metric/"
EPOCH_TAG = "diagnosis/epoch"
SCHEMA_TAG = "diagnosis/schema"
"""The schema of each writer. In metadata alone it would be lost: of a tag TensorBoard keeps the metadata of the first
event, and a later version may go on in the same folder."""
AFTERWARDS = (f"{FACT_TAG}trial",)
"""What is written when a run has ended."""
ALL = 10**9
"""`downsample` for reading every event: TensorBoard's own thinning would lose the spikes."""
MANY = 16
"""Values of an array from which packing it pays."""
MOST_COUNTED = np.iinfo(np.uint16).max
MOST_VALUES = 5 * 10**7
"""Values of one series that are read, 400 MB in memory: ten times 10,000 epochs of 500 layers."""


class NewerSchemaError(Exception):
    """Events that a later version of tb_diagnose wrote: reading them by guess could give a wrong diagnosis."""

    for_people = True
    """Its message is a sentence that a report shows as it is."""

    def __init__(self, schema: int) -> None:
        self.schema = schema
        super().__init__(
            f"This run was logged by a newer tb_diagnose (schema {schema}; this version reads up to {SCHEMA}). "
            "Update it here: `pip install --upgrade tb-diagnose`"
        )


class OversizeError(Exception):
    """A series that no run has: one large array, and a shape for as many steps as somebody cared to write."""

    for_people = True
    """Its message is a sentence that a report shows as it is."""

    def __init__(self, steps: int, shape: tuple[int, ...]) -> None:
        super().__init__(
            f"This run could not be read: a series of {steps:,} steps says that each has the shape {shape}"
        )


class EventFile:
    """Writes the events of one run.

    Args:
        folder: The run's folder, `<logdir>/diagnosis`; made when missing.
        start_step: TensorBoard step at which this writer begins.

    Raises:
        OSError: the folder cannot be made or written.
    """

    def __init__(self, folder: str, start_step: int) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self._writer = EventWriter(folder, start_step)
        self.path = self._writer.path
        self._described: set[str] = set()
        written_by = Event(wall_time=time.time(), step=start_step)
        self._add(written_by, SCHEMA_TAG, np.float32(SCHEMA), {"axes": [], "unit": ""})
        self._writer.write(written_by)

    def write(
        self,
        step: int,
        *,
        epoch: int | None = None,
        series: Mapping[str, np.ndarray | float] | None = None,
        metrics: Mapping[str, float] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes one event and flushes it, so that an epoch is there whole or not at all.

        Args:
            step: TensorBoard step.
            epoch: Finished epochs of this run; needed with `series` or `metrics`.
            series: Arrays without their epoch axis, by the names in `evidence.SERIES`.
            metrics: Numbers by Keras's own names.
            facts: Values that JSON can hold, by the names in `evidence.FACTS`.
        """
        from tensorboard.compat.proto.event_pb2 import Event

        event = Event(wall_time=time.time(), step=step)
        if epoch is not None:
            self._add(event, EPOCH_TAG, np.float32(epoch), {"axes": [], "unit": "epoch"})
        for name, array in (series or {}).items():
            quantity = SERIES[name]
            about = {"axes": quantity.axes[1:], "unit": quantity.unit, "meaning": quantity.meaning}
            self._add(event, SERIES_TAG + name, _packed(np.asarray(array, np.float32)), about)
        for name, value in (metrics or {}).items():
            self._add(event, METRIC_TAG + name, np.float32(value), {"axes": [], "unit": ""})
        for name, value in (facts or {}).items():
            text = json.dumps(value, default=_plain)
            self._add(event, FACT_TAG + name, np.array(text.encode(), dtype=object), {"meaning": FACTS[name].meaning})
        self._writer.write(event)

    def close(self) -> None:
        """Closes the file; writing afterwards is an error."""
        self._writer.close()

    def _add(self, event: Any, tag: str, value: Any, about: dict[str, Any]) -> None:
        from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_TENSOR
        from tensorboard.util.tensor_util import make_tensor_proto

        entry = event.summary.value.add(tag=tag, tensor=make_tensor_proto(value))
        if tag not in self._described:
            self._described.add(tag)
            entry.metadata.data_class = DATA_CLASS_TENSOR
            entry.metadata.plugin_data.plugin_name = PLUGIN
            entry.metadata.plugin_data.content = json.dumps({"schema": SCHEMA, **about}).encode()


def _packed(array: np.ndarray) -> np.ndarray:
    """The same numbers in half of the bytes where they are counts: a histogram is a third of what an epoch adds."""
    if array.size < MANY or not ((array >= 0) & (array <= MOST_COUNTED)).all():
        return array
    counts = array.astype(np.uint16)
    return counts if (counts == array).all() else array


def _plain(value: Any) -> Any:
    """JSON for numpy values and for whatever a Keras config may hold."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)


def check_schema(folder: str) -> None:
    """Raises `NewerSchemaError` where a later version wrote into a folder, before anything is written there."""
    if not any("tfevents" in file for file in storage.names_in(folder)):
        return
    from tensorboard import context
    from tensorboard.data.provider import RunTagFilter

    from tb_diagnose.event_data import EventData

    ctx, provider = context.RequestContext(), EventData({".": folder})
    listed = provider.list_tensors(ctx, experiment_id="", plugin_name=PLUGIN).get(".", {})
    only = RunTagFilter(runs=["."], tags=[SCHEMA_TAG])
    read = provider.read_tensors(ctx, experiment_id="", plugin_name=PLUGIN, downsample=ALL, run_tag_filter=only)
    _check_schema(listed, read.get(".", {}).get(SCHEMA_TAG, ()))


def add_facts(folder: str, facts: Mapping[str, Any]) -> None:
    """Writes facts that were found after the newest run in a folder had ended.

    Raises:
        FileNotFoundError: no run was written there.
        OSError: it cannot be written.
    """
    last = newest(folder)
    if last is None:
        raise FileNotFoundError(f"No run was written to {folder!r}.")
    # Not at the last step: TensorBoard drops what has the step of a later start or is behind it.
    step = last.last_step + 1
    file = EventFile(folder, step)
    try:
        file.write(step, facts=facts)
    finally:
        file.close()


def newest(folder: str, name: str = "") -> Evidence | None:
    """The newest run in a folder; None when nothing was written there."""
    if not any("tfevents" in file for file in storage.names_in(folder)):
        return None
    from tensorboard import context

    from tb_diagnose.event_data import EventData

    runs = read(EventData({".": folder}), context.RequestContext(), "", ".", name)
    return runs[-1] if runs else None


def read(provider: Any, ctx: Any, experiment: str, run: str, name: str) -> list[Evidence]:
    """Every run in one TensorBoard run, the oldest first (a script run twice writes two into one folder).

    Args:
        provider: TensorBoard data provider.
        ctx: TensorBoard request context.
        experiment: Experiment id, "" outside a server.
        run: Name of the TensorBoard run.
        name: Name for the runs; all but the newest get " (earlier n)" behind it.

    Raises:
        NewerSchemaError: a later version wrote it.
    """
    from tensorboard.data.provider import RunTagFilter

    where = {"experiment_id": experiment, "plugin_name": PLUGIN, "run_tag_filter": RunTagFilter(runs=[run])}
    listed = provider.list_tensors(ctx, **where).get(run, {})
    tensors = provider.read_tensors(ctx, downsample=ALL, **where).get(run, {})
    _check_schema(listed, tensors.get(SCHEMA_TAG, ()))
    # A restart may write a step anew: of equal steps the last one counts.
    by_tag = {_renamed(tag): {d.step: d for d in data} for tag, data in tensors.items()}
    steps = {tag: sorted(data) for tag, data in by_tag.items()}
    starts = sorted({json.loads(_text(d)) for d in by_tag.get(FACT_TAG + "run_start", {}).values()})
    runs = []
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else float("inf")
        earlier = "" if end == float("inf") else f" (earlier {index + 1})"
        span = {
            tag: {step: by_tag[tag][step] for step in of_tag[bisect_left(of_tag, start) : bisect_left(of_tag, end)]}
            for tag, of_tag in steps.items()
        }
        runs.append(_evidence(span, name + earlier))
    return runs


def _check_schema(listed: Mapping[str, Any], writers: Iterable[Any]) -> None:
    """Raises `NewerSchemaError` where any writer, or the metadata of any tag, says that a later version wrote it."""
    newest = max([SCHEMA, *(int(datum.numpy) for datum in writers)])
    for entry in listed.values():
        # Metadata without a schema are of another plugin, and no reason to refuse.
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            newest = max(newest, int(json.loads(entry.plugin_content)["schema"]))
    if newest > SCHEMA:
        raise NewerSchemaError(newest)


def _renamed(tag: str) -> str:
    """A tag of schema 1 as it is called today."""
    head, slash, name = tag.rpartition("/")
    return head + slash + RENAMED.get(name, name) if head + slash in (SERIES_TAG, FACT_TAG) else tag


def _evidence(by_tag: Mapping[str, Mapping[int, Any]], name: str) -> Evidence:
    steps = sorted(by_tag.get(EPOCH_TAG, {}))
    epochs = np.array([int(by_tag[EPOCH_TAG][step].numpy) for step in steps], np.int64)
    series, metrics, facts = {}, {}, {}
    for tag, data in by_tag.items():
        if not data:
            continue
        if tag.startswith(SERIES_TAG) and tag.removeprefix(SERIES_TAG) in SERIES:
            series[tag.removeprefix(SERIES_TAG)] = _stack(data, steps)
        elif tag.startswith(METRIC_TAG):
            metrics[tag.removeprefix(METRIC_TAG)] = _stack(data, steps)
        elif tag.startswith(FACT_TAG) and tag.removeprefix(FACT_TAG) in FACTS:
            facts[tag.removeprefix(FACT_TAG)] = json.loads(_text(data[max(data)]))
    for weights in facts.get("initial_weights") or []:
        if weights is not None and "spread" in weights:  # schema 1
            weights["std"] = weights.pop("spread")
    every = [d for data in by_tag.values() for d in data.values()]
    # What was written after a run is no sign of its life; the schema is written with it.
    of_run = [d for tag, data in by_tag.items() if tag not in (*AFTERWARDS, SCHEMA_TAG) for d in data.values()]
    last_sign = max((d.wall_time for d in of_run), default=None)
    return Evidence(name, epochs, series, facts, metrics, last_sign, max((d.step for d in every), default=0))


def _text(datum: Any) -> str:
    value = datum.numpy.item()
    return value.decode() if isinstance(value, bytes) else value


def _stack(data: Mapping[int, Any], steps: list[int]) -> np.ndarray:
    """One array of all steps; a step without the series, or with another shape, is NaN."""
    shape = data[max(data)].numpy.shape
    if len(steps) * prod(shape) > MOST_VALUES:
        raise OversizeError(len(steps), shape)
    rows = np.full((len(steps), *shape), np.nan)
    for index, step in enumerate(steps):
        if step in data and data[step].numpy.shape == shape:
            rows[index] = data[step].numpy
    return rows
