"""Logs of scalars and hyperparameters as other programs write them, by TensorBoard's own writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import metadata, plugin_data_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

LONG_AGO = 1_600_000_000.0


def written(
    folder: Path, curves: Mapping[str, Iterable[tuple[float, float]]], seconds: float = 6000.0, began: float = LONG_AGO
) -> Path:
    """Writes one event file; each curve is spread over the same time.

    Args:
        folder: Where to.
        curves: Points of step and value by tag.
        seconds: How long the run took.
        began: Wall time of its beginning.
    """
    rows = []
    for tag, points in curves.items():
        listed = list(points)
        rows += [
            (began + seconds * (place + 1) / len(listed), tag, step, value)
            for place, (step, value) in enumerate(listed)
        ]
    writer = EventFileWriter(str(folder))
    for time, tag, step, value in sorted(rows):
        summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=float(value))])
        writer.add_event(event_pb2.Event(wall_time=time, step=int(step), summary=summary))
    writer.close()
    return folder


def set_hparams(folder: Path, values: Mapping[str, bool | float | str], began: float = LONG_AGO) -> None:
    """Writes what the HParams tab shows of a run, in an event file of its own.

    Args:
        folder: Where to.
        values: Hyperparameters by name.
        began: Wall time of its beginning.
    """
    started = plugin_data_pb2.SessionStartInfo(start_time_secs=began)
    for name, value in values.items():
        kind = {bool: "bool_value", str: "string_value"}.get(type(value), "number_value")
        setattr(started.hparams[name], kind, value)
    about = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_start_info=started))
    value = summary_pb2.Summary.Value(tag=metadata.SESSION_START_INFO_TAG, metadata=about, tensor=metadata.NULL_TENSOR)
    writer = EventFileWriter(str(folder), filename_suffix=".hparams")
    writer.add_event(event_pb2.Event(wall_time=began, summary=summary_pb2.Summary(value=[value])))
    writer.close()
