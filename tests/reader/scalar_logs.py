"""Logs of scalars as other programs write them, by TensorBoard's own writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2
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
